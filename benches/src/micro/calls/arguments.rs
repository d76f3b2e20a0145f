//! The JSON arguments of the measured calls and of those that fill the state.

use serde_json::{Value, json};

use super::chain::{COMPANY, NOW_MS, person, text};
use crate::business::{self, hours_after};

/// The price of a piece, cents.
const PRICE: u64 = 100;

/// The number of the only store, location and programme.
fn first() -> Value {
    "1".into()
}

/// The number of the product, and of its variant, at a place.
fn numbered(place: u64) -> Value {
    (place + 1).to_string().into()
}

/// A hold for rent without a named payee.
pub(super) fn hold(place: u64) -> Value {
    json!({
        "asset": "EUR",
        "amount": "100",
        "payee": null,
        "controller": null,
        "expires-ms": hours_after(NOW_MS, 1),
        "reference": format!("rent {place:010}"),
    })
}

pub(super) fn store() -> Value {
    business::store("Store", &text(COMPANY))
}

pub(super) fn product() -> Value {
    business::product(&first(), "Hammer")
}

pub(super) fn variant(place: u64) -> Value {
    business::variant(&numbered(place), &format!("H-{place:010}"), PRICE)
}

pub(super) fn stock(place: u64, pieces: u64) -> Value {
    business::stock(&numbered(place), &first(), pieces)
}

/// An order of two lines, far apart in the state.
pub(super) fn order(place: u64, size: u64) -> Value {
    let variants = [place, place + size / 2].map(|place| numbered(place % size));
    business::order(&first(), &0.into(), variants.each_ref(), &first(), 2 * PRICE)
}

pub(super) fn posting() -> Value {
    business::posting(NOW_MS)
}

/// An offer of one milestone to the next person.
pub(super) fn offer(place: u64, posting: &Value) -> Value {
    business::offer(posting, &text(person(place + 1)), NOW_MS)
}

pub(super) fn price() -> Value {
    business::price(&first())
}

pub(super) fn grant(place: u64) -> Value {
    business::grant(&first(), &text(person(place)), 1_000_000, &hours_after(NOW_MS, 24))
}

pub(super) fn usage(place: u64) -> Value {
    business::usage(&first(), &text(person(place)), &text(COMPANY))
}

/// Four reports of one person's usage.
pub(super) fn reports(place: u64) -> Value {
    business::reports(&first(), &text(person(place)), NOW_MS, &format!("{place:010}"))
}
