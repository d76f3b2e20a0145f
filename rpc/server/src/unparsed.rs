//! Words for heads that the HTTP library cannot parse: its own answer has an empty body.

use ehb_types::Code;
use http::StatusCode;

use crate::limits::{HEAD_BYTES_MAX, HEAD_LINES_MAX};
use crate::pages::{JSON, refusal};

const NO_BODY: &str = "\r\ncontent-length: 0\r\n";

/// The library's answer with a body that names the problem; `None` for any other bytes. Answers of this server are
/// never such: all of its rejections have a body.
pub(crate) fn in_words(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.starts_with(b"HTTP/1.") || !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    let head = std::str::from_utf8(bytes).ok().filter(|head| head.contains(NO_BODY))?;
    let status = StatusCode::from_bytes(head.split(' ').nth(1)?.as_bytes()).ok()?;
    let (text, hint) = match status {
        StatusCode::BAD_REQUEST => (
            "the head of the request is malformed".to_owned(),
            "send a request line and header lines as in RFC 9112, with one content-length or with \
             transfer-encoding: chunked",
        ),
        StatusCode::URI_TOO_LONG => {
            ("the address of the request is too long".to_owned(), "call JSON-RPC at the path /")
        }
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => (
            format!(
                "the head of a request has at most {HEAD_BYTES_MAX} bytes and {HEAD_LINES_MAX} lines"
            ),
            "send fewer or shorter header lines",
        ),
        _ => return None,
    };
    let body = refusal(Code::InvalidRequest, text, hint);
    let with_body = format!("\r\ncontent-type: {JSON}\r\ncontent-length: {}\r\n", body.len());
    Some((head.replacen(NO_BODY, &with_body, 1) + &body).into_bytes())
}
