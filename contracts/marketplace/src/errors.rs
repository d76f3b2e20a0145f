//! The words for refusals that are made in several places.

use alloc::string::String;

use ehb_contract::{KeyRefusal, UpgradeRefusal};
use ehb_dispute::types::Error as DisputeError;

use crate::bindings::ehb::marketplace::errors::{Deadline, Error, Kind, Range, Shortfall, Thing};
use crate::wallet::Error as WalletError;

/// A number that is not between `min` and `max`.
pub(crate) fn out_of_range(parameter: &str, given: u64, min: u64, max: u64) -> Error {
    Error::OutOfRange(Range { parameter: String::from(parameter), given, min, max })
}

/// Something that there is not.
pub(crate) fn unknown(kind: Kind, id: u64) -> Error {
    Error::Unknown(Thing { kind, id })
}

/// Something that takes no orders.
pub(crate) fn not_for_sale(kind: Kind, id: u64) -> Error {
    Error::NotForSale(Thing { kind, id })
}

/// A deadline at the block's time.
pub(crate) fn deadline(kind: Kind, id: u64, deadline_ms: u64, now_ms: u64) -> Deadline {
    Deadline { thing: Thing { kind, id }, deadline_ms, now_ms }
}

/// A line that has fewer pieces for something than needed.
pub(crate) fn insufficient_pieces(line: u32, available: u32, needed: u32) -> Error {
    let (available, needed) = (u64::from(available), u64::from(needed));
    Error::InsufficientPieces(Shortfall { line, available, needed })
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
    fn from(error: WalletError) -> Self {
        Self::Wallet(error)
    }
}

impl From<DisputeError> for Error {
    fn from(error: DisputeError) -> Self {
        Self::Dispute(error)
    }
}
