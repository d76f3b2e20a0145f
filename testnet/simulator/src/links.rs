//! Connects nodes and carries messages between them, which can be lost, duplicated or late.

use std::collections::BTreeMap;

use ehb_replica::{Event, Message};

use crate::checks::Rule;
use crate::faults::Kind;
use crate::faults::observers::OBSERVERS;
use crate::mutation::Mutation;
use crate::world::{Packet, SimEvent, World};

/// The additional delay of a late message, virtual microseconds.
const LATE_US: (u64, u64) = (20_000, 2_000_000);
/// The time that two nodes need to connect, virtual microseconds.
const CONNECT_US: (u64, u64) = (1_000, 100_000);
/// The wait before a retry after a failure, virtual microseconds.
const RECONNECT_US: u64 = 200_000;
/// The duration of a penalty, virtual microseconds. The real network's penalty is longer; but a disconnected
/// byzantine node tests nothing.
const PENALTY_US: u64 = 3_000_000;

/// Messages get lost.
pub(crate) static LOSS: Kind =
    Kind { name: "lost messages", per_mille: 400, draw: |draw| draw.rate(5, 200) };

/// Messages arrive twice.
pub(crate) static DUPLICATES: Kind =
    Kind { name: "doubled messages", per_mille: 300, draw: |draw| draw.rate(5, 150) };

/// Messages take much longer, so that later ones overtake them.
pub(crate) static LATENESS: Kind =
    Kind { name: "late messages", per_mille: 400, draw: |draw| draw.rate(2, 60) };

/// Nodes send a transaction once, to one peer, and do not offer it again: if it is lost, it stays on one
/// node.
pub(crate) static NO_OFFERS: Mutation =
    Mutation { fault: Some(&OBSERVERS), ..Mutation::new("no-offers", Rule::Fates) };

/// The links between nodes.
#[derive(Default)]
pub(crate) struct Links {
    /// The connections, each with a unique number.
    connected: BTreeMap<(usize, usize), u64>,
    /// Each link is blocked until this time, virtual microseconds.
    blocked_until: BTreeMap<(usize, usize), u64>,
}

fn pair(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

impl Links {
    pub(crate) fn is_connected(&self, a: usize, b: usize) -> bool {
        self.connection(a, b).is_some()
    }

    fn connection(&self, a: usize, b: usize) -> Option<u64> {
        self.connected.get(&pair(a, b)).copied()
    }

    /// Blocks the link in one direction.
    pub(crate) fn block(&mut self, from: usize, to: usize, until_us: u64) {
        let until = self.blocked_until.entry((from, to)).or_default();
        *until = until_us.max(*until);
    }

    fn is_blocked(&self, from: usize, to: usize, now_us: u64) -> bool {
        self.blocked_until.get(&(from, to)).is_some_and(|until| *until > now_us)
    }

    /// Unblocks all links.
    pub(crate) fn heal(&mut self) {
        self.blocked_until.clear();
    }
}

impl World<'_> {
    /// Sends a packet, if there is a connection.
    pub(crate) fn transmit(&mut self, from: usize, to: usize, packet: Packet) {
        if self.is_kept_back(from, to, &packet) {
            return;
        }
        let blocked = self.links.is_blocked(from, to, self.now_us);
        let Some(connection) = self.links.connection(from, to).filter(|_| !blocked) else { return };
        if self.strikes(&LOSS) {
            return;
        }
        let Some(line_us) = self.line_us(from, to, &packet) else { return };
        if matches!(packet, Packet::Message(Message::Blocks(_)))
            && !self.plan_progress((from, to), connection, line_us)
        {
            return;
        }
        if self.strikes(&DUPLICATES) {
            let delay = line_us + self.delay_us();
            let packet = packet.clone();
            self.after(delay, SimEvent::Deliver { from, to, connection, packet });
        }
        let delay = line_us + self.delay_us();
        self.after(delay, SimEvent::Deliver { from, to, connection, packet });
    }

    /// Whether a mutation, or the node's release, prevents it from sending this.
    fn is_kept_back(&mut self, from: usize, to: usize, packet: &Packet) -> bool {
        let once = self.options.is(&NO_OFFERS);
        match packet {
            Packet::Message(Message::Offer(_)) if once => true,
            Packet::Message(message) => {
                self.is_shut_out(to, message) || self.is_unknown_to(from, message)
            }
            Packet::Gossip(_) => once && to != (from + 1) % self.nodes.len(),
            Packet::Unknown => false,
        }
    }

    fn delay_us(&mut self) -> u64 {
        let (low, high) = self.plan.latency_us;
        let delay = self.dice.between(low, high);
        if self.strikes(&LATENESS) {
            return delay + self.dice.between(LATE_US.0, LATE_US.1);
        }
        delay
    }

    fn is_open(&self, from: usize, to: usize, connection: u64) -> bool {
        self.links.connection(from, to) == Some(connection)
            && !self.links.is_blocked(from, to, self.now_us)
    }

    /// Some of the blocks that a node waits for have arrived.
    pub(crate) fn receiving(&mut self, from: usize, to: usize, connection: u64) {
        if self.is_open(from, to, connection) {
            let peer = self.nodes[from].peer;
            self.step(to, Event::Receiving(peer));
        }
    }

    /// A packet arrives, unless its connection ended before.
    pub(crate) fn deliver(&mut self, from: usize, to: usize, connection: u64, packet: Packet) {
        if !self.is_open(from, to, connection) || self.nodes[to].replica.is_none() {
            return;
        }
        let peer = self.nodes[from].peer;
        match packet {
            Packet::Message(message) => {
                if self.is_unknown_to(to, &message) {
                    return;
                }
                self.overhear(to, from, &message);
                self.step(to, Event::Message { peer, message });
            }
            Packet::Gossip(transactions) => {
                self.step(to, Event::Gossip { message: 0, transactions });
            }
            Packet::Unknown => self.deliver_unknown(from, to),
        }
    }

    /// Schedules a connection of two nodes.
    pub(crate) fn plan_connect(&mut self, a: usize, b: usize) {
        let delay = self.dice.between(CONNECT_US.0, CONNECT_US.1);
        self.after(delay, SimEvent::Connect { a, b });
    }

    pub(crate) fn connect(&mut self, a: usize, b: usize) {
        let up = |node: usize| self.nodes[node].replica.is_some();
        if self.nodes[a].peer == self.nodes[b].peer {
            return;
        }
        if !up(a) || !up(b) || self.links.is_connected(a, b) {
            // A node that is down connects when it starts.
            return;
        }
        let blocked = |from, to| self.links.is_blocked(from, to, self.now_us);
        if blocked(a, b) || blocked(b, a) {
            self.after(RECONNECT_US, SimEvent::Connect { a, b });
            return;
        }
        self.replace_connections(a, b);
        let connection = self.next_number();
        self.links.connected.insert(pair(a, b), connection);
        let (peer_a, peer_b) = (self.nodes[a].peer, self.nodes[b].peer);
        self.step(a, Event::Connected(peer_b));
        self.step(b, Event::Connected(peer_a));
    }

    /// Closes a connection; both will try to reconnect.
    pub(crate) fn disconnect(&mut self, a: usize, b: usize) {
        if self.cut(a, b) {
            self.plan_connect(a, b);
        }
    }

    /// Closes a connection, if there is one.
    pub(crate) fn cut(&mut self, a: usize, b: usize) -> bool {
        if self.links.connected.remove(&pair(a, b)).is_none() {
            return false;
        }
        let (peer_a, peer_b) = (self.nodes[a].peer, self.nodes[b].peer);
        self.step(a, Event::Disconnected(peer_b));
        self.step(b, Event::Disconnected(peer_a));
        true
    }

    /// A node is down: its peers detect it.
    pub(crate) fn disconnect_all(&mut self, node: usize) {
        for other in 0..self.nodes.len() {
            self.disconnect(node, other);
        }
    }

    /// A node disconnects a peer that broke the rules.
    pub(crate) fn penalise(&mut self, node: usize, other: usize) {
        let until = self.now_us + PENALTY_US;
        self.links.block(node, other, until);
        self.links.block(other, node, until);
        self.disconnect(node, other);
    }
}
