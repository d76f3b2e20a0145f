//! Returns: approval, transport, refunds and goodwill.

use expect_test::expect;

use super::table::check;

#[test]
fn goods_come_back() {
    check(expect![[r#"
        alice place-order EUR 1@1x2,2@1x3 3000     => 1
        carl accept 1                              => ok
        carl ship 1 0x2,1x3 -                      => 1
        carl deliver 1 1                           => ok
        alice request-return 1 0x1,1x2 "too small" => ok
        sub 1                                      => return-requested 6000; 2999 0 0 0; 2/0/2/2/0 0, 3/0/3/3/0 0
        carl approve-return 1                      => ok
        sub 1                                      => return-approved 16000; 2999 0 0 0; 2/0/2/2/0 0, 3/0/3/3/0 0
        alice ship-return 1 Post                   => ok
        sub 1                                      => return-shipped 7000; 2999 0 0 0; 2/0/2/2/0 0, 3/0/3/3/0 0
        tess receive-return 1 restock              => ok
        sub 1                                      => returned 1000; 2999 1583 1381 35; 2/0/2/2/1 950, 3/0/3/3/2 633
        balances                                   => till 1381+0, alice 998584+0, bob 1000000+0, plat 35+0
        stock                                      => 1@1 99-0, 1@2 10-0, 2@1 99-0, 3@3 100-0
        alice get-return 1                         => ReturnCase { sub-order: 1, lines: [LineQuantity { line: 0, quantity: 1 }, LineQuantity { line: 1, quantity: 2 }], reason: "too small", documents: [Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 }], carrier: "Post", tracking: "R-1" }
        events
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 2999, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 2999, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 2, reserved: 2, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }, Line { variant: 2, location: 1, unit-price: 333, ordered: 3, reserved: 3, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 1, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | OrderShipped(Shipment { sub-order: 1, number: 1, lines: [LineQuantity { line: 0, quantity: 2 }, LineQuantity { line: 1, quantity: 3 }], carrier: "Fast", carrier-account: None, tracking: "T-1", shipped-ms: 1000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 1, state: SubOrderState::Shipped, deadline-ms: Some(31000), by: carl })
          | DeliveryRecorded(Delivery { sub-order: 1, shipment: 1, delivered-ms: 1000, proof: Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 } })
          | OrderDelivered(SubOrderChange { sub-order: 1, state: SubOrderState::Delivered, deadline-ms: Some(41000), by: carl })
          | ReturnRequested(ReturnCase { sub-order: 1, lines: [LineQuantity { line: 0, quantity: 1 }, LineQuantity { line: 1, quantity: 2 }], reason: "too small", documents: [Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 }], carrier: "", tracking: "" })
          | ReturnChanged(SubOrderChange { sub-order: 1, state: SubOrderState::ReturnRequested, deadline-ms: Some(6000), by: alice })
          | ReturnChanged(SubOrderChange { sub-order: 1, state: SubOrderState::ReturnApproved, deadline-ms: Some(16000), by: carl })
          | ReturnShipped(ReturnShipment { sub-order: 1, carrier: "Post", tracking: "R-1" })
          | ReturnChanged(SubOrderChange { sub-order: 1, state: SubOrderState::ReturnShipped, deadline-ms: Some(7000), by: alice })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 1583, paid: 1381, fee: 35, lines: [LineRefund { line: 0, quantity: 1, amount: 950, goodwill: 0 }, LineRefund { line: 1, quantity: 2, amount: 633, goodwill: 0 }] })
          | ReturnReceived(ReturnReceipt { sub-order: 1, restocked: true })
          | ReturnChanged(SubOrderChange { sub-order: 1, state: SubOrderState::Returned, deadline-ms: None, by: tess })
    "#]]);
}

#[test]
fn returns_are_declined_or_given_up() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000             => 1
        carl accept 1                                => ok
        carl ship 1 0x1 -                            => 1
        carl deliver 1 1                             => ok
        alice request-return 1 0x1 "changed my mind" => ok
        carl decline-return 1                        => ok
        sub 1                                        => return-declined 41000; 1000 0 0 0; 1/0/1/1/0 0
        alice request-return 1 0x1 again             => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "return-declined", action: "request-return" })
        alice confirm 1                              => ok
        sub 1                                        => completed 1000; 1000 0 975 25; 1/0/1/1/0 0
        alice place-order EUR 1@1x1 3000             => 2
        carl accept 2                                => ok
        carl ship 2 0x1 -                            => 1
        carl deliver 2 1                             => ok
        alice request-return 2 0x1 "changed my mind" => ok
        alice confirm 2                              => ok
        sub 2                                        => completed 1000; 1000 0 975 25; 1/0/1/1/0 0
        alice place-order EUR 1@1x1 3000             => 3
        carl accept 3                                => ok
        carl ship 3 0x1 -                            => 1
        carl deliver 3 1                             => ok
        alice request-return 3 0x1 "changed my mind" => ok
        carl approve-return 3                        => ok
        alice confirm 3                              => ok
        sub 3                                        => completed 1000; 1000 0 975 25; 1/0/1/1/0 0
        stock                                        => 1@1 97-0, 1@2 10-0, 2@1 100-0, 3@3 100-0
    "#]]);
}

#[test]
fn a_goodwill_refund_counts_against_the_return() {
    check(expect![[r#"
        alice place-order EUR 2@1x3 3000  => 1
        carl accept 1                     => ok
        carl ship 1 0x3 -                 => 1
        carl deliver 1 1                  => ok
        tess refund 1 0 500               => ok
        alice request-return 1 0x3 broken => ok
        carl approve-return 1             => ok
        alice ship-return 1 Post          => ok
        tess receive-return 1 scrap       => ok
        sub 1                             => returned 1000; 999 975 24 0; 3/0/3/3/3 975
        balances                          => till 24+0, alice 999976+0, bob 1000000+0
        stock                             => 1@1 100-0, 1@2 10-0, 2@1 97-0, 3@3 100-0
    "#]]);
}

/// After half the price of a line by goodwill, half of its pieces come back for a quarter of its price. The same
/// counts for pieces that are cancelled or not delivered.
#[test]
fn goodwill_counts_for_each_piece() {
    check(expect![[r#"
        alice place-order EUR 1@1x10 10000 => 1
        carl accept 1                      => ok
        carl ship 1 0x10 -                 => 1
        carl deliver 1 1                   => ok
        tess refund 1 0 5000               => ok
        alice request-return 1 0x5 broken  => ok
        carl approve-return 1              => ok
        alice ship-return 1 Post           => ok
        tess receive-return 1 scrap        => ok
        sub 1                              => returned 1000; 10000 7375 2560 65; 10/0/10/10/5 7375
        bob place-order EUR 3@3x10 10000   => 2
        nina refund 2 0 1001               => ok
        nina accept 2                      => ok
        nina ship 2 0x3 -                  => 1
        nina ship 2 0x4 -                  => 2
        nina cancel-unshipped 2            => ok
        sub 2                              => shipped 31000; 5000 2201 0 0; 10/0/7/0/0 2201
        nina deliver 2 1                   => ok
        at 31000
        stranger advance 2                 => ok
        sub 2                              => delivered 71000; 5000 3801 0 0; 10/0/7/3/0 3801
        nina refund 2 0 1200               => InsufficientEscrow(EscrowShortfall { line: 0, available: 1199, needed: 1200 })
        nina refund 2 0 1199               => ok
        bob request-return 2 0x3 broken    => ok
        nina approve-return 2              => ok
        bob ship-return 2 Post             => ok
        nina receive-return 2 scrap        => ok
        sub 2                              => returned 31000; 5000 5000 0 0; 10/0/7/3/3 5000
    "#]]);
}

#[test]
fn parties_and_numbers_are_checked() {
    check(expect![[r#"
        alice place-order EUR 1@1x2,2@1x2 3000 => 1
        carl accept 1                          => ok
        carl ship 1 0x1 -                      => 1
        carl deliver 1 1                       => ok
        carl cancel-unshipped 1                => ok
        sub 1                                  => delivered 41000; 2666 1666 0 0; 2/0/1/1/0 1000, 2/0/0/0/0 666
        bob request-return 1 0x1 broken        => WrongParty(Party { account: Some(alice), organisation: None, role: Some("buyer") })
        carl request-return 1 0x1 broken       => WrongParty(Party { account: Some(alice), organisation: None, role: Some("buyer") })
        alice request-return 1 0x2 broken      => InsufficientQuantity(QuantityShortfall { line: 0, available: 1, needed: 2 })
        alice request-return 1 1x1 broken      => InsufficientQuantity(QuantityShortfall { line: 1, available: 0, needed: 1 })
        alice request-return 1 2x1 broken      => UnknownItem(Item { kind: "line", id: 2 })
        alice request-return 1 0x1,0x1 broken  => Duplicate(ListEntry { list: "lines", position: 1 })
        alice request-return 1 - broken        => OutOfRange(Range { parameter: "lines", given: 0, min: 1, max: 16 })
        alice request-return 1 0x1 -           => OutOfRange(Range { parameter: "reason", given: 0, min: 1, max: 280 })
        alice request-return 1 0x1 281*x       => OutOfRange(Range { parameter: "reason", given: 281, min: 1, max: 280 })
        alice request-return 1 0x1 broken      => ok
        alice approve-return 1                 => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina approve-return 1                  => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        tess approve-return 1                  => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        alice decline-return 1                 => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        carl approve-return 1                  => ok
        carl ship-return 1 Post                => WrongParty(Party { account: Some(alice), organisation: None, role: Some("buyer") })
        alice ship-return 1 -                  => OutOfRange(Range { parameter: "carrier", given: 0, min: 1, max: 64 })
        alice ship-return 1 65*x               => OutOfRange(Range { parameter: "carrier", given: 65, min: 1, max: 64 })
        alice ship-return 1 Post               => ok
        alice receive-return 1 restock         => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        till receive-return 1 restock          => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina receive-return 1 restock          => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        alice get-return 2                     => UnknownItem(Item { kind: "return-case", id: 2 })
        tess receive-return 1 scrap            => ok
        alice request-return 1 0x1 broken      => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "returned", action: "request-return" })
    "#]]);
}
