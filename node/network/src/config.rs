//! Configures the network: keys, addresses, permitted peers, limits and the budget of one peer.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use ehb_types::{ChainId, Hash, PublicKey, SecretKey};

use crate::{FrameKind, Versions};

/// The configuration of a node's network.
#[derive(Clone, Debug)]
pub struct Config {
    /// The addresses to listen on; port 0 picks a free one. If empty, the node only dials.
    pub listen: Vec<SocketAddr>,
    /// The key that identifies this node.
    pub node_key: SecretKey,
    /// The chain's id; peers of another chain are rejected.
    pub chain_id: ChainId,
    /// The genesis hash; peers with another one are rejected.
    pub genesis: Hash,
    /// The supported protocol versions: [`crate::PROTOCOL_VERSIONS`], except in tests.
    pub versions: Versions,
    /// The kinds of frames that this node knows.
    pub kinds: Vec<FrameKind>,
    /// The node keys that may connect. It can contain this node's own key.
    pub permitted: BTreeSet<PublicKey>,
    /// Peers to dial, repeatedly. Peers that are not permitted are not dialled until they are; this node's
    /// own entry is skipped.
    pub peers: Vec<PeerAddress>,
    /// Limits and timeouts.
    pub limits: Limits,
}

/// Where a peer is dialled, and the key that it must prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerAddress {
    /// The peer's node key.
    pub key: PublicKey,
    /// `host:port`; the host is a name, an IPv4 address or an IPv6 address in brackets. Names are resolved
    /// again for each attempt.
    pub address: String,
}

/// Limits and timeouts of the network.
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
    /// The largest gossiped message, bytes. It must be large enough for the chain's largest transaction.
    pub gossip_bytes_max: usize,
    /// The time limit for the handshake of a connection, and again for opening its streams.
    pub handshake_timeout: Duration,
    /// The time limit for a frame that has begun, in addition to its length divided by
    /// [`crate::FRAME_RATE_MIN`].
    pub frame_patience: Duration,
    /// The wait after a lost connection or failed attempt before the next; doubles each time.
    pub redial_first: Duration,
    /// The longest wait between two attempts.
    pub redial_max: Duration,
    /// The interval between pings of a peer.
    pub ping_interval: Duration,
    /// The time limit for the answer to a ping, and for the acknowledgement of sent bytes.
    pub ping_timeout: Duration,
    /// The duration of the first penalty of a peer that misbehaved; doubles each time.
    pub penalty_first: Duration,
    /// The longest penalty of a peer that misbehaved.
    pub penalty_max: Duration,
    /// The maximum memory of frames that wait for the application, bytes, for all peers together, beyond the
    /// reserve of each; a larger frame than this takes all of it.
    pub inbound_bytes_max: usize,
    /// The budget of one peer.
    pub rates: Rates,
}

/// The budget of one peer on each channel other than consensus; gossip has half as many bytes. A peer that
/// exceeds it waits. Consensus messages have fixed rates, which follow from what consensus can process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Bytes a second that are read from it.
    pub bytes_per_second: u32,
    /// Processor time, percent of one processor.
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
