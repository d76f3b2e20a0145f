//! Reads the body of an HTTP request, or the message of a WebSocket, as JSON-RPC
//! (<https://www.jsonrpc.org/specification>) before the library does, which is less strict: it accepts
//! `"params": null`, treats a call whose id it does not support as a notification, which is not answered, and
//! accepts duplicate keys in a call.
//!
//! Ids can be any number. The library supports only integers from 0 to 2^64-1, so a message with another id
//! gets our own ids, which [`Ids::restore`] replaces in the answer.

use std::borrow::Cow;

use ehb_rpc_api::{ErrorData, error, error_with};
use ehb_types::Code;
use jsonrpsee::types::error::{INVALID_REQUEST_CODE, PARSE_ERROR_CODE};
use jsonrpsee::types::{ErrorObjectOwned, Id, Notification, Request};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::errors::NO_CALL;
use crate::limits::BATCH_CALLS_MAX;

/// A message that the library interprets correctly.
pub(crate) struct JsonRpcMessage {
    pub(crate) body: Vec<u8>,
    pub(crate) ids: Ids,
}

/// The ids of a message that the library does not support; empty if it does.
#[derive(Debug, Default)]
pub(crate) struct Ids(Vec<Box<RawValue>>);

/// A message that is answered with an error as a whole.
pub(crate) struct BadMessage {
    /// The id as it was written, if there is one.
    pub(crate) id: Option<Box<RawValue>>,
    pub(crate) error: ErrorObjectOwned,
}

/// A call as it is written. Other keys are ignored, because the specification does not define them.
#[derive(Deserialize)]
struct WrittenCall<'a> {
    #[serde(borrow)]
    jsonrpc: Cow<'a, str>,
    #[serde(default, borrow, deserialize_with = "given")]
    id: Option<&'a RawValue>,
    #[serde(borrow, rename = "method")]
    _method: Cow<'a, str>,
    #[serde(default, borrow, deserialize_with = "given")]
    params: Option<&'a RawValue>,
}

/// Distinguishes `null` from an omitted value.
fn given<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Reads a message.
pub(crate) fn read(body: Vec<u8>) -> Result<JsonRpcMessage, BadMessage> {
    let numbered = {
        let text = std::str::from_utf8(&body).map_err(|_| parse_error(no_text(&body)))?;
        let json: &RawValue =
            serde_json::from_str(text).map_err(|_| parse_error("the request is not JSON"))?;
        check(json.get())?
    };
    match numbered {
        None => Ok(JsonRpcMessage { body, ids: Ids::default() }),
        Some((body, ids)) => Ok(JsonRpcMessage { body, ids }),
    }
}

/// A description of bytes that are no text.
fn no_text(body: &[u8]) -> &'static str {
    const GZIP: &[u8] = &[0x1f, 0x8b];
    match body.starts_with(GZIP) {
        true => "the request is compressed with gzip: send it uncompressed",
        false => "the request is not UTF-8",
    }
}

/// Checks a message; returns it with our own ids if it needs them.
fn check(json: &str) -> Result<Option<(Vec<u8>, Ids)>, BadMessage> {
    if !json.starts_with('[') {
        let id = check_call(json)?;
        return Ok(id
            .filter(|id| !is_held(id))
            .and_then(|id| with_ids(&[(json, Some(id))], false)));
    }
    let entries: Vec<&RawValue> =
        serde_json::from_str(json).map_err(|_| parse_error("the request is not JSON"))?;
    if entries.is_empty() {
        return Err(refusal(None, "the batch holds no call".to_owned()));
    }
    if entries.len() > BATCH_CALLS_MAX {
        let text = format!("a batch holds at most {BATCH_CALLS_MAX} calls");
        return Err(BadMessage { id: None, error: error(Code::LimitExceeded, text) });
    }
    let mut calls = Vec::with_capacity(entries.len());
    for entry in &entries {
        // An invalid entry is answered separately by the library; one that it would misinterpret is not.
        if let Err(BadMessage { error, .. }) = check_call(entry.get())
            && is_read_by_library(entry.get())
        {
            return Err(BadMessage { id: None, error });
        }
        calls.push((entry.get(), written_id(entry.get())));
    }
    if calls.iter().all(|(_, id)| id.is_none_or(is_held)) {
        return Ok(None);
    }
    Ok(with_ids(&calls, true))
}

/// Whether the library treats an entry as a call or a notification.
fn is_read_by_library(json: &str) -> bool {
    type Read<'a> = Notification<'a, Option<&'a RawValue>>;
    serde_json::from_str::<Request<'_>>(json).is_ok()
        || serde_json::from_str::<Read<'_>>(json).is_ok()
}

/// Checks a call; returns its id as it is written.
fn check_call(json: &str) -> Result<Option<&RawValue>, BadMessage> {
    // The library would also accept an array of the values.
    let written = json.starts_with('{').then(|| serde_json::from_str(json));
    let Some(Ok(WrittenCall { jsonrpc, id, params, .. })) = written else {
        return Err(refusal(written_id(json), NO_CALL.to_owned()));
    };
    let problem = if jsonrpc != "2.0" {
        "jsonrpc must be \"2.0\""
    } else if params.is_some_and(|it| !it.get().starts_with(['[', '{'])) {
        "params must be an array or an object, or be left out"
    } else if id.is_some_and(|id| id.get().starts_with(['[', '{', 't', 'f'])) {
        "an id is text, a number or null"
    } else {
        return Ok(id);
    };
    Err(refusal(written_id(json), format!("the request is no JSON-RPC call: {problem}")))
}

/// Whether the library supports an id.
pub(crate) fn is_held(id: &RawValue) -> bool {
    serde_json::from_str::<Id<'_>>(id.get()).is_ok()
}

/// The calls with our own ids, for those that have one.
fn with_ids(calls: &[(&str, Option<&RawValue>)], batch: bool) -> Option<(Vec<u8>, Ids)> {
    let mut body = String::new();
    let mut ids = Vec::new();
    for (json, id) in calls {
        body.push(if body.is_empty() { '[' } else { ',' });
        let Some(id) = id else {
            body.push_str(json);
            continue;
        };
        // The id is a part of the same text.
        let begin = (id.get().as_ptr() as usize).checked_sub(json.as_ptr() as usize)?;
        body.push_str(json.get(..begin)?);
        body.push_str(&ids.len().to_string());
        body.push_str(json.get(begin + id.get().len()..)?);
        ids.push((*id).to_owned());
    }
    let body = if batch { body + "]" } else { body.split_off(1) };
    Some((body.into_bytes(), Ids(ids)))
}

/// An answer with its id as it is written.
#[derive(Serialize, Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    jsonrpc: &'a RawValue,
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    result: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    error: Option<&'a RawValue>,
}

impl Ids {
    /// Whether the answer is to be restored.
    pub(crate) fn are_ours(&self) -> bool {
        !self.0.is_empty()
    }

    /// The answer with the ids of the message; `None` if it is not an answer to it.
    pub(crate) fn restore(&self, answer: &[u8]) -> Option<Vec<u8>> {
        if answer.starts_with(b"[") {
            let mut answers: Vec<Answer<'_>> = serde_json::from_slice(answer).ok()?;
            answers.iter_mut().for_each(|answer| self.restore_one(answer));
            return serde_json::to_vec(&answers).ok();
        }
        let mut answer = serde_json::from_slice(answer).ok()?;
        self.restore_one(&mut answer);
        serde_json::to_vec(&answer).ok()
    }

    fn restore_one<'a>(&'a self, answer: &mut Answer<'a>) {
        let number = serde_json::from_str::<usize>(answer.id.get()).ok();
        if let Some(id) = number.and_then(|number| self.0.get(number)) {
            answer.id = id;
        }
    }
}

/// The id of a call, even of a bad one if at least the id can be read.
fn written_id(json: &str) -> Option<&RawValue> {
    #[derive(Deserialize)]
    struct OnlyId<'a> {
        #[serde(borrow)]
        id: &'a RawValue,
    }
    let OnlyId { id } = serde_json::from_str(json.starts_with('{').then_some(json)?).ok()?;
    (!id.get().starts_with(['[', '{', 't', 'f'])).then_some(id)
}

fn parse_error(text: &str) -> BadMessage {
    let error = error_with(PARSE_ERROR_CODE, ErrorData::new(Code::InvalidRequest, text));
    BadMessage { id: None, error }
}

pub(crate) fn refusal(id: Option<&RawValue>, text: String) -> BadMessage {
    let id = id.map(ToOwned::to_owned);
    let error = error_with(INVALID_REQUEST_CODE, ErrorData::new(Code::InvalidRequest, text));
    BadMessage { id, error }
}

impl BadMessage {
    /// The answer.
    pub(crate) fn into_json(self) -> String {
        #[derive(Serialize)]
        struct Failed<'a> {
            jsonrpc: &'static str,
            id: Option<&'a RawValue>,
            error: &'a ErrorObjectOwned,
        }
        let failed = Failed { jsonrpc: "2.0", id: self.id.as_deref(), error: &self.error };
        // Text and numbers are always JSON.
        serde_json::to_string(&failed).unwrap_or_default()
    }
}
