//! The number of entries that metering reads and writes.

use expect_test::expect;

use super::conservation::perform;
use super::table::scene;

/// What usage costs in storage calls, which is most of what it costs: the same with one grant and with
/// sixteen, and whatever else there is.
#[test]
fn usage_reads_and_writes_a_few_entries() {
    let mut host = scene();
    perform(&mut host, "tina grant-credits 1 alice 1000 @0 @9d 1 - -");
    let mut costs = String::new();
    let mut cost = |host: &mut ehb_contract::Host, row: &str| {
        let (reads, writes) = host.storage_calls();
        let result = perform(host, row);
        let (reads, writes) = (host.storage_calls().0 - reads, host.storage_calls().1 - writes);
        costs += &format!("{reads:2} reads {writes:2} writes: {row} => {result}\n");
    };
    cost(&mut host, "alice authorise-usage 1 alice gpt 10 probe 1h - -");
    cost(&mut host, "probe capture-usage 1 5 -");
    for priority in 2..17 {
        perform(&mut host, &format!("tina grant-credits 1 alice 1 @0 @9d {priority} - -"));
    }
    cost(&mut host, "alice authorise-usage 1 alice gpt 10 probe 1h - -");
    cost(&mut host, "probe void-usage 2");
    cost(&mut host, "alice authorise-usage 1 alice gpt 10 probe 1h - key");
    cost(&mut host, "alice authorise-usage 1 alice gpt 10 probe 1h - key");
    cost(&mut host, "probe report-usage 1 alice:gpt:10:@0:a");
    cost(&mut host, "probe report-usage 1 alice:gpt:10:@0:b alice:gpt:10:@0:c");
    cost(&mut host, "alice purchase 1 - 10 max -");
    cost(&mut host, "bob purchase 1 - 10 max -");
    perform(&mut host, "tina offer-credit-line 1 bob 100 EUR 3 10 1d 1h 1d 90d 10d -");
    perform(&mut host, "bob accept-credit-line 1");
    cost(&mut host, "bob authorise-usage 1 bob gpt 100 probe 1h - -");
    cost(&mut host, "probe capture-usage 7 100 -");
    cost(&mut host, "bob advance-due 1");
    perform(&mut host, "wait 1d");
    cost(&mut host, "bob advance-due 32");
    cost(&mut host, "bob pay-bill 1 6 -");
    expect![[r#"
         5 reads  6 writes: alice authorise-usage 1 alice gpt 10 probe 1h - - => 1
         4 reads  4 writes: probe capture-usage 1 5 - => 2
         5 reads  4 writes: alice authorise-usage 1 alice gpt 10 probe 1h - - => 2
         3 reads  3 writes: probe void-usage 2 => ok
         6 reads  6 writes: alice authorise-usage 1 alice gpt 10 probe 1h - key => 3
         1 reads  0 writes: alice authorise-usage 1 alice gpt 10 probe 1h - key => 3
         7 reads  5 writes: probe report-usage 1 alice:gpt:10:@0:a => [ReportResult::Charged(Charge { usage: 4, credits: 3 })]
        12 reads 10 writes: probe report-usage 1 alice:gpt:10:@0:b alice:gpt:10:@0:c => [ReportResult::Charged(Charge { usage: 5, credits: 3 }), ReportResult::Charged(Charge { usage: 6, credits: 3 })]
         6 reads  4 writes: alice purchase 1 - 10 max - => TooMany(Bound { what: "grants", max: 16 })
         6 reads  9 writes: bob purchase 1 - 10 max - => 17
         7 reads  5 writes: bob authorise-usage 1 bob gpt 100 probe 1h - - => 7
         8 reads  9 writes: probe capture-usage 7 100 - => 30
         6 reads  7 writes: bob advance-due 1 => 1
         5 reads  9 writes: bob advance-due 32 => 2
        11 reads 12 writes: bob pay-bill 1 6 - => ok
    "#]].assert_eq(&costs);
}
