//! The words for refusals that are made in several places.

use alloc::string::String;

use ehb_contract::{KeyRefusal, UpgradeRefusal};
use ehb_dispute::types::Error as DisputeError;

use crate::bindings::ehb::jobs::types::WalletError;
use crate::bindings::ehb::jobs::types::{Deadline, Error, Item, Kind};
use ehb_dispute::types::Range;

/// A number that is not between `min` and `max`.
pub(crate) fn out_of_range(parameter: &str, given: u64, min: u64, max: u64) -> Error {
    Error::OutOfRange(Range { parameter: String::from(parameter), given, min, max })
}

/// There is no such thing.
pub(crate) fn unknown(kind: Kind, id: u64) -> Error {
    Error::Unknown(Item { kind, id })
}

/// A deadline at the block's time.
pub(crate) fn deadline(item: Item, deadline_ms: u64, now_ms: u64) -> Deadline {
    Deadline { item, deadline_ms, now_ms }
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

impl From<WalletError> for Error {
    fn from(refusal: WalletError) -> Self {
        Self::Wallet(refusal)
    }
}

/// What concerns an argument is worded as for arguments elsewhere; what concerns the dispute comes as
/// the dispute's refusal.
impl From<DisputeError> for Error {
    fn from(refusal: DisputeError) -> Self {
        match refusal {
            DisputeError::OutOfRange(range) => Self::OutOfRange(range),
            DisputeError::MalformedCid(text) => Self::MalformedCid(text),
            DisputeError::MalformedMediaType(text) => Self::MalformedMediaType(text),
            DisputeError::ZeroAmount => Self::ZeroAmount,
            other => Self::Dispute(other),
        }
    }
}
