//! Monthly statements of balances.

use expect_test::expect;

use super::table::check;

#[test]
fn each_month_has_its_books() {
    check(expect![[r#"
        at 1733011199000
        bank create-asset EUR Euro 2 bank              => ok
        bank mint EUR alice 1000                       => ok
        alice transfer bob EUR 100                     => ok
        alice place-hold EUR 200 bob - 1740000000000 - => 1
        alice get-statement alice EUR 202411           => Statement { month: 202411, opening: 0, closing: 900, entries: 2 }
        at 1733011200000
        alice get-statement alice EUR 202411           => Statement { month: 202411, opening: 0, closing: 900, entries: 2 }
        alice get-statement alice EUR 202412           => Statement { month: 202412, opening: 900, closing: 900, entries: 0 }
        alice pay-out 1 bob 150                        => ok
        alice release-hold 1                           => ok
        alice get-statement alice EUR 202412           => Statement { month: 202412, opening: 900, closing: 750, entries: 1 }
        at 1740787200000
        bob transfer alice EUR 250                     => ok
        alice list-statements alice EUR - 10           => StatementPage { statements: [Statement { month: 202411, opening: 0, closing: 900, entries: 2 }, Statement { month: 202412, opening: 900, closing: 750, entries: 1 }, Statement { month: 202503, opening: 750, closing: 1000, entries: 1 }], next: None }
        alice list-statements alice EUR - 1            => StatementPage { statements: [Statement { month: 202411, opening: 0, closing: 900, entries: 2 }], next: Some(202411) }
        alice list-statements alice EUR 202411 1       => StatementPage { statements: [Statement { month: 202412, opening: 900, closing: 750, entries: 1 }], next: Some(202412) }
        alice list-statements alice EUR 202412 1       => StatementPage { statements: [Statement { month: 202503, opening: 750, closing: 1000, entries: 1 }], next: None }
        alice list-statements alice EUR 202503 1       => StatementPage { statements: [], next: None }
        alice get-statement alice EUR 202410           => Statement { month: 202410, opening: 0, closing: 0, entries: 0 }
        alice get-statement alice EUR 202501           => Statement { month: 202501, opening: 750, closing: 750, entries: 0 }
        alice get-statement alice EUR 202503           => Statement { month: 202503, opening: 750, closing: 1000, entries: 1 }
        alice get-statement bob EUR 202503             => Statement { month: 202503, opening: 250, closing: 0, entries: 1 }
        alice get-statement carol EUR 202503           => Statement { month: 202503, opening: 0, closing: 0, entries: 0 }
        alice get-statement alice EUR 202504           => OutOfRange(Range { parameter: "month", given: 202504, min: 197001, max: 202503 })
        alice get-statement alice EUR 196912           => OutOfRange(Range { parameter: "month", given: 196912, min: 197001, max: 202503 })
        alice get-statement alice eur 202503           => MalformedAssetId("eur")
        alice list-statements alice eur - 1            => MalformedAssetId("eur")
        alice list-statements alice EUR - 0            => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-statements alice EUR - 101          => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        bob list-balances bob - 10                     => BalancePage { balances: [], next: None }
    "#]]);
}
