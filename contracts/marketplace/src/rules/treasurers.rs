//! The amounts of a store's money that treasurers and clerks may give away without an owner.

use alloc::string::String;

use ehb_contract::common::{Refusal, RoleLimit, RoleLimitStatus};
use ehb_contract::{Host, Map, TreasurerBook};

use super::{CLERK, OWNER, TREASURER, check_member, is_member, owned};
use crate::bindings::ehb::marketplace::events::{Event, RoleLimitSetting, RoleLimitUse};
use crate::bindings::ehb::marketplace::types::{Error, SubOrder};
use crate::checks;
use crate::keys::{CLERKS, Kind, STORES, TREASURERS};

/// The books of those who give, by store and asset.
type Books = Map<(u64, String), TreasurerBook>;

/// See `stores.set-treasurer-limit`.
pub fn set_treasurer_limit(
    host: &mut Host,
    store: u64,
    asset: String,
    limit: Option<RoleLimit>,
) -> Result<(), Error> {
    owned::store(host, store, OWNER)?;
    set_limit(host, &TREASURERS, RoleLimitSetting { store, asset, limit }, Event::TreasurerLimitSet)
}

/// See `stores.set-clerk-limit`.
pub fn set_clerk_limit(
    host: &mut Host,
    store: u64,
    asset: String,
    limit: Option<RoleLimit>,
) -> Result<(), Error> {
    let organisation = owned::store(host, store, TREASURER)?.organisation;
    check_unlimited(host, store, &organisation)?;
    set_limit(host, &CLERKS, RoleLimitSetting { store, asset, limit }, Event::ClerkLimitSet)
}

fn set_limit(
    host: &mut Host,
    books: &Books,
    setting: RoleLimitSetting,
    event: fn(RoleLimitSetting) -> Event,
) -> Result<(), Error> {
    checks::asset(&setting.asset)?;
    let place = books.entry(&(setting.store, setting.asset.clone()));
    match setting.limit {
        Some(limit) => {
            let RoleLimit { single_max, daily_max } = limit;
            let book = TreasurerBook::with_limit(place.get(host), single_max, daily_max);
            place.set(host, &book);
        }
        None => place.remove(host),
    }
    host.emit(event(setting));
    Ok(())
}

/// See `queries.get-treasurer-limit`.
pub fn get_treasurer_limit(
    host: &Host,
    store: u64,
    asset: String,
) -> Result<RoleLimitStatus, Error> {
    status(host, &TREASURERS, store, asset)
}

/// See `queries.get-clerk-limit`.
pub fn get_clerk_limit(host: &Host, store: u64, asset: String) -> Result<RoleLimitStatus, Error> {
    status(host, &CLERKS, store, asset)
}

fn status(host: &Host, books: &Books, store: u64, asset: String) -> Result<RoleLimitStatus, Error> {
    STORES.find(host, Kind::Store, store)?;
    checks::asset(&asset)?;
    Ok(TreasurerBook::status(books.get(host, &(store, asset)), host.time_ms()))
}

/// While treasurers have a limit in any asset, what could get round it is an owner's.
fn check_unlimited(host: &Host, store: u64, organisation: &str) -> Result<(), Error> {
    if TREASURERS.scan_under(host, &store, None, 1).is_empty() {
        return Ok(());
    }
    check_member(host, organisation, OWNER)
}

/// Counts an amount that the buyer gets back, which the caller must be allowed to give. A treasurer who is also a
/// clerk acts as a clerk within the clerks' limit: that does not count towards the treasurers'.
pub(super) fn refund(host: &mut Host, order: &SubOrder, amount: u64) -> Result<(), Error> {
    let by_clerk = match check_member(host, &order.organisation, CLERK) {
        Ok(()) => give_as_clerk(host, order, amount),
        Err(no_clerk) => Err(no_clerk),
    };
    if by_clerk.is_ok() || !is_member(host, &order.organisation, TREASURER) {
        return by_clerk;
    }
    give(host, order, amount)
}

fn give_as_clerk(host: &mut Host, order: &SubOrder, amount: u64) -> Result<(), Error> {
    if amount == 0 || CLERKS.contains(host, &(order.store, order.asset.clone())) {
        return count(host, &CLERKS, order, amount, Event::ClerkLimitUsed);
    }
    Err(Refusal::over_single_limit(amount, 0).into())
}

/// Counts the amount that the caller, who decides about the store's money, gives away.
pub(super) fn give(host: &mut Host, order: &SubOrder, amount: u64) -> Result<(), Error> {
    if is_member(host, &order.organisation, OWNER) {
        return Ok(());
    }
    count(host, &TREASURERS, order, amount, Event::TreasurerLimitUsed)
}

/// Counts an amount where there is a limit.
fn count(
    host: &mut Host,
    books: &Books,
    order: &SubOrder,
    amount: u64,
    event: fn(RoleLimitUse) -> Event,
) -> Result<(), Error> {
    let (store, asset) = (order.store, order.asset.clone());
    let place = books.entry(&(store, asset.clone()));
    let Some(mut book) = place.get(host) else { return Ok(()) };
    let (at_ms, by) = (host.time_ms(), host.caller());
    let used_today = book.give(at_ms, amount)?;
    place.set(host, &book);
    host.emit(event(RoleLimitUse { store, asset, by, amount, used_today, at_ms }));
    Ok(())
}
