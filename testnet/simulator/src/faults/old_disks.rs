//! A fault: validators are restored from old copies of their disks.

use super::lost_disks::LATER_US;
use super::{Active, Fault, Kind};
use crate::checks::Rule;
use crate::disk::Disk;
use crate::mutation::Mutation;
use crate::world::World;

/// Validators start from old copies of their disks, which are detectable as copies or not. Not while another
/// one may still be silent, as with lost disks.
pub(crate) static OLD_DISKS: Kind = Kind {
    name: "old disks",
    per_mille: 250,
    draw: |draw| {
        let nodes = draw.spared(2);
        let copies = nodes.iter().map(|_| None).collect();
        (!nodes.is_empty()).then(|| Active::Acts(Box::new(OldDisks { nodes, copies })))
    },
};

/// A validator signs after a start without asking others what they saw of its key.
pub(crate) static NO_ASKING: Mutation =
    Mutation { fault: Some(&OLD_DISKS), ..Mutation::new("no-asking", Rule::Signing) };

#[derive(Debug)]
struct OldDisks {
    nodes: Vec<usize>,
    copies: Vec<Option<Box<Disk>>>,
}

impl Fault for OldDisks {
    fn begin(&mut self, world: &mut World<'_>) {
        // If validators do not ask, an old copy alone breaks rules.
        if !world.options.mutation.is_none_or(Mutation::bears_old_copies) {
            return;
        }
        for index in 0..self.nodes.len() {
            let at = world.dice.below(world.plan.faults_us / 2);
            world.strike_after(at, index as u64);
        }
    }

    /// First the disk is copied; some time later it is replaced by the copy.
    fn strike(&mut self, world: &mut World<'_>, what: u64) {
        let Some(index) = usize::try_from(what).ok().filter(|_| world.faulty) else { return };
        let node = self.nodes[index];
        let Some(copy) = self.copies[index].take() else {
            self.copies[index] = Some(Box::new(world.nodes[node].disk.copy()));
            let delay = world.dice.below(world.plan.faults_us / 2);
            return world.strike_after(delay, what);
        };
        if !world.all_sign() {
            self.copies[index] = Some(copy);
            return world.strike_after(LATER_US, what);
        }
        world.count_acting();
        world.crash(node);
        let (mut copy, at) = (copy, world.nodes[node].disk.height());
        // A whole disk that is set back is not detectable as a copy. If it is set back by less than a height,
        // only a second record could show that.
        let copied = copy.known() + 1 >= at || world.dice.chance(500);
        if copied {
            copy.mark_copied();
        }
        world.trace(|_| {
            format!("node {node} starts from an old copy at {} ({copied})", copy.height())
        });
        world.nodes[node].disk = *copy;
        world.checks.durability.wiped(node);
    }
}
