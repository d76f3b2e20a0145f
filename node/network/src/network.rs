//! Provides the application's handle: sends frames, gossips, permits and penalises peers, reads statistics.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ehb_types::PublicKey;
use tokio::sync::mpsc;

use crate::channel::Overflow;
use crate::frame::Frame;
use crate::peers::{NetworkState, PeerHandle};
use crate::{Channel, CutOff, FrameKind, GossipId, PeerStatus, Refusal, SendError, Stats};

/// The application's handle: cheap to clone, usable from any thread, never blocks. The network stops
/// when the last one is dropped.
#[derive(Clone)]
pub struct Network {
    pub(crate) shared: Arc<NetworkState>,
    pub(crate) commands: mpsc::Sender<Command>,
}

/// A command for the driver, executed in order.
pub(crate) enum Command {
    Publish(Bytes),
    Judge(GossipId, Verdict),
}

/// The application's verdict on a gossiped message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Valid: forward it.
    Accept,
    /// Useless here, but not the peer's fault: known, expired, or ahead of this node's state.
    Ignore,
    /// Invalid on every node, for example because of a bad signature: the peer loses score, and after a few
    /// such messages it is ignored for a while.
    Reject,
}

impl Network {
    /// Sends a frame to a connected peer. It is written as soon as the stream accepts it; `Ok` does not mean
    /// that it arrived.
    pub fn send(
        &self,
        peer: &PublicKey,
        kind: &FrameKind,
        content: impl Into<Bytes>,
    ) -> Result<(), SendError> {
        let handle = self.shared.handle(peer).ok_or(SendError::NotConnected)?;
        self.push(&handle, kind, content.into())
    }

    /// Sends a frame to all connected peers, sharing its bytes. Returns the number of peers for which it was
    /// queued: those whose queue is full, or whose version is too old, are skipped, as in [`Self::send`].
    pub fn broadcast(&self, kind: &FrameKind, content: impl Into<Bytes>) -> usize {
        let content = content.into();
        let handles = self.shared.handles();
        let took = |handle: &&Arc<PeerHandle>| self.push(handle, kind, content.clone()).is_ok();
        handles.iter().filter(took).count()
    }

    /// Whether the peer is connected and its queue has room for a frame of this kind of any size. Call it
    /// before building such a frame.
    pub fn has_room(&self, peer: &PublicKey, kind: &FrameKind) -> bool {
        self.shared.handle(peer).is_some_and(|handle| handle.outbox(kind.channel).has_room())
    }

    fn push(&self, handle: &PeerHandle, kind: &FrameKind, content: Bytes) -> Result<(), SendError> {
        let FrameKind { number, channel, bytes_max, since, .. } = *kind;
        if content.len() > bytes_max {
            return Err(SendError::TooLarge { bytes: content.len(), bytes_max });
        }
        let version = handle.version();
        if version < since {
            return Err(SendError::NotSpoken { version });
        }
        let pushed = handle.outbox(channel).push(Frame { kind: number, content });
        if pushed == Err(SendError::QueueFull) {
            handle.counters.of(channel).dropped();
            self.shared.totals.channels.of(channel).dropped();
            if channel.overflow() == Overflow::Disconnect {
                tracing::warn!(peer = %handle.peer, "the peer does not read its votes: disconnecting");
                handle.close();
            }
        }
        pushed
    }

    /// Publishes a message to all nodes through the peers. Nodes that saw the same bytes within the last
    /// minute do not receive them again. While no peer is connected, a limited number of messages is kept for
    /// the first one.
    pub fn gossip(&self, message: impl Into<Bytes>) -> Result<(), SendError> {
        let message = message.into();
        let bytes_max = self.shared.gossip_bytes_max;
        if message.len() > bytes_max {
            return Err(SendError::TooLarge { bytes: message.len(), bytes_max });
        }
        self.command(Command::Publish(message))
    }

    /// Reports the verdict on a gossiped message. Without a verdict within a few seconds it is not forwarded.
    /// Fails with [`SendError::QueueFull`] if too many verdicts are reported at once.
    pub fn report_gossip(&self, id: GossipId, verdict: Verdict) -> Result<(), SendError> {
        self.command(Command::Judge(id, verdict))
    }

    fn command(&self, command: Command) -> Result<(), SendError> {
        self.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                self.shared.totals.gossip_dropped.add(1);
                SendError::QueueFull
            }
            mpsc::error::TrySendError::Closed(_) => SendError::Stopped,
        })
    }

    /// Accepts frames of this kind up to a size from now on, and skips larger ones, without blaming the peer:
    /// another node may need them.
    pub fn take_up_to(&self, kind: &FrameKind, bytes_max: usize) {
        self.shared.kinds.take_up_to(kind, bytes_max);
    }

    /// Replaces the set of node keys that may connect. Peers that are not in it are disconnected at once.
    pub fn set_permitted(&self, permitted: BTreeSet<PublicKey>) {
        self.shared.order_permitted(permitted);
    }

    /// Disconnects a peer that misbehaved and rejects it for [`crate::Limits::penalty_first`], longer each
    /// time. The reason is logged and reported in [`crate::Event::Refused`].
    pub fn penalise(&self, peer: &PublicKey, reason: impl Into<String>) {
        self.shared.order_penalty(*peer, reason.into());
    }

    /// Charges a peer for the processor time of one of its frames. A peer that exceeds its budget on a
    /// channel is not read there until it is within it again.
    pub fn charge(&self, peer: &PublicKey, channel: Channel, spent: Duration) {
        if let Some(allowances) = self.shared.known_allowances(peer) {
            allowances.of(channel).processor(spent, Instant::now());
        }
    }

    /// The connected peers with their details.
    pub fn peers(&self) -> Vec<PeerStatus> {
        self.shared.handles().iter().map(|handle| handle.status()).collect()
    }

    /// Whether the peer is connected.
    pub fn is_connected(&self, peer: &PublicKey) -> bool {
        self.shared.handle(peer).is_some()
    }

    /// Why this node and a permitted or listed peer that keeps trying cannot speak with each other: another genesis, another
    /// chain, or no protocol version in common. `None` if that is so with no peer.
    pub fn mismatch(&self) -> Option<Refusal> {
        self.shared.mismatch()
    }

    /// The permitted peers that this node rejects for a while because they misbehaved.
    pub fn cut_off(&self) -> Vec<CutOff> {
        self.shared.cut_off()
    }

    /// Counters since the start.
    pub fn stats(&self) -> Stats {
        self.shared.totals.snapshot(self.shared.connected(), self.shared.pool.taken())
    }

    /// The addresses that this node listens on, in the order of [`crate::Config::listen`], with the actual
    /// ports.
    pub fn local_addresses(&self) -> &[SocketAddr] {
        &self.shared.local_addresses
    }

    /// This node's own key.
    pub fn local_key(&self) -> PublicKey {
        self.shared.local_key
    }
}
