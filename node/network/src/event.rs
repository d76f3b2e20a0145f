use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use ehb_types::{Hash, PublicKey};
use libp2p::PeerId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::{Channel, Refusal};

/// Frames of [`Channel::Consensus`], connections and disconnections that wait for the application.
const URGENT_EVENTS_MAX: usize = 1_024;
/// Frames of the other channels that wait for the application. Their bytes are bounded for each
/// peer by [`Channel::inbound_bytes_max`].
const BULK_EVENTS_MAX: usize = 256;
/// Gossiped messages and refusals that wait for the application.
const GOSSIP_EVENTS_MAX: usize = 1_024;

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
        /// On which channel.
        channel: Channel,
        /// Its content.
        bytes: Bytes,
    },
    /// A gossiped message, not yet forwarded: answer with [`crate::Network::report_gossip`].
    Gossip {
        /// Names the message in the answer.
        id: GossipId,
        /// Who forwarded it to this node, which need not be where it began.
        peer: PublicKey,
        /// Its content.
        bytes: Bytes,
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

/// A bound on bytes that wait for the application. A frame takes from it before it is read, and
/// gives back when the application has received it.
#[derive(Clone)]
pub(crate) struct Credit {
    /// One permit for each begun KiB.
    permits: Arc<Semaphore>,
    permits_max: u32,
}

pub(crate) type CreditTaken = OwnedSemaphorePermit;

impl Credit {
    pub(crate) fn new(bytes_max: usize) -> Self {
        let permits_max = permits_for(bytes_max);
        let permits = Arc::new(Semaphore::new(permits_max.try_into().unwrap_or(usize::MAX)));
        Self { permits, permits_max }
    }

    /// Waits until the application has received enough. `None` never happens while `self` lives.
    pub(crate) async fn take(&self, bytes: usize) -> Option<CreditTaken> {
        let wanted = permits_for(bytes).min(self.permits_max);
        Arc::clone(&self.permits).acquire_many_owned(wanted).await.ok()
    }

    /// As [`Self::take`], but `None` where it would have to wait.
    pub(crate) fn try_take(&self, bytes: usize) -> Option<CreditTaken> {
        let wanted = permits_for(bytes).min(self.permits_max);
        Arc::clone(&self.permits).try_acquire_many_owned(wanted).ok()
    }
}

fn permits_for(bytes: usize) -> u32 {
    u32::try_from(bytes / 1_024 + 1).unwrap_or(u32::MAX)
}

/// An event on its way, with the credit that it gives back when received.
struct Queued {
    event: Event,
    _credit: Option<CreditTaken>,
}

/// Where the network's tasks leave events. Three lanes, so that votes do not wait behind blocks,
/// nor blocks behind transactions.
#[derive(Clone)]
pub(crate) struct Inbox {
    urgent: mpsc::Sender<Queued>,
    bulk: mpsc::Sender<Queued>,
    gossip: mpsc::Sender<Queued>,
}

/// The application has dropped its [`Events`].
#[derive(Debug)]
pub(crate) struct ApplicationGone;

impl Inbox {
    /// Delivers a connection or disconnection, waiting for room.
    pub(crate) async fn deliver(&self, event: Event) -> Result<(), ApplicationGone> {
        let queued = Queued { event, _credit: None };
        self.urgent.send(queued).await.map_err(|_| ApplicationGone)
    }

    /// Delivers a frame, waiting for room; waiting peers take turns.
    pub(crate) async fn deliver_frame(
        &self,
        peer: PublicKey,
        channel: Channel,
        bytes: Bytes,
        credit: CreditTaken,
    ) -> Result<(), ApplicationGone> {
        let lane = match channel {
            Channel::Consensus => &self.urgent,
            Channel::Blocks | Channel::Sync => &self.bulk,
        };
        let event = Event::Frame { peer, channel, bytes };
        let queued = Queued { event, _credit: Some(credit) };
        lane.send(queued).await.map_err(|_| ApplicationGone)
    }

    /// Delivers gossip or a refusal if there is room; says whether there was. `count` is called
    /// first, so that the application finds counted what it receives.
    pub(crate) fn offer(
        &self,
        event: Event,
        credit: Option<CreditTaken>,
        count: impl FnOnce(),
    ) -> bool {
        match self.gossip.try_reserve() {
            Ok(place) => {
                count();
                place.send(Queued { event, _credit: credit });
                true
            }
            Err(_) => false,
        }
    }
}

/// The receiving end of the network's events.
///
/// Consensus frames, connections and disconnections come first, then blocks and sync, then gossip
/// and refusals. Within a class the order is that of arrival, and [`Event::Connected`] comes before
/// all frames of that connection; a block, sync or gossip event can come after its peer's
/// [`Event::Disconnected`]. While nothing is received, peers are held back, not dropped.
pub struct Events {
    lanes: [mpsc::Receiver<Queued>; 3],
}

pub(crate) fn events() -> (Inbox, Events) {
    let (urgent, urgent_lane) = mpsc::channel(URGENT_EVENTS_MAX);
    let (bulk, bulk_lane) = mpsc::channel(BULK_EVENTS_MAX);
    let (gossip, gossip_lane) = mpsc::channel(GOSSIP_EVENTS_MAX);
    (Inbox { urgent, bulk, gossip }, Events { lanes: [urgent_lane, bulk_lane, gossip_lane] })
}

impl Events {
    /// The next event; `None` once the network has stopped and all was received. Safe to cancel.
    pub async fn recv(&mut self) -> Option<Event> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// As [`Self::recv`], for a plain thread: blocks it. Not to be called from an async task.
    pub fn blocking_recv(&mut self) -> Option<Event> {
        futures::executor::block_on(self.recv())
    }

    /// An event that is there already.
    pub fn try_recv(&mut self) -> Option<Event> {
        self.lanes.iter_mut().find_map(|lane| lane.try_recv().ok()).map(|queued| queued.event)
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut ended = 0;
        for lane in &mut self.lanes {
            match lane.poll_recv(context) {
                Poll::Ready(Some(queued)) => return Poll::Ready(Some(queued.event)),
                Poll::Ready(None) => ended += 1,
                Poll::Pending => {}
            }
        }
        if ended == self.lanes.len() { Poll::Ready(None) } else { Poll::Pending }
    }
}
