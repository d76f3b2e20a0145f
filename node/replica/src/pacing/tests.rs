//! Intervals of notifications and of repeated log lines.

use ehb_consensus::Fault;
use ehb_types::PublicKey;

use super::Pacing;

#[test]
fn each_validator_is_notified_at_intervals() {
    let mut pacing = Pacing::default();
    let [first, second] = [PublicKey([1; 32]), PublicKey([2; 32])];
    let mut may_hint = |validator, now_ms| pacing.may_hint(validator, now_ms);
    assert!(may_hint(&first, 1_000));
    assert!(!may_hint(&first, 1_099));
    assert!(may_hint(&second, 1_099));
    assert!(may_hint(&first, 1_100));
    assert!(!may_hint(&first, 0), "a clock that jumps back makes nothing due");
}

#[test]
fn each_kind_of_fault_is_logged_at_intervals_with_the_suppressed_count() {
    let mut pacing = Pacing::default();
    let core = |detail: &str| Fault::Core { detail: detail.to_owned() };
    let other = Fault::ReplayDiverged { detail: String::new() };
    let mut logged = |fault: &Fault, now_ms| pacing.may_log(fault, now_ms);
    assert_eq!(logged(&core("a"), 0), Some(0));
    assert_eq!(logged(&core("b"), 1), None);
    assert_eq!(logged(&other, 1), Some(0));
    assert_eq!(logged(&core("c"), 9_999), None);
    assert_eq!(logged(&core("d"), 10_000), Some(2));
    assert_eq!(logged(&core("e"), 20_000), Some(0));
}
