//! Takes the default step of programmes, grants, usages and credit lines whose deadline has passed.

use ehb_contract::Host;

use super::{billing, closing, programmes, removal, usage};
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
        // A bill has no deadline of its own: its line has.
        Kind::Bill => Err(kind.unknown(id).into()),
    }
}
