//! Sub-orders from acceptance to payment, cancellation or goodwill, and rounding.

use expect_test::expect;

use super::table::check;

#[test]
fn an_order_goes_its_way() {
    check(expect![[r#"
        alice place-order EUR 1@1x2,2@1x3 3000 => 1
        at 2000
        carl accept 1                          => ok
        sub 1                                  => accepted 22000; 2999 0 0 0; 2/2/0/0/0 0, 3/3/0/0/0 0
        carl ship 1 0x1 fast                   => 1
        sub 1                                  => partially-shipped 22000; 2999 0 0 0; 2/1/1/0/0 0, 3/3/0/0/0 0
        stock                                  => 1@1 99-1, 1@2 10-0, 2@1 100-3, 3@3 100-0
        fast deliver 1 1                       => ok
        sub 1                                  => partially-shipped 22000; 2999 0 0 0; 2/1/1/1/0 0, 3/3/0/0/0 0
        carl ship 1 0x1,1x3 -                  => 2
        sub 1                                  => shipped 32000; 2999 0 0 0; 2/0/2/1/0 0, 3/0/3/0/0 0
        carl deliver 1 2                       => ok
        sub 1                                  => delivered 42000; 2999 0 0 0; 2/0/2/2/0 0, 3/0/3/3/0 0
        alice confirm 1                        => ok
        sub 1                                  => completed 2000; 2999 0 2925 74; 2/0/2/2/0 0, 3/0/3/3/0 0
        balances                               => till 2925+0, alice 997001+0, bob 1000000+0, plat 74+0
        stock                                  => 1@1 98-0, 1@2 10-0, 2@1 97-0, 3@3 100-0
        alice get-shipment 1 1                 => Shipment { sub-order: 1, number: 1, lines: [LineQuantity { line: 0, quantity: 1 }], carrier: "Fast", carrier-account: Some(fast), tracking: "T-1", shipped-ms: 2000, delivered-ms: Some(2000), proof: Some(Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 }) }
        events
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 2999, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 2999, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 2, reserved: 2, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }, Line { variant: 2, location: 1, unit-price: 333, ordered: 3, reserved: 3, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 1, state: SubOrderState::Accepted, deadline-ms: Some(22000), by: carl })
          | OrderShipped(Shipment { sub-order: 1, number: 1, lines: [LineQuantity { line: 0, quantity: 1 }], carrier: "Fast", carrier-account: Some(fast), tracking: "T-1", shipped-ms: 2000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 1, state: SubOrderState::PartiallyShipped, deadline-ms: Some(22000), by: carl })
          | DeliveryRecorded(Delivery { sub-order: 1, shipment: 1, delivered-ms: 2000, proof: Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 } })
          | OrderShipped(Shipment { sub-order: 1, number: 2, lines: [LineQuantity { line: 0, quantity: 1 }, LineQuantity { line: 1, quantity: 3 }], carrier: "Fast", carrier-account: None, tracking: "T-1", shipped-ms: 2000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 1, state: SubOrderState::Shipped, deadline-ms: Some(32000), by: carl })
          | DeliveryRecorded(Delivery { sub-order: 1, shipment: 2, delivered-ms: 2000, proof: Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 } })
          | OrderDelivered(SubOrderChange { sub-order: 1, state: SubOrderState::Delivered, deadline-ms: Some(42000), by: carl })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 0, paid: 2925, fee: 74, lines: [] })
          | OrderConfirmed(SubOrderChange { sub-order: 1, state: SubOrderState::Completed, deadline-ms: None, by: alice })
    "#]]);
}

#[test]
fn orders_are_declined_and_cancelled() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 1000 => 1
        carl decline 1                   => ok
        sub 1                            => declined 1000; 1000 1000 0 0; 1/0/0/0/0 0
        alice place-order EUR 1@1x1 1000 => 2
        alice cancel 2                   => ok
        sub 2                            => cancelled 1000; 1000 1000 0 0; 1/0/0/0/0 0
        alice place-order EUR 1@1x1 1000 => 3
        sam cancel 3                     => ok
        sub 3                            => cancelled 1000; 1000 1000 0 0; 1/0/0/0/0 0
        alice place-order EUR 2@1x1 1000 => 4
        carl accept 4                    => ok
        alice cancel 4                   => ok
        sub 4                            => cancelled 1000; 333 300 33 0; 1/0/0/0/0 0
        alice place-order EUR 1@1x1 1000 => 5
        carl accept 5                    => ok
        carl cancel 5                    => ok
        sub 5                            => cancelled 1000; 1000 1000 0 0; 1/0/0/0/0 0
        alice place-order EUR 3@3x1 1000 => 6
        nina accept 6                    => ok
        alice cancel 6                   => NotCancellable
        nina cancel 6                    => ok
        sub 6                            => cancelled 1000; 500 500 0 0; 1/0/0/0/0 0
        balances                         => till 33+0, alice 999967+0, bob 1000000+0
        stock                            => 1@1 100-0, 1@2 10-0, 2@1 100-0, 3@3 100-0
        events
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 1000, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 1000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 1000, paid: 0, fee: 0, lines: [] })
          | OrderDeclined(SubOrderChange { sub-order: 1, state: SubOrderState::Declined, deadline-ms: None, by: carl })
          | OrderPlaced(PlacedOrder { order: Order { id: 2, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 1000, hold: 2, placed-ms: 1000, sub-orders: [2], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 2, order: 2, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 2, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 1000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | CancellationCounted(CancellationCount { store: 1, organisation: "home", cancelled-today: 1, at-ms: 1000 })
          | EscrowPaid(EscrowPayment { sub-order: 2, refunded: 1000, paid: 0, fee: 0, lines: [] })
          | OrderCancelled(SubOrderChange { sub-order: 2, state: SubOrderState::Cancelled, deadline-ms: None, by: alice })
          | OrderPlaced(PlacedOrder { order: Order { id: 3, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 1000, hold: 3, placed-ms: 1000, sub-orders: [3], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 3, order: 3, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 3, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 1000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | EscrowPaid(EscrowPayment { sub-order: 3, refunded: 1000, paid: 0, fee: 0, lines: [] })
          | OrderCancelled(SubOrderChange { sub-order: 3, state: SubOrderState::Cancelled, deadline-ms: None, by: sam })
          | OrderPlaced(PlacedOrder { order: Order { id: 4, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 333, hold: 4, placed-ms: 1000, sub-orders: [4], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 4, order: 4, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 4, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 333, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 2, location: 1, unit-price: 333, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 4, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | EscrowPaid(EscrowPayment { sub-order: 4, refunded: 300, paid: 33, fee: 0, lines: [] })
          | OrderCancelled(SubOrderChange { sub-order: 4, state: SubOrderState::Cancelled, deadline-ms: None, by: alice })
          | OrderPlaced(PlacedOrder { order: Order { id: 5, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 1000, hold: 5, placed-ms: 1000, sub-orders: [5], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 5, order: 5, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 5, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 1000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 5, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | EscrowPaid(EscrowPayment { sub-order: 5, refunded: 1000, paid: 0, fee: 0, lines: [] })
          | OrderCancelled(SubOrderChange { sub-order: 5, state: SubOrderState::Cancelled, deadline-ms: None, by: carl })
          | OrderPlaced(PlacedOrder { order: Order { id: 6, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 500, hold: 6, placed-ms: 1000, sub-orders: [6], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 6, order: 6, store: 2, organisation: "nord", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 6, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: None, restocking-fee: 0, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 500, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 3, location: 3, unit-price: 500, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 6, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: nina })
          | EscrowPaid(EscrowPayment { sub-order: 6, refunded: 500, paid: 0, fee: 0, lines: [] })
          | OrderCancelled(SubOrderChange { sub-order: 6, state: SubOrderState::Cancelled, deadline-ms: None, by: nina })
    "#]]);
}

#[test]
fn the_rest_of_an_order_is_cancelled() {
    check(expect![[r#"
        alice place-order EUR 1@1x2,2@1x3 3000 => 1
        carl accept 1                          => ok
        carl ship 1 0x1,1x1 -                  => 1
        carl cancel-unshipped 1                => ok
        sub 1                                  => shipped 31000; 2999 1666 0 0; 2/0/1/0/0 1000, 3/0/1/0/0 666
        balances                               => alice 998667+1333, bob 1000000+0
        stock                                  => 1@1 99-0, 1@2 10-0, 2@1 99-0, 3@3 100-0
        carl deliver 1 1                       => ok
        sub 1                                  => delivered 41000; 2999 1666 0 0; 2/0/1/1/0 1000, 3/0/1/1/0 666
        alice confirm 1                        => ok
        balances                               => till 1300+0, alice 998667+0, bob 1000000+0, plat 33+0
        alice place-order EUR 1@1x2 3000       => 2
        carl accept 2                          => ok
        carl ship 2 0x1 -                      => 1
        carl deliver 2 1                       => ok
        sub 2                                  => partially-shipped 21000; 2000 0 0 0; 2/1/1/1/0 0
        carl cancel-unshipped 2                => ok
        sub 2                                  => delivered 41000; 2000 1000 0 0; 2/0/1/1/0 1000
        events
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 2999, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 2999, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 2, reserved: 2, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }, Line { variant: 2, location: 1, unit-price: 333, ordered: 3, reserved: 3, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 1, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | OrderShipped(Shipment { sub-order: 1, number: 1, lines: [LineQuantity { line: 0, quantity: 1 }, LineQuantity { line: 1, quantity: 1 }], carrier: "Fast", carrier-account: None, tracking: "T-1", shipped-ms: 1000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 1, state: SubOrderState::PartiallyShipped, deadline-ms: Some(21000), by: carl })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 1666, paid: 0, fee: 0, lines: [LineRefund { line: 0, quantity: 1, amount: 1000, goodwill: 0 }, LineRefund { line: 1, quantity: 2, amount: 666, goodwill: 0 }] })
          | UnshippedCancelled(SubOrderChange { sub-order: 1, state: SubOrderState::Shipped, deadline-ms: Some(31000), by: carl })
          | DeliveryRecorded(Delivery { sub-order: 1, shipment: 1, delivered-ms: 1000, proof: Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 } })
          | OrderDelivered(SubOrderChange { sub-order: 1, state: SubOrderState::Delivered, deadline-ms: Some(41000), by: carl })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 0, paid: 1300, fee: 33, lines: [] })
          | OrderConfirmed(SubOrderChange { sub-order: 1, state: SubOrderState::Completed, deadline-ms: None, by: alice })
          | OrderPlaced(PlacedOrder { order: Order { id: 2, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 2000, hold: 2, placed-ms: 1000, sub-orders: [2], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 2, order: 2, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 2, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 2000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 2, reserved: 2, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 2, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | OrderShipped(Shipment { sub-order: 2, number: 1, lines: [LineQuantity { line: 0, quantity: 1 }], carrier: "Fast", carrier-account: None, tracking: "T-1", shipped-ms: 1000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 2, state: SubOrderState::PartiallyShipped, deadline-ms: Some(21000), by: carl })
          | DeliveryRecorded(Delivery { sub-order: 2, shipment: 1, delivered-ms: 1000, proof: Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 } })
          | EscrowPaid(EscrowPayment { sub-order: 2, refunded: 1000, paid: 0, fee: 0, lines: [LineRefund { line: 0, quantity: 1, amount: 1000, goodwill: 0 }] })
          | UnshippedCancelled(SubOrderChange { sub-order: 2, state: SubOrderState::Shipped, deadline-ms: Some(31000), by: carl })
          | OrderDelivered(SubOrderChange { sub-order: 2, state: SubOrderState::Delivered, deadline-ms: Some(41000), by: carl })
    "#]]);
}

#[test]
fn a_store_refunds_by_goodwill() {
    check(expect![[r#"
        alice place-order EUR 1@1x2,2@1x1 3000 => 1
        carl refund 1 0 100                    => ok
        carl refund 1 0 101                    => OverSingleLimit(OverSingleLimit { amount: 101, max: 100 })
        sam refund 1 0 101                     => OverSingleLimit(OverSingleLimit { amount: 101, max: 100 })
        tess refund 1 0 101                    => ok
        tess refund 1 1 334                    => InsufficientEscrow(EscrowShortfall { line: 1, available: 333, needed: 334 })
        tess refund 1 1 333                    => ok
        tess refund 1 1 1                      => InsufficientEscrow(EscrowShortfall { line: 1, available: 0, needed: 1 })
        tess refund 1 2 1                      => UnknownItem(Item { kind: "line", id: 2 })
        tess refund 1 0 0                      => ZeroAmount
        till refund 1 0 1                      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina refund 1 0 1                      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        alice refund 1 0 1                     => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        sub 1                                  => placed 11000; 2333 534 0 0; 2/2/0/0/0 201, 1/1/0/0/0 333
        carl accept 1                          => ok
        carl ship 1 0x1 -                      => 1
        carl cancel-unshipped 1                => ok
        sub 1                                  => shipped 31000; 2333 1434 0 0; 2/0/1/0/0 1101, 1/0/0/0/0 333
        alice confirm 1                        => ok
        sub 1                                  => completed 1000; 2333 1434 877 22; 2/0/1/0/0 1101, 1/0/0/0/0 333
        tess refund 1 0 1                      => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "completed", action: "refund" })
        balances                               => till 877+0, alice 999101+0, bob 1000000+0, plat 22+0
    "#]]);
}

#[test]
fn everything_may_be_refunded() {
    check(expect![[r#"
        alice place-order EUR 2@1x1 3000   => 1
        carl accept 1                      => ok
        tess refund 1 0 333                => ok
        carl ship 1 0x1 -                  => 1
        alice open-dispute 1 10000 nothing => ZeroAmount
        alice confirm 1                    => ok
        sub 1                              => completed 1000; 333 333 0 0; 1/0/1/0/0 333
        balances                           => alice 1000000+0, bob 1000000+0
        alice commit 1 buyer 5             => BelowRatingMinimum(Some(1))
    "#]]);
}

#[test]
fn the_fee_is_rounded_down() {
    check(expect![[r#"
        sam set-prices 1 EUR:39:0:-    => ok
        alice place-order EUR 1@1x1 39 => 1
        admin set-settings 2000        => ok
        sam set-prices 1 EUR:40:0:-    => ok
        alice place-order EUR 1@1x1 40 => 2
        at 11000
        sam set-prices 1 EUR:4:0:-     => ok
        alice place-order EUR 1@1x1 4  => 3
        sam set-prices 1 EUR:5:0:-     => ok
        alice place-order EUR 1@1x1 5  => 4
        at 10999
        carl accept 1                  => ok
        carl ship 1 0x1 -              => 1
        alice confirm 1                => ok
        sub 1                          => completed 10999; 39 0 39 0; 1/0/1/0/0 0
        carl accept 2                  => ok
        carl ship 2 0x1 -              => 1
        alice confirm 2                => ok
        sub 2                          => completed 10999; 40 0 39 1; 1/0/1/0/0 0
        carl accept 3                  => ok
        carl ship 3 0x1 -              => 1
        alice confirm 3                => ok
        sub 3                          => completed 10999; 4 0 4 0; 1/0/1/0/0 0
        carl accept 4                  => ok
        carl ship 4 0x1 -              => 1
        alice confirm 4                => ok
        sub 4                          => completed 10999; 5 0 4 1; 1/0/1/0/0 0
        balances                       => till 86+0, alice 999912+0, bob 1000000+0, plat 2+0
    "#]]);
}

#[test]
fn parties_and_numbers_are_checked() {
    check(expect![[r#"
        alice place-order EUR 1@1x2,2@1x2 3000 => 1
        alice accept 1                         => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina accept 1                          => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        tess accept 1                          => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        alice decline 1                        => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        bob cancel 1                           => NotAParty(Item { kind: "sub-order", id: 1 })
        tess cancel 1                          => NotAParty(Item { kind: "sub-order", id: 1 })
        carl accept 2                          => UnknownItem(Item { kind: "sub-order", id: 2 })
        carl accept 1                          => ok
        carl accept 1                          => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "accepted", action: "accept" })
        carl ship 1 0x3 -                      => InsufficientQuantity(QuantityShortfall { line: 0, available: 2, needed: 3 })
        carl ship 1 2x1 -                      => UnknownItem(Item { kind: "line", id: 2 })
        carl ship 1 0x0 -                      => OutOfRange(Range { parameter: "quantity", given: 0, min: 1, max: 1000000 })
        carl ship 1 0x1,0x1 -                  => Duplicate(ListEntry { list: "lines", position: 1 })
        carl ship 1 - -                        => OutOfRange(Range { parameter: "lines", given: 0, min: 1, max: 16 })
        carl ship 1 0x1 nobody                 => InactiveAccount(nobody)
        alice ship 1 0x1 -                     => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        tess ship 1 0x1 -                      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        carl ship 1 0x1 fast                   => 1
        alice deliver 1 1                      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        bob deliver 1 1                        => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        tess deliver 1 1                       => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        carl deliver 1 2                       => UnknownItem(Item { kind: "shipment", id: 2 })
        carl deliver 1 0                       => UnknownItem(Item { kind: "shipment", id: 0 })
        fast deliver 1 1                       => ok
        fast deliver 1 1                       => AlreadyDelivered(Item { kind: "shipment", id: 1 })
        carl deliver 1 1                       => AlreadyDelivered(Item { kind: "shipment", id: 1 })
        alice cancel-unshipped 1               => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        tess cancel-unshipped 1                => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        carl confirm 1                         => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "partially-shipped", action: "confirm" })
        carl ship 1 0x1,1x2 -                  => 2
        carl confirm 1                         => WrongParty(Party { account: Some(alice), organisation: None, role: Some("buyer") })
        bob confirm 1                          => WrongParty(Party { account: Some(alice), organisation: None, role: Some("buyer") })
        alice confirm 1                        => ok
        alice confirm 1                        => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "completed", action: "confirm" })
    "#]]);
}

#[test]
fn frozen_parties_block_nothing() {
    check(expect![[r#"
        alice place-order EUR 1@1x2 3000 => 1
        carl accept 1                    => ok
        carl ship 1 0x1 -                => 1
        freeze till
        freeze plat
        freeze alice
        carl cancel-unshipped 1          => ok
        at 40000
        stranger advance 1               => ok
        sub 1                            => undelivered 40000; 2000 2000 0 0; 2/0/1/0/0 1000
        thaw alice
        alice place-order EUR 1@1x2 3000 => 2
        carl accept 2                    => ok
        carl ship 2 0x2 -                => 1
        carl deliver 2 1                 => ok
        at 90000
        stranger advance 2               => ok
        sub 2                            => completed 90000; 2000 0 1950 50; 2/0/2/2/0 0
        balances                         => till 1950+0, alice 998000+0, bob 1000000+0, plat 50+0
    "#]]);
}
