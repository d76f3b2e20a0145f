//! Faults: nodes run older or later releases with fewer or more kinds of messages.

use ehb_replica::Message;

use super::{Active, Fault, Kind};
use crate::checks::Rule;
use crate::mutation::Mutation;
use crate::world::World;

/// Some nodes run an older release, which neither sends nor understands a later addition: offers of pending
/// transactions.
pub(crate) static OTHER_VERSIONS: Kind = Kind {
    name: "other versions",
    per_mille: 150,
    draw: |draw| {
        let nodes: Vec<usize> = (0..draw.setup.nodes()).filter(|_| draw.dice.chance(400)).collect();
        (!nodes.is_empty()).then(|| Active::Acts(Box::new(OlderNodes { nodes })))
    },
};

/// Some nodes run a later release and send kinds of messages that others do not know. The rate is in a
/// thousand messages.
pub(crate) static UNKNOWN_MESSAGES: Kind =
    Kind { name: "unknown messages", per_mille: 200, draw: |draw| draw.rate(10, 200) };

/// A node that receives a message of an unknown kind disconnects its sender.
pub(crate) static STRICT_VERSIONS: Mutation =
    Mutation { fault: Some(&UNKNOWN_MESSAGES), ..Mutation::new("strict-versions", Rule::Blame) };

#[derive(Debug)]
struct OlderNodes {
    nodes: Vec<usize>,
}

impl Fault for OlderNodes {
    fn begin(&mut self, world: &mut World<'_>) {
        for node in &self.nodes {
            world.nodes[*node].is_older = true;
        }
    }
}

impl World<'_> {
    /// Whether a node of an older release does not know a message: it neither sends nor processes it.
    pub(crate) fn is_unknown_to(&mut self, node: usize, message: &Message) -> bool {
        let is_new =
            matches!(message, Message::Offer(_) | Message::Want(_) | Message::Transactions(_));
        let is_unknown = is_new && self.nodes[node].is_older;
        if is_unknown {
            self.count(OTHER_VERSIONS.name);
        }
        is_unknown
    }

    /// Whether a transaction that a node accepts may reach no other validator: an older release sends no offers, and
    /// receives none. The node's own turn may be passed over for as long as the transaction is valid.
    pub(crate) fn offers_in_vain(&self, node: usize) -> bool {
        let it = &self.nodes[node];
        let others = || self.nodes.iter().enumerate().filter(|(other, _)| *other != node);
        let takes_offers =
            others().any(|(_, other)| other.is_honest() && other.votes() && !other.is_older);
        let any_older = others().any(|(_, other)| other.is_older);
        it.is_older || (any_older && (!takes_offers || !it.votes()))
    }

    /// A message of a kind that only a later release knows arrives.
    pub(crate) fn deliver_unknown(&mut self, from: usize, to: usize) {
        if self.options.is(&STRICT_VERSIONS) {
            self.blame(to, from, "sent a message of an unknown kind");
        }
    }
}
