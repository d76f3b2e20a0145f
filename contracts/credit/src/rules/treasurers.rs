//! The amounts that an issuer's treasurers may give away without the issuer.

use ehb_contract::common::Party;
use ehb_contract::{Host, OverLimit, TreasurerBook};

use crate::bindings::ehb::credit::events::{Event, Gift, TreasurerSetting};
use crate::bindings::ehb::credit::types::{
    AboveCreditLimit, CreditLimitUsage, Error, Programme, TreasurerCreditLimit,
    TreasurerCreditStatus,
};
use crate::keys::{Kind, PROGRAMMES, TREASURERS};

/// See `programmes.set-treasurer-limit`.
pub fn set_treasurer_limit(
    host: &mut Host,
    programme: u64,
    limit: Option<TreasurerCreditLimit>,
) -> Result<(), Error> {
    check_issuer(host, &PROGRAMMES.find(host, Kind::Programme, programme)?)?;
    match limit {
        Some(TreasurerCreditLimit { single_max, daily_max }) => {
            let before = TREASURERS.get(host, &programme);
            let book = TreasurerBook::with_limit(before, single_max, daily_max);
            TREASURERS.set(host, &programme, &book);
        }
        None => TREASURERS.remove(host, &programme),
    }
    host.emit(Event::TreasurerLimitSet(TreasurerSetting { programme, limit }));
    Ok(())
}

/// See `queries.get-treasurer-limit`.
pub fn get_treasurer_limit(host: &Host, programme: u64) -> Result<TreasurerCreditStatus, Error> {
    PROGRAMMES.find(host, Kind::Programme, programme)?;
    let book = TREASURERS.get(host, &programme);
    let limit = |book: TreasurerBook| TreasurerCreditLimit {
        single_max: book.single_max,
        daily_max: book.daily_max,
    };
    let given_today = TreasurerBook::given_today(book, host.time_ms());
    Ok(TreasurerCreditStatus { limit: book.map(limit), given_today })
}

/// Counts the amount that the caller, who handles the programme's money, gives away.
pub(super) fn give(host: &mut Host, programme: &Programme, credits: u64) -> Result<(), Error> {
    let by = host.caller();
    if by == programme.issuer {
        return Ok(());
    }
    let Some(mut book) = TREASURERS.get(host, &programme.id) else { return Ok(()) };
    let at_ms = host.time_ms();
    let given_today = book.give(at_ms, credits).map_err(refused)?;
    TREASURERS.set(host, &programme.id, &book);
    let programme = programme.id;
    host.emit(Event::TreasurerGave(Gift { programme, by, credits, given_today, at_ms }));
    Ok(())
}

fn refused(over: OverLimit) -> Error {
    match over {
        OverLimit::Single { given, max } => {
            Error::AboveCreditLimit(AboveCreditLimit { given, max })
        }
        OverLimit::Daily { limit, used, needed } => {
            Error::OverDailyCreditLimit(CreditLimitUsage { limit, used, needed })
        }
    }
}

/// Only the issuer itself.
pub(super) fn check_issuer(host: &Host, programme: &Programme) -> Result<(), Error> {
    if host.caller() == programme.issuer {
        return Ok(());
    }
    Err(Error::WrongParty(Party::account(programme.issuer)))
}
