//! Arbiters: who is registered with a module, who is drawn for a dispute, and who may rule.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::checks::room;
use ehb_contract::common::Refusal;
use ehb_contract::parties::{PLATFORM_ADMIN, check_role};
use ehb_contract::{Address, Host, Item, packed};

use crate::checks::{ARBITERS_MAX, ARBITERS_OF_ORGANISATION_MAX, ASSIGNMENTS_MAX};
use crate::error::Error;
use crate::types::{self, Arbiter, ArbiterRegistration, Assignment, Dispute, State};

/// The chain's role of arbiters.
const ARBITER: &str = "arbiter";

/// The registered arbiters of a module, by address: an entry of its state.
pub struct Arbiters {
    registered: Item<Vec<Address>>,
}

impl Arbiters {
    /// The arbiters under this first byte.
    pub const fn new(prefix: u8) -> Self {
        Self { registered: Item::new(prefix) }
    }

    /// Registers an account, or strikes it off; returns what the module emits. An account that has the role
    /// `arbiter` registers itself; it, or the chain's `platform-admin`, strikes it off.
    ///
    /// # Errors
    /// `missing-role`, and `out-of-range` where there are too many, of the organisation or in all.
    pub fn set(
        &self,
        host: &mut Host,
        account: Address,
        registered: bool,
    ) -> Result<ArbiterRegistration, Refusal> {
        let is_own = host.caller() == account;
        if registered && !(is_own && host.has_role(account, ARBITER)) {
            return Err(Refusal::missing_role(ARBITER));
        }
        if !is_own {
            check_role(host, &[PLATFORM_ADMIN])?;
        }
        let mut all = self.all(host);
        match (all.binary_search(&account), registered) {
            (Err(place), true) => {
                self.check_room(host, &all, account)?;
                all.insert(place, account);
            }
            (Ok(place), false) => drop(all.remove(place)),
            (Ok(_), true) | (Err(_), false) => {}
        }
        self.registered.set(host, &all);
        Ok(ArbiterRegistration { account, registered })
    }

    /// All registered accounts, by address. Those that lost the role are not drawn.
    pub fn all(&self, host: &Host) -> Vec<Address> {
        self.registered.get(host).unwrap_or_default()
    }

    fn check_room(&self, host: &Host, all: &[Address], account: Address) -> Result<(), Refusal> {
        room("arbiters", all.len(), ARBITERS_MAX)?;
        let organisation = host.organisation(account);
        let colleagues = all.iter().filter(|it| host.organisation(**it) == organisation).count();
        room("arbiters-of-organisation", colleagues, ARBITERS_OF_ORGANISATION_MAX)
    }

    /// Assigns the next arbiter to a dispute that is, or is about to be, in the state.
    pub(crate) fn assign(&self, host: &Host, dispute: &Dispute, state: State) -> Assignment {
        let on_appeal = state == State::Appealed;
        let arbiter = match named(dispute) {
            Some(account) => {
                let is_new = dispute.assigned.iter().all(|it| it.arbiter != Some(account));
                let named = Some(account).filter(|it| is_new && is_impartial(host, dispute, *it));
                named.or_else(|| on_appeal.then(|| self.draw(host, dispute, state))?)
            }
            None => self.draw(host, dispute, state),
        };
        let organisation = arbiter.and_then(|account| host.organisation(account));
        Assignment { arbiter, organisation, on_appeal, at_ms: host.time_ms() }
    }

    /// Draws an arbiter: an organisation by the hash of dispute and block, then an account of it, so that one with
    /// many accounts is drawn no more often. A party that acts in the block does not know its time before.
    fn draw(&self, host: &Host, dispute: &Dispute, state: State) -> Option<Address> {
        let on_appeal = state == State::Appealed;
        let was_assigned = |account: Address| {
            let mut assigned = dispute.assigned.iter().filter(|it| it.on_appeal == on_appeal);
            assigned.any(|it| it.arbiter == Some(account))
        };
        let mut eligible: Vec<(Option<String>, Vec<Address>)> = Vec::new();
        for account in self.all(host) {
            let can_rule = host.is_active(account)
                && host.has_role(account, ARBITER)
                && is_impartial(host, dispute, account);
            if !can_rule || was_assigned(account) {
                continue;
            }
            let organisation = host.organisation(account);
            match eligible.iter_mut().find(|(of, _)| *of == organisation) {
                Some((_, accounts)) => accounts.push(account),
                None => eligible.push((organisation, Vec::from([account]))),
            }
        }
        let place =
            packed!(dispute.id, dispute.assigned.len() as u64, host.height(), host.time_ms());
        let drawn = host.sha256(&place);
        let (_, accounts) = pick(&eligible, drawn.a)?;
        pick(accounts, drawn.b).copied()
    }
}

/// An element by a random number.
fn pick<T>(all: &[T], number: u64) -> Option<&T> {
    let place = number.checked_rem(all.len() as u64)?;
    all.get(usize::try_from(place).ok()?)
}

/// The account that the terms name, as long as no arbiter has ruled.
fn named(dispute: &Dispute) -> Option<Address> {
    match dispute.terms.arbiter {
        Arbiter::Account(account) if dispute.rulings.iter().all(|it| it.arbiter.is_none()) => {
            Some(account)
        }
        Arbiter::Account(_) | Arbiter::Registered => None,
    }
}

/// Whether another arbiter can be assigned in the state of a dispute: nobody takes the place of one that the terms
/// name.
pub(crate) fn may_reassign(dispute: &Dispute) -> bool {
    let on_appeal = dispute.state == State::Appealed;
    let assigned = dispute.assigned.iter().filter(|it| it.on_appeal == on_appeal).count();
    dispute.state.awaits_arbiter()
        && assigned < ASSIGNMENTS_MAX
        && (on_appeal || named(dispute).is_none())
}

/// The caller must be the assigned arbiter, and still be impartial and have the role, unless the terms name it.
pub(crate) fn may_rule(host: &Host, dispute: &Dispute) -> Result<(), Error> {
    let caller = host.caller();
    let assigned = dispute.assigned.last().and_then(|it| it.arbiter) == Some(caller);
    if !assigned || (named(dispute) != Some(caller) && !host.has_role(caller, ARBITER)) {
        return Err(types::Error::NotArbiter(caller).into());
    }
    if !is_impartial(host, dispute, caller) {
        return Err(types::Error::ConflictOfInterest(caller).into());
    }
    Ok(())
}

/// Whether an account is of no party's organisation, unless both parties agreed on it by name, and not of the
/// organisation that ruled first.
fn is_impartial(host: &Host, dispute: &Dispute, account: Address) -> bool {
    let is_party = account == dispute.payer || account == dispute.payee;
    let agreed = dispute.arbiter_agreed && dispute.terms.arbiter == Arbiter::Account(account);
    let organisation = host.organisation(account);
    let of_party = !agreed && is_of_party(host, dispute, organisation.as_ref());
    !is_party && !of_party && !has_ruled(dispute, account, organisation.as_ref())
}

/// Whether an organisation is a party's: the one of when the dispute was opened, or that of its account now.
fn is_of_party(host: &Host, dispute: &Dispute, organisation: Option<&String>) -> bool {
    let of_party = |stored: &Option<String>, account: Address| {
        stored.as_ref() == organisation || host.organisation(account).as_ref() == organisation
    };
    organisation.is_some()
        && (of_party(&dispute.payer_organisation, dispute.payer)
            || of_party(&dispute.payee_organisation, dispute.payee))
}

/// Whether the account, or another of its organisation, has ruled before.
fn has_ruled(dispute: &Dispute, account: Address, organisation: Option<&String>) -> bool {
    dispute.rulings.iter().any(|ruling| {
        let same_court = organisation.is_some() && ruling.organisation.as_ref() == organisation;
        ruling.arbiter == Some(account) || same_court
    })
}
