//! Agrees on the next block: one step takes an input and returns outputs.
//!
//! Tendermint (<https://arxiv.org/abs/1807.04938>) by the Malachite core, wrapped in concrete types: no type
//! or macro of that library is public. Read [`Consensus`] first, then [`Input`] and [`Output`]; `core_effects`
//! handles each effect of the core.

mod certificates;
mod consensus;
mod context;
mod convert;
mod core_effects;
mod decided;
mod guard;
mod inbox;
mod input;
mod log;
mod message;
mod output;
mod timeouts;

pub use consensus::Consensus;
pub use guard::{LastSigned, SignStep};
pub use inbox::ROUNDS_AHEAD_MAX;
pub use input::{Config, HeightStart, Input};
pub use log::{LogEntry, LoggedValue};
pub use message::{
    ConsensusMessage, PolkaCertificate, PolkaSignature, RoundCertificate, RoundCertificateKind,
    RoundVote,
};
pub use output::{Fault, Output, TimerId, TimerKind};

#[cfg(test)]
mod tests;
