//! Windows of block time and of the calendar, as `ehb:common` defines periods.

use serde_json::Value;

/// A day, milliseconds.
const DAY_MS: i128 = 24 * 60 * 60 * 1_000;
/// Days from Monday, 29 December 1969, to 1970.
const DAYS_AFTER_MONDAY: i128 = 3;
/// Months before January 1970, counted from year 0.
const MONTHS_BEFORE_1970: i128 = 1_970 * 12;

/// A window: the number of windows before it, and its first millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) number: i128,
    pub(super) start_ms: i128,
}

/// Whether a period is a span, which is counted in halves.
pub(super) fn is_span(period: &Value) -> bool {
    period.get("span").is_some()
}

/// The window of a limit's period in which a time counts: one of the calendar, or a half of a span. None for a period of
/// another kind.
pub(super) fn slot(period: &Value, time_ms: i128) -> Option<Window> {
    let number = |value: &Value| match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64().map(i128::from),
    };
    let of = |name: &str| period.get(name).and_then(number);
    if let Some(span_ms) = of("span") {
        return Some(even(time_ms, (span_ms + 1) / 2, 0));
    }
    if let Some(days) = of("days") {
        return Some(even(time_ms, days * DAY_MS, 0));
    }
    if let Some(weeks) = of("weeks") {
        return Some(even(time_ms, weeks * 7 * DAY_MS, DAYS_AFTER_MONDAY * DAY_MS));
    }
    let months = period.get("months")?;
    let (count, anchor) = (number(months.get("count")?)?, number(months.get("anchor-day")?)?);
    Some(of_months(time_ms, count.max(1), anchor.max(1)))
}

/// A window of windows that all have one length; the first began `before_ms` before 1970.
fn even(time_ms: i128, length_ms: i128, before_ms: i128) -> Window {
    let length_ms = length_ms.max(1);
    let number = (time_ms + before_ms) / length_ms;
    Window { number, start_ms: (number * length_ms - before_ms).max(0) }
}

fn of_months(time_ms: i128, count: i128, anchor: i128) -> Window {
    let today = time_ms / DAY_MS;
    let month = month_of(today);
    // Window 0 is what is left of the one that began in 1969.
    let begun = if today < begin(month, anchor) { month } else { month + 1 };
    let number = (begun - 1).max(0) / count + i128::from(begun > 0);
    let first = (number - 1).max(0) * count;
    let start = if number == 0 { 0 } else { begin(first, anchor) };
    Window { number, start_ms: start * DAY_MS }
}

/// The day, counted from 1970, on which a window begins in a month, counted from January 1970.
fn begin(month: i128, anchor: i128) -> i128 {
    let first = |month: i128| {
        let month = month + MONTHS_BEFORE_1970;
        first_day(month / 12, month % 12 + 1)
    };
    (first(month) + anchor - 1).min(first(month + 1) - 1)
}

/// The month of a day, both counted from January 1970.
fn month_of(day: i128) -> i128 {
    // Too small or right: a month has at most 31 days.
    let mut month = day / 31;
    while begin(month + 1, 1) <= day {
        month += 1;
    }
    month
}

/// The calendar's month of a time as the number YYYYMM (UTC).
pub(super) fn calendar_month(time_ms: i128) -> i128 {
    let month = month_of(time_ms / DAY_MS) + MONTHS_BEFORE_1970;
    month / 12 * 100 + month % 12 + 1
}

/// The first day of a month of the Gregorian calendar, counted from 1970.
fn first_day(year: i128, month: i128) -> i128 {
    // Years begin in March here, so that the leap day is their last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days_before_month = (153 * month + 2) / 5;
    year * 365 + leap_days + days_before_month - 719_468
}

#[cfg(test)]
mod tests;
