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
        tess refund 1 0 501                    => OverSingleLimit(OverSingleLimit { amount: 501, max: 500 })
        tess refund 1 0 500                    => ok
        tess refund 1 0 301                    => OverDailyLimit(LimitUsage { limit: 800, used: 500, needed: 301 })
        tess get-treasurer-limit 1 EUR         => RoleLimitStatus { limit: Some(RoleLimit { single-max: 500, daily-max: 800 }), used-today: 500 }
        tess refund 1 0 300                    => ok
        tess refund 1 0 1                      => OverDailyLimit(LimitUsage { limit: 800, used: 800, needed: 1 })
        tess refund 1 0 18446744073709551615   => OverSingleLimit(OverSingleLimit { amount: 18446744073709551615, max: 500 })
        carl refund 1 0 100                    => ok
        carl refund 1 0 101                    => OverSingleLimit(OverSingleLimit { amount: 101, max: 100 })
        till refund 1 0 900                    => ok
        tess get-treasurer-limit 1 EUR         => RoleLimitStatus { limit: Some(RoleLimit { single-max: 500, daily-max: 800 }), used-today: 800 }
        sub 1                                  => accepted 21000; 3000 1801 0 0; 3/3/0/0/0 1801
        at 86399999
        tess get-treasurer-limit 1 EUR         => RoleLimitStatus { limit: Some(RoleLimit { single-max: 500, daily-max: 800 }), used-today: 800 }
        at 86400000
        tess get-treasurer-limit 1 EUR         => RoleLimitStatus { limit: Some(RoleLimit { single-max: 500, daily-max: 800 }), used-today: 0 }
        alice place-order EUR 1@1x1 3000       => 2
        tess refund 2 0 500                    => ok
        till set-treasurer-limit 1 EUR 400 500 => ok
        tess refund 2 0 1                      => OverDailyLimit(LimitUsage { limit: 500, used: 500, needed: 1 })
        till set-treasurer-limit 1 EUR         => ok
        tess refund 2 0 500                    => ok
        tess get-treasurer-limit 1 EUR         => RoleLimitStatus { limit: None, used-today: 0 }
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
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 3000, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 3000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 3, reserved: 3, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | TreasurerLimitSet(RoleLimitSetting { store: 1, asset: "EUR", limit: Some(RoleLimit { single-max: 150, daily-max: 150 }) })
          | ClerkLimitUsed(RoleLimitUse { store: 1, asset: "EUR", by: tess, amount: 100, used-today: 100, at-ms: 1000 })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 100, paid: 0, fee: 0, lines: [LineRefund { line: 0, quantity: 0, amount: 100, goodwill: 100 }] })
          | TreasurerLimitUsed(RoleLimitUse { store: 1, asset: "EUR", by: tess, amount: 150, used-today: 150, at-ms: 1000 })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 150, paid: 0, fee: 0, lines: [LineRefund { line: 0, quantity: 0, amount: 150, goodwill: 250 }] })
          | ClerkLimitUsed(RoleLimitUse { store: 1, asset: "EUR", by: tess, amount: 100, used-today: 200, at-ms: 1000 })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 100, paid: 0, fee: 0, lines: [LineRefund { line: 0, quantity: 0, amount: 100, goodwill: 350 }] })
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
        tess accept-settlement 1                => OverSingleLimit(OverSingleLimit { amount: 1000, max: 600 })
        tess respond 1 6010                     => OverSingleLimit(OverSingleLimit { amount: 601, max: 600 })
        tess respond 1 6000                     => ok
        alice finish-phase 1                    => ok
        tess finish-phase 1                     => ok
        alice offer 1 9000                      => ok
        tess accept-settlement 1                => OverSingleLimit(OverSingleLimit { amount: 900, max: 600 })
        tess offer 1 4010                       => OverDailyLimit(LimitUsage { limit: 1000, used: 600, needed: 401 })
        tess offer 1 4000                       => ok
        alice offer 1 5000                      => ok
        tess accept-settlement 1                => OverDailyLimit(LimitUsage { limit: 1000, used: 1000, needed: 500 })
        tess get-treasurer-limit 1 EUR          => RoleLimitStatus { limit: Some(RoleLimit { single-max: 600, daily-max: 1000 }), used-today: 1000 }
        till accept-settlement 1                => ok
        tess get-treasurer-limit 1 EUR          => RoleLimitStatus { limit: Some(RoleLimit { single-max: 600, daily-max: 1000 }), used-today: 1000 }
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
        alice ship-return 1 Post                => ok
        tess open-dispute 1 10000 "take it all" => OverSingleLimit(OverSingleLimit { amount: 1000, max: 400 })
        tess open-dispute 1 4000 worn           => ok
        tess get-treasurer-limit 1 EUR          => RoleLimitStatus { limit: Some(RoleLimit { single-max: 400, daily-max: 400 }), used-today: 400 }
    "#]]);
}

/// While treasurers have a limit, only an owner raises that of clerks.
#[test]
fn nobody_gets_round_the_limit() {
    check(expect![[r#"
        grant till owner
        tess set-clerk-limit 1 EUR 200 200   => ok
        till set-treasurer-limit 1 STEEL 1 1 => ok
        tess set-clerk-limit 1 EUR 300 300   => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        till set-clerk-limit 1 EUR 300 300   => ok
        sam set-clerk-limit 1 EUR 300 300    => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("treasurer") })
        nina set-clerk-limit 1 EUR 300 300   => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("treasurer") })
        till set-clerk-limit 9 EUR 300 300   => UnknownItem(Item { kind: "store", id: 9 })
        till set-clerk-limit 1 - 300 300     => MalformedAssetId("")
        tess get-clerk-limit 1 EUR           => RoleLimitStatus { limit: Some(RoleLimit { single-max: 300, daily-max: 300 }), used-today: 0 }
        tess get-clerk-limit 9 EUR           => UnknownItem(Item { kind: "store", id: 9 })
        tess get-clerk-limit 1 -             => MalformedAssetId("")
        till set-clerk-limit 1 EUR           => ok
        alice place-order EUR 1@1x1 1000     => 1
        carl refund 1 0 1                    => OverSingleLimit(OverSingleLimit { amount: 1, max: 0 })
    "#]]);
}

/// Clerks cannot give by many small refunds what they cannot give by one, nor for goods that nobody but they say
/// came back.
#[test]
fn clerks_have_a_limit_for_a_day() {
    check(expect![[r#"
        grant sam clerk
        alice place-order EUR 1@1x10 10000 => 1
        carl refund 1 0 101                => OverSingleLimit(OverSingleLimit { amount: 101, max: 100 })
        carl refund 1 0 100                => ok
        sam refund 1 0 100                 => ok
        carl refund 1 0 100                => ok
        sam refund 1 0 1                   => OverDailyLimit(LimitUsage { limit: 300, used: 300, needed: 1 })
        carl get-clerk-limit 1 EUR         => RoleLimitStatus { limit: Some(RoleLimit { single-max: 100, daily-max: 300 }), used-today: 300 }
        tess refund 1 0 1                  => ok
        carl accept 1                      => ok
        carl ship 1 0x10 -                 => 1
        carl deliver 1 1                   => ok
        alice request-return 1 0x10 worn   => ok
        carl approve-return 1              => ok
        alice ship-return 1 Post           => ok
        sam set-prices 2 EUR:50:0:-        => ok
        alice place-order EUR 2@1x1 50     => 2
        carl accept 2                      => ok
        carl ship 2 0x1 -                  => 1
        carl deliver 2 1                   => ok
        alice request-return 2 0x1 worn    => ok
        carl approve-return 2              => ok
        alice ship-return 2 Post           => ok
        carl receive-return 2 scrap        => OverDailyLimit(LimitUsage { limit: 300, used: 300, needed: 48 })
        sam set-prices 2 EUR:333:0:-       => ok
        carl receive-return 1 scrap        => OverSingleLimit(OverSingleLimit { amount: 9215, max: 100 })
        at 86400000
        alice place-order EUR 2@1x1 10000  => 3
        carl refund 3 0 100                => ok
        events
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 10000, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 10000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 10, reserved: 10, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | ClerkLimitUsed(RoleLimitUse { store: 1, asset: "EUR", by: carl, amount: 100, used-today: 100, at-ms: 1000 })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 100, paid: 0, fee: 0, lines: [LineRefund { line: 0, quantity: 0, amount: 100, goodwill: 100 }] })
          | ClerkLimitUsed(RoleLimitUse { store: 1, asset: "EUR", by: sam, amount: 100, used-today: 200, at-ms: 1000 })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 100, paid: 0, fee: 0, lines: [LineRefund { line: 0, quantity: 0, amount: 100, goodwill: 200 }] })
          | ClerkLimitUsed(RoleLimitUse { store: 1, asset: "EUR", by: carl, amount: 100, used-today: 300, at-ms: 1000 })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 100, paid: 0, fee: 0, lines: [LineRefund { line: 0, quantity: 0, amount: 100, goodwill: 300 }] })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 1, paid: 0, fee: 0, lines: [LineRefund { line: 0, quantity: 0, amount: 1, goodwill: 301 }] })
          | OrderAccepted(SubOrderChange { sub-order: 1, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | OrderShipped(Shipment { sub-order: 1, number: 1, lines: [LineQuantity { line: 0, quantity: 10 }], carrier: "Fast", carrier-account: None, tracking: "T-1", shipped-ms: 1000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 1, state: SubOrderState::Shipped, deadline-ms: Some(31000), by: carl })
          | DeliveryRecorded(Delivery { sub-order: 1, shipment: 1, delivered-ms: 1000, proof: Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 } })
          | OrderDelivered(SubOrderChange { sub-order: 1, state: SubOrderState::Delivered, deadline-ms: Some(41000), by: carl })
          | ReturnRequested(ReturnCase { sub-order: 1, lines: [LineQuantity { line: 0, quantity: 10 }], reason: "worn", documents: [Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 }], carrier: "", tracking: "" })
          | ReturnChanged(SubOrderChange { sub-order: 1, state: SubOrderState::ReturnRequested, deadline-ms: Some(6000), by: alice })
          | ReturnChanged(SubOrderChange { sub-order: 1, state: SubOrderState::ReturnApproved, deadline-ms: Some(16000), by: carl })
          | ReturnShipped(ReturnShipment { sub-order: 1, carrier: "Post", tracking: "R-1" })
          | ReturnChanged(SubOrderChange { sub-order: 1, state: SubOrderState::ReturnShipped, deadline-ms: Some(7000), by: alice })
          | PricesSet(PriceChange { variant: 2, prices: [Price { asset: "EUR", amount: 50, effective-ms: 0, until-ms: None }] })
          | OrderPlaced(PlacedOrder { order: Order { id: 2, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 50, hold: 2, placed-ms: 1000, sub-orders: [2], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 2, order: 2, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 2, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 50, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 2, location: 1, unit-price: 50, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderAccepted(SubOrderChange { sub-order: 2, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | OrderShipped(Shipment { sub-order: 2, number: 1, lines: [LineQuantity { line: 0, quantity: 1 }], carrier: "Fast", carrier-account: None, tracking: "T-1", shipped-ms: 1000, delivered-ms: None, proof: None })
          | ShippingChanged(SubOrderChange { sub-order: 2, state: SubOrderState::Shipped, deadline-ms: Some(31000), by: carl })
          | DeliveryRecorded(Delivery { sub-order: 2, shipment: 1, delivered-ms: 1000, proof: Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 } })
          | OrderDelivered(SubOrderChange { sub-order: 2, state: SubOrderState::Delivered, deadline-ms: Some(41000), by: carl })
          | ReturnRequested(ReturnCase { sub-order: 2, lines: [LineQuantity { line: 0, quantity: 1 }], reason: "worn", documents: [Document { cid: "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", media-type: "image/jpeg", size: 1000 }], carrier: "", tracking: "" })
          | ReturnChanged(SubOrderChange { sub-order: 2, state: SubOrderState::ReturnRequested, deadline-ms: Some(6000), by: alice })
          | ReturnChanged(SubOrderChange { sub-order: 2, state: SubOrderState::ReturnApproved, deadline-ms: Some(16000), by: carl })
          | ReturnShipped(ReturnShipment { sub-order: 2, carrier: "Post", tracking: "R-1" })
          | ReturnChanged(SubOrderChange { sub-order: 2, state: SubOrderState::ReturnShipped, deadline-ms: Some(7000), by: alice })
          | PricesSet(PriceChange { variant: 2, prices: [Price { asset: "EUR", amount: 333, effective-ms: 0, until-ms: None }] })
          | OrderPlaced(PlacedOrder { order: Order { id: 3, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 333, hold: 3, placed-ms: 86400000, sub-orders: [3], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 3, order: 3, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 3, hold-expires-ms: 158198400000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(86410000), ended-ms: None, escrow: SubOrderEscrow { funded: 333, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 2, location: 1, unit-price: 333, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | ClerkLimitUsed(RoleLimitUse { store: 1, asset: "EUR", by: carl, amount: 100, used-today: 100, at-ms: 86400000 })
          | EscrowPaid(EscrowPayment { sub-order: 3, refunded: 100, paid: 0, fee: 0, lines: [LineRefund { line: 0, quantity: 0, amount: 100, goodwill: 100 }] })
    "#]]);
}

/// Only an owner sends the money elsewhere, and another can stop it during the notice: open orders pay the old account
/// until then.
#[test]
fn another_account_is_announced() {
    check(expect![[r#"
        tess set-payout-account 1 tess   => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        sam set-payout-account 1 sam     => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        grant till owner
        till set-payout-account 1 nobody => InactiveAccount(nobody)
        nina set-payout-account 1 nina   => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        till cancel-payout-change 1      => NoChangeAnnounced
        till set-payout-account 1 tess   => ok
        alice get-store 1                => Store { id: 1, organisation: "acme", name: "Acme", payout-account: till, payout-change: Some(PayoutChange { account: tess, effective-ms: 25000 }), state: StoreState::Open, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, next-terms: None }
        till cancel-payout-change 9      => UnknownItem(Item { kind: "store", id: 9 })
        nina cancel-payout-change 1      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        tess cancel-payout-change 1      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        till cancel-payout-change 1      => ok
        till set-payout-account 1 tess   => ok
        alice place-order EUR 1@1x1 1000 => 1
        alice place-order EUR 1@1x1 1000 => 2
        carl accept 1                    => ok
        carl accept 2                    => ok
        carl ship 1 0x1 -                => 1
        carl ship 2 0x1 -                => 1
        at 10999
        alice confirm 1                  => ok
        balances                         => till 975+0, alice 998000+1000, bob 1000000+0, plat 25+0
        carl deliver 2 1                 => ok
        at 24999
        alice get-store 1                => Store { id: 1, organisation: "acme", name: "Acme", payout-account: till, payout-change: Some(PayoutChange { account: tess, effective-ms: 25000 }), state: StoreState::Open, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, next-terms: None }
        at 25000
        till cancel-payout-change 1      => NoChangeAnnounced
        at 86401000
        stranger advance 2               => ok
        balances                         => tess 975+0, till 975+0, alice 998000+0, bob 1000000+0, plat 50+0
        alice get-store 1                => Store { id: 1, organisation: "acme", name: "Acme", payout-account: tess, payout-change: None, state: StoreState::Open, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, next-terms: None }
    "#]]);
}

/// Stock cannot be kept from others by orders that are cancelled for free, no matter which accounts of an organisation place them.
#[test]
fn free_cancellations_are_bounded() {
    check(expect![[r#"
        alice place-order EUR 1@1x100 100000 => 1
        alice cancel 1                       => ok
        alice place-order EUR 1@1x100 100000 => 2
        alice cancel 2                       => ok
        alice place-order EUR 1@1x100 100000 => 3
        alice cancel 3                       => TooManyCancellations(CancellationLimit { count-max: 2, cancelled-today: 2 })
        bob place-order EUR 1@2x1 100000     => 4
        bob cancel 4                         => ok
        carl accept 3                        => ok
        alice cancel 3                       => ok
        sub 3                                => cancelled 1000; 100000 90000 9750 250; 100/0/0/0/0 0
        at 86400000
        alice place-order EUR 1@1x1 100000   => 5
        alice cancel 5                       => ok
        events
          | OrderPlaced(PlacedOrder { order: Order { id: 1, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 100000, hold: 1, placed-ms: 1000, sub-orders: [1], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 1, order: 1, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 1, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 100000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 100, reserved: 100, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | CancellationCounted(CancellationCount { store: 1, organisation: "home", cancelled-today: 1, at-ms: 1000 })
          | EscrowPaid(EscrowPayment { sub-order: 1, refunded: 100000, paid: 0, fee: 0, lines: [] })
          | OrderCancelled(SubOrderChange { sub-order: 1, state: SubOrderState::Cancelled, deadline-ms: None, by: alice })
          | OrderPlaced(PlacedOrder { order: Order { id: 2, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 100000, hold: 2, placed-ms: 1000, sub-orders: [2], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 2, order: 2, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 2, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 100000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 100, reserved: 100, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | CancellationCounted(CancellationCount { store: 1, organisation: "home", cancelled-today: 2, at-ms: 1000 })
          | EscrowPaid(EscrowPayment { sub-order: 2, refunded: 100000, paid: 0, fee: 0, lines: [] })
          | OrderCancelled(SubOrderChange { sub-order: 2, state: SubOrderState::Cancelled, deadline-ms: None, by: alice })
          | OrderPlaced(PlacedOrder { order: Order { id: 3, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 100000, hold: 3, placed-ms: 1000, sub-orders: [3], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 3, order: 3, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 3, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 100000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 100, reserved: 100, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | OrderPlaced(PlacedOrder { order: Order { id: 4, buyer: bob, buyer-organisation: Some("club"), asset: "EUR", total: 1000, hold: 4, placed-ms: 1000, sub-orders: [4], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 4, order: 4, store: 1, organisation: "acme", buyer: bob, buyer-organisation: Some("club"), asset: "EUR", hold: 4, hold-expires-ms: 158112001000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(11000), ended-ms: None, escrow: SubOrderEscrow { funded: 1000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 2, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | CancellationCounted(CancellationCount { store: 1, organisation: "club", cancelled-today: 1, at-ms: 1000 })
          | EscrowPaid(EscrowPayment { sub-order: 4, refunded: 1000, paid: 0, fee: 0, lines: [] })
          | OrderCancelled(SubOrderChange { sub-order: 4, state: SubOrderState::Cancelled, deadline-ms: None, by: bob })
          | OrderAccepted(SubOrderChange { sub-order: 3, state: SubOrderState::Accepted, deadline-ms: Some(21000), by: carl })
          | EscrowPaid(EscrowPayment { sub-order: 3, refunded: 90000, paid: 9750, fee: 250, lines: [] })
          | OrderCancelled(SubOrderChange { sub-order: 3, state: SubOrderState::Cancelled, deadline-ms: None, by: alice })
          | OrderPlaced(PlacedOrder { order: Order { id: 5, buyer: alice, buyer-organisation: Some("home"), asset: "EUR", total: 1000, hold: 5, placed-ms: 86400000, sub-orders: [5], destination: None, reference: "PO" }, sub-orders: [SubOrder { id: 5, order: 5, store: 1, organisation: "acme", buyer: alice, buyer-organisation: Some("home"), asset: "EUR", hold: 5, hold-expires-ms: 158198400000, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, settings-version: 1, fee: 250, state: SubOrderState::Placed, deadline-ms: Some(86410000), ended-ms: None, escrow: SubOrderEscrow { funded: 1000, refunded: 0, paid: 0, fee: 0 }, lines: [Line { variant: 1, location: 1, unit-price: 1000, ordered: 1, reserved: 1, shipped: 0, delivered: 0, returned: 0, refunded: 0, goodwill: 0 }], shipments: 0 }] })
          | CancellationCounted(CancellationCount { store: 1, organisation: "home", cancelled-today: 1, at-ms: 86400000 })
          | EscrowPaid(EscrowPayment { sub-order: 5, refunded: 1000, paid: 0, fee: 0, lines: [] })
          | OrderCancelled(SubOrderChange { sub-order: 5, state: SubOrderState::Cancelled, deadline-ms: None, by: alice })
    "#]]);
}

#[test]
fn who_sets_limits_of_what() {
    check(expect![[r#"
        tess set-treasurer-limit 1 EUR 1 1                                       => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        sam set-treasurer-limit 1 EUR 1 1                                        => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        alice set-treasurer-limit 1 EUR 1 1                                      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        grant alice owner
        alice set-treasurer-limit 1 EUR 1 1                                      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        grant till owner
        till set-treasurer-limit 9 EUR 1 1                                       => UnknownItem(Item { kind: "store", id: 9 })
        till set-treasurer-limit 1 - 1 1                                         => MalformedAssetId("")
        till set-treasurer-limit 1 13*X 1 1                                      => MalformedAssetId("XXXXXXXXXXXXX")
        till set-treasurer-limit 1 EUR 0 0                                       => ok
        till set-treasurer-limit 1 EUR 18446744073709551615 18446744073709551615 => ok
        till set-treasurer-limit 1 EUR                                           => ok
        till set-treasurer-limit 1 EUR                                           => ok
        till get-treasurer-limit 9 EUR                                           => UnknownItem(Item { kind: "store", id: 9 })
        till get-treasurer-limit 1 -                                             => MalformedAssetId("")
        till get-treasurer-limit 1 EUR                                           => RoleLimitStatus { limit: None, used-today: 0 }
    "#]]);
}
