//! Hours, days and months of block time, in UTC and the Gregorian calendar.

/// An hour, milliseconds.
pub const HOUR_MS: u64 = 60 * 60 * 1_000;

/// A day, milliseconds.
pub const DAY_MS: u64 = 24 * HOUR_MS;

/// The longest hold of the wallet, milliseconds: 1,830 days, about five years.
pub const HOLD_MS_MAX: u64 = 1_830 * DAY_MS;

/// How long what has ended stays in the state of a module, milliseconds: a year's business is still there when it is
/// looked over, and a call that is repeated with its key finds what it made, since keys are remembered for 7 days.
pub const KEPT_MS: u64 = 400 * DAY_MS;

/// Days from 0000-03-01 to 1970-01-01.
const DAYS_BEFORE_1970: u64 = 719_468;

/// Days of the 400 years after which the calendar repeats.
const ERA_DAYS: u64 = 146_097;

/// Days since 1970.
pub const fn day(time_ms: u64) -> u64 {
    time_ms / DAY_MS
}

/// The month as the number YYYYMM.
pub fn month(time_ms: u64) -> u32 {
    let (year, month, _) = date(day(time_ms));
    // Any time that fits 64 bits of milliseconds has a year that possibly does not fit here; none that a
    // chain reaches.
    u32::try_from(year * 100 + month).unwrap_or(u32::MAX)
}

/// The year, month (1 to 12) and day of the month (1 to 31) of a day, counted from 1970. Years are counted from
/// March, so that the leap day comes last: see Howard Hinnant, "chrono-compatible low-level date algorithms",
/// `civil_from_days`.
pub(crate) fn date(day: u64) -> (u64, u64, u64) {
    let days = day + DAYS_BEFORE_1970;
    let (era, day_of_era) = (days / ERA_DAYS, days % ERA_DAYS);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let (month, next_year) =
        if month_from_march < 10 { (month_from_march + 3, 0) } else { (month_from_march - 9, 1) };
    (era * 400 + year_of_era + next_year, month, day_of_month)
}

/// The day, counted from 1970, of the first of a month (1 to 12) of a year from 1970 on: `days_from_civil` of the
/// same source.
pub(crate) const fn first_day(year: u64, month: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * ERA_DAYS + day_of_era - DAYS_BEFORE_1970
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, month};

    #[test]
    fn months_are_those_of_the_calendar() {
        for (day, expected) in [
            (0, 197_001),
            (30, 197_001),
            (31, 197_002),
            (58, 197_002),
            (59, 197_003),
            (11_015, 200_002),
            (11_016, 200_002),
            (11_017, 200_003),
            (19_722, 202_312),
            (19_723, 202_401),
            (19_782, 202_402),
            (19_783, 202_403),
            (47_540, 210_002),
            (47_541, 210_003),
        ] {
            assert_eq!(month(day * DAY_MS), expected, "day {day}");
            assert_eq!(month(day * DAY_MS + DAY_MS - 1), expected, "day {day}");
        }
    }
}
