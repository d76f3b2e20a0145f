//! A check at restarts and at the end: final blocks survive.

use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_replica::Commit;
use ehb_types::Hash;

/// Nothing that a node reported as final is lost.
#[derive(Default)]
pub(crate) struct Durability {
    /// The blocks that each node reported as final.
    reported: BTreeMap<(usize, u64), Reported>,
}

struct Reported {
    hash: Hash,
    /// Whether it must survive a crash of that node; blocks from catching up can be fetched again.
    durable: bool,
}

impl Durability {
    /// An honest node reports that a block is final.
    pub(crate) fn finalized(&mut self, node: usize, commit: &Commit) {
        let (hash, durable) = (commit.hash, commit.durable);
        self.reported.insert((node, commit.block.header.height), Reported { hash, durable });
    }

    /// A node's whole disk is lost.
    pub(crate) fn wiped(&mut self, node: usize) {
        for (_, reported) in self.reported.iter_mut().filter(|((of, _), _)| *of == node) {
            reported.durable = false;
        }
    }

    /// A node starts again, with this chain on its disk.
    pub(crate) fn restarted(&self, node: usize, chain: &[Arc<Commit>]) -> Result<(), String> {
        let durable =
            self.reported.iter().filter(|((of, _), reported)| *of == node && reported.durable);
        for ((_, height), reported) in durable {
            present(node, *height, reported.hash, chain)?;
        }
        Ok(())
    }

    /// At the end every honest node has all blocks that any of them reported.
    pub(crate) fn at_end(&self, node: usize, chain: &[Arc<Commit>]) -> Result<(), String> {
        let mut reported = self.reported.iter();
        reported
            .try_for_each(|((_, height), reported)| present(node, *height, reported.hash, chain))
    }
}

fn present(node: usize, height: u64, hash: Hash, chain: &[Arc<Commit>]) -> Result<(), String> {
    let index = usize::try_from(height).ok().and_then(|height| height.checked_sub(1));
    match index.and_then(|index| chain.get(index)) {
        Some(commit) if commit.hash == hash => Ok(()),
        Some(commit) => {
            Err(format!("block {hash} of height {height} is {} at node {node}", commit.hash))
        }
        None => Err(format!("final block {hash} of height {height} is not at node {node}")),
    }
}
