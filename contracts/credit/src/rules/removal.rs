//! What leaves the state after a time: usages that are over, the references of reports, grants, and credit lines with
//! their bills. The events keep them.
//!
//! Usages are numbered in the order of time, so the oldest is next; no usage has an entry of its own for that. A grant or
//! line leaves long after all usages of its time.

use ehb_contract::{Host, check_due, trap, wrong_state_named};

use super::{usage, usage_records};
use crate::bindings::ehb::credit::events::{Event, Removal};
use crate::bindings::ehb::credit::types::{CreditLine, Error, Grant, Source, Usage, UsageState};
use crate::checks::{KEPT_MS, REFERENCE_KEPT_MS, USAGE_KEPT_MS};
use crate::keys::{
    BILL_LINES, BILLS, BILLS_OF, BOOKS, DEADLINES, GRANTS, GRANTS_OF, Kind, LEAVING, LINES,
    LINES_OF, Leaving, REMOVED_REFERENCES, REMOVED_USAGES, REPORTS, USAGE_NUMBERS, USAGES,
    UsageNumbers,
};

/// How many usages, references or bills one step removes.
const REMOVED_PER_STEP: u64 = 8;

/// How many services one step removes from the bills of a line.
const SERVICES_PER_STEP: u32 = 64;

// All usages of an item's time have left when it does.
const _: () = assert!(USAGE_KEPT_MS < KEPT_MS);

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

/// Removes a grant that was over long ago.
pub(super) fn grant(host: &mut Host, grant: &Grant) -> Result<(), Error> {
    let Grant { id, programme, account, ended_ms, .. } = *grant;
    check_usages(host, Kind::Grant, id, ended_ms)?;
    GRANTS.remove(host, &id);
    GRANTS_OF.remove(host, &(programme, account, id));
    DEADLINES.remove(host, Kind::Grant, id, ended_ms.unwrap_or(0) + KEPT_MS);
    host.emit(Event::Removed(Kind::Grant.item(id)));
    Ok(())
}

/// Removes a line that was over long ago, and the first of its bills.
pub(super) fn line(host: &mut Host, line: &CreditLine) -> Result<(), Error> {
    let CreditLine { id, programme, account, ended_ms, bills, .. } = *line;
    check_usages(host, Kind::CreditLine, id, ended_ms)?;
    if let Some(mut book) = BOOKS.get(host, &(programme, account))
        && book.line == Some(id)
    {
        book.line = None;
        BOOKS.set(host, &(programme, account), &book);
    }
    LINES.remove(host, &id);
    LINES_OF.remove(host, &(programme, account, id));
    host.emit(Event::Removed(Kind::CreditLine.item(id)));
    let leaving = Leaving { due_ms: ended_ms.unwrap_or(0) + KEPT_MS, unmade: bills + 1 };
    LEAVING.set(host, &id, &leaving);
    rest_of_line(host, id, leaving);
    Ok(())
}

/// Removes some of what is left of a line that left the state: its bills with their services, and the services of the bill
/// that was never made.
pub(super) fn rest_of_line(host: &mut Host, id: u64, Leaving { due_ms, unmade }: Leaving) {
    // It is removed first, so that `advance-due` finds it again where more is left.
    DEADLINES.remove(host, Kind::CreditLine, id, due_ms);
    if remove_bills(host, id, unmade) {
        LEAVING.remove(host, &id);
    } else {
        DEADLINES.add(host, Kind::CreditLine, id, due_ms);
    }
}

/// Removes some bills of a line; true when nothing is left.
fn remove_bills(host: &mut Host, line: u64, unmade: u32) -> bool {
    let mut room = SERVICES_PER_STEP;
    let limit = REMOVED_PER_STEP as u32;
    let bills = BILLS_OF.scan_under(host, &line, None, limit);
    let is_last = bills.len() < limit as usize;
    for (id, ()) in bills {
        let Some(bill) = BILLS.get(host, &id) else { trap("a line has a bill that is not there") };
        if !remove_services(host, (line, bill.number), &mut room) {
            return false;
        }
        BILLS.remove(host, &id);
        BILLS_OF.remove(host, &(line, id));
        host.emit(Event::Removed(Kind::Bill.item(id)));
    }
    is_last && remove_services(host, (line, unmade), &mut room)
}

/// Removes services of a bill as far as there is room in the step; true when none is left.
fn remove_services(host: &mut Host, (line, number): (u64, u32), room: &mut u32) -> bool {
    let services = BILL_LINES.scan_under(host, &(line, number), None, *room + 1);
    for (service, _) in services {
        if *room == 0 {
            return false;
        }
        *room -= 1;
        BILL_LINES.remove(host, &(line, number, service));
    }
    true
}

/// Refuses to remove an item while a usage is there that can have used it.
fn check_usages(host: &Host, kind: Kind, id: u64, ended_ms: Option<u64>) -> Result<(), Error> {
    let removed = USAGE_NUMBERS.get(host).unwrap_or_default().removed;
    let oldest = USAGES.get(host, &(removed + 1));
    if oldest.is_some_and(|usage| ended_ms.is_none_or(|ended_ms| usage.at_ms <= ended_ms)) {
        return Err(Error::StillHeld(kind.item(id)));
    }
    Ok(())
}
