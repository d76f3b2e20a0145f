//! Converts errors of the library to the format of the catalogue.

use ehb_rpc_api::{ErrorData, error, error_with};
use ehb_types::Code;
use jsonrpsee::MethodResponse;
use jsonrpsee::types::error::{
    INVALID_PARAMS_CODE, INVALID_REQUEST_CODE, METHOD_NOT_FOUND_CODE, OVERSIZED_REQUEST_CODE,
    OVERSIZED_RESPONSE_CODE, PARSE_ERROR_CODE, TOO_BIG_BATCH_REQUEST_CODE,
    TOO_MANY_SUBSCRIPTIONS_CODE,
};
use jsonrpsee::types::{ErrorObject, ErrorObjectOwned, Id};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::limits::{
    ANSWER_BYTES_MAX, BATCH_CALLS_MAX, REQUEST_BYTES_MAX, SESSION_SUBSCRIPTIONS_MAX,
};

/// A failed response.
#[derive(Deserialize)]
struct Failed<'a> {
    #[serde(borrow)]
    id: Id<'a>,
    #[serde(borrow)]
    error: ErrorObject<'a>,
}

/// The response, whose error has the catalogue's data.
pub(crate) fn completed(response: MethodResponse) -> MethodResponse {
    // The response of a subscription has already been sent.
    if response.is_success() || response.is_subscription() {
        return response;
    }
    let shaped = shaped(response.as_json().get());
    match shaped {
        Some(shaped) => shaped.with_extensions(response.extensions().clone()),
        None => response,
    }
}

/// A failed response with the catalogue's data, if it has none yet.
pub(crate) fn shaped(json: &str) -> Option<MethodResponse> {
    let failed: Failed<'_> = serde_json::from_str(json).ok()?;
    let error = with_data(&failed.error)?;
    Some(MethodResponse::error(failed.id, error))
}

fn with_data(given: &ErrorObject<'_>) -> Option<ErrorObjectOwned> {
    let data = given.data().map_or("null", RawValue::get);
    if serde_json::from_str::<ErrorData>(data).is_ok() {
        return None;
    }
    let under =
        |number: i32, code: Code, text: &str| error_with(number, ErrorData::new(code, text));
    let too_much = |text: String| error(Code::LimitExceeded, text);
    Some(match given.code() {
        PARSE_ERROR_CODE => under(
            PARSE_ERROR_CODE,
            Code::InvalidRequest,
            "the request is not JSON, or begins with neither { nor [",
        ),
        INVALID_REQUEST_CODE => under(INVALID_REQUEST_CODE, Code::InvalidRequest, NO_CALL),
        METHOD_NOT_FOUND_CODE => {
            under(METHOD_NOT_FOUND_CODE, Code::InvalidRequest, "there is no such method")
        }
        INVALID_PARAMS_CODE => {
            // After `Method::check` this is a sentence of one of our types, with a position in the parameter.
            let problem = serde_json::from_str::<String>(data).unwrap_or_default();
            let sentence = problem.rsplit_once(" at line ").map_or(&*problem, |(it, _)| it);
            wrong_parameters(match sentence {
                "recursion limit exceeded" => "a value is nested too deep: at most 127 levels",
                sentence => sentence,
            })
        }
        OVERSIZED_REQUEST_CODE => {
            too_much(format!("a request has at most {REQUEST_BYTES_MAX} bytes"))
        }
        OVERSIZED_RESPONSE_CODE => {
            too_much(format!("the answer would be longer than {ANSWER_BYTES_MAX} bytes"))
        }
        TOO_BIG_BATCH_REQUEST_CODE => {
            too_much(format!("a batch holds at most {BATCH_CALLS_MAX} calls"))
        }
        TOO_MANY_SUBSCRIPTIONS_CODE => {
            too_much(format!("a connection has at most {SESSION_SUBSCRIPTIONS_MAX} subscriptions"))
        }
        _ => error(Code::Internal, "the node failed to answer"),
    })
}

/// The error for JSON that is not a call.
pub(crate) const NO_CALL: &str = "the request is no JSON-RPC call: that is an object with \"jsonrpc\": \
    \"2.0\", a method as text, params as array or object, and an id, each once";

/// The error for parameters that are wrong.
pub(crate) fn wrong_parameters(problem: &str) -> ErrorObjectOwned {
    let text = format!("the parameters are wrong: {problem}");
    error(Code::InvalidRequest, text)
}
