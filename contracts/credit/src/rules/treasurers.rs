//! The amounts that an issuer's treasurers may give away without the issuer.

use ehb_contract::common::{Party, RoleLimit, RoleLimitStatus};
use ehb_contract::{Host, TreasurerBook};

use crate::bindings::ehb::credit::events::{Event, TreasurerLimitSetting, TreasurerLimitUse};
use crate::bindings::ehb::credit::types::{Error, Programme};
use crate::keys::{Kind, PROGRAMMES, TREASURERS};

/// See `programmes.set-treasurer-limit`.
pub fn set_treasurer_limit(
    host: &mut Host,
    programme: u64,
    limit: Option<RoleLimit>,
) -> Result<(), Error> {
    check_issuer(host, &PROGRAMMES.find(host, Kind::Programme, programme)?)?;
    match limit {
        Some(RoleLimit { single_max, daily_max }) => {
            let before = TREASURERS.get(host, &programme);
            let book = TreasurerBook::with_limit(before, single_max, daily_max);
            TREASURERS.set(host, &programme, &book);
        }
        None => TREASURERS.remove(host, &programme),
    }
    host.emit(Event::TreasurerLimitSet(TreasurerLimitSetting { programme, limit }));
    Ok(())
}

/// See `queries.get-treasurer-limit`.
pub fn get_treasurer_limit(host: &Host, programme: u64) -> Result<RoleLimitStatus, Error> {
    PROGRAMMES.find(host, Kind::Programme, programme)?;
    Ok(TreasurerBook::status(TREASURERS.get(host, &programme), host.time_ms()))
}

/// Counts the amount that the caller, who handles the programme's money, gives away.
pub(super) fn give(host: &mut Host, programme: &Programme, credits: u64) -> Result<(), Error> {
    let by = host.caller();
    if by == programme.issuer {
        return Ok(());
    }
    let Some(mut book) = TREASURERS.get(host, &programme.id) else { return Ok(()) };
    let at_ms = host.time_ms();
    let used_today = book.give(at_ms, credits)?;
    TREASURERS.set(host, &programme.id, &book);
    let programme = programme.id;
    host.emit(Event::TreasurerLimitUsed(TreasurerLimitUse {
        programme,
        by,
        credits,
        used_today,
        at_ms,
    }));
    Ok(())
}

/// Only the issuer itself.
pub(super) fn check_issuer(host: &Host, programme: &Programme) -> Result<(), Error> {
    if host.caller() == programme.issuer {
        return Ok(());
    }
    Err(Error::WrongParty(Party::account(programme.issuer)))
}
