//! The words for refusals that are made in several places.

use alloc::string::String;

use ehb_contract::{Address, KeyRefusal, UpgradeRefusal};

use crate::bindings::ehb::credit::types::{
    Bound, Conflict, Deadline, Error, Party, Range, Right, Subject,
};

/// A number that is not between `min` and `max`.
pub(crate) fn out_of_range(parameter: &str, given: u64, min: u64, max: u64) -> Error {
    Error::OutOfRange(Range { parameter: String::from(parameter), given, min, max })
}

/// A state that does not allow an action.
pub(crate) fn wrong_state(subject: Subject, state: &str, action: &str) -> Error {
    let (state, action) = (String::from(state), String::from(action));
    Error::WrongState(Conflict { subject, state, action })
}

/// Somebody who may not do it; `account` is or has the party that may.
pub(crate) fn wrong_party(party: Party, account: Address) -> Error {
    Error::WrongParty(Right { party, account })
}

/// A deadline that has not passed yet.
pub(crate) fn too_early(subject: Subject, at_ms: u64, now_ms: u64) -> Error {
    Error::TooEarly(Deadline { subject, at_ms, now_ms })
}

/// A deadline that has passed.
pub(crate) fn too_late(subject: Subject, at_ms: u64, now_ms: u64) -> Error {
    Error::TooLate(Deadline { subject, at_ms, now_ms })
}

/// A bound that is reached.
pub(crate) fn too_many(what: &str, max: usize) -> Error {
    Error::TooMany(Bound { what: String::from(what), max: u32::try_from(max).unwrap_or(u32::MAX) })
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
            UpgradeRefusal::NotKernel => wrong_party(Party::Kernel, Address::default()),
            UpgradeRefusal::UnknownVersion(version) => Self::UnknownVersion(version),
        }
    }
}
