//! What is answered before any JSON is read.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use ehb_rpc_server::{Operations, OperationsServer, Readiness};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::raw::{start, start_with};

const STATUS: &[u8] = crate::raw::STATUS.as_bytes();

#[tokio::test]
async fn health_is_at_once_and_readiness_when_caught_up() {
    let server = start().await;
    server.node.syncing.store(true, Ordering::Relaxed);
    assert_eq!(server.get("/health").await.status, 200);
    assert_eq!(server.get("/readyz").await.status, 503);
    server.node.syncing.store(false, Ordering::Relaxed);
    assert_eq!(server.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn only_known_hosts_and_origins_may_call() {
    let server = start_with(|config| config.allowed_hosts = vec!["node.acme.example".into()]).await;
    let cases: &[(&[(&str, &str)], u16)] = &[
        (&[("host", "localhost")], 200),
        (&[("host", "localhost:9650")], 200),
        (&[("host", "127.0.0.1:9650")], 200),
        (&[("host", "[::1]:9650")], 200),
        (&[("host", "node.acme.example")], 200),
        (&[("host", "NODE.acme.example:80")], 200),
        (&[("host", "evil.example")], 403),
        (&[("host", "localhost.evil.example")], 403),
        (&[("host", "node.acme.example.evil.example")], 403),
        (&[("host", "user@localhost")], 403),
        (&[("host", "10.0.0.7")], 403),
        (&[("host", "")], 403),
        (&[("origin", "http://localhost:5173")], 200),
        (&[("origin", "https://node.acme.example")], 200),
        (&[("origin", "http://evil.example")], 403),
        (&[("origin", "http://localhost@evil.example")], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "file://")], 403),
        (&[("origin", "http://localhost"), ("origin", "http://evil.example")], 403),
    ];
    for (headers, status) in cases {
        let response = server.request("POST / HTTP/1.1", headers, STATUS).await;
        assert_eq!(response.status, *status, "{headers:?}: {}", response.body);
        if *status == 403 {
            assert_eq!(response.error(), "-32036 PERMISSION_DENIED", "{headers:?}");
        }
        let shared = response.head.contains("access-control-allow-origin");
        let asked = headers.iter().any(|(name, _)| *name == "origin");
        assert_eq!(shared, asked && *status == 200, "{headers:?}");
    }
}

#[tokio::test]
async fn browsers_may_ask_first() {
    let server = start().await;
    let origin = ("origin", "http://localhost:5173");
    let response = server.request("OPTIONS / HTTP/1.1", &[origin], b"").await;
    assert_eq!(response.status, 204);
    assert!(response.head.contains("access-control-allow-origin: http://localhost:5173"));
    assert!(response.head.contains("access-control-allow-headers: content-type"));
    let evil = ("origin", "http://evil.example");
    assert_eq!(server.request("OPTIONS / HTTP/1.1", &[evil], b"").await.status, 403);
}

#[tokio::test]
async fn a_websocket_is_refused_to_foreign_pages() {
    let server = start().await;
    let handshake = |origin: &'static str| {
        [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("origin", origin),
        ]
    };
    let refused = server.request("GET / HTTP/1.1", &handshake("http://evil.example"), b"").await;
    assert_eq!((refused.status, &*refused.error()), (403, "-32036 PERMISSION_DENIED"));
    let mut broken = handshake("http://localhost");
    broken[3].1 = "short";
    let refused = server.request("GET / HTTP/1.1", &broken, b"").await;
    assert_eq!((refused.status, &*refused.error()), (400, "-32600 INVALID_REQUEST"));
}

#[tokio::test]
async fn websockets_leave_half_of_the_connections_to_http() {
    let server = start_with(|config| {
        config.limits.connections_max = 4;
        config.limits.websockets_max = 2;
    })
    .await;
    let url = format!("ws://{}", server.address);
    let connect = async || jsonrpsee::ws_client::WsClientBuilder::default().build(&url).await;
    let held = [connect().await.unwrap(), connect().await.unwrap()];
    assert!(connect().await.is_err());
    let headers = [("connection", "upgrade"), ("upgrade", "websocket")];
    let refused = server.request("GET / HTTP/1.1", &headers, b"").await;
    assert_eq!((refused.status, &*refused.error()), (503, "-32062 NOT_READY"));
    assert_eq!(server.post(STATUS).await.status, 200);
    assert_eq!(server.usage.counts().sessions, 2);
    drop(held);
    while server.usage.counts().sessions > 0 {
        tokio::task::yield_now().await;
    }
    assert!(connect().await.is_ok());
}

#[tokio::test]
async fn other_requests_are_turned_away() {
    let server = start().await;
    let form = [("content-type", "text/plain")];
    for (line, headers, status, error) in [
        ("DELETE / HTTP/1.1", [].as_slice(), 405, "-32600 INVALID_REQUEST"),
        ("GET /metrics HTTP/1.1", &[], 404, "-32060 NOT_FOUND"),
        ("POST /admin HTTP/1.1", &[], 404, "-32060 NOT_FOUND"),
        ("POST / HTTP/1.1", &form, 415, "-32600 INVALID_REQUEST"),
    ] {
        let response = server.request(line, headers, STATUS).await;
        assert_eq!((response.status, &*response.error()), (status, error), "{line}");
        assert!(response.head.contains("content-type: application/json"), "{line}");
    }
    let charset = [("content-type", "application/json; charset=utf-8")];
    assert_eq!(server.request("POST / HTTP/1.1", &charset, STATUS).await.status, 200);
    assert_eq!(server.request("NONSENSE", &[], b"").await.status, 400);
    let long = "x".repeat(20_000);
    let status = server.request("POST / HTTP/1.1", &[("x-long", &long)], STATUS).await.status;
    assert!(matches!(status, 0 | 431), "{status}");
    server.assert_answers().await;
}

/// The page for people has every method, and loads and runs nothing.
#[tokio::test]
async fn a_browser_gets_the_page_of_all_methods() {
    let server = start().await;
    let response = server.get("/").await;
    assert_eq!(response.status, 200);
    assert!(response.head.contains("content-type: text/html; charset=utf-8"), "{}", response.head);
    assert!(
        response.head.contains("content-security-policy: default-src 'none'"),
        "{}",
        response.head
    );
    for method in ehb_rpc_api::METHODS {
        assert!(response.body.contains(&format!("<h2 id=\"{}\">", method.name)), "{}", method.name);
    }
    for part in ["<script", "http://", "https://", "src="] {
        assert!(!response.body.contains(part), "{part}");
    }
    let head = server.request("HEAD / HTTP/1.1", &[], b"").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

/// The document is the one that the types were checked against.
#[tokio::test]
async fn the_openrpc_document_is_discovered() {
    let server = start().await;
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}"#;
    let answer: serde_json::Value = serde_json::from_str(&server.post(call).await.body).unwrap();
    let document: serde_json::Value = serde_json::from_str(ehb_rpc_api::OPENRPC).unwrap();
    assert_eq!(answer["result"], document);
    assert_eq!(document["openrpc"], "1.3.2");
}

#[tokio::test]
async fn the_content_types_of_json_rpc_are_taken() {
    let server = start().await;
    for (kind, status) in [
        ("application/json", 200),
        ("Application/JSON", 200),
        ("application/json-rpc", 200),
        ("application/jsonrequest", 200),
        ("application/json-rpc; charset=utf-8", 200),
        ("application/json;charset=UTF-8; x=1", 200),
        ("application/jsonp", 415),
        ("text/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("", 415),
    ] {
        let headers = [("content-type", kind)];
        let response = server.request("POST / HTTP/1.1", &headers, STATUS).await;
        assert_eq!(response.status, status, "{kind}: {}", response.body);
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused_in_words() {
    let server = start().await;
    for (header, encoding, status) in [
        ("content-encoding", "gzip", 415),
        ("content-encoding", "br", 415),
        ("content-encoding", "identity", 200),
        ("content-encoding", "identity, gzip", 415),
        ("transfer-encoding", "gzip, chunked", 415),
        ("transfer-encoding", "Deflate, Chunked", 415),
    ] {
        let headers = [(header, encoding)];
        let response = server.request("POST / HTTP/1.1", &headers, STATUS).await;
        assert_eq!(response.status, status, "{encoding}: {}", response.body);
        if status == 415 {
            assert_eq!(response.error(), "-32600 INVALID_REQUEST");
            assert!(response.body.contains(header), "{}", response.body);
        }
    }
}

#[tokio::test]
async fn only_utf_8_is_read() {
    let server = start().await;
    for (charset, status) in [
        ("utf-8", 200),
        ("UTF8", 200),
        ("\"utf-8\"", 200),
        ("utf-16", 415),
        ("UTF-16LE", 415),
        ("iso-8859-1", 415),
        ("\"utf-16\"", 415),
    ] {
        for kind in ["application/json;charset=", "application/json; x=1; Charset="] {
            let kind = format!("{kind}{charset}");
            let headers = [("content-type", &*kind)];
            let response = server.request("POST / HTTP/1.1", &headers, STATUS).await;
            assert_eq!(response.status, status, "{kind}: {}", response.body);
            if status == 415 {
                assert_eq!(response.error(), "-32600 INVALID_REQUEST");
                assert!(response.body.contains("UTF-8"), "{}", response.body);
            }
        }
    }
}

/// STATUS as a chunked body.
fn chunked() -> String {
    format!("{:x}\r\n{}\r\n0\r\n\r\n", STATUS.len(), crate::raw::STATUS)
}

/// The end of a body must not be in doubt: another server in front could find another one, and take a part of the body
/// for the next request.
#[tokio::test]
async fn a_body_with_two_lengths_is_refused_in_words() {
    let server = start().await;
    let length = STATUS.len().to_string();
    let (length, chunks) = (("content-length", &*length), ("transfer-encoding", "chunked"));
    for headers in [
        vec![length, chunks],
        vec![chunks, length],
        vec![("Content-Length", "4"), ("Transfer-Encoding", "Chunked")],
        vec![("transfer-encoding", "chunked, chunked")],
        vec![chunks, chunks],
        vec![("transfer-encoding", "gzip, chunked"), length],
    ] {
        let response = server.request("POST / HTTP/1.1", &headers, chunked().as_bytes()).await;
        assert_eq!(response.status, 400, "{headers:?}: {}", response.body);
        assert_eq!(response.error(), "-32600 INVALID_REQUEST", "{headers:?}");
        assert!(response.body.contains("content-length"), "{}", response.body);
    }
    let response = server.request("POST / HTTP/1.1", &[chunks], chunked().as_bytes()).await;
    assert_eq!(response.status, 200, "{}", response.body);
    // One after the other on one connection, each has its own length.
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    let by_length = format!("{head}content-length: {}\r\n\r\n{}", STATUS.len(), crate::raw::STATUS);
    let by_chunks =
        format!("{head}connection: close\r\ntransfer-encoding: chunked\r\n\r\n{}", chunked());
    let response = server.send(format!("{by_length}{by_length}{by_chunks}").as_bytes()).await;
    assert_eq!(response.body.matches("HTTP/1.1 200").count(), 2, "{}", response.body);
}

/// Heads that the library cannot parse are answered in words too, not with an empty body.
#[tokio::test]
async fn a_malformed_head_is_refused_in_words() {
    let server = start().await;
    let line = "POST / HTTP/1.1\r\nhost: localhost\r\n";
    let long = "x".repeat(20_000);
    for (head, status, part) in [
        ("NONSENSE\r\n\r\n".to_owned(), 400, "RFC 9112"),
        ("POST / HTTP/3.7\r\n\r\n".to_owned(), 400, "malformed"),
        (format!("{line}content-length: x\r\n\r\n"), 400, "one content-length"),
        (format!("{line}content-length: 1\r\ncontent-length: 2\r\n\r\n"), 400, "malformed"),
        (format!("{line}transfer-encoding: gzip\r\n\r\n"), 400, "transfer-encoding: chunked"),
        (format!("{line}transfer-encoding: identity\r\n\r\n"), 400, "malformed"),
        (format!("{line}transfer-encoding: chunked;q=1\r\n\r\n"), 400, "malformed"),
        ("POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(), 400, "malformed"),
        (format!("{line}a b: c\r\n\r\n"), 400, "malformed"),
        (format!("{line}{}\r\n", "x: y\r\n".repeat(100)), 431, "64 lines"),
        (format!("{line}x: {long}\r\n\r\n"), 431, "16384 bytes"),
    ] {
        let response = server.send(head.as_bytes()).await;
        // The connection may be reset before a head that is too long was read.
        if status == 431 && response.status == 0 {
            continue;
        }
        assert_eq!(response.status, status, "{head:.80}: {response:?}");
        assert_eq!(response.error(), "-32600 INVALID_REQUEST", "{head:.80}");
        assert!(response.body.contains(part), "{head:.80}: {}", response.body);
        assert!(response.head.contains("content-type: application/json"), "{}", response.head);
    }
    server.assert_answers().await;
}

/// A listener for operators whose node is not ready.
async fn operations() -> (std::net::SocketAddr, tokio::task::JoinHandle<()>) {
    let text = "# HELP ehb_gas Gas.\n# TYPE ehb_gas counter\nehb_gas_total 7\n# EOF\n";
    let reasons = || Readiness::NotReady(vec!["the disk is full".into(), "no peer".into()]);
    let operations =
        Operations { metrics: Arc::new(|| text.to_owned()), readiness: Arc::new(reasons) };
    let server = OperationsServer::bind(([127, 0, 0, 1], 0).into(), operations).await.unwrap();
    (server.address(), tokio::spawn(server.run()))
}

async fn ask(address: std::net::SocketAddr, line: &str, accept: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request =
        format!("{line} HTTP/1.1\r\nhost: x\r\naccept: {accept}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn metrics_and_health_have_a_listener_of_their_own() {
    let (address, task) = operations().await;
    let rows = [
        ("GET /health", "200", "ok"),
        ("HEAD /health", "200", ""),
        ("GET /readyz", "503", "the disk is full\nno peer\n"),
        ("GET /metrics", "200", "ehb_gas_total 7"),
        ("GET /", "404", "/readyz"),
        ("POST /metrics", "405", "GET"),
    ];
    for (line, status, part) in rows {
        let answer = ask(address, line, "*/*").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{line}: {answer}");
        assert!(answer.contains(part), "{line}: {answer}");
    }
    task.abort();
}

#[tokio::test]
async fn metrics_come_in_the_format_that_is_asked_for() {
    let (address, task) = operations().await;
    let prometheus =
        "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    let rows = [
        ("*/*", false),
        ("", false),
        ("text/plain", false),
        ("text/html", false),
        ("application/openmetrics-text", true),
        (prometheus, true),
        ("text/plain, application/openmetrics-text;q=0.5", false),
        ("application/openmetrics-text;q=0, */*;q=0.1", false),
    ];
    for (accept, open_metrics) in rows {
        let answer = ask(address, "GET /metrics", accept).await.to_lowercase();
        let kind = if open_metrics {
            "content-type: application/openmetrics-text; version=1.0.0"
        } else {
            "content-type: text/plain; version=0.0.4"
        };
        assert!(answer.contains(kind), "{accept}: {answer}");
        assert_eq!(answer.contains("# eof"), open_metrics, "{accept}: {answer}");
        assert_eq!(answer.contains("# type ehb_gas_total counter"), !open_metrics, "{answer}");
    }
    task.abort();
}

#[tokio::test]
async fn connections_that_say_nothing_do_not_keep_operators_out() {
    let (address, task) = operations().await;
    let mut held = Vec::new();
    for _ in 0..200 {
        held.push(TcpStream::connect(address).await.unwrap());
    }
    assert!(ask(address, "GET /health", "*/*").await.starts_with("HTTP/1.1 200"));
    task.abort();
}

#[tokio::test]
async fn a_stopped_server_lets_go_of_its_clients() {
    let node = crate::fake::FakeNode::new();
    let config = ehb_rpc_server::ServerConfig::at(([127, 0, 0, 1], 0).into());
    let server = ehb_rpc_server::Server::bind(config, node).await.unwrap();
    let address = server.address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let task = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    let mut idle = TcpStream::connect(address).await.unwrap();
    let url = format!("ws://{address}");
    let client = jsonrpsee::ws_client::WsClientBuilder::default().build(url).await.unwrap();
    stop.send(()).unwrap();
    client.on_disconnect().await;
    let begun = std::time::Instant::now();
    assert_eq!(idle.read(&mut [0; 8]).await.unwrap(), 0);
    task.await.unwrap();
    assert!(begun.elapsed() < std::time::Duration::from_secs(1));
    assert!(TcpStream::connect(address).await.is_err());
}
