//! Takes the default step of programmes, grants, usages and credit lines whose deadline has passed.

use ehb_contract::{Host, Named as _, wrong_state_named};

use super::{billing, closing, programmes, queries, removal, usage};
use crate::bindings::ehb::credit::types::Error;
use crate::keys::{DEADLINES, Kind};

ehb_contract::deadlines!(DEADLINES, step);

/// The default step of an item.
fn step(host: &mut Host, kind: Kind, id: u64) -> Result<(), Error> {
    match kind {
        Kind::Programme => programmes::lapse(host, id),
        Kind::Grant => closing::lapse(host, id),
        Kind::Usage => usage::lapse(host, id),
        Kind::CreditLine => billing::lapse(host, id),
        Kind::Removal => removal::lapse(host, id),
        Kind::Bill => {
            let bill = queries::get_bill(host, id)?;
            Err(wrong_state_named(kind.item(id), bill.state.name(), "advance").into())
        }
    }
}
