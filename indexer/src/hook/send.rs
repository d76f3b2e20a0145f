//! One attempt to send a delivery, bounded in time and bytes.

use std::net::SocketAddr;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls_platform_verifier::ConfigVerifierExt;
use sha2::Sha256;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::Settings;
use super::address::is_public;
use super::queue::Delivery;
use crate::progress::now_ms;

/// How much of an answer is read: an endpoint has nothing to say but its status.
const ANSWER_BYTES_MAX: usize = 4 << 10;
/// The longest URL, bytes.
const URL_BYTES_MAX: usize = 2_048;
/// The number of addresses of a host that are tried.
const ADDRESSES_MAX: usize = 4;

/// Why an endpoint did not take a delivery.
#[derive(Debug, thiserror::Error)]
pub(super) enum AttemptError {
    #[error("{0}")]
    Url(String),
    #[error("the host {0} has no address: {1}")]
    NoAddress(String, String),
    #[error(
        "the host {0} has the address {1}, which is not public: allow it with --webhooks-to-private-addresses"
    )]
    Private(String, std::net::IpAddr),
    #[error("cannot connect: {0}")]
    Connect(String),
    #[error("the endpoint answered {0}")]
    Status(StatusCode),
    #[error("the endpoint answered {0}, and redirects are not followed: change the webhook's URL")]
    Redirect(StatusCode),
    #[error("the endpoint did not answer within {0} ms")]
    Slow(u128),
    #[error("the connection failed: {0}")]
    Http(String),
}

/// Checks the URL of a webhook: http or https, with a host, without credentials.
pub fn check_url(text: &str) -> Result<Uri, String> {
    if text.len() > URL_BYTES_MAX {
        return Err(format!("the URL is longer than {URL_BYTES_MAX} bytes"));
    }
    let uri: Uri = text.parse().map_err(|error| format!("{text:?} is not a URL: {error}"))?;
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    if !known || authority.is_empty() || authority.contains('@') {
        return Err(format!(
            "{text:?} is not a URL such as https://example.com/events, without credentials"
        ));
    }
    Ok(uri)
}

/// Sends a delivery once.
pub(super) async fn attempt(delivery: &Delivery, settings: &Settings) -> Result<(), AttemptError> {
    let limit = settings.attempt_max;
    match timeout(limit, exchange(delivery, settings)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(AttemptError::Slow(limit.as_millis())),
    }
}

async fn exchange(delivery: &Delivery, settings: &Settings) -> Result<(), AttemptError> {
    let uri = check_url(&delivery.url).map_err(AttemptError::Url)?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let tls = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
    let stream = connect(&host, port, settings).await?;
    let request = request(delivery, &uri)?;
    if !tls {
        return over(stream, request).await;
    }
    // A second call changes nothing: all of this process use the same provider.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let config = Arc::new(ClientConfig::with_platform_verifier());
    let name = ServerName::try_from(host).map_err(|error| AttemptError::Url(error.to_string()))?;
    let stream = TlsConnector::from(config).connect(name, stream).await;
    over(stream.map_err(|error| AttemptError::Connect(error.to_string()))?, request).await
}

/// Connects to an address of the host that was checked: a name that has another address at the next lookup is no way
/// around the check.
async fn connect(host: &str, port: u16, settings: &Settings) -> Result<TcpStream, AttemptError> {
    let found = lookup_host((host, port)).await;
    let found =
        found.map_err(|error| AttemptError::NoAddress(host.to_owned(), error.to_string()))?;
    let addresses: Vec<SocketAddr> = found.take(ADDRESSES_MAX).collect();
    let private = addresses.iter().find(|it| !is_public(it.ip()));
    if let Some(private) = private.filter(|_| !settings.private_addresses) {
        return Err(AttemptError::Private(host.to_owned(), private.ip()));
    }
    let stream = TcpStream::connect(addresses.as_slice()).await;
    stream.map_err(|error| AttemptError::Connect(error.to_string()))
}

fn request(delivery: &Delivery, uri: &Uri) -> Result<Request<Full<Bytes>>, AttemptError> {
    let seconds = now_ms() / 1_000;
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(HOST, authority)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, concat!("ehb-indexer/", env!("CARGO_PKG_VERSION")))
        .header("ehb-delivery", delivery.id())
        .header("ehb-attempt", delivery.attempts.saturating_add(1))
        .header("ehb-timestamp", seconds)
        .header(
            "ehb-signature",
            format!("v1={}", signature(&delivery.secret, seconds, &delivery.body)),
        )
        .body(Full::new(Bytes::from(delivery.body.clone())))
        .map_err(|error| AttemptError::Http(error.to_string()))
}

/// HMAC-SHA256 over `TIMESTAMP.BODY`, in hex.
fn signature(secret: &str, seconds: u64, body: &str) -> String {
    #[expect(clippy::expect_used, reason = "HMAC accepts keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(format!("{seconds}.{body}").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

async fn over(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
) -> Result<(), AttemptError> {
    let failed = |error: hyper::Error| AttemptError::Http(error.to_string());
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // Dropped with this future, whatever the endpoint still sends.
    let mut connection = std::pin::pin!(connection);
    let answer = async {
        let response = sender.send_request(request).await.map_err(failed)?;
        let status = response.status();
        let (mut body, mut read) = (response.into_body(), 0);
        // A short answer is read to its end, so that the endpoint sees no reset.
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > ANSWER_BYTES_MAX {
                break;
            }
        }
        match status {
            status if status.is_success() => Ok(()),
            status if status.is_redirection() => Err(AttemptError::Redirect(status)),
            status => Err(AttemptError::Status(status)),
        }
    };
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        outcome = &mut answer => outcome,
        ended = &mut connection => {
            ended.map_err(failed)?;
            answer.await
        }
    }
}
