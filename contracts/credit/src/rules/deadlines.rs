use alloc::vec::Vec;

use ehb_contract::common::{DueItem, DuePage, Item, Refusal};
use ehb_contract::{Host, Named as _, wrong_state_named};

use super::{billing, closing, programmes, queries, usage};
use crate::bindings::ehb::credit::types::Error;
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
        Kind::Programme => programmes::advance(host, id),
        Kind::Grant => closing::advance(host, id),
        Kind::Usage => usage::advance(host, id),
        Kind::Line => billing::advance(host, id),
        Kind::Bill => {
            let bill = queries::get_bill(host, id)?;
            Err(wrong_state_named(kind.item(id), bill.state.name(), "advance").into())
        }
    }
}
