//! Checks an HTTP request before the library: host, method, content type, the body's size and time, and its
//! client's shares.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ehb_types::Code;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName,
    HeaderValue, ORIGIN, TRANSFER_ENCODING, VARY,
};
use http::{HeaderMap, Method, Request, StatusCode, Version};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use jsonrpsee::Methods;
use jsonrpsee::core::middleware::RpcServiceBuilder;
use jsonrpsee::server::ws::is_upgrade_request;
use jsonrpsee::server::{HttpResponse, StopHandle, TowerServiceBuilder};
use tower::Service;
use tower::layer::util::Identity;

use crate::backend::{Backend, Refusal};
use crate::call_source::{CallSource, Resources, WebSocket};
use crate::client::{Client, Clients};
use crate::client_key::{ClientKey, forwarded};
use crate::connections::Connection;
use crate::errors::shaped;
use crate::limits::{BODY_PIECES_MAX, BODY_SECONDS_MAX, REQUEST_BYTES_MAX};
use crate::memory::Share;
use crate::message::{Ids, JsonRpcMessage, read};
use crate::middleware::{Answered, Guarded, Silent};
use crate::origin::AllowedHosts;
use crate::pages::{JSON, Page, TEXT, health, page, readiness, refused};
use crate::reference::reference;
use crate::wire::Budget;

/// State shared by all connections.
pub(crate) struct Site {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) methods: Methods,
    pub(crate) library: TowerServiceBuilder<Identity, Identity>,
    pub(crate) stop: StopHandle,
    pub(crate) hosts: AllowedHosts,
    pub(crate) proxies: Vec<IpAddr>,
    pub(crate) clients: Arc<Clients>,
    pub(crate) resources: Arc<Resources>,
    /// The counter of WebSocket ids, with which the library distinguishes their subscriptions.
    pub(crate) next_session: AtomicU32,
}

/// The connection of a request.
pub(crate) struct Door {
    pub(crate) site: Arc<Site>,
    pub(crate) connection: Arc<Connection>,
    /// The address of this machine that the client connected to.
    pub(crate) local: IpAddr,
    /// The remote address of the connection.
    pub(crate) remote: IpAddr,
}

/// The content types that the draft "JSON-RPC over HTTP" names.
const CONTENT_TYPES: [&str; 3] = [JSON, "application/json-rpc", "application/jsonrequest"];

impl Door {
    /// Answers one request.
    pub(crate) fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Page, Infallible>> {
        // Now, and not when the future runs: until then the connection would be read from.
        let is_handshake = is_handshake(&request);
        if is_handshake {
            self.connection.wire().begin_handshake();
        }
        if let Some(bytes) = request.body().size_hint().exact() {
            self.connection.wire().begin_body(bytes);
        }
        let is_ambiguous = self.connection.wire().is_ambiguous();
        async move {
            let response = self.answered(request, is_ambiguous).await;
            if is_handshake && response.status() != StatusCode::SWITCHING_PROTOCOLS {
                self.connection.wire().end_handshake();
            }
            Ok(response)
        }
    }

    async fn answered(&self, request: Request<Incoming>, is_ambiguous: bool) -> Page {
        let origin = request.headers().get(ORIGIN).cloned();
        let mut response = match badly_framed(request.headers(), is_ambiguous) {
            Some(refused) => refused,
            None => self.route(request).await,
        };
        if response.status() != StatusCode::FORBIDDEN
            && let Some(origin) = origin
        {
            response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            response.headers_mut().insert(VARY, HeaderValue::from_static("origin"));
        }
        if response.status().is_client_error() {
            self.site.resources.usage.count_refused();
        }
        response
    }

    async fn route(&self, request: Request<Incoming>) -> Page {
        let path = request.uri().path();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        match path {
            "/health" if reads => return health(),
            "/readyz" if reads => return readiness(&self.site.backend.readiness()),
            _ => {}
        }
        if let Err(problem) = self.site.hosts.check(request.headers(), self.local) {
            let hint = "ask the node's operator to add the host to the node's allowed hosts";
            let text = problem.to_string();
            return refused(StatusCode::FORBIDDEN, Code::PermissionDenied, text, hint);
        }
        match *request.method() {
            _ if path != "/" => {
                let text = "there is nothing at this path";
                let hint = "call JSON-RPC at the path /";
                refused(StatusCode::NOT_FOUND, Code::NotFound, text, hint)
            }
            _ if is_handshake(&request) => self.upgrade(request).await,
            Method::OPTIONS => preflight(),
            Method::GET | Method::HEAD => reference(),
            Method::POST => match unsupported(request.headers()) {
                Some(refused) => refused,
                None => self.call(request).await.unwrap_or_else(|refused| refused),
            },
            _ => {
                let text = "JSON-RPC is answered to POST, or over a WebSocket";
                let (status, hint) = (StatusCode::METHOD_NOT_ALLOWED, "use POST or a WebSocket");
                let mut response = refused(status, Code::InvalidRequest, text, hint);
                response
                    .headers_mut()
                    .insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST, OPTIONS"));
                response
            }
        }
    }

    /// The client of a request: its remote address, or the address from a trusted proxy.
    fn client(&self, headers: &HeaderMap) -> Arc<Client> {
        let proxies = &self.site.proxies;
        let address = match proxies.contains(&self.remote) {
            true => forwarded(headers, proxies).unwrap_or(self.remote),
            false => self.remote,
        };
        self.site.clients.get(ClientKey::of(address))
    }

    /// Counts the connection for the client of its request.
    fn pass_to(&self, client: &Client) -> Result<(), Refusal> {
        self.connection.pass_to(client.key).map_err(|_| {
            let text = "this address has already its share of connections";
            Refusal::new(Code::LimitExceeded, text)
        })
    }

    async fn call(&self, request: Request<Incoming>) -> Result<Page, Page> {
        let client = self.client(request.headers());
        let (mut parts, body) = request.into_parts();
        let (body, share) = self.body(&client, body).await?;
        self.pass_to(&client).map_err(busy)?;
        let _busy = self.connection.busy();
        let JsonRpcMessage { body, ids } = match read(body) {
            Ok(message) => message,
            Err(bad) => {
                self.site.resources.usage.count_call(false);
                return Ok(page(StatusCode::OK, JSON, bad.into_json()));
            }
        };
        parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
        // The length may have changed, and the library reads it.
        parts.headers.remove(CONTENT_LENGTH);
        let resources = self.site.resources.clone();
        let source = CallSource::new(client, resources, self.connection.clone(), None);
        let request = Request::from_parts(parts, Full::new(Bytes::from(body)));
        let response = self.carry_out(source, request).await;
        drop(share);
        Ok(finished(response, &ids).await)
    }

    /// Passes a request to the library.
    async fn carry_out<B>(&self, source: CallSource, request: Request<B>) -> HttpResponse
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<jsonrpsee::core::BoxError>,
    {
        let guarded = move |service| Guarded { service, source: source.clone() };
        let site = &self.site;
        let library = site.library.clone();
        let mut service = library
            .set_rpc_middleware(RpcServiceBuilder::new().layer_fn(guarded))
            .connection_id(site.next_session.fetch_add(1, Ordering::Relaxed))
            .build(site.methods.clone(), site.stop.clone());
        match service.call(request).await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!(%error, "the library failed to answer a request");
                jsonrpsee::server::http::response::internal_error()
            }
        }
    }

    /// Reads a body, and reserves its share of the memory.
    async fn body(
        &self,
        client: &Client,
        body: Incoming,
    ) -> Result<(Vec<u8>, Option<Share>), Page> {
        let hint = body.size_hint();
        if hint.lower() > REQUEST_BYTES_MAX as u64 {
            return Err(too_long());
        }
        let bytes = hint.upper().and_then(|bytes| usize::try_from(bytes).ok());
        let bytes = bytes.unwrap_or(REQUEST_BYTES_MAX).min(REQUEST_BYTES_MAX);
        let share = self.site.resources.memory.share(client, self.connection.wire(), bytes).await;
        let share = share.map_err(busy)?;
        let known = hint.exact().map_or(0, |_| bytes);
        match tokio::time::timeout(Duration::from_secs(BODY_SECONDS_MAX), whole(body, known)).await
        {
            Ok(body) => Ok((body?, share)),
            Err(_) => {
                let text = format!("the body took longer than {BODY_SECONDS_MAX} s");
                let status = StatusCode::REQUEST_TIMEOUT;
                Err(refused(status, Code::Timeout, text, NOTHING_EXECUTED))
            }
        }
    }

    /// Lets the library perform the WebSocket handshake and serve it.
    async fn upgrade(&self, request: Request<Incoming>) -> Page {
        if self.connection.wire().is_unsent() {
            let text = "answers to earlier requests of this connection are not read yet";
            let hint = "read them first, or open a connection for the WebSocket";
            return refused(StatusCode::BAD_REQUEST, Code::InvalidRequest, text, hint);
        }
        let client = self.client(request.headers());
        let place = match client.websocket(self.connection.wire()) {
            Ok(place) => place,
            Err(refusal) => return busy(refusal),
        };
        if let Err(refusal) = self.pass_to(&client) {
            return busy(refusal);
        }
        let guard = self.site.resources.usage.begin_session();
        let websocket =
            WebSocket { _place: place, _guard: guard, _busy: self.connection.websocket() };
        let resources = self.site.resources.clone();
        let budget = Budget { memory: resources.memory.clone(), client: client.clone() };
        let source = CallSource::new(client, resources, self.connection.clone(), Some(websocket));
        let response = self.carry_out(source, request).await;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let text = "the WebSocket handshake is malformed";
            let hint = "send the handshake of RFC 6455, version 13";
            return refused(StatusCode::BAD_REQUEST, Code::InvalidRequest, text, hint);
        }
        self.connection.wire().begin_websocket(budget);
        response.map(|_| Full::default())
    }
}

/// Whether a request is a WebSocket handshake: RFC 6455, section 4.1, asks for GET and HTTP/1.1.
fn is_handshake(request: &Request<Incoming>) -> bool {
    let is_possible = *request.method() == Method::GET && request.version() == Version::HTTP_11;
    is_possible && is_upgrade_request(request)
}

/// A hint for requests whose body did not arrive whole.
const NOTHING_EXECUTED: &str = "send the request again: nothing of it was executed";

/// Reads a body, whose length may be known. Its pieces are copied together: the library allocates some KiB for each,
/// however short it is.
async fn whole(body: Incoming, known_bytes: usize) -> Result<Vec<u8>, Page> {
    let mut body = pin!(Limited::new(body, REQUEST_BYTES_MAX));
    let mut read = Vec::with_capacity(known_bytes);
    let mut pieces = 0;
    while let Some(frame) = body.frame().await {
        let bad = |text: &str, hint: &str| {
            refused(StatusCode::BAD_REQUEST, Code::InvalidRequest, text, hint)
        };
        match frame {
            Ok(frame) => read.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Err(problem) if problem.is::<LengthLimitError>() => return Err(too_long()),
            Err(_) => return Err(bad("the body is malformed or broke off", NOTHING_EXECUTED)),
        }
        pieces += 1;
        if pieces > BODY_PIECES_MAX {
            let text = format!("the body comes in more than {BODY_PIECES_MAX} pieces");
            return Err(bad(&text, "send it in one piece, with its content-length"));
        }
    }
    Ok(read)
}

/// The library's response with our ids and error format.
async fn finished(response: HttpResponse, ids: &Ids) -> Page {
    let (mut parts, body) = response.into_parts();
    if parts.extensions.get::<Silent>().is_some() {
        return page(StatusCode::NO_CONTENT, TEXT, "");
    }
    // It is already complete.
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let share = match parts.extensions.remove::<Answered>() {
        Some(answered) => answered.take(),
        None => {
            let json = std::str::from_utf8(&body).ok().and_then(shaped);
            return match json {
                Some(response) => page(StatusCode::OK, JSON, response.as_json().get().to_owned()),
                None => page(StatusCode::OK, JSON, body),
            };
        }
    };
    let restored = if ids.are_ours() { ids.restore(&body) } else { None };
    let body = restored.map_or(body, Bytes::from);
    page(StatusCode::OK, JSON, Bytes::from_owner(Held { body, _share: share }))
}

/// An answer that keeps its share of the memory until its last byte is written.
struct Held {
    body: Bytes,
    _share: Option<Share>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

fn too_long() -> Page {
    let text = format!("a request has at most {REQUEST_BYTES_MAX} bytes");
    let (status, code) = (StatusCode::PAYLOAD_TOO_LARGE, Code::LimitExceeded);
    refused(status, code, text, code.hint())
}

fn busy(refusal: Refusal) -> Page {
    let hint = "wait a little and try again, or send fewer requests at once";
    refused(StatusCode::SERVICE_UNAVAILABLE, refusal.code, refusal.message, hint)
}

/// Answers a browser's preflight request for pages of an allowed origin.
fn preflight() -> Page {
    let mut response = page(StatusCode::NO_CONTENT, TEXT, "");
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}

/// The text of a header's value, in lower case.
fn text_of(value: Option<&HeaderValue>) -> String {
    value.and_then(|value| value.to_str().ok()).unwrap_or_default().trim().to_ascii_lowercase()
}

/// The values of a header that is a list, in lower case.
fn listed(headers: &HeaderMap, header: &HeaderName) -> Vec<String> {
    let lines = headers.get_all(header).iter().map(|line| text_of(Some(line))).collect::<Vec<_>>();
    let values = lines.iter().flat_map(|line| line.split(',')).map(str::trim);
    values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// The rejection of a request for whose body other servers could find another end (RFC 9112, sections 6.1 and 6.3).
fn badly_framed(headers: &HeaderMap, is_ambiguous: bool) -> Option<Page> {
    let chunked = listed(headers, &TRANSFER_ENCODING).iter().filter(|it| *it == "chunked").count();
    let text = match chunked {
        _ if is_ambiguous => "a request has either content-length or transfer-encoding, not both",
        0 | 1 => return None,
        _ => "the transfer encoding chunked is applied more than once",
    };
    let hint = "send one content-length, or one transfer-encoding: chunked";
    Some(refused(StatusCode::BAD_REQUEST, Code::InvalidRequest, text, hint))
}

/// The rejection of a body that is not declared as plain JSON in UTF-8. Browsers send a preflight request before
/// JSON to another origin.
fn unsupported(headers: &HeaderMap) -> Option<Page> {
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    let content_type = text_of(headers.get(CONTENT_TYPE));
    let mut parts = content_type.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    if !CONTENT_TYPES.contains(&kind) {
        let text = "the content type is not one of JSON-RPC's";
        let hint = "send the header content-type: application/json";
        return Some(refused(status, Code::InvalidRequest, text, hint));
    }
    let charset =
        parts.filter_map(|part| part.split_once('=')).find(|(name, _)| *name == "charset");
    if let Some((_, charset)) = charset
        && !["utf-8", "utf8"].contains(&charset.trim_matches('"'))
    {
        let text = "the body's charset is another than UTF-8";
        let hint = "send JSON in UTF-8, with the header content-type: application/json";
        return Some(refused(status, Code::InvalidRequest, text, hint));
    }
    for (header, plain) in [(CONTENT_ENCODING, "identity"), (TRANSFER_ENCODING, "chunked")] {
        if listed(headers, &header).iter().any(|coding| coding != plain) {
            let text = "the body is compressed, which this server does not read";
            let hint = format!("send the body as it is, with no other {header} than {plain}");
            return Some(refused(status, Code::InvalidRequest, text, &hint));
        }
    }
    None
}
