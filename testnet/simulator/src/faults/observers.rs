//! A fault: a node that does not validate joins the network at any time.

use ehb_replica::Message;

use super::{Active, Fault, Kind};
use crate::checks::Rule;
use crate::mutation::Mutation;
use crate::node::Node;
use crate::world::{SimEvent, World};

/// A node that follows the chain without validating; it starts at any time, even after all faults.
pub(crate) static OBSERVERS: Kind = Kind {
    name: "observers",
    per_mille: 300,
    draw: |draw| {
        let starts_us = draw.dice.below(draw.plan.faults_us + draw.plan.faults_us / 2);
        Some(Active::Acts(Box::new(Observer { starts_us })))
    },
};

/// Validators send no blocks to nodes that do not validate.
pub(crate) static SHUT_OUT_OBSERVERS: Mutation =
    Mutation { fault: Some(&OBSERVERS), ..Mutation::new("shut-out-observers", Rule::Liveness) };

#[derive(Debug)]
struct Observer {
    /// When it starts, microseconds.
    starts_us: u64,
}

impl Fault for Observer {
    fn begin(&mut self, world: &mut World<'_>) {
        let keys = &world.setup.observer;
        let observer = Node::new(keys.consensus.clone(), keys.node.public_key(), 0, None);
        let node = world.add_node(observer);
        world.count_acting();
        world.after(self.starts_us, SimEvent::Start { node });
    }
}

impl World<'_> {
    /// Whether a message is withheld from a node because it does not validate.
    pub(crate) fn is_shut_out(&self, to: usize, message: &Message) -> bool {
        self.options.is(&SHUT_OUT_OBSERVERS)
            && self.nodes[to].power == 0
            && matches!(message, Message::Blocks(_) | Message::Body(_))
    }
}
