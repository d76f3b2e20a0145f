//! Defines the error of an action on a dispute, and the macro that converts it into a module's own error.

use ehb_contract::common::Refusal;

use crate::types;

/// Why an action is refused. A module turns either into a case of its own error by `From`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// A refusal that means the same everywhere; the item is the dispute.
    Common(Refusal),
    /// One that only disputes have.
    Dispute(types::Error),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Common(refusal)
    }
}

impl From<types::Error> for Error {
    fn from(error: types::Error) -> Self {
        Self::Dispute(error)
    }
}

/// Converts [`Error`] into a module's own error, which has the shared refusals and the case `dispute`.
#[macro_export]
macro_rules! refusals {
    ($error:ty) => {
        impl From<$crate::Error> for $error {
            fn from(error: $crate::Error) -> Self {
                match error {
                    $crate::Error::Common(refusal) => refusal.into(),
                    $crate::Error::Dispute(error) => error.into(),
                }
            }
        }
    };
}
