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
    /// A client submits something that must be refused. `forbidden` is its id, if nobody submits the
    /// same content in a valid form.
    pub(crate) fn invalid(&mut self, ticket: Ticket, forbidden: Option<Hash>) {
        self.refused.insert(ticket);
        self.forbidden.extend(forbidden);
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
