//! Clients that are slow on purpose. Time is virtual here: it jumps when nothing else happens.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

use crate::fake::{ALICE, BOB};
use crate::raw::{Running, STATUS, start, start_with};

#[tokio::test(start_paused = true)]
async fn heads_and_bodies_must_come_in_time() {
    let server = start().await;
    let beginnings = [
        "",
        "POST / HTTP/1.1\r\nhost: loc",
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{",
    ];
    for beginning in beginnings {
        let begun = Instant::now();
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(beginning.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        assert!(begun.elapsed() < Duration::from_secs(61), "{beginning:?}");
        if beginning.ends_with('{') {
            let answer = String::from_utf8(rest).unwrap();
            assert!(
                answer.starts_with("HTTP/1.1 408") && answer.contains("\"TIMEOUT\""),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn opened_and_left_connections_make_room() {
    let server = start_with(|config| config.limits.client_connections_max = 8).await;
    let mut left = Vec::new();
    for _ in 0..50 {
        left.push(TcpStream::connect(server.address).await.unwrap());
        assert_eq!(server.post(STATUS).await.status, 200);
    }
    assert!(server.usage.counts().connections <= 8);
    // The first ones were closed, the last ones were not.
    assert_eq!(left[0].read(&mut [0; 1]).await.unwrap(), 0);
}

/// Fills the chain so that one batch of questions has an answer of many megabytes.
fn fill(server: &Running) -> String {
    let transactions = (0..400).map(|sequence| {
        let mut transaction = crate::fake::transaction(ALICE, BOB, 1, sequence);
        transaction.memo = "m".repeat(256);
        transaction.sign(&[&crate::fake::key(ALICE)]).into()
    });
    let submit = ehb_rpc_server::Backend::submit(&*server.node, transactions.collect());
    drop(submit);
    server.node.decide();
    let block = json!({"jsonrpc": "2.0", "method": "chain_getBlock", "params": [1], "id": 1});
    json!(vec![block; 20]).to_string()
}

async fn narrow(server: &Running) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4_096).unwrap();
    socket.connect(server.address).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_its_answer_is_cut_off() {
    let server = start().await;
    let questions = fill(&server);
    let whole = server.post(&questions).await;
    assert!(whole.body.len() > 8 << 20, "{}", whole.body.len());
    let mut stream = narrow(&server).await;
    let request = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{questions}",
        questions.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 200");
    while server.usage.counts().connections > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let mut got = Vec::new();
    let _ = stream.read_to_end(&mut got).await;
    assert!(got.len() < whole.body.len());
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_does_not_read_is_cut_off() {
    let server = start().await;
    let questions = fill(&server);
    let mut stream = narrow(&server).await;
    let handshake = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(handshake.as_bytes()).await.unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 101");
    for _ in 0..4 {
        stream.write_all(&frame(&questions)).await.unwrap();
    }
    while server.usage.counts().sessions > 0 || server.usage.counts().connections > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(server.post(STATUS).await.status, 200);
}

/// A masked text frame (RFC 6455, section 5.2) under the mask of zeros.
fn frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    frame
}
