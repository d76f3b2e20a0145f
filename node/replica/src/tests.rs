//! Whole networks of [`crate::Replica`]s without faults: what a test asks for happens, and no more. The
//! simulator runs them under faults.
#![expect(clippy::panic, reason = "a test says by a panic what it did not expect")]

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
mod senders;
mod signing;
mod slow_execution;
mod validity;
