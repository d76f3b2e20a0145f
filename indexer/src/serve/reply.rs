//! Answers of the server as HTTP responses.

use futures::{Stream, StreamExt};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Bytes, Frame};
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;

use super::failure::Failure;

/// The body of an answer.
pub(crate) type Body = UnsyncBoxBody<Bytes, Failure>;
/// An answer.
pub(crate) type Reply = Response<Body>;

/// A whole text.
pub(crate) fn text(status: StatusCode, kind: &'static str, text: String) -> Reply {
    bytes(status, kind, text.into())
}

/// Whole bytes, which other answers can share.
pub(crate) fn bytes(status: StatusCode, kind: &'static str, bytes: Bytes) -> Reply {
    with_kind(status, kind, Full::new(bytes).map_err(|never| match never {}).boxed_unsync())
}

/// A whole text, whose share of the memory for answers is returned once it was sent.
pub(crate) fn held(kind: &'static str, text: String, permit: OwnedSemaphorePermit) -> Reply {
    let body = Full::new(Bytes::from(text)).map_err(|never| match never {});
    let body = body.map_frame(move |frame| {
        let _held = &permit;
        frame
    });
    with_kind(StatusCode::OK, kind, body.boxed_unsync())
}

/// Chunks as they come.
pub(crate) fn stream(chunks: impl Stream<Item = Result<Bytes, Failure>> + Send + 'static) -> Body {
    StreamBody::new(chunks.map(|chunk| chunk.map(Frame::data))).boxed_unsync()
}

/// A body of a content type.
pub(crate) fn with_kind(status: StatusCode, kind: &'static str, body: Body) -> Reply {
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}

impl Failure {
    /// The answer.
    pub(crate) fn reply(&self) -> Reply {
        let body = json!({"error": {"code": self.code(), "message": self.to_string()}});
        let mut reply = text(self.status(), "application/json", body.to_string());
        let headers = reply.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(self, Self::Busy(_)) {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        reply
    }
}
