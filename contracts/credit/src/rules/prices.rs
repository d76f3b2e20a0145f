//! Price lists: pricing and retiring services, and computing what a quantity costs at a time.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::Host;

use super::programme_records::programme;
use crate::bindings::ehb::credit::events::Event;
use crate::bindings::ehb::credit::types::{Error, Price, PricedService, UnpricedService};
use crate::checks::{
    self, AHEAD_MS_MAX, CREDITS_MAX, PRICES_KEPT_MAX, QUANTITY_MAX, REPORT_AGE_MS_MAX,
};
use crate::keys::SERVICES;
use crate::states::ProgrammeAction;

/// See `programmes.set-price`.
pub fn set_price(
    host: &mut Host,
    programme: u64,
    service: String,
    credits: u64,
    per: u64,
    effective_ms: Option<u64>,
) -> Result<u32, Error> {
    checks::service(&service)?;
    checks::range("credits", credits, 0, CREDITS_MAX)?;
    checks::range("per", per, 1, QUANTITY_MAX)?;
    let known = self::programme(host, programme)?;
    super::check_seller(host, &known)?;
    known.check(host, ProgrammeAction::SetPrice)?;
    let now_ms = host.time_ms();
    let effective_ms = effective_ms.unwrap_or(now_ms);
    checks::ahead("effective-ms", effective_ms, now_ms, AHEAD_MS_MAX)?;

    let entry = SERVICES.entry(&(programme, service.clone()));
    let new = || PricedService { programme, id: service, prices: Vec::new(), retired_ms: None };
    let mut service = entry.get(host).unwrap_or_else(new);
    service.retired_ms = None;
    let version = service.prices.last().map_or(0, |latest| latest.version) + 1;
    // A price that is announced is replaced, and so is one of this very moment.
    service.prices.retain(|price| price.effective_ms < effective_ms.min(now_ms + 1));
    // A version is needed while a report of its time can come.
    let oldest_ms = now_ms.saturating_sub(REPORT_AGE_MS_MAX);
    while service.prices.get(1).is_some_and(|next| next.effective_ms <= oldest_ms) {
        service.prices.remove(0);
    }
    if service.prices.len() >= PRICES_KEPT_MAX {
        return Err(checks::too_many("prices", PRICES_KEPT_MAX));
    }
    service.prices.push(Price { version, credits, per, effective_ms });
    entry.set(host, &service);
    host.emit(Event::ServicePriced(service));
    Ok(version)
}

/// See `programmes.retire-service`.
pub fn retire_service(host: &mut Host, programme: u64, service: String) -> Result<(), Error> {
    checks::service(&service)?;
    let known = self::programme(host, programme)?;
    super::check_seller(host, &known)?;
    let mut service = self::service(host, programme, service)?;
    let now_ms = host.time_ms();
    if service.retired_ms.is_some() {
        return Err(Error::NoPrice(UnpricedService { service: service.id, at_ms: now_ms }));
    }
    service.retired_ms = Some(now_ms);
    SERVICES.set(host, &(programme, service.id.clone()), &service);
    host.emit(Event::ServiceRetired(service));
    Ok(())
}

/// A service of a programme's price list.
pub(super) fn service(
    host: &Host,
    programme: u64,
    service: String,
) -> Result<PricedService, Error> {
    let key = (programme, service);
    match SERVICES.get(host, &key) {
        Some(service) => Ok(service),
        None => Err(Error::UnknownService(key.1)),
    }
}

/// The price of a service at a time.
pub(super) fn price_at(
    host: &Host,
    programme: u64,
    service: &str,
    at_ms: u64,
) -> Result<Price, Error> {
    let service = self::service(host, programme, String::from(service))?;
    let offered = service.retired_ms.is_none_or(|retired_ms| at_ms < retired_ms);
    let in_force = service.prices.iter().rev().find(|price| price.effective_ms <= at_ms);
    match in_force {
        Some(price) if offered => Ok(*price),
        _ => Err(Error::NoPrice(UnpricedService { service: service.id, at_ms })),
    }
}

/// The price of a quantity, rounded up to a whole credit.
pub(super) fn cost(price: Price, quantity: u64) -> Result<u64, Error> {
    let cost = checks::proportion_up(quantity, price.credits, price.per).unwrap_or(u64::MAX);
    checks::range("credits", cost, 0, CREDITS_MAX)?;
    Ok(cost)
}
