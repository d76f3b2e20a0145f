//! Answers JSON-RPC over a small backend trait.
//!
//! [`Server`] serves HTTP and WebSocket on one port and knows nothing of consensus, storage or execution: its
//! answers come from a [`Backend`], which the node implements. The methods and views are those of
//! `ehb-rpc-api`. [`OperationsServer`] serves `/health`, `/readyz` and `/metrics` on a separate listener; the
//! first two are also served on the JSON-RPC port.
//!
//! JSON-RPC and WebSockets use jsonrpsee's server. In front of it are the accept loop with the limits of
//! connections (`server.rs`, `connections.rs`), the bytes of a connection (`wire.rs`), and HTTP (`http.rs`);
//! each call passes our middleware (`middleware.rs`). ARCHITECTURE.md explains why each is needed. All limits
//! are in `limits.rs`.
//!
//! Reading order: `backend.rs`, `limits.rs`, `server.rs`, `http.rs`, `middleware.rs`, `client.rs`,
//! `turns.rs` and `memory.rs` (fair shares), `answers.rs` (the methods), `follow.rs` (subscriptions),
//! `waiters.rs` (`tx_wait`).

mod answers;
mod backend;
mod block_cache;
mod call_source;
mod client;
mod client_key;
mod connections;
mod errors;
mod follow;
mod frames;
mod gate;
mod guarded;
mod head_end;
mod http;
mod length_lines;
mod limits;
mod long_blocks;
mod memory;
mod message;
mod methods;
mod middleware;
mod operations;
mod origin;
mod pages;
mod pool;
mod prometheus;
mod reference;
mod server;
mod turns;
mod unparsed;
mod usage;
mod views;
mod waiters;
mod wire;
mod workers;

pub use backend::{
    AtHeight, Backend, BlockModules, CanonicalBlock, DecidedBlock, DecidedHeader, Fate, Lost,
    ModuleInForce, ModuleInfo, ModuleVersion, ProvenEntry, ReadCall, ReadResult, Readiness,
    Refusal, Simulation,
};
pub use limits::Limits;
pub use operations::{Operations, OperationsServer};
pub use prometheus::prometheus_text;
pub use server::{Server, ServerConfig, ServerError};
pub use usage::{Usage, UsageCounts};

#[cfg(test)]
mod tests;
