//! How the refusals of others become this module's.

use ehb_dispute::Error as DisputeError;

use crate::bindings::ehb::marketplace::errors::{Error, Shortfall};
use crate::wallet::Error as WalletError;

ehb_contract::refusals!(Error { Wallet(_) => "wallet", Dispute(_) => "dispute" });

/// A line that has fewer pieces for something than needed.
pub(crate) fn insufficient_pieces(line: u32, available: u32, needed: u32) -> Error {
    let (available, needed) = (u64::from(available), u64::from(needed));
    Error::InsufficientPieces(Shortfall { line, available, needed })
}

impl From<WalletError> for Error {
    fn from(error: WalletError) -> Self {
        Self::Wallet(error)
    }
}

impl From<DisputeError> for Error {
    fn from(error: DisputeError) -> Self {
        match error {
            DisputeError::Common(refusal) => refusal.into(),
            DisputeError::Dispute(error) => Self::Dispute(error),
        }
    }
}
