//! The memory that the answer of each method needs.

use ehb_rpc_api::{Cost, ERROR_TEXT_BYTES_MAX, Method, SUBMIT_BATCH_TRANSACTIONS_MAX};

use crate::limits::{ANSWER_BYTES_MAX, SHARED_BYTES_MIN};

/// The maximum size of the result of one submitted transaction: an id, or an error with its hint, bytes.
const SUBMITTED_BYTES_MAX: usize = 2 * ERROR_TEXT_BYTES_MAX;
/// The minimum size of an element of a list in a request, bytes.
const ELEMENT_BYTES_MIN: usize = 3;

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
