use std::net::SocketAddr;

use ehb_types::{ChainId, Hash, PublicKey};

use crate::{Channel, Versions};

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
    /// A kind of frame has a number that another one has, or 0, or is larger than its channel allows.
    #[error("the kind of frame {name:?}, number {number}, is not possible")]
    Kind {
        /// Its number.
        number: u16,
        /// Its name.
        name: &'static str,
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
    /// The peer speaks an older protocol, which does not have this kind of frame.
    #[error("the peer speaks protocol version {version}, which does not know this kind of frame")]
    NotSpoken {
        /// What is spoken with it.
        version: u16,
    },
    /// Larger than the kind's bound, which the peer would refuse.
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
    /// It speaks no version of the protocol that this node speaks.
    #[error(
        "it speaks protocol version {theirs}, this node {ours}: update the one whose versions are older"
    )]
    Versions {
        /// This node's.
        ours: Versions,
        /// The peer's.
        theirs: Versions,
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
    #[error("a frame of kind {number} with {bytes} bytes on {channel}, where {bytes_max} are allowed", channel = channel.name())]
    TooLarge { number: u16, channel: Channel, bytes: usize, bytes_max: usize },
    #[error("a frame of the kind {name} on {channel}, where it does not belong", channel = channel.name())]
    WrongChannel { name: &'static str, channel: Channel },
    #[error("greetings that say different things")]
    Greetings,
    #[error("a frame that had begun did not arrive or leave in time")]
    Stalled,
    #[error("others wait for the room that a frame takes which arrives too slowly")]
    Crowded,
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
        matches!(self, Self::TooLarge { .. } | Self::WrongChannel { .. } | Self::Greetings)
    }
}
