//! A check at every commit: honest nodes decide the same blocks with the same results.

use std::collections::BTreeMap;

use ehb_replica::Commit;
use ehb_types::Hash;

/// No two honest nodes differ in block hash, state root or receipts at any height.
#[derive(Default)]
pub(crate) struct Agreement {
    heights: BTreeMap<u64, Decided>,
}

#[derive(Clone, PartialEq, Eq)]
struct Decided {
    hash: Hash,
    state_root: Hash,
    receipts: Hash,
    by: usize,
}

impl Agreement {
    /// An honest node commits a block. Returns whether it is the first one at that height.
    pub(crate) fn committed(&mut self, node: usize, commit: &Commit) -> Result<bool, String> {
        let height = commit.block.header.height;
        let decided = Decided {
            hash: commit.hash,
            state_root: commit.execution.changes.root,
            receipts: commit.execution.receipts.root(),
            by: node,
        };
        let Some(first) = self.heights.get(&height) else {
            self.heights.insert(height, decided);
            return Ok(true);
        };
        let same = [
            ("the block", first.hash, decided.hash),
            ("the state root", first.state_root, decided.state_root),
            ("the receipts", first.receipts, decided.receipts),
        ];
        match same.iter().find(|(_, ours, theirs)| ours != theirs) {
            None => Ok(false),
            Some((what, ours, theirs)) => Err(format!(
                "{what} of height {height} is {ours} at node {} and {theirs} at node {node}",
                first.by
            )),
        }
    }

    /// The highest height that any honest node committed.
    pub(crate) fn height(&self) -> u64 {
        self.heights.last_key_value().map_or(0, |(height, _)| *height)
    }
}
