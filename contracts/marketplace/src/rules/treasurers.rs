//! The amounts of a store's money that treasurers may give away without an owner.

use alloc::string::String;

use ehb_contract::common::{TreasurerLimit, TreasurerStatus};
use ehb_contract::{Host, TreasurerBook};

use super::{OWNER, check_role, owned};
use crate::bindings::ehb::marketplace::errors::Error;
use crate::bindings::ehb::marketplace::events::{Event, Gift, TreasurerSetting};
use crate::bindings::ehb::marketplace::types::SubOrder;
use crate::checks;
use crate::keys::{Kind, STORES, TREASURERS};

/// See `stores.set-treasurer-limit`.
pub fn set_treasurer_limit(
    host: &mut Host,
    store: u64,
    asset: String,
    limit: Option<TreasurerLimit>,
) -> Result<(), Error> {
    owned::store(host, store, OWNER)?;
    checks::asset(&asset)?;
    let place = TREASURERS.entry(&(store, asset.clone()));
    match limit {
        Some(limit) => {
            let book = TreasurerBook::with_limit(place.get(host), limit);
            place.set(host, &book);
        }
        None => place.remove(host),
    }
    host.emit(Event::TreasurerLimitSet(TreasurerSetting { store, asset, limit }));
    Ok(())
}

/// See `queries.get-treasurer-limit`.
pub fn get_treasurer_limit(
    host: &Host,
    store: u64,
    asset: String,
) -> Result<TreasurerStatus, Error> {
    STORES.find(host, Kind::Store, store)?;
    checks::asset(&asset)?;
    Ok(TreasurerBook::status(TREASURERS.get(host, &(store, asset)), host.time_ms()))
}

/// While treasurers have a limit in any asset, what could get round it is an owner's.
pub(super) fn check_unlimited(host: &Host, store: u64) -> Result<(), Error> {
    if TREASURERS.scan_under(host, &store, None, 1).is_empty() {
        return Ok(());
    }
    check_role(host, OWNER)
}

/// Counts the amount that the caller, who decides about the store's money, gives away.
pub(super) fn give(host: &mut Host, order: &SubOrder, amount: u64) -> Result<(), Error> {
    let (store, asset) = (order.store, order.asset.clone());
    let place = TREASURERS.entry(&(store, asset.clone()));
    let Some(mut book) = place.get(host) else { return Ok(()) };
    if check_role(host, OWNER).is_ok() {
        return Ok(());
    }
    let (at_ms, by) = (host.time_ms(), host.caller());
    let given_today = book.give(at_ms, amount)?;
    place.set(host, &book);
    host.emit(Event::TreasurerGave(Gift { store, asset, by, amount, given_today, at_ms }));
    Ok(())
}
