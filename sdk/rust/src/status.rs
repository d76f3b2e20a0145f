//! The meaning of HTTP statuses that come instead of a JSON-RPC answer: the transport does not read their text.

use std::error::Error as _;

use jsonrpsee::core::client::Error as ClientError;
use jsonrpsee::http_client::transport::Error as TransportError;

/// The HTTP status of an answer that is none of JSON-RPC.
fn of(error: &ClientError) -> Option<u16> {
    let ClientError::Transport(error) = error else { return None };
    match error.downcast_ref::<TransportError>() {
        Some(TransportError::Rejected { status_code }) => Some(*status_code),
        _ => None,
    }
}

/// Why a node cannot be used, in words, if a status or the TLS library says so. A status is never certain: a proxy can
/// answer with any of them although the node has the request.
pub(crate) fn reason(error: &ClientError) -> Option<String> {
    let Some(status) = of(error) else {
        let text = chain_text(error);
        let reasons = [
            (
                "corrupt message of type InvalidContentType",
                "it speaks HTTP without TLS: begin its address with http://",
            ),
            // The transport's word for an answer, too.
            (
                "Malformed request",
                "what answers there does not speak JSON-RPC: the answer is empty or a web page; check the port, the path and \
                 the proxy",
            ),
        ];
        let found = reasons.into_iter().find(|(sign, _)| text.contains(sign));
        return found.map(|(_, reason)| reason.to_owned());
    };
    let reason = match status {
        300..=399 => {
            "redirects requests, which is not followed: give the address to which it redirects, often the same with https://"
        }
        401 | 403 => {
            "refuses requests to this host name or from this client: add the name to `rpc.hosts` of the node, or use an address \
             that it allows"
        }
        404 | 405 => {
            "has no JSON-RPC interface at this path: leave out the path, or give that of the proxy"
        }
        413 => {
            "takes no request of this length: send less at once, or let the proxy pass requests of 2 MiB"
        }
        415 => {
            "does not take the content type of JSON-RPC: let the proxy pass the header Content-Type"
        }
        _ => "is busy or not ready",
    };
    Some(format!("the node, or a proxy before it, {reason} (HTTP status {status})"))
}

/// An error with the chain of its causes.
pub(crate) fn chain_text(error: &ClientError) -> String {
    let mut text = error.to_string();
    let mut cause = match error {
        ClientError::Transport(error) => error.source(),
        other => other.source(),
    };
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}
