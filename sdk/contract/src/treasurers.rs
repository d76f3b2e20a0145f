//! Limits how much an organisation's treasurers can give away, at once and per day.

use crate::common::{Refusal, RoleLimit, RoleLimitStatus};
use crate::{Daily, Pack};

/// Why treasurers cannot give something: of the unit that the module counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverLimit {
    /// It is more than they may give at a time.
    Single {
        /// What they would give.
        amount: u64,
        /// The most at a time.
        max: u64,
    },
    /// It is more than is left on this day.
    Daily {
        /// The daily limit.
        limit: u64,
        /// What of it is used.
        used: u64,
        /// What they would give.
        needed: u64,
    },
}

/// Of an asset. A module that counts something else has refusals of its own for it.
impl From<OverLimit> for Refusal {
    fn from(over: OverLimit) -> Self {
        match over {
            OverLimit::Single { amount, max } => Self::over_single_limit(amount, max),
            OverLimit::Daily { limit, used, needed } => Self::over_daily_limit(limit, used, needed),
        }
    }
}

/// What treasurers of an organisation may give away of what a module keeps for it, and what they gave. A
/// module stores one for each thing that has such a limit, and calls [`TreasurerBook::give`] whenever a
/// treasurer spends or offers something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pack)]
pub struct TreasurerBook {
    /// The most at a time: base units of an asset, or what the module counts.
    pub single_max: u64,
    /// The most on one day.
    pub daily_max: u64,
    /// What of it they used on the latest day.
    pub used: Daily,
}

impl TreasurerBook {
    /// The book with another limit: what they gave today counts on.
    pub fn with_limit(before: Option<Self>, single_max: u64, daily_max: u64) -> Self {
        let used = before.map_or_else(Daily::default, |book| book.used);
        Self { single_max, daily_max, used }
    }

    /// What they gave on the day of a time, where there is a book.
    pub fn used_today(book: Option<Self>, now_ms: u64) -> u64 {
        book.map_or(0, |book| book.used.sum_at(now_ms))
    }

    /// What a query shows of the book of an asset, if there is one.
    pub fn status(book: Option<Self>, now_ms: u64) -> RoleLimitStatus {
        let limit =
            |book: Self| RoleLimit { single_max: book.single_max, daily_max: book.daily_max };
        RoleLimitStatus { limit: book.map(limit), used_today: Self::used_today(book, now_ms) }
    }

    /// Counts an amount that a treasurer gave away, and returns the sum of today with it.
    ///
    /// # Errors
    /// [`OverLimit`]. Nothing is counted then.
    pub fn give(&mut self, now_ms: u64, amount: u64) -> Result<u64, OverLimit> {
        let Self { single_max: max, daily_max: limit, .. } = *self;
        if amount > max {
            return Err(OverLimit::Single { amount, max });
        }
        let today = self.used.add(now_ms, amount, limit);
        today.map_err(|used| OverLimit::Daily { limit, used, needed: amount })
    }
}

#[cfg(test)]
mod tests {
    use super::{OverLimit, TreasurerBook};
    use crate::calendar::DAY_MS;
    use crate::common::Refusal;

    #[test]
    fn a_limit_counts_each_gift_and_each_day() {
        let mut book = TreasurerBook::with_limit(None, 60, 100);
        assert_eq!(book.give(1, 61), Err(OverLimit::Single { amount: 61, max: 60 }));
        assert_eq!(book.give(1, 60), Ok(60));
        let over = OverLimit::Daily { limit: 100, used: 60, needed: 41 };
        assert_eq!(book.give(2, 41), Err(over));
        assert_eq!(Refusal::from(over), Refusal::over_daily_limit(100, 60, 41));
        book = TreasurerBook::with_limit(Some(book), 60, 101);
        assert_eq!(book.give(2, 41), Ok(101));
        assert_eq!(TreasurerBook::status(Some(book), 3).used_today, 101);
        assert_eq!(TreasurerBook::status(Some(book), DAY_MS).used_today, 0);
        assert_eq!(TreasurerBook::status(None, 3).limit, None);
        assert_eq!(book.give(DAY_MS, 60), Ok(60));
    }
}
