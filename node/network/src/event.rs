use bytes::Bytes;
use ehb_types::{Hash, PublicKey};
use libp2p::PeerId;

use crate::{Channel, Held, Refusal};

/// What the network tells the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A permitted peer of the same genesis is there: frames can be sent to it, and what is
    /// gossiped from here on reaches it.
    Connected(PublicKey),
    /// The peer is gone; what was queued for it is dropped.
    Disconnected(PublicKey),
    /// A frame from a connected peer.
    Frame {
        /// Who sent it.
        peer: PublicKey,
        /// Its kind, one of [`crate::Config::kinds`].
        kind: u16,
        /// On which channel.
        channel: Channel,
        /// Its content.
        bytes: Bytes,
        /// Its room; to be kept until it has been dealt with.
        held: Held,
    },
    /// A frame is on its way and not whole yet. Sent from time to time while bytes arrive, so that
    /// whoever waits for a large frame on a slow line knows that the peer is not dead.
    Receiving {
        /// Who sends it.
        peer: PublicKey,
        /// Its kind.
        kind: u16,
        /// How much of it is here, bytes.
        received: usize,
        /// How large it will be, bytes.
        bytes: usize,
    },
    /// A gossiped message, not yet forwarded: answer with [`crate::Network::report_gossip`].
    Gossip {
        /// Names the message in the answer.
        id: GossipId,
        /// Who forwarded it to this node, which need not be where it began.
        peer: PublicKey,
        /// Its content.
        bytes: Bytes,
        /// Its room; to be kept until it has been dealt with.
        held: Held,
    },
    /// A peer was turned away. Told once in a while for a peer that keeps trying.
    Refused {
        /// Who.
        peer: PublicKey,
        /// Why.
        reason: Refusal,
    },
}

/// Names a gossiped message and who forwarded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GossipId {
    pub(crate) hash: Hash,
    pub(crate) from: PeerId,
}

impl Event {
    /// The peer that it is about.
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
