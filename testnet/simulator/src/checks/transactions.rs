//! A check of submissions and blocks: invalid transactions are rejected, and no transaction is repeated.

use std::collections::{BTreeMap, BTreeSet};

use ehb_replica::{Commit, Ticket};
use ehb_types::Hash;

/// Invalid transactions are rejected at submission and are in no block, and no transaction is in two blocks.
#[derive(Default)]
pub(crate) struct Transactions {
    forbidden: BTreeSet<Hash>,
    refused: BTreeSet<Ticket>,
    /// The height of each transaction.
    pub(crate) seen: BTreeMap<Hash, u64>,
}

impl Transactions {
    /// A client submits a transaction that the node must reject.
    pub(crate) fn must_refuse(&mut self, ticket: Ticket) {
        self.refused.insert(ticket);
    }

    /// A client submits a transaction that must not be in any block, and no client submits the same content
    /// in a valid form.
    pub(crate) fn forbid(&mut self, id: Hash) {
        self.forbidden.insert(id);
    }

    /// An honest node answers a submission.
    pub(crate) fn answered(&mut self, ticket: Ticket, accepted: bool) -> Result<(), String> {
        if accepted && self.refused.contains(&ticket) {
            return Err(format!("the transaction of ticket {ticket} was accepted"));
        }
        Ok(())
    }

    /// A block is committed for the first time on any node.
    pub(crate) fn committed(&mut self, commit: &Commit) -> Result<(), String> {
        let height = commit.block.header.height;
        for signed in &commit.block.transactions {
            let id = signed.id();
            if self.forbidden.contains(&id) {
                return Err(format!("transaction {id} is in block {height}"));
            }
            if let Some(before) = self.seen.insert(id, height) {
                return Err(format!("transaction {id} is in the blocks {before} and {height}"));
            }
        }
        Ok(())
    }
}
