//! Defines the channels (consensus, blocks, sync) with their frame sizes, queue limits and protocol names.

use libp2p::StreamProtocol;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// The purpose of a frame. Each channel has a separate stream in each direction, so that a large frame on one
/// does not delay the frames of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Votes and proposals: small, urgent, delivered to the application before anything else.
    Consensus,
    /// Bodies of proposed blocks.
    Blocks,
    /// Requests of nodes that are catching up, and their answers.
    Sync,
}

/// The reaction to a full outgoing queue of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overflow {
    /// The peer is disconnected: it did not read its votes for so long that it is probably dead. Both sides
    /// are notified and reconnect with a status exchange; a silently dropped vote would only be detected by a
    /// timeout.
    Disconnect,
    /// The frame is rejected with an error to the caller. Such frames are requested again by nodes that lack
    /// them.
    Refuse,
}

impl Channel {
    /// All channels, most urgent first.
    pub const ALL: [Self; Self::COUNT] = [Self::Consensus, Self::Blocks, Self::Sync];

    pub(crate) const COUNT: usize = 3;

    /// The largest frame, bytes, without its length prefix. The chain's parameters limit a block to 32 MiB;
    /// the rest is for the surrounding message.
    pub const fn frame_bytes_max(self) -> usize {
        match self {
            Self::Consensus => MIB,
            Self::Blocks => 33 * MIB,
            Self::Sync => 36 * MIB,
        }
    }

    /// The maximum number of frames that wait for one peer.
    pub const fn queue_frames_max(self) -> usize {
        match self {
            Self::Consensus => 2_048,
            Self::Blocks => 256,
            Self::Sync => 64,
        }
    }

    /// The maximum number of bytes that wait for one peer, unless it is a single frame. A broadcast frame is
    /// shared between the queues, so it is in memory only once.
    pub const fn queue_bytes_max(self) -> usize {
        match self {
            Self::Consensus => 8 * MIB,
            Self::Blocks => 16 * MIB,
            Self::Sync => 8 * MIB,
        }
    }

    /// The maximum number of bytes from one peer that wait for the application, beyond its reserve, unless it
    /// is a single frame.
    pub(crate) const fn inbound_bytes_max(self) -> usize {
        match self {
            Self::Consensus => MIB,
            Self::Blocks | Self::Sync => 8 * MIB,
        }
    }

    /// The peer's reserve; larger amounts also take memory from the pool of all peers.
    pub(crate) const fn inbound_own_bytes(self) -> usize {
        match self {
            Self::Consensus => 256 * KIB,
            Self::Blocks | Self::Sync => 128 * KIB,
        }
    }

    /// The minimum number of bytes that a frame from a peer counts as, which also limits the number of
    /// frames.
    pub(crate) const fn inbound_frame_bytes_min(self) -> usize {
        match self {
            Self::Consensus => 2 * KIB,
            Self::Blocks | Self::Sync => 64 * KIB,
        }
    }

    pub(crate) const fn overflow(self) -> Overflow {
        match self {
            Self::Consensus => Overflow::Disconnect,
            Self::Blocks | Self::Sync => Overflow::Refuse,
        }
    }

    /// The channel's name in logs and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consensus => "consensus",
            Self::Blocks => "blocks",
            Self::Sync => "sync",
        }
    }

    /// The protocol name of the channel's stream; the number is the version of the framing.
    pub(crate) const fn protocol(self) -> StreamProtocol {
        StreamProtocol::new(match self {
            Self::Consensus => "/ehb/consensus/1",
            Self::Blocks => "/ehb/blocks/1",
            Self::Sync => "/ehb/sync/1",
        })
    }

    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Consensus => 0,
            Self::Blocks => 1,
            Self::Sync => 2,
        }
    }
}

/// One value for each channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerChannel<T>(pub(crate) [T; Channel::COUNT]);

impl<T> PerChannel<T> {
    pub(crate) fn from_fn(mut value: impl FnMut(Channel) -> T) -> Self {
        Self(Channel::ALL.map(&mut value))
    }

    /// The value of one channel.
    pub fn get(&self, channel: Channel) -> &T {
        &self.0[channel.index()]
    }

    /// Each channel with its value, most urgent first.
    pub fn iter(&self) -> impl Iterator<Item = (Channel, &T)> {
        Channel::ALL.into_iter().zip(&self.0)
    }
}
