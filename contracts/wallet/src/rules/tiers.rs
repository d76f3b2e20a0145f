//! Approval tiers: which one decides about an amount, and who may approve in it.

use alloc::vec::Vec;

use ehb_contract::{Address, Hash, Host, Map, packed};

use super::{policy_records, unasked};
use crate::bindings::ehb::wallet::types::{ApprovalTier, ApproverRole, Error, Policy};
use crate::checks::{self, APPROVERS_MAX, ROLE_BYTES_MAX, TIERS_MAX};
use crate::keys::{APPROVALS_OPEN, AssetId, OPEN, OVER, POLICIES};

/// Who decides about an amount.
pub(super) struct Deciders {
    pub(super) approvers: Vec<Address>,
    pub(super) role: Option<ApproverRole>,
    pub(super) approvals: u8,
    /// The version of the policy that says so.
    pub(super) policy_version: u64,
}

/// Counts an amount for which an account asks its approvers, and returns who decides about it.
pub(super) fn ask(
    host: &mut Host,
    account: Address,
    asset: AssetId,
    amount: u64,
) -> Result<Deciders, Error> {
    let mut rules = policy_records::rulebook(host, account, asset);
    let requested = rules.requested.saturating_add(amount);
    let sum = requested.saturating_add(rules.spent);
    let tiers = rules.policy.as_ref().map(|policy| policy.tiers.as_slice()).unwrap_or_default();
    let tier = tiers.iter().rev().find(|tier| tier.above < sum).or(tiers.first());
    let ApprovalTier { approvers, role, approvals, .. } = tier.ok_or(Error::NoPolicy)?.clone();
    let organisation = host.organisation(account);
    let role =
        role.zip(organisation).map(|(role, organisation)| ApproverRole { organisation, role });
    if approvers.is_empty() && role.is_none() {
        return Err(Error::NoPolicy);
    }
    rules.requested = requested;
    let policy_version = rules.version;
    POLICIES.set(host, &(account, asset), &rules);
    Ok(Deciders { approvers, role, approvals, policy_version })
}

/// Whether an account is one of the approvers, or has the role now.
pub(super) fn is_approver(
    host: &Host,
    account: Address,
    approvers: &[Address],
    role: Option<&ApproverRole>,
) -> bool {
    let has_role = |of: &ApproverRole| {
        host.has_role(account, &of.role)
            && host.organisation(account).as_ref() == Some(&of.organisation)
    };
    approvers.contains(&account) || role.is_some_and(has_role)
}

/// Whether an account approves in any tier of the policy of another.
pub(super) fn approves_for(host: &Host, account: Address, policy: &Policy, owner: Address) -> bool {
    let organisation = host.organisation(owner);
    policy.tiers.iter().any(|tier| {
        let role = tier.role.clone().zip(organisation.clone());
        let role = role.map(|(role, organisation)| ApproverRole { organisation, role });
        is_approver(host, account, &tier.approvers, role.as_ref())
    })
}

/// Puts a payment or permit before its payer and approvers: approvers of another organisation did not ask for it.
pub(super) fn put_before(
    host: &mut Host,
    index: &Map<(Address, u8, u64), Option<Hash>>,
    id: u64,
    payer: Address,
    approvers: &[Address],
) -> Result<(), Error> {
    index.set(host, &(payer, OPEN, id), &None);
    let organisation = host.organisation(payer);
    for approver in approvers {
        let of = match host.organisation(*approver) {
            own if own == organisation => None,
            _ => Some(unasked::count(host, &APPROVALS_OPEN, "open-approvals", payer, *approver)?),
        };
        index.set(host, &(*approver, OPEN, id), &of);
    }
    Ok(())
}

/// Takes a payment or permit that is over from its approvers, and lists it as over for its payer.
pub(super) fn take_away(
    host: &mut Host,
    index: &Map<(Address, u8, u64), Option<Hash>>,
    id: u64,
    payer: Address,
    approvers: &[Address],
) {
    for approver in approvers {
        let place = index.entry(&(*approver, OPEN, id));
        if let Some(of) = place.get(host).flatten() {
            unasked::uncount(host, &APPROVALS_OPEN, *approver, of);
        }
        place.remove(host);
    }
    index.remove(host, &(payer, OPEN, id));
    index.set(host, &(payer, OVER, id), &None);
}

/// Where the index of a role's payments and permits is.
pub(super) fn place(host: &Host, role: &ApproverRole) -> Hash {
    let ApproverRole { organisation, role } = role.clone();
    host.sha256(&packed!(organisation, role))
}

/// Checks the tiers of an account's policy.
pub(super) fn check(host: &Host, account: Address, tiers: &[ApprovalTier]) -> Result<(), Error> {
    checks::count("tiers", tiers, 0, TIERS_MAX)?;
    let mut above_min = 0;
    for (tier, later) in tiers.iter().zip((0..tiers.len() as u64).rev()) {
        checks::range("above", tier.above, above_min, u64::MAX - later)?;
        above_min = tier.above + u64::from(later > 0);
        checks::accounts("approvers", &tier.approvers, APPROVERS_MAX)?;
        let named = tier.approvers.len() as u64;
        let most = match &tier.role {
            Some(role) => {
                checks::text("role", role, 1, ROLE_BYTES_MAX)?;
                APPROVERS_MAX as u64
            }
            None if named == 0 => return Err(Error::NoPolicy),
            None => named,
        };
        checks::range("approvals", u64::from(tier.approvals), 1, most)?;
        for approver in &tier.approvers {
            if *approver == account {
                return Err(Error::SameAccount(account));
            }
            super::check_active(host, *approver)?;
        }
    }
    Ok(())
}
