//! Answers JSON-RPC over a small backend trait.
//!
//! [`Server`] speaks HTTP and WebSocket on one port and knows nothing of consensus, storage or
//! execution: what it says comes from a [`Backend`], which the node implements. The methods and
//! views are those of `ehb-rpc-api`. `/health` answers as soon as the server runs, `/readyz` once
//! the node has caught up, and [`MetricsServer`] serves `/metrics` elsewhere.
//!
//! The method table is jsonrpsee's; the transport is the server's own, over hyper and soketto,
//! because it must bound what jsonrpsee's leaves open: calls in flight on a WebSocket, the time of
//! request heads and bodies, clients that do not read, and the memory of answers that wait for them.
//! All bounds stand in `limits.rs`.
//!
//! Reading order: `backend.rs`, `limits.rs`, `server.rs`, `http.rs` and `websocket.rs` (bytes in and
//! out), `message.rs`, `dispatch.rs` and `parameters.rs` (JSON-RPC), `answers.rs` (the methods),
//! `follow.rs` (subscriptions), `waiters.rs` (`tx_wait`).

mod answers;
mod backend;
mod budget;
mod connections;
mod dispatch;
mod follow;
mod http;
mod limits;
mod message;
mod metrics;
mod origin;
mod parameters;
mod server;
mod stall;
mod usage;
mod views;
mod waiters;
mod websocket;

pub use backend::{
    Backend, DecidedBlock, DecidedHeader, ModuleInfo, ProvenEntry, ReadCall, ReadResult, Refusal,
};
pub use metrics::{MetricsServer, MetricsText};
pub use server::{Server, ServerConfig, ServerError};
pub use usage::{Usage, UsageCounts};

#[cfg(test)]
mod tests;
