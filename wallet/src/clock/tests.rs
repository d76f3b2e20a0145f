//! Durations as people write them.

use std::time::Duration;

use super::{clock_warning, validity};

#[test]
fn a_validity_has_a_unit_and_bounds() {
    for (text, seconds) in
        [("10s", 10), ("90s", 90), ("5m", 300), ("2h", 7_200), ("90d", 7_776_000)]
    {
        assert_eq!(validity(text), Ok(Duration::from_secs(seconds)), "{text}");
    }
    let wrong = ["", "10", "m", "1.5h", "+5m", "-5m", "5 m", "5min", "5M", "٥m", "1h30m"];
    for text in wrong {
        assert!(validity(text).unwrap_err().starts_with("a duration is a whole number"), "{text}");
    }
    for text in ["0s", "9s", "91d", "18446744073709551616s", "18446744073709551615d"] {
        assert_eq!(validity(text), Err("it must be 10s at least and 90d at most".into()), "{text}");
    }
}

#[test]
fn a_wrong_clock_is_shown_in_words() {
    for right in [0, 60_000, -60_000] {
        assert_eq!(clock_warning(right), None, "{right}");
    }
    for (ahead_ms, words) in [
        (7_380_000, "is 2 h 3 min ahead of the chain."),
        (-61_000, "is 1 min 1 s behind the chain."),
        (i64::MIN, "d 7 h behind the chain."),
    ] {
        let warning = clock_warning(ahead_ms).unwrap();
        assert!(warning.contains(words), "{warning}");
    }
}
