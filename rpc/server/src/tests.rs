//! Unit tests of the server's parts.

#![expect(clippy::panic, reason = "a test says by a panic what it did not expect")]

mod client;
mod connections;
mod frames;
mod gate;
mod head_end;
mod length_lines;
mod memory;
mod message;
mod methods;
mod origin;
mod pool;
mod prometheus;
mod turns;
mod waiters;
mod wire;
mod workers;
