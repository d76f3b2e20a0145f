//! The server as its clients meet it, over a node in memory.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod bad_json;
mod fair;
mod fake;
mod http_rules;
mod interfaces;
mod methods;
mod ranges;
mod raw;
mod refused;
mod slow;
mod subscriptions;
