//! Limits how much an organisation's treasurers can give away, at once and per day.

use crate::common::{Refusal, RoleLimit, RoleLimitStatus};
use crate::{Daily, Pack};

/// The limit of what treasurers of an organisation can give away of what a module keeps for it, and what they gave. A
/// module stores one for each thing that has such a limit, and calls [`TreasurerBook::give`] whenever a
/// treasurer spends or offers something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pack)]
pub struct TreasurerBook {
    /// The most at a time: base units of an asset, or credits.
    pub single_max: u64,
    /// The most on one day.
    pub daily_max: u64,
    /// The part of it that they used on the latest day.
    pub used: Daily,
}

impl TreasurerBook {
    /// The book with another limit: what they gave today counts on.
    pub fn with_limit(before: Option<Self>, single_max: u64, daily_max: u64) -> Self {
        let used = before.map_or_else(Daily::default, |book| book.used);
        Self { single_max, daily_max, used }
    }

    /// The status of a book, if there is one, for a query.
    pub fn status(book: Option<Self>, now_ms: u64) -> RoleLimitStatus {
        let limit =
            |book: Self| RoleLimit { single_max: book.single_max, daily_max: book.daily_max };
        let used_today = book.map_or(0, |book| book.used.sum_at(now_ms));
        RoleLimitStatus { limit: book.map(limit), used_today }
    }

    /// Counts an amount that a treasurer gave away, and returns the sum of today with it.
    ///
    /// # Errors
    /// `over-single-limit`, `over-daily-limit`. Nothing is counted then.
    pub fn give(&mut self, now_ms: u64, amount: u64) -> Result<u64, Refusal> {
        let Self { single_max: max, daily_max: limit, .. } = *self;
        if amount > max {
            return Err(Refusal::over_single_limit(amount, max));
        }
        let today = self.used.add(now_ms, amount, limit);
        today.map_err(|used| Refusal::over_daily_limit(limit, used, amount))
    }
}

#[cfg(test)]
mod tests {
    use super::TreasurerBook;
    use crate::calendar::DAY_MS;
    use crate::common::Refusal;

    #[test]
    fn a_limit_counts_each_gift_and_each_day() {
        let mut book = TreasurerBook::with_limit(None, 60, 100);
        assert_eq!(book.give(1, 61), Err(Refusal::over_single_limit(61, 60)));
        assert_eq!(book.give(1, 60), Ok(60));
        assert_eq!(book.give(2, 41), Err(Refusal::over_daily_limit(100, 60, 41)));
        book = TreasurerBook::with_limit(Some(book), 60, 101);
        assert_eq!(book.give(2, 41), Ok(101));
        assert_eq!(TreasurerBook::status(Some(book), 3).used_today, 101);
        assert_eq!(TreasurerBook::status(Some(book), DAY_MS).used_today, 0);
        assert_eq!(TreasurerBook::status(None, 3).limit, None);
        assert_eq!(book.give(DAY_MS, 60), Ok(60));
    }
}
