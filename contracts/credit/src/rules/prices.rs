//! Price lists: pricing and retiring items, and computing what a quantity costs at a time.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::Host;

use super::programmes::programme;
use crate::bindings::ehb::credit::events::Event;
use crate::bindings::ehb::credit::types::{Error, NoPrice, Price, PricedItem};
use crate::checks::{
    self, AHEAD_MS_MAX, CREDITS_MAX, PRICES_KEPT_MAX, QUANTITY_MAX, RECEIPT_AGE_MS_MAX,
};
use crate::keys::ITEMS;
use crate::states::ProgrammeAction;

/// See `programmes.set-price`.
pub fn set_price(
    host: &mut Host,
    programme: u64,
    item: String,
    credits: u64,
    per: u64,
    from_ms: Option<u64>,
) -> Result<u32, Error> {
    checks::item(&item)?;
    checks::range("credits", credits, 0, CREDITS_MAX)?;
    checks::range("per", per, 1, QUANTITY_MAX)?;
    let known = self::programme(host, programme)?;
    super::check_seller(host, &known)?;
    known.check(host, ProgrammeAction::SetPrice)?;
    let now_ms = host.time_ms();
    let from_ms = from_ms.unwrap_or(now_ms);
    checks::ahead("from-ms", from_ms, now_ms, AHEAD_MS_MAX)?;

    let entry = ITEMS.entry(&(programme, item.clone()));
    let new = || PricedItem { programme, id: item, prices: Vec::new(), retired_ms: None };
    let mut item = entry.get(host).unwrap_or_else(new);
    item.retired_ms = None;
    let version = item.prices.last().map_or(0, |latest| latest.version) + 1;
    // A price that is announced is replaced, and so is one of this very moment.
    item.prices.retain(|price| price.from_ms < from_ms.min(now_ms + 1));
    // A version is needed while a receipt of its time can come.
    let oldest_ms = now_ms.saturating_sub(RECEIPT_AGE_MS_MAX);
    while item.prices.get(1).is_some_and(|next| next.from_ms <= oldest_ms) {
        item.prices.remove(0);
    }
    if item.prices.len() >= PRICES_KEPT_MAX {
        return Err(checks::too_many("prices", PRICES_KEPT_MAX));
    }
    item.prices.push(Price { version, credits, per, from_ms });
    entry.set(host, &item);
    host.emit(Event::ItemPriced(item));
    Ok(version)
}

/// See `programmes.retire-item`.
pub fn retire_item(host: &mut Host, programme: u64, item: String) -> Result<(), Error> {
    checks::item(&item)?;
    let known = self::programme(host, programme)?;
    super::check_seller(host, &known)?;
    let mut item = self::item(host, programme, item)?;
    let now_ms = host.time_ms();
    if item.retired_ms.is_some() {
        return Err(Error::NoPrice(NoPrice { item: item.id, at_ms: now_ms }));
    }
    item.retired_ms = Some(now_ms);
    ITEMS.set(host, &(programme, item.id.clone()), &item);
    host.emit(Event::ItemRetired(item));
    Ok(())
}

/// An item of a programme's price list.
pub(super) fn item(host: &Host, programme: u64, item: String) -> Result<PricedItem, Error> {
    let key = (programme, item);
    match ITEMS.get(host, &key) {
        Some(item) => Ok(item),
        None => Err(Error::UnlistedItem(key.1)),
    }
}

/// The price of an item at a time.
pub(super) fn price_at(
    host: &Host,
    programme: u64,
    item: &str,
    at_ms: u64,
) -> Result<Price, Error> {
    let item = self::item(host, programme, String::from(item))?;
    let offered = item.retired_ms.is_none_or(|retired_ms| at_ms < retired_ms);
    let in_force = item.prices.iter().rev().find(|price| price.from_ms <= at_ms);
    match in_force {
        Some(price) if offered => Ok(*price),
        _ => Err(Error::NoPrice(NoPrice { item: item.id, at_ms })),
    }
}

/// The price of a quantity, rounded up to a whole credit.
pub(super) fn cost(price: Price, quantity: u64) -> Result<u64, Error> {
    let cost = checks::proportion_up(quantity, price.credits, price.per).unwrap_or(u64::MAX);
    checks::range("credits", cost, 0, CREDITS_MAX)?;
    Ok(cost)
}
