//! Answers HTTP requests, and hands WebSockets on.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ehb_rpc_api::{ErrorData, error_with, rpc_number};
use ehb_types::Code;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ALLOW, CONTENT_TYPE, HeaderValue, ORIGIN, VARY,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::upgrade::OnUpgrade;
use jsonrpsee::types::Id;
use jsonrpsee::types::error::INVALID_REQUEST_CODE;
use jsonrpsee::{MethodResponse, Methods};
use soketto::handshake::http::{Server as Handshake, is_upgrade_request};

use crate::backend::Backend;
use crate::budget::{AnswerBudget, Share};
use crate::connections::Connection;
use crate::dispatch;
use crate::limits::{BODY_SECONDS_MAX, REQUEST_BYTES_MAX};
use crate::origin::AllowedHosts;
use crate::usage::{SessionGuard, Usage};

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// What all connections share.
pub(crate) struct Site {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) methods: Methods,
    pub(crate) budget: AnswerBudget,
    pub(crate) hosts: AllowedHosts,
    pub(crate) usage: Arc<Usage>,
    pub(crate) sessions_max: u64,
}

/// A WebSocket whose handshake is done, and its place among them.
pub(crate) type Upgrade = (Handshake, OnUpgrade, SessionGuard);

/// One connection as its requests see it.
pub(crate) struct Door {
    pub(crate) site: Arc<Site>,
    pub(crate) connection: Connection,
    /// The address of this machine that the client connected to.
    pub(crate) local: IpAddr,
    /// Where a handshake leaves its WebSocket.
    pub(crate) upgrade: Mutex<Option<Upgrade>>,
}

impl Door {
    /// Answers one request.
    pub(crate) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let origin = request.headers().get(ORIGIN).cloned();
        let mut response = self.route(request).await;
        if response.status() != StatusCode::FORBIDDEN
            && let Some(origin) = origin
        {
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            response.headers_mut().insert(VARY, HeaderValue::from_static("origin"));
        }
        if response.status().is_client_error() {
            self.site.usage.count_refused();
        }
        Ok(response)
    }

    async fn route(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let path = request.uri().path();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        match path {
            "/health" if reads => return page(StatusCode::OK, TEXT, "ok\n"),
            "/readyz" if reads => return self.readiness(),
            _ => {}
        }
        if let Err(problem) = self.site.hosts.check(request.headers(), self.local) {
            let hint = "let the node's operator name the host among those that the node answers to";
            let text = problem.to_string();
            return refused(StatusCode::FORBIDDEN, Code::PermissionDenied, text, hint);
        }
        match *request.method() {
            _ if path != "/" => {
                let text = "there is nothing at this path";
                let hint = "call JSON-RPC at the path /";
                refused(StatusCode::NOT_FOUND, Code::NotFound, text, hint)
            }
            _ if is_upgrade_request(&request) => self.upgrade(request),
            Method::OPTIONS => preflight(),
            Method::POST if is_json(request.headers()) => self.call(request).await,
            Method::POST => {
                let text = "the content type is not application/json";
                let hint = "send the header content-type: application/json";
                refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidRequest, text, hint)
            }
            _ => {
                let text = "JSON-RPC is answered to POST, or over a WebSocket";
                let (status, hint) = (StatusCode::METHOD_NOT_ALLOWED, "use POST or a WebSocket");
                let mut response = refused(status, Code::InvalidRequest, text, hint);
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST, OPTIONS"));
                response
            }
        }
    }

    fn readiness(&self) -> Response<Full<Bytes>> {
        match self.site.backend.status().syncing {
            false => page(StatusCode::OK, TEXT, "ready\n"),
            true => page(StatusCode::SERVICE_UNAVAILABLE, TEXT, "catching up\n"),
        }
    }

    async fn call(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let too_long = || {
            let text = format!("a request has at most {REQUEST_BYTES_MAX} bytes");
            let (status, code) = (StatusCode::PAYLOAD_TOO_LARGE, Code::LimitExceeded);
            refused(status, code, text, code.hint())
        };
        let broken = |status, code, text: &str| {
            refused(status, code, text, "send the request again: nothing of it was carried out")
        };
        let body = request.into_body();
        if body.size_hint().lower() > REQUEST_BYTES_MAX as u64 {
            return too_long();
        }
        let read = Limited::new(body, REQUEST_BYTES_MAX).collect();
        let body = match tokio::time::timeout(Duration::from_secs(BODY_SECONDS_MAX), read).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(problem)) if problem.is::<LengthLimitError>() => return too_long(),
            Ok(Err(_)) => {
                let text = "the body is malformed or broke off";
                return broken(StatusCode::BAD_REQUEST, Code::InvalidRequest, text);
            }
            Err(_) => {
                let text = format!("the body took longer than {BODY_SECONDS_MAX} s");
                return broken(StatusCode::REQUEST_TIMEOUT, Code::Timeout, &text);
            }
        };
        let _busy = self.connection.busy();
        let site = &self.site;
        let answer = dispatch::answer(&site.methods, &site.budget, None, &body).await;
        site.usage.count_calls(answer.calls, answer.failed);
        match answer.json {
            Some(json) => {
                let json = Bytes::from_owner(Held { json, _share: answer.share });
                page(StatusCode::OK, JSON, json)
            }
            None => page(StatusCode::NO_CONTENT, TEXT, ""),
        }
    }

    /// Does the handshake of a WebSocket; what runs on it begins when the response is sent.
    fn upgrade(&self, mut request: Request<Incoming>) -> Response<Full<Bytes>> {
        let Some(guard) = self.site.usage.begin_session(self.site.sessions_max) else {
            let text = "too many WebSockets are open";
            let (status, hint) = (StatusCode::SERVICE_UNAVAILABLE, "wait a little, or use POST");
            return refused(status, Code::NotReady, text, hint);
        };
        let mut handshake = Handshake::new();
        match handshake.receive_request(&request) {
            Ok(response) => {
                let upgrade = (handshake, hyper::upgrade::on(&mut request), guard);
                *self.upgrade.lock().unwrap_or_else(PoisonError::into_inner) = Some(upgrade);
                response.map(|()| Full::default())
            }
            Err(_) => {
                let text = "the WebSocket handshake is malformed";
                let hint = "send the handshake of RFC 6455, version 13";
                refused(StatusCode::BAD_REQUEST, Code::InvalidRequest, text, hint)
            }
        }
    }
}

/// An answer that holds its share of the budget until its last byte is written.
struct Held {
    json: String,
    _share: Option<Share>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        self.json.as_bytes()
    }
}

/// Says to a browser what pages of an allowed origin may send.
fn preflight() -> Response<Full<Bytes>> {
    let mut response = page(StatusCode::NO_CONTENT, TEXT, "");
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

/// Whether the body is announced as JSON. Browsers ask before they send that to another origin.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case(JSON)
}

/// A refusal of a whole request: the status for HTTP, and the error that a call would get for those
/// who read the body.
fn refused(
    status: StatusCode,
    code: Code,
    text: impl Into<String>,
    hint: &str,
) -> Response<Full<Bytes>> {
    let data = ErrorData { hint: hint.to_owned(), ..ErrorData::new(code, text) };
    let number = match code {
        Code::InvalidRequest => INVALID_REQUEST_CODE,
        code => rpc_number(code),
    };
    let error = MethodResponse::error(Id::Null, error_with(number, data));
    page(status, JSON, error.as_json().get().to_owned())
}

pub(crate) fn page(
    status: StatusCode,
    kind: &'static str,
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
