//! How the refusals of others become this module's.

use alloc::string::String;

use crate::bindings::ehb::credit::types::{Bound, Error};

ehb_contract::refusals!(Error { StillHeld(_) => "still-held", Wallet(_) => "wallet" });

/// A bound that is reached.
pub(crate) fn too_many(what: &str, max: usize) -> Error {
    Error::TooMany(Bound { what: String::from(what), max: u32::try_from(max).unwrap_or(u32::MAX) })
}
