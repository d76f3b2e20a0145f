//! Faults: nodes crash around an effect, and all nodes lose power at once.

#![warn(clippy::wildcard_enum_match_arm, reason = "a new effect must not be dropped in silence")]

use std::collections::BTreeMap;

use ehb_replica::{Ordered, Signing};

use crate::faults::Kind;
use crate::node::Node;
use crate::world::{SimEvent, World};

/// Nodes crash before, within or after an effect that they perform. The rate is in a million, and ten times as high for
/// effects that are performed once a height.
pub(crate) static CRASHES: Kind =
    Kind { name: "crashes", per_mille: 600, draw: |draw| draw.rate(400, 7_000) };

/// All nodes lose power when the first of them commits a block.
pub(crate) static BLACKOUTS: Kind =
    Kind { name: "blackouts", per_mille: 400, draw: |draw| draw.rate(20, 600) };

/// The downtime of a crashed node, virtual microseconds.
const DOWN_US: (u64, u64) = (20_000, 3_000_000);
/// The time until an operator restarts a node whose disk failed, virtual microseconds.
const REPAIR_US: (u64, u64) = (500_000, 4_000_000);

/// The point of a crash: the effect, and whether before, within or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CrashPoint {
    /// The effect's name, such as `Sync`.
    pub effect: &'static str,
    /// When, relative to the effect.
    pub moment: Moment,
}

/// The time of a crash relative to an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// The effect was not begun.
    Before,
    /// The message was sent to some peers only.
    Within,
    /// The effect was completed, and nothing after it.
    After,
}

/// The number of crashes at each point.
pub type CrashPoints = BTreeMap<CrashPoint, u64>;

/// The name of an effect that is performed in order.
pub(crate) fn name(effect: &Ordered) -> &'static str {
    match effect {
        Ordered::Append { .. } => "Append",
        Ordered::StoreBody(_) => "StoreBody",
        Ordered::ForgetBody { .. } => "ForgetBody",
        Ordered::RecordSigned(_) => "RecordSigned",
        Ordered::Sync => "Sync",
        Ordered::Commit(_) => "Commit",
        Ordered::Send { .. } => "Send",
        Ordered::Broadcast(_) => "Broadcast",
        Ordered::Gossip(_) => "Gossip",
        Ordered::Penalise { .. } => "Penalise",
    }
}

/// Whether a node runs and votes.
fn signs(it: &Node) -> bool {
    it.replica.as_ref().is_some_and(|replica| replica.status().signing == Signing::Signs)
}

impl World<'_> {
    /// Decides whether an honest node crashes at this point, and crashes it.
    pub(crate) fn crashes_at(&mut self, node: usize, effect: &'static str, moment: Moment) -> bool {
        let is_rare = matches!(effect, "Commit" | "StoreBody" | "ForgetBody");
        let many = if is_rare { 100_000 } else { 1_000_000 };
        if !self.nodes[node].is_honest() || !self.strikes_in(&CRASHES, many) {
            return false;
        }
        *self.crash_points.entry(CrashPoint { effect, moment }).or_default() += 1;
        self.trace(|_| format!("node {node} crashes {moment:?} {effect}"));
        self.crash(node);
        true
    }

    /// The process ends as in a power loss, and restarts some time later.
    pub(crate) fn crash(&mut self, node: usize) {
        self.nodes[node].stop();
        self.nodes[node].disk.lose(&mut self.dice);
        self.disconnect_all(node);
        let down = self.dice.between(DOWN_US.0, DOWN_US.1);
        self.after(down, SimEvent::Start { node });
    }

    /// All honest nodes lose power at once. In half of the cases the first node that committed the block
    /// stays down longest, so that the others must determine without it what was decided.
    pub(crate) fn blackout(&mut self, first: usize) {
        self.trace(|_| format!("blackout, when node {first} has committed"));
        for node in self.honest().collect::<Vec<_>>() {
            if self.nodes[node].replica.is_some() {
                self.crash(node);
            }
        }
        if self.dice.chance(500) {
            self.nodes[first].paused_until_us = self.now_us + DOWN_US.1 * 2;
        }
    }

    /// The replica stopped because the disk failed: the operator restarts the node.
    pub(crate) fn repair_later(&mut self, node: usize) {
        self.nodes[node].stop();
        self.disconnect_all(node);
        let down = self.dice.between(REPAIR_US.0, REPAIR_US.1);
        self.after(down, SimEvent::Start { node });
    }

    /// Whether all validators run and vote.
    pub(crate) fn all_sign(&self) -> bool {
        self.nodes.iter().filter(|it| it.votes() && !it.is_gone).all(signs)
    }
}
