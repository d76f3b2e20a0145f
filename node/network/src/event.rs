//! Defines what the application receives from the network: connections, frames, gossip and rejections.

use std::time::Instant;

use bytes::Bytes;
use ehb_types::{Hash, PublicKey};
use libp2p::PeerId;

use crate::{Channel, Held, Refusal};

/// An event from the network to the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A permitted peer with the same genesis is connected: frames can be sent to it, and messages gossiped
    /// from now on reach it.
    Connected(PublicKey),
    /// The peer is disconnected; frames queued for it are dropped.
    Disconnected(PublicKey),
    /// A frame from a connected peer.
    Frame {
        /// The sender.
        peer: PublicKey,
        /// Its kind, one of [`crate::Config::kinds`].
        kind: u16,
        /// The channel by whose stream it came.
        channel: Channel,
        /// Its content.
        bytes: Bytes,
        /// When its last byte arrived: it may have waited since.
        received: Instant,
        /// Its room; to be kept until it has been dealt with.
        held: Held,
    },
    /// A frame has partially arrived. Sent from time to time while bytes arrive, so that code that waits for
    /// a large frame on a slow line knows that the peer is alive.
    Receiving {
        /// The sender.
        peer: PublicKey,
        /// The kind of the frame, one of [`crate::Config::kinds`].
        kind: u16,
        /// The number of bytes received so far.
        received: usize,
        /// Its total size, bytes.
        bytes: usize,
    },
    /// A gossiped message, not yet forwarded: answer with [`crate::Network::report_gossip`].
    Gossip {
        /// Identifies the message in the answer.
        id: GossipId,
        /// The peer that forwarded it to this node, not necessarily its origin.
        peer: PublicKey,
        /// Its content.
        bytes: Bytes,
        /// Its room; to be kept until it has been dealt with.
        held: Held,
    },
    /// A peer was rejected. Reported only occasionally for a peer that keeps trying.
    Refused {
        /// The node key that it proved.
        peer: PublicKey,
        /// Why this node rejects it.
        reason: Refusal,
    },
}

/// Identifies a gossiped message and the peer that forwarded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GossipId {
    pub(crate) hash: Hash,
    pub(crate) from: PeerId,
}

impl Event {
    /// The node key of the peer that the event is about.
    pub fn peer(&self) -> PublicKey {
        match self {
            Self::Connected(peer)
            | Self::Disconnected(peer)
            | Self::Frame { peer, .. }
            | Self::Receiving { peer, .. }
            | Self::Gossip { peer, .. }
            | Self::Refused { peer, .. } => *peer,
        }
    }
}
