//! Ratings: commitment, revelation, publication, minimums and parties.

use expect_test::expect;

use super::table::check;

#[test]
fn both_sides_rate() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000 => 1
        carl accept 1                    => ok
        carl ship 1 0x1 -                => 1
        alice confirm 1                  => ok
        alice commit 1 buyer 5           => ok
        alice reveal 1 5                 => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "committing", action: "reveal" })
        carl commit 1 seller 4           => ok
        alice get-rating 1               => (RatingState::Revealing, Some(26000), Some(None), Some(None))
        alice reveal 1 4                 => WrongCommitment
        alice reveal 1 5                 => ok
        alice get-rating 1               => (RatingState::Revealing, Some(26000), Some(Some(5)), Some(None))
        alice reveal 1 5                 => AlreadyRated
        sam reveal 1 4                   => ok
        alice get-rating 1               => (RatingState::Published, None, Some(Some(5)), Some(Some(4)))
        alice get-store-rating 1         => RatingSum { count: 1, sum: 5 }
        alice get-store-rating 2         => RatingSum { count: 0, sum: 0 }
        alice get-buyer-rating home      => RatingSum { count: 1, sum: 4 }
        alice get-buyer-rating club      => RatingSum { count: 0, sum: 0 }
        alice commit 1 buyer 1           => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "published", action: "commit" })
        alice reveal 1 1                 => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "published", action: "reveal" })
        stranger advance-rating 1        => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "published", action: "expire" })
        events
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 1000, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 1000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 1, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | OrderShipped(Shipment { sub-order: 1, number: 1, lines: [LineQuantity { line: 0, quantity: 1 }], carrier: "Fast", carrier-account: None, tracking: "T-1", shipped-ms: 1000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 1, state: SubOrderState::Shipped, deadline-ms: Some(31000), by: carl })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 0, paid: 975, fee: 25, lines: [] })
          | OrderConfirmed(SubOrderChange { sub-order: 1, state: SubOrderState::Completed, deadline-ms: None, by: alice })
          | RatingCommitted(RatingCommitment { sub-order: 1, by: Side::Buyer, commitment: Hash { a: 15614832310864423238, b: 6466528088169472209, c: 650890464739665789, d: 1391703922335227544 }, deadline-ms: Some(51000) })
          | RatingCommitted(RatingCommitment { sub-order: 1, by: Side::Seller, commitment: Hash { a: 5166758664238376679, b: 414338630296285409, c: 6583235979370473688, d: 14204313812603701149 }, deadline-ms: Some(51000) })
          | RatingRevealing(RatingPhase { sub-order: 1, deadline-ms: Some(26000) })
          | RatingRevealed(RatingReveal { sub-order: 1, by: Side::Buyer, score: 5, comment: "fine" })
          | RatingRevealed(RatingReveal { sub-order: 1, by: Side::Seller, score: 4, comment: "fine" })
          | RatingPublished(RatingPhase { sub-order: 1, deadline-ms: None })
    "#]]);
}

#[test]
fn one_side_rates_alone() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000 => 1
        carl accept 1                    => ok
        carl ship 1 0x1 -                => 1
        alice confirm 1                  => ok
        stranger advance-rating 1        => UnknownItem(Item { kind: "rating", id: 1 })
        alice commit 1 buyer 2           => ok
        stranger advance-rating 1        => TooEarly(Deadline { item: Item { kind: "rating", id: 1 }, deadline-ms: 51000, now-ms: 1000 })
        at 51000
        alice reveal 1 2                 => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "committing", action: "reveal" })
        carl commit 1 seller 1           => TooLate(Deadline { item: Item { kind: "rating", id: 1 }, deadline-ms: 51000, now-ms: 51000 })
        stranger advance-rating 1        => ok
        alice get-rating 1               => (RatingState::Revealing, Some(76000), Some(None), None)
        carl commit 1 seller 1           => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "revealing", action: "commit" })
        carl reveal 1 1                  => NotCommitted
        alice reveal 1 2                 => ok
        alice get-store-rating 1         => RatingSum { count: 1, sum: 2 }
        alice get-buyer-rating home      => RatingSum { count: 0, sum: 0 }
    "#]]);
}

#[test]
fn what_is_not_revealed_does_not_count() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000 => 1
        carl accept 1                    => ok
        carl ship 1 0x1 -                => 1
        alice confirm 1                  => ok
        alice commit 1 buyer 2           => ok
        carl commit 1 seller 1           => ok
        carl reveal 1 1                  => ok
        at 26000
        alice reveal 1 2                 => TooLate(Deadline { item: Item { kind: "rating", id: 1 }, deadline-ms: 26000, now-ms: 26000 })
        stranger advance-due 10          => 1
        alice get-rating 1               => (RatingState::Published, None, Some(None), Some(Some(1)))
        alice get-store-rating 1         => RatingSum { count: 0, sum: 0 }
        alice get-buyer-rating home      => RatingSum { count: 1, sum: 1 }
    "#]]);
}

#[test]
fn parties_and_states_are_checked() {
    check(expect![[r#"
        alice place-order EUR 1@1x1,3@3x1 3000 => 1
        alice commit 1 buyer 5                 => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "placed", action: "commit" })
        alice commit 3 buyer 5                 => UnknownItem(Item { kind: "sub-order", id: 3 })
        alice reveal 1 5                       => UnknownItem(Item { kind: "rating", id: 1 })
        carl accept 1                          => ok
        carl ship 1 0x1 -                      => 1
        alice confirm 1                        => ok
        bob commit 1 buyer 5                   => NotAParty(Item { kind: "sub-order", id: 1 })
        nina commit 1 seller 5                 => NotAParty(Item { kind: "sub-order", id: 1 })
        tess commit 1 seller 5                 => NotAParty(Item { kind: "sub-order", id: 1 })
        carl commit 1 seller 5                 => ok
        sam commit 1 seller 4                  => AlreadyRated
        alice commit 1 buyer 1                 => ok
        bob reveal 1 5                         => NotAParty(Item { kind: "sub-order", id: 1 })
        carl reveal 1 0                        => OutOfRange(Range { parameter: "score", given: 0, min: 1, max: 5 })
        carl reveal 1 6                        => OutOfRange(Range { parameter: "score", given: 6, min: 1, max: 5 })
        carl reveal 1 4                        => WrongCommitment
        carl reveal 1 5                        => ok
        carl reveal 1 5                        => AlreadyRated
        nina decline 2                         => ok
        alice commit 2 buyer 1                 => BelowRatingMinimum(Some(1))
        alice place-order EUR 1@1x1 3000       => 2
        carl accept 3                          => ok
        carl ship 3 0x1 -                      => 1
        alice confirm 3                        => ok
        at 51000
        alice commit 3 buyer 5                 => TooLate(Deadline { item: Item { kind: "rating", id: 3 }, deadline-ms: 51000, now-ms: 51000 })
        alice get-rating 3                     => UnknownItem(Item { kind: "rating", id: 3 })
    "#]]);
}

/// Orders that are cheap to make up earn nobody a rating.
#[test]
fn ratings_need_a_minimum() {
    check(expect![[r#"
        sam set-rating-minimum EUR 1     => MissingRole("platform-admin")
        admin set-rating-minimum EUR 0   => ZeroAmount
        admin set-rating-minimum eur 5   => MalformedAssetId("eur")
        admin set-rating-minimum EUR 334 => ok
        stranger get-rating-minimum EUR  => Some(334)
        stranger get-rating-minimum USD  => None
        alice place-order EUR 2@1x1 3000 => 1
        carl accept 1                    => ok
        carl ship 1 0x1 -                => 1
        alice confirm 1                  => ok
        alice commit 1 buyer 5           => BelowRatingMinimum(Some(334))
        admin set-rating-minimum EUR 333 => ok
        alice commit 1 buyer 5           => ok
        admin set-rating-minimum EUR     => ok
        carl commit 1 seller 5           => ok
        events
          | RatingMinimumSet(RatingMinimum { asset: "EUR", paid-min: Some(334) })
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 333, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 333, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 2, location: 1, unit-price: 333, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 1, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | OrderShipped(Shipment { sub-order: 1, number: 1, lines: [LineQuantity { line: 0, quantity: 1 }], carrier: "Fast", carrier-account: None, tracking: "T-1", shipped-ms: 1000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 1, state: SubOrderState::Shipped, deadline-ms: Some(31000), by: carl })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 0, paid: 325, fee: 8, lines: [] })
          | OrderConfirmed(SubOrderChange { sub-order: 1, state: SubOrderState::Completed, deadline-ms: None, by: alice })
          | RatingMinimumSet(RatingMinimum { asset: "EUR", paid-min: Some(333) })
          | RatingCommitted(RatingCommitment { sub-order: 1, by: Side::Buyer, commitment: Hash { a: 15614832310864423238, b: 6466528088169472209, c: 650890464739665789, d: 1391703922335227544 }, deadline-ms: Some(51000) })
          | RatingMinimumSet(RatingMinimum { asset: "EUR", paid-min: None })
          | RatingCommitted(RatingCommitment { sub-order: 1, by: Side::Seller, commitment: Hash { a: 3082610139405925401, b: 18372992756193013353, c: 16364246859652684041, d: 8005039368620170286 }, deadline-ms: Some(51000) })
          | RatingRevealing(RatingPhase { sub-order: 1, deadline-ms: Some(26000) })
    "#]]);
}

/// Who moves to the store's organisation does not rate it, and the store does not sell to its own.
#[test]
fn colleagues_do_not_rate_each_other() {
    check(expect![[r#"
        sam place-order EUR 1@1x1 3000   => OwnStore(1)
        alice place-order EUR 1@1x1 3000 => 1
        carl accept 1                    => ok
        carl ship 1 0x1 -                => 1
        alice confirm 1                  => ok
        move alice acme
        alice commit 1 buyer 5           => NotAParty(Item { kind: "sub-order", id: 1 })
    "#]]);
}
