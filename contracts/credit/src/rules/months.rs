//! Calendar months, in UTC.

use crate::checks::DAY_MS;

/// Days from 1 March of the year 0 to 1 January 1970.
const DAYS_BEFORE_1970: u64 = 719_468;

/// Days of 400 years, after which the calendar repeats.
const DAYS_OF_ERA: u64 = 146_097;

/// The month of a time as yyyymm. The arithmetic is that of Howard Hinnant's `civil_from_days`, in which
/// years begin in March, so that the leap day is a year's last.
pub(crate) fn month(time_ms: u64) -> u32 {
    let days = time_ms / DAY_MS + DAYS_BEFORE_1970;
    let (era, day_of_era) = (days / DAYS_OF_ERA, days % DAYS_OF_ERA);
    let leap_days = day_of_era / 1_460 + day_of_era / 146_096 - day_of_era / 36_524;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    // Block times are those of wall clocks; a time beyond the year 42,949,671 has no month of its own.
    u32::try_from(year * 100 + month).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::month;

    #[test]
    fn months_are_those_of_the_calendar() {
        for (time_ms, expected) in [
            (0, 197_001),
            (2_678_399_999, 197_001),
            (2_678_400_000, 197_002),
            (951_782_400_000, 200_002),
            (951_868_800_000, 200_003),
            (1_709_164_800_000, 202_402),
            (1_709_251_200_000, 202_403),
            (1_796_083_199_999, 202_611),
            (1_796_083_200_000, 202_612),
            (4_102_444_800_000, 210_001),
        ] {
            assert_eq!(month(time_ms), expected, "{time_ms}");
        }
    }
}
