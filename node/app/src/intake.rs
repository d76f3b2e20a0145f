use std::sync::Arc;

use crossbeam_channel::{Sender, TrySendError};
use ehb_network::{Channel, Events, GossipId, Network};
use ehb_replica::{Event, GossipVerdict, Message, TRANSACTIONS_MAX};
use ehb_types::{PublicKey, SharedTransaction, decode};

use crate::gossips::Gossips;

/// Turns what the network tells into the replica's events.
pub(crate) struct Intake {
    pub(crate) network: Network,
    pub(crate) gossips: Arc<Gossips>,
    pub(crate) urgent: Sender<Event>,
    pub(crate) bulk: Sender<Event>,
}

impl Intake {
    /// Runs until the network has stopped, or nobody listens any more.
    pub(crate) fn run(self, mut events: Events) {
        while let Some(event) = events.blocking_recv() {
            let delivered = match event {
                ehb_network::Event::Connected(peer) => {
                    self.urgent.send(Event::Connected(peer)).is_ok()
                }
                ehb_network::Event::Disconnected(peer) => {
                    self.urgent.send(Event::Disconnected(peer)).is_ok()
                }
                ehb_network::Event::Frame { peer, channel, bytes } => {
                    self.frame(peer, channel, &bytes)
                }
                ehb_network::Event::Gossip { id, bytes, .. } => self.gossip(id, &bytes),
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
    fn frame(&self, peer: PublicKey, channel: Channel, bytes: &[u8]) -> bool {
        let message: Message = match decode(bytes) {
            Ok(message) => message,
            Err(error) => {
                self.network.penalise(&peer, format!("sent a frame that is no message: {error}"));
                return true;
            }
        };
        if crate::performer::channel(&message) != channel {
            self.network.penalise(&peer, "sent a message on the wrong channel");
            return true;
        }
        let lane = if channel == Channel::Consensus { &self.urgent } else { &self.bulk };
        lane.send(Event::Message { peer, message }).is_ok()
    }

    fn gossip(&self, id: GossipId, bytes: &[u8]) -> bool {
        // What is no list of transactions counts as an empty one, which is refused as well.
        let transactions: Vec<SharedTransaction> = decode(bytes).unwrap_or_default();
        let message = self.gossips.number(id);
        let judge = |verdict| self.gossips.judge(&self.network, message, verdict);
        if !(1..=TRANSACTIONS_MAX).contains(&transactions.len()) {
            judge(GossipVerdict::Reject);
            return true;
        }
        match self.bulk.try_send(Event::Gossip { message, transactions }) {
            Ok(()) => true,
            // Under load gossip may be dropped: whoever submitted keeps the transactions.
            Err(TrySendError::Full(_)) => {
                judge(GossipVerdict::Ignore);
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        }
    }
}
