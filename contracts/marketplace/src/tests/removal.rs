//! Removal of what ended long ago from the state.

use expect_test::expect;

use super::table::check;

/// A sub-order leaves 400 days after it ended, with all that belongs to it, and its order with the last of them. The scores
/// stay, and a call that is repeated with its key pays nothing again.
#[test]
fn orders_leave_the_state() {
    check(expect![[r#"
        alice place-order EUR 1@1x2,3@3x1 3000 key=buy => 1
        carl accept 1                                  => ok
        carl ship 1 0x2 fast                           => 1
        carl deliver 1 1                               => ok
        alice request-return 1 0x1 broken              => ok
        carl decline-return 1                          => ok
        alice open-dispute 1 5000 broken               => ok
        tess accept-settlement 1 key=settle            => ok
        alice commit 1 buyer 5                         => ok
        carl commit 1 seller 4                         => ok
        alice reveal 1 5                               => ok
        carl reveal 1 4                                => ok
        at 2000
        nina accept 2                                  => ok
        nina decline 2                                 => WrongState(WrongState { item: Item { kind: "sub-order", id: 2 }, state: "accepted", action: "decline" })
        at 31000
        stranger advance 2                             => ok
        sub 1                                          => resolved 1000; 2000 1000 975 25; 2/0/2/2/0 0
        sub 2                                          => cancelled 31000; 500 500 0 0; 1/0/0/0/0 0
        alice list-due 10                              => ([], None)
        events
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 2500, hold: 1, placed-ms: 1000, sub-orders: [1, 2], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 2000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 2, reserved: 2, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }, SubOrder { id: 2, order: 1, store: 2, organisation: "nord", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: None, restocking-fee: 0, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 500, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 3, location: 3, unit-price: 500, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 1, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | OrderShipped(Shipment { sub-order: 1, number: 1, lines: [LineQuantity { line: 0, quantity: 2 }], carrier: "Fast", carrier-account: Some(fast), tracking: "T-1", shipped-ms: 1000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 1, state: SubOrderState::Shipped, deadline-ms: Some(31000), by: carl })
          | DeliveryRecorded(Delivery { sub-order: 1, shipment: 1, delivered-ms: 1000, proof: Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 } })
          | OrderDelivered(SubOrderChange { sub-order: 1, state: SubOrderState::Delivered, deadline-ms: Some(41000), by: carl })
          | ReturnRequested(ReturnCase { sub-order: 1, lines: [LineQuantity { line: 0, quantity: 1 }], reason: "broken", documents: [Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 }], carrier: "", tracking: "" })
          | ReturnChanged(SubOrderChange { sub-order: 1, state: SubOrderState::ReturnRequested, deadline-ms: Some(6000), by: alice })
          | ReturnChanged(SubOrderChange { sub-order: 1, state: SubOrderState::ReturnDeclined, deadline-ms: Some(41000), by: carl })
          | DisputeOpened(Dispute { id: 1, item-id: 1, payer: alice, payee: till, payer-organisation: Some("home"), payee-organisation: Some("acme"), arbiter-agreed: false, claimant: Side::Payer, amount: 2000, reason: "broken", terms: Terms { arbiter: Arbiter::Registered, fee: 0, default-to-payer: 5000, windows: Windows { response-ms: 60000, evidence-ms: 60000, offer-ms: 60000, ruling-ms: 60000, appeal-ms: 60000 } }, state: State::Open, deadline-ms: Some(61000), offers: [Offer { by: Side::Payer, to-payer: 5000, at-ms: 1000 }], evidence: [], payer-finished: false, payee-finished: false, deposits: [], assigned: [], rulings: [], appeal: None, outcome: None })
          | OrderDisputeChanged(SubOrderChange { sub-order: 1, state: SubOrderState::Disputed, deadline-ms: Some(61000), by: alice })
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputeAccepted(Side::Payee), state: State::Final, deadline-ms: None, deposit: None, assigned: None, outcome: Some(Outcome { reason: OutcomeReason::Settlement, to-payer: 5000, split: Split { to-payer: 1000, to-payee: 1000 }, payer-costs: 0, payee-costs: 0, at-ms: 1000 }) })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 1000, paid: 975, fee: 25, lines: [] })
          | OrderDisputeChanged(SubOrderChange { sub-order: 1, state: SubOrderState::Resolved, deadline-ms: None, by: tess })
          | RatingCommitted(RatingCommitment { sub-order: 1, by: Side::Buyer, commitment: Hash { a: 15614832310864423238, b: 6466528088169472209, c: 650890464739665789, d: 1391703922335227544 }, deadline-ms: Some(51000) })
          | RatingCommitted(RatingCommitment { sub-order: 1, by: Side::Seller, commitment: Hash { a: 5166758664238376679, b: 414338630296285409, c: 6583235979370473688, d: 14204313812603701149 }, deadline-ms: Some(51000) })
          | RatingRevealing(RatingPhase { sub-order: 1, deadline-ms: Some(26000) })
          | RatingRevealed(RatingReveal { sub-order: 1, by: Side::Buyer, score: 5, comment: "fine" })
          | RatingRevealed(RatingReveal { sub-order: 1, by: Side::Seller, score: 4, comment: "fine" })
          | RatingPublished(RatingPhase { sub-order: 1, deadline-ms: None })
          | OrderAccepted(SubOrderChange { sub-order: 2, state: SubOrderState::Accepted, deadline-ms: Some(22000), by: nina })
          | EscrowPaid(EscrowPayment { sub-order: 2, refunded: 500, paid: 0, fee: 0, lines: [] })
          | DeadlinePassed(SubOrderChange { sub-order: 2, state: SubOrderState::Cancelled, deadline-ms: None, by: stranger })
        at 604801000
        tess accept-settlement 1 key=settle            => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "resolved", action: "accept" })
        at 34560000999
        stranger advance 1                             => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "resolved", action: "expire" })
        alice list-due 10                              => ([], None)
        at 34560001000
        alice list-due 10                              => ([(34560001000, "sub-order", 1)], None)
        stranger advance 1                             => ok
        stranger advance 1                             => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        alice get-sub-order 1                          => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        alice get-shipment 1 1                         => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        alice get-return 1                             => WrongState(WrongState { item: Item { kind: "return-case", id: 1 }, state: "removed", action: "read" })
        alice get-dispute 1                            => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        alice get-rating 1                             => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "removed", action: "read" })
        alice list-shipments 1 - 10                    => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        alice list-sub-orders 1 - 10                   => ([], None)
        alice list-orders alice - 10                   => ([1], None)
        alice list-orders-of home - 10                 => ([1], None)
        sub 2                                          => cancelled 31000; 500 500 0 0; 1/0/0/0/0 0
        carl accept 1                                  => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        carl decline 1                                 => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        alice cancel 1                                 => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        carl ship 1 0x1 fast                           => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        carl cancel-unshipped 1                        => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        fast deliver 1 1                               => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        alice confirm 1                                => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        tess refund 1 0 10                             => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        alice request-return 1 0x1 broken              => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        carl approve-return 1                          => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        carl decline-return 1                          => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        alice ship-return 1 Post                       => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        carl receive-return 1 restock                  => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        alice open-dispute 1 5000 broken               => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        alice respond 1 0                              => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        alice add-evidence 1 note                      => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        alice offer 1 0                                => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        tess accept-settlement 1 key=settle            => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        alice finish-phase 1                           => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        alice request 1                                => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        alice join 1                                   => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        judge rule 1 0                                 => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        alice appeal 1 unfair                          => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        alice commit 1 buyer 5                         => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        alice reveal 1 5                               => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "removed", action: "read" })
        stranger advance-rating 1                      => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "removed", action: "read" })
        at 34560031000
        stranger advance-due 32                        => 1
        alice get-sub-order 2                          => WrongState(WrongState { item: Item { kind: "sub-order", id: 2 }, state: "removed", action: "read" })
        alice get-order 1                              => WrongState(WrongState { item: Item { kind: "order", id: 1 }, state: "removed", action: "read" })
        alice get-order 2                              => UnknownItem(Item { kind: "order", id: 2 })
        alice get-sub-order 3                          => UnknownItem(Item { kind: "sub-order", id: 3 })
        alice get-dispute 3                            => UnknownItem(Item { kind: "dispute", id: 3 })
        alice get-return 3                             => UnknownItem(Item { kind: "return-case", id: 3 })
        alice get-rating 3                             => UnknownItem(Item { kind: "rating", id: 3 })
        alice get-shipment 3 1                         => UnknownItem(Item { kind: "shipment", id: 1 })
        alice list-sub-orders 2 - 10                   => ([], None)
        alice list-orders alice - 10                   => ([], None)
        alice list-orders-of home - 10                 => ([], None)
        alice get-store-rating 1                       => RatingSum { count: 1, sum: 5 }
        alice get-buyer-rating home                    => RatingSum { count: 1, sum: 4 }
        alice list-due 10                              => ([], None)
        balances                                       => till 975+0, alice 999000+0, bob 1000000+0, plat 25+0
        stock                                          => 1@1 98-0, 1@2 10-0, 2@1 100-0, 3@3 100-0
        events
          | Removed(Item { kind: "sub-order", id: 1 })
          | Removed(Item { kind: "sub-order", id: 2 })
          | Removed(Item { kind: "order", id: 1 })
    "#]]);
}

/// Ratings that nobody advanced are over when their sub-order leaves: what was revealed counts, and what could not be
/// revealed in time any more does not.
#[test]
fn silent_ratings_leave_with_their_sub_order() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 1000 => 1
        alice place-order EUR 1@1x1 1000 => 2
        alice place-order EUR 1@1x1 1000 => 3
        carl accept 1                    => ok
        carl accept 2                    => ok
        carl accept 3                    => ok
        carl ship 1 0x1 -                => 1
        carl ship 2 0x1 -                => 1
        carl ship 3 0x1 -                => 1
        alice confirm 1                  => ok
        alice confirm 2                  => ok
        alice confirm 3                  => ok
        alice commit 1 buyer 5           => ok
        carl commit 1 seller 4           => ok
        alice reveal 1 5                 => ok
        alice commit 2 buyer 1           => ok
        alice commit 3 buyer 2           => ok
        at 34559976000
        stranger advance-rating 3        => ok
        alice get-rating 3               => (RatingState::Revealing, Some(34560001000), Some(None), None)
        at 34559976001
        stranger advance-rating 2        => ok
        alice get-rating 2               => (RatingState::Published, None, Some(None), None)
        at 34560000999
        alice reveal 3 2                 => ok
        at 34560001000
        stranger advance 1               => ok
        stranger advance 2               => ok
        stranger advance 3               => ok
        alice get-store-rating 1         => RatingSum { count: 2, sum: 7 }
        alice get-buyer-rating home      => RatingSum { count: 0, sum: 0 }
        events
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 1000, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 1000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderPlaced(PlacedOrder { order: Order { id: 2, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 1000, hold: 2, placed-ms: 1000, sub-orders: [2], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 2, order: 2, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 2, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 1000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderPlaced(PlacedOrder { order: Order { id: 3, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 1000, hold: 3, placed-ms: 1000, sub-orders: [3], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 3, order: 3, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 3, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 1000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 1, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | OrderAccepted(SubOrderChange { sub-order: 2, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | OrderAccepted(SubOrderChange { sub-order: 3, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | OrderShipped(Shipment { sub-order: 1, number: 1, lines: [LineQuantity { line: 0, quantity: 1 }], carrier: "Fast", carrier-account: None, tracking: "T-1", shipped-ms: 1000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 1, state: SubOrderState::Shipped, deadline-ms: Some(31000), by: carl })
          | OrderShipped(Shipment { sub-order: 2, number: 1, lines: [LineQuantity { line: 0, quantity: 1 }], carrier: "Fast", carrier-account: None, tracking: "T-1", shipped-ms: 1000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 2, state: SubOrderState::Shipped, deadline-ms: Some(31000), by: carl })
          | OrderShipped(Shipment { sub-order: 3, number: 1, lines: [LineQuantity { line: 0, quantity: 1 }], carrier: "Fast", carrier-account: None, tracking: "T-1", shipped-ms: 1000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 3, state: SubOrderState::Shipped, deadline-ms: Some(31000), by: carl })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 0, paid: 975, fee: 25, lines: [] })
          | OrderConfirmed(SubOrderChange { sub-order: 1, state: SubOrderState::Completed, deadline-ms: None, by: alice })
          | EscrowPaid(EscrowPayment { sub-order: 2, refunded: 0, paid: 975, fee: 25, lines: [] })
          | OrderConfirmed(SubOrderChange { sub-order: 2, state: SubOrderState::Completed, deadline-ms: None, by: alice })
          | EscrowPaid(EscrowPayment { sub-order: 3, refunded: 0, paid: 975, fee: 25, lines: [] })
          | OrderConfirmed(SubOrderChange { sub-order: 3, state: SubOrderState::Completed, deadline-ms: None, by: alice })
          | RatingCommitted(RatingCommitment { sub-order: 1, by: Side::Buyer, commitment: Hash { a: 15614832310864423238, b: 6466528088169472209, c: 650890464739665789, d: 1391703922335227544 }, deadline-ms: Some(51000) })
          | RatingCommitted(RatingCommitment { sub-order: 1, by: Side::Seller, commitment: Hash { a: 5166758664238376679, b: 414338630296285409, c: 6583235979370473688, d: 14204313812603701149 }, deadline-ms: Some(51000) })
          | RatingRevealing(RatingPhase { sub-order: 1, deadline-ms: Some(26000) })
          | RatingRevealed(RatingReveal { sub-order: 1, by: Side::Buyer, score: 5, comment: "fine" })
          | RatingCommitted(RatingCommitment { sub-order: 2, by: Side::Buyer, commitment: Hash { a: 9464352797093662626, b: 17910258188705463345, c: 15045969290594931680, d: 9618165957000707499 }, deadline-ms: Some(51000) })
          | RatingCommitted(RatingCommitment { sub-order: 3, by: Side::Buyer, commitment: Hash { a: 14235047216754969451, b: 10351657457844319611, c: 14250301012395468842, d: 142073960996069022 }, deadline-ms: Some(51000) })
          | RatingRevealing(RatingPhase { sub-order: 3, deadline-ms: Some(34560001000) })
          | RatingPublished(RatingPhase { sub-order: 2, deadline-ms: None })
          | RatingRevealed(RatingReveal { sub-order: 3, by: Side::Buyer, score: 2, comment: "fine" })
          | RatingPublished(RatingPhase { sub-order: 3, deadline-ms: None })
          | RatingPublished(RatingPhase { sub-order: 1, deadline-ms: None })
          | Removed(Item { kind: "sub-order", id: 1 })
          | Removed(Item { kind: "order", id: 1 })
          | Removed(Item { kind: "sub-order", id: 2 })
          | Removed(Item { kind: "order", id: 2 })
          | Removed(Item { kind: "sub-order", id: 3 })
          | Removed(Item { kind: "order", id: 3 })
    "#]]);
}
