//! Times and spans in words, for messages to people.

/// Milliseconds since 1970 as `2026-01-31T08:05:09.123Z` (RFC 3339).
///
/// The date is found as in Howard Hinnant's `civil_from_days`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
pub fn utc(ms: u64) -> String {
    let (seconds, ms) = (ms / 1_000, ms % 1_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Counted from the first of March of the year 0, so that leap days end a year.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Units and their milliseconds, the longest first.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

/// A span of time in its two longest units, such as `2 h 3 min`, `45 s` or `0 ms`. The rest is cut off.
pub fn span(ms: u64) -> String {
    let longest = UNITS.iter().position(|(_, unit)| ms >= *unit).unwrap_or(UNITS.len() - 1);
    let (name, unit) = UNITS[longest];
    let whole = format!("{} {name}", ms / unit);
    match UNITS.get(longest + 1).map(|(name, smaller)| (name, ms % unit / smaller)) {
        Some((name, rest)) if rest > 0 => format!("{whole} {rest} {name}"),
        _ => whole,
    }
}

/// Parses a day, `2026-01-31`, which means its beginning, or a time, `2026-01-31T08:05:09Z` with or without
/// milliseconds (RFC 3339, in UTC), to milliseconds since 1970.
///
/// The day is found as in Howard Hinnant's `days_from_civil`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
pub fn from_utc(text: &str) -> Option<u64> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, time.strip_suffix('Z')?),
        None => (text, "00:00:00"),
    };
    let (time, ms) = time.split_once('.').unwrap_or((time, "000"));
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let [ms] = numbers(ms, '.', [3])?;
    if year < 1970 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let year_from_march = if month > 2 { year } else { year - 1 };
    let month_from_march = if month > 2 { month - 3 } else { month.checked_add(9)? };
    let (era, year_of_era) = (year_from_march / 400, year_from_march % 400);
    let day_of_year = (153 * month_from_march + 2) / 5 + day.checked_sub(1)?;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = (era * 146_097 + day_of_era).checked_sub(719_468)?;
    let read = ((days * 24 + hour) * 60 + minute) * 60 + second;
    let read = read * 1_000 + ms;
    // A day that the month does not have becomes another one.
    utc(read).starts_with(date).then_some(read)
}

/// Numbers with a given number of digits each, and a separator between them.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u64; N]> {
    let mut read = [0; N];
    let mut parts = text.split(separator);
    for (number, digits) in read.iter_mut().zip(digits) {
        let part = parts.next()?;
        let is_right = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = is_right.then(|| part.parse().ok())??;
    }
    parts.next().is_none().then_some(read)
}

#[cfg(test)]
mod tests {
    use super::{from_utc, span, utc};

    #[test]
    fn a_span_has_its_two_longest_units() {
        let rows = [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1 s"),
            (1_250, "1 s 250 ms"),
            (59_999, "59 s 999 ms"),
            (60_000, "1 min"),
            (7_380_000, "2 h 3 min"),
            (7_200_999, "2 h"),
            (7 * 86_400_000, "7 d"),
            (u64::MAX, "213503982334 d 14 h"),
        ];
        for (ms, text) in rows {
            assert_eq!(span(ms), text, "{ms}");
        }
    }

    #[test]
    fn times_are_shown_as_rfc_3339() {
        let rows = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (32_503_679_999_999, "2999-12-31T23:59:59.999Z"),
        ];
        for (ms, text) in rows {
            assert_eq!(utc(ms), text, "{ms}");
        }
        assert!(utc(u64::MAX).ends_with('Z'));
    }

    #[test]
    fn days_and_times_are_read() {
        for ms in [0, 951_782_399_999, 951_782_400_000, 1_700_000_000_123, 32_503_679_999_999] {
            assert_eq!(from_utc(&utc(ms)), Some(ms));
        }
        for (text, ms) in [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400_000),
            ("2023-11-14T22:13:20Z", 1_700_000_000_000),
            ("9999-12-31", 253_402_214_400_000),
        ] {
            assert_eq!(from_utc(text), Some(ms), "{text}");
        }
        for text in [
            "",
            "2026",
            "2026-1-31",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
            "1969-12-31",
            "2026-01-31T08:05Z",
            "2026-01-31T08:05:09",
            "2026-01-31T24:00:00Z",
            "2026-01-31T08:60:00Z",
            "2026-01-31T08:05:61Z",
            "2026-01-31T08:05:09.1Z",
            "2026-01-31T08:05:09+01:00",
            "+026-01-31",
            "2026-01-31-01",
            "2026-01-31T08:05:09.123.4Z",
            "٢٠٢٦-01-31",
            "20260131",
        ] {
            assert_eq!(from_utc(text), None, "{text}");
        }
    }
}
