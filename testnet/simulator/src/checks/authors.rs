//! A check at every commit: honest nodes are named as builders of only their own blocks.

use std::collections::BTreeMap;

use ehb_types::{Hash, Header};

/// A decided block that names an honest node as its builder was built by that node: no other node sent its
/// body before.
#[derive(Default)]
pub(crate) struct Authors {
    /// The node that sent a body first.
    first: BTreeMap<Hash, usize>,
}

impl Authors {
    /// A node, honest or not, sends a body.
    pub(crate) fn sent(&mut self, node: usize, block: Hash) {
        self.first.entry(block).or_insert(node);
    }

    /// A block is committed whose header names the honest node `named` as its builder.
    pub(crate) fn committed(&self, named: usize, header: &Header) -> Result<(), String> {
        match self.first.get(&header.hash()) {
            Some(first) if *first == named => Ok(()),
            Some(first) => Err(format!(
                "the block of height {} names node {named} as its builder, and is of node {first}",
                header.height
            )),
            None => Err(format!(
                "the block of height {} names node {named} as its builder, which never sent it",
                header.height
            )),
        }
    }
}
