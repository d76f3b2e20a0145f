//! What leaves the state after a time: usages that are over, and the references of reports. The events keep them.
//!
//! Usages are numbered in the order of time, so the oldest is next; no usage has an entry of its own for that.

use ehb_contract::{Host, check_due, trap, wrong_state_named};

use super::{usage, usage_records};
use crate::bindings::ehb::credit::events::{Event, Removal};
use crate::bindings::ehb::credit::types::{Error, Source, Usage, UsageState};
use crate::checks::{REFERENCE_KEPT_MS, USAGE_KEPT_MS};
use crate::keys::{
    DEADLINES, GRANTS, Kind, LINES, REMOVED_REFERENCES, REMOVED_USAGES, REPORTS, USAGE_NUMBERS,
    USAGES, UsageNumbers,
};

/// How many usages or references one step removes.
const REMOVED_PER_STEP: u64 = 8;

/// The step of `deadlines.advance` for a removal.
pub(super) fn lapse(host: &mut Host, what: u64) -> Result<(), Error> {
    match what {
        REMOVED_USAGES => {
            let numbers = USAGE_NUMBERS.get(host).unwrap_or_default();
            check(host, what, numbers.removed, USAGE_KEPT_MS)?;
            // References are due before.
            if numbers.removed == numbers.unreferenced {
                remove_references(host)?;
            }
            remove_usages(host)
        }
        REMOVED_REFERENCES => remove_references(host),
        _ => Err(Kind::Removal.unknown(what).into()),
    }
}

/// Removes the oldest usages.
fn remove_usages(host: &mut Host) -> Result<(), Error> {
    let mut numbers = USAGE_NUMBERS.get(host).unwrap_or_default();
    let due_ms = check(host, REMOVED_USAGES, numbers.removed, USAGE_KEPT_MS)?;
    let first = numbers.removed + 1;
    let last = numbers.unreferenced.min(numbers.removed + REMOVED_PER_STEP);
    for id in first..=last {
        let Some(usage) = old(host, id, USAGE_KEPT_MS) else { break };
        if usage.state == UsageState::Authorised {
            // Nobody has advanced it since it timed out.
            usage::lapse(host, id)?;
        }
        forget(host, &usage_records::usage(host, id)?);
        numbers.removed = id;
    }
    go_on(host, REMOVED_USAGES, numbers, due_ms, (numbers.removed, USAGE_KEPT_MS));
    let last = numbers.removed;
    host.emit(Event::UsagesRemoved(Removal { first, last }));
    Ok(())
}

/// Removes a usage. Its grants and line keep what it used of them.
fn forget(host: &mut Host, usage: &Usage) {
    for (source, credits) in usage.shares().filter(|(_, credits)| *credits > 0) {
        match source {
            Source::Grant(id) => {
                let Some(mut grant) = GRANTS.get(host, &id) else { trap("a usage of no grant") };
                grant.used_removed += credits;
                GRANTS.set(host, &id, &grant);
            }
            Source::CreditLine(id) => {
                let Some(mut line) = LINES.get(host, &id) else { trap("a usage of no line") };
                line.used_removed += credits;
                LINES.set(host, &id, &line);
            }
        }
    }
    USAGES.remove(host, &usage.id);
}

/// Removes the references of the oldest reports.
fn remove_references(host: &mut Host) -> Result<(), Error> {
    let mut numbers = USAGE_NUMBERS.get(host).unwrap_or_default();
    let due_ms = check(host, REMOVED_REFERENCES, numbers.unreferenced, REFERENCE_KEPT_MS)?;
    let first = numbers.unreferenced + 1;
    for id in first..first + REMOVED_PER_STEP {
        let Some(usage) = old(host, id, REFERENCE_KEPT_MS) else { break };
        // A usage that was authorised has a window, and its reference is in no index.
        if usage.expires_ms == usage.at_ms {
            REPORTS.remove(host, &(usage.programme, usage.meter, usage.reference));
        }
        numbers.unreferenced = id;
    }
    go_on(host, REMOVED_REFERENCES, numbers, due_ms, (numbers.unreferenced, REFERENCE_KEPT_MS));
    let last = numbers.unreferenced;
    host.emit(Event::ReferencesRemoved(Removal { first, last }));
    Ok(())
}

/// A usage, where it was made long enough ago.
fn old(host: &Host, id: u64, kept_ms: u64) -> Option<Usage> {
    USAGES.get(host, &id).filter(|usage| usage.at_ms + kept_ms <= host.time_ms())
}

/// The deadline of a removal, which has passed.
fn check(host: &Host, what: u64, before: u64, kept_ms: u64) -> Result<u64, Error> {
    let item = || Kind::Removal.item(what);
    let Some(due_ms) = deadline(host, before, kept_ms) else {
        return Err(wrong_state_named(item(), "idle", "advance").into());
    };
    check_due(host, item, due_ms)?;
    Ok(due_ms)
}

/// When the usage after this one leaves, or its reference.
fn deadline(host: &Host, before: u64, kept_ms: u64) -> Option<u64> {
    USAGES.get(host, &(before + 1)).map(|usage| usage.at_ms + kept_ms)
}

/// Writes what was removed, and sets the next deadline.
fn go_on(
    host: &mut Host,
    what: u64,
    numbers: UsageNumbers,
    due_ms: u64,
    (before, kept_ms): (u64, u64),
) {
    USAGE_NUMBERS.set(host, &numbers);
    let next_ms = deadline(host, before, kept_ms);
    // It is removed first, so that `advance-due` finds it again where it is still due.
    DEADLINES.remove(host, Kind::Removal, what, due_ms);
    if let Some(next_ms) = next_ms {
        DEADLINES.add(host, Kind::Removal, what, next_ms);
    }
}
