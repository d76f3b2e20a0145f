//! Connections that the server ends, and what it says before.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::raw::{Running, STATUS, start, start_with};

const HANDSHAKE: &str = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Whether the node is ready is answered to everybody, and why nothing else is.
#[tokio::test]
async fn a_client_beyond_its_share_of_connections_gets_an_answer() {
    let server = start_with(|config| config.limits.client_connections_max = 2).await;
    let mut sockets = vec![server.socket().await, server.socket().await];
    for (path, body) in [("/readyz", "ready\n"), ("/health", "ok\n")] {
        let response = server.get(path).await;
        assert_eq!((response.status, response.body.as_str()), (200, body), "{path}");
        assert!(response.head.contains("connection: close"), "{}", response.head);
    }
    let refused = server.post(STATUS).await;
    assert_eq!((refused.status, refused.error().as_str()), (503, "-32065 LIMIT_EXCEEDED"));
    assert!(refused.body.contains("share of connections"), "{}", refused.body);
    // Those that are open go on, and one that is closed makes room.
    assert!(sockets[0].ask(STATUS).await.unwrap()["result"].is_object());
    sockets.clear();
    while server.post(STATUS).await.status != 200 {
        tokio::task::yield_now().await;
    }
}

/// Where the node's own maximum is reached, the refusal says so, and that trying again is right: a long request gives way.
#[tokio::test]
async fn a_node_with_all_connections_in_use_says_that_it_is_busy() {
    let server = start_with(|config| {
        (config.limits.connections_max, config.limits.client_connections_max) = (2, 64);
    })
    .await;
    let sockets = vec![server.socket().await, server.socket().await];
    let refused = server.post(STATUS).await;
    assert_eq!((refused.status, refused.error().as_str()), (503, "-32062 NOT_READY"));
    assert!(refused.body.contains("the node has already its maximum of connections"));
    assert!(refused.body.contains("\"retryable\":true"), "{}", refused.body);
    drop(sockets);
}

/// Opens a WebSocket, sends bytes, and reads until an answer has come or the server closes.
async fn answer_to(server: &Running, frame: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(HANDSHAKE.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    while !received.ends_with(b"\r\n\r\n") {
        received.push(stream.read_u8().await.unwrap());
    }
    assert!(received.starts_with(b"HTTP/1.1 101"));
    stream.write_all(frame).await.unwrap();
    received.clear();
    loop {
        let mut piece = [0; 4_096];
        let count = stream.read(&mut piece).await.unwrap_or(0);
        received.extend(&piece[..count]);
        let text = String::from_utf8_lossy(&received).into_owned();
        if count == 0 || text.contains("chainId") {
            return text;
        }
    }
}

#[tokio::test]
async fn frames_of_a_client_that_are_not_masked_end_the_connection() {
    let server = start().await;
    let length = u8::try_from(STATUS.len()).unwrap();
    assert!(length < 126);
    let masked = [&[0x81, 0x80 | length, 0, 0, 0, 0], STATUS.as_bytes()].concat();
    assert!(answer_to(&server, &masked).await.contains("chainId"));
    let unmasked = [&[0x81, length], STATUS.as_bytes()].concat();
    // A close frame may come before the end, but no answer.
    assert!(!answer_to(&server, &unmasked).await.contains("chainId"));
    // Also after a good one.
    let both = [masked, unmasked].concat();
    let _ = answer_to(&server, &both).await;
    server.assert_answers().await;
}

/// The payload of the close frame with which the server ends a WebSocket on which a frame came in, after its answers.
async fn closed_after(server: &Running, frame: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(HANDSHAKE.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    while !received.ends_with(b"\r\n\r\n") {
        received.push(stream.read_u8().await.unwrap());
    }
    stream.write_all(frame).await.unwrap();
    received.clear();
    let _ = stream.read_to_end(&mut received).await;
    // The server's first ping can come before.
    let closing = received.strip_prefix(&[0x89, 0]).unwrap_or(&received);
    let [0x88, length, payload @ ..] = closing else { panic!("{received:?}") };
    assert_eq!(usize::from(*length), payload.len(), "nothing follows a close frame");
    payload.to_vec()
}

/// RFC 6455, section 7.4.1: a client learns from the code that it broke the protocol.
#[tokio::test]
async fn a_violation_is_closed_with_its_code() {
    let server = start().await;
    let frame = |first: u8, payload: &[u8]| {
        let length = u8::try_from(payload.len()).unwrap();
        [&[first, 0x80 | length, 0, 0, 0, 0], payload].concat()
    };
    let rows: Vec<(Vec<u8>, u16)> = vec![
        ([&[0x81, 2], &b"{}"[..]].concat(), 1_002),
        (frame(0x80, b"{}"), 1_002),
        (frame(0xC1, b"{}"), 1_002),
        (frame(0x83, b"{}"), 1_002),
        (frame(0x09, b"{}"), 1_002),
        (frame(0x88, b"x"), 1_002),
        // 1005 stands for a missing code, and is in no frame.
        (frame(0x88, &1_005_u16.to_be_bytes()), 1_002),
        (frame(0x81, b"\xff"), 1_007),
        (frame(0x88, &[3, 232, 0xff]), 1_007),
        // The client's own end.
        (frame(0x88, &1_000_u16.to_be_bytes()), 1_000),
        (frame(0x88, &1_001_u16.to_be_bytes()), 1_001),
    ];
    for (sent, code) in rows {
        assert_eq!(closed_after(&server, &sent).await, code.to_be_bytes(), "{sent:?}");
    }
    assert_eq!(closed_after(&server, &frame(0x88, b"")).await, b"");
    server.assert_answers().await;
}

/// Sends bytes at once on a connection, and reads until a text has come or the server closes.
async fn said_until(server: &Running, sent: &[u8], last: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(sent).await.unwrap();
    let mut received = Vec::new();
    loop {
        let mut piece = [0; 4_096];
        let count = stream.read(&mut piece).await.unwrap_or(0);
        received.extend(&piece[..count]);
        let text = String::from_utf8_lossy(&received).into_owned();
        if count == 0 || text.contains(last) {
            return text;
        }
    }
}

fn masked(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126);
    [&[0x81, 0x80 | length, 0, 0, 0, 0], text.as_bytes()].concat()
}

/// A client that does not wait for the answer to its handshake: its frames are read with the handshake, also where
/// other requests come before, and are checked all the same.
#[tokio::test]
async fn frames_that_come_with_the_handshake_are_checked_as_all_others() {
    let server = start().await;
    let rows = [
        (r#"{"jsonrpc":"2.0","method":"chain_status","params":null,"id":1}"#, "INVALID_REQUEST"),
        (r#"{"jsonrpc":"2.0","method":"chain_status","id":-7}"#, "whole number"),
        (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"chain_status"}"#, "INVALID_REQUEST"),
    ];
    let post = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{{\n\n{}",
        STATUS.len() + 2,
        &STATUS[1..]
    );
    for before in ["", &post] {
        for (bad, refusal) in rows {
            let good = STATUS.replace("\"id\":1", "\"id\":\"last\"");
            let sent = [before.as_bytes(), HANDSHAKE.as_bytes(), &masked(bad), &masked(&good)];
            let said = said_until(&server, &sent.concat(), "\"last\"").await;
            let (head, frames) = said.rsplit_once("\r\n\r\n").unwrap();
            assert!(head.contains("HTTP/1.1 101"), "{said}");
            assert!(frames.contains(refusal), "{bad}: {said}");
            // The connection goes on, and answers what is right.
            assert_eq!(frames.matches("chainId").count(), 1, "{bad}: {said}");
        }
    }
    let unmasked = [&[0x81, u8::try_from(STATUS.len()).unwrap()], STATUS.as_bytes()].concat();
    let sent = [HANDSHAKE.as_bytes(), &unmasked].concat();
    assert!(!said_until(&server, &sent, "chainId").await.contains("chainId"));
    server.assert_answers().await;
}

/// A handshake is a GET of HTTP/1.1 (RFC 6455); anything else is answered as what it is otherwise.
#[tokio::test]
async fn only_a_get_of_http_1_1_is_a_handshake() {
    let server = start().await;
    let post = HANDSHAKE.replacen("GET", "POST", 1);
    let old = HANDSHAKE.replacen("HTTP/1.1", "HTTP/1.0", 1);
    for (request, status) in [(post, "415"), (old, "200")] {
        let said = said_until(&server, request.as_bytes(), "\r\n\r\n").await;
        assert_eq!(said.split(' ').nth(1), Some(status), "{said}");
    }
}

/// What follows a handshake that is refused is the next request.
#[tokio::test]
async fn a_refused_handshake_leaves_the_connection_as_it_is() {
    let server = start().await;
    let refused = HANDSHAKE.replace("sec-websocket-version: 13\r\n", "");
    let next = "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let said = said_until(&server, &[&refused, next].concat().into_bytes(), "ok\n").await;
    assert!(said.starts_with("HTTP/1.1 400") && said.contains("HTTP/1.1 200"), "{said}");
}
