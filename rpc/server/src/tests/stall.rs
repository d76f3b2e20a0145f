use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::Instant;

use crate::limits::WRITE_BYTES_MIN;
use crate::stall::StallGuard;

const WINDOW: Duration = Duration::from_secs(10);
const BYTES: usize = 100 * WRITE_BYTES_MIN;

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_is_cut_off_after_the_window() {
    let (server, _client) = duplex(WRITE_BYTES_MIN / 2);
    let mut guard = StallGuard::with_window(server, WINDOW);
    let begun = Instant::now();
    let error = guard.write_all(&[0; BYTES]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    assert!(begun.elapsed() >= WINDOW && begun.elapsed() < WINDOW * 2);
}

/// Reads in pieces with a pause after each, while the server writes; whether all came through.
async fn read_in_pieces(piece_bytes: usize, pause: Duration) -> bool {
    let (server, mut client) = duplex(1_024);
    let mut guard = StallGuard::with_window(server, WINDOW);
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
async fn a_client_that_takes_enough_is_served_however_long_it_lasts() {
    assert!(read_in_pieces(WRITE_BYTES_MIN, WINDOW / 2).await);
    assert!(!read_in_pieces(WRITE_BYTES_MIN / 8, WINDOW / 2).await);
}
