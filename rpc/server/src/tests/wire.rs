use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, timeout};

use crate::limits::{FLUSH_SECONDS_MAX, SESSION_MESSAGES_MAX, WRITE_BYTES_MIN};
use crate::wire::{GuardedStream, Wire};

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

/// A WebSocket that has begun: the client's end, the guarded one, and its wire.
async fn websocket() -> (DuplexStream, GuardedStream<DuplexStream>, Arc<Wire>) {
    let (server, mut client) = duplex(1 << 20);
    let wire = Arc::new(Wire::default());
    let mut guard = GuardedStream::new(server, wire.clone());
    wire.begin_websocket();
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
