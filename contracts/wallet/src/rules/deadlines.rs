use alloc::vec::Vec;

use ehb_contract::Host;
use ehb_contract::common::{DueItem, DuePage, Item, Refusal};

use super::{allowances, holds, payments, requests};
use crate::bindings::ehb::wallet::types::Error;
use crate::keys::{DEADLINES, Kind};

/// See `deadlines.advance`.
pub fn advance(host: &mut Host, item: Item) -> Result<(), Refusal> {
    DEADLINES.advance(host, &item, step)
}

/// See `deadlines.sweep`.
pub fn sweep(host: &mut Host, limit: u32) -> Result<Vec<DueItem>, Refusal> {
    DEADLINES.sweep(host, limit, step)
}

/// See `deadlines.list-due`.
pub fn list_due(host: &Host, after: Option<DueItem>, limit: u32) -> Result<DuePage, Refusal> {
    DEADLINES.list(host, after.as_ref(), limit)
}

/// The default step of an item.
fn step(host: &mut Host, kind: Kind, id: u64) -> Result<(), Error> {
    match kind {
        Kind::Hold => holds::expire_hold(host, id),
        Kind::Payment => payments::expire(host, id),
        Kind::Request => requests::expire(host, id),
        Kind::Allowance => allowances::expire(host, id),
    }
}
