//! Counts frames, bytes, gossip and failures, and defines the statistics that the application reads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ehb_types::PublicKey;

use crate::Channel;
use crate::channel::PerChannel;

/// Counters of the network since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// The number of connected peers.
    pub connected: usize,
    /// Frames and bytes, for each channel.
    pub channels: PerChannel<ChannelStats>,
    /// Gossiped messages.
    pub gossip: GossipStats,
    /// Rejected connections: not permitted, of another genesis, misbehaving.
    pub refused: u64,
    /// Failed dial attempts.
    pub dials_failed: u64,
    /// Connections that a peer closed before it greeted.
    pub turned_away: u64,
    /// Frame timeouts, broken streams and failed pings.
    pub connections_lost: u64,
    /// Bytes of the shared memory pool that are in use by frames that wait for the application.
    pub inbound_bytes: usize,
}

/// Frames and bytes of one channel. Bytes are counted without headers and encryption.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelStats {
    /// Frames written to streams.
    pub frames_sent: u64,
    /// The contents of these frames, bytes.
    pub bytes_sent: u64,
    /// Frames delivered to the application.
    pub frames_received: u64,
    /// The contents of these frames, bytes.
    pub bytes_received: u64,
    /// Frames that found the queue of their peer full.
    pub frames_dropped: u64,
    /// Skipped frames: of an unknown kind, or larger than currently accepted.
    pub frames_skipped: u64,
}

/// Gossiped messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GossipStats {
    /// Messages published by this node.
    pub published: u64,
    /// Messages delivered to the application.
    pub received: u64,
    /// Messages that the application rejected as invalid.
    pub rejected: u64,
    /// Messages that were dropped because the application or the peers were too slow.
    pub dropped: u64,
}

/// One connected peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerStatus {
    /// Its node key.
    pub peer: PublicKey,
    /// Its address on the network.
    pub address: String,
    /// Whether this node dialled.
    pub outbound: bool,
    /// When it connected.
    pub connected_for: Duration,
    /// The time since its last frame. Answers to pings do not count: they show that the process is alive, not
    /// that its application works.
    pub silent_for: Duration,
    /// The negotiated protocol version.
    pub version: u16,
    /// The round-trip time of the last ping.
    pub latency: Option<Duration>,
    /// The software that it claims to run.
    pub agent: Option<String>,
    /// Frames and bytes of this connection.
    pub channels: PerChannel<ChannelStats>,
    /// The number of frames that wait to be sent to it, for each channel.
    pub queued: PerChannel<usize>,
}

/// A counter that several threads increment.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
pub(crate) struct ChannelCounters {
    frames_sent: Counter,
    bytes_sent: Counter,
    frames_received: Counter,
    bytes_received: Counter,
    frames_dropped: Counter,
    frames_skipped: Counter,
}

impl ChannelCounters {
    pub(crate) fn sent(&self, frames: usize, bytes: usize) {
        self.frames_sent.add(frames as u64);
        self.bytes_sent.add(bytes as u64);
    }

    pub(crate) fn received(&self, bytes: usize) {
        self.frames_received.add(1);
        self.bytes_received.add(bytes as u64);
    }

    pub(crate) fn dropped(&self) {
        self.frames_dropped.add(1);
    }

    pub(crate) fn skipped(&self) {
        self.frames_skipped.add(1);
    }

    fn snapshot(&self) -> ChannelStats {
        ChannelStats {
            frames_sent: self.frames_sent.get(),
            bytes_sent: self.bytes_sent.get(),
            frames_received: self.frames_received.get(),
            bytes_received: self.bytes_received.get(),
            frames_dropped: self.frames_dropped.get(),
            frames_skipped: self.frames_skipped.get(),
        }
    }
}

/// Counters for each channel, of one connection or of all.
#[derive(Default)]
pub(crate) struct Counters([ChannelCounters; Channel::COUNT]);

impl Counters {
    pub(crate) fn of(&self, channel: Channel) -> &ChannelCounters {
        &self.0[channel.index()]
    }

    pub(crate) fn snapshot(&self) -> PerChannel<ChannelStats> {
        PerChannel::from_fn(|channel| self.of(channel).snapshot())
    }
}

#[derive(Default)]
pub(crate) struct Totals {
    pub(crate) channels: Counters,
    pub(crate) published: Counter,
    pub(crate) gossip_received: Counter,
    pub(crate) gossip_rejected: Counter,
    pub(crate) gossip_dropped: Counter,
    pub(crate) refused: Counter,
    pub(crate) dials_failed: Counter,
    pub(crate) turned_away: Counter,
    pub(crate) connections_lost: Counter,
}

impl Totals {
    pub(crate) fn snapshot(&self, connected: usize, inbound_bytes: usize) -> Stats {
        Stats {
            connected,
            channels: self.channels.snapshot(),
            gossip: GossipStats {
                published: self.published.get(),
                received: self.gossip_received.get(),
                rejected: self.gossip_rejected.get(),
                dropped: self.gossip_dropped.get(),
            },
            refused: self.refused.get(),
            dials_failed: self.dials_failed.get(),
            turned_away: self.turned_away.get(),
            connections_lost: self.connections_lost.get(),
            inbound_bytes,
        }
    }
}
