//! The reads of governance: proposals, the powers of organisations, and what actions would change.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_kernel::chain;
use ehb_kernel::governance::{self, ACTIONS_MAX, Action, Proposal, Rule, rule};
use ehb_types::{Name, encode};

use super::actions::{Change, Refused};
use crate::native::gas::Gas;
use crate::native::{Native, Problem, Refusal};

/// The most proposals of a page.
const PAGE_MAX: u64 = 100;

/// The arguments of `list-proposals`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(in crate::native) struct ListProposals {
    before: Option<u64>,
    limit: u32,
}

/// The result of `list-proposals`.
#[derive(BorshSerialize)]
struct ProposalPage {
    proposals: Vec<Proposal>,
    next: Option<u64>,
}

/// An item of `list-voting-powers`.
#[derive(BorshSerialize)]
struct VotingPower {
    organisation: Name,
    power: u64,
}

/// The result of `simulate-actions`.
#[derive(BorshSerialize)]
struct Simulation {
    rule: Rule,
    changes: Vec<Change>,
}

impl Native<'_> {
    pub(in crate::native) fn get_proposal(
        &self,
        id: u64,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        Ok(encode(&self.proposal(id, gas)?))
    }

    pub(in crate::native) fn list_proposals(
        &self,
        ListProposals { before, limit }: &ListProposals,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        gas.pay_read(0)?;
        let count = governance::count(&self.session.overlay)?;
        let last = before.map_or(count, |before| count.min(before.saturating_sub(1)));
        let first = last.saturating_sub(u64::from(*limit).clamp(1, PAGE_MAX));
        let mut page = ProposalPage { proposals: Vec::new(), next: None };
        for id in (first..last).rev() {
            page.proposals.extend(self.proposal(id.saturating_add(1), gas)?);
        }
        page.next = (first > 0).then(|| first.saturating_add(1));
        Ok(encode(&page))
    }

    pub(in crate::native) fn list_voting_powers(
        &self,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let powers = self.powers(gas)?.into_iter();
        let powers: Vec<VotingPower> =
            powers.map(|(organisation, power)| VotingPower { organisation, power }).collect();
        Ok(encode(&powers))
    }

    pub(in crate::native) fn simulate_actions(
        &mut self,
        actions: Vec<Action>,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        Refusal::check_range("actions", actions.len() as u64, 1, ACTIONS_MAX as u64)?;
        let rule = rule(&actions, &self.parameters(gas)?.governance);
        let savepoint = self.savepoint();
        let tried = self.run(&actions, gas)?;
        self.undo(savepoint);
        let changes = tried.map_err(|Refused { refusal, .. }| refusal)?;
        Ok(encode(&Simulation { rule, changes }))
    }

    /// The voting power of each organisation.
    pub(in crate::native) fn powers(
        &self,
        gas: &mut Gas<'_>,
    ) -> Result<BTreeMap<Name, u64>, Problem> {
        for _ in 0..=chain::validators(&self.session.overlay)?.validators().len() {
            gas.pay_read(0)?;
        }
        Ok(governance::powers(&self.session.overlay)?)
    }
}
