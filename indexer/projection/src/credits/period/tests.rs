//! The first moments and numbers of calendar windows.

use serde_json::{Value, json};

use super::{DAY_MS, slot};

/// A day of 2027, 28 days into each month, and the beginning of its window.
fn start(period: &Value, day: i128) -> i128 {
    slot(period, day * DAY_MS + 5).unwrap().start_ms / DAY_MS
}

/// 1 January 2027 is day 20,819, a Friday.
const NEW_YEAR: i128 = 20_819;

#[test]
fn windows_begin_where_the_calendar_says() {
    let monthly = |anchor: u8| json!({"months": {"count": 1, "anchor-day": anchor}});
    assert_eq!(start(&monthly(1), NEW_YEAR + 30), NEW_YEAR);
    assert_eq!(start(&monthly(1), NEW_YEAR + 31), NEW_YEAR + 31);
    // The anchor 31 is the last day of February, the 28th.
    assert_eq!(start(&monthly(31), NEW_YEAR + 57), NEW_YEAR + 30);
    assert_eq!(start(&monthly(31), NEW_YEAR + 58), NEW_YEAR + 58);
    let weekly = json!({"weeks": 1});
    assert_eq!(start(&weekly, NEW_YEAR), NEW_YEAR - 4);
    assert_eq!(start(&weekly, NEW_YEAR + 3), NEW_YEAR + 3);
    assert_eq!(start(&json!({"days": 1}), NEW_YEAR), NEW_YEAR);
    // A span is counted in halves, rounded up.
    let half = slot(&json!({"span": "5"}), 7).unwrap();
    assert_eq!((half.number, half.start_ms), (2, 6));
    assert_eq!(slot(&json!({"years": 1}), 7), None);
}

/// Windows follow each other without a gap: the number grows by 1 where the start changes.
#[test]
fn windows_are_counted_without_a_gap() {
    for period in [
        json!({"months": {"count": 1, "anchor-day": 31}}),
        json!({"months": {"count": 5, "anchor-day": 15}}),
        json!({"weeks": 3}),
        json!({"days": 10}),
        json!({"span": "250000000"}),
    ] {
        let mut before = slot(&period, 0).unwrap();
        assert_eq!((before.number, before.start_ms), (0, 0), "{period}");
        for day in 1..20_000 {
            let now = slot(&period, day * DAY_MS).unwrap();
            let is_next = now.start_ms > before.start_ms;
            let steps = now.number - before.number;
            assert!(if is_next { steps >= 1 } else { steps == 0 }, "{period} {day}");
            assert!(now.start_ms <= day * DAY_MS, "{period} {day}");
            if period.get("span").is_none() {
                assert!(steps <= 1, "{period} {day}");
            }
            before = now;
        }
    }
}
