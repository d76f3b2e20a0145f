//! The store as its users see it: what is kept, what survives, what is refused.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by them")]
#![expect(clippy::print_stderr, reason = "the test harness captures it")]

mod chain;
mod commits;
mod cost;
mod crash;
mod damage;
mod directory;
mod disk;
mod grouped;
mod history;
mod log;
mod modules;
mod scans;
mod signer;
mod snapshots;
