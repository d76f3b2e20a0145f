//! Credit lines: who offers, accepts and ends them. `billing` is what time and usage do to them, `payments`
//! pays their bills.

use alloc::string::String;

use ehb_contract::calendar::HOUR_MS;
use ehb_contract::common::Party;
use ehb_contract::{Address, Host, check_before, packed};

use super::billing::{end, write_off};
use super::books::OpenBook;
use super::programmes::programme;
use super::{TREASURER, acts_for, treasurers};
use crate::bindings::ehb::credit::events::Event;
use crate::bindings::ehb::credit::types::{Error, Line, LineState, LineTerms};
use crate::checks::{self, OFFER_MS_MAX};
use crate::keys::{DEADLINES, KEYS, Kind, LATEST_LINE, LINES, LINES_OF};
use crate::states::{LINE, LineAction, ProgrammeAction};
use crate::wallet;

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
        wallet::get_asset(host, terms.asset.clone())?;
        treasurers::give(host, &programme, terms.limit)?;
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
    check_before(host, || Kind::Line.item(id), line.offer_expires_ms)?;
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
        return Err(Error::WrongParty(Party::member(before.account, TREASURER)));
    }
    end(host, before)
}

/// See `lines.write-off-line`.
pub fn write_off_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = lent_by_caller(host, id)?;
    LINE.next(|| Kind::Line.item(id), before.state, LineAction::WriteOff)?;
    let programme = programme(host, before.programme)?;
    treasurers::give(host, &programme, before.billed + before.unbilled)?;
    write_off(host, before)
}

/// A line.
pub(super) fn line(host: &Host, id: u64) -> Result<Line, Error> {
    LINES.get(host, &id).ok_or_else(|| Kind::Line.unknown(id).into())
}

impl Line {
    /// Takes a transition.
    pub(super) fn take(&mut self, action: LineAction) -> Result<(), Error> {
        self.state = LINE.next(|| Kind::Line.item(self.id), self.state, action)?;
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

/// Takes a transition that changes nothing else.
pub(super) fn step_to(
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
pub(super) fn changed(host: &mut Host, before: &Line, line: Line, event: fn(Line) -> Event) {
    save(host, Some(before), &line);
    host.emit(event(line));
}

/// Writes a line and moves its deadline.
pub(super) fn save(host: &mut Host, before: Option<&Line>, line: &Line) {
    let (old, new) = (before.and_then(Line::deadline), line.deadline());
    DEADLINES.change(host, Kind::Line, line.id, old, new);
    LINES.set(host, &line.id, line);
}

fn check_account(host: &Host, line: &Line) -> Result<(), Error> {
    if acts_for(host, line.account, TREASURER) {
        return Ok(());
    }
    Err(Error::WrongParty(Party::member(line.account, TREASURER)))
}

/// A line of a programme for which the caller deals with money.
fn lent_by_caller(host: &Host, id: u64) -> Result<Line, Error> {
    let line = line(host, id)?;
    super::check_treasurer(host, &programme(host, line.programme)?)?;
    Ok(line)
}
