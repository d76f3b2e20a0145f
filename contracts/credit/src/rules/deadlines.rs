use ehb_contract::Host;

use super::{billing, closing, programmes, usage};
use crate::bindings::ehb::credit::types::{Error, Subject};
use crate::checks;
use crate::errors::wrong_state;
use crate::keys::{BILLS, DUE, subject};
use crate::states::BILL;

/// See `deadlines.advance`.
pub fn advance(host: &mut Host, subject: Subject) -> Result<(), Error> {
    match subject {
        Subject::Programme(id) => programmes::advance(host, id),
        Subject::Grant(id) => closing::advance(host, id),
        Subject::Usage(id) => usage::advance(host, id),
        Subject::Line(id) => billing::advance(host, id),
        Subject::Bill(id) => {
            let bill = BILLS.get(host, &id).ok_or(Error::UnknownBill(id))?;
            Err(wrong_state(subject, BILL.state_name(bill.state), "advance"))
        }
    }
}

/// See `deadlines.sweep`.
pub fn sweep(host: &mut Host, limit: u32) -> Result<u32, Error> {
    checks::sweep(limit)?;
    let now_ms = host.time_ms();
    for done in 0..limit {
        // One at a time: a step can make another due at once, or none.
        match DUE.scan(host, None, 1).first() {
            Some((deadline, ())) if deadline.0 <= now_ms => advance(host, subject(*deadline))?,
            _ => return Ok(done),
        }
    }
    Ok(limit)
}
