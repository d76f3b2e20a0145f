use std::collections::{BTreeMap, BTreeSet};

use ehb_replica::{Commit, Ticket};
use ehb_types::Hash;

/// What no chain may hold is refused at the door and stands in no block, and no transaction stands
/// in two.
#[derive(Default)]
pub(crate) struct Transactions {
    forbidden: BTreeSet<Hash>,
    refused: BTreeSet<Ticket>,
    /// The height of each transaction.
    pub(crate) seen: BTreeMap<Hash, u64>,
}

impl Transactions {
    /// A client submits something that the node must refuse.
    pub(crate) fn must_refuse(&mut self, ticket: Ticket) {
        self.refused.insert(ticket);
    }

    /// A client submits something that may stand in no block, and nobody submits the same content in
    /// a valid form.
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

    /// A block is committed for the first time anywhere.
    pub(crate) fn committed(&mut self, commit: &Commit) -> Result<(), String> {
        let height = commit.block.header.height;
        for signed in &commit.block.transactions {
            let id = signed.id();
            if self.forbidden.contains(&id) {
                return Err(format!("transaction {id} stands in block {height}"));
            }
            if let Some(before) = self.seen.insert(id, height) {
                return Err(format!("transaction {id} stands in the blocks {before} and {height}"));
            }
        }
        Ok(())
    }
}
