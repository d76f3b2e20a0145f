//! What HTTP statuses mean that come instead of a JSON-RPC answer: the transport does not read their text.

use ehb_rpc_api::ErrorData;
use ehb_types::Code;
use jsonrpsee::core::client::Error as ClientError;
use jsonrpsee::http_client::transport::Error as TransportError;

use crate::Error;

/// The HTTP status of an answer that is none of JSON-RPC.
fn of(error: &ClientError) -> Option<u16> {
    let ClientError::Transport(error) = error else { return None };
    match error.downcast_ref::<TransportError>() {
        Some(TransportError::Rejected { status_code }) => Some(*status_code),
        _ => None,
    }
}

/// A request that the node, or a proxy before it, refuses for good: nothing was sent on.
pub(crate) fn refusal(url: &str, error: &ClientError) -> Option<Error> {
    let (code, problem, hint) = match of(error)? {
        401 | 403 => (
            Code::PermissionDenied,
            "refuses requests to this host name or from this client",
            "add the host name to `rpc.hosts` of the node, or use an address that it allows",
        ),
        404 | 405 => (
            Code::InvalidRequest,
            "has no JSON-RPC interface at this path",
            "leave out the path, or give that at which the proxy has the node",
        ),
        413 => (
            Code::LimitExceeded,
            "takes no request of this length",
            "send less at once, or let the proxy pass requests of 2 MiB",
        ),
        415 => (
            Code::InvalidRequest,
            "does not take the content type of JSON-RPC",
            "let the proxy pass the header Content-Type",
        ),
        _ => return None,
    };
    let message = format!("{url}: the node, or a proxy before it, {problem}");
    Some(Error::Refused(Box::new(ErrorData {
        hint: hint.to_owned(),
        ..ErrorData::new(code, message)
    })))
}

/// Why a node cannot be used now, in words, if a status or the TLS library says so.
pub(crate) fn reason(error: &ClientError, text: String) -> String {
    match of(error) {
        Some(status) => {
            format!("the node, or a proxy before it, is busy or not ready (HTTP status {status})")
        }
        None if text.contains("corrupt message of type InvalidContentType") => {
            "it speaks HTTP without TLS: begin its address with http://".to_owned()
        }
        None => text,
    }
}
