//! Carries bounded frames between permitted peers.
//!
//! It knows only bytes: neither blocks nor votes. A peer is identified by its node key, proven during the
//! handshake. Connections with keys that are not permitted are closed after the handshake; peers of another
//! chain or genesis, or without a common protocol version, after their greeting.
//!
//! One libp2p swarm (TCP, noise, yamux) runs in one task. Every connection has one stream for each
//! [`Channel`] and direction, read and written by separate tasks, so that a slow or dead peer delays no other
//! peer and a block delays no vote. Transactions are sent by gossipsub, and forwarded once the application
//! has accepted them. Every queue, frame and wait has a bound.
//!
//! Reading order: `network` (the handle), `event` (what it returns), `driver` (the one loop),
//! `session` (what happens on a connection), then the pieces.

mod address;
mod allowance;
mod behaviour;
mod channel;
mod config;
mod credit;
mod dialer;
mod driver;
mod error;
mod event;
mod frame;
mod gossip;
mod hello;
mod identity;
mod inbox;
mod kind;
mod network;
mod outbox;
mod peers;
mod pending_limit;
mod session;
mod simultaneous_dial;
mod start;
mod stats;
mod streams;
mod transport;

pub use bytes::Bytes;
pub use channel::{Channel, PerChannel};
pub use config::{Config, GOSSIP_BYTES_MAX, Limits, PeerAddress, Rates};
pub use credit::Held;
pub use error::{CutOff, NetworkError, Refusal, SendError};
pub use event::{Event, GossipId};
pub use frame::FRAME_RATE_MIN;
pub use hello::{PROTOCOL_VERSIONS, Versions};
pub use inbox::{Events, Receiver};
pub use kind::FrameKind;
pub use network::{Network, Verdict};
pub use start::start;
pub use stats::{ChannelStats, GossipStats, PeerStatus, Stats};

#[cfg(test)]
mod tests;
