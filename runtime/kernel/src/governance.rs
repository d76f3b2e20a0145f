//! Proposals that change what concerns the whole network, and the votes of the organisations that run validators.
//!
//! Here are the records, the actions, and the pure rules of [`rule`] and [`tally`]; the executor carries out accepted
//! actions.

mod action;
mod rule;
mod tally;

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::{Overlay, StoreError};
use ehb_types::{Address, Name};

use crate::{candidates, chain, keys, record};

pub use action::{
    Action, HeldRole, Installation, Invitation, NetworkRole, NewParameter, NewQuota, NewValidator,
    ValidatorPower,
};
pub use rule::{Rule, rule};
pub use tally::{Tally, tally};

/// The maximum number of actions of a proposal.
pub const ACTIONS_MAX: usize = 16;
/// The maximum length of a proposal's reason, bytes.
pub const REASON_BYTES_MAX: usize = 1_024;
/// The maximum number of proposals of one organisation that are not decided yet.
pub const UNDECIDED_MAX: usize = 16;

/// The vote of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Ballot {
    /// The organisation.
    pub organisation: Name,
    /// The administrator that voted for it.
    pub by: Address,
    /// Whether it is for the proposal.
    pub accepts: bool,
}

/// Why the content of an accepted proposal did not work when it was executed: nothing of it took effect.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct FailedAction {
    /// The position of the action, from 0.
    pub action: u32,
    /// The case of the kernel's error.
    pub error: String,
    /// The error for people.
    pub message: String,
}

/// How far a proposal is, as far as it does not follow from the time.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum ProposalState {
    /// Organisations vote, until [`Proposal::until_ms`].
    Voting,
    /// Enough power is for it. It can be executed from this time on, until [`Proposal::until_ms`].
    Accepted(u64),
    /// Its actions took effect.
    Executed,
    /// Its actions did not work; nothing of it took effect.
    Failed(FailedAction),
    /// The power that is not against it does not suffice any more.
    Rejected,
    /// The organisation that made it took it back.
    Withdrawn,
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Proposal {
    /// Its number, from 1.
    pub id: u64,
    /// The account that made it.
    pub by: Address,
    /// The organisation of that account.
    pub organisation: Name,
    /// Why, for people.
    pub reason: String,
    /// What it changes, all or nothing.
    pub actions: Vec<Action>,
    /// The rule by which it is decided, fixed when it was made.
    pub rule: Rule,
    /// The time at which it was made, milliseconds since 1970.
    pub made_ms: u64,
    /// The end of its state, milliseconds since 1970.
    pub until_ms: u64,
    /// The votes, ascending by organisation.
    pub ballots: Vec<Ballot>,
    /// How far it is.
    pub state: ProposalState,
}

impl Proposal {
    /// Whether nothing more can happen to it at a time.
    pub fn is_over(&self, now_ms: u64) -> bool {
        !matches!(self.state, ProposalState::Voting | ProposalState::Accepted(_))
            || now_ms >= self.until_ms
    }

    /// Records the vote of an organisation, instead of an earlier one.
    pub fn cast(&mut self, ballot: Ballot) {
        match self.ballots.binary_search_by(|it| it.organisation.cmp(&ballot.organisation)) {
            Ok(known) => self.ballots[known] = ballot,
            Err(position) => self.ballots.insert(position, ballot),
        }
    }

    /// The vote of an organisation.
    pub fn ballot(&self, organisation: &Name) -> Option<&Ballot> {
        self.ballots.iter().find(|it| it.organisation == *organisation)
    }
}

/// A proposal that is not decided, for the list of its organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Undecided {
    /// The number of the proposal.
    pub id: u64,
    /// When it is over at the latest, milliseconds since 1970.
    pub until_ms: u64,
}

/// The proposal with a number.
pub fn proposal(overlay: &Overlay, id: u64) -> Result<Option<Proposal>, StoreError> {
    record::read(overlay, &keys::proposal(id))
}

/// Writes a proposal.
pub fn put_proposal(overlay: &mut Overlay, proposal: &Proposal) {
    record::write(overlay, keys::proposal(proposal.id), proposal);
}

/// The number of proposals that were made, which is the number of the last one.
pub fn count(overlay: &Overlay) -> Result<u64, StoreError> {
    Ok(record::read(overlay, keys::PROPOSALS_COUNT)?.unwrap_or(0))
}

/// Sets the number of proposals that were made.
pub fn put_count(overlay: &mut Overlay, count: u64) {
    record::write(overlay, keys::PROPOSALS_COUNT.to_vec(), &count);
}

/// The proposals of an organisation that are not decided; some may have expired.
pub fn undecided(overlay: &Overlay, organisation: &Name) -> Result<Vec<Undecided>, StoreError> {
    Ok(record::read(overlay, &keys::undecided(organisation))?.unwrap_or_default())
}

/// Writes the list of [`undecided`] proposals.
pub fn put_undecided(overlay: &mut Overlay, organisation: &Name, list: &[Undecided]) {
    match list.is_empty() {
        true => overlay.remove(keys::undecided(organisation)),
        false => record::write(overlay, keys::undecided(organisation), &list.to_vec()),
    }
}

/// The voting power of each organisation: the sum of that of its validators, in the set that decides the next height.
pub fn powers(overlay: &Overlay) -> Result<BTreeMap<Name, u64>, StoreError> {
    let mut powers = BTreeMap::new();
    for validator in chain::validators(overlay)?.validators() {
        let Some(node) = chain::node(overlay, &validator.node_key)? else { continue };
        let power: &mut u64 = powers.entry(node.organisation).or_default();
        *power = power.saturating_add(validator.power);
    }
    Ok(powers)
}

/// Whether an organisation runs a validator of the sets in the state, or one that is to join.
pub fn runs_validators(overlay: &Overlay, organisation: &Name) -> Result<bool, StoreError> {
    for set in [chain::validators(overlay)?, chain::next_validators(overlay)?] {
        for validator in set.validators() {
            let node = chain::node(overlay, &validator.node_key)?;
            if node.is_some_and(|node| node.organisation == *organisation) {
                return Ok(true);
            }
        }
    }
    let candidates = candidates::list(overlay)?;
    Ok(candidates.iter().any(|it| it.organisation == *organisation))
}

#[cfg(test)]
mod tests;
