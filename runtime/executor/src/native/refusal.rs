use std::fmt::{self, Display, Formatter};

use borsh::BorshSerialize;
use ehb_crypto::Hash;
use ehb_types::{Code, Name, TypedError, encode};
use ehb_vm::{CallError, CallFailure, InstallCode, InstallError};

use super::KERNEL;

/// The longest text that says why code is refused, bytes; it can hold names of the code.
const MESSAGE_BYTES_MAX: usize = 512;

/// Why the kernel refuses: the WIT's `error`, case by case.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the caller does not have the role {0:?}")]
    MissingRole(String),
    #[error("no module {0:?} is installed")]
    UnknownModule(String),
    #[error("the code of a module has 1 to {0} bytes")]
    WrongSize(u32),
    #[error("a part has at least one byte and at most those that are missing, {0}")]
    WrongPart(u32),
    #[error("the next part begins at byte {0}")]
    WrongOffset(u32),
    #[error("code comes in at most {0} parts")]
    TooManyParts(u32),
    #[error("the caller has brought no such code")]
    NoUpload,
    #[error("the parts have the hash {0}")]
    WrongCode(Hash),
    #[error("{0} bytes of the code are missing")]
    Incomplete(u32),
    #[error("the module has this code already")]
    SameCode,
    #[error("the code is refused: {0}")]
    Refused(Reason),
    #[error("the new code is not compatible: {0}")]
    Incompatible(String),
    #[error("the modules do not fit each other: {0}")]
    Unlinked(Reason),
}

/// Why code is refused: a code of a closed list and our own words. No library's text is among them:
/// receipts are hashed into the next header, and such texts change with the library's version.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Reason {
    code: InstallCode,
    message: String,
}

impl Reason {
    /// The reason of a refusal; none where a machine failed, which says nothing about the code.
    pub(super) fn of(error: &InstallError) -> Option<Self> {
        let mut message = error.to_string();
        let end = message.floor_char_boundary(MESSAGE_BYTES_MAX);
        message.truncate(end);
        error.code().map(|code| Self { code, message })
    }
}

impl Display for Reason {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Refusal {
    /// The failure of a call of `function`.
    pub(super) fn into_failure(self, function: &str) -> CallError {
        let code = match self {
            Self::MissingRole(_) => Code::PermissionDenied,
            _ => Code::ModuleError,
        };
        let names = Name::new(KERNEL).ok().zip(Name::new(function).ok());
        let error =
            names.map(|(module, function)| TypedError { module, function, data: encode(&self) });
        let message = format!("{KERNEL}.{function}: {self}");
        CallError::Failed(CallFailure { code, message, error })
    }
}
