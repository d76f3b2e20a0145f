use std::net::SocketAddr;

use ehb_types::{ChainId, Hash, PublicKey};

use crate::Channel;

/// Why the network could not start.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The node key is unusable.
    #[error("the node key cannot identify this node: {0}")]
    NodeKey(String),
    /// A peer's address is not of the form `host:port`.
    #[error("the address {address:?} of the peer {key} is not host:port")]
    Address {
        /// The peer.
        key: PublicKey,
        /// What was given.
        address: String,
    },
    /// The address is in use, or is none of this machine.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the operating system said.
        reason: String,
    },
    /// The gossip bounds do not fit together.
    #[error("the gossip settings are not valid: {0}")]
    Gossip(String),
}

/// Why a frame or message was not taken for sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// There is no connection to this peer.
    #[error("the peer is not connected")]
    NotConnected,
    /// Too much is waiting already. On [`Channel::Consensus`] the peer is disconnected with it.
    #[error("too much is waiting to be sent already")]
    QueueFull,
    /// Larger than the channel's bound, which the peer would refuse.
    #[error("{bytes} bytes are more than the {bytes_max} that a frame may have")]
    TooLarge {
        /// What was given.
        bytes: usize,
        /// The bound.
        bytes_max: usize,
    },
    /// The network has stopped.
    #[error("the network has stopped")]
    Stopped,
}

/// Why a peer was turned away.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its node key is not on the chain's allow-list.
    #[error("its node key is not permitted on this chain")]
    NotPermitted,
    /// It speaks another version of the protocol.
    #[error("it speaks protocol version {theirs}, this node {ours}")]
    Version {
        /// This node's.
        ours: u16,
        /// The peer's.
        theirs: u16,
    },
    /// It belongs to another chain.
    #[error("it belongs to the chain {theirs}, this node to {ours}")]
    Chain {
        /// This node's.
        ours: ChainId,
        /// The peer's.
        theirs: ChainId,
    },
    /// It began with another genesis.
    #[error("its genesis is {theirs}, this node's is {ours}: give both the same genesis file")]
    Genesis {
        /// This node's.
        ours: Hash,
        /// The peer's.
        theirs: Hash,
    },
    /// It broke the protocol, or the application said that it misbehaved.
    #[error("it misbehaved: {0}")]
    Misbehaved(String),
}

/// Why reading frames from a stream ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("a frame of {bytes} bytes on {channel}, where {bytes_max} are allowed", channel = channel.name())]
    TooLarge { channel: Channel, bytes: usize, bytes_max: usize },
    #[error("a frame that had begun did not arrive or leave in time")]
    Stalled,
    #[error("the stream was closed")]
    Closed,
    #[error("this node cut it off")]
    Cut,
    #[error("the stream broke: {0}")]
    Io(#[from] std::io::Error),
}

impl FrameError {
    /// Whether only a peer that breaks the protocol causes this.
    pub(crate) fn is_violation(&self) -> bool {
        matches!(self, Self::TooLarge { .. })
    }
}
