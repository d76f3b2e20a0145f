//! Takes the default step of holds, payments, requests, allowances and permits whose deadline has passed.

use ehb_contract::Host;

use super::{allowances, holds, payments, permits, requests};
use crate::bindings::ehb::wallet::types::Error;
use crate::keys::{DEADLINES, Kind};

ehb_contract::deadlines!(DEADLINES, step);

/// The default step of an item.
fn step(host: &mut Host, kind: Kind, id: u64) -> Result<(), Error> {
    match kind {
        Kind::Hold => holds::expire_hold(host, id),
        Kind::Payment => payments::expire(host, id),
        Kind::Request => requests::expire(host, id),
        Kind::Allowance => allowances::expire(host, id),
        Kind::Permit => permits::expire(host, id),
    }
}
