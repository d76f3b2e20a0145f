//! What an issuer's treasurers may give away without the issuer.

use ehb_contract::{Daily, Host};

use super::programmes::programme;
use crate::bindings::ehb::credit::events::{Event, Gift, TreasurerSetting};
use crate::bindings::ehb::credit::types::{
    Above, Allotment, Error, Party, Programme, TreasurerLimit, TreasurerStatus,
};
use crate::errors::wrong_party;
use crate::keys::{TREASURERS, TreasurerBook};

/// See `programmes.set-treasurer-limit`.
pub fn set_treasurer_limit(
    host: &mut Host,
    programme: u64,
    limit: Option<TreasurerLimit>,
) -> Result<(), Error> {
    check_issuer(host, &self::programme(host, programme)?)?;
    match limit {
        Some(limit) => {
            let given =
                TREASURERS.get(host, &programme).map_or_else(Daily::default, |book| book.given);
            TREASURERS.set(host, &programme, &TreasurerBook { limit, given });
        }
        None => TREASURERS.remove(host, &programme),
    }
    host.emit(Event::TreasurerLimitSet(TreasurerSetting { programme, limit }));
    Ok(())
}

/// See `queries.get-treasurer-limit`.
pub fn get_treasurer_limit(host: &Host, programme: u64) -> Result<TreasurerStatus, Error> {
    self::programme(host, programme)?;
    let book = TREASURERS.get(host, &programme);
    let given_today = book.map_or(0, |book| book.given.sum_at(host.time_ms()));
    Ok(TreasurerStatus { limit: book.map(|book| book.limit), given_today })
}

/// While treasurers have a limit, what could get round it is the issuer's.
pub(super) fn check_unlimited(host: &Host, programme: &Programme) -> Result<(), Error> {
    if TREASURERS.contains(host, &programme.id) { check_issuer(host, programme) } else { Ok(()) }
}

/// Counts what the caller, who deals with the programme's money, gives away of it.
pub(super) fn give(host: &mut Host, programme: &Programme, credits: u64) -> Result<(), Error> {
    let by = host.caller();
    if by == programme.issuer {
        return Ok(());
    }
    let Some(mut book) = TREASURERS.get(host, &programme.id) else { return Ok(()) };
    let TreasurerLimit { single_max, daily_max } = book.limit;
    if credits > single_max {
        return Err(Error::AboveLimit(Above { given: credits, max: single_max }));
    }
    let at_ms = host.time_ms();
    let given_today = book.given.add(at_ms, credits, daily_max).map_err(|used| {
        Error::OverDailyLimit(Allotment { limit: daily_max, used, needed: credits })
    })?;
    TREASURERS.set(host, &programme.id, &book);
    let programme = programme.id;
    host.emit(Event::TreasurerGave(Gift { programme, by, credits, given_today, at_ms }));
    Ok(())
}

/// Only the issuer itself.
pub(super) fn check_issuer(host: &Host, programme: &Programme) -> Result<(), Error> {
    if host.caller() == programme.issuer {
        return Ok(());
    }
    Err(wrong_party(Party::Issuer, programme.issuer))
}
