//! Mirrors the chain into Postgres tables and serves them.
//!
//! Four stages, each a module with one job: [`source`] reads blocks from nodes, [`check`] verifies them, [`project`]
//! turns them into rows without knowing SQL or a clock, and [`mod@write`] writes the rows and moves the cursor in one
//! database transaction. [`index`] drives them.

pub mod block;
pub mod check;
pub mod cluster;
pub mod database;
pub mod hook;
pub mod index;
mod message;
pub mod outbox;
pub mod progress;
pub mod rebuild;
pub mod retention;
pub mod schema;
pub mod serve;
pub mod source;
pub mod verify;
pub mod write;

pub use ehb_projection as project;
