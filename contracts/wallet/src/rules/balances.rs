//! The two parts of a balance. Every amount that moves goes through here.

use ehb_contract::{Address, Entry, Host, trap};

use crate::bindings::ehb::wallet::types::Error;
use crate::errors::insufficient;
use crate::keys::{ASSETS, AssetId, BALANCES, Parts};

/// Takes an amount from what an account can spend.
pub(super) fn debit(
    host: &mut Host,
    account: Address,
    asset: AssetId,
    amount: u64,
) -> Result<(), Error> {
    let entry = BALANCES.entry(&(account, asset));
    let parts = entry.get(host).unwrap_or_default();
    let Some(available) = parts.available.checked_sub(amount) else {
        return Err(refusal(host, asset, parts, amount));
    };
    write(host, &entry, Parts { available, ..parts });
    Ok(())
}

/// Adds an amount to what an account can spend.
pub(super) fn credit(host: &mut Host, account: Address, asset: AssetId, amount: u64) {
    let entry = BALANCES.entry(&(account, asset));
    let parts = entry.get(host).unwrap_or_default();
    let available = add(parts.available, amount);
    write(host, &entry, Parts { available, ..parts });
}

/// Sets an amount aside from what an account can spend.
pub(super) fn set_aside(
    host: &mut Host,
    account: Address,
    asset: AssetId,
    amount: u64,
) -> Result<(), Error> {
    let entry = BALANCES.entry(&(account, asset));
    let parts = entry.get(host).unwrap_or_default();
    let Some(available) = parts.available.checked_sub(amount) else {
        return Err(refusal(host, asset, parts, amount));
    };
    write(host, &entry, Parts { available, held: add(parts.held, amount) });
    Ok(())
}

/// Gives an amount that was set aside back to its owner.
pub(super) fn give_back(host: &mut Host, account: Address, asset: AssetId, amount: u64) {
    let entry = BALANCES.entry(&(account, asset));
    let Parts { available, held } = entry.get(host).unwrap_or_default();
    let parts = Parts { available: add(available, amount), held: subtract(held, amount) };
    write(host, &entry, parts);
}

/// Takes an amount that was set aside away from its owner.
pub(super) fn take_held(host: &mut Host, account: Address, asset: AssetId, amount: u64) {
    let entry = BALANCES.entry(&(account, asset));
    let parts = entry.get(host).unwrap_or_default();
    write(host, &entry, Parts { held: subtract(parts.held, amount), ..parts });
}

/// What an account owns of an asset.
pub(super) fn read(host: &Host, account: Address, asset: AssetId) -> Parts {
    BALANCES.get(host, &(account, asset)).unwrap_or_default()
}

fn write(host: &mut Host, entry: &Entry<Parts>, parts: Parts) {
    if parts == Parts::default() {
        entry.remove(host);
    } else {
        entry.set(host, &parts);
    }
}

/// Why an account cannot spend an amount. Only here does a payment look whether the asset exists:
/// who has a balance of it has shown that.
fn refusal(host: &Host, asset: AssetId, parts: Parts, needed: u64) -> Error {
    if parts == Parts::default() && !ASSETS.contains(host, &asset) {
        return Error::UnknownAsset(asset.to_text());
    }
    insufficient(asset.to_text(), parts.available, needed)
}

/// No balance can pass what is in circulation, which fits.
fn add(part: u64, amount: u64) -> u64 {
    match part.checked_add(amount) {
        Some(sum) => sum,
        None => trap("a balance would pass the supply"),
    }
}

/// What is set aside is the sum of the open holds.
fn subtract(held: u64, amount: u64) -> u64 {
    match held.checked_sub(amount) {
        Some(rest) => rest,
        None => trap("a hold passes what its payer has set aside"),
    }
}
