//! Whole networks of [`crate::Replica`]s without faults, except those that a test injects. The
//! simulator runs them under faults.
#![expect(clippy::panic, reason = "a test panics on unexpected events")]

mod away;
mod claims;
mod clocks;
mod early;
mod flood;
mod gathering;
mod hostile;
mod missing_bodies;
mod net;
mod offers;
mod pace;
mod permission;
mod senders;
mod signing;
mod slow_execution;
mod submissions;
mod validators;
mod validity;
mod wrong_signers;
