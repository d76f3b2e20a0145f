//! A check of submissions and blocks: invalid transactions are rejected, no transaction is repeated, and none is of a
//! frozen account.

use std::collections::{BTreeMap, BTreeSet};

use ehb_kernel::accounts;
use ehb_replica::{Commit, Ticket};
use ehb_state::Overlay;
use ehb_types::{Address, Hash};

use crate::accounts::is_active;

/// Invalid transactions are rejected at submission and are in no block, no transaction is in two blocks, and none is in
/// a block above the one that froze or suspended its sender.
#[derive(Default)]
pub(crate) struct Transactions {
    forbidden: BTreeSet<Hash>,
    refused: BTreeSet<Ticket>,
    /// The accounts that can send nothing after the last block.
    inactive: BTreeSet<Address>,
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

    /// A block is committed for the first time on any node, with the state after it.
    pub(crate) fn committed(&mut self, commit: &Commit, state: &Overlay) -> Result<(), String> {
        let height = commit.block.header.height;
        for signed in &commit.block.transactions {
            let id = signed.id();
            if self.forbidden.contains(&id) {
                return Err(format!("transaction {id} is in block {height}"));
            }
            let sender = &signed.transaction.sender;
            if self.inactive.contains(sender) {
                return Err(format!(
                    "block {height} has transaction {id} of the inactive {sender:?}"
                ));
            }
            if let Some(before) = self.seen.insert(id, height) {
                return Err(format!("transaction {id} is in the blocks {before} and {height}"));
            }
        }
        for address in accounts::changed(&commit.execution.changes) {
            if is_active(state, &address)? {
                self.inactive.remove(&address);
            } else {
                self.inactive.insert(address);
            }
        }
        Ok(())
    }
}
