//! A check of decided blocks: who decided them, by an independent count of the accepted changes.

use std::collections::BTreeMap;

use ehb_executor::KERNEL;
use ehb_kernel::event::KernelEvent;
use ehb_replica::Commit;
use ehb_types::{
    Address, Event, Genesis, Hash, Header, Outcome, Policy, PublicKey, ValidatorSet, decode,
};

/// Each block is decided by the validators that genesis and the changes so far name for its height, as a light client sees
/// them; no change leaves the earlier ones without a quorum; and nobody joins who has not asked for it with its key.
#[derive(Default)]
pub(crate) struct Validators {
    /// The sets by the first height that each decides.
    sets: BTreeMap<u64, ValidatorSet>,
    /// The number of changes.
    pub(crate) changes: u64,
}

impl Validators {
    /// The set that decides a height.
    pub(crate) fn deciding(&self, height: u64) -> Option<&ValidatorSet> {
        self.sets.range(..=height).next_back().map(|(_, set)| set)
    }

    /// A block is committed for the first time on any node.
    pub(crate) fn committed(&mut self, genesis: &Genesis, commit: &Commit) -> Result<(), String> {
        if self.sets.is_empty() {
            let set = genesis.validator_set().map_err(|error| error.to_string())?;
            self.sets.insert(0, set);
        }
        let header = &commit.block.header;
        self.check_header(header)?;
        let set = self.deciding(header.height).ok_or("nobody decides")?;
        let verified = commit.certificate.verify(&header.chain, set);
        verified.map_err(|error| format!("the certificate of {}: {error}", header.height))?;
        let events = commit.execution.receipts.iter().flat_map(|receipt| &receipt.events);
        for event in events.filter(|event| event.module.as_str() == KERNEL) {
            self.note(commit, event)?;
        }
        Ok(())
    }

    fn check_header(&self, header: &Header) -> Result<(), String> {
        let height = header.height;
        let sets = [
            ("decide it", height, header.validators),
            ("decide the next one", height + 1, header.next_validators),
        ];
        for (what, at, named) in sets {
            let set = self.deciding(at).map_or(Hash::ZERO, ValidatorSet::hash);
            if set != named {
                return Err(format!("block {height} names other validators that {what}"));
            }
        }
        let set = self.deciding(height);
        match set.and_then(|set| set.index_of(&header.proposer)) {
            Some(_) => Ok(()),
            None => Err(format!("the proposer of {height} is no validator of it")),
        }
    }

    fn note(&mut self, commit: &Commit, event: &Event) -> Result<(), String> {
        let height = commit.block.header.height;
        let event = decode(&event.data).map_err(|error| error.to_string())?;
        let KernelEvent::ValidatorsChanged(changed) = event else { return Ok(()) };
        if changed.from_height != height + 2 {
            let from = changed.from_height;
            return Err(format!("validators that block {height} changes decide {from}"));
        }
        let before = self.deciding(height + 1).ok_or("nobody decides")?;
        let mut kept = 0;
        for validator in changed.validators.validators() {
            let key = &validator.consensus_key;
            if before.index_of(key).is_some() {
                kept += validator.power;
            } else if !has_joined(commit, key) {
                return Err(format!("{} counts without having joined", validator.name));
            }
        }
        if !changed.validators.is_quorum(kept) {
            return Err(format!("the validators of {} would be no quorum", height + 1));
        }
        self.sets.insert(changed.from_height, changed.validators);
        self.changes += 1;
        Ok(())
    }
}

/// Whether the account of a consensus key joined the validators in a block.
fn has_joined(commit: &Commit, key: &PublicKey) -> bool {
    let account = Address::of_account(&Policy::Key(*key));
    let outcomes = commit.execution.receipts.iter().map(|receipt| &receipt.outcome);
    let mut transactions = commit.block.transactions.iter().zip(outcomes);
    transactions.any(|(signed, outcome)| {
        let transaction = &signed.transaction;
        let mut calls = transaction.calls.iter();
        transaction.sender == account
            && matches!(outcome, Outcome::Success(_))
            && calls.any(|call| call.function.as_str() == "join-validators")
    })
}
