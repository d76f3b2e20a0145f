//! Tests of the node's parts.

#![expect(clippy::panic, reason = "a test says by a panic what it did not expect")]

mod audit;
mod cli;
mod config;
mod descriptors;
mod error_code;
mod fate;
mod formats;
mod genesis;
mod intake;
mod interfaces;
mod metrics;
mod protocol;
mod view;
mod wire;
mod workers;
