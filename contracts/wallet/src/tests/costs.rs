//! The number of entries that calls read and write.

use expect_test::expect;

use super::actions::act;
use super::table::{CAST, scene};

/// What calls cost most: how many entries they read and write, however much there is in the state.
#[test]
fn calls_read_and_write_few_entries() {
    let rows = [
        "bank create-asset EUR Euro 2 bank",
        "bank mint EUR alice 1000",
        "alice transfer bob EUR 10",
        "alice transfer bob EUR 10",
        "alice transfer-with-reference bob EUR 10 invoice",
        "alice batch-transfer - bob EUR 1 - bob EUR 2 -",
        "alice batch-transfer key bob EUR 1 - bob EUR 2 -",
        "alice batch-transfer key bob EUR 1 - bob EUR 2 -",
        "market/alice place-hold EUR 100 - - 90000000000 -",
        "market/alice pay-out 1 bob 10",
        "market/alice release-hold 1",
        "alice grant-allowance bob EUR 100 - 9000000000 - - -",
        "bob use-allowance 1 100",
        "market/bob place-hold EUR 10 - - 90000000000 -",
        "market/bob pay-back 2 10",
        "alice grant-allowance carol EUR 100 3600000 9000000000 - - -",
        "carol transfer-from 2 bob 10 - -",
        "bob request-payment alice EUR 100 parts 9000000000 - - -",
        "alice pay-request 1 10 - -",
        "alice set-policy EUR daily=500 approvers=bob,carol approvals=1",
        "alice transfer bob EUR 10",
        "alice propose-payment dave EUR 10 - - 9000 -",
        "bob approve-payment 1",
        "at 3000000000",
        "alice transfer bob EUR 10",
    ];
    let mut host = scene();
    let mut shown = String::new();
    for row in rows {
        let words: Vec<&str> = row.split_whitespace().collect();
        if CAST.set_scene(&mut host, &words) {
            shown.push_str(&format!("{row}\n"));
            continue;
        }
        let (reads, writes) = host.storage_calls();
        CAST.act_as(&mut host, words[0]);
        let result = act(&mut host, words[1], &words[2..]);
        let (reads, writes) = (host.storage_calls().0 - reads, host.storage_calls().1 - writes);
        shown.push_str(&format!("{reads} + {writes}  {row} => {result}\n"));
    }
    expect![[r#"
        2 + 3  bank create-asset EUR Euro 2 bank => ok
        3 + 2  bank mint EUR alice 1000 => ok
        2 + 2  alice transfer bob EUR 10 => ok
        2 + 2  alice transfer bob EUR 10 => ok
        2 + 2  alice transfer-with-reference bob EUR 10 invoice => ok
        4 + 4  alice batch-transfer - bob EUR 1 - bob EUR 2 - => ok
        5 + 6  alice batch-transfer key bob EUR 1 - bob EUR 2 - => ok
        1 + 0  alice batch-transfer key bob EUR 1 - bob EUR 2 - => ok
        3 + 4  market/alice place-hold EUR 100 - - 90000000000 - => 1
        3 + 3  market/alice pay-out 1 bob 10 => ok
        2 + 3  market/alice release-hold 1 => ok
        3 + 6  alice grant-allowance bob EUR 100 - 9000000000 - - - => 1
        2 + 1  bob use-allowance 1 100 => ok
        4 + 6  market/bob place-hold EUR 10 - - 90000000000 - => 2
        3 + 4  market/bob pay-back 2 10 => ok
        3 + 6  alice grant-allowance carol EUR 100 3600000 9000000000 - - - => 2
        3 + 3  carol transfer-from 2 bob 10 - - => ok
        3 + 6  bob request-payment alice EUR 100 parts 9000000000 - - - => 1
        3 + 3  alice pay-request 1 10 - - => ok
        3 + 2  alice set-policy EUR daily=500 approvers=bob,carol approvals=1 => ok
        3 + 3  alice transfer bob EUR 10 => ok
        3 + 8  alice propose-payment dave EUR 10 - - 9000 - => 1
        7 + 9  bob approve-payment 1 => ok
        at 3000000000
        3 + 5  alice transfer bob EUR 10 => ok
    "#]]
    .assert_eq(&shown);
}
