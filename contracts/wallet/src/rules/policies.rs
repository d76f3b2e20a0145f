//! Spending policies: setting them with notice, and enforcing their limits, payees and approvals.

use alloc::string::String;

use ehb_contract::common::{LimitUsage, Refusal};
use ehb_contract::{Address, Host};

use super::policy_records::rulebook;
use super::{flags, permits, tiers};
use crate::bindings::ehb::wallet::events::{Event, PolicySetting, Spending};
use crate::bindings::ehb::wallet::types::{BalanceKey, Error, Policy, PolicyChange};
use crate::checks::{self, NOTICE_MS_MAX, POLICY_PAYEES_MAX};
use crate::keys::{ASSETS, AssetId, POLICIES};
use crate::records::LIMITED;

/// See `policies.set-policy`.
pub fn set_policy(host: &mut Host, asset: String, policy: Option<Policy>) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    let account = host.caller();
    if let Some(policy) = &policy {
        check_policy(host, account, policy)?;
    }
    if !ASSETS.contains(host, &id) {
        return Err(Error::UnknownAsset(asset));
    }
    let now_ms = host.time_ms();
    let mut rules = rulebook(host, account, id);
    let notice_ms = match &rules.policy {
        Some(in_force) => in_force.notice_ms,
        None if policy.is_none() => return Err(Error::NoPolicy),
        None => 0,
    };
    let change = PolicyChange { policy, effective_ms: now_ms + notice_ms };
    rules.next = Some(change.clone());
    rules.turn(now_ms);
    POLICIES.set(host, &(account, id), &rules);
    // A balance without a policy in force is not looked at more closely.
    flags::set(host, account, id, LIMITED, rules.policy.is_some());
    host.emit(Event::PolicySet(PolicySetting { account, asset, change }));
    Ok(())
}

/// See `policies.cancel-policy-change`.
pub fn cancel_policy_change(host: &mut Host, account: Address, asset: String) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    let mut rules = rulebook(host, account, id);
    let caller = host.caller();
    let policy = rules.policy.as_ref().ok_or(Error::NoPolicy)?;
    if caller != account && !tiers::approves_for(host, caller, policy, account) {
        return Err(Error::NotApprover);
    }
    if rules.next.take().is_none() {
        return Err(Error::NoChangeAnnounced);
    }
    POLICIES.set(host, &(account, id), &rules);
    host.emit(Event::PolicyChangeCancelled(BalanceKey { account, asset }));
    Ok(())
}

/// Counts what leaves an account, and refuses what neither its policy nor a permit lets leave. False when there is
/// no policy any more.
pub(super) fn spend(
    host: &mut Host,
    account: Address,
    asset: AssetId,
    amount: u64,
    payee: Address,
) -> Result<bool, Error> {
    let mut rules = rulebook(host, account, asset);
    let Some(policy) = &rules.policy else {
        POLICIES.set(host, &(account, asset), &rules);
        return Ok(false);
    };
    let spent = rules.spent.checked_add(amount);
    if let Err(refusal) = check_spending(policy, rules.spent, spent, amount, payee) {
        // The approvers decided, so what it takes does not count.
        let is_permitted = permits::take(host, account, asset, payee, amount, rules.version)?;
        return if is_permitted { Ok(true) } else { Err(refusal) };
    }
    // Without a limit the count is only shown, and may stop at the largest number.
    rules.spent = spent.unwrap_or(u64::MAX);
    let spent_today = rules.spent;
    POLICIES.set(host, &(account, asset), &rules);
    let asset = asset.to_text();
    host.emit(Event::SpendingCounted(Spending { account, asset, spent_today }));
    Ok(true)
}

/// Checks an amount against a policy under which `before` was spent today, and `spent` would be with it.
fn check_spending(
    policy: &Policy,
    before: u64,
    spent: Option<u64>,
    amount: u64,
    payee: Address,
) -> Result<(), Error> {
    if !policy.payees.is_empty() && !policy.payees.contains(&payee) {
        return Err(Error::PayeeNotAllowed(payee));
    }
    let passes = |limit: u64| spent.is_none_or(|spent| spent > limit);
    match (policy.tiers.first().map(|tier| tier.above), policy.daily_limit) {
        (Some(bound), _) if passes(bound) => {
            Err(Error::ApprovalNeeded(LimitUsage::new(bound, before, amount)))
        }
        (_, Some(limit)) if passes(limit) => {
            Err(Refusal::over_daily_limit(limit, before, amount).into())
        }
        _ => Ok(()),
    }
}

fn check_policy(host: &Host, account: Address, policy: &Policy) -> Result<(), Error> {
    checks::accounts("payees", &policy.payees, POLICY_PAYEES_MAX)?;
    checks::range("notice-ms", policy.notice_ms, 0, NOTICE_MS_MAX)?;
    tiers::check(host, account, &policy.tiers)
}
