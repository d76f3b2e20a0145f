//! The words for refusals that are made in several places.

use alloc::string::String;

use crate::bindings::ehb::wallet::types::{Deadline, Error, Hold, Range, Shortfall};

/// A number that is not between `min` and `max`.
pub(crate) fn out_of_range(parameter: &str, given: u64, min: u64, max: u64) -> Error {
    Error::OutOfRange(Range { parameter: String::from(parameter), given, min, max })
}

/// An available balance that is too small.
pub(crate) fn insufficient(asset: String, available: u64, needed: u64) -> Error {
    Error::InsufficientBalance(Shortfall { asset, available, needed })
}

/// A hold's deadline at the block's time.
pub(crate) fn deadline(hold: &Hold, now_ms: u64) -> Deadline {
    Deadline { hold: hold.id, expires_ms: hold.expires_ms, now_ms }
}
