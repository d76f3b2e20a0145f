//! Placing orders: reservation, escrow, repetition and refusals.

use expect_test::expect;

use super::table::check;

#[test]
fn an_order_sets_money_aside_and_reserves_goods() {
    check(expect![[r#"
        alice place-order EUR 1@1x2,2@1x3 3000 => 1
        balances                               => alice 997001+2999, bob 1000000+0
        stock                                  => 1@1 100-2, 1@2 10-0, 2@1 100-3, 3@3 100-0
        sub 1                                  => placed 11000; 2999 0 0 0; 2/2/0/0/0 0, 3/3/0/0/0 0
        alice get-order 1                      => Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 2999, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }
        alice get-sub-order 1                  => SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 2999, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 2, reserved: 2, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }, Line { variant: 2, location: 1, unit-price: 333, ordered: 3, reserved: 3, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }
        events
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 2999, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 2999, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 2, reserved: 2, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }, Line { variant: 2, location: 1, unit-price: 333, ordered: 3, reserved: 3, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
    "#]]);
}

#[test]
fn an_order_is_split_by_store() {
    check(expect![[r#"
        alice place-order EUR 1@1x1,3@3x2,2@1x1,1@2x3 10000 => 1
        sub 1                                               => placed 11000; 4333 0 0 0; 1/1/0/0/0 0, 1/1/0/0/0 0, 3/3/0/0/0 0
        sub 2                                               => placed 11000; 1000 0 0 0; 2/2/0/0/0 0
        balances                                            => alice 994667+5333, bob 1000000+0
        carl accept 1                                       => ok
        nina accept 2                                       => ok
        carl ship 1 0x1,1x1,2x3 -                           => 1
        nina ship 2 0x2 -                                   => 1
        alice confirm 2                                     => ok
        balances                                            => nina 975+0, alice 994667+4333, bob 1000000+0, plat 25+0
        alice confirm 1                                     => ok
        balances                                            => till 4225+0, nina 975+0, alice 994667+0, bob 1000000+0, plat 133+0
        sub 1                                               => completed 1000; 4333 0 4225 108; 1/0/1/0/0 0, 1/0/1/0/0 0, 3/0/3/0/0 0
        sub 2                                               => completed 1000; 1000 0 975 25; 2/0/2/0/0 0
    "#]]);
}

#[test]
fn orders_are_refused_as_a_whole() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 999                      => PriceAboveMax(PriceAboveMax { price: 1000, price-max: 999 })
        alice place-order EUR 1@1x101 1000000                => InsufficientStock(StockShortfall { variant: 1, location: 1, available: 100, needed: 101 })
        alice place-order EUR 1@1x60,1@1x41 1000000          => InsufficientStock(StockShortfall { variant: 1, location: 1, available: 40, needed: 41 })
        alice place-order EUR 1@3x1 1000                     => WrongLocation(Item { kind: "location", id: 3 })
        alice place-order EUR 1@9x1 1000                     => UnknownItem(Item { kind: "location", id: 9 })
        alice place-order EUR 9@1x1 1000                     => UnknownItem(Item { kind: "variant", id: 9 })
        alice place-order EUR - 1000                         => OutOfRange(Range { parameter: "lines", given: 0, min: 1, max: 16 })
        alice place-order EUR 1@1x0 1000                     => OutOfRange(Range { parameter: "quantity", given: 0, min: 1, max: 1000000 })
        alice place-order EUR 1@1x1000001 1000               => OutOfRange(Range { parameter: "quantity", given: 1000001, min: 1, max: 1000000 })
        alice place-order - 1@1x1 1000                       => MalformedAssetId("")
        alice place-order ABCDEFGHIJKLM 1@1x1 1000           => MalformedAssetId("ABCDEFGHIJKLM")
        sam place-order EUR 1@1x1 1000                       => OwnStore(1)
        carl place-order EUR 3@3x1,1@1x1 10000               => OwnStore(1)
        carl place-order EUR 3@3x1 10000                     => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 500 }))
        nobody place-order EUR 1@1x1 1000                    => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 1000 }))
        marketplace/alice place-order EUR 1@1x1 1000         => ModuleCaller("marketplace")
        alice place-order EUR 1@1x100,1@2x10,2@1x100 1000000 => 1
        bob place-order EUR 1@1x1 1000                       => InsufficientStock(StockShortfall { variant: 1, location: 1, available: 0, needed: 1 })
        sam set-prices 1 EUR:max:0:-                         => ok
        nina set-prices 3 EUR:max:0:-                        => ok
        nina add-stock 3 3 5 -                               => ok
        carl add-stock 1 1 5 -                               => ok
        bob place-order EUR 1@1x2 max                        => AmountOverflow
        bob place-order EUR 1@1x1,1@1x1 max                  => AmountOverflow
        bob place-order EUR 1@1x1,3@3x1 max                  => AmountOverflow
        bob place-order EUR 1@1x1 max                        => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 1000000, needed: 18446744073709551615 }))
        balances                                             => alice 856700+143300, bob 1000000+0
        stock                                                => 1@1 105-100, 1@2 10-10, 2@1 100-100, 3@3 105-0
    "#]]);
}

#[test]
fn a_repeated_key_has_no_effect() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 1000 key=a    => 1
        alice place-order EUR 1@1x1 1000 key=a    => 1
        alice place-order EUR 1@1x1 1001 key=a    => KeyReused
        bob place-order EUR 1@1x1 1000 key=a      => 2
        alice place-order EUR 1@1x1 1000 key=b    => 3
        alice place-order EUR 1@1x1 1000 key=65*x => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        alice cancel 1 key=c                      => ok
        alice cancel 1 key=c                      => ok
        alice cancel 1 key=d                      => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "cancelled", action: "cancel" })
        balances                                  => alice 999000+1000, bob 999000+1000
        stock                                     => 1@1 100-2, 1@2 10-0, 2@1 100-0, 3@3 100-0
        at 604801000
        alice place-order EUR 1@1x1 1000 key=a    => 4
    "#]]);
}

/// One organisation does not keep a stock from others with orders that the store has not accepted.
#[test]
fn unaccepted_orders_reserve_a_share_of_a_stock() {
    check(expect![[r#"
        sam set-store 1 Acme scarce             => ok
        at 11000
        alice place-order EUR 1@1x26 26000      => OverReserveShare(StockShortfall { variant: 1, location: 1, available: 25, needed: 26 })
        alice place-order EUR 1@1x20 26000      => 1
        ben place-order EUR 1@1x6 26000         => OverReserveShare(StockShortfall { variant: 1, location: 1, available: 5, needed: 6 })
        bob place-order EUR 1@1x25 26000        => 2
        alice place-order EUR 1@1x5 26000       => 3
        alice place-order EUR 1@1x1 26000       => OverReserveShare(StockShortfall { variant: 1, location: 1, available: 0, needed: 1 })
        alice place-order EUR 1@2x2,1@2x2 26000 => OverReserveShare(StockShortfall { variant: 1, location: 2, available: 1, needed: 2 })
        alice place-order EUR 1@2x2,1@2x1 26000 => 4
        carl accept 1                           => ok
        alice place-order EUR 1@1x20 26000      => 5
        alice cancel 5                          => ok
        alice place-order EUR 1@1x20 26000      => 6
        at 21000
        stranger advance-due 32                 => 4
        alice place-order EUR 1@1x20 26000      => 7
        stock                                   => 1@1 100-40, 1@2 10-0, 2@1 100-0, 3@3 100-0
    "#]]);
}
