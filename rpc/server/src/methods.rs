//! Checks of a call before the library executes it.
//!
//! The library reads the parameters that it knows and ignores the rest; here the rest is rejected, because a
//! misspelt parameter would otherwise count as omitted. The table is generated from the traits.

use std::borrow::Cow;
use std::fmt;

use ehb_rpc_api::{Cost, ERROR_TEXT_BYTES_MAX, Method, SUBMIT_BATCH_TRANSACTIONS_MAX};
use serde::Deserializer;
use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::limits::{ANSWER_BYTES_MAX, SHARED_BYTES_MIN};

/// The maximum size of the result of one submitted transaction: an id, or an error with its hint, bytes.
const SUBMITTED_BYTES_MAX: usize = 2 * ERROR_TEXT_BYTES_MAX;
/// The minimum size of an element of a list in a request, bytes.
const ELEMENT_BYTES_MIN: usize = 3;

/// How much of an unknown parameter's name the error shows, characters.
const NAME_SHOWN_CHARS_MAX: usize = 64;

/// The memory that is reserved before a call is executed, bytes; unused memory is released. The answer of a
/// call that changes something is never larger, so that it is never rejected after its execution.
pub(crate) fn answer_bytes(method: &Method, request_bytes: usize) -> usize {
    match method.cost {
        _ if method.name == "tx_submitBatch" => {
            let transactions = request_bytes / ELEMENT_BYTES_MIN;
            transactions.min(SUBMIT_BATCH_TRANSACTIONS_MAX) * SUBMITTED_BYTES_MAX
        }
        Cost::Light | Cost::Wait | Cost::Subscription => 0,
        Cost::Read => SHARED_BYTES_MIN,
        Cost::Execution => 2 << 20,
        Cost::Block => ANSWER_BYTES_MAX,
    }
}

/// Checks that a call has no unknown parameter. The library checks that all required ones are present and of
/// the right type.
pub(crate) fn check(method: &Method, params: &str) -> Result<(), serde_json::Error> {
    serde_json::Deserializer::from_str(params).deserialize_any(Known(method))
}

/// Reads an array or object of parameters, and stops at the first unknown one.
struct Known<'a>(&'a Method);

impl Known<'_> {
    fn refuse<E: Error>(&self, parameter: &dyn fmt::Debug) -> E {
        let Method { name, parameters, .. } = self.0;
        let parameters: Vec<&str> = parameters.iter().map(|it| it.name).collect();
        let parameters = parameters.join(", ");
        E::custom(format_args!("{name}({parameters}) has no parameter {parameter:?}"))
    }
}

impl<'de> Visitor<'de> for Known<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object of parameters")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut count = 0;
        while items.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
            if count > self.0.parameters.len() {
                return Err(self.refuse(&count));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while let Some((name, IgnoredAny)) = entries.next_entry::<Cow<'de, str>, IgnoredAny>()? {
            if !self.0.parameters.iter().any(|it| it.name == name) {
                let shown: String = name.chars().take(NAME_SHOWN_CHARS_MAX).collect();
                return Err(self.refuse(&shown));
            }
        }
        Ok(())
    }
}
