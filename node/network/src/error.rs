//! Defines the errors of starting, sending and reading, and the reasons for rejecting a peer.

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
        /// The value that was given.
        address: String,
    },
    /// The address is in use, or does not belong to this machine.
    #[error("cannot listen on {address}: {reason}")]
    Listen {
        /// The address from the settings.
        address: SocketAddr,
        /// The error of the operating system.
        reason: String,
    },
    /// A kind of frame has a duplicate number or the number 0, or is larger than its channel allows.
    #[error(
        "invalid kind of frame {name:?}, number {number}: the number must be unique and not 0, and the size within the limit of its channel"
    )]
    Kind {
        /// The number under which the application declared it.
        number: u16,
        /// The name by which logs and metrics show it.
        name: &'static str,
    },
    /// The gossip limits contradict each other.
    #[error("the gossip settings are not valid: {0}")]
    Gossip(String),
}

/// Why a frame or message was not queued for sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// There is no connection to this peer.
    #[error("the peer is not connected")]
    NotConnected,
    /// The queue is full. On [`Channel::Consensus`] the peer is disconnected as well.
    #[error("the queue of outgoing frames is full")]
    QueueFull,
    /// The peer speaks an older protocol version without this kind of frame.
    #[error("the peer speaks protocol version {version}, which does not know this kind of frame")]
    NotSpoken {
        /// The version spoken with the peer.
        version: u16,
    },
    /// Larger than the kind's limit; the peer would reject it.
    #[error("the frame has {bytes} bytes, more than the maximum of {bytes_max}")]
    TooLarge {
        /// The value that was given.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The network has stopped.
    #[error("the network has stopped")]
    Stopped,
}

/// Why a peer was rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its node key is not on the chain's allow-list.
    #[error("its node key is not permitted on this chain")]
    NotPermitted,
    /// It supports no protocol version that this node supports.
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
    /// It has another genesis.
    #[error("its genesis is {theirs}, this node's is {ours}: both need the same genesis file")]
    Genesis {
        /// This node's.
        ours: Hash,
        /// The peer's.
        theirs: Hash,
    },
    /// It broke the protocol, or the application reported misbehaviour.
    #[error("it misbehaved: {0}")]
    Misbehaved(String),
}

/// A permitted peer that this node rejects for a while because it misbehaved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutOff {
    /// Its node key.
    pub peer: PublicKey,
    /// The offence.
    pub reason: String,
}

impl Refusal {
    /// Whether two nodes cannot speak with each other whatever either of them does: one needs another genesis or release.
    pub fn is_mismatch(&self) -> bool {
        match self {
            Self::Versions { .. } | Self::Chain { .. } | Self::Genesis { .. } => true,
            Self::NotPermitted | Self::Misbehaved(_) => false,
        }
    }
}

/// Why reading frames from a stream ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    #[error("a frame of kind {number} on {channel} has {bytes} bytes, more than the maximum of {bytes_max}", channel = channel.name())]
    TooLarge { number: u16, channel: Channel, bytes: usize, bytes_max: usize },
    #[error("a frame of kind {name} arrived on the wrong channel {channel}", channel = channel.name())]
    WrongChannel { name: &'static str, channel: Channel },
    #[error("the greetings on its streams differ")]
    Greetings,
    #[error("timeout while reading or writing a frame")]
    Stalled,
    #[error("a frame arrives too slowly while other peers wait for its memory")]
    Crowded,
    #[error("the stream was closed")]
    Closed,
    #[error("this node disconnected it")]
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
