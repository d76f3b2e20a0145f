//! Terms and settings have versions: an order names those that it agrees to and keeps them, and others are announced.

use expect_test::expect;

use super::table::check;

/// A store cannot shorten its windows between the buyer's look and the order.
#[test]
fn an_order_names_the_terms_that_it_agrees_to() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 1000 1:1 1           => 1
        alice place-order EUR 1@1x1 1000 - 1             => StaleTerms(TermsVersion { of: Item { kind: "store", id: 1 }, version: 1 })
        alice place-order EUR 1@1x1 1000 1:2 1           => StaleTerms(TermsVersion { of: Item { kind: "store", id: 1 }, version: 1 })
        alice place-order EUR 1@1x1 1000 1:1,2:1 1       => OutOfRange(Range { parameter: "terms", given: 2, min: 1, max: 1 })
        alice place-order EUR 1@1x1,3@3x1 2000 1:1 1     => StaleTerms(TermsVersion { of: Item { kind: "store", id: 2 }, version: 1 })
        alice place-order EUR 1@1x1 1000 1:1 0           => StaleTerms(TermsVersion { of: Item { kind: "settings", id: 0 }, version: 1 })
        sam set-store 1 Acme strict                      => ok
        admin set-settings 100                           => ok
        alice get-store 1                                => Store { id: 1, organisation: "acme", name: "Acme", payout: till, payout-change: None, state: StoreState::Open, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, answer-window-ms: 5000, return-window-ms: 15000, receipt-window-ms: 6000, cancel-penalty: Some(1000), restocking-fee: 500, free-cancels-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, next-terms: Some(NextTerms { version: 2, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, answer-window-ms: 5000, return-window-ms: 15000, receipt-window-ms: 6000, cancel-penalty: None, restocking-fee: 0, free-cancels-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, from-ms: 11000 }) }
        alice get-settings                               => SettingsStatus { version: 1, settings: Settings { fee: 250, fee-account: Some(plat), rating-commit-window-ms: 50000, rating-reveal-window-ms: 25000, disputes: Terms { arbiter: Arbiter::Role, fee: 0, default-to-first: 5000, windows: Windows { response-ms: 60000, evidence-ms: 60000, offer-ms: 60000, ruling-ms: 60000, appeal-ms: 60000 } }, notice-ms: 10000 }, next: Some(NextSettings { version: 2, settings: Settings { fee: 100, fee-account: Some(plat), rating-commit-window-ms: 50000, rating-reveal-window-ms: 25000, disputes: Terms { arbiter: Arbiter::Role, fee: 0, default-to-first: 5000, windows: Windows { response-ms: 60000, evidence-ms: 60000, offer-ms: 60000, ruling-ms: 60000, appeal-ms: 60000 } }, notice-ms: 10000 }, from-ms: 11000 }) }
        at 10999
        alice place-order EUR 1@1x1 1000 1:1 1           => 2
        at 11000
        alice place-order EUR 1@1x1 1000 1:1 2           => StaleTerms(TermsVersion { of: Item { kind: "store", id: 1 }, version: 2 })
        alice place-order EUR 1@1x1 1000 1:2 1           => StaleTerms(TermsVersion { of: Item { kind: "settings", id: 0 }, version: 2 })
        alice place-order EUR 1@1x1,3@3x1 2000 2:1,1:2 2 => 3
        alice get-store 1                                => Store { id: 1, organisation: "acme", name: "Acme", payout: till, payout-change: None, state: StoreState::Open, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, answer-window-ms: 5000, return-window-ms: 15000, receipt-window-ms: 6000, cancel-penalty: None, restocking-fee: 0, free-cancels-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 2, next-terms: None }
        alice get-sub-order 2                            => SubOrder { id: 2, order: 2, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 2, hold-expires-ms: 158112010999, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, answer-window-ms: 5000, return-window-ms: 15000, receipt-window-ms: 6000, cancel-penalty: Some(1000), restocking-fee: 500, free-cancels-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(20999), ended-ms: None, escrow: Escrow { total: 1000, refunded: 0, paid: 0, fees: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }
        alice get-sub-order 3                            => SubOrder { id: 3, order: 3, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 3, hold-expires-ms: 158112011000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, answer-window-ms: 5000, return-window-ms: 15000, receipt-window-ms: 6000, cancel-penalty: None, restocking-fee: 0, free-cancels-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 2, settings-version: 2, fee: 100, state: SubOrderState::Placed, deadline-ms: Some(21000), ended-ms: None, escrow: Escrow { total: 1000, refunded: 0, paid: 0, fees: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }
        alice get-settings                               => SettingsStatus { version: 2, settings: Settings { fee: 100, fee-account: Some(plat), rating-commit-window-ms: 50000, rating-reveal-window-ms: 25000, disputes: Terms { arbiter: Arbiter::Role, fee: 0, default-to-first: 5000, windows: Windows { response-ms: 60000, evidence-ms: 60000, offer-ms: 60000, ruling-ms: 60000, appeal-ms: 60000 } }, notice-ms: 10000 }, next: None }
        alice get-settings-version 0                     => Settings { fee: 0, fee-account: None, rating-commit-window-ms: 1209600000, rating-reveal-window-ms: 604800000, disputes: Terms { arbiter: Arbiter::Role, fee: 100, default-to-first: 5000, windows: Windows { response-ms: 604800000, evidence-ms: 1209600000, offer-ms: 604800000, ruling-ms: 1209600000, appeal-ms: 604800000 } }, notice-ms: 0 }
        alice get-settings-version 3                     => UnknownItem(Item { kind: "settings", id: 3 })
        events
          | OrderPlaced(Placement { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 1000, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, answer-window-ms: 5000, return-window-ms: 15000, receipt-window-ms: 6000, cancel-penalty: Some(1000), restocking-fee: 500, free-cancels-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: Escrow { total: 1000, refunded: 0, paid: 0, fees: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | StoreChanged(Store { id: 1, organisation: "acme", name: "Acme", payout: till, payout-change: None, state: StoreState::Open, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, answer-window-ms: 5000, return-window-ms: 15000, receipt-window-ms: 6000, cancel-penalty: Some(1000), restocking-fee: 500, free-cancels-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, next-terms: Some(NextTerms { version: 2, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, answer-window-ms: 5000, return-window-ms: 15000, receipt-window-ms: 6000, cancel-penalty: None, restocking-fee: 0, free-cancels-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, from-ms: 11000 }) })
          | SettingsChanged(SettingsChange { version: 2, settings: Settings { fee: 100, fee-account: Some(plat), rating-commit-window-ms: 50000, rating-reveal-window-ms: 25000, disputes: Terms { arbiter: Arbiter::Role, fee: 0, default-to-first: 5000, windows: Windows { response-ms: 60000, evidence-ms: 60000, offer-ms: 60000, ruling-ms: 60000, appeal-ms: 60000 } }, notice-ms: 10000 }, from-ms: 11000, in-force: 1 })
          | OrderPlaced(Placement { order: Order { id: 2, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 1000, hold: 2, placed-ms: 10999, sub-orders: [2], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 2, order: 2, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 2, hold-expires-ms: 158112010999, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, answer-window-ms: 5000, return-window-ms: 15000, receipt-window-ms: 6000, cancel-penalty: Some(1000), restocking-fee: 500, free-cancels-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(20999), ended-ms: None, escrow: Escrow { total: 1000, refunded: 0, paid: 0, fees: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderPlaced(Placement { order: Order { id: 3, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 1500, hold: 3, placed-ms: 11000, sub-orders: [3, 4], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 3, order: 3, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 3, hold-expires-ms: 158112011000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, answer-window-ms: 5000, return-window-ms: 15000, receipt-window-ms: 6000, cancel-penalty: None, restocking-fee: 0, free-cancels-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 2, settings-version: 2, fee: 100, state: SubOrderState::Placed, deadline-ms: Some(21000), ended-ms: None, escrow: Escrow { total: 1000, refunded: 0, paid: 0, fees: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }, SubOrder { id: 4, order: 3, store: 2, organisation: "nord", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 3, hold-expires-ms: 158112011000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, answer-window-ms: 5000, return-window-ms: 15000, receipt-window-ms: 6000, cancel-penalty: None, restocking-fee: 0, free-cancels-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 2, fee: 100, state: SubOrderState::Placed, deadline-ms: Some(21000), ended-ms: None, escrow: Escrow { total: 500, refunded: 0, paid: 0, fees: 0 }, lines: [Line { variant: 3, location: 3, unit-price: 500, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
    "#]]);
}

/// A change that is not in force yet is given up for another, which has a version of its own. A change to what is in
/// force is none.
#[test]
fn what_was_announced_can_be_changed() {
    check(expect![[r#"
        sam set-store 1 Acme strict            => ok
        at 5000
        sam set-store 1 Acme generous          => ok
        admin set-settings 100                 => ok
        at 14999
        alice place-order EUR 1@1x1 1000 1:1 1 => 1
        admin set-settings 200                 => ok
        at 15000
        alice place-order EUR 1@1x1 1000 1:1 1 => StaleTerms(TermsVersion { of: Item { kind: "store", id: 1 }, version: 3 })
        alice place-order EUR 1@1x1 1000 1:3 1 => 2
        at 24999
        alice place-order EUR 1@1x1 1000 1:3 3 => 3
        alice place-order EUR 1@1x1 1000 1:3 1 => StaleTerms(TermsVersion { of: Item { kind: "settings", id: 0 }, version: 3 })
        sam set-store 1 Acme strict            => ok
        sam set-store 1 Acme generous          => ok
        at 90000
        alice place-order EUR 1@1x1 1000 1:3 3 => 4
    "#]]);
}
