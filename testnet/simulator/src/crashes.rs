use std::collections::BTreeMap;

use ehb_replica::{Effect, Signing};

use crate::disk::Disk;
use crate::node::Node;
use crate::world::{Happening, World};

/// For how long a node that crashed is down, virtual microseconds.
const DOWN_US: (u64, u64) = (20_000, 3_000_000);
/// How long an operator takes to start a node again that stopped because its disk failed, virtual
/// microseconds.
const REPAIR_US: (u64, u64) = (500_000, 4_000_000);
/// When it is tried again to take a node's disk, if that was not possible, virtual microseconds.
const WIPE_LATER_US: u64 = 500_000;
/// How long a pause takes, virtual microseconds.
const PAUSE_US: (u64, u64) = (50_000, 3_000_000);

/// Where a crash falls: the effect, and whether before, within or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CrashPoint {
    /// The effect's name, for instance `Sync`.
    pub effect: &'static str,
    /// When.
    pub moment: Moment,
}

/// When a crash falls, seen from an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// Nothing of it was done.
    Before,
    /// Some peers were sent to, others not.
    Within,
    /// It was done, and nothing after it.
    After,
}

/// How many crashes fell at each point.
pub type CrashPoints = BTreeMap<CrashPoint, u64>;

/// The name of an effect that is performed in order.
pub(crate) fn name(effect: &Effect) -> &'static str {
    match effect {
        Effect::Append { .. } => "Append",
        Effect::StoreBody(_) => "StoreBody",
        Effect::ForgetBody { .. } => "ForgetBody",
        Effect::RecordSigned(_) => "RecordSigned",
        Effect::Sync => "Sync",
        Effect::Commit(_) => "Commit",
        Effect::Send { .. } => "Send",
        Effect::Broadcast(_) => "Broadcast",
        Effect::Gossip(_) => "Gossip",
        Effect::Judge { .. } => "Judge",
        Effect::Penalise { .. } => "Penalise",
        _ => "other",
    }
}

/// Whether a node runs and votes.
fn signs(it: &Node) -> bool {
    it.replica.as_ref().is_some_and(|replica| replica.status().signing == Signing::Signs)
}

impl World<'_> {
    /// Whether an honest node crashes at this point; if so it has.
    pub(crate) fn crashes_at(&mut self, node: usize, effect: &'static str, moment: Moment) -> bool {
        let honest = self.nodes[node].is_honest();
        if !self.faulty || !honest || !self.dice.rare(self.plan.crash.step_per_million) {
            return false;
        }
        *self.crash_points.entry(CrashPoint { effect, moment }).or_default() += 1;
        self.trace(|_| format!("node {node} crashes {moment:?} {effect}"));
        self.crash(node);
        true
    }

    /// The process ends as if power were lost, and starts again some time later.
    pub(crate) fn crash(&mut self, node: usize) {
        self.nodes[node].stop();
        self.nodes[node].disk.lose(&mut self.dice);
        self.disconnect_all(node);
        let down = self.dice.between(DOWN_US.0, DOWN_US.1);
        self.after(down, Happening::Start { node });
    }

    /// All honest nodes lose power at once. The first to have committed a block stays away longest
    /// in half of all cases, so that the others must find out alone what was decided.
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

    /// The replica stopped, because the disk failed: somebody starts the node again.
    pub(crate) fn repair_later(&mut self, node: usize) {
        self.nodes[node].stop();
        self.disconnect_all(node);
        let down = self.dice.between(REPAIR_US.0, REPAIR_US.1);
        self.after(down, Happening::Start { node });
    }

    /// A node loses its disk, and starts from genesis. Not while another one may still be silent
    /// because it lost its own: then the others would be no quorum, and an operator had to help.
    pub(crate) fn wipe(&mut self, node: usize) {
        if !self.faulty {
            return;
        }
        if !self.nodes.iter().all(signs) {
            self.after(WIPE_LATER_US, Happening::Wipe { node });
            return;
        }
        self.trace(|_| format!("node {node} loses its disk"));
        self.crash(node);
        self.nodes[node].disk.wipe();
        self.checks.durability.wiped(node);
    }

    /// A node's disk is copied, and the copy takes its place some time later.
    pub(crate) fn back_up(&mut self, node: usize) {
        let copy = Box::new(self.nodes[node].disk.copy());
        let delay = self.dice.below(self.plan.faults_us / 2);
        self.after(delay, Happening::Restore { node, copy });
    }

    /// A node starts from an old copy of its disk, which shows or not. Not while another one may still be silent, as in
    /// [`Self::wipe`].
    pub(crate) fn restore(&mut self, node: usize, copy: Box<Disk>) {
        if !self.faulty {
            return;
        }
        if !self.nodes.iter().all(signs) {
            self.after(WIPE_LATER_US, Happening::Restore { node, copy });
            return;
        }
        self.crash(node);
        let (mut copy, at) = (copy, self.nodes[node].disk.height());
        // A whole disk that is set back looks as it did. Where it is set back by less than a height, only a
        // second record could show that.
        let copied = copy.known() + 1 >= at || self.dice.chance(500);
        if copied {
            copy.mark_copied();
        }
        self.trace(|_| {
            format!("node {node} starts from an old copy at {} ({copied})", copy.height())
        });
        self.nodes[node].disk = *copy;
        self.checks.durability.wiped(node);
    }

    pub(crate) fn plan_pause(&mut self) {
        if self.plan.crash.pause_us > 0 {
            let delay = self.dice.between(1, 2 * self.plan.crash.pause_us);
            self.after(delay, Happening::Pause);
        }
    }

    /// A node stands still for a while, as under a debugger; then it finds all that it missed.
    pub(crate) fn pause(&mut self) {
        if !self.faulty {
            return;
        }
        let node = self.dice.index(self.nodes.len());
        let pause = self.dice.between(PAUSE_US.0, PAUSE_US.1);
        self.trace(|_| format!("node {node} pauses for {} ms", pause / 1_000));
        self.nodes[node].paused_until_us = self.now_us + pause;
        self.plan_pause();
    }
}
