//! A byzantine node that claims to be ahead, and answers each request with a single block.

use ehb_replica::Message;

use super::{Conduct, Stage};

/// How far it claims to be ahead.
const AHEAD: u64 = 50;

/// Its answers are true, so that none proves its fault; but a node that asks nobody else catches up with one block an answer.
pub(super) struct Miser;

impl Conduct for Miser {
    fn says(&mut self, stage: &mut Stage<'_>, to: Option<usize>, message: Message) {
        let message = match message {
            Message::Status { height, voting, clock_ms, run } => {
                Message::Status { height: height + AHEAD, voting, clock_ms, run }
            }
            Message::Blocks(mut blocks) => {
                blocks.truncate(1);
                Message::Blocks(blocks)
            }
            other => other,
        };
        stage.send(to, message);
    }
}
