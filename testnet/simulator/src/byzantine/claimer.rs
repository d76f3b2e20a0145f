//! A byzantine node that claims a height that it does not have.

use ehb_replica::Message;

use super::{Context, Interceptor};

/// How far ahead of the chain it claims to be.
const AHEAD: u64 = 1_000_000;

/// Claims to be far ahead, and sends no block when asked.
pub(super) struct Claimer;

impl Interceptor for Claimer {
    fn on_send(&mut self, context: &mut Context<'_>, to: Option<usize>, message: Message) {
        match message {
            Message::Status { height, voting, clock_ms, run } => {
                let height = height + AHEAD;
                context.send(to, Message::Status { height, voting, clock_ms, run });
            }
            Message::Blocks(_) => {}
            other => context.send(to, other),
        }
    }
}
