#![expect(clippy::panic, reason = "a test says by a panic what it did not expect")]

mod budget;
mod connections;
mod message;
mod origin;
mod stall;
mod waiters;
