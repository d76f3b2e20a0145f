//! Bounds on the time of a block.

use super::is_timely;

const PARENT: u64 = 1_000_000;
const NOW: u64 = 5_000_000;
const DRIFT: u64 = 5_000;

#[test]
fn a_time_is_timely_within_bounds_that_grow_with_the_round() {
    let rows = [
        // The block's time, the round, whether it is timely.
        (NOW, 0, true),
        (NOW + DRIFT, 0, true),
        (NOW + DRIFT + 1, 0, false),
        (NOW + DRIFT + 1, 9, false),
        (NOW - 2 * DRIFT, 0, true),
        (NOW - 2 * DRIFT - 1, 0, false),
        (NOW - 2 * DRIFT - 1, 1, true),
        (NOW - 16 * DRIFT, 1, true),
        (NOW - 16 * DRIFT - 1, 1, false),
        (NOW - 128 * DRIFT, 2, true),
        (NOW - 128 * DRIFT - 1, 2, false),
        (PARENT + 1, 3, true),
        (PARENT + 1, u32::MAX, true),
    ];
    for (time, round, timely) in rows {
        let found = is_timely(time, (NOW, PARENT), round, DRIFT);
        assert_eq!(found, timely, "{time} in round {round}");
    }
}

/// The chain's time is ahead of the clock: a block with the minimum step after its parent is accepted.
#[test]
fn the_minimum_time_after_the_parent_is_timely() {
    let ahead = NOW + 3_600_000;
    assert!(is_timely(ahead + 1, (NOW, ahead), 0, DRIFT));
    assert!(!is_timely(ahead + 2, (NOW, ahead), 0, DRIFT));
}
