use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_replica::Commit;
use ehb_types::Hash;

/// Nothing that a node reported as final is lost.
#[derive(Default)]
pub(crate) struct Durability {
    /// The blocks that each node reported as final.
    told: BTreeMap<(usize, u64), Told>,
}

struct Told {
    hash: Hash,
    /// Whether it must survive a crash of that node; blocks from catching up can be fetched again.
    durable: bool,
}

impl Durability {
    /// An honest node reports that a block is final.
    pub(crate) fn told(&mut self, node: usize, commit: &Commit) {
        let (hash, durable) = (commit.hash, commit.durable);
        self.told.insert((node, commit.block.header.height), Told { hash, durable });
    }

    /// A node's whole disk is lost.
    pub(crate) fn wiped(&mut self, node: usize) {
        for (_, told) in self.told.iter_mut().filter(|((of, _), _)| *of == node) {
            told.durable = false;
        }
    }

    /// A node starts again, with this chain on its disk.
    pub(crate) fn restarted(&self, node: usize, chain: &[Arc<Commit>]) -> Result<(), String> {
        let durable = self.told.iter().filter(|((of, _), told)| *of == node && told.durable);
        for ((_, height), told) in durable {
            present(node, *height, told.hash, chain)?;
        }
        Ok(())
    }

    /// At the end every honest node has all blocks that any of them reported.
    pub(crate) fn at_end(&self, node: usize, chain: &[Arc<Commit>]) -> Result<(), String> {
        let mut told = self.told.iter();
        told.try_for_each(|((_, height), told)| present(node, *height, told.hash, chain))
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
