//! Programmes: creating, configuring and closing them, and registering their meters.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::{Address, Host, check_due, packed, payout};

use super::programme_records::programme;
use super::{ending, treasurers};
use crate::bindings::ehb::credit::events::{Event, MeterRemoval};
use crate::bindings::ehb::credit::types::{
    Error, Limit, Meter, Programme, ProgrammeState, SaleTerms,
};
use crate::checks::{self, AHEAD_MS_MAX};
use crate::keys::{DEADLINES, KEYS, Kind, LATEST_PROGRAMME, METERS, PROGRAMMES, SCHEMA};
use crate::states::{PROGRAMME, ProgrammeAction};
use crate::wallet;

/// The role that lets an account create programmes.
const ISSUER_ROLE: &str = "issuer";

/// See `programmes.create-programme`.
pub fn create_programme(
    host: &mut Host,
    name: String,
    unit: String,
    payout_account: Address,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(name, unit, payout_account);
    KEYS.run(host, &key, "create-programme", &arguments, |host| {
        checks::name(&name)?;
        checks::unit(&unit)?;
        let issuer = host.caller();
        if !host.has_role(issuer, ISSUER_ROLE) {
            return Err(Error::MissingRole(String::from(ISSUER_ROLE)));
        }
        super::check_active(host, payout_account)?;
        SCHEMA.mark(host);
        let id = LATEST_PROGRAMME.get(host).unwrap_or(0) + 1;
        LATEST_PROGRAMME.set(host, &id);
        let created = Programme {
            id,
            issuer,
            payout_account,
            name,
            unit,
            state: ProgrammeState::Open,
            closes_ms: None,
            sale_terms: None,
            default_limits: Vec::new(),
            payout_change: None,
        };
        PROGRAMMES.set(host, &id, &created);
        host.emit(Event::ProgrammeCreated(created));
        Ok(id)
    })
}

/// See `programmes.set-payout-account`.
pub fn set_payout_account(
    host: &mut Host,
    programme: u64,
    payout_account: Address,
) -> Result<(), Error> {
    let known = self::programme(host, programme)?;
    treasurers::check_issuer(host, &known)?;
    let payout_change = Some(payout::announce(host, payout_account)?);
    write(host, Programme { payout_change, ..known }, Event::PayoutAccountSet);
    Ok(())
}

/// See `programmes.cancel-payout-change`.
pub fn cancel_payout_change(host: &mut Host, programme: u64) -> Result<(), Error> {
    let mut known = self::programme(host, programme)?;
    super::check_treasurer(host, &known)?;
    payout::cancel(&mut known.payout_change)?;
    write(host, known, Event::PayoutChangeCancelled);
    Ok(())
}

/// See `programmes.set-sale-terms`.
pub fn set_sale_terms(
    host: &mut Host,
    programme: u64,
    sale_terms: Option<SaleTerms>,
) -> Result<(), Error> {
    sale_terms.as_ref().map_or(Ok(()), checks::sale_terms)?;
    let known = self::programme(host, programme)?;
    super::check_seller(host, &known)?;
    known.check(host, ProgrammeAction::SetSaleTerms)?;
    if let Some(sale) = &sale_terms {
        wallet::get_asset(host, sale.asset.clone())?;
    }
    write(host, Programme { sale_terms, ..known }, Event::SaleTermsSet);
    Ok(())
}

/// See `programmes.register-meter`.
pub fn register_meter(
    host: &mut Host,
    programme: u64,
    account: Address,
    name: String,
) -> Result<(), Error> {
    checks::name(&name)?;
    let known = self::programme(host, programme)?;
    super::check_seller(host, &known)?;
    known.check(host, ProgrammeAction::RegisterMeter)?;
    super::check_active(host, account)?;
    METERS.set(host, &(programme, account), &name);
    host.emit(Event::MeterRegistered(Meter { programme, account, name }));
    Ok(())
}

/// See `programmes.remove-meter`.
pub fn remove_meter(host: &mut Host, programme: u64, account: Address) -> Result<(), Error> {
    let known = self::programme(host, programme)?;
    super::check_seller(host, &known)?;
    if !METERS.contains(host, &(programme, account)) {
        return Err(Error::UnknownMeter(account));
    }
    METERS.remove(host, &(programme, account));
    host.emit(Event::MeterRemoved(MeterRemoval { programme, account }));
    Ok(())
}

/// See `programmes.set-default-limits`.
pub fn set_default_limits(
    host: &mut Host,
    programme: u64,
    limits: Vec<Limit>,
) -> Result<(), Error> {
    checks::default_limits(&limits)?;
    let known = self::programme(host, programme)?;
    super::check_seller(host, &known)?;
    write(host, Programme { default_limits: limits, ..known }, Event::DefaultLimitsSet);
    Ok(())
}

/// See `programmes.close-programme`.
pub fn close_programme(host: &mut Host, programme: u64, closes_ms: u64) -> Result<(), Error> {
    let known = self::programme(host, programme)?;
    treasurers::check_issuer(host, &known)?;
    let item = || Kind::Programme.item(programme);
    let state = PROGRAMME.next(item, known.state, ProgrammeAction::Announce)?;
    checks::ahead("closes-ms", closes_ms, host.time_ms(), AHEAD_MS_MAX)?;
    DEADLINES.add(host, Kind::Programme, programme, closes_ms);
    let closes_ms = Some(closes_ms);
    write(host, Programme { state, closes_ms, ..known }, Event::ProgrammeClosing);
    Ok(())
}

/// The step of `deadlines.advance` for a programme: it is closed, and its grants and lines end, a few in each step. It
/// keeps its deadline until none is left.
pub(super) fn lapse(host: &mut Host, programme: u64) -> Result<(), Error> {
    let known = self::programme(host, programme)?;
    let item = || Kind::Programme.item(programme);
    let closes_ms = known.closes_ms.unwrap_or(0);
    let is_done = match ending::go_on(host, programme)? {
        Some(is_done) => is_done,
        None => {
            let state = PROGRAMME.next(item, known.state, ProgrammeAction::End)?;
            check_due(host, item, closes_ms)?;
            write(host, Programme { state, ..known }, Event::ProgrammeClosed);
            ending::begin(host, programme);
            ending::go_on(host, programme)? == Some(true)
        }
    };
    if is_done {
        DEADLINES.remove(host, Kind::Programme, programme, closes_ms);
    }
    Ok(())
}

fn write(host: &mut Host, programme: Programme, event: fn(Programme) -> Event) {
    PROGRAMMES.set(host, &programme.id, &programme);
    host.emit(event(programme));
}
