//! How the refusals of others become this module's.

use ehb_dispute::Error as DisputeError;

use crate::bindings::ehb::jobs::types::{Error, WalletError};

ehb_contract::refusals!(Error { Wallet(_) => "wallet", Dispute(_) => "dispute" });

impl From<WalletError> for Error {
    fn from(refusal: WalletError) -> Self {
        Self::Wallet(refusal)
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
