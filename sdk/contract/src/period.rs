//! Periods of the calendar and of block time: the windows in which limits count and bills are made.

use crate::calendar::{DAY_MS, date, day, first_day};
use crate::checks::range;
use crate::common::{Months, Period, Refusal};

#[cfg(test)]
mod tests;

/// Days from Monday, 29 December 1969, to 1970.
const DAYS_AFTER_MONDAY: u64 = 3;

/// The days of the shortest month.
const MONTH_DAYS_MIN: u64 = 28;

/// Months before January 1970, counted from year 0.
const MONTHS_BEFORE_1970: u64 = 1_970 * 12;

/// A window of a period. The first windows of a calendar began before 1970; they are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its first millisecond.
    pub start_ms: u64,
    /// The first millisecond after it.
    pub end_ms: u64,
    /// How many windows came before it.
    pub number: u64,
}

impl Period {
    /// Checks the numbers of a period: a span of `span_ms_min` to `days_max` days, or as many whole days, weeks
    /// or months as fit into that, a month taken as its shortest.
    ///
    /// # Errors
    /// `out-of-range`.
    pub fn check(&self, parameter: &str, span_ms_min: u64, days_max: u64) -> Result<(), Refusal> {
        match *self {
            Self::Span(span_ms) => range(parameter, span_ms, span_ms_min, days_max * DAY_MS),
            Self::Days(days) => range(parameter, days.into(), 1, days_max),
            Self::Weeks(weeks) => range(parameter, weeks.into(), 1, days_max / 7),
            Self::Months(Months { count, anchor_day }) => {
                range(parameter, count.into(), 1, (days_max / MONTH_DAYS_MIN).min(12))?;
                range("anchor-day", anchor_day.into(), 1, 31)
            }
        }
    }

    /// The length of its shortest window, milliseconds.
    pub fn shortest_ms(&self) -> u64 {
        match *self {
            Self::Span(span_ms) => span_ms,
            Self::Days(days) => u64::from(days) * DAY_MS,
            Self::Weeks(weeks) => u64::from(weeks) * 7 * DAY_MS,
            Self::Months(months) => u64::from(months.count) * MONTH_DAYS_MIN * DAY_MS,
        }
    }

    /// The window that contains a time; spans are counted from 1970. The period was checked.
    pub fn window(&self, time_ms: u64) -> Window {
        match *self {
            Self::Span(span_ms) => even(time_ms, span_ms, 0),
            Self::Days(days) => even(time_ms, u64::from(days) * DAY_MS, 0),
            Self::Weeks(weeks) => {
                even(time_ms, u64::from(weeks) * 7 * DAY_MS, DAYS_AFTER_MONDAY * DAY_MS)
            }
            Self::Months(months) => months.window(time_ms),
        }
    }

    /// The window that contains a time, of windows of which one began at `from_ms` (spans follow each other from
    /// there, while the calendar's stay where they are), and how many windows have ended since then.
    pub fn window_since(&self, from_ms: u64, time_ms: u64) -> (Window, u64) {
        if let Self::Span(span_ms) = *self {
            let number = time_ms.saturating_sub(from_ms) / span_ms.max(1);
            let start_ms = from_ms + number * span_ms;
            return (Window { start_ms, end_ms: start_ms + span_ms, number }, number);
        }
        let window = self.window(time_ms);
        let ended = window.number.saturating_sub(self.window(from_ms).number);
        (Window { start_ms: window.start_ms.max(from_ms), ..window }, ended)
    }
}

/// A window of windows that all have one length; the first began `before_ms` before 1970.
fn even(time_ms: u64, length_ms: u64, before_ms: u64) -> Window {
    let length_ms = length_ms.max(1);
    let number = (time_ms + before_ms) / length_ms;
    let start_ms = (number * length_ms).saturating_sub(before_ms);
    Window { start_ms, end_ms: (number + 1) * length_ms - before_ms, number }
}

impl Months {
    fn window(self, time_ms: u64) -> Window {
        let today = day(time_ms);
        let (year, month, _) = date(today);
        let month = year * 12 + month - 1 - MONTHS_BEFORE_1970;
        let count = u64::from(self.count.max(1));
        // Window 0 is what is left of the one that began in 1969.
        let begun = if today < self.begin(month) { month } else { month + 1 };
        let number = begun.saturating_sub(1) / count + u64::from(begun > 0);
        let first = number.saturating_sub(1) * count;
        let start = if number == 0 { 0 } else { self.begin(first) };
        let end = if number == 0 { self.begin(0) } else { self.begin(first + count) };
        Window { start_ms: start * DAY_MS, end_ms: end * DAY_MS, number }
    }

    /// The day, counted from 1970, on which a window begins in a month, counted from January 1970.
    fn begin(self, month: u64) -> u64 {
        let first = |month: u64| {
            let month = month + MONTHS_BEFORE_1970;
            first_day(month / 12, month % 12 + 1)
        };
        let last = first(month + 1) - 1;
        (first(month) + u64::from(self.anchor_day.max(1)) - 1).min(last)
    }
}
