//! The words for refusals that are made in several places.

use alloc::string::String;

use ehb_contract::{KeyRefusal, UpgradeRefusal};

use crate::bindings::ehb::wallet::types::{
    Allotment, Deadline, Error, Hold, Misstep, Moment, Range, Shortfall,
};

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

/// A limit that `used` and `needed` together would pass.
pub(crate) fn allotment(limit: u64, used: u64, needed: u64) -> Allotment {
    Allotment { limit, used, needed }
}

/// Refuses what comes at or after the deadline.
pub(crate) fn check_before(deadline_ms: u64, now_ms: u64) -> Result<(), Error> {
    if now_ms < deadline_ms { Ok(()) } else { Err(Error::TooLate(Moment { deadline_ms, now_ms })) }
}

/// Refuses what comes before the deadline.
pub(crate) fn check_after(deadline_ms: u64, now_ms: u64) -> Result<(), Error> {
    if now_ms < deadline_ms { Err(Error::TooEarly(Moment { deadline_ms, now_ms })) } else { Ok(()) }
}

/// An action that does not fit the state.
pub(crate) fn misstep(state: &str, action: &str) -> Error {
    Error::WrongState(Misstep { state: String::from(state), action: String::from(action) })
}

impl From<KeyRefusal> for Error {
    fn from(refusal: KeyRefusal) -> Self {
        match refusal {
            KeyRefusal::TooLong { given, max } => out_of_range("key", given, 0, max),
            KeyRefusal::Reused => Self::KeyReused,
        }
    }
}

impl From<UpgradeRefusal> for Error {
    fn from(refusal: UpgradeRefusal) -> Self {
        match refusal {
            UpgradeRefusal::NotKernel => Self::NotKernel,
            UpgradeRefusal::UnknownVersion(version) => Self::UnknownVersion(version),
        }
    }
}
