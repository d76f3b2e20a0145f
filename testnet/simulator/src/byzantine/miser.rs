//! A byzantine node that claims to be ahead, and answers each request with a single block.

use ehb_replica::Message;

use super::{Context, Interceptor};

/// How far it claims to be ahead.
const AHEAD: u64 = 50;

/// Its answers are true, so that none proves its fault; but a node that asks nobody else catches up with one block an answer.
pub(super) struct Miser;

impl Interceptor for Miser {
    fn on_send(&mut self, context: &mut Context<'_>, to: Option<usize>, message: Message) {
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
        context.send(to, message);
    }
}
