//! The time of day, and readable times.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) use ehb_sdk::{span, utc};
pub(crate) use ehb_types::from_utc;

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

#[cfg(test)]
mod tests;
