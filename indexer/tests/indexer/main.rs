//! The indexer against a chain and nodes in memory and a real Postgres.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod chain;
mod checking;
mod crashes;
mod database;
mod endpoints;
mod extremes;
mod hooks;
mod http;
mod ledger;
mod lists;
mod live;
mod money;
mod node;
mod notifications;
mod outbox;
mod projecting;
mod real;
mod rebuild;
mod replica;
mod reports;
mod retention;
mod schemas;
mod serving;
mod sign_in;
mod tables;
mod versions;
mod views;
