//! The store as its users see it: what is kept, what survives, what is refused.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by them")]

mod chain;
mod commits;
mod cost;
mod crash;
mod damage;
mod directory;
mod disk;
mod grouped;
mod log;
mod scans;
mod signer;
mod snapshots;
