//! Deadlines, which anyone can act on.

use expect_test::expect;

use super::table::check;

#[test]
fn a_stranger_ends_what_is_over() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                  => ok
        bank mint EUR alice 1000                           => ok
        alice set-policy EUR approvers=bob approvals=1     => ok
        alice propose-payment dave EUR 100 - - 5000 -      => 1
        alice grant-allowance bob EUR 100 - 4000 - - -     => 1
        bob request-payment alice EUR 300 parts 3000 - - - => 1
        bob request-payment alice EUR 300 parts 6000 - - - => 2
        alice place-hold EUR 50 bob - 2000 -               => 1
        nobody advance-due 32                              => []
        nobody list-due 10                                 => DuePage { due: [], next: None }
        at 5000
        nobody list-due 10                                 => DuePage { due: [DueItem { deadline-ms: 3000, item: Item { kind: "request", id: 1 } }, DueItem { deadline-ms: 4000, item: Item { kind: "allowance", id: 1 } }, DueItem { deadline-ms: 5000, item: Item { kind: "payment", id: 1 } }], next: None }
        nobody advance-due 2                               => [DueItem { deadline-ms: 3000, item: Item { kind: "request", id: 1 } }, DueItem { deadline-ms: 4000, item: Item { kind: "allowance", id: 1 } }]
        nobody advance-due 32                              => [DueItem { deadline-ms: 5000, item: Item { kind: "payment", id: 1 } }]
        nobody advance-due 32                              => []
        nobody advance hold 1                              => ok
        nobody advance request 2                           => TooEarly(Deadline { item: Item { kind: "request", id: 2 }, deadline-ms: 6000, now-ms: 5000 })
        balances                                           => alice 1000+0 EUR
        nobody advance-due 0                               => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 32 })
        nobody advance-due 33                              => OutOfRange(Range { parameter: "limit", given: 33, min: 1, max: 32 })
        nobody list-due 0                                  => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        nobody list-due 101                                => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        nobody advance hold 1                              => WrongState(WrongState { item: Item { kind: "hold", id: 1 }, state: "resolved", action: "expire" })
        nobody advance hold 9                              => UnknownItem(Item { kind: "hold", id: 9 })
        nobody advance payment 9                           => UnknownItem(Item { kind: "payment", id: 9 })
        nobody advance request 9                           => UnknownItem(Item { kind: "request", id: 9 })
        nobody advance allowance 9                         => UnknownItem(Item { kind: "allowance", id: 9 })
    "#]]);
}
