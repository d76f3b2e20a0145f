//! How time and usage move credit lines: drawn, billed, missed, ended, written off.

use ehb_contract::common::Refusal;
use ehb_contract::{Host, trap};

use super::limits::Measured;
use super::line_records::{changed, line, save, step_to};
use super::programme_records::programme;
use super::{removal, statements};
use crate::bindings::ehb::credit::events::{Billing, Event};
use crate::bindings::ehb::credit::types::{Bill, BillState, CreditLine, CreditLineState, Error};
use crate::checks::{KEPT_MS, proportion_up};
use crate::keys::{BILLS, BILLS_OF, Kind, LATEST_BILL, LEAVING};
use crate::states::{BILL, BillAction, CreditLineAction, LINE};

/// How many steps a line that nobody advanced can be behind: a missed bill and its write-off, or the end
/// of a period, of the term and of the line.
const STEPS_BEHIND_MAX: u32 = 4;

/// The step of `deadlines.advance` for a line.
pub(super) fn lapse(host: &mut Host, id: u64) -> Result<(), Error> {
    if let Some(leaving) = LEAVING.get(host, &id) {
        removal::rest_of_line(host, id, leaving);
        return Ok(());
    }
    let line = line(host, id)?;
    let now_ms = host.time_ms();
    let Some(at_ms) = line.deadline() else {
        if line.ended_ms.is_some_and(|ended_ms| ended_ms + KEPT_MS <= now_ms) {
            return removal::line(host, &line);
        }
        // Nothing follows from an end, whatever one wants.
        LINE.next(|| Kind::CreditLine.item(id), line.state, CreditLineAction::Bill)?;
        return Ok(());
    };
    if at_ms <= now_ms {
        return step(host, line, now_ms);
    }
    let ends = LINE.after(line.state, CreditLineAction::End).is_some();
    if ends && programme(host, line.programme)?.is_over(now_ms) {
        return end(host, line);
    }
    Err(Refusal::too_early(Kind::CreditLine.item(id), at_ms, now_ms).into())
}

/// Takes the steps of a line whose deadlines have passed without anybody advancing it.
pub(super) fn catch_up(host: &mut Host, id: u64) {
    let now_ms = host.time_ms();
    for _ in 0..STEPS_BEHIND_MAX {
        let Ok(line) = line(host, id) else { return };
        let behind = line.deadline().is_some_and(|at_ms| at_ms <= now_ms);
        // A line that has a deadline has a step.
        if !behind || step(host, line, now_ms).is_err() {
            return;
        }
    }
}

/// Sets credits of a line aside; the error is how many it has free. Writes nothing then but steps that
/// were due.
pub(super) fn draw(host: &mut Host, id: u64, credits: u64) -> Result<(), u64> {
    catch_up(host, id);
    let before = line(host, id).map_err(|_| 0_u64)?;
    let free = before.free();
    if free < credits {
        return Err(free);
    }
    let line = CreditLine { held: before.held + credits, ..before.clone() };
    save(host, Some(&before), &line);
    Ok(())
}

/// Resolves what a usage has set aside of a line: a part is charged, the rest given back.
pub(super) fn resolve(host: &mut Host, id: u64, held: u64, charged: Measured<'_>) {
    let Ok(before) = line(host, id) else { trap("usage holds a part of an unknown line") };
    let mut line = before.clone();
    line.held -= held;
    if charged.credits > 0 {
        if line.state == CreditLineState::WrittenOff {
            line.written_off += charged.credits;
        } else {
            line.unbilled += charged.credits;
            statements::count_for_bill(host, id, line.bills + 1, charged);
        }
    }
    save(host, Some(&before), &line);
    close_if_paid(host, line);
}

/// The one step of a line whose deadline has passed.
fn step(host: &mut Host, line: CreditLine, now_ms: u64) -> Result<(), Error> {
    match line.state {
        CreditLineState::Offered => {
            step_to(host, line, CreditLineAction::Expire, Event::CreditLineExpired)
        }
        CreditLineState::Delinquent => write_off(host, line),
        _ if line.due_ms.is_some_and(|due_ms| due_ms <= now_ms) => miss(host, line),
        _ => match line.cycle_ends_ms {
            Some(until_ms) if until_ms <= now_ms => end_cycle(host, line, until_ms, now_ms),
            _ => end(host, line),
        },
    }
}

/// The bill was not paid in time.
fn miss(host: &mut Host, before: CreditLine) -> Result<(), Error> {
    let mut line = before.clone();
    line.take(CreditLineAction::Miss)?;
    let mut bill = open_bill(host, &line)?;
    bill.take(BillAction::Miss)?;
    BILLS.set(host, &bill.id, &bill);
    save(host, Some(&before), &line);
    host.emit(Event::CreditLineDelinquent(Billing { credit_line: line, bill }));
    Ok(())
}

/// A billing period ends: what is unbilled goes on a bill, unless an earlier one is not paid yet. Periods
/// in which nobody came by are skipped in one step.
fn end_cycle(host: &mut Host, before: CreditLine, until_ms: u64, now_ms: u64) -> Result<(), Error> {
    let mut line = before.clone();
    line.take(CreditLineAction::Bill)?;
    let (window, skipped) = line.terms.cycle.window_since(until_ms, now_ms);
    line.cycle = line.cycle.saturating_add(u32::try_from(skipped + 1).unwrap_or(u32::MAX));
    (line.cycle_from_ms, line.cycle_ends_ms) = (Some(window.start_ms), Some(window.end_ms));
    if line.unbilled == 0 || line.bill.is_some() {
        if line.unbilled == 0 {
            line.unbilled_from_ms = line.cycle_from_ms;
        }
        changed(host, &before, line.clone(), Event::BillingCycleEnded);
        close_if_paid(host, line);
        return Ok(());
    }
    let bill = make_bill(host, &mut line, until_ms, now_ms);
    save(host, Some(&before), &line);
    host.emit(Event::CreditLineBilled(Billing { credit_line: line, bill }));
    Ok(())
}

fn make_bill(host: &mut Host, line: &mut CreditLine, until_ms: u64, now_ms: u64) -> Bill {
    let id = LATEST_BILL.get(host).unwrap_or(0) + 1;
    LATEST_BILL.set(host, &id);
    let credits = core::mem::take(&mut line.unbilled);
    // A line with something unbilled was accepted, so that the time is known.
    let from_ms = line.unbilled_from_ms.replace(until_ms).unwrap_or(until_ms);
    line.bills += 1;
    line.bill = Some(id);
    line.billed = credits;
    let due_ms = now_ms + line.terms.payment_window_ms;
    line.due_ms = Some(due_ms);
    let bill = Bill {
        id,
        credit_line: line.id,
        number: line.bills,
        from_ms,
        until_ms,
        credits,
        // The terms are such that the whole limit has a price.
        amount: proportion_up(credits, line.terms.price, line.terms.per).unwrap_or(u64::MAX),
        paid: 0,
        due_ms,
        state: BillState::Due,
    };
    BILLS.set(host, &id, &bill);
    BILLS_OF.set(host, &(line.id, id), &());
    bill
}

/// No more draws. The end is now, so that paying an overdue bill does not open the line again.
pub(super) fn end(host: &mut Host, before: CreditLine) -> Result<(), Error> {
    let mut line = before.clone();
    line.take(CreditLineAction::End)?;
    line.ends_ms = line.ends_ms.map(|ends_ms| ends_ms.min(host.time_ms()));
    changed(host, &before, line.clone(), Event::CreditLineClosing);
    close_if_paid(host, line);
    Ok(())
}

/// Closes a closing line of which nothing is held, unbilled or unpaid.
pub(super) fn close_if_paid(host: &mut Host, before: CreditLine) {
    if before.held > 0 || before.unbilled > 0 || before.bill.is_some() {
        return;
    }
    if let Some(state) = LINE.after(before.state, CreditLineAction::Close) {
        let ended_ms = Some(host.time_ms());
        let line = CreditLine { state, ended_ms, ..before.clone() };
        changed(host, &before, line, Event::CreditLineClosed);
    }
}

/// The issuer writes off the bill's rest and the unbilled credits.
pub(super) fn write_off(host: &mut Host, before: CreditLine) -> Result<(), Error> {
    let mut line = before.clone();
    line.take(CreditLineAction::WriteOff)?;
    let mut bill = open_bill(host, &line)?;
    bill.take(BillAction::WriteOff)?;
    BILLS.set(host, &bill.id, &bill);
    line.written_off += line.billed + line.unbilled;
    line.unbilled = 0;
    line.forget_bill();
    line.ended_ms = Some(host.time_ms());
    save(host, Some(&before), &line);
    host.emit(Event::CreditLineWrittenOff(Billing { credit_line: line, bill }));
    Ok(())
}

impl CreditLine {
    /// Takes the bill, which is over, off the line.
    pub(super) fn forget_bill(&mut self) {
        self.bill = None;
        self.billed = 0;
        self.due_ms = None;
    }
}

impl Bill {
    /// Takes a transition.
    pub(super) fn take(&mut self, action: BillAction) -> Result<(), Error> {
        self.state = BILL.next(|| Kind::Bill.item(self.id), self.state, action)?;
        Ok(())
    }
}

fn open_bill(host: &Host, line: &CreditLine) -> Result<Bill, Error> {
    let id = line.bill.unwrap_or(0);
    bill(host, id)
}

/// A bill.
pub(super) fn bill(host: &Host, id: u64) -> Result<Bill, Error> {
    Ok(BILLS.find_kept(host, Kind::Bill, id, |host| LATEST_BILL.get(host))?)
}
