//! Credit lines: offered, drawn and ended. `payments` pays their bills.

use alloc::string::String;

use ehb_contract::{Address, Host, packed, trap};

use super::books::OpenBook;
use super::limits::Measured;
use super::programmes::programme;
use super::{TREASURER, acts_for, statements};
use crate::bindings::ehb::credit::events::{Billing, Event};
use crate::bindings::ehb::credit::types::{
    Bill, BillState, Error, Line, LineState, LineTerms, Party, Subject,
};
use crate::checks::{self, HOUR_MS, OFFER_MS_MAX, proportion_up};
use crate::errors::{too_early, too_late, wrong_party};
use crate::keys::{
    BILLS, BILLS_OF, DUE, KEYS, LATEST_BILL, LATEST_LINE, LINES, LINES_OF, deadline,
};
use crate::states::{BILL, BillAction, LINE, LineAction, ProgrammeAction};
use crate::wallet;

/// How many steps a line that nobody advanced can be behind: a missed bill and its write-off, or the end
/// of a period, of the term and of the line.
const STEPS_BEHIND_MAX: u32 = 4;

/// See `lines.offer-line`.
pub fn offer_line(
    host: &mut Host,
    programme: u64,
    account: Address,
    terms: LineTerms,
    offer_ms: u64,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(programme, account, terms, offer_ms);
    KEYS.run(host, &key, "offer-line", &arguments, |host| {
        checks::line_terms(&terms)?;
        checks::range("offer-ms", offer_ms, HOUR_MS, OFFER_MS_MAX)?;
        let programme = self::programme(host, programme)?;
        super::check_treasurer(host, &programme)?;
        programme.check(host, ProgrammeAction::Lend)?;
        super::check_active(host, account)?;
        wallet::check_asset(host, &terms.asset)?;
        let mut open = OpenBook::open(host, &programme, account)?;
        if let Some(before) = open.book.line
            && !LINE.is_end(line(host, before)?.state)
        {
            return Err(Error::LineExists(before));
        }
        let id = LATEST_LINE.get(host).unwrap_or(0) + 1;
        LATEST_LINE.set(host, &id);
        open.book.line = Some(id);
        open.save(host);
        let offered = new_line(id, programme.id, account, terms, host.time_ms() + offer_ms);
        LINES_OF.set(host, &(programme.id, account, id), &());
        save(host, None, &offered);
        host.emit(Event::LineOffered(offered));
        Ok(id)
    })
}

fn new_line(
    id: u64,
    programme: u64,
    account: Address,
    terms: LineTerms,
    offer_expires_ms: u64,
) -> Line {
    Line {
        id,
        programme,
        account,
        terms,
        state: LineState::Offered,
        offer_expires_ms,
        ends_ms: 0,
        cycle: 0,
        cycle_from_ms: 0,
        cycle_ends_ms: 0,
        held: 0,
        unbilled: 0,
        unbilled_from_ms: 0,
        bills: 0,
        bill: None,
        billed: 0,
        due_ms: 0,
        written_off: 0,
    }
}

/// See `lines.accept-line`.
pub fn accept_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = line(host, id)?;
    check_account(host, &before)?;
    let mut line = before.clone();
    line.take(LineAction::Accept)?;
    programme(host, line.programme)?.check(host, ProgrammeAction::Lend)?;
    let now_ms = host.time_ms();
    if now_ms >= line.offer_expires_ms {
        return Err(too_late(Subject::Line(id), line.offer_expires_ms, now_ms));
    }
    super::check_active(host, line.account)?;
    line.ends_ms = now_ms + line.terms.term_ms;
    line.cycle = 1;
    line.cycle_from_ms = now_ms;
    line.cycle_ends_ms = now_ms + line.terms.cycle_ms;
    line.unbilled_from_ms = now_ms;
    changed(host, &before, line, Event::LineAccepted);
    Ok(())
}

/// See `lines.decline-line`.
pub fn decline_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = line(host, id)?;
    check_account(host, &before)?;
    step_to(host, before, LineAction::Decline, Event::LineDeclined)
}

/// See `lines.withdraw-line`.
pub fn withdraw_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = lent_by_caller(host, id)?;
    step_to(host, before, LineAction::Withdraw, Event::LineWithdrawn)
}

/// See `lines.suspend-line`.
pub fn suspend_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = lent_by_caller(host, id)?;
    step_to(host, before, LineAction::Suspend, Event::LineSuspended)
}

/// See `lines.resume-line`.
pub fn resume_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = lent_by_caller(host, id)?;
    step_to(host, before, LineAction::Resume, Event::LineResumed)
}

/// See `lines.close-line`.
pub fn close_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = line(host, id)?;
    let issuer = programme(host, before.programme)?.issuer;
    if !acts_for(host, issuer, TREASURER) && !acts_for(host, before.account, TREASURER) {
        return Err(wrong_party(Party::EitherTreasurer, before.account));
    }
    end(host, before)
}

/// See `lines.write-off-line`.
pub fn write_off_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = lent_by_caller(host, id)?;
    write_off(host, before)
}

/// The step of `deadlines.advance` for a line.
pub(super) fn advance(host: &mut Host, id: u64) -> Result<(), Error> {
    let line = line(host, id)?;
    let now_ms = host.time_ms();
    let Some(at_ms) = line.deadline() else {
        // Nothing follows from an end, whatever one wants.
        return LINE.next(Subject::Line(id), line.state, LineAction::Bill).map(drop);
    };
    if at_ms <= now_ms {
        return step(host, line, now_ms);
    }
    let ends = LINE.after(line.state, LineAction::End).is_some();
    if ends && programme(host, line.programme)?.is_over(now_ms) {
        return end(host, line);
    }
    Err(too_early(Subject::Line(id), at_ms, now_ms))
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
    let line = Line { held: before.held + credits, ..before.clone() };
    save(host, Some(&before), &line);
    Ok(())
}

/// Resolves what a usage has set aside of a line: a part is charged, the rest given back.
pub(super) fn resolve(host: &mut Host, id: u64, held: u64, charged: Measured<'_>) {
    let Ok(before) = line(host, id) else { trap("usage holds a part of an unknown line") };
    let mut line = before.clone();
    line.held -= held;
    if charged.credits > 0 {
        if line.state == LineState::WrittenOff {
            line.written_off += charged.credits;
        } else {
            line.unbilled += charged.credits;
            statements::count_for_bill(host, id, line.bills + 1, charged);
        }
    }
    save(host, Some(&before), &line);
    close_if_paid(host, line);
}

/// A line.
pub(super) fn line(host: &Host, id: u64) -> Result<Line, Error> {
    LINES.get(host, &id).ok_or(Error::UnknownLine(id))
}

impl Line {
    /// Takes a transition.
    pub(super) fn take(&mut self, action: LineAction) -> Result<(), Error> {
        self.state = LINE.next(Subject::Line(self.id), self.state, action)?;
        Ok(())
    }

    /// When something happens to it that anyone may bring about.
    pub(crate) fn deadline(&self) -> Option<u64> {
        let due_ms = if self.bill.is_some() { self.due_ms } else { u64::MAX };
        match self.state {
            LineState::Offered => Some(self.offer_expires_ms),
            LineState::Active | LineState::Suspended => {
                Some(due_ms.min(self.cycle_ends_ms).min(self.ends_ms))
            }
            LineState::Closing => Some(due_ms.min(self.cycle_ends_ms)),
            LineState::Delinquent => Some(self.due_ms + self.terms.grace_ms),
            LineState::Declined
            | LineState::Withdrawn
            | LineState::Lapsed
            | LineState::Closed
            | LineState::WrittenOff => None,
        }
    }

    /// What can be drawn.
    pub(super) fn free(&self) -> u64 {
        match LINE.after(self.state, LineAction::Draw) {
            Some(_) => self.terms.limit - (self.held + self.unbilled + self.billed),
            None => 0,
        }
    }
}

/// The one step of a line whose deadline has passed.
fn step(host: &mut Host, line: Line, now_ms: u64) -> Result<(), Error> {
    match line.state {
        LineState::Offered => step_to(host, line, LineAction::Lapse, Event::LineLapsed),
        LineState::Delinquent => write_off(host, line),
        _ if line.bill.is_some() && line.due_ms <= now_ms => miss(host, line),
        _ if line.cycle_ends_ms <= now_ms => end_cycle(host, line, now_ms),
        _ => end(host, line),
    }
}

/// The bill was not paid in time.
fn miss(host: &mut Host, before: Line) -> Result<(), Error> {
    let mut line = before.clone();
    line.take(LineAction::Miss)?;
    let mut bill = open_bill(host, &line)?;
    bill.take(BillAction::Miss)?;
    BILLS.set(host, &bill.id, &bill);
    save(host, Some(&before), &line);
    host.emit(Event::LineDelinquent(Billing { line, bill }));
    Ok(())
}

/// A billing period ends: what is unbilled goes on a bill, unless an earlier one is not paid yet. Periods
/// in which nobody came by are skipped in one step.
fn end_cycle(host: &mut Host, before: Line, now_ms: u64) -> Result<(), Error> {
    let mut line = before.clone();
    line.take(LineAction::Bill)?;
    let until_ms = line.cycle_ends_ms;
    let skipped = (now_ms - until_ms) / line.terms.cycle_ms;
    line.cycle = line.cycle.saturating_add(u32::try_from(skipped + 1).unwrap_or(u32::MAX));
    line.cycle_from_ms = until_ms + skipped * line.terms.cycle_ms;
    line.cycle_ends_ms = line.cycle_from_ms + line.terms.cycle_ms;
    if line.unbilled == 0 || line.bill.is_some() {
        if line.unbilled == 0 {
            line.unbilled_from_ms = line.cycle_from_ms;
        }
        changed(host, &before, line.clone(), Event::CycleEnded);
        close_if_paid(host, line);
        return Ok(());
    }
    let bill = make_bill(host, &mut line, until_ms, now_ms);
    save(host, Some(&before), &line);
    host.emit(Event::LineBilled(Billing { line, bill }));
    Ok(())
}

fn make_bill(host: &mut Host, line: &mut Line, until_ms: u64, now_ms: u64) -> Bill {
    let id = LATEST_BILL.get(host).unwrap_or(0) + 1;
    LATEST_BILL.set(host, &id);
    let credits = core::mem::take(&mut line.unbilled);
    let from_ms = core::mem::replace(&mut line.unbilled_from_ms, until_ms);
    line.bills += 1;
    line.bill = Some(id);
    line.billed = credits;
    line.due_ms = now_ms + line.terms.payment_ms;
    let bill = Bill {
        id,
        line: line.id,
        number: line.bills,
        from_ms,
        until_ms,
        credits,
        // The terms are such that the whole limit has a price.
        amount: proportion_up(credits, line.terms.price, line.terms.per).unwrap_or(u64::MAX),
        paid: 0,
        due_ms: line.due_ms,
        state: BillState::Due,
    };
    BILLS.set(host, &id, &bill);
    BILLS_OF.set(host, &(line.id, id), &());
    bill
}

/// No more draws. The end is now, so that paying an overdue bill does not open the line again.
fn end(host: &mut Host, before: Line) -> Result<(), Error> {
    let mut line = before.clone();
    line.take(LineAction::End)?;
    line.ends_ms = line.ends_ms.min(host.time_ms());
    changed(host, &before, line.clone(), Event::LineClosing);
    close_if_paid(host, line);
    Ok(())
}

/// Closes a closing line of which nothing is held, unbilled or unpaid.
pub(super) fn close_if_paid(host: &mut Host, before: Line) {
    if before.held > 0 || before.unbilled > 0 || before.bill.is_some() {
        return;
    }
    if let Some(state) = LINE.after(before.state, LineAction::Close) {
        let line = Line { state, ..before.clone() };
        changed(host, &before, line, Event::LineClosed);
    }
}

/// The issuer gives up the bill's rest and what is not billed.
fn write_off(host: &mut Host, before: Line) -> Result<(), Error> {
    let mut line = before.clone();
    line.take(LineAction::WriteOff)?;
    let mut bill = open_bill(host, &line)?;
    bill.take(BillAction::WriteOff)?;
    BILLS.set(host, &bill.id, &bill);
    line.written_off += line.billed + line.unbilled;
    line.unbilled = 0;
    line.forget_bill();
    save(host, Some(&before), &line);
    host.emit(Event::LineWrittenOff(Billing { line, bill }));
    Ok(())
}

impl Line {
    /// Takes the bill, which is over, off the line.
    pub(super) fn forget_bill(&mut self) {
        self.bill = None;
        self.billed = 0;
        self.due_ms = 0;
    }
}

impl Bill {
    /// Takes a transition.
    pub(super) fn take(&mut self, action: BillAction) -> Result<(), Error> {
        self.state = BILL.next(Subject::Bill(self.id), self.state, action)?;
        Ok(())
    }
}

fn open_bill(host: &Host, line: &Line) -> Result<Bill, Error> {
    let id = line.bill.unwrap_or(0);
    BILLS.get(host, &id).ok_or(Error::UnknownBill(id))
}

/// Takes a transition that changes nothing else.
fn step_to(
    host: &mut Host,
    before: Line,
    action: LineAction,
    event: fn(Line) -> Event,
) -> Result<(), Error> {
    let mut line = before.clone();
    line.take(action)?;
    changed(host, &before, line, event);
    Ok(())
}

/// Writes a line and tells it.
fn changed(host: &mut Host, before: &Line, line: Line, event: fn(Line) -> Event) {
    save(host, Some(before), &line);
    host.emit(event(line));
}

/// Writes a line and moves its deadline.
pub(super) fn save(host: &mut Host, before: Option<&Line>, line: &Line) {
    let (old, new) = (before.and_then(Line::deadline), line.deadline());
    if old != new {
        let subject = Subject::Line(line.id);
        if let Some(old) = old {
            DUE.remove(host, &deadline(old, subject));
        }
        if let Some(new) = new {
            DUE.set(host, &deadline(new, subject), &());
        }
    }
    LINES.set(host, &line.id, line);
}

fn check_account(host: &Host, line: &Line) -> Result<(), Error> {
    if acts_for(host, line.account, TREASURER) {
        return Ok(());
    }
    Err(wrong_party(Party::AccountTreasurer, line.account))
}

/// A line of a programme for which the caller deals with money.
fn lent_by_caller(host: &Host, id: u64) -> Result<Line, Error> {
    let line = line(host, id)?;
    super::check_treasurer(host, &programme(host, line.programme)?)?;
    Ok(line)
}
