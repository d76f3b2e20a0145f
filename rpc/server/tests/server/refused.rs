//! Connections that the server ends, and what it says before.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::raw::{Running, STATUS, start, start_with};

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

/// Opens a WebSocket, sends bytes, and reads until an answer has come or the server closes.
async fn answer_to(server: &Running, frame: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let handshake = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(handshake.as_bytes()).await.unwrap();
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
