//! Checks of arguments, which do not read the state.

use ehb_contract::Host;
pub(crate) use ehb_contract::calendar::KEPT_MS;
use ehb_contract::calendar::{DAY_MS, HOLD_MS_MAX, HOUR_MS};
pub(crate) use ehb_contract::checks::{BASIS_POINTS, amount as not_zero, range, window};
use ehb_contract::checks::{asset, part, text};
use ehb_contract::common::Refusal;

use crate::bindings::ehb::credit::types::{CreditLineTerms, Error, Limit, Measure, SaleTerms};

/// The most credits of one grant, price, usage or line's limit. All open grants of an account and a line
/// together stay far below the largest number.
pub(crate) const CREDITS_MAX: u64 = 1_000_000_000_000_000;

/// The largest quantity of one usage, and the largest `per` of a price.
pub(crate) const QUANTITY_MAX: u64 = 1_000_000_000_000;

/// The longest name of a programme or meter, bytes.
const NAME_BYTES_MAX: usize = 64;

/// The longest name of a credit, bytes.
const UNIT_BYTES_MAX: usize = 24;

/// The longest id of a service, bytes.
const SERVICE_BYTES_MAX: usize = 40;

/// The longest reference of a grant, bytes.
const GRANT_REFERENCE_BYTES_MAX: usize = 140;

/// The longest reference of a usage or report, bytes.
const USAGE_REFERENCE_BYTES_MAX: usize = 64;

/// The most reports of a batch. Each can use up all grants of its account, with two events a grant, one
/// of its own, and one of a billing period that ends: 816 events at most, of the 1,024 that a
/// transaction may emit.
pub(crate) const REPORTS_PER_BATCH_MAX: usize = 24;

/// How old usage may be when its report comes, milliseconds.
pub(crate) const REPORT_AGE_MS_MAX: u64 = 31 * DAY_MS;

/// How far ahead a price, a grant or a programme's end may be announced, milliseconds.
pub(crate) const AHEAD_MS_MAX: u64 = 366 * DAY_MS;

/// How long a grant can be drawn, milliseconds.
pub(crate) const GRANT_MS_MAX: u64 = 1_096 * DAY_MS;

/// How long usages stay in the state after they were authorised or delivered, milliseconds.
pub(crate) const USAGE_KEPT_MS: u64 = 100 * DAY_MS;

/// How long the reference of a report stays in the state, milliseconds: longer than a report's age can be.
pub(crate) const REFERENCE_KEPT_MS: u64 = 40 * DAY_MS;

/// How long an authorised usage can wait for its capture, milliseconds.
pub(crate) const AUTHORISED_MS_MAX: u64 = 31 * DAY_MS;

/// How long a line can be offered, milliseconds.
pub(crate) const OFFER_MS_MAX: u64 = 31 * DAY_MS;

/// The longest billing period, days.
pub(crate) const CYCLE_DAYS_MAX: u64 = 92;

/// The shortest span of a limit, milliseconds.
const LIMIT_MS_MIN: u64 = 1_000;

/// The longest period of a limit, days.
const LIMIT_DAYS_MAX: u64 = 366;

/// The longest term of a line, milliseconds.
pub(crate) const TERM_MS_MAX: u64 = 732 * DAY_MS;

/// The longest wait for a write-off, milliseconds.
pub(crate) const GRACE_MS_MAX: u64 = 366 * DAY_MS;

/// How long the wallet keeps the price of a purchase, milliseconds: as long as its holds can last.
pub(crate) const ESCROW_MS: u64 = HOLD_MS_MAX;

/// The most open grants of an account in a programme, which bounds what a usage draws on.
pub(crate) const GRANTS_OPEN_MAX: usize = 16;

/// The largest number of limits of one side of an account in a programme, and of a programme's defaults.
pub(crate) const LIMITS_PER_SIDE_MAX: usize = 4;

/// How many versions of a price are kept: one announced, the one in force, and those by which reports of earlier
/// usage can still be charged.
pub(crate) const PRICES_KEPT_MAX: usize = 16;

/// The longest piece of a malformed id that an error repeats, characters.
const SHOWN_CHARS_MAX: usize = 48;

/// A name of a programme or meter.
pub(crate) fn name(name: &str) -> Result<(), Refusal> {
    text("name", name, 1, NAME_BYTES_MAX)
}

/// A name of a credit.
pub(crate) fn unit(unit: &str) -> Result<(), Refusal> {
    text("unit", unit, 1, UNIT_BYTES_MAX)
}

pub(crate) fn grant_reference(reference: &str) -> Result<(), Refusal> {
    text("reference", reference, 0, GRANT_REFERENCE_BYTES_MAX)
}

/// A reference of a usage, of at least `min` bytes.
pub(crate) fn usage_reference(reference: &str, min: usize) -> Result<(), Refusal> {
    text("reference", reference, min, USAGE_REFERENCE_BYTES_MAX)
}

/// The form of a service's id.
pub(crate) fn service(service: &str) -> Result<(), Error> {
    let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'/');
    if service.is_empty() || service.len() > SERVICE_BYTES_MAX || !service.bytes().all(fits) {
        return Err(Error::MalformedService(service.chars().take(SHOWN_CHARS_MAX).collect()));
    }
    Ok(())
}

/// Credits that are 1 to [`CREDITS_MAX`].
pub(crate) fn credits(parameter: &str, credits: u64) -> Result<(), Refusal> {
    not_zero(credits)?;
    range(parameter, credits, 1, CREDITS_MAX)
}

/// A quantity that is 1 to [`QUANTITY_MAX`].
pub(crate) fn quantity(parameter: &str, quantity: u64) -> Result<(), Refusal> {
    not_zero(quantity)?;
    range(parameter, quantity, 1, QUANTITY_MAX)
}

/// A point in time between now and `ahead_ms` later.
pub(crate) fn ahead(
    parameter: &str,
    at_ms: u64,
    now_ms: u64,
    ahead_ms: u64,
) -> Result<(), Refusal> {
    range(parameter, at_ms, now_ms, now_ms + ahead_ms)
}

pub(crate) fn sale_terms(sale: &SaleTerms) -> Result<(), Refusal> {
    asset(&sale.asset)?;
    not_zero(sale.price)?;
    range("per", sale.per, 1, QUANTITY_MAX)?;
    credits("credits-min", sale.credits_min)?;
    range("credits-max", sale.credits_max, sale.credits_min, CREDITS_MAX)?;
    range("validity-ms", sale.validity_ms, HOUR_MS, GRANT_MS_MAX)?;
    range("refund-window-ms", sale.refund_window_ms, 0, sale.validity_ms)?;
    part("refund-fee", sale.refund_fee)?;
    part("breakage", sale.breakage)?;
    priced(sale.credits_max, sale.price, sale.per)
}

/// The terms of a credit line.
pub(crate) fn line_terms(host: &Host, terms: &CreditLineTerms) -> Result<(), Refusal> {
    credits("limit", terms.limit)?;
    asset(&terms.asset)?;
    not_zero(terms.price)?;
    range("per", terms.per, 1, QUANTITY_MAX)?;
    terms.cycle.check("cycle", HOUR_MS, CYCLE_DAYS_MAX)?;
    let cycle_ms = terms.cycle.shortest_ms();
    window(host, "payment-window-ms", terms.payment_window_ms, cycle_ms)?;
    window(host, "grace-period-ms", terms.grace_period_ms, GRACE_MS_MAX)?;
    range("term-ms", terms.term_ms, cycle_ms, TERM_MS_MAX)?;
    priced(terms.limit, terms.price, terms.per)
}

/// The price of the largest number of credits must be a valid amount.
fn priced(credits_max: u64, price: u64, per: u64) -> Result<(), Refusal> {
    match proportion_up(credits_max, price, per) {
        Some(_) => Ok(()),
        None => {
            // The product fits in 128 bits, so the largest price that fits is found by division.
            let max = u128::from(u64::MAX) * u128::from(per) / u128::from(credits_max);
            Err(Refusal::out_of_range("price", price, 1, u64::try_from(max).unwrap_or(u64::MAX)))
        }
    }
}

/// The form of a limit.
pub(crate) fn limit(limit: &Limit) -> Result<(), Error> {
    match (&limit.service, limit.measure) {
        (Some(id), _) => service(id)?,
        (None, Measure::Quantity) => return Err(Error::QuantityWithoutService),
        (None, Measure::Credits | Measure::Usages) => {}
    }
    Ok(limit.period.check("period", LIMIT_MS_MIN, LIMIT_DAYS_MAX)?)
}

/// The limits that a programme's accounts start with.
pub(crate) fn default_limits(limits: &[Limit]) -> Result<(), Error> {
    if limits.len() > LIMITS_PER_SIDE_MAX {
        return Err(too_many("default-limits", LIMITS_PER_SIDE_MAX));
    }
    limits.iter().try_for_each(limit)
}

/// `quantity` times `numerator` by `denominator`, rounded up; `None` beyond the largest number.
pub(crate) fn proportion_up(quantity: u64, numerator: u64, denominator: u64) -> Option<u64> {
    let product = u128::from(quantity) * u128::from(numerator);
    u64::try_from(product.div_ceil(u128::from(denominator))).ok()
}

/// `whole` times `part` by `of`, rounded down; `part` is at most `of`, so it fits.
pub(crate) fn proportion_down(whole: u64, part: u64, of: u64) -> u64 {
    let share = u128::from(whole) * u128::from(part) / u128::from(of);
    u64::try_from(share).unwrap_or(whole)
}

/// A bound that is reached.
pub(crate) fn too_many(what: &str, max: usize) -> Error {
    Refusal::too_many(what, max).into()
}
