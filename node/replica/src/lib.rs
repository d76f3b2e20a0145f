//! The whole node as one synchronous machine: event in, effects out.
//!
//! [`Replica::step`] takes one [`Event`] with the time and returns the [`Effect`]s to perform, in order. The
//! replica has no thread, clock, socket or file; the node's program and the simulator perform the effects, so
//! both drive the same code.
//!
//! There are two kinds. [`Ordered`] effects, on disk and peers, are performed strictly in order: everything before
//! an [`Ordered::Sync`] is durable before any later effect is visible to others. [`Immediate`] effects are carried out
//! at once.

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
mod joining;
mod line;
mod message;
mod missing_bodies;
mod offences;
mod offers;
mod paced;
mod pacing;
mod peers;
mod proposal;
mod records;
mod replica;
mod seen;
mod signing;
mod status;
mod submissions;
mod turns;
mod verification;
mod watch;

pub use bodies::Bounds;
pub use clocks::Clocks;
pub use effect::{Commit, Effect, Immediate, Ordered};
pub use event::{Event, GossipVerdict, Recovery, Ticket, Timer};
pub use head::HeadState;
pub use message::{
    BLOCKS_BYTES_MAX, BLOCKS_MAX, CertifiedBlock, Message, OFFERED_MAX, TRANSACTIONS_MAX, Voting,
};
pub use replica::{Config, Replica};
pub use signing::Signing;
pub use status::{Status, Usage};
pub use submissions::{Submissions, Verdict};

#[cfg(test)]
mod tests;
