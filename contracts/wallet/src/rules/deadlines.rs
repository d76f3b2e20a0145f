use alloc::vec::Vec;

use ehb_contract::Host;

use super::{allowances, holds, payments, requests};
use crate::bindings::ehb::wallet::types::{Due, Error, Matter};
use crate::checks::{self, SWEEP_MAX};
use crate::keys::DEADLINES;

/// See `deadlines.advance`.
pub fn advance(host: &mut Host, matter: Matter) -> Result<(), Error> {
    match matter {
        Matter::Hold(id) => holds::expire_hold(host, id),
        Matter::Payment(id) => payments::expire(host, id),
        Matter::Request(id) => requests::expire(host, id),
        Matter::Allowance(id) => allowances::expire(host, id),
    }
}

/// See `deadlines.sweep`.
pub fn sweep(host: &mut Host, limit: u32) -> Result<Vec<Matter>, Error> {
    checks::range("limit", u64::from(limit), 1, u64::from(SWEEP_MAX))?;
    let due = due(host, limit);
    for one in &due {
        advance(host, one.matter)?;
    }
    Ok(due.into_iter().map(|one| one.matter).collect())
}

/// See `deadlines.list-due`.
pub fn list_due(host: &Host, limit: u32) -> Result<Vec<Due>, Error> {
    checks::page(limit)?;
    Ok(due(host, limit))
}

fn due(host: &Host, limit: u32) -> Vec<Due> {
    let now_ms = host.time_ms();
    let found = DEADLINES.scan(host, None, limit).into_iter();
    let over = found.take_while(|((deadline_ms, ..), ())| *deadline_ms <= now_ms);
    over.filter_map(|((deadline_ms, kind, id), ())| {
        Some(Due { deadline_ms, matter: matter(kind, id)? })
    })
    .collect()
}

/// Notes a deadline.
pub(super) fn add(host: &mut Host, deadline_ms: u64, matter: Matter) {
    let (kind, id) = parts(matter);
    DEADLINES.set(host, &(deadline_ms, kind, id), &());
}

/// Forgets the deadline of what is over.
pub(super) fn remove(host: &mut Host, deadline_ms: u64, matter: Matter) {
    let (kind, id) = parts(matter);
    DEADLINES.remove(host, &(deadline_ms, kind, id));
}

fn parts(matter: Matter) -> (u8, u64) {
    match matter {
        Matter::Hold(id) => (0, id),
        Matter::Payment(id) => (1, id),
        Matter::Request(id) => (2, id),
        Matter::Allowance(id) => (3, id),
    }
}

fn matter(kind: u8, id: u64) -> Option<Matter> {
    [Matter::Hold(id), Matter::Payment(id), Matter::Request(id), Matter::Allowance(id)]
        .get(usize::from(kind))
        .copied()
}
