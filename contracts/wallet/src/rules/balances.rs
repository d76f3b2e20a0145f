//! The two parts of a balance. Every amount that moves goes through here, and so does every entry of a
//! month's books.

use ehb_contract::{Address, Entry, Host, calendar, trap};

use super::{policies, transaction_limits};
use crate::bindings::ehb::wallet::types::{BalanceShortfall, Error};
use crate::keys::{ASSETS, AssetId, AssetSlot, BALANCES, FREEZES, STATEMENTS};
use crate::records::{Books, FROZEN, LIMITED, Parts, TRANSACTION_LIMITED};

/// Takes an amount from what an account can spend. The account's policy binds what goes to `payee`;
/// with none it is not asked.
pub(super) fn debit(
    host: &mut Host,
    account: Address,
    asset: AssetId,
    amount: u64,
    payee: Option<Address>,
) -> Result<(), Error> {
    let (entry, mut parts) = spend(host, account, asset, amount, payee)?;
    book(host, account, asset, &mut parts);
    parts.available -= amount;
    entry.set(host, &parts);
    Ok(())
}

/// Sets an amount aside from what an account can spend; `payee` as in [`debit`].
pub(super) fn set_aside(
    host: &mut Host,
    account: Address,
    asset: AssetId,
    amount: u64,
    payee: Option<Address>,
) -> Result<(), Error> {
    let (entry, mut parts) = spend(host, account, asset, amount, payee)?;
    parts.available -= amount;
    parts.held = add(parts.held, amount);
    entry.set(host, &parts);
    Ok(())
}

/// Adds an amount to what an account can spend, unless the issuer froze its balance.
pub(super) fn receive(
    host: &mut Host,
    account: Address,
    asset: AssetId,
    amount: u64,
) -> Result<(), Error> {
    let entry = BALANCES.entry(&(account, asset));
    let mut parts = entry.get(host).unwrap_or_default();
    if parts.flags & FROZEN != 0 {
        check_unfrozen(host, account, asset, &mut parts)?;
    }
    enter(host, account, asset, &entry, parts, amount);
    Ok(())
}

/// Adds an amount that is owed to what an account can spend, frozen or not.
pub(super) fn credit(host: &mut Host, account: Address, asset: AssetId, amount: u64) {
    let entry = BALANCES.entry(&(account, asset));
    let parts = entry.get(host).unwrap_or_default();
    enter(host, account, asset, &entry, parts, amount);
}

/// Returns an amount that was set aside to its owner.
pub(super) fn give_back(host: &mut Host, account: Address, asset: AssetId, amount: u64) {
    let entry = BALANCES.entry(&(account, asset));
    let mut parts = entry.get(host).unwrap_or_default();
    parts.available = add(parts.available, amount);
    parts.held = subtract(parts.held, amount);
    entry.set(host, &parts);
}

/// Takes an amount that was set aside away from its owner.
pub(super) fn take_held(host: &mut Host, account: Address, asset: AssetId, amount: u64) {
    let entry = BALANCES.entry(&(account, asset));
    let mut parts = entry.get(host).unwrap_or_default();
    book(host, account, asset, &mut parts);
    parts.held = subtract(parts.held, amount);
    entry.set(host, &parts);
}

/// An account's balance of an asset; `None` when it never had any.
pub(super) fn read(host: &Host, account: Address, asset: AssetId) -> Option<Parts> {
    BALANCES.get(host, &(account, asset))
}

/// The balance from which an amount can be spent.
fn spend(
    host: &mut Host,
    account: Address,
    asset: AssetId,
    amount: u64,
    payee: Option<Address>,
) -> Result<(Entry<Parts>, Parts), Error> {
    let entry = BALANCES.entry(&(account, asset));
    let found = entry.get(host);
    let mut parts = found.unwrap_or_default();
    if parts.available < amount {
        // Only here does a payment look whether the asset exists: who has a balance of it has shown
        // that.
        return Err(match found {
            None if !ASSETS.contains(host, &asset) => Error::UnknownAsset(asset.to_text()),
            _ => {
                let (asset, available) = (asset.to_text(), parts.available);
                Error::InsufficientBalance(BalanceShortfall { asset, available, needed: amount })
            }
        });
    }
    if parts.flags & FROZEN != 0 {
        check_unfrozen(host, account, asset, &mut parts)?;
    }
    if parts.flags & TRANSACTION_LIMITED != 0
        && !transaction_limits::take(host, account, asset, amount)?
    {
        parts.flags &= !TRANSACTION_LIMITED;
    }
    if let Some(payee) = payee
        && parts.flags & LIMITED != 0
        && !policies::spend(host, account, asset, amount, payee)?
    {
        parts.flags &= !LIMITED;
    }
    Ok((entry, parts))
}

/// Refuses a frozen balance, and clears a freeze that is over.
fn check_unfrozen(
    host: &mut Host,
    account: Address,
    asset: AssetId,
    parts: &mut Parts,
) -> Result<(), Error> {
    let entry = FREEZES.entry(&(account, asset));
    match entry.get(host) {
        Some(freeze) if host.time_ms() < freeze.expires_ms => Err(Error::FrozenBalance(freeze)),
        _ => {
            entry.remove(host);
            parts.flags &= !FROZEN;
            Ok(())
        }
    }
}

fn enter(
    host: &mut Host,
    account: Address,
    asset: AssetId,
    entry: &Entry<Parts>,
    mut parts: Parts,
    amount: u64,
) {
    book(host, account, asset, &mut parts);
    parts.available = add(parts.available, amount);
    entry.set(host, &parts);
}

/// Counts a credit or debit, before it is made, in the books of the block's month. The first in a
/// month closes the books of the month in which there was one last.
fn book(host: &mut Host, account: Address, asset: AssetId, parts: &mut Parts) {
    let month = calendar::month(host.time_ms());
    if parts.month != month {
        let closing = parts.owned();
        if parts.entries > 0 {
            let books = Books { opening: parts.opening, closing, entries: parts.entries };
            STATEMENTS.set(host, &(account, AssetSlot(asset), parts.month), &books);
        }
        (parts.month, parts.opening, parts.entries) = (month, closing, 0);
    }
    parts.entries += 1;
}

/// No balance can pass what is in circulation, which fits.
fn add(part: u64, amount: u64) -> u64 {
    match part.checked_add(amount) {
        Some(sum) => sum,
        None => trap("a balance would pass the supply"),
    }
}

/// The held amount is the sum of the open holds and pending payments.
fn subtract(held: u64, amount: u64) -> u64 {
    match held.checked_sub(amount) {
        Some(rest) => rest,
        None => trap("more is taken than its owner has set aside"),
    }
}
