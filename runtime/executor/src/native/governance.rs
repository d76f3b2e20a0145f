//! The functions that propose changes for the whole network, vote on them, and execute what was accepted.

pub(in crate::native) mod actions;
mod modules;
mod parameters;
mod read;

use borsh::BorshDeserialize;
use ehb_kernel::chain;
use ehb_kernel::event::KernelEvent;
use ehb_kernel::governance::{
    self, ACTIONS_MAX, Action, Ballot, FailedAction, Proposal, ProposalState, REASON_BYTES_MAX,
    Tally, UNDECIDED_MAX, Undecided, rule, tally,
};
use ehb_state::Mark;
use ehb_types::{ADMINISTRATOR, Name, encode, encoded_len};
use ehb_vm::Modules;
use serde_json::Value;

use super::gas::Gas;
use super::refusal::{Deadline, Item, WrongState};
use super::{Native, Problem, Refusal};
use actions::Refused;

/// The maximum length of the message of a failure, bytes.
const MESSAGE_BYTES_MAX: usize = 512;

/// The arguments of `propose`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct Propose {
    reason: String,
    actions: Vec<Action>,
}

/// The arguments of `vote`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct Vote {
    proposal: u64,
    accepts: bool,
}

/// What a call has changed up to a point.
struct Savepoint {
    mark: Mark,
    events: usize,
    /// The modules that the next call runs.
    modules: Modules,
}

/// The rejection of an action that the state of a proposal does not allow.
fn wrong_state(id: u64, state: &str, action: &str) -> Refusal {
    let item = Item::proposal(id);
    Refusal::WrongState(WrongState { item, state: state.to_owned(), action: action.to_owned() })
}

impl Native<'_> {
    pub(super) fn propose(
        &mut self,
        Propose { reason, actions }: Propose,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let organisation = self.administered(gas)?;
        Refusal::check_range("reason", reason.len() as u64, 0, REASON_BYTES_MAX as u64)?;
        Refusal::check_range("actions", actions.len() as u64, 1, ACTIONS_MAX as u64)?;
        let now_ms = self.session.context.time_ms;
        let mut undecided = self.undecided(&organisation, gas)?;
        undecided.retain(|it| it.until_ms > now_ms);
        if undecided.len() >= UNDECIDED_MAX {
            return Err(Refusal::too_many("proposals", UNDECIDED_MAX as u32).into());
        }
        // What cannot work now is not voted on.
        let savepoint = self.savepoint();
        let tried = self.run(&actions, gas)?;
        self.undo(savepoint);
        tried.map_err(|Refused { refusal, .. }| refusal)?;
        let rule = rule(&actions, &self.parameters(gas)?.governance);
        gas.pay_read(0)?;
        gas.pay_write(0)?;
        let id = governance::count(&self.session.overlay)?.saturating_add(1);
        governance::put_count(&mut self.session.overlay, id);
        let until_ms = now_ms.saturating_add(rule.voting_ms);
        undecided.push(Undecided { id, until_ms });
        self.put_undecided(&organisation, &undecided, gas)?;
        let (by, made_ms) = (self.session.context.sender, now_ms);
        let (ballots, state) = (Vec::new(), ProposalState::Voting);
        let proposal = Proposal {
            id,
            by,
            organisation,
            reason,
            actions,
            rule,
            made_ms,
            until_ms,
            ballots,
            state,
        };
        self.put_proposal(proposal, gas)?;
        Ok(encode(&id))
    }

    pub(super) fn vote(
        &mut self,
        Vote { proposal, accepts }: &Vote,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let organisation = self.administered(gas)?;
        let mut proposal = self.undecided_proposal(*proposal, "vote", gas)?;
        let powers = self.powers(gas)?;
        if !powers.contains_key(&organisation) {
            return Err(Refusal::NoVotingPower.into());
        }
        if proposal.ballot(&organisation).is_some_and(|it| it.accepts == *accepts) {
            return Err(Refusal::VotedAlready.into());
        }
        let by = self.session.context.sender;
        proposal.cast(Ballot { organisation, by, accepts: *accepts });
        let now_ms = self.session.context.time_ms;
        let rule = proposal.rule;
        match (tally(&rule, &proposal.ballots, &powers), &proposal.state) {
            (Tally::Rejected, _) => proposal.state = ProposalState::Rejected,
            (Tally::Accepted, ProposalState::Voting) if rule.lock_ms == 0 => {
                proposal.state = self.outcome(&proposal.actions, gas)?;
            }
            (Tally::Accepted, ProposalState::Voting) => {
                let from_ms = now_ms.saturating_add(rule.lock_ms);
                proposal.state = ProposalState::Accepted(from_ms);
                proposal.until_ms = from_ms.saturating_add(rule.voting_ms);
            }
            (Tally::Undecided, ProposalState::Accepted(_)) => {
                // An organisation took its vote back during the lock.
                proposal.state = ProposalState::Voting;
                proposal.until_ms = proposal.made_ms.saturating_add(rule.voting_ms);
            }
            _ => {}
        }
        let state = encode(&proposal.state);
        self.conclude(proposal, gas)?;
        Ok(state)
    }

    pub(super) fn withdraw_proposal(
        &mut self,
        id: u64,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let organisation = self.administered(gas)?;
        let mut proposal = self.undecided_proposal(id, "withdraw-proposal", gas)?;
        if proposal.organisation != organisation {
            return Err(Refusal::MissingRole(ADMINISTRATOR.to_owned()).into());
        }
        proposal.state = ProposalState::Withdrawn;
        self.conclude(proposal, gas)?;
        Ok(Vec::new())
    }

    pub(super) fn execute_proposal(
        &mut self,
        id: u64,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        self.caller(gas)?;
        let mut proposal = self.undecided_proposal(id, "execute-proposal", gas)?;
        let voting = || wrong_state(id, "voting", "execute-proposal");
        let ProposalState::Accepted(deadline_ms) = proposal.state else {
            return Err(voting().into());
        };
        let now_ms = self.session.context.time_ms;
        if now_ms < deadline_ms {
            let item = Item::proposal(id);
            return Err(Refusal::TooEarly(Deadline { item, deadline_ms, now_ms }).into());
        }
        let powers = self.powers(gas)?;
        if tally(&proposal.rule, &proposal.ballots, &powers) != Tally::Accepted {
            // The power of those who accept it has shrunk: others have to vote for it.
            return Err(voting().into());
        }
        proposal.state = self.outcome(&proposal.actions, gas)?;
        let state = encode(&proposal.state);
        self.conclude(proposal, gas)?;
        Ok(state)
    }

    /// Runs the content of an accepted proposal. A refusal of the kernel is its outcome, and leaves no trace. Any other
    /// failure, such as too little gas, fails the transaction: it depends on the transaction, not on the proposal.
    fn outcome(&mut self, actions: &[Action], gas: &mut Gas<'_>) -> Result<ProposalState, Problem> {
        let savepoint = self.savepoint();
        let Err(Refused { action, refusal }) = self.run(actions, gas)? else {
            return Ok(ProposalState::Executed);
        };
        self.undo(savepoint);
        let mut message = refusal.to_string();
        message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
        let error = self.case_of(&refusal)?;
        Ok(ProposalState::Failed(FailedAction { action, error, message }))
    }

    fn savepoint(&self) -> Savepoint {
        Savepoint {
            mark: self.session.overlay.mark(),
            events: self.session.events.len(),
            modules: self.modules.clone(),
        }
    }

    /// Undoes what actions have changed since a savepoint.
    fn undo(&mut self, Savepoint { mark, events, modules }: Savepoint) {
        self.session.overlay.rollback(mark);
        self.session.events.truncate(events);
        *self.modules = modules;
    }

    /// The name of an error in the WIT.
    fn case_of(&self, refusal: &Refusal) -> Result<String, Problem> {
        let network = chain::identity(&self.session.overlay)?.network;
        let declared = self.purpose.kernel().function("propose");
        let shown = declared.and_then(|it| it.error_to_json(network, &encode(refusal)).ok());
        Ok(match shown {
            Some(Value::String(case)) => case,
            Some(Value::Object(case)) => case.keys().next().cloned().unwrap_or_default(),
            _ => String::new(),
        })
    }

    /// The organisation that the caller administers.
    fn administered(&self, gas: &mut Gas<'_>) -> Result<Name, Problem> {
        let account = self.caller(gas)?;
        match account.roles.hold(ADMINISTRATOR, self.session.context.time_ms) {
            true => Ok(account.organisation),
            false => Err(Refusal::MissingRole(ADMINISTRATOR.to_owned()).into()),
        }
    }

    /// A proposal that is still voted on, or accepted and not executed; `action` is what is to happen to it.
    fn undecided_proposal(
        &self,
        id: u64,
        action: &str,
        gas: &mut Gas<'_>,
    ) -> Result<Proposal, Problem> {
        let proposal = self.proposal(id, gas)?;
        let proposal = proposal.ok_or_else(|| Refusal::UnknownItem(Item::proposal(id)))?;
        let over = match proposal.state {
            ProposalState::Executed => "executed",
            ProposalState::Failed(_) => "failed",
            ProposalState::Rejected => "rejected",
            ProposalState::Withdrawn => "withdrawn",
            _ if proposal.is_over(self.session.context.time_ms) => "expired",
            _ => return Ok(proposal),
        };
        Err(wrong_state(id, over, action).into())
    }

    fn proposal(&self, id: u64, gas: &mut Gas<'_>) -> Result<Option<Proposal>, Problem> {
        let proposal = governance::proposal(&self.session.overlay, id)?;
        gas.pay_read(proposal.as_ref().map_or(0, encoded_len))?;
        Ok(proposal)
    }

    /// Stores a proposal that has changed, and brings the list of its organisation up to date.
    fn conclude(&mut self, proposal: Proposal, gas: &mut Gas<'_>) -> Result<(), Problem> {
        let (now_ms, until_ms) = (self.session.context.time_ms, proposal.until_ms);
        let mut undecided = self.undecided(&proposal.organisation, gas)?;
        let is_over = proposal.is_over(now_ms);
        undecided.retain(|it| it.until_ms > now_ms && !(it.id == proposal.id && is_over));
        for it in undecided.iter_mut().filter(|it| it.id == proposal.id) {
            it.until_ms = until_ms;
        }
        self.put_undecided(&proposal.organisation, &undecided, gas)?;
        self.put_proposal(proposal, gas)
    }

    fn put_proposal(&mut self, proposal: Proposal, gas: &mut Gas<'_>) -> Result<(), Problem> {
        gas.pay_write(encoded_len(&proposal))?;
        governance::put_proposal(&mut self.session.overlay, &proposal);
        self.emit(&KernelEvent::ProposalChanged(Box::new(proposal)), gas)
    }

    fn undecided(&self, organisation: &Name, gas: &mut Gas<'_>) -> Result<Vec<Undecided>, Problem> {
        gas.pay_read(0)?;
        Ok(governance::undecided(&self.session.overlay, organisation)?)
    }

    fn put_undecided(
        &mut self,
        organisation: &Name,
        undecided: &[Undecided],
        gas: &mut Gas<'_>,
    ) -> Result<(), Problem> {
        gas.pay_write(0)?;
        governance::put_undecided(&mut self.session.overlay, organisation, undecided);
        Ok(())
    }
}
