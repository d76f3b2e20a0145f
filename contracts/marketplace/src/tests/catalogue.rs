//! Stores, products, variants, prices and stock.

use expect_test::expect;

use super::table::{check, check_empty};

#[test]
fn a_store_opens_and_sells() {
    check_empty(expect![[r#"
        admin create-category - Tools                   => 1
        admin create-category 1 Hammers                 => 2
        grant till owner
        sam create-store Acme till std                  => 1
        sam create-location 1 Hall "Dock road 1"        => 1
        sam create-product 1 Hammer                     => 1
        sam create-variant 1 H-1 size=L,colour=red 1000 => 1
        sam set-listing 1 listed                        => ok
        sam create-variant 1 H-2 - 900                  => 2
        carl add-stock 1 1 20 "note 7"                  => ok
        carl remove-stock 1 1 2 broken                  => ok
        till set-payout-account 1 tess                  => ok
        sam set-store 1 "Acme tools" strict             => ok
        sam get-product 1                               => Product { id: 1, store: 1, details: ProductDetails { category: 1, title: "Hammer", summary: "", attributes: [], documents: [] }, state: ListingState::Listed, variants: [1, 2] }
        sam get-variant 1                               => Variant { id: 1, product: 1, store: 1, sku: "H-1", attributes: [Attribute { name: "size", value: "L" }, Attribute { name: "colour", value: "red" }], prices: [Price { asset: "EUR", amount: 1000, effective-ms: 0, until-ms: None }], state: ListingState::Listed }
        sam get-variant 2                               => Variant { id: 2, product: 1, store: 1, sku: "H-2", attributes: [], prices: [Price { asset: "EUR", amount: 900, effective-ms: 0, until-ms: None }], state: ListingState::Listed }
        sam get-store 1                                 => Store { id: 1, organisation: "acme", name: "Acme tools", payout-account: till, payout-change: Some(PayoutChange { account: tess, effective-ms: 25000 }), state: StoreState::Open, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, next-terms: Some(NextTerms { version: 2, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: None, restocking-fee: 0, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, effective-ms: 11000 }) }
        sam get-stock 1 1                               => StockLevel { variant: 1, location: 1, on-hand: 18, reserved: 0, available: 18 }
        sam find-variant 1 H-2                          => Some(2)
        sam find-variant 1 H-9                          => None
        admin rename-category 2 Mallets                 => ok
        sam set-product 1 "Big hammer"                  => ok
        sam set-prices 1 EUR:1000:0:-,EUR:800:2000:3000 => ok
        sam retire-variant 2                            => ok
        sam set-listing 1 withdrawn                     => ok
        sam get-variant 2                               => Variant { id: 2, product: 1, store: 1, sku: "H-2", attributes: [], prices: [Price { asset: "EUR", amount: 900, effective-ms: 0, until-ms: None }], state: ListingState::Retired }
        sam get-category 2                              => Category { id: 2, parent: Some(1), depth: 1, name: "Mallets" }
        sam get-location 1                              => Location { id: 1, store: 1, name: "Hall", place: "Dock road 1" }
        sam set-location 1 Depot "Dock road 9"          => ok
        sam get-location 1                              => Location { id: 1, store: 1, name: "Depot", place: "Dock road 9" }
        sam set-location 9 Depot -                      => UnknownItem(Item { kind: "location", id: 9 })
        carl set-location 1 Depot -                     => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina set-location 1 Depot -                     => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        sam set-location 1 - -                          => OutOfRange(Range { parameter: "name", given: 0, min: 1, max: 64 })
        sam set-location 1 Depot 141*x                  => OutOfRange(Range { parameter: "place", given: 141, min: 0, max: 140 })
        events
          | CategoryCreated(Category { id: 1, parent: None, depth: 0, name: "Tools" })
          | CategoryCreated(Category { id: 2, parent: Some(1), depth: 1, name: "Hammers" })
          | StoreCreated(Store { id: 1, organisation: "acme", name: "Acme", payout-account: till, payout-change: None, state: StoreState::Open, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, next-terms: None })
          | LocationCreated(Location { id: 1, store: 1, name: "Hall", place: "Dock road 1" })
          | ProductCreated(Product { id: 1, store: 1, details: ProductDetails { category: 1, title: "Hammer", summary: "", attributes: [], documents: [] }, state: ListingState::Draft, variants: [] })
          | VariantCreated(Variant { id: 1, product: 1, store: 1, sku: "H-1", attributes: [Attribute { name: "size", value: "L" }, Attribute { name: "colour", value: "red" }], prices: [Price { asset: "EUR", amount: 1000, effective-ms: 0, until-ms: None }], state: ListingState::Draft })
          | ListingChanged(ListingChange { product: 1, state: ListingState::Listed })
          | VariantCreated(Variant { id: 2, product: 1, store: 1, sku: "H-2", attributes: [], prices: [Price { asset: "EUR", amount: 900, effective-ms: 0, until-ms: None }], state: ListingState::Listed })
          | StockChanged(StockChange { level: StockLevel { variant: 1, location: 1, on-hand: 20, reserved: 0, available: 20 }, reason: "note 7" })
          | StockChanged(StockChange { level: StockLevel { variant: 1, location: 1, on-hand: 18, reserved: 0, available: 18 }, reason: "broken" })
          | StoreChanged(Store { id: 1, organisation: "acme", name: "Acme", payout-account: till, payout-change: Some(PayoutChange { account: tess, effective-ms: 25000 }), state: StoreState::Open, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, next-terms: None })
          | StoreChanged(Store { id: 1, organisation: "acme", name: "Acme tools", payout-account: till, payout-change: Some(PayoutChange { account: tess, effective-ms: 25000 }), state: StoreState::Open, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: Some(1000), restocking-fee: 500, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, terms-version: 1, next-terms: Some(NextTerms { version: 2, terms: Terms { accept-window-ms: 10000, ship-window-ms: 20000, delivery-window-ms: 30000, inspection-window-ms: 40000, return-approval-window-ms: 5000, return-shipping-window-ms: 15000, return-receipt-window-ms: 6000, cancellation-fee: None, restocking-fee: 0, free-cancellations-max: 2, reserve-share-max: 10000, notice-ms: 10000 }, effective-ms: 11000 }) })
          | CategoryRenamed(Category { id: 2, parent: Some(1), depth: 1, name: "Mallets" })
          | ProductChanged(Product { id: 1, store: 1, details: ProductDetails { category: 1, title: "Big hammer", summary: "", attributes: [], documents: [] }, state: ListingState::Listed, variants: [1, 2] })
          | PricesSet(PriceChange { variant: 1, prices: [Price { asset: "EUR", amount: 1000, effective-ms: 0, until-ms: None }, Price { asset: "EUR", amount: 800, effective-ms: 2000, until-ms: Some(3000) }] })
          | VariantRetired(2)
          | ListingChanged(ListingChange { product: 1, state: ListingState::Withdrawn })
          | LocationChanged(Location { id: 1, store: 1, name: "Depot", place: "Dock road 9" })
    "#]]);
}

#[test]
fn stores_pause_and_close() {
    check(expect![[r#"
        sam set-store-state 1 open       => WrongState(WrongState { item: Item { kind: "store", id: 1 }, state: "open", action: "open" })
        sam set-store-state 1 paused     => ok
        alice place-order EUR 1@1x1 1000 => NotForSale(Item { kind: "store", id: 1 })
        sam set-store-state 1 paused     => WrongState(WrongState { item: Item { kind: "store", id: 1 }, state: "paused", action: "pause" })
        sam set-store-state 1 open       => ok
        alice place-order EUR 1@1x1 1000 => 1
        sam set-store-state 1 closed     => ok
        alice place-order EUR 1@1x1 1000 => NotForSale(Item { kind: "store", id: 1 })
        sam set-store-state 1 open       => WrongState(WrongState { item: Item { kind: "store", id: 1 }, state: "closed", action: "open" })
        sam set-store-state 1 paused     => WrongState(WrongState { item: Item { kind: "store", id: 1 }, state: "closed", action: "pause" })
        sam set-store-state 1 closed     => WrongState(WrongState { item: Item { kind: "store", id: 1 }, state: "closed", action: "close" })
        carl accept 1                    => ok
        carl ship 1 0x1 -                => 1
        alice confirm 1                  => ok
        balances                         => till 975+0, alice 999000+0, bob 1000000+0, plat 25+0
    "#]]);
}

#[test]
fn products_and_variants_are_listed_withdrawn_and_retired() {
    check(expect![[r#"
        sam create-product 1 Nail     => 3
        sam create-variant 3 N-1 - 5  => 4
        carl add-stock 4 1 10 -       => ok
        sam set-listing 3 draft       => WrongState(WrongState { item: Item { kind: "product", id: 3 }, state: "draft", action: "draft" })
        sam set-listing 3 withdrawn   => WrongState(WrongState { item: Item { kind: "product", id: 3 }, state: "draft", action: "withdraw" })
        alice place-order EUR 4@1x1 5 => NotForSale(Item { kind: "variant", id: 4 })
        sam set-listing 3 listed      => ok
        sam set-listing 3 listed      => WrongState(WrongState { item: Item { kind: "product", id: 3 }, state: "listed", action: "list" })
        sam set-listing 3 draft       => WrongState(WrongState { item: Item { kind: "product", id: 3 }, state: "listed", action: "draft" })
        alice place-order EUR 4@1x1 5 => 1
        sam set-listing 3 withdrawn   => ok
        alice place-order EUR 4@1x1 5 => NotForSale(Item { kind: "variant", id: 4 })
        sam set-listing 3 withdrawn   => WrongState(WrongState { item: Item { kind: "product", id: 3 }, state: "withdrawn", action: "withdraw" })
        sam set-listing 3 listed      => ok
        sam retire-variant 4          => ok
        sam retire-variant 4          => WrongState(WrongState { item: Item { kind: "variant", id: 4 }, state: "retired", action: "retire" })
        alice place-order EUR 4@1x1 5 => NotForSale(Item { kind: "variant", id: 4 })
        sam set-prices 4 EUR:6:0:-    => WrongState(WrongState { item: Item { kind: "variant", id: 4 }, state: "retired", action: "edit" })
        sam create-variant 3 N-2 - 7  => 5
        sam set-listing 3 retired     => ok
        sam get-variant 5             => Variant { id: 5, product: 3, store: 1, sku: "N-2", attributes: [], prices: [Price { asset: "EUR", amount: 7, effective-ms: 0, until-ms: None }], state: ListingState::Retired }
        sam set-product 3 Nails       => WrongState(WrongState { item: Item { kind: "product", id: 3 }, state: "retired", action: "edit" })
        sam create-variant 3 N-3 - 7  => WrongState(WrongState { item: Item { kind: "product", id: 3 }, state: "retired", action: "edit" })
        sam set-listing 3 listed      => WrongState(WrongState { item: Item { kind: "product", id: 3 }, state: "retired", action: "list" })
        sam set-listing 3 withdrawn   => WrongState(WrongState { item: Item { kind: "product", id: 3 }, state: "retired", action: "withdraw" })
        sam set-listing 3 retired     => WrongState(WrongState { item: Item { kind: "product", id: 3 }, state: "retired", action: "retire" })
        sam set-listing 3 draft       => WrongState(WrongState { item: Item { kind: "product", id: 3 }, state: "retired", action: "draft" })
    "#]]);
}

#[test]
fn prices_count_while_they_are_valid() {
    check(expect![[r#"
        sam set-prices 1 EUR:1000:0:-,EUR:800:2000:3000,USD:900:0:-,EUR:700:5000:- => ok
        alice place-order EUR 1@1x1 10000                                          => 1
        sub 1                                                                      => placed 11000; 1000 0 0 0; 1/1/0/0/0 0
        at 2000
        alice place-order EUR 1@1x1 10000                                          => 2
        sub 2                                                                      => placed 12000; 800 0 0 0; 1/1/0/0/0 0
        at 3000
        alice place-order EUR 1@1x1 10000                                          => 3
        sub 3                                                                      => placed 13000; 1000 0 0 0; 1/1/0/0/0 0
        at 5000
        alice place-order EUR 1@1x1 10000                                          => 4
        sub 4                                                                      => placed 15000; 700 0 0 0; 1/1/0/0/0 0
        alice place-order GBP 1@1x1 10000                                          => NoPrice(UnpricedVariant { variant: 1, asset: "GBP" })
        alice place-order USD 1@1x1 10000                                          => Wallet(UnknownAsset("USD"))
        sam set-prices 1 EUR:600:6000:-                                            => ok
        alice place-order EUR 1@1x1 10000                                          => NoPrice(UnpricedVariant { variant: 1, asset: "EUR" })
        sam set-prices 1 -                                                         => ok
        alice place-order EUR 1@1x1 10000                                          => NoPrice(UnpricedVariant { variant: 1, asset: "EUR" })
    "#]]);
}

#[test]
fn stock_is_put_taken_and_moved() {
    check(expect![[r#"
        carl move-stock 1 1 2 40            => ok
        stock                               => 1@1 60-0, 1@2 50-0, 2@1 100-0, 3@3 100-0
        alice place-order EUR 1@2x45 100000 => 1
        stock                               => 1@1 60-0, 1@2 50-45, 2@1 100-0, 3@3 100-0
        carl move-stock 1 2 1 6             => InsufficientStock(StockShortfall { variant: 1, location: 2, available: 5, needed: 6 })
        carl remove-stock 1 2 5 damaged     => ok
        carl remove-stock 1 2 1 damaged     => InsufficientStock(StockShortfall { variant: 1, location: 2, available: 0, needed: 1 })
        carl move-stock 1 1 1 1             => WrongLocation(Item { kind: "location", id: 1 })
        carl move-stock 1 1 3 1             => WrongLocation(Item { kind: "location", id: 3 })
        carl add-stock 1 3 1 -              => WrongLocation(Item { kind: "location", id: 3 })
        carl add-stock 1 9 1 -              => UnknownItem(Item { kind: "location", id: 9 })
        carl add-stock 9 1 1 -              => UnknownItem(Item { kind: "variant", id: 9 })
        carl add-stock 1 1 0 -              => OutOfRange(Range { parameter: "quantity", given: 0, min: 1, max: 1000000000 })
        carl add-stock 1 1 1000000001 -     => OutOfRange(Range { parameter: "quantity", given: 1000000001, min: 1, max: 1000000000 })
        carl remove-stock 1 1 1 -           => OutOfRange(Range { parameter: "reason", given: 0, min: 1, max: 140 })
        carl add-stock 1 1 1 141*x          => OutOfRange(Range { parameter: "reason", given: 141, min: 0, max: 140 })
        tess add-stock 1 1 1 -              => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina add-stock 1 1 1 -              => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        alice get-stock 1 1                 => StockLevel { variant: 1, location: 1, on-hand: 60, reserved: 0, available: 60 }
        alice get-stock 2 2                 => StockLevel { variant: 2, location: 2, on-hand: 0, reserved: 0, available: 0 }
        alice get-stock 2 9                 => UnknownItem(Item { kind: "location", id: 9 })
    "#]]);
}

#[test]
fn only_members_with_the_role_sell() {
    check(expect![[r#"
        carl create-store Shop till std   => MissingRole("seller")
        alice create-store Shop alice std => MissingRole("seller")
        sam create-store Shop nobody std  => InactiveAccount(nobody)
        freeze till
        sam create-store Shop till std    => InactiveAccount(till)
        carl create-location 1 Hall -     => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina create-location 1 Hall -     => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina create-product 1 Thing       => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        carl create-product 1 Thing       => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina set-product 1 Thing          => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina create-variant 1 X - 5       => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        tess create-variant 1 X - 5       => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina set-prices 1 EUR:1:0:-       => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        carl set-prices 1 EUR:1:0:-       => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina retire-variant 1             => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        carl set-listing 1 withdrawn      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina set-listing 1 withdrawn      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        sam set-payout-account 1 sam      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        nina set-payout-account 1 nina    => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        tess set-payout-account 1 nobody  => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("owner") })
        nina set-store 1 Mine std         => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        carl set-store 1 Mine std         => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        carl set-store-state 1 paused     => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina set-store-state 1 paused     => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        sam create-category - Tools       => MissingRole("platform-admin")
        sam rename-category 1 Tools       => MissingRole("platform-admin")
        sam set-settings 0                => MissingRole("platform-admin")
        admin set-settings 100            => ok
        admin get-settings                => SettingsStatus { version: 1, settings: Settings { fee: 250, fee-account: Some(plat), rating-commit-window-ms: 50000, rating-reveal-window-ms: 25000, disputes: Terms { arbiter: Arbiter::Registered, fee: 0, default-to-payer: 5000, windows: Windows { response-ms: 60000, evidence-ms: 60000, offer-ms: 60000, ruling-ms: 60000, appeal-ms: 60000 } }, notice-ms: 10000 }, next: Some(NextSettings { version: 2, settings: Settings { fee: 100, fee-account: Some(plat), rating-commit-window-ms: 50000, rating-reveal-window-ms: 25000, disputes: Terms { arbiter: Arbiter::Registered, fee: 0, default-to-payer: 5000, windows: Windows { response-ms: 60000, evidence-ms: 60000, offer-ms: 60000, ruling-ms: 60000, appeal-ms: 60000 } }, notice-ms: 10000 }, effective-ms: 11000 }) }
    "#]]);
}
