//! Usages as they are stored, and their numbers.

use ehb_contract::{Host, wrong_state_named};

use crate::bindings::ehb::credit::types::{Error, Usage};
use crate::checks::{REFERENCE_KEPT_MS, USAGE_KEPT_MS};
use crate::keys::{
    DEADLINES, Kind, REMOVED_REFERENCES, REMOVED_USAGES, USAGE_NUMBERS, USAGES, UsageNumbers,
};

/// A usage that is in the state.
pub(super) fn usage(host: &Host, id: u64) -> Result<Usage, Error> {
    USAGES.get(host, &id).ok_or_else(|| {
        let removed = USAGE_NUMBERS.get(host).unwrap_or_default().removed;
        if (1..=removed).contains(&id) {
            wrong_state_named(Kind::Usage.item(id), "removed", "read").into()
        } else {
            Kind::Usage.unknown(id).into()
        }
    })
}

/// The next usage's number.
pub(super) fn next_id(host: &mut Host) -> u64 {
    let mut numbers = USAGE_NUMBERS.get(host).unwrap_or_default();
    expect_removal(host, numbers);
    numbers.latest += 1;
    USAGE_NUMBERS.set(host, &numbers);
    numbers.latest
}

/// Sets the deadlines of the removal of a usage that is about to be made, where it will be the oldest.
fn expect_removal(host: &mut Host, numbers: UsageNumbers) {
    let now_ms = host.time_ms();
    for (what, before, kept_ms) in [
        (REMOVED_USAGES, numbers.removed, USAGE_KEPT_MS),
        (REMOVED_REFERENCES, numbers.unreferenced, REFERENCE_KEPT_MS),
    ] {
        if before == numbers.latest {
            DEADLINES.add(host, Kind::Removal, what, now_ms + kept_ms);
        }
    }
}
