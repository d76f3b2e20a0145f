//! JSON-RPC errors: their numbers, and the `data` that each of them contains.

use ehb_types::Code;
use jsonrpsee::types::ErrorObjectOwned;
use jsonrpsee::types::error::{INTERNAL_ERROR_CODE, INVALID_PARAMS_CODE};
use serde::{Deserialize, Serialize};

use crate::{ERROR_TEXT_BYTES_MAX, TypedErrorView};

/// The `data` of every error, from one catalogue ([`Code`]).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorData {
    /// The stable code that programs can rely on, such as `SEQUENCE_GAP`.
    pub code: String,
    /// A description of the error for people; at most [`ERROR_TEXT_BYTES_MAX`].
    pub message: String,
    /// How to resolve it.
    pub hint: String,
    /// Whether it is safe to repeat the same request, and it can succeed later.
    pub retryable: bool,
    /// The error value of a module's function, when the code is `MODULE_ERROR`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<TypedErrorView>,
}

impl ErrorData {
    /// The catalogue's entry with a message, truncated to [`ERROR_TEXT_BYTES_MAX`].
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let mut message = message.into();
        message.truncate(message.floor_char_boundary(ERROR_TEXT_BYTES_MAX));
        Self {
            code: code.as_str().to_owned(),
            message,
            hint: code.hint().to_owned(),
            retryable: code.retryable(),
            error: None,
        }
    }

    /// The parsed code; `None` for a code of a newer node that this version does not know.
    pub fn known_code(&self) -> Option<Code> {
        code_of(&self.code)
    }
}

/// The code of a text such as `SEQUENCE_GAP`.
pub fn code_of(text: &str) -> Option<Code> {
    Code::ALL.iter().copied().find(|code| code.as_str() == text)
}

/// The JSON-RPC error number of a code: the reserved one if the specification has one, else -32000 minus the
/// code's own number, which is in the range for servers (-32099 to -32000).
pub fn rpc_number(code: Code) -> i32 {
    match code {
        Code::InvalidRequest => INVALID_PARAMS_CODE,
        Code::Internal => INTERNAL_ERROR_CODE,
        other => -32_000 - i32::from(other as u8),
    }
}

/// The JSON-RPC error of a code.
pub fn error(code: Code, message: impl Into<String>) -> ErrorObjectOwned {
    error_with(rpc_number(code), ErrorData::new(code, message))
}

/// A JSON-RPC error with another number than that of the code.
pub fn error_with(number: i32, data: ErrorData) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(number, data.message.clone(), Some(data))
}
