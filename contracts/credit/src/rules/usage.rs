//! Metered usage: authorising, capturing and voiding it, and charging it to grants and credit lines.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::Party;
use ehb_contract::{Address, Host, check_before, check_due, packed};

use super::books::{OpenBook, add};
use super::limits::Measured;
use super::prices::{cost, price_at};
use super::programme_records::programme;
use super::usage_records::{next_id, usage};
use super::{CLERK, acts_for, billing, closing, statements};
use crate::bindings::ehb::credit::events::{Capture, Event, UsageRelease};
use crate::bindings::ehb::credit::types::{
    CreditShortfall, Draw, Error, Source, Usage, UsageState,
};
use crate::checks::{self, AUTHORISED_MS_MAX};
use crate::keys::{DEADLINES, KEYS, Kind, METERS, USAGES};
use crate::states::{ProgrammeAction, USAGE, UsageAction};

/// See `metering.authorise-usage`.
#[expect(clippy::too_many_arguments, reason = "they are those of the interface")]
pub fn authorise_usage(
    host: &mut Host,
    programme: u64,
    account: Address,
    service: String,
    quantity_max: u64,
    meter: Address,
    capture_window_ms: u64,
    reference: String,
    key: String,
) -> Result<u64, Error> {
    let arguments =
        packed!(programme, account, service, quantity_max, meter, capture_window_ms, reference);
    KEYS.run(host, &key, "authorise-usage", &arguments, |host| {
        checks::service(&service)?;
        checks::quantity("quantity-max", quantity_max)?;
        checks::window(host, "capture-window-ms", capture_window_ms, AUTHORISED_MS_MAX)?;
        checks::usage_reference(&reference, 0)?;
        let known = self::programme(host, programme)?;
        known.check(host, ProgrammeAction::Charge)?;
        if !METERS.contains(host, &(programme, meter)) {
            return Err(Error::UnknownMeter(meter));
        }
        if host.caller() != meter && !acts_for(host, account, CLERK) {
            return Err(Error::WrongParty(Party::member(account, CLERK)));
        }
        super::check_active(host, account)?;
        let at_ms = host.time_ms();
        let price = price_at(host, programme, &service, at_ms)?;
        let credits_max = cost(price, quantity_max)?;
        let mut open = OpenBook::open(host, &known, account)?;
        let measured =
            Measured { service: &service, quantity: quantity_max, credits: credits_max, usages: 1 };
        let draws = set_aside(host, &mut open, account, measured)?;
        open.save(host);

        let id = next_id(host);
        let usage = Usage {
            id,
            programme,
            account,
            service,
            meter,
            price,
            quantity_max,
            credits_max,
            quantity: 0,
            credits: 0,
            draws,
            state: UsageState::Authorised,
            at_ms,
            expires_ms: at_ms + capture_window_ms,
            reference,
        };
        USAGES.set(host, &id, &usage);
        DEADLINES.add(host, Kind::Usage, id, usage.expires_ms);
        host.emit(Event::UsageAuthorised(usage));
        Ok(id)
    })
}

/// See `metering.capture-usage`.
pub fn capture_usage(host: &mut Host, id: u64, quantity: u64, key: String) -> Result<u64, Error> {
    KEYS.run(host, &key, "capture-usage", &packed!(id, quantity), |host| {
        checks::not_zero(quantity)?;
        let mut usage = usage(host, id)?;
        check_meter(host, &usage)?;
        usage.state = USAGE.next(|| Kind::Usage.item(id), usage.state, UsageAction::Capture)?;
        let at_ms = host.time_ms();
        check_before(host, || Kind::Usage.item(id), usage.expires_ms)?;
        checks::range("quantity", quantity, 1, usage.quantity_max)?;
        let credits = cost(usage.price, quantity)?;
        usage.quantity = quantity;
        usage.credits = credits;
        let captured = Event::UsageCaptured(Capture { usage: id, quantity, credits, at_ms });
        put_away(host, &usage);
        let open = OpenBook::known(host, usage.programme, usage.account);
        charge(host, open, &usage, captured)?;
        Ok(credits)
    })
}

/// See `metering.void-usage`.
pub fn void_usage(host: &mut Host, id: u64) -> Result<(), Error> {
    let usage = usage(host, id)?;
    check_meter(host, &usage)?;
    give_back(host, usage, UsageAction::Void, Event::UsageVoided)
}

/// The step of `deadlines.advance` for a usage.
pub(super) fn lapse(host: &mut Host, id: u64) -> Result<(), Error> {
    let usage = usage(host, id)?;
    let item = || Kind::Usage.item(id);
    USAGE.next(item, usage.state, UsageAction::TimeOut)?;
    check_due(host, item, usage.expires_ms)?;
    give_back(host, usage, UsageAction::TimeOut, Event::UsageTimedOut)
}

impl Usage {
    /// The credits that it used of each of its sources: the first are charged before the last.
    pub(crate) fn shares(&self) -> impl Iterator<Item = (Source, u64)> {
        let mut missing = self.credits;
        self.draws.iter().map(move |draw| {
            let charged = missing.min(draw.credits);
            missing -= charged;
            (draw.source, charged)
        })
    }
}

/// Counts a usage into the limits and sets what it costs aside: from grants, the rest from the credit
/// line. Writes the line, and only when nothing can be refused any more; the book is the caller's to save.
pub(super) fn set_aside(
    host: &mut Host,
    open: &mut OpenBook,
    account: Address,
    measured: Measured<'_>,
) -> Result<Vec<Draw>, Error> {
    let now_ms = host.time_ms();
    open.book.count(now_ms, measured)?;
    let free = open.book.free(now_ms);
    let (mut draws, missing) = open.book.set_aside(now_ms, measured.credits);
    if missing > 0 {
        let drawn = match open.book.line {
            Some(line) => billing::draw(host, line, missing).map(|()| line),
            None => Err(0),
        };
        let line = drawn.map_err(|available| {
            let available = free + available;
            Error::InsufficientCredit(CreditShortfall {
                account,
                available,
                needed: measured.credits,
            })
        })?;
        draws.push(Draw { source: Source::CreditLine(line), credits: missing });
    }
    Ok(draws)
}

/// Charges a usage to what it has set aside, returns the rest and counts it into the statements. Emits
/// the event between what had to happen before and what follows from it. Refuses nothing that the state
/// allows.
pub(super) fn charge(
    host: &mut Host,
    mut open: OpenBook,
    usage: &Usage,
    event: Event,
) -> Result<(), Error> {
    let line = match usage.draws.last() {
        Some(Draw { source: Source::CreditLine(line), credits }) => Some((*line, *credits)),
        _ => None,
    };
    if let Some((line, _)) = line {
        // Credits that are charged now belong to the current billing period.
        billing::catch_up(host, line);
    }
    let captured = usage.state == UsageState::Captured;
    let unused = Measured {
        service: &usage.service,
        quantity: usage.quantity_max - usage.quantity,
        credits: usage.credits_max - usage.credits,
        usages: u64::from(!captured),
    };
    open.book.uncount(usage.at_ms, unused);
    let resolved = open.book.resolve(&usage.draws, usage.credits);
    let from_line = usage.credits - resolved.charged;
    add(&mut open.book.month.credit_line_used, from_line);
    let month = open.book.month.month;
    open.save(host);
    host.emit(event);
    let (service, quantity) = (usage.service.as_str(), usage.quantity);
    if let Some((line, held)) = line {
        billing::resolve(
            host,
            line,
            held,
            Measured { service, quantity, credits: from_line, usages: 1 },
        );
    }
    for booked in resolved.finished {
        closing::finish(host, booked)?;
    }
    if captured {
        let charged = Measured { service, quantity, credits: usage.credits, usages: 1 };
        statements::count(host, usage.programme, usage.account, month, charged);
    }
    Ok(())
}

fn give_back(
    host: &mut Host,
    mut usage: Usage,
    action: UsageAction,
    event: fn(UsageRelease) -> Event,
) -> Result<(), Error> {
    usage.state = USAGE.next(|| Kind::Usage.item(usage.id), usage.state, action)?;
    put_away(host, &usage);
    let open = OpenBook::known(host, usage.programme, usage.account);
    let event = event(UsageRelease { usage: usage.id, at_ms: host.time_ms() });
    charge(host, open, &usage, event)
}

/// Writes a usage that is over.
fn put_away(host: &mut Host, usage: &Usage) {
    USAGES.set(host, &usage.id, usage);
    DEADLINES.remove(host, Kind::Usage, usage.id, usage.expires_ms);
}

/// Only the usage's meter, while it is registered, or the programme's issuer.
fn check_meter(host: &Host, usage: &Usage) -> Result<(), Error> {
    let caller = host.caller();
    let is_meter = caller == usage.meter && METERS.contains(host, &(usage.programme, caller));
    if is_meter || programme(host, usage.programme)?.issuer == caller {
        return Ok(());
    }
    Err(Error::WrongParty(Party::account(usage.meter)))
}
