//! The clock of the machine. The rules never read it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970; 0 for a clock that is before that.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The time that a block proposed now would have: this node's clock, corrected by how far it is ahead of the validators'
/// clocks, if that is known, and later than the head in any case.
pub(crate) fn chain_time_ms(head_ms: u64, clock_ms: u64, ahead_ms: Option<i64>) -> u64 {
    let correction = ahead_ms.unwrap_or_default().saturating_neg();
    clock_ms.saturating_add_signed(correction).max(head_ms.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::chain_time_ms;

    #[test]
    fn the_chains_time_follows_the_validators_clocks_and_the_head() {
        // (time of the head, clock, how far the clock is ahead, chain's time)
        let rows = [
            (1_000, 61_000, None, 61_000),
            (1_000, 61_000, Some(0), 61_000),
            (1_000, 61_000, Some(50_000), 11_000),
            (1_000, 61_000, Some(-50_000), 111_000),
            // A slow clock of its own, or one that is corrected too far: the head is certain.
            (61_000, 1_000, None, 61_001),
            (61_000, 61_000, Some(50_000), 61_001),
            (u64::MAX, 0, Some(i64::MIN), u64::MAX),
        ];
        for (head_ms, clock_ms, ahead_ms, expected) in rows {
            assert_eq!(chain_time_ms(head_ms, clock_ms, ahead_ms), expected, "{ahead_ms:?}");
        }
    }
}
