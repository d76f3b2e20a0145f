//! Slow readers and writers of connections.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, timeout};

use super::client::client;
use crate::client::Clients;
use crate::gate::REFUSED;
use crate::guarded::GuardedStream;
use crate::limits::{
    BODY_SECONDS_MAX, FLUSH_SECONDS_MAX, Limits, SESSION_MESSAGES_MAX, WRITE_BYTES_MIN,
};
use crate::memory::Memory;
use crate::pool::Holder as _;
use crate::wire::{Budget, Wire};

const WINDOW: Duration = Duration::from_secs(10);
const BYTES: usize = 20 * WRITE_BYTES_MIN;

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_cut_off_after_the_window() {
    let (server, _client) = duplex(WRITE_BYTES_MIN / 2);
    let mut guard = GuardedStream::with_window(server, Arc::default(), WINDOW);
    let begun = Instant::now();
    let error = guard.write_all(&[0; BYTES]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    assert!(begun.elapsed() >= WINDOW && begun.elapsed() < WINDOW * 2);
}

/// Reads in pieces with a pause after each, while the server writes; whether all came through.
async fn read_in_pieces(piece_bytes: usize, pause: Duration) -> bool {
    let (server, mut client) = duplex(1_024);
    let mut guard = GuardedStream::with_window(server, Arc::default(), WINDOW);
    let read = async {
        let mut piece = vec![0; piece_bytes];
        while client.read_exact(&mut piece).await.is_ok() {
            tokio::time::sleep(pause).await;
        }
    };
    let write = async {
        let written = guard.write_all(&[0; BYTES]).await;
        drop(guard);
        written.is_ok()
    };
    tokio::join!(write, read).0
}

/// Empty lines end heads only: a body of known length is read in large pieces, and what follows it is held back.
#[tokio::test]
async fn a_body_of_known_length_is_read_whole_whatever_is_in_it() {
    const BODY_BYTES: usize = 8_000;
    let head = b"POST / HTTP/1.1\r\ncontent-length: 8000\r\n\r\n";
    let (server, mut client) = duplex(64 << 10);
    let wire: Arc<Wire> = Arc::default();
    let mut guard = GuardedStream::with_window(server, wire.clone(), WINDOW);
    for _ in 0..2 {
        client.write_all(&[&head[..], &[b'\n'; BODY_BYTES]].concat()).await.unwrap();
    }
    let mut buffer = vec![0; 32 << 10];
    let mut read = async || guard.read(&mut buffer).await.unwrap();
    for _ in 0..2 {
        assert_eq!(read().await, head.len());
        wire.begin_body(BODY_BYTES as u64);
        assert_eq!(read().await, BODY_BYTES);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_enough_is_served() {
    assert!(read_in_pieces(WRITE_BYTES_MIN, WINDOW / 2).await);
    assert!(!read_in_pieces(WRITE_BYTES_MIN / 8, WINDOW / 2).await);
}

/// However regularly it reads: an answer's memory is held only so long.
#[tokio::test(start_paused = true)]
async fn a_client_that_takes_an_answer_in_drops_is_cut_off() {
    let (server, mut client) = duplex(1_024);
    let mut guard = GuardedStream::with_window(server, Arc::default(), WINDOW);
    let begun = Instant::now();
    let read = async {
        let mut piece = vec![0; WRITE_BYTES_MIN];
        while client.read_exact(&mut piece).await.is_ok() {
            tokio::time::sleep(WINDOW / 2).await;
        }
    };
    let write = async {
        // Twice of what it takes in that time.
        let pieces = 4 * FLUSH_SECONDS_MAX as usize / WINDOW.as_secs() as usize;
        let written = guard.write_all(&vec![0; pieces * WRITE_BYTES_MIN]).await;
        drop(guard);
        written
    };
    let (written, ()) = tokio::join!(write, read);
    assert_eq!(written.unwrap_err().kind(), std::io::ErrorKind::TimedOut);
    let flush = Duration::from_secs(FLUSH_SECONDS_MAX);
    assert!(begun.elapsed() >= flush && begun.elapsed() < flush + 2 * WINDOW);
}

const SWITCHING: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n";
/// A message of a client, and one of the server.
const MESSAGE: &[u8; 37] = b"\x81\x9f\0\0\0\0{\"jsonrpc\":\"2.0\",\"method\":\"a\" }";
const ANSWER: [u8; 2] = [0x81, 0];

/// The memory of a client under some limits.
fn budget(limits: &Limits) -> Budget {
    Budget { memory: Memory::new(limits), client: Clients::new(*limits).get(client()) }
}

/// The head of a text message of 1 MiB, and its payload.
fn long_message() -> Vec<u8> {
    let mut message = b"\x81\xff\0\0\0\0\0\x10\0\0\0\0\0\0".to_vec();
    message.extend(br#"{"jsonrpc":"2.0","id":1,"method":"a"}"#);
    message.resize(14 + (1 << 20), b' ');
    message
}

/// Incomplete messages take of the client's memory like bodies of requests. One for which there is none is skipped, and
/// answered with an error.
#[tokio::test(start_paused = true)]
async fn incomplete_messages_share_the_memory() {
    let budget = budget(&Limits { memory_mib: 8, client_memory_mib: 4, ..Limits::default() });
    let message = long_message();
    let (most, rest) = message.split_at(message.len() - 10);
    let mut sockets = Vec::new();
    for _ in 0..8 {
        let (server, client) = duplex(4 << 20);
        let wire = Arc::new(Wire::default());
        let guard = GuardedStream::new(server, wire.clone());
        wire.begin_websocket(budget.clone());
        sockets.push((client, guard));
    }
    let pause = Duration::from_secs(1);
    for (client, guard) in &mut sockets {
        client.write_all(most).await.unwrap();
        let mut buffer = vec![0; 16 << 10];
        assert!(timeout(pause, guard.read(&mut buffer)).await.is_err(), "nothing is complete");
        assert!(budget.memory.taken_bytes() <= 4 << 20);
    }
    assert!(budget.memory.taken_bytes() >= 2 << 20);
    let mut refused = 0;
    for (client, guard) in &mut sockets {
        client.write_all(rest).await.unwrap();
        let mut buffer = vec![0; 2 << 20];
        let mut read = Vec::new();
        while let Ok(count) = timeout(pause, guard.read(&mut buffer)).await {
            read.extend_from_slice(&buffer[..count.unwrap()]);
        }
        let text = String::from_utf8_lossy(&read);
        match read.len() < 1_000 {
            true => assert!(text.contains(REFUSED) && text.contains("NOT_READY"), "{text}"),
            false => assert!(text.contains(r#""method":"a""#)),
        }
        refused += usize::from(read.len() < 1_000);
    }
    assert!((4..8).contains(&refused), "{refused} of 8");
    assert_eq!(budget.memory.taken_bytes(), 0);
}

/// A message must come whole within the time of a request's body.
#[tokio::test(start_paused = true)]
async fn an_incomplete_message_has_a_time_limit() {
    let (mut client, mut guard, wire) = websocket().await;
    let begun = Instant::now();
    client.write_all(MESSAGE).await.unwrap();
    assert_eq!(read_all(&mut guard).await, 1);
    tokio::time::sleep(Duration::from_secs(2 * BODY_SECONDS_MAX)).await;
    client.write_all(&MESSAGE[..1]).await.unwrap();
    assert_eq!(guard.read(&mut [0; 100]).await.unwrap(), 0);
    assert!(wire.is_closed());
    assert!(begun.elapsed() >= Duration::from_secs(3 * BODY_SECONDS_MAX));
}

/// A WebSocket that has begun: the client's end, the guarded one, and its wire.
async fn websocket() -> (DuplexStream, GuardedStream<DuplexStream>, Arc<Wire>) {
    let (server, mut client) = duplex(1 << 20);
    let wire = Arc::new(Wire::default());
    let mut guard = GuardedStream::new(server, wire.clone());
    wire.begin_websocket(budget(&Limits::default()));
    guard.write_all(SWITCHING).await.unwrap();
    client.read_exact(&mut [0; SWITCHING.len()]).await.unwrap();
    (client, guard, wire)
}

/// Reads message by message until there is nothing to read; how many there were.
async fn read_all(guard: &mut GuardedStream<DuplexStream>) -> u64 {
    let mut count = 0;
    let pause = Duration::from_secs(1);
    while let Ok(read) = timeout(pause, guard.read_exact(&mut [0; MESSAGE.len()])).await {
        if read.is_err() {
            break;
        }
        count += 1;
    }
    count
}

#[tokio::test(start_paused = true)]
async fn a_websocket_is_read_while_few_of_its_messages_are_under_way() {
    let (mut client, mut guard, wire) = websocket().await;
    client.write_all(&MESSAGE.repeat(1_000)).await.unwrap();
    assert_eq!(read_all(&mut guard).await, SESSION_MESSAGES_MAX);
    guard.write_all(&ANSWER.repeat(3)).await.unwrap();
    assert_eq!(read_all(&mut guard).await, 3);
    // What is not answered makes room as well, and a notice makes none.
    wire.no_answer();
    wire.owe_notice(0, None);
    guard.write_all(&ANSWER).await.unwrap();
    assert_eq!(read_all(&mut guard).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_websocket_with_more_answers_than_messages_ends() {
    let (mut client, mut guard, _) = websocket().await;
    guard.write_all(&ANSWER).await.unwrap();
    client.write_all(MESSAGE).await.unwrap();
    assert_eq!(guard.read(&mut [0; 8]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_closed_while_it_waits() {
    let (_client, mut guard, wire) = websocket().await;
    let close = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        wire.close();
    };
    let mut buffer = [0; 8];
    let (read, ()) = tokio::join!(guard.read(&mut buffer), close);
    assert_eq!(read.unwrap(), 0);
    assert!(guard.write(&ANSWER).await.is_err());
}
