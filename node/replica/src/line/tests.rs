//! The request size for a line's capacity.

use super::{FIRST_BYTES, LEAST_BYTES, Line, ON_ITS_WAY_MS};
use crate::{BLOCKS_BYTES_MAX, BLOCKS_MAX};

const BLOCK_BYTES: usize = 20_000;

/// A line after a number of answers with blocks of [`BLOCK_BYTES`], for a rate in bytes a second and a round
/// trip; and the duration of the last answer, milliseconds.
fn after(answers: u32, bytes_per_second: u64, round_trip_ms: u64) -> (Line, u64) {
    let (mut line, mut took_ms) = (Line::default(), 0);
    for _ in 0..answers {
        let blocks = usize::from(line.ask_blocks());
        let bytes = (blocks * BLOCK_BYTES).min(BLOCKS_BYTES_MAX);
        took_ms = round_trip_ms + bytes as u64 * 1_000 / bytes_per_second;
        line.answered(blocks, bytes, took_ms);
    }
    (line, took_ms)
}

#[test]
fn the_request_size_follows_the_capacity_of_the_line() {
    assert_eq!(Line::default().ask_blocks(), 64);
    // On a fast line the maximum of an answer, after a few answers.
    for answers in [6, 100] {
        let (line, _) = after(answers, 125_000_000, 1);
        assert_eq!(line.ask_bytes, BLOCKS_BYTES_MAX);
    }
    // On lines of 8 Mbit/s, 1 Mbit/s and 400 kbit/s answers take about the same time.
    for bytes_per_second in [1_000_000, 125_000, 50_000] {
        let (line, took_ms) = after(50, bytes_per_second, 50);
        assert!((ON_ITS_WAY_MS / 3..=ON_ITS_WAY_MS * 3 / 2).contains(&took_ms), "{took_ms}");
        assert!(line.ask_bytes as u64 <= bytes_per_second, "{line:?}");
    }
    // A block that takes longer is requested alone.
    assert_eq!(after(50, 5_000, 50).0.ask_blocks(), 1);
}

#[test]
fn requests_to_an_unresponsive_peer_shrink_and_recover() {
    let mut line = Line::default();
    (0..10).for_each(|_| line.silent());
    assert_eq!(line.ask_bytes, LEAST_BYTES);
    for _ in 0..20 {
        let blocks = usize::from(line.ask_blocks());
        line.answered(blocks, blocks * 30_000, 5);
    }
    assert_eq!(line.ask_bytes, BLOCKS_BYTES_MAX);
    // Empty blocks show little about the line; an answer can contain the maximum number of them.
    let mut line = Line::default();
    line.answered(64, 64 * 500, 5);
    assert_eq!((line.ask_bytes, line.ask_blocks()), (FIRST_BYTES, BLOCKS_MAX));
}
