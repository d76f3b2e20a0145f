//! Limits how much an organisation's treasurers can give away, at once and per day.

use crate::common::{Refusal, TreasurerLimit, TreasurerStatus};
use crate::{Daily, Pack};

/// What treasurers of an organisation may give away of what a module keeps for it, and what they gave. A
/// module stores one for each thing that has such a limit, and calls [`TreasurerBook::give`] whenever a
/// treasurer gives or offers something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pack)]
pub struct TreasurerBook {
    /// The limit.
    pub limit: TreasurerLimit,
    /// What they gave on the latest day.
    pub given: Daily,
}

impl TreasurerBook {
    /// The book with another limit: what they gave today counts on.
    pub fn with_limit(before: Option<Self>, limit: TreasurerLimit) -> Self {
        Self { limit, given: before.map_or_else(Daily::default, |book| book.given) }
    }

    /// What a query shows of the book, if there is one.
    pub fn status(book: Option<Self>, now_ms: u64) -> TreasurerStatus {
        TreasurerStatus {
            limit: book.map(|book| book.limit),
            given_today: book.map_or(0, |book| book.given.sum_at(now_ms)),
        }
    }

    /// Counts an amount that a treasurer gives, and returns what was given today with it.
    ///
    /// # Errors
    /// `above-limit`, `over-daily-limit`. Nothing is counted then.
    pub fn give(&mut self, now_ms: u64, amount: u64) -> Result<u64, Refusal> {
        let TreasurerLimit { single_max, daily_max } = self.limit;
        if amount > single_max {
            return Err(Refusal::above_limit(amount, single_max));
        }
        let given = self.given.add(now_ms, amount, daily_max);
        given.map_err(|used| Refusal::over_daily_limit(daily_max, used, amount))
    }
}

#[cfg(test)]
mod tests {
    use super::TreasurerBook;
    use crate::calendar::DAY_MS;
    use crate::common::{Refusal, TreasurerLimit};

    #[test]
    fn a_limit_counts_each_gift_and_each_day() {
        let limit = TreasurerLimit { single_max: 60, daily_max: 100 };
        let mut book = TreasurerBook::with_limit(None, limit);
        assert_eq!(book.give(1, 61), Err(Refusal::above_limit(61, 60)));
        assert_eq!(book.give(1, 60), Ok(60));
        assert_eq!(book.give(2, 41), Err(Refusal::over_daily_limit(100, 60, 41)));
        let raised = TreasurerLimit { daily_max: 101, ..limit };
        book = TreasurerBook::with_limit(Some(book), raised);
        assert_eq!(book.give(2, 41), Ok(101));
        assert_eq!(TreasurerBook::status(Some(book), 3).given_today, 101);
        assert_eq!(TreasurerBook::status(Some(book), DAY_MS).given_today, 0);
        assert_eq!(TreasurerBook::status(None, 3).limit, None);
        assert_eq!(book.give(DAY_MS, 60), Ok(60));
    }
}
