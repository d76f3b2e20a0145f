//! Decodes the network's frames and gossip into events of the replica, and measures what a frame costs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use ehb_network::{Channel, GossipId, Held, Network, Receiver};
use ehb_replica::{Event, GossipVerdict, Message, TRANSACTIONS_MAX};
use ehb_types::{PublicKey, SharedTransaction, decode};

use crate::asked::Asked;
use crate::gossips::Gossips;
use crate::wire;

/// Turns what the network reports into the replica's events: one for what is urgent and one for all
/// else, each on a thread of its own, so that decoding a block delays no vote.
#[derive(Clone)]
pub(crate) struct Intake {
    pub(crate) network: Network,
    pub(crate) gossips: Arc<Gossips>,
    pub(crate) asked: Arc<Asked>,
    pub(crate) events: Sender<Incoming>,
}

/// An event of the replica's that the network caused.
pub(crate) struct Incoming {
    pub(crate) event: Event,
    /// Who is charged for the time that it takes, and what it has taken so far.
    pub(crate) cost: Option<Cost>,
    /// Room among what waits, decoded or not; free again when this is dropped.
    pub(crate) held: Held,
}

/// The cost of a peer's frame so far.
pub(crate) struct Cost {
    pub(crate) peer: PublicKey,
    pub(crate) channel: Channel,
    pub(crate) spent: Duration,
    /// When it arrived.
    pub(crate) received: Instant,
}

/// The event as it is after a wait in this node: a peer's clock went on since its status arrived.
pub(crate) fn after_wait(event: Event, waited: Duration) -> Event {
    match event {
        Event::Message { peer, message: Message::Status { height, voting, clock_ms, run } } => {
            let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
            let clock_ms = clock_ms.saturating_add(waited_ms);
            Event::Message { peer, message: Message::Status { height, voting, clock_ms, run } }
        }
        other => other,
    }
}

impl From<Event> for Incoming {
    fn from(event: Event) -> Self {
        Self { event, cost: None, held: Held::default() }
    }
}

impl Intake {
    /// Runs until the network has stopped, or nobody listens any more.
    pub(crate) fn run(self, mut events: Receiver) {
        while let Some(event) = events.blocking_recv() {
            let delivered = match event {
                ehb_network::Event::Connected(peer) => {
                    self.events.send(Event::Connected(peer).into()).is_ok()
                }
                ehb_network::Event::Disconnected(peer) => {
                    self.asked.forget(&peer);
                    self.events.send(Event::Disconnected(peer).into()).is_ok()
                }
                ehb_network::Event::Frame { peer, kind, channel, bytes, received, held } => {
                    self.frame((peer, channel, received), kind, &bytes, held)
                }
                ehb_network::Event::Receiving { peer, kind, .. } => {
                    kind != wire::BLOCKS.number
                        || self.events.send(Event::Receiving(peer).into()).is_ok()
                }
                ehb_network::Event::Gossip { id, bytes, held, .. } => self.gossip(id, &bytes, held),
                ehb_network::Event::Refused { peer, reason } => {
                    tracing::debug!(%peer, %reason, "a peer was refused");
                    true
                }
            };
            if !delivered {
                return;
            }
        }
    }

    /// Says whether the replica still listens.
    fn frame(
        &self,
        (peer, channel, received): (PublicKey, Channel, Instant),
        kind: u16,
        bytes: &[u8],
        held: Held,
    ) -> bool {
        if kind == wire::BLOCKS.number && !self.asked.is_answer(&peer) {
            tracing::debug!(%peer, bytes = bytes.len(), "blocks that nobody asked for");
            return true;
        }
        let begun = Instant::now();
        let message = match wire::message(kind, bytes) {
            Ok(message) => message,
            Err(error) => {
                self.network.penalise(&peer, format!("sent a frame that is no message: {error}"));
                return true;
            }
        };
        let cost = Cost { peer, channel, spent: begun.elapsed(), received };
        let event = Event::Message { peer, message };
        self.events.send(Incoming { event, cost: Some(cost), held }).is_ok()
    }

    fn gossip(&self, id: GossipId, bytes: &[u8], held: Held) -> bool {
        // Bytes that are no list of transactions count as an empty one, which is refused as well.
        let transactions: Vec<SharedTransaction> = decode(bytes).unwrap_or_default();
        let message = self.gossips.number(id);
        if !(1..=TRANSACTIONS_MAX).contains(&transactions.len()) {
            self.gossips.judge(&self.network, message, GossipVerdict::Reject);
            return true;
        }
        let event = Event::Gossip { message, transactions };
        self.events.send(Incoming { event, cost: None, held }).is_ok()
    }
}
