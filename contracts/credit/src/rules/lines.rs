//! Credit lines: who offers, accepts and ends them. `billing` is what time and usage do to them, `payments`
//! pays their bills.

use alloc::string::String;

use ehb_contract::common::Party;
use ehb_contract::{Address, Host, check_before, packed};

use super::billing::{end, write_off};
use super::books::OpenBook;
use super::line_records::{changed, line, save, step_to};
use super::programme_records::programme;
use super::{TREASURER, acts_for, treasurers};
use crate::bindings::ehb::credit::events::Event;
use crate::bindings::ehb::credit::types::{CreditLine, CreditLineState, CreditLineTerms, Error};
use crate::checks::{self, OFFER_MS_MAX};
use crate::keys::{KEYS, Kind, LATEST_LINE, LINES_OF};
use crate::states::{CreditLineAction, LINE, ProgrammeAction};
use crate::wallet;

/// See `credit-lines.offer-credit-line`.
pub fn offer_credit_line(
    host: &mut Host,
    programme: u64,
    account: Address,
    terms: CreditLineTerms,
    offer_window_ms: u64,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(programme, account, terms, offer_window_ms);
    KEYS.run(host, &key, "offer-credit-line", &arguments, |host| {
        checks::line_terms(host, &terms)?;
        checks::window(host, "offer-window-ms", offer_window_ms, OFFER_MS_MAX)?;
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
            return Err(Error::CreditLineExists(before));
        }
        let id = LATEST_LINE.get(host).unwrap_or(0) + 1;
        LATEST_LINE.set(host, &id);
        open.book.line = Some(id);
        open.save(host);
        let offered = new_line(id, programme.id, account, terms, host.time_ms() + offer_window_ms);
        LINES_OF.set(host, &(programme.id, account, id), &());
        save(host, None, &offered);
        host.emit(Event::CreditLineOffered(offered));
        Ok(id)
    })
}

fn new_line(
    id: u64,
    programme: u64,
    account: Address,
    terms: CreditLineTerms,
    offer_expires_ms: u64,
) -> CreditLine {
    CreditLine {
        id,
        programme,
        account,
        terms,
        state: CreditLineState::Offered,
        offer_expires_ms,
        ends_ms: None,
        cycle: 0,
        cycle_from_ms: None,
        cycle_ends_ms: None,
        held: 0,
        used_removed: 0,
        unbilled: 0,
        unbilled_from_ms: None,
        bills: 0,
        bill: None,
        billed: 0,
        due_ms: None,
        written_off: 0,
        suspended: false,
        ended_ms: None,
    }
}

/// See `credit-lines.accept-credit-line`.
pub fn accept_credit_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = line(host, id)?;
    check_account(host, &before)?;
    let mut line = before.clone();
    line.take(CreditLineAction::Accept)?;
    programme(host, line.programme)?.check(host, ProgrammeAction::Lend)?;
    let now_ms = host.time_ms();
    check_before(host, || Kind::CreditLine.item(id), line.offer_expires_ms)?;
    super::check_active(host, line.account)?;
    line.ends_ms = Some(now_ms + line.terms.term_ms);
    line.cycle = 1;
    line.cycle_from_ms = Some(now_ms);
    line.cycle_ends_ms = Some(line.terms.cycle.window_since(now_ms, now_ms).0.end_ms);
    line.unbilled_from_ms = Some(now_ms);
    changed(host, &before, line, Event::CreditLineAccepted);
    Ok(())
}

/// See `credit-lines.decline-credit-line`.
pub fn decline_credit_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = line(host, id)?;
    check_account(host, &before)?;
    step_to(host, before, CreditLineAction::Decline, Event::CreditLineDeclined)
}

/// See `credit-lines.withdraw-credit-line`.
pub fn withdraw_credit_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = lent_by_caller(host, id)?;
    step_to(host, before, CreditLineAction::Withdraw, Event::CreditLineWithdrawn)
}

/// See `credit-lines.suspend-credit-line`.
pub fn suspend_credit_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = lent_by_caller(host, id)?;
    step_to(host, before, CreditLineAction::Suspend, Event::CreditLineSuspended)
}

/// See `credit-lines.resume-credit-line`.
pub fn resume_credit_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = lent_by_caller(host, id)?;
    step_to(host, before, CreditLineAction::Resume, Event::CreditLineResumed)
}

/// See `credit-lines.close-credit-line`.
pub fn close_credit_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = line(host, id)?;
    let issuer = programme(host, before.programme)?.issuer;
    if !acts_for(host, issuer, TREASURER) && !acts_for(host, before.account, TREASURER) {
        return Err(Error::WrongParty(Party::member(before.account, TREASURER)));
    }
    end(host, before)
}

/// See `credit-lines.write-off-credit-line`.
pub fn write_off_credit_line(host: &mut Host, id: u64) -> Result<(), Error> {
    let before = lent_by_caller(host, id)?;
    LINE.next(|| Kind::CreditLine.item(id), before.state, CreditLineAction::WriteOff)?;
    let programme = programme(host, before.programme)?;
    treasurers::give(host, &programme, before.billed + before.unbilled)?;
    write_off(host, before)
}

fn check_account(host: &Host, line: &CreditLine) -> Result<(), Error> {
    if acts_for(host, line.account, TREASURER) {
        return Ok(());
    }
    Err(Error::WrongParty(Party::member(line.account, TREASURER)))
}

/// A line of a programme for which the caller deals with money.
fn lent_by_caller(host: &Host, id: u64) -> Result<CreditLine, Error> {
    let line = line(host, id)?;
    super::check_treasurer(host, &programme(host, line.programme)?)?;
    Ok(line)
}
