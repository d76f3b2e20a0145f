//! A byzantine node that claims a height that it does not have.

use ehb_replica::Message;

use super::{Conduct, Stage};

/// How far ahead of the chain it claims to be.
const AHEAD: u64 = 1_000_000;

/// Claims to be far ahead, and sends no block when asked.
pub(super) struct Claimer;

impl Conduct for Claimer {
    fn says(&mut self, stage: &mut Stage<'_>, to: Option<usize>, message: Message) {
        match message {
            Message::Status { height, voting, clock_ms, run } => {
                let height = height + AHEAD;
                stage.send(to, Message::Status { height, voting, clock_ms, run });
            }
            Message::Blocks(_) => {}
            other => stage.send(to, other),
        }
    }
}
