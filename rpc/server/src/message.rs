//! Reads JSON-RPC messages (<https://www.jsonrpc.org/specification>) without carrying them out.

use std::borrow::Cow;

use ehb_rpc_api::{ErrorData, error_with, rpc_number};
use ehb_types::Code;
use jsonrpsee::types::error::{INVALID_REQUEST_CODE, PARSE_ERROR_CODE};
use jsonrpsee::types::{ErrorObjectOwned, Id};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::limits::{BATCH_CALLS_MAX, ERROR_TEXT_BYTES_MAX, NESTING_MAX};

/// What a client sent.
pub(crate) enum Message<'a> {
    /// One call.
    Single(Result<Call<'a>, BadCall>),
    /// A batch, of which each entry stands for itself.
    Batch(Vec<Result<Call<'a>, BadCall>>),
    /// Nothing that can be answered in parts.
    Refused(ErrorObjectOwned),
}

/// A call to carry out.
pub(crate) struct Call<'a> {
    /// What the answer repeats; none for a notification, which is not answered.
    pub(crate) id: Option<Id<'a>>,
    /// The method's name.
    pub(crate) method: Cow<'a, str>,
    /// The parameters, an array or an object, unread.
    pub(crate) params: Option<&'a RawValue>,
}

/// JSON that is no call.
pub(crate) struct BadCall {
    pub(crate) id: Id<'static>,
    pub(crate) error: ErrorObjectOwned,
}

/// A call as it is written. Keys beyond these are ignored, as the specification leaves them open.
#[derive(Deserialize)]
struct WrittenCall<'a> {
    #[serde(borrow)]
    jsonrpc: Cow<'a, str>,
    #[serde(default, borrow, deserialize_with = "given")]
    id: Option<Id<'a>>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(default, borrow)]
    params: Option<&'a RawValue>,
}

/// Tells `null`, which is an id, from an id that is left out.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Id<'de>>, D::Error> {
    Id::deserialize(deserializer).map(Some)
}

/// Reads a message.
pub(crate) fn read(message: &[u8]) -> Message<'_> {
    if !nesting_is_bounded(message) {
        let text = format!("the request is nested more than {NESTING_MAX} deep");
        return Message::Refused(refusal(INVALID_REQUEST_CODE, Code::LimitExceeded, &text));
    }
    let Ok(text) = std::str::from_utf8(message) else {
        return Message::Refused(refusal(
            PARSE_ERROR_CODE,
            Code::InvalidRequest,
            "the request is not UTF-8",
        ));
    };
    let Ok(json) = serde_json::from_str::<&RawValue>(text) else {
        return Message::Refused(refusal(
            PARSE_ERROR_CODE,
            Code::InvalidRequest,
            "the request is not JSON",
        ));
    };
    if !json.get().starts_with('[') {
        return Message::Single(read_call(json.get()));
    }
    match serde_json::from_str::<Vec<&RawValue>>(json.get()) {
        Ok(entries) if entries.is_empty() => Message::Refused(refusal(
            INVALID_REQUEST_CODE,
            Code::InvalidRequest,
            "the batch holds no call",
        )),
        Ok(entries) if entries.len() > BATCH_CALLS_MAX => {
            let text = format!("a batch holds at most {BATCH_CALLS_MAX} calls");
            Message::Refused(refusal(rpc_number(Code::LimitExceeded), Code::LimitExceeded, &text))
        }
        Ok(entries) => Message::Batch(entries.iter().map(|it| read_call(it.get())).collect()),
        Err(_) => Message::Refused(refusal(
            PARSE_ERROR_CODE,
            Code::InvalidRequest,
            "the request is not JSON",
        )),
    }
}

fn read_call(json: &str) -> Result<Call<'_>, BadCall> {
    let written: WrittenCall<'_> = serde_json::from_str(json).map_err(|error| {
        let text = format!("the request is no JSON-RPC call: {error}");
        BadCall {
            id: id_of(json),
            error: refusal(INVALID_REQUEST_CODE, Code::InvalidRequest, &text),
        }
    })?;
    let problem = if written.jsonrpc != "2.0" {
        "the request is no JSON-RPC call: jsonrpc must be \"2.0\""
    } else if written.params.is_some_and(|it| !it.get().starts_with(['[', '{', 'n'])) {
        "the request is no JSON-RPC call: params must be an array or an object"
    } else {
        let WrittenCall { id, method, params, .. } = written;
        let params = params.filter(|it| it.get() != "null");
        return Ok(Call { id, method, params });
    };
    let error = refusal(INVALID_REQUEST_CODE, Code::InvalidRequest, problem);
    Err(BadCall { id: id_of(json), error })
}

/// The id of a bad call, where at least that can be read.
fn id_of(json: &str) -> Id<'static> {
    #[derive(Deserialize)]
    struct OnlyId<'a> {
        #[serde(borrow)]
        id: Id<'a>,
    }
    serde_json::from_str::<OnlyId<'_>>(json).map_or(Id::Null, |it| it.id.into_owned())
}

fn refusal(number: i32, code: Code, text: &str) -> ErrorObjectOwned {
    error_with(number, ErrorData::new(code, shortened(text)))
}

/// The beginning of a text, part of which the client may have chosen.
pub(crate) fn shortened(text: &str) -> &str {
    &text[..text.floor_char_boundary(ERROR_TEXT_BYTES_MAX)]
}

/// Whether arrays and objects are nested at most [`NESTING_MAX`] deep. Text that is not JSON may
/// give any answer.
fn nesting_is_bounded(message: &[u8]) -> bool {
    let mut depth = 0usize;
    let mut in_string = false;
    let mut bytes = message.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => {
                bytes.next();
            }
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > NESTING_MAX {
                    return false;
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    true
}
