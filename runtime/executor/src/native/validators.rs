//! The actions that change the validators, and the function with which a candidate joins them.

use std::collections::BTreeSet;

use borsh::BorshDeserialize;
use ehb_kernel::candidates::{self, Candidate};
use ehb_kernel::chain::{self, NODES_MAX, Node};
use ehb_kernel::event::{ChangedAccount, KernelEvent};
use ehb_kernel::governance::{NewValidator, ValidatorPower};
use ehb_kernel::organisations::{self, OrganisationStatus};
use ehb_kernel::quota::QuotaKind;
use ehb_kernel::step::{StepError, check_step, nearest_power, with_power, without};
use ehb_kernel::{accounts, silence};
use ehb_types::{
    Account, Address, Hash, Name, Policy, PublicKey, Roles, Status, Validator, ValidatorConsent,
    ValidatorSet, encode, encoded_len,
};

use super::gas::Gas;
use super::governance::actions::Change;
use super::{Native, Problem, Refusal};

/// The arguments of `join-validators`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct JoinValidators {
    height: u64,
    block: Hash,
}

/// The validators as they are while a block is executed.
struct Seats {
    /// Those of the next height.
    now: ValidatorSet,
    /// Those of the height after it, with the changes of this block so far.
    next: ValidatorSet,
    candidates: Vec<Candidate>,
    /// Those that missed their last turn.
    silent: BTreeSet<PublicKey>,
}

impl Seats {
    fn check(&self, next: &[Validator]) -> Result<(), StepError> {
        check_step(&self.now, next, &self.silent)
    }

    /// The validators with a candidate.
    fn with(&self, candidate: &Candidate) -> Vec<Validator> {
        let mut next = self.next.validators().to_vec();
        next.push(candidate.validator());
        next
    }

    /// Refuses a candidate that could not join now, with the power that would be possible.
    fn check_candidate(&self, candidate: &Candidate) -> Result<(), Refusal> {
        let Err(error) = self.check(&self.with(candidate)) else { return Ok(()) };
        let at = |power: u64| Candidate { power, ..candidate.clone() };
        let possible = |power| power == 0 || self.check(&self.with(&at(power))).is_ok();
        Err(Refusal::WrongStep(match nearest_power(0, candidate.power, possible) {
            0 => format!("{error}: no validator can join now; raise the power of others first"),
            most => format!("{error}: it can join with a power of at most {most}"),
        }))
    }

    /// The validators with another power of one of them; `None` if there is no such validator.
    fn reweighed(&self, name: &Name, power: u64) -> Option<Result<Vec<Validator>, Refusal>> {
        let validators = self.next.validators();
        let before = validators.iter().find(|it| it.name == *name)?.power;
        let next = with_power(validators, name, power)?;
        let Err(error) = self.check(&next) else { return Some(Ok(next)) };
        let nearest = nearest_power(before, power, |power| self.allows(name, power));
        Some(Err(Refusal::WrongStep(match nearest == before {
            true => format!("{error}: its power of {before} cannot change so now"),
            false => format!("{error}: the nearest power that is possible now is {nearest}"),
        })))
    }

    /// The validators without one of them; `None` if there is no such validator.
    fn reduced(&self, name: &Name) -> Option<Result<Vec<Validator>, Refusal>> {
        let validators = self.next.validators();
        let before = validators.iter().find(|it| it.name == *name)?.power;
        let next = without(validators, name)?;
        let error = match self.check(&next) {
            Ok(()) => return Some(Ok(next)),
            Err(error @ StepError::Last) => {
                return Some(Err(Refusal::WrongStep(error.to_string())));
            }
            Err(error) => error,
        };
        let nearest = nearest_power(before, 0, |power| self.allows(name, power));
        Some(Err(Refusal::WrongStep(match nearest == before {
            true => format!("{error}: raise the power of others first"),
            false => format!("{error}: lower its power to {nearest} first, in a step of its own"),
        })))
    }

    /// Whether a validator can have this power.
    fn allows(&self, name: &Name, power: u64) -> bool {
        let next = with_power(self.next.validators(), name, power);
        next.is_some_and(|next| self.check(&next).is_ok())
    }

    /// Whether a validator, candidate or node has this key.
    fn uses(&self, key: &PublicKey) -> bool {
        let sets = self.now.validators().iter().chain(self.next.validators());
        let keys = sets.map(|it| (it.consensus_key, it.node_key));
        let candidates = self.candidates.iter().map(|it| (it.consensus_key, it.node_key));
        keys.chain(candidates).any(|(consensus, node)| consensus == *key || node == *key)
    }

    fn has_name(&self, name: &Name) -> bool {
        let sets = self.now.validators().iter().chain(self.next.validators());
        sets.map(|it| &it.name)
            .chain(self.candidates.iter().map(|it| &it.name))
            .any(|it| it == name)
    }
}

impl Native<'_> {
    fn seats(&self, gas: &mut Gas<'_>) -> Result<Seats, Problem> {
        let state = &self.session.overlay;
        let seats = Seats {
            now: chain::validators(state)?,
            next: chain::next_validators(state)?,
            candidates: candidates::list(state)?,
            silent: silence::silent(state)?,
        };
        for bytes in [encoded_len(&seats.now), encoded_len(&seats.next), 0] {
            gas.pay_read(bytes)?;
        }
        gas.pay_read(encoded_len(&seats.candidates))?;
        Ok(seats)
    }

    fn put_validators(&mut self, next: Vec<Validator>, gas: &mut Gas<'_>) -> Result<(), Problem> {
        let next = ValidatorSet::new(next);
        let next = &next.map_err(|error| Refusal::WrongStep(error.to_string()))?;
        // The set is also kept for evidence, and is in an event of the block.
        let bytes = encoded_len(next);
        gas.pay_write(bytes)?;
        gas.pay_write(bytes)?;
        gas.pay_event(bytes)?;
        chain::put_next_validators(&mut self.session.overlay, next);
        Ok(())
    }

    fn put_candidate(&mut self, candidate: Candidate, gas: &mut Gas<'_>) -> Result<(), Problem> {
        let known = candidates::list(&self.session.overlay)?;
        gas.pay_write(encoded_len(&known).saturating_add(encoded_len(&candidate)))?;
        candidates::put(&mut self.session.overlay, candidate.clone())?;
        self.emit(&KernelEvent::CandidateChanged(candidate), gas)
    }

    fn remove_candidate(&mut self, key: &PublicKey, gas: &mut Gas<'_>) -> Result<(), Problem> {
        gas.pay_write(encoded_len(&candidates::list(&self.session.overlay)?))?;
        candidates::remove(&mut self.session.overlay, key)?;
        self.emit(&KernelEvent::CandidateRemoved(*key), gas)
    }

    /// Adds a candidate: its node, and an account of its consensus key.
    pub(super) fn add_validator(
        &mut self,
        new: &NewValidator,
        gas: &mut Gas<'_>,
    ) -> Result<Change, Problem> {
        let seats = self.seats(gas)?;
        let candidate = self.new_candidate(new, &seats, gas)?;
        seats.check_candidate(&candidate)?;
        self.register_consensus_key(&candidate, gas)?;
        let Candidate { name, organisation, node_key, power, .. } = candidate.clone();
        gas.pay_write(0)?;
        let node = Node { name: name.clone(), organisation: organisation.clone() };
        let permitted = chain::permit_node(&mut self.session.overlay, node_key, node);
        self.emit(&permitted, gas)?;
        self.put_candidate(candidate, gas)?;
        let total = seats.next.total_power().saturating_add(power);
        let after = format!(
            "a candidate of {organisation}, which has {power} of {total} votes once its node is there"
        );
        Ok(Change::new(format!("validator {name}"), None, Some(after)))
    }

    /// The candidate, if nobody uses its name or its keys and both keys signed.
    fn new_candidate(
        &self,
        new: &NewValidator,
        seats: &Seats,
        gas: &mut Gas<'_>,
    ) -> Result<Candidate, Problem> {
        let wrong = |why: String| Problem::Refused(Refusal::WrongValidator(why));
        let unknown = || Refusal::UnknownOrganisation(new.organisation.clone());
        let organisation = Name::new(new.organisation.as_str()).map_err(|_| unknown())?;
        gas.pay_read(0)?;
        let known = organisations::organisation(&self.session.overlay, &organisation)?;
        let status = known.ok_or_else(unknown)?.status;
        if status != OrganisationStatus::Active {
            return Err(Refusal::WrongOrganisationStatus(status.as_str().to_owned()).into());
        }
        let name = Name::new(new.name.as_str()).map_err(|error| wrong(error.to_string()))?;
        if seats.has_name(&name) {
            return Err(wrong(format!("a validator or candidate is called {name}")));
        }
        let &NewValidator { consensus_key, node_key, power, .. } = new;
        if power == 0 {
            return Err(wrong("its voting power is 0".to_owned()));
        }
        for key in [consensus_key, node_key] {
            key.check().map_err(|error| wrong(error.to_string()))?;
            gas.pay_read(0)?;
            if seats.uses(&key) || chain::node(&self.session.overlay, &key)?.is_some() {
                return Err(wrong(format!("the key {key} is used by a node or validator")));
            }
        }
        let count = seats.next.validators().len().saturating_add(seats.candidates.len());
        if count >= ValidatorSet::VALIDATORS_MAX {
            let max = ValidatorSet::VALIDATORS_MAX as u32;
            return Err(Refusal::too_many("validators and candidates", max).into());
        }
        let nodes = chain::nodes(&self.session.overlay)?.len();
        gas.pay_scan(nodes)?;
        if nodes >= NODES_MAX {
            return Err(Refusal::too_many("nodes", NODES_MAX as u32).into());
        }
        let consent = ValidatorConsent {
            organisation: organisation.clone(),
            name: name.clone(),
            consensus_key,
            node_key,
        };
        gas.pay_signatures(2)?;
        let chain = chain::identity(&self.session.overlay)?.genesis;
        let verified = consent.verify(&chain, &new.signatures);
        verified.map_err(|error| wrong(error.to_string()))?;
        Ok(Candidate { name, organisation, consensus_key, node_key, power })
    }

    /// Registers the account with which the node of a candidate joins, unless the organisation has it from before.
    fn register_consensus_key(
        &mut self,
        candidate: &Candidate,
        gas: &mut Gas<'_>,
    ) -> Result<(), Problem> {
        let policy = Policy::Key(candidate.consensus_key);
        let address = Address::of_account(&policy);
        let organisation = candidate.organisation.clone();
        gas.pay_read(0)?;
        if let Some(known) = accounts::account(&self.session.overlay, &address)? {
            let is_usable = known.organisation == organisation
                && known.policy == policy
                && known.status == Status::Active;
            return if is_usable { Ok(()) } else { Err(Refusal::AccountExists(address).into()) };
        }
        let parameters = self.parameters(gas)?;
        self.check_quota(&parameters, &organisation, (QuotaKind::Accounts, 1), gas)?;
        let roles = Roles::default();
        let account = Account { policy, organisation, roles, status: Status::Active };
        for bytes in [encoded_len(&account), 0, 0] {
            gas.pay_write(bytes)?;
        }
        organisations::register(&mut self.session.overlay, &address, &account)?;
        self.emit(&KernelEvent::AccountChanged(ChangedAccount { address, account }), gas)
    }

    /// Changes the power of a validator, or of a candidate.
    pub(super) fn set_validator_power(
        &mut self,
        ValidatorPower { name: text, power }: &ValidatorPower,
        gas: &mut Gas<'_>,
    ) -> Result<Change, Problem> {
        let unknown = || Refusal::UnknownValidator(text.clone());
        let name = Name::new(text.as_str()).map_err(|_| unknown())?;
        let seats = self.seats(gas)?;
        let votes = |power: u64, total: u64| Some(format!("{power} of {total} votes"));
        let subject = format!("validator {name}");
        let same = || Refusal::WrongValidator(format!("the power of {name} is {power} already"));
        let total = seats.next.total_power();
        let Some(next) = seats.reweighed(&name, *power) else {
            let candidate = seats.candidates.iter().find(|it| it.name == name);
            let candidate = candidate.ok_or_else(unknown)?;
            if candidate.power == *power {
                return Err(same().into());
            }
            let after = Candidate { power: *power, ..candidate.clone() };
            seats.check_candidate(&after)?;
            let was = votes(candidate.power, total.saturating_add(candidate.power));
            let is = votes(*power, total.saturating_add(*power));
            self.put_candidate(after, gas)?;
            return Ok(Change::new(format!("candidate {name}"), was, is));
        };
        let before = seats.next.validators().iter().find(|it| it.name == name);
        let before = before.map_or(0, |it| it.power);
        if before == *power {
            return Err(same().into());
        }
        self.put_validators(next?, gas)?;
        let after = total.saturating_sub(before).saturating_add(*power);
        Ok(Change::new(subject, votes(before, total), votes(*power, after)))
    }

    /// Removes a validator, or a candidate.
    pub(super) fn remove_validator(
        &mut self,
        text: &str,
        gas: &mut Gas<'_>,
    ) -> Result<Change, Problem> {
        let unknown = || Refusal::UnknownValidator(text.to_owned());
        let name = Name::new(text).map_err(|_| unknown())?;
        let seats = self.seats(gas)?;
        let Some(next) = seats.reduced(&name) else {
            let candidate = seats.candidates.iter().find(|it| it.name == name);
            let candidate = candidate.ok_or_else(unknown)?;
            self.remove_candidate(&candidate.consensus_key, gas)?;
            gas.pay_write(0)?;
            let removed = chain::remove_node(&mut self.session.overlay, candidate.node_key);
            self.emit(&removed, gas)?;
            let before = format!("a candidate of {}", candidate.organisation);
            return Ok(Change::new(format!("validator {name}"), Some(before), None));
        };
        let before = seats.next.validators().iter().find(|it| it.name == name);
        let before = before.map_or(0, |it| it.power);
        self.put_validators(next?, gas)?;
        let before = format!("{before} of {} votes", seats.next.total_power());
        Ok(Change::new(format!("validator {name}"), Some(before), None))
    }

    pub(super) fn join_validators(
        &mut self,
        JoinValidators { height, block }: &JoinValidators,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let account = self.caller(gas)?;
        let Policy::Key(key) = account.policy else { return Err(Refusal::NotACandidate.into()) };
        let seats = self.seats(gas)?;
        let candidate = seats.candidates.iter().find(|it| it.consensus_key == key);
        let candidate = candidate.ok_or(Refusal::NotACandidate)?;
        gas.pay_read(0)?;
        if !candidates::is_recent(&self.session.overlay, *height, block)? {
            return Err(Refusal::UnknownBlock(*height).into());
        }
        let next = seats.with(candidate);
        seats.check(&next).map_err(|error| Refusal::WrongStep(error.to_string()))?;
        self.put_validators(next, gas)?;
        self.remove_candidate(&key, gas)?;
        Ok(Vec::new())
    }

    pub(super) fn list_candidates(&self, gas: &mut Gas<'_>) -> Result<Vec<u8>, Problem> {
        let candidates = candidates::list(&self.session.overlay)?;
        gas.pay_read(encoded_len(&candidates))?;
        Ok(encode(&candidates))
    }
}
