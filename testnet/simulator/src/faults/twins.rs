//! A fault: two nodes run with the same keys until their operator stops one.

use ehb_replica::{Message, Signing};
use ehb_types::PublicKey;

use super::{Active, Fault, Kind};
use crate::checks::Rule;
use crate::mutation::Mutation;
use crate::node::Node;
use crate::world::{SimEvent, World};

/// A second node runs with the keys of a validator and a copy of its disk. Both must detect it. Then the
/// operator stops the copy and restarts the other one.
pub(crate) static TWINS: Kind = Kind {
    name: "twins",
    per_mille: 120,
    draw: |draw| {
        let of = draw.spared(1).first().copied()?;
        Some(Active::Acts(Box::new(Twins { of, twin: None, silent_until_us: 0, is_over: false })))
    },
};

/// A copy does not know that it is one.
pub(crate) static UNMARKED_COPIES: Mutation =
    Mutation { fault: Some(&TWINS), ..Mutation::new("unmarked-copies", Rule::Twins) };

/// No peer reports to a validator that two nodes use its keys.
pub(crate) static UNNOTICED_TWINS: Mutation =
    Mutation { fault: Some(&TWINS), ..Mutation::new("unnoticed-twins", Rule::Twins) };

/// Interval between checks whether both have detected it, virtual microseconds.
const LOOK_US: u64 = 200_000;
/// The time limit for the detection after the faults, virtual microseconds.
const NOTICE_US: u64 = 60_000_000;
/// The time until a connection that was replaced by the twin's is restored, virtual microseconds.
const TURN_US: (u64, u64) = (300_000, 1_500_000);

/// The time after a start in which the copy must not vote, virtual microseconds.
const SILENT_US: u64 = 10_000_000;

/// The next step.
const COPY: u64 = 0;
const LOOK: u64 = 1;
const LISTEN: u64 = 2;

#[derive(Debug)]
struct Twins {
    /// The validator whose keys are used twice.
    of: usize,
    twin: Option<usize>,
    /// Until when the copy must not vote.
    silent_until_us: u64,
    is_over: bool,
}

impl Fault for Twins {
    fn begin(&mut self, world: &mut World<'_>) {
        // If validators do not ask, a copy alone breaks rules.
        if !world.options.mutation.is_none_or(Mutation::bears_old_copies) {
            return;
        }
        let at = world.dice.below(world.plan.faults_us);
        world.strike_after(at, COPY);
    }

    fn strike(&mut self, world: &mut World<'_>, what: u64) {
        if what == LOOK {
            self.look(world);
        } else if what == LISTEN {
            self.listen(world);
        } else if world.faulty {
            self.copy(world);
        }
    }

    fn end(&mut self, world: &mut World<'_>) {
        if self.twin.is_some() {
            world.strike_after(LOOK_US, LOOK);
        } else {
            self.is_over = true;
        }
    }

    fn holds_up(&self) -> bool {
        !self.is_over
    }
}

impl Twins {
    fn copy(&mut self, world: &mut World<'_>) {
        let Node { consensus_key, peer, power, disk, .. } = &world.nodes[self.of];
        let disk = disk.copy();
        let mut twin = Node::new(consensus_key.clone(), *peer, *power, None);
        let key = twin.consensus_key.public_key();
        twin.disk = disk;
        if !world.options.is(&UNMARKED_COPIES) {
            twin.disk.mark_copied();
        }
        world.trace(|_| format!("node {} gets a twin at {}", self.of, twin.disk.height()));
        world.checks.signing.excuse(key);
        let node = world.add_node(twin);
        self.twin = Some(node);
        world.count_acting();
        world.after(0, SimEvent::Start { node });
        self.silent_until_us = world.now_us + SILENT_US;
        world.strike_after(LOOK_US, LISTEN);
    }

    /// The copy is silent at first, however fast the chain is, and as long again if it is restarted meanwhile.
    fn listen(&mut self, world: &mut World<'_>) {
        let Some(twin) = self.twin.filter(|_| world.now_us < self.silent_until_us) else { return };
        if self.is_over {
            return;
        }
        let replica = world.nodes[twin].replica.as_ref();
        if replica.is_none() {
            self.silent_until_us = world.now_us + SILENT_US;
        }
        if replica.is_some_and(|replica| replica.status().signing == Signing::Signs) {
            let what = format!("the copy of node {} votes beside it", self.of);
            return world.violate(Rule::Twins, what);
        }
        world.strike_after(LOOK_US, LISTEN);
    }

    fn look(&mut self, world: &mut World<'_>) {
        let Some(twin) = self.twin else { return };
        let notices = |node: usize| {
            let replica = world.nodes[node].replica.as_ref();
            replica.is_some_and(|replica| replica.status().key_used_elsewhere)
        };
        if notices(self.of) && notices(twin) {
            world.trace(|_| "the twin is stopped".to_owned());
            world.remove_node(twin);
            world.crash(self.of);
            self.is_over = true;
            // The chain must make progress from here.
            return world.begin_recovery();
        }
        if world.now_us > world.plan.faults_us + NOTICE_US {
            let what = format!(
                "node {} and its twin have the same keys; noticed by the one: {}, by the other: {}",
                self.of,
                notices(self.of),
                notices(twin)
            );
            return world.violate(Rule::Twins, what);
        }
        world.strike_after(LOOK_US, LOOK);
    }
}

impl World<'_> {
    /// Whether a key is used by two nodes, or was.
    pub(crate) fn is_twinned(&self, key: &PublicKey) -> bool {
        self.checks.signing.is_excused(key)
    }

    /// A node has one connection to each key: a new one replaces that to another node with the key, which
    /// reconnects later.
    pub(crate) fn replace_connections(&mut self, a: usize, b: usize) {
        for (node, peer) in [(a, b), (b, a)] {
            let key = self.nodes[peer].peer;
            let same = |other: &usize| *other != peer && self.nodes[*other].peer == key;
            let others: Vec<usize> = (0..self.nodes.len()).filter(same).collect();
            for other in others {
                if self.links.is_connected(node, other) {
                    self.cut(node, other);
                    let turn = self.dice.between(TURN_US.0, TURN_US.1);
                    self.after(turn, SimEvent::Connect { a: node, b: other });
                }
            }
        }
    }

    /// With [`UNNOTICED_TWINS`], a message without the report of a twin.
    pub(crate) fn unnoticed(&self, message: Message) -> Message {
        match message {
            Message::Seen { newest, height, reached, .. } if self.options.is(&UNNOTICED_TWINS) => {
                Message::Seen { newest, height, reached, twin: false }
            }
            other => other,
        }
    }
}
