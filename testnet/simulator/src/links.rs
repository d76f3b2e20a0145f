use std::collections::BTreeMap;

use ehb_replica::{Event, Message};

use crate::Mutation;
use crate::world::{Happening, Packet, World};

/// How long a message that is late takes longer, virtual microseconds.
const LATE_US: (u64, u64) = (20_000, 2_000_000);
/// How long two nodes take to connect, virtual microseconds.
const CONNECT_US: (u64, u64) = (1_000, 100_000);
/// How long after a failure they try again, virtual microseconds.
const RECONNECT_US: u64 = 200_000;
/// How long a node that was penalised is kept off, virtual microseconds. The real network's penalty
/// is longer; a byzantine node that is kept off can do no harm, which is not what a run is for.
const PENALTY_US: u64 = 3_000_000;

/// Who can hear whom.
#[derive(Default)]
pub(crate) struct Links {
    /// The connections, each with a number that no other has.
    connected: BTreeMap<(usize, usize), u64>,
    /// Nothing passes from one to another before, virtual microseconds.
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

    /// Keeps everything from passing, one way.
    pub(crate) fn block(&mut self, from: usize, to: usize, until_us: u64) {
        let until = self.blocked_until.entry((from, to)).or_default();
        *until = until_us.max(*until);
    }

    fn is_blocked(&self, from: usize, to: usize, now_us: u64) -> bool {
        self.blocked_until.get(&(from, to)).is_some_and(|until| *until > now_us)
    }

    /// Lets everything pass again.
    pub(crate) fn heal(&mut self) {
        self.blocked_until.clear();
    }
}

impl World<'_> {
    /// Sends a packet on its way, if there is one.
    pub(crate) fn transmit(&mut self, from: usize, to: usize, packet: Packet) {
        if self.options.mutation == Some(Mutation::NoOffers)
            && matches!(packet, Packet::Message(Message::Offer(_)))
        {
            return;
        }
        let network = self.plan.network.clone();
        let blocked = self.links.is_blocked(from, to, self.now_us);
        let Some(connection) = self.links.connection(from, to).filter(|_| !blocked) else { return };
        if self.faulty && self.dice.chance(network.loss_per_mille) {
            return;
        }
        if self.faulty && self.dice.chance(network.duplicate_per_mille) {
            let delay = self.delay_us();
            let packet = packet.clone();
            self.after(delay, Happening::Deliver { from, to, connection, packet });
        }
        let delay = self.delay_us();
        self.after(delay, Happening::Deliver { from, to, connection, packet });
    }

    fn delay_us(&mut self) -> u64 {
        let network = &self.plan.network;
        let (low, high) = network.latency_us;
        let delay = self.dice.between(low, high);
        if self.faulty && self.dice.chance(network.late_per_mille) {
            return delay + self.dice.between(LATE_US.0, LATE_US.1);
        }
        delay
    }

    /// A packet arrives, unless its connection ended before.
    pub(crate) fn deliver(&mut self, from: usize, to: usize, connection: u64, packet: Packet) {
        let open = self.links.connection(from, to) == Some(connection)
            && !self.links.is_blocked(from, to, self.now_us);
        if !open || self.nodes[to].replica.is_none() {
            return;
        }
        if let Packet::Message(message) = &packet {
            self.overhear(to, from, message);
        }
        let peer = self.nodes[from].peer;
        self.step(
            to,
            match packet {
                Packet::Message(message) => Event::Message { peer, message },
                Packet::Gossip(transactions) => Event::Gossip { message: 0, transactions },
            },
        );
    }

    /// Two nodes will connect soon.
    pub(crate) fn plan_connect(&mut self, a: usize, b: usize) {
        let delay = self.dice.between(CONNECT_US.0, CONNECT_US.1);
        self.after(delay, Happening::Connect { a, b });
    }

    pub(crate) fn connect(&mut self, a: usize, b: usize) {
        let up = |node: usize| self.nodes[node].replica.is_some();
        if !up(a) || !up(b) || self.links.is_connected(a, b) {
            // A node that is down connects when it starts.
            return;
        }
        let blocked = |from, to| self.links.is_blocked(from, to, self.now_us);
        if blocked(a, b) || blocked(b, a) {
            self.after(RECONNECT_US, Happening::Connect { a, b });
            return;
        }
        let connection = self.next_number();
        self.links.connected.insert(pair(a, b), connection);
        let (peer_a, peer_b) = (self.nodes[a].peer, self.nodes[b].peer);
        self.step(a, Event::Connected(peer_b));
        self.step(b, Event::Connected(peer_a));
    }

    /// Ends a connection; both will try to connect again.
    pub(crate) fn disconnect(&mut self, a: usize, b: usize) {
        if self.links.connected.remove(&pair(a, b)).is_none() {
            return;
        }
        let (peer_a, peer_b) = (self.nodes[a].peer, self.nodes[b].peer);
        self.step(a, Event::Disconnected(peer_b));
        self.step(b, Event::Disconnected(peer_a));
        self.plan_connect(a, b);
    }

    /// A node is gone: its peers notice.
    pub(crate) fn disconnect_all(&mut self, node: usize) {
        for other in 0..self.nodes.len() {
            self.disconnect(node, other);
        }
    }

    /// A node cuts off a peer that broke the rules.
    pub(crate) fn penalise(&mut self, node: usize, other: usize) {
        let until = self.now_us + PENALTY_US;
        self.links.block(node, other, until);
        self.links.block(other, node, until);
        self.disconnect(node, other);
    }
}
