//! The projection against the modules that ship, run in the vm by generated business.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod business;
mod members;
mod page;
mod stage;
