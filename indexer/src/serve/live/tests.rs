//! The ring of recent blocks, and where clients continue.

use super::{Bytes, Ring};
use crate::serve::limits::{LIVE_FRAME_MAX, RING_BLOCKS_MAX, RING_BYTES_MAX};

#[test]
fn the_ring_is_bounded_in_number_and_bytes() {
    let mut ring = Ring::default();
    for height in 0..3 * RING_BLOCKS_MAX as i64 {
        ring.push(height, Bytes::from_static(b"x"));
    }
    assert_eq!((ring.messages.len(), ring.bytes), (RING_BLOCKS_MAX, RING_BLOCKS_MAX));
    let large = Bytes::from(vec![b'x'; RING_BYTES_MAX / 2]);
    let first = 3 * RING_BLOCKS_MAX as i64;
    (first..first + 4).for_each(|height| ring.push(height, large.clone()));
    assert!(ring.bytes <= RING_BYTES_MAX);
    assert_eq!(ring.messages.back().unwrap().0, first + 3);
}

#[test]
fn a_client_continues_where_it_was_unless_the_ring_has_moved_on() {
    let mut ring = Ring::default();
    (10..200).for_each(|height| ring.push(height, Bytes::from(format!("{height} "))));
    assert!(ring.from(9).is_none());
    let (bytes, next) = ring.from(10).unwrap();
    assert!(bytes.starts_with(b"10 11 "));
    assert_eq!(next, 10 + LIVE_FRAME_MAX as i64);
    assert_eq!(ring.from(199).unwrap(), (Bytes::from_static(b"199 "), 200));
    assert!(ring.from(200).is_none());
}
