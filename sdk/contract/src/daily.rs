//! Adds up amounts by day of block time, for daily limits.

use crate::Pack;
use crate::calendar::DAY_MS;

/// The count of one day of block time, in UTC: the latest day with a count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pack)]
pub struct Daily {
    /// The day, counted from 1970-01-01.
    pub day: u64,
    /// How much.
    pub sum: u64,
}

impl Daily {
    /// The count on the day of a time, milliseconds since 1970 (UTC).
    pub fn sum_at(&self, time_ms: u64) -> u64 {
        if self.day == time_ms / DAY_MS { self.sum } else { 0 }
    }

    /// Counts an amount, and returns the day's sum.
    ///
    /// # Errors
    /// The day's sum without the amount, where it would pass `max` with it. Nothing is counted then.
    pub fn add(&mut self, time_ms: u64, amount: u64, max: u64) -> Result<u64, u64> {
        let before = self.sum_at(time_ms);
        let sum = before.checked_add(amount).filter(|sum| *sum <= max).ok_or(before)?;
        *self = Self { day: time_ms / DAY_MS, sum };
        Ok(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, Daily};

    #[test]
    fn a_day_ends_at_midnight() {
        let mut daily = Daily::default();
        for (time_ms, amount, result, sum) in [
            (5, 60, Ok(60), 60),
            (DAY_MS - 1, 41, Err(60), 60),
            (DAY_MS - 1, 40, Ok(100), 100),
            (DAY_MS - 1, 1, Err(100), 100),
            (DAY_MS, 101, Err(0), 0),
            (DAY_MS, 100, Ok(100), 100),
            (3 * DAY_MS, u64::MAX, Err(0), 0),
        ] {
            assert_eq!(daily.add(time_ms, amount, 100), result, "{time_ms} {amount}");
            assert_eq!(daily.sum_at(time_ms), sum, "{time_ms} {amount}");
        }
        let mut full = Daily::default();
        assert_eq!(full.add(0, u64::MAX, u64::MAX), Ok(u64::MAX));
        assert_eq!(full.add(0, 1, u64::MAX), Err(u64::MAX));
    }
}
