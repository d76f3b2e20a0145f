//! Answers to HTTP requests without a call.

use std::time::Duration;

use ehb_rpc_api::{ErrorData, error_with, rpc_number};
use ehb_types::Code;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper_util::rt::TokioTimer;
use jsonrpsee::MethodResponse;
use jsonrpsee::types::Id;
use jsonrpsee::types::error::INVALID_REQUEST_CODE;

use crate::backend::Readiness;
use crate::limits::{HEAD_BYTES_MAX, HEAD_LINES_MAX, HEAD_SECONDS_MAX};

pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
pub(crate) const JSON: &str = "application/json";

/// A response.
pub(crate) type Page = Response<Full<Bytes>>;

/// The HTTP reader and writer, with the limits of a request's head.
pub(crate) fn http() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(HEAD_SECONDS_MAX))
        .max_headers(HEAD_LINES_MAX)
        .max_buf_size(HEAD_BYTES_MAX);
    http
}

pub(crate) fn page(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Page {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Reports that the process is alive.
pub(crate) fn health() -> Page {
    page(StatusCode::OK, TEXT, "ok\n")
}

/// Reports whether the node is ready, and if not, why.
pub(crate) fn readiness(readiness: &Readiness) -> Page {
    match readiness {
        Readiness::Ready => page(StatusCode::OK, TEXT, "ready\n"),
        Readiness::NotReady(reasons) => {
            page(StatusCode::SERVICE_UNAVAILABLE, TEXT, reasons.join("\n") + "\n")
        }
    }
}

/// The rejection of a whole request: the HTTP status, and in the body the error that a call would get.
pub(crate) fn refused(status: StatusCode, code: Code, text: impl Into<String>, hint: &str) -> Page {
    page(status, JSON, refusal(code, text, hint))
}

/// The body of a rejection.
pub(crate) fn refusal(code: Code, text: impl Into<String>, hint: &str) -> String {
    let data = ErrorData { hint: hint.to_owned(), ..ErrorData::new(code, text) };
    let number = match code {
        Code::InvalidRequest => INVALID_REQUEST_CODE,
        code => rpc_number(code),
    };
    MethodResponse::error(Id::Null, error_with(number, data)).as_json().get().to_owned()
}
