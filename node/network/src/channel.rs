use libp2p::StreamProtocol;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// What a frame is for. Each channel has a stream of its own in each direction, so that a large
/// frame on one does not delay the frames of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Votes and proposals: small, urgent, delivered to the application before anything else.
    Consensus,
    /// Block bodies on their way to being decided.
    Blocks,
    /// Requests and answers of nodes that catch up.
    Sync,
}

/// What happens to a peer whose outgoing queue is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overflow {
    /// The peer is disconnected: it could not take its votes for so long that it is as good as
    /// gone. Both sides are told and begin anew with a status exchange, where a silently dropped
    /// vote would be missed by nobody until a timeout.
    Disconnect,
    /// The frame is refused, the sender is told. These frames are asked for again when missed.
    Refuse,
}

impl Channel {
    /// All channels, the most urgent first.
    pub const ALL: [Self; Self::COUNT] = [Self::Consensus, Self::Blocks, Self::Sync];

    pub(crate) const COUNT: usize = 3;

    /// The largest frame, bytes, without its length prefix. A block has at most 32 MiB by the
    /// chain's parameters; the rest is for what is sent around it.
    pub const fn frame_bytes_max(self) -> usize {
        match self {
            Self::Consensus => MIB,
            Self::Blocks => 33 * MIB,
            Self::Sync => 36 * MIB,
        }
    }

    /// How many frames wait for one peer at most.
    pub const fn queue_frames_max(self) -> usize {
        match self {
            Self::Consensus => 2_048,
            Self::Blocks => 256,
            Self::Sync => 64,
        }
    }

    /// How many bytes wait for one peer at most, unless it is one frame alone. A broadcast frame is
    /// shared between the queues, so that in memory it counts once.
    pub const fn queue_bytes_max(self) -> usize {
        match self {
            Self::Consensus => 8 * MIB,
            Self::Blocks => 16 * MIB,
            Self::Sync => 8 * MIB,
        }
    }

    /// How many bytes from one peer are read ahead of the application at most, beyond its own room, unless
    /// it is one frame alone.
    pub(crate) const fn inbound_bytes_max(self) -> usize {
        match self {
            Self::Consensus => MIB,
            Self::Blocks | Self::Sync => 8 * MIB,
        }
    }

    /// Of these, how many are the peer's own; what is beyond takes room from what all peers share too.
    pub(crate) const fn inbound_own_bytes(self) -> usize {
        match self {
            Self::Consensus => 256 * KIB,
            Self::Blocks | Self::Sync => 128 * KIB,
        }
    }

    /// As how many bytes a frame from a peer counts at least, so that their number is bounded too.
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

    /// The name under which the channel's stream is negotiated; the number is the framing's version.
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

    /// Each channel with its value, the most urgent first.
    pub fn iter(&self) -> impl Iterator<Item = (Channel, &T)> {
        Channel::ALL.into_iter().zip(&self.0)
    }
}
