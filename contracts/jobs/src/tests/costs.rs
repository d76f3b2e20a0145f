//! The number of entries that calls read and write, and bounds on the windows together.

use super::table::Play;
use crate::checks::{
    APPLY_MS_MAX, DECIDE_MS_MAX, DUE_MS_MAX, ESCROW_MS, REVISIONS_MAX, WINDOW_MS_MAX,
};

/// All windows together, from an offer to the end of a dispute over its last milestone, stay below the
/// longest hold of the wallet.
#[test]
fn all_windows_together_are_below_the_longest_hold() {
    let work_ms = DUE_MS_MAX + WINDOW_MS_MAX * (1 + 2 * u64::from(REVISIONS_MAX)) + WINDOW_MS_MAX;
    assert!(work_ms + ehb_dispute::longest_ms() < ESCROW_MS);
    const { assert!(APPLY_MS_MAX + DECIDE_MS_MAX < ESCROW_MS) };
}

/// How many entries of the state the most used calls read and write, the wallet's included. The same
/// however much there is.
#[test]
fn entries_that_calls_read_and_write() {
    let mut play = Play::new();
    let mut costs = String::new();
    for row in [
        "client post-job public 2 11000 21000",
        "worker apply 1 400",
        "client make-offer 1 worker 9000 300@50000 100@50000",
        "worker accept-offer 1",
        "client fund 1",
        "worker submit 1",
        "client approve 1",
        "client pay 1",
        "client fund 2",
        "worker submit 2",
        "client dispute 2 10000",
        "worker accept-settlement 1",
        "client commit-hash 1",
    ] {
        let (reads, writes) = play.host.storage_calls();
        let result = play.row(row);
        assert!(result == "ok" || result.parse::<u64>().is_ok(), "{row}: {result}");
        let (reads, writes) =
            (play.host.storage_calls().0 - reads, play.host.storage_calls().1 - writes);
        let action = row.split(' ').nth(1).unwrap();
        costs.push_str(&format!("{action}: {reads} read, {writes} written\n"));
    }
    expect_test::expect![[r#"
        post-job: 2 read, 5 written
        apply: 4 read, 7 written
        make-offer: 6 read, 6 written
        accept-offer: 7 read, 15 written
        fund: 5 read, 5 written
        submit: 2 read, 3 written
        approve: 2 read, 3 written
        pay: 5 read, 7 written
        fund: 5 read, 5 written
        submit: 2 read, 3 written
        dispute: 3 read, 5 written
        accept-settlement: 6 read, 11 written
        commit-hash: 2 read, 1 written
    "#]]
    .assert_eq(&costs);
}
