//! The errors of calls: those that receipts contain, and those at which a node must stop.

use ehb_state::StoreError;
use ehb_types::{Code, TypedError};

/// Why a call failed: the content of a receipt's failure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct CallFailure {
    /// The stable code.
    pub code: Code,
    /// A description of the error for people; equal on all nodes.
    pub message: String,
    /// The error that the called function returned, if any.
    pub error: Option<TypedError>,
}

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The call failed, in the same way on every node.
    #[error(transparent)]
    Failed(CallFailure),
    /// The store failed. This never becomes a receipt: the node must stop.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine could not run the module, for lack of memory or stack. This never becomes a receipt
    /// either: on another machine the call may succeed, so the node must stop.
    #[error("this machine could not run the module: {0}")]
    Machine(String),
}

impl CallError {
    pub(crate) fn failed(code: Code, message: impl Into<String>) -> Self {
        Self::Failed(CallFailure { code, message: message.into(), error: None })
    }

    pub(crate) fn out_of_gas() -> Self {
        Self::failed(Code::OutOfGas, "the gas ran out")
    }
}
