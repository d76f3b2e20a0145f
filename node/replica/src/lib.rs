//! The whole node as one synchronous machine: event in, effects out.
//!
//! [`Replica::step`] takes one [`Event`] with the time and returns the [`Effect`]s to perform, in order. The
//! replica has no thread, clock, socket or file; the node's program and the simulator perform the effects, so
//! both drive the same code.
//!
//! Effects on disk and network are performed strictly in order: everything before a [`Effect::Sync`] is
//! durable before any later effect is visible to others.

mod admission;
mod bodies;
mod budget;
mod catch_up;
mod clocks;
mod decide;
mod effect;
mod event;
mod gossip;
mod head;
mod heights;
mod line;
mod message;
mod offences;
mod offers;
mod pacing;
mod peers;
mod proposal;
mod records;
mod replica;
mod seen;
mod signing;
mod status;
mod turns;
mod verification;

pub use bodies::Bounds;
pub use clocks::Clocks;
pub use effect::{Commit, Effect};
pub use event::{Event, GossipVerdict, Recovery, Ticket, Timer};
pub use head::Head;
pub use message::{
    BLOCKS_BYTES_MAX, BLOCKS_MAX, DecidedBlock, Message, OFFERED_MAX, TRANSACTIONS_MAX, Voting,
};
pub use replica::{Config, Replica};
pub use signing::Signing;
pub use status::{Status, Usage};

#[cfg(test)]
mod tests;
