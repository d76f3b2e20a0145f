//! Handles gossip in the driver: publishes messages, delivers received ones and passes on the verdicts.

use std::time::Instant;

use libp2p::PeerId;
use libp2p::gossipsub::{self, MessageAcceptance, MessageId, PublishError};

use tokio::sync::oneshot;

use super::Driver;
use crate::credit::{Credit, Pool};
use crate::gossip::{hash_of, message_id};
use crate::network::Command;
use crate::session::SessionContext;
use crate::{Event, GossipId, Verdict, identity};

/// The maximum number of bytes of gossip from one peer that wait for the application; at least two messages.
const INBOUND_BYTES_MAX: usize = 4 << 20;
/// The minimum number of bytes that a message counts as, which also limits the number of messages.
const INBOUND_MESSAGE_BYTES_MIN: usize = 4 << 10;

/// The maximum number of messages that are kept while no peer is subscribed.
const UNSENT_MESSAGES_MAX: usize = 64;

pub(super) fn credit(message_bytes_max: usize, pool: &Pool) -> Credit {
    let bytes_max = INBOUND_BYTES_MAX.max(message_bytes_max.saturating_mul(2));
    let own_bytes = message_bytes_max.min(bytes_max);
    Credit::new(own_bytes, INBOUND_MESSAGE_BYTES_MIN).with_pool(bytes_max - own_bytes, pool)
}

impl Driver {
    pub(super) fn on_command(&mut self, command: Command) {
        match command {
            Command::Publish(message) => self.publish(message.into()),
            Command::Judge(GossipId { hash, from }, verdict) => {
                self.judge(&message_id(&hash), &from, verdict);
            }
        }
    }

    /// Publishes a message, or keeps it for the first peer that subscribes.
    fn publish(&mut self, message: Vec<u8>) {
        let totals = &self.context.shared.totals;
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        if gossip.all_peers().all(|(_, topics)| topics.is_empty()) {
            if self.unsent.len() >= UNSENT_MESSAGES_MAX {
                self.unsent.pop_front();
                totals.gossip_dropped.add(1);
            }
            self.unsent.push_back(message);
            return;
        }
        match gossip.publish(self.topic.clone(), message) {
            Ok(_) => totals.published.add(1),
            // It is already being sent.
            Err(PublishError::Duplicate) => {}
            Err(error) => {
                tracing::debug!(%error, "cannot gossip a message");
                totals.gossip_dropped.add(1);
            }
        }
    }

    fn judge(&mut self, id: &MessageId, from: &PeerId, verdict: Verdict) {
        let acceptance = match verdict {
            Verdict::Accept => MessageAcceptance::Accept,
            Verdict::Ignore => MessageAcceptance::Ignore,
            Verdict::Reject => {
                self.context.shared.totals.gossip_rejected.add(1);
                MessageAcceptance::Reject
            }
        };
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        gossip.report_message_validation_result(id, from, acceptance);
    }

    pub(super) fn on_gossip(&mut self, event: gossipsub::Event) {
        match event {
            gossipsub::Event::Message { propagation_source, message_id, message } => {
                self.on_message(&propagation_source, &message_id, message.data);
            }
            gossipsub::Event::Subscribed { peer_id, .. } => {
                let peer = identity::public_key(&peer_id).and_then(|key| self.peers.get_mut(&key));
                if let Some(listens) = peer.and_then(|peer| peer.listens.take()) {
                    // A session that has ended no longer waits.
                    let _ = listens.send(());
                }
                for message in std::mem::take(&mut self.unsent) {
                    self.publish(message);
                }
            }
            _ => {}
        }
    }

    /// Delivers a message to the application, or drops it if the application is too slow or the peer exceeds
    /// its budget. A peer that continues nevertheless is disconnected.
    fn on_message(&mut self, from: &PeerId, id: &MessageId, message: Vec<u8>) {
        let now = Instant::now();
        if let Some(peer) = identity::public_key(from) {
            let allowances = self.context.shared.allowances(&peer);
            allowances.gossip.frame(message.len(), now);
            if allowances.gossip.is_exhausted(now) && self.is_permitted(&peer) {
                self.penalise(peer, "it gossips too much".into());
            }
        }
        if self.offer(from, id, message).is_none() {
            self.context.shared.totals.gossip_dropped.add(1);
            self.judge(id, from, Verdict::Ignore);
        }
    }

    /// `None` if there is no memory for it.
    fn offer(&self, from: &PeerId, id: &MessageId, message: Vec<u8>) -> Option<()> {
        let peer = identity::public_key(from)?;
        let allowances = self.context.shared.known_allowances(&peer)?;
        if !allowances.gossip.wait(Instant::now()).is_zero() {
            return None;
        }
        let held = self.peers.get(&peer)?.gossip_credit.try_take(message.len())?;
        let id = GossipId { hash: hash_of(id)?, from: *from };
        let event = Event::Gossip { id, peer, bytes: message.into(), held };
        // Counted first, so that the counter includes every message that the application receives.
        let SessionContext { inbox, shared, .. } = &self.context;
        shared.totals.gossip_received.add(1);
        inbox.deliver_gossip(event).ok()
    }

    /// Resolves when the peer has sent its subscriptions; `None` if it already has.
    pub(super) fn listens(&mut self, peer: &PeerId) -> Option<oneshot::Receiver<()>> {
        let gossip = &self.swarm.behaviour().gossip;
        if gossip.all_peers().any(|(other, topics)| other == peer && !topics.is_empty()) {
            return None;
        }
        let (listens, heard) = oneshot::channel();
        self.peers.get_mut(&identity::public_key(peer)?)?.listens = Some(listens);
        Some(heard)
    }
}
