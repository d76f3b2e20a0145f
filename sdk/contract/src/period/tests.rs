//! Periods of the calendar and their windows.

use proptest::prelude::*;

use super::Window;
use crate::calendar::{DAY_MS, HOUR_MS, date, first_day};
use crate::common::{Months, Period, Refusal};

/// The first millisecond of a date.
fn at(year: u64, month: u64, day: u64) -> u64 {
    (first_day(year, month) + day - 1) * DAY_MS
}

fn shown(time_ms: u64) -> String {
    let (year, month, day) = date(time_ms / DAY_MS);
    format!("{year}-{month:02}-{day:02}")
}

fn months(count: u16, anchor_day: u8) -> Period {
    Period::Months(Months { count, anchor_day })
}

/// The window of each date.
fn check(period: Period, dates: &[(u64, u64, u64)], expected: &[&str]) {
    let mut table = Vec::new();
    for (year, month, day) in dates {
        let time_ms = at(*year, *month, *day);
        let Window { start_ms, end_ms, .. } = period.window(time_ms);
        assert_eq!(period.window(time_ms + DAY_MS - 1).start_ms, start_ms);
        table.push(format!("{}: {} to {}", shown(time_ms), shown(start_ms), shown(end_ms)));
    }
    assert_eq!(table, expected);
}

#[test]
fn months_without_the_anchor_day_begin_on_their_last() {
    check(
        months(1, 31),
        &[
            (2023, 1, 30),
            (2023, 1, 31),
            (2023, 2, 27),
            (2023, 2, 28),
            (2023, 3, 30),
            (2023, 3, 31),
            (2023, 4, 30),
            (2023, 12, 31),
            (2024, 2, 28),
            (2024, 2, 29),
            (2024, 3, 1),
            (2100, 2, 28),
            (2100, 3, 1),
        ],
        &[
            "2023-01-30: 2022-12-31 to 2023-01-31",
            "2023-01-31: 2023-01-31 to 2023-02-28",
            "2023-02-27: 2023-01-31 to 2023-02-28",
            "2023-02-28: 2023-02-28 to 2023-03-31",
            "2023-03-30: 2023-02-28 to 2023-03-31",
            "2023-03-31: 2023-03-31 to 2023-04-30",
            "2023-04-30: 2023-04-30 to 2023-05-31",
            "2023-12-31: 2023-12-31 to 2024-01-31",
            "2024-02-28: 2024-01-31 to 2024-02-29",
            "2024-02-29: 2024-02-29 to 2024-03-31",
            "2024-03-01: 2024-02-29 to 2024-03-31",
            "2100-02-28: 2100-02-28 to 2100-03-31",
            "2100-03-01: 2100-02-28 to 2100-03-31",
        ],
    );
}

#[test]
fn months_weeks_and_days_are_those_of_the_calendar() {
    check(
        months(1, 1),
        &[(1970, 1, 1), (2024, 2, 29), (2024, 12, 31)],
        &[
            "1970-01-01: 1970-01-01 to 1970-02-01",
            "2024-02-29: 2024-02-01 to 2024-03-01",
            "2024-12-31: 2024-12-01 to 2025-01-01",
        ],
    );
    check(
        months(3, 15),
        &[(1970, 1, 14), (1970, 1, 15), (2024, 1, 14), (2024, 1, 15), (2024, 4, 14)],
        &[
            "1970-01-14: 1970-01-01 to 1970-01-15",
            "1970-01-15: 1970-01-15 to 1970-04-15",
            "2024-01-14: 2023-10-15 to 2024-01-15",
            "2024-01-15: 2024-01-15 to 2024-04-15",
            "2024-04-14: 2024-01-15 to 2024-04-15",
        ],
    );
    check(
        Period::Weeks(1),
        &[(1970, 1, 1), (1970, 1, 5), (2024, 11, 24), (2024, 11, 25)],
        &[
            "1970-01-01: 1970-01-01 to 1970-01-05",
            "1970-01-05: 1970-01-05 to 1970-01-12",
            "2024-11-24: 2024-11-18 to 2024-11-25",
            "2024-11-25: 2024-11-25 to 2024-12-02",
        ],
    );
    check(
        Period::Days(1),
        &[(2024, 2, 29), (2023, 12, 31)],
        &["2024-02-29: 2024-02-29 to 2024-03-01", "2023-12-31: 2023-12-31 to 2024-01-01"],
    );
}

#[test]
fn windows_that_nobody_looked_at_are_counted() {
    let from_ms = at(2024, 1, 10);
    for (period, time_ms, start_ms, end_ms, ended) in [
        (Period::Span(HOUR_MS), from_ms + HOUR_MS - 1, from_ms, from_ms + HOUR_MS, 0),
        (Period::Span(HOUR_MS), from_ms + HOUR_MS, from_ms + HOUR_MS, from_ms + 2 * HOUR_MS, 1),
        (months(1, 1), at(2024, 1, 31), from_ms, at(2024, 2, 1), 0),
        (months(1, 1), at(2024, 4, 30), at(2024, 4, 1), at(2024, 5, 1), 3),
        (Period::Weeks(2), at(2024, 2, 10), at(2024, 1, 29), at(2024, 2, 12), 2),
    ] {
        let (window, found) = period.window_since(from_ms, time_ms);
        assert_eq!(
            (window.start_ms, window.end_ms, found),
            (start_ms, end_ms, ended),
            "{period:?}"
        );
    }
}

#[test]
fn periods_are_checked() {
    for (period, refused) in [
        (Period::Span(999), Some((999, 1_000, 92 * DAY_MS))),
        (Period::Span(92 * DAY_MS), None),
        (Period::Days(0), Some((0, 1, 92))),
        (Period::Days(93), Some((93, 1, 92))),
        (Period::Weeks(13), None),
        (Period::Weeks(14), Some((14, 1, 13))),
        (months(3, 31), None),
        (months(4, 31), Some((4, 1, 3))),
    ] {
        let refused =
            refused.map(|(given, min, max)| Refusal::out_of_range("cycle", given, min, max));
        assert_eq!(period.check("cycle", 1_000, 92).err(), refused, "{period:?}");
    }
    let refused = Refusal::out_of_range("anchor-day", 32, 1, 31);
    assert_eq!(months(1, 32).check("cycle", 1_000, 92), Err(refused));
}

fn periods() -> impl Strategy<Value = Period> {
    prop_oneof![
        (1_000..DAY_MS * 90).prop_map(Period::Span),
        (1..90u16).prop_map(Period::Days),
        (1..13u16).prop_map(Period::Weeks),
        (1..13u16, 1..32u8).prop_map(|(count, day)| months(count, day)),
    ]
}

proptest! {
    /// Windows never overlap and leave no gap, up to the year 2200.
    #[test]
    fn windows_follow_each_other(period in periods(), time_ms in 0..230 * 365 * DAY_MS) {
        let window = period.window(time_ms);
        prop_assert!(window.start_ms <= time_ms && time_ms < window.end_ms);
        prop_assert_eq!(period.window(window.start_ms), window);
        prop_assert_eq!(period.window(window.end_ms - 1), window);
        let next = period.window(window.end_ms);
        prop_assert_eq!((next.start_ms, next.number), (window.end_ms, window.number + 1));
    }
}
