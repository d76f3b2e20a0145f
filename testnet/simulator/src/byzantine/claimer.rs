use ehb_replica::Message;

use super::{Conduct, Stage};

/// How far ahead of the chain it says that it is.
const AHEAD: u64 = 1_000_000;

/// Says that it is far ahead, and sends no block when it is asked for some.
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
