//! The time of day, and readable times.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) use ehb_sdk::{span, utc};

/// Milliseconds since 1970 (UTC).
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The minimum validity of a transaction: a shorter one could expire in transit.
const VALIDITY_SECONDS_MIN: u64 = 10;
/// The maximum validity that any chain can permit, 90 days.
const VALIDITY_SECONDS_MAX: u64 = 90 * 86_400;

/// Parses a validity such as `90s`, `10m`, `2h` or `7d`.
pub(crate) fn validity(text: &str) -> Result<Duration, String> {
    let units = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let read = units.iter().find_map(|(unit, seconds)| {
        let digits = text.strip_suffix(unit)?;
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(*seconds))
    });
    match read {
        None => Err("a duration is a whole number with s, m, h or d, such as 90s or 10m".into()),
        Some(seconds) if (VALIDITY_SECONDS_MIN..=VALIDITY_SECONDS_MAX).contains(&seconds) => {
            Ok(Duration::from_secs(seconds))
        }
        Some(_) => Err("it must be 10s at least and 90d at most".into()),
    }
}

/// How far the clock of this machine can differ from the chain's time without a warning.
const CLOCK_OFF_MS_MAX: u64 = 60_000;

/// The warning about the clock of this machine, if it differs much from the chain's time.
pub(crate) fn clock_warning(ahead_ms: i64) -> Option<String> {
    let off_ms = ahead_ms.unsigned_abs();
    if off_ms <= CLOCK_OFF_MS_MAX {
        return None;
    }
    let side = if ahead_ms > 0 { "ahead of" } else { "behind" };
    Some(format!(
        "the clock of this machine is {} {side} the chain. The transaction expires by the chain's time all the same, but \
         times that you give, and those that your programs compute, are wrong by that much: set the clock; if it is \
         right, the node's is wrong",
        span(off_ms)
    ))
}

/// Parses a day, `2026-01-31`, which means its beginning, or a time, `2026-01-31T08:05:09Z` with or without
/// milliseconds (RFC 3339, in UTC), to milliseconds since 1970.
///
/// The day is found as in Howard Hinnant's `days_from_civil`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
pub(crate) fn from_utc(text: &str) -> Option<u64> {
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
mod tests;
