//! Amounts that treasurers give away of a store's money, and decisions for an owner, who is `till`.

use expect_test::expect;

use super::table::check;

#[test]
fn treasurers_refund_within_their_limit() {
    check(expect![[r#"
        grant till owner
        alice place-order EUR 1@1x3 3000       => 1
        carl accept 1                          => ok
        tess refund 1 0 1                      => ok
        till set-treasurer-limit 1 EUR 500 800 => ok
        tess refund 1 0 501                    => AboveLimit(AboveLimit { given: 501, max: 500 })
        tess refund 1 0 500                    => ok
        tess refund 1 0 301                    => OverDailyLimit(LimitUsage { limit: 800, used: 500, needed: 301 })
        tess get-treasurer-limit 1 EUR         => TreasurerStatus { limit: Some(TreasurerLimit { single-max: 500, daily-max: 800 }), given-today: 500 }
        tess refund 1 0 300                    => ok
        tess refund 1 0 1                      => OverDailyLimit(LimitUsage { limit: 800, used: 800, needed: 1 })
        tess refund 1 0 18446744073709551615   => AboveLimit(AboveLimit { given: 18446744073709551615, max: 500 })
        carl refund 1 0 100                    => ok
        carl refund 1 0 101                    => AboveLimit(AboveLimit { given: 101, max: 100 })
        till refund 1 0 900                    => ok
        tess get-treasurer-limit 1 EUR         => TreasurerStatus { limit: Some(TreasurerLimit { single-max: 500, daily-max: 800 }), given-today: 800 }
        sub 1                                  => accepted 21000; 3000 1801 0 0; 3/3/0/0/0 1801
        at 86399999
        tess get-treasurer-limit 1 EUR         => TreasurerStatus { limit: Some(TreasurerLimit { single-max: 500, daily-max: 800 }), given-today: 800 }
        at 86400000
        tess get-treasurer-limit 1 EUR         => TreasurerStatus { limit: Some(TreasurerLimit { single-max: 500, daily-max: 800 }), given-today: 0 }
        alice place-order EUR 1@1x1 3000       => 2
        tess refund 2 0 500                    => ok
        till set-treasurer-limit 1 EUR 400 500 => ok
        tess refund 2 0 1                      => OverDailyLimit(LimitUsage { limit: 500, used: 500, needed: 1 })
        till set-treasurer-limit 1 EUR         => ok
        tess refund 2 0 500                    => ok
        tess get-treasurer-limit 1 EUR         => TreasurerStatus { limit: None, given-today: 0 }
    "#]]);
}

/// A treasurer who is also a clerk refunds small amounts as a clerk.
#[test]
fn a_clerks_refund_is_no_treasurers() {
    check(expect![[r#"
        grant till owner
        grant tess clerk
        alice place-order EUR 1@1x3 3000       => 1
        till set-treasurer-limit 1 EUR 150 150 => ok
        tess refund 1 0 100                    => ok
        tess refund 1 0 150                    => ok
        tess refund 1 0 101                    => OverDailyLimit(LimitUsage { limit: 150, used: 150, needed: 101 })
        tess refund 1 0 100                    => ok
        events
          | OrderPlaced(Placement { order: Order { id: 1, buyer: alice, asset: "EUR", total: 3000, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, answer-window-ms: 5000, return-window-ms: 15000, receipt-window-ms: 6000, cancel-penalty: Some(1000), restocking-fee: 500, clerk-refund-max: 100, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: 11000, escrow: Escrow { total: 3000, refunded: 0, paid: 0, fees: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 3, reserved: 3, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | TreasurerLimitSet(TreasurerSetting { store: 1, asset: "EUR", limit: Some(TreasurerLimit { single-max: 150, daily-max: 150 }) })
          | PaidOut(Payout { sub-order: 1, refunded: 100, paid: 0, fee: 0, lines: [LineRefund { line: 0, pieces: 0, amount: 100, goodwill: 100 }] })
          | TreasurerGave(Gift { store: 1, asset: "EUR", by: tess, amount: 150, given-today: 150, at-ms: 1000 })
          | PaidOut(Payout { sub-order: 1, refunded: 150, paid: 0, fee: 0, lines: [LineRefund { line: 0, pieces: 0, amount: 150, goodwill: 250 }] })
          | PaidOut(Payout { sub-order: 1, refunded: 100, paid: 0, fee: 0, lines: [LineRefund { line: 0, pieces: 0, amount: 100, goodwill: 350 }] })
    "#]]);
}

/// Amounts of the escrow that are claimed, offered or accepted for the buyer are given away.
#[test]
fn treasurers_settle_within_their_limit() {
    check(expect![[r#"
        grant till owner
        till set-treasurer-limit 1 EUR 600 1000 => ok
        alice place-order EUR 1@1x1 3000        => 1
        carl accept 1                           => ok
        alice open-dispute 1 10000 late         => ok
        tess accept-settlement 1                => AboveLimit(AboveLimit { given: 1000, max: 600 })
        tess respond 1 6010                     => AboveLimit(AboveLimit { given: 601, max: 600 })
        tess respond 1 6000                     => ok
        alice rest 1                            => ok
        tess rest 1                             => ok
        alice offer 1 9000                      => ok
        tess accept-settlement 1                => AboveLimit(AboveLimit { given: 900, max: 600 })
        tess offer 1 4010                       => OverDailyLimit(LimitUsage { limit: 1000, used: 600, needed: 401 })
        tess offer 1 4000                       => ok
        alice offer 1 5000                      => ok
        tess accept-settlement 1                => OverDailyLimit(LimitUsage { limit: 1000, used: 1000, needed: 500 })
        tess get-treasurer-limit 1 EUR          => TreasurerStatus { limit: Some(TreasurerLimit { single-max: 600, daily-max: 1000 }), given-today: 1000 }
        till accept-settlement 1                => ok
        tess get-treasurer-limit 1 EUR          => TreasurerStatus { limit: Some(TreasurerLimit { single-max: 600, daily-max: 1000 }), given-today: 1000 }
        balances                                => till 488+0, alice 999500+0, bob 1000000+0, plat 12+0
    "#]]);
}

/// The claim of a store can be accepted like an offer.
#[test]
fn a_claim_counts() {
    check(expect![[r#"
        grant till owner
        till set-treasurer-limit 1 EUR 400 400  => ok
        alice place-order EUR 1@1x1 3000        => 1
        carl accept 1                           => ok
        carl ship 1 0x1 -                       => 1
        carl deliver 1 1                        => ok
        alice request-return 1 0x1 broken       => ok
        carl approve-return 1                   => ok
        alice send-return 1 Post                => ok
        tess open-dispute 1 10000 "take it all" => AboveLimit(AboveLimit { given: 1000, max: 400 })
        tess open-dispute 1 4000 worn           => ok
        tess get-treasurer-limit 1 EUR          => TreasurerStatus { limit: Some(TreasurerLimit { single-max: 400, daily-max: 400 }), given-today: 400 }
    "#]]);
}

/// While there is a limit, what could get round it is an owner's: other accounts for the money, and a higher
/// limit of clerks.
#[test]
fn nobody_gets_round_the_limit() {
    check(expect![[r#"
        grant till owner
        tess set-payout 1 tess               => ok
        till set-payout 1 till               => ok
        till set-treasurer-limit 1 STEEL 1 1 => ok
        tess set-payout 1 tess               => MissingRole("owner")
        sam set-payout 1 sam                 => MissingRole("treasurer")
        till set-payout 1 tess               => ok
        sam set-store 1 Acme strict          => ok
        sam set-store 1 Acme generous        => MissingRole("owner")
        grant sam owner
        sam set-store 1 Acme generous        => ok
        nina set-payout 2 nina               => ok
    "#]]);
}

#[test]
fn who_sets_limits_of_what() {
    check(expect![[r#"
        tess set-treasurer-limit 1 EUR 1 1                                       => MissingRole("owner")
        sam set-treasurer-limit 1 EUR 1 1                                        => MissingRole("owner")
        alice set-treasurer-limit 1 EUR 1 1                                      => WrongOrganisation("acme")
        grant alice owner
        alice set-treasurer-limit 1 EUR 1 1                                      => WrongOrganisation("acme")
        grant till owner
        till set-treasurer-limit 9 EUR 1 1                                       => UnknownItem(Item { kind: "store", id: 9 })
        till set-treasurer-limit 1 - 1 1                                         => OutOfRange(Range { parameter: "asset", given: 0, min: 1, max: 12 })
        till set-treasurer-limit 1 13*X 1 1                                      => OutOfRange(Range { parameter: "asset", given: 13, min: 1, max: 12 })
        till set-treasurer-limit 1 EUR 0 0                                       => ok
        till set-treasurer-limit 1 EUR 18446744073709551615 18446744073709551615 => ok
        till set-treasurer-limit 1 EUR                                           => ok
        till set-treasurer-limit 1 EUR                                           => ok
        till get-treasurer-limit 9 EUR                                           => UnknownItem(Item { kind: "store", id: 9 })
        till get-treasurer-limit 1 -                                             => OutOfRange(Range { parameter: "asset", given: 0, min: 1, max: 12 })
        till get-treasurer-limit 1 EUR                                           => TreasurerStatus { limit: None, given-today: 0 }
    "#]]);
}
