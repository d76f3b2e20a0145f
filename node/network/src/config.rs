use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use ehb_types::{ChainId, Hash, PublicKey, SecretKey};

use crate::{FrameKind, Versions};

/// What a node needs to take its place among its peers.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes a free one. Empty: only dials.
    pub listen: Vec<SocketAddr>,
    /// The key that identifies this node.
    pub node_key: SecretKey,
    /// The chain's id; peers of another are refused.
    pub chain_id: ChainId,
    /// The hash of the genesis; peers of another are refused.
    pub genesis: Hash,
    /// The protocol versions that this node speaks: [`crate::PROTOCOL_VERSIONS`], but in tests.
    pub versions: Versions,
    /// The kinds of frames that this node knows.
    pub kinds: Vec<FrameKind>,
    /// The node keys that may connect. This node's own key does no harm in it.
    pub permitted: BTreeSet<PublicKey>,
    /// Peers to dial and to keep dialling. Those that are not permitted are left alone until they
    /// are; this node's own entry is skipped.
    pub peers: Vec<PeerAddress>,
    /// Bounds and patience.
    pub limits: Limits,
}

/// Where a peer can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerAddress {
    /// The peer's node key.
    pub key: PublicKey,
    /// `host:port`; the host is a name, an IPv4 address or an IPv6 address in brackets. Names are
    /// looked up again for each attempt.
    pub address: String,
}

/// Bounds and patience of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Established connections in total.
    pub connections_max: u32,
    /// Incoming connections in their handshake, in total.
    pub pending_max: usize,
    /// Incoming connections in their handshake, from one IP address.
    pub pending_per_ip_max: usize,
    /// Attempts to dial at the same time.
    pub dials_max: u32,
    /// The largest gossiped message, bytes. Must hold the chain's largest transaction.
    pub gossip_bytes_max: usize,
    /// How long a connection may take for its handshake, and again for its streams.
    pub handshake_timeout: Duration,
    /// How long a peer may take for a frame that has begun, beyond what [`crate::FRAME_RATE_MIN`]
    /// allows for its length.
    pub frame_patience: Duration,
    /// How long after a lost connection or failed attempt the next begins; doubles each time.
    pub redial_first: Duration,
    /// The longest wait between two attempts.
    pub redial_max: Duration,
    /// How often a peer is pinged.
    pub ping_interval: Duration,
    /// How long an answer to a ping may take; and how long sent bytes may stay unacknowledged.
    pub ping_timeout: Duration,
    /// For how long a peer that misbehaved is refused the first time; doubles each time.
    pub penalty_first: Duration,
    /// The longest that a peer that misbehaved is refused.
    pub penalty_max: Duration,
    /// What all peers together may have waiting for the application, bytes, beyond the little that each has for
    /// itself; a larger frame than this takes all of it.
    pub inbound_bytes_max: usize,
    /// What one peer may cost.
    pub rates: Rates,
}

/// What one peer may cost beside consensus: on each of the other channels, and by gossip half as many bytes. A
/// peer beyond it waits. Consensus messages have rates of their own, which follow from what consensus can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Bytes a second.
    pub bytes_per_second: u32,
    /// Of the time of one processor, percent.
    pub processor_percent: u32,
}

/// The largest gossiped message by default, bytes.
pub const GOSSIP_BYTES_MAX: usize = 512 << 10;

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 512,
            pending_max: 128,
            pending_per_ip_max: 32,
            dials_max: 64,
            gossip_bytes_max: GOSSIP_BYTES_MAX,
            handshake_timeout: Duration::from_secs(5),
            frame_patience: Duration::from_secs(30),
            redial_first: Duration::from_millis(100),
            redial_max: Duration::from_secs(5),
            ping_interval: Duration::from_secs(5),
            ping_timeout: Duration::from_secs(15),
            penalty_first: Duration::from_secs(10),
            penalty_max: Duration::from_secs(600),
            inbound_bytes_max: 256 << 20,
            rates: Rates { bytes_per_second: 32 << 20, processor_percent: 50 },
        }
    }
}
