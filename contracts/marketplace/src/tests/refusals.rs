//! Bad input: numbers that nothing has, texts and lists that are too long.

use ehb_contract::Host;
use ehb_dispute::types::Document;
use expect_test::expect;

use super::actions::{act, in_force, lines_of, malformed_document, pieces_of, unreadable_document};
use super::scene::{CAST, address, details, document, prices, settings, shop, terms};
use super::table::check;
use crate::bindings::ehb::marketplace::types::{
    Attribute, Error, OrderLine, Price, ProductDetails, Settings, Terms,
};
use crate::keys::{Level, STOCK};
use crate::rules;

#[test]
fn unknown_numbers_are_named() {
    check(expect![[r#"
        sam set-store 9 Name std              => UnknownItem(Item { kind: "store", id: 9 })
        tess set-payout-account 9 tess        => UnknownItem(Item { kind: "store", id: 9 })
        sam set-store-state 9 open            => UnknownItem(Item { kind: "store", id: 9 })
        sam create-location 9 Name -          => UnknownItem(Item { kind: "store", id: 9 })
        admin create-category 9 Name          => UnknownItem(Item { kind: "category", id: 9 })
        admin rename-category 9 Name          => UnknownItem(Item { kind: "category", id: 9 })
        sam create-product 9 Name             => UnknownItem(Item { kind: "store", id: 9 })
        sam set-product 9 Name                => UnknownItem(Item { kind: "product", id: 9 })
        sam set-listing 9 listed              => UnknownItem(Item { kind: "product", id: 9 })
        sam create-variant 9 X - 5            => UnknownItem(Item { kind: "product", id: 9 })
        sam retire-variant 9                  => UnknownItem(Item { kind: "variant", id: 9 })
        sam set-prices 9 -                    => UnknownItem(Item { kind: "variant", id: 9 })
        carl add-stock 9 1 1 -                => UnknownItem(Item { kind: "variant", id: 9 })
        carl remove-stock 1 9 1 why           => UnknownItem(Item { kind: "location", id: 9 })
        carl move-stock 1 1 9 1               => UnknownItem(Item { kind: "location", id: 9 })
        carl accept 9                         => UnknownItem(Item { kind: "sub-order", id: 9 })
        carl decline 9                        => UnknownItem(Item { kind: "sub-order", id: 9 })
        carl cancel 9                         => UnknownItem(Item { kind: "sub-order", id: 9 })
        carl ship 9 0x1 -                     => UnknownItem(Item { kind: "sub-order", id: 9 })
        carl cancel-unshipped 9               => UnknownItem(Item { kind: "sub-order", id: 9 })
        carl deliver 9 1                      => UnknownItem(Item { kind: "sub-order", id: 9 })
        alice confirm 9                       => UnknownItem(Item { kind: "sub-order", id: 9 })
        tess refund 9 0 1                     => UnknownItem(Item { kind: "sub-order", id: 9 })
        alice request-return 9 0x1 why        => UnknownItem(Item { kind: "sub-order", id: 9 })
        carl approve-return 9                 => UnknownItem(Item { kind: "sub-order", id: 9 })
        carl decline-return 9                 => UnknownItem(Item { kind: "sub-order", id: 9 })
        alice ship-return 9 Post              => UnknownItem(Item { kind: "sub-order", id: 9 })
        tess receive-return 9 restock         => UnknownItem(Item { kind: "sub-order", id: 9 })
        alice open-dispute 9 1 why            => UnknownItem(Item { kind: "sub-order", id: 9 })
        alice respond 9 1                     => UnknownItem(Item { kind: "dispute", id: 9 })
        alice add-evidence 9 why              => UnknownItem(Item { kind: "dispute", id: 9 })
        alice offer 9 1                       => UnknownItem(Item { kind: "dispute", id: 9 })
        alice accept-settlement 9             => UnknownItem(Item { kind: "dispute", id: 9 })
        alice finish-phase 9                  => UnknownItem(Item { kind: "dispute", id: 9 })
        judge rule 9 1                        => UnknownItem(Item { kind: "dispute", id: 9 })
        alice appeal 9 why                    => UnknownItem(Item { kind: "dispute", id: 9 })
        alice commit 9 buyer 1                => UnknownItem(Item { kind: "sub-order", id: 9 })
        alice reveal 9 1                      => UnknownItem(Item { kind: "sub-order", id: 9 })
        stranger advance 9                    => UnknownItem(Item { kind: "sub-order", id: 9 })
        alice get-category 9                  => UnknownItem(Item { kind: "category", id: 9 })
        alice get-store 9                     => UnknownItem(Item { kind: "store", id: 9 })
        alice get-location 9                  => UnknownItem(Item { kind: "location", id: 9 })
        alice get-product 9                   => UnknownItem(Item { kind: "product", id: 9 })
        alice get-variant 9                   => UnknownItem(Item { kind: "variant", id: 9 })
        alice find-variant 9 X                => UnknownItem(Item { kind: "store", id: 9 })
        alice get-stock 9 1                   => UnknownItem(Item { kind: "variant", id: 9 })
        alice get-order 9                     => UnknownItem(Item { kind: "order", id: 9 })
        alice get-sub-order 9                 => UnknownItem(Item { kind: "sub-order", id: 9 })
        alice get-shipment 9 1                => UnknownItem(Item { kind: "shipment", id: 1 })
        alice get-return 9                    => UnknownItem(Item { kind: "return-case", id: 9 })
        alice get-dispute 9                   => UnknownItem(Item { kind: "dispute", id: 9 })
        alice get-rating 9                    => UnknownItem(Item { kind: "rating", id: 9 })
        alice get-store-rating 9              => UnknownItem(Item { kind: "store", id: 9 })
        alice list-locations 9 - 1            => UnknownItem(Item { kind: "store", id: 9 })
        alice list-products 9 - 1             => UnknownItem(Item { kind: "store", id: 9 })
        alice list-products-of-category 9 - 1 => UnknownItem(Item { kind: "category", id: 9 })
        alice list-stock 9 - 1                => UnknownItem(Item { kind: "variant", id: 9 })
        alice list-sub-orders 9 - 1           => UnknownItem(Item { kind: "store", id: 9 })
        alice list-shipments 9 - 1            => UnknownItem(Item { kind: "sub-order", id: 9 })
    "#]]);
}

#[test]
fn texts_and_numbers_are_bounded() {
    check(expect![[r#"
        sam create-store - till std                                                                                => OutOfRange(Range { parameter: "name", given: 0, min: 1, max: 64 })
        sam create-store 65*x till std                                                                             => OutOfRange(Range { parameter: "name", given: 65, min: 1, max: 64 })
        sam set-store 1 - std                                                                                      => OutOfRange(Range { parameter: "name", given: 0, min: 1, max: 64 })
        sam create-location 1 - -                                                                                  => OutOfRange(Range { parameter: "name", given: 0, min: 1, max: 64 })
        sam create-location 1 65*x -                                                                               => OutOfRange(Range { parameter: "name", given: 65, min: 1, max: 64 })
        sam create-location 1 Hall 141*x                                                                           => OutOfRange(Range { parameter: "place", given: 141, min: 0, max: 140 })
        admin create-category - -                                                                                  => OutOfRange(Range { parameter: "name", given: 0, min: 1, max: 64 })
        admin create-category - 65*x                                                                               => OutOfRange(Range { parameter: "name", given: 65, min: 1, max: 64 })
        admin rename-category 1 -                                                                                  => OutOfRange(Range { parameter: "name", given: 0, min: 1, max: 64 })
        sam create-product 1 -                                                                                     => OutOfRange(Range { parameter: "title", given: 0, min: 1, max: 140 })
        sam create-product 1 141*x                                                                                 => OutOfRange(Range { parameter: "title", given: 141, min: 1, max: 140 })
        sam set-product 1 -                                                                                        => OutOfRange(Range { parameter: "title", given: 0, min: 1, max: 140 })
        sam create-variant 1 - - 5                                                                                 => OutOfRange(Range { parameter: "sku", given: 0, min: 1, max: 32 })
        sam create-variant 1 33*x - 5                                                                              => OutOfRange(Range { parameter: "sku", given: 33, min: 1, max: 32 })
        sam create-variant 1 H-1 - 5                                                                               => SkuExists("H-1")
        sam create-variant 1 X - 0                                                                                 => ZeroAmount
        sam create-variant 1 X a=1,a=2 5                                                                           => Duplicate(ListEntry { list: "attributes", position: 1 })
        sam create-variant 1 X =1 5                                                                                => OutOfRange(Range { parameter: "attribute-name", given: 0, min: 1, max: 32 })
        sam set-prices 1 EUR:0:0:-                                                                                 => ZeroAmount
        sam set-prices 1 EUR:1:5:5                                                                                 => ConflictingPrice(5)
        sam set-prices 1 EUR:1:5:-,EUR:2:5:9                                                                       => ConflictingPrice(5)
        sam set-prices 1 -:1:5:-                                                                                   => MalformedAssetId("")
        sam set-prices 1 EUR:1:0:-,EUR:1:1:-,EUR:1:2:-,EUR:1:3:-,EUR:1:4:-,EUR:1:5:-,EUR:1:6:-,EUR:1:7:-,EUR:1:8:- => OutOfRange(Range { parameter: "prices", given: 9, min: 0, max: 8 })
        admin set-settings 10001                                                                                   => OutOfRange(Range { parameter: "fee", given: 10001, min: 0, max: 2000 })
        alice find-variant 1 -                                                                                     => OutOfRange(Range { parameter: "sku", given: 0, min: 1, max: 32 })
    "#]]);
}

#[test]
fn categories_are_eight_levels_deep() {
    check(expect![[r#"
        admin create-category 1 b => 2
        admin create-category 2 c => 3
        admin create-category 3 d => 4
        admin create-category 4 e => 5
        admin create-category 5 f => 6
        admin create-category 6 g => 7
        admin create-category 7 h => 8
        admin create-category 8 i => OutOfRange(Range { parameter: "depth", given: 8, min: 0, max: 7 })
    "#]]);
}

#[test]
fn pages_are_bounded_and_lead_on() {
    check(expect![[r#"
        alice place-order EUR 1@1x2 3000       => 1
        alice place-order EUR 1@1x2,3@3x1 3000 => 2
        carl accept 1                          => ok
        carl ship 1 0x1 -                      => 1
        carl ship 1 0x1 -                      => 2
        alice list-stores - 0                  => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-stores - 101                => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        alice list-stores - 1                  => ([1], Some(1))
        alice list-stores 1 1                  => ([2], None)
        alice list-categories - 10             => ([1], None)
        alice list-locations 1 - 1             => ([1], Some(1))
        alice list-locations 1 1 10            => ([2], None)
        alice list-products 1 - 10             => ([1], None)
        alice list-products-of-category 1 - 1  => ([1], Some(1))
        alice list-products-of-category 1 1 1  => ([2], None)
        alice list-stock 1 - 1                 => ([1], Some(1))
        alice list-stock 1 1 1                 => ([2], None)
        alice list-orders alice - 1            => ([1], Some(1))
        alice list-orders alice 1 10           => ([2], None)
        alice list-orders bob - 10             => ([], None)
        alice list-sub-orders 1 - 10           => ([1, 2], None)
        alice list-sub-orders 2 - 10           => ([3], None)
        alice list-shipments 1 - 1             => ([1], Some(1))
        alice list-shipments 1 1 1             => ([2], None)
        alice list-orders alice - 0            => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-categories - 0              => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-locations 1 - 0             => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-products 1 - 101            => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        alice list-stock 1 - 0                 => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-sub-orders 1 - 0            => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-shipments 1 - 0             => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-due 0                       => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-due 101                     => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
    "#]]);
}

/// Each description, terms, settings, list with one thing wrong, and what is said of it.
#[test]
fn what_is_too_much_is_named() {
    let mut host = shop();
    let mut results = String::new();
    let mut show = |what: &str, result: String| results.push_str(&format!("{what}: {result}\n"));
    let attribute = |name: String| Attribute { name, value: String::new() };

    host.act_as(address("sam"));
    let wrong: [(&str, ProductDetails); 8] = [
        ("category", ProductDetails { category: 9, ..details("a") }),
        ("summary", ProductDetails { summary: "x".repeat(1_001), ..details("a") }),
        (
            "attributes",
            ProductDetails {
                attributes: (0..17).map(|at| attribute(at.to_string())).collect(),
                ..details("a")
            },
        ),
        (
            "value",
            ProductDetails {
                attributes: vec![Attribute { name: "a".to_owned(), value: "x".repeat(65) }],
                ..details("a")
            },
        ),
        ("documents", ProductDetails { documents: vec![document(); 9], ..details("a") }),
        ("cid", ProductDetails { documents: vec![malformed_document()], ..details("a") }),
        ("media type", ProductDetails { documents: vec![unreadable_document()], ..details("a") }),
        (
            "attribute",
            ProductDetails { attributes: vec![attribute("a".to_owned()); 2], ..details("a") },
        ),
    ];
    for (what, details) in wrong {
        let created =
            host.call(|host| rules::create_product(host, 1, details.clone(), String::new()));
        show(&format!("create-product {what}"), CAST.outcome(&created));
        let set = host.call(|host| rules::set_product(host, 1, details));
        show(&format!("set-product {what}"), CAST.outcome(&set));
    }
    let day = 24 * 60 * 60 * 1_000;
    let std = || terms("std");
    let wrong: [(&str, Terms); 11] = [
        ("accept", Terms { accept_window_ms: 30 * day + 1, ..std() }),
        ("ship", Terms { ship_window_ms: 180 * day + 1, ..std() }),
        ("delivery", Terms { delivery_window_ms: 180 * day + 1, ..std() }),
        ("inspection", Terms { inspection_window_ms: 999, ..std() }),
        ("answer", Terms { return_approval_window_ms: 0, ..std() }),
        ("return", Terms { return_shipping_window_ms: u64::MAX, ..std() }),
        ("receipt", Terms { return_receipt_window_ms: 90 * day + 1, ..std() }),
        ("penalty", Terms { cancellation_fee: Some(10_001), ..std() }),
        ("restocking", Terms { restocking_fee: 10_001, ..std() }),
        ("notice", Terms { notice_ms: 30 * day + 1, ..std() }),
        ("most", crate::checks::TERMS_MAX),
    ];
    for (what, terms) in wrong {
        let set = host.call(|host| rules::set_store(host, 1, "Acme".to_owned(), terms));
        show(&format!("set-store {what}"), CAST.outcome(&set));
    }
    host.act_as(address("admin"));
    let wrong: [(&str, Settings); 7] = [
        ("fee account", Settings { fee_account: None, ..settings(1) }),
        ("no fee", Settings { fee_account: None, ..settings(0) }),
        ("frozen", Settings { fee_account: Some(address("nobody")), ..settings(1) }),
        ("commit", Settings { rating_commit_window_ms: 999, ..settings(1) }),
        ("reveal", Settings { rating_reveal_window_ms: u64::MAX, ..settings(1) }),
        ("notice", Settings { notice_ms: 999, ..settings(1) }),
        ("disputes", {
            let mut settings = settings(1);
            settings.disputes.windows.ruling_ms = 1;
            settings
        }),
    ];
    for (what, settings) in wrong {
        let set = host.call(|host| rules::set_settings(host, settings));
        show(&format!("set-settings {what}"), CAST.outcome(&set));
    }
    expect![[r#"
        create-product category: UnknownItem(Item { kind: "category", id: 9 })
        set-product category: UnknownItem(Item { kind: "category", id: 9 })
        create-product summary: OutOfRange(Range { parameter: "summary", given: 1001, min: 0, max: 1000 })
        set-product summary: OutOfRange(Range { parameter: "summary", given: 1001, min: 0, max: 1000 })
        create-product attributes: OutOfRange(Range { parameter: "attributes", given: 17, min: 0, max: 16 })
        set-product attributes: OutOfRange(Range { parameter: "attributes", given: 17, min: 0, max: 16 })
        create-product value: OutOfRange(Range { parameter: "attribute-value", given: 65, min: 0, max: 64 })
        set-product value: OutOfRange(Range { parameter: "attribute-value", given: 65, min: 0, max: 64 })
        create-product documents: OutOfRange(Range { parameter: "documents", given: 9, min: 0, max: 8 })
        set-product documents: OutOfRange(Range { parameter: "documents", given: 9, min: 0, max: 8 })
        create-product cid: MalformedCid("Qm")
        set-product cid: MalformedCid("Qm")
        create-product media type: MalformedMediaType("pdf")
        set-product media type: MalformedMediaType("pdf")
        create-product attribute: Duplicate(ListEntry { list: "attributes", position: 1 })
        set-product attribute: Duplicate(ListEntry { list: "attributes", position: 1 })
        set-store accept: OutOfRange(Range { parameter: "accept-window-ms", given: 2592000001, min: 1000, max: 2592000000 })
        set-store ship: OutOfRange(Range { parameter: "ship-window-ms", given: 15552000001, min: 1000, max: 15552000000 })
        set-store delivery: OutOfRange(Range { parameter: "delivery-window-ms", given: 15552000001, min: 1000, max: 15552000000 })
        set-store inspection: OutOfRange(Range { parameter: "inspection-window-ms", given: 999, min: 1000, max: 7776000000 })
        set-store answer: OutOfRange(Range { parameter: "return-approval-window-ms", given: 0, min: 1000, max: 2592000000 })
        set-store return: OutOfRange(Range { parameter: "return-shipping-window-ms", given: 18446744073709551615, min: 1000, max: 7776000000 })
        set-store receipt: OutOfRange(Range { parameter: "return-receipt-window-ms", given: 7776000001, min: 1000, max: 7776000000 })
        set-store penalty: OutOfRange(Range { parameter: "cancellation-fee", given: 10001, min: 0, max: 10000 })
        set-store restocking: OutOfRange(Range { parameter: "restocking-fee", given: 10001, min: 0, max: 10000 })
        set-store notice: OutOfRange(Range { parameter: "notice-ms", given: 2592000001, min: 1000, max: 2592000000 })
        set-store most: ok
        set-settings fee account: MissingFeeAccount
        set-settings no fee: ok
        set-settings frozen: InactiveAccount(nobody)
        set-settings commit: OutOfRange(Range { parameter: "rating-commit-window-ms", given: 999, min: 1000, max: 7776000000 })
        set-settings reveal: OutOfRange(Range { parameter: "rating-reveal-window-ms", given: 18446744073709551615, min: 1000, max: 2592000000 })
        set-settings notice: OutOfRange(Range { parameter: "notice-ms", given: 999, min: 1000, max: 2592000000 })
        set-settings disputes: OutOfRange(Range { parameter: "ruling-ms", given: 1, min: 1000, max: 2592000000 })
    "#]].assert_eq(&results);
}

#[test]
fn shipments_of_a_sub_order_are_bounded() {
    let mut host = shop();
    let mut act_as = |who: &str, action: &str, arguments: &[&str]| {
        CAST.act_as(&mut host, who);
        act(&mut host, action, arguments)
    };
    act_as("sam", "add-stock", &["1", "1", "100", "-"]);
    assert_eq!(act_as("alice", "place-order", &["EUR", "1@1x17", "17000"]), "1");
    assert_eq!(act_as("carl", "accept", &["1"]), "ok");
    for number in 1..=16 {
        assert_eq!(act_as("carl", "ship", &["1", "0x1", "-"]), number.to_string());
    }
    let refused = act_as("carl", "ship", &["1", "0x1", "-"]);
    expect![[r#"TooMany(Bound { what: "shipments", max: 16 })"#]].assert_eq(&refused);
}

#[test]
fn lists_are_bounded() {
    let mut host = shop();
    let none = String::new;
    host.act_as(address("sam"));
    for number in 3..=32 {
        let sku = format!("V-{number}");
        rules::create_variant(&mut host, 1, sku, Vec::new(), prices(1), none()).unwrap();
    }
    let created =
        rules::create_variant(&mut host, 1, "V-33".to_owned(), Vec::new(), prices(1), none());
    expect![[r#"TooMany(Bound { what: "variants", max: 32 })"#]].assert_eq(&CAST.outcome(&created));

    host.act_as(address("alice"));
    let lines = |count: usize| vec![OrderLine { variant: 1, location: 1, quantity: 1 }; count];
    let eur = || "EUR".to_owned();
    let agreed = || in_force(&shop(), &lines(1)).0;
    let placed = rules::place_order(
        &mut host,
        eur(),
        lines(17),
        u64::MAX,
        agreed(),
        1,
        None,
        none(),
        none(),
    );
    expect![[r#"OutOfRange(Range { parameter: "lines", given: 17, min: 1, max: 16 })"#]]
        .assert_eq(&CAST.outcome(&placed));
    let long = "x".repeat(141);
    let placed =
        rules::place_order(&mut host, eur(), lines(1), u64::MAX, agreed(), 1, None, long, none());
    expect![[r#"OutOfRange(Range { parameter: "reference", given: 141, min: 0, max: 140 })"#]]
        .assert_eq(&CAST.outcome(&placed));
    let wrong = Some(malformed_document());
    let placed = rules::place_order(
        &mut host,
        eur(),
        lines(1),
        u64::MAX,
        agreed(),
        1,
        wrong,
        none(),
        none(),
    );
    expect![[r#"MalformedCid("Qm")"#]].assert_eq(&CAST.outcome(&placed));
}

/// An order has lines of eight stores at most.
#[test]
fn an_order_has_eight_stores() {
    let mut host = shop();
    let none = String::new;
    host.act_as(address("sam"));
    let mut lines = vec![OrderLine { variant: 1, location: 1, quantity: 1 }];
    for place in 3..=10 {
        rules::create_store(&mut host, none() + "S", address("till"), terms("std"), none())
            .unwrap();
        let location =
            rules::create_location(&mut host, place, none() + "L", none(), none()).unwrap();
        let product = rules::create_product(&mut host, place, details("P"), none()).unwrap();
        let priced: Vec<Price> = prices(1);
        let variant =
            rules::create_variant(&mut host, product, none() + "V", Vec::new(), priced, none());
        let variant = variant.unwrap();
        let listed = crate::bindings::ehb::marketplace::types::ListingState::Listed;
        rules::set_listing(&mut host, product, listed).unwrap();
        rules::add_stock(&mut host, variant, location, 5, none(), none()).unwrap();
        lines.push(OrderLine { variant, location, quantity: 1 });
    }
    host.act_as(address("alice"));
    let mut place = |count: usize| {
        let lines = lines[..count].to_vec();
        let agreed = in_force(&host, &lines).0;
        let placed = host.call(|host| {
            rules::place_order(
                host,
                none() + "EUR",
                lines,
                u64::MAX,
                agreed,
                1,
                None,
                none(),
                none(),
            )
        });
        CAST.outcome(&placed)
    };
    expect![[r#"OutOfRange(Range { parameter: "stores", given: 9, min: 1, max: 8 })"#]]
        .assert_eq(&place(9));
    expect!["1"].assert_eq(&place(8));
}

/// Those of another organisation, those with another role, and modules.
#[test]
fn wrong_parties_are_named() {
    check(expect![[r#"
        marketplace/sam create-store Acme till std => ModuleCaller("marketplace")
        carl set-store 1 Acme std                  => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina set-store 1 Acme std                  => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        carl create-location 1 Yard -              => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        carl create-product 1 Nail                 => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina create-product 1 Nail                 => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        carl set-product 1 Nail                    => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina set-product 1 Nail                    => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        carl set-listing 1 withdrawn               => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina set-listing 1 withdrawn               => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        carl create-variant 1 X - 5                => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        carl retire-variant 1                      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina retire-variant 1                      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        carl set-prices 1 -                        => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        nina set-prices 1 -                        => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
        tess add-stock 1 1 1 -                     => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        tess remove-stock 1 1 1 lost               => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina remove-stock 1 1 1 lost               => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        carl remove-stock 1 3 1 lost               => WrongLocation(Item { kind: "location", id: 3 })
        tess move-stock 1 1 2 1                    => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina move-stock 1 1 2 1                    => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        carl move-stock 1 1 3 1                    => WrongLocation(Item { kind: "location", id: 3 })
        carl move-stock 1 1 2 0                    => OutOfRange(Range { parameter: "quantity", given: 0, min: 1, max: 1000000000 })
        alice place-order EUR 1@1x3 3000           => 1
        tess accept 1                              => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina accept 1                              => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        tess decline 1                             => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina decline 1                             => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        tess cancel 1                              => NotAParty(Item { kind: "sub-order", id: 1 })
        nina cancel 1                              => NotAParty(Item { kind: "sub-order", id: 1 })
        bob cancel 1                               => NotAParty(Item { kind: "sub-order", id: 1 })
        carl accept 1                              => ok
        tess ship 1 0x3 fast                       => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina ship 1 0x3 fast                       => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        carl ship 1 0x2 fast                       => 1
        tess cancel-unshipped 1                    => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina cancel-unshipped 1                    => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        carl ship 1 0x1 fast                       => 2
        bob deliver 1 1                            => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        tess deliver 1 1                           => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        fast deliver 1 1                           => ok
        fast deliver 1 2                           => ok
        bob confirm 1                              => WrongParty(Party { account: Some(alice), organisation: None, role: Some("buyer") })
        bob request-return 1 0x1 why               => WrongParty(Party { account: Some(alice), organisation: None, role: Some("buyer") })
        bob refund 1 0 1                           => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        till refund 1 0 1                          => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        bob open-dispute 1 5000 why                => NotAParty(Item { kind: "sub-order", id: 1 })
        sam open-dispute 1 5000 why                => NotAParty(Item { kind: "sub-order", id: 1 })
        alice request-return 1 0x1 why             => ok
        tess approve-return 1                      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        tess decline-return 1                      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina decline-return 1                      => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        carl approve-return 1                      => ok
        bob ship-return 1 Post                     => WrongParty(Party { account: Some(alice), organisation: None, role: Some("buyer") })
        alice ship-return 1 Post                   => ok
        till receive-return 1 scrap                => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        nina receive-return 1 scrap                => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        tess receive-return 1 scrap                => ok
        bob commit 1 buyer 5                       => NotAParty(Item { kind: "sub-order", id: 1 })
        tess commit 1 seller 5                     => NotAParty(Item { kind: "sub-order", id: 1 })
        alice commit 1 buyer 5                     => ok
        carl commit 1 seller 5                     => ok
        tess reveal 1 5                            => NotAParty(Item { kind: "sub-order", id: 1 })
        nina reveal 1 5                            => NotAParty(Item { kind: "sub-order", id: 1 })
    "#]]);
}

/// A key counts for one call with its arguments.
#[test]
fn keys_are_used_once() {
    check(expect![[r#"
        sam create-location 1 Yard - key=k     => 4
        sam create-location 1 Yard - key=k     => 4
        sam create-location 1 Shed - key=k     => KeyReused
        sam create-store Acme till std key=k   => KeyReused
        sam create-product 1 Nail key=k        => KeyReused
        sam create-variant 1 N-1 - 5 key=k     => KeyReused
        sam create-location 1 Shed - key=65*k  => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        admin create-category - Wood key=k     => 2
        admin create-category - Steel key=k    => KeyReused
        carl add-stock 1 1 1 - key=k           => ok
        carl add-stock 1 1 2 - key=k           => KeyReused
        carl remove-stock 1 1 1 lost key=k     => KeyReused
        carl move-stock 1 1 2 1 key=k          => KeyReused
        alice place-order EUR 1@1x3 3000 key=k => 1
        alice place-order EUR 1@1x2 3000 key=k => KeyReused
        alice cancel 1 key=k                   => KeyReused
        alice confirm 1 key=k                  => KeyReused
        alice request-return 1 0x1 why key=k   => KeyReused
        alice open-dispute 1 5000 why key=k    => KeyReused
        alice accept-settlement 1 key=k        => KeyReused
        alice rule 1 5000 key=k                => KeyReused
        carl decline 1 key=k                   => KeyReused
        carl ship 1 0x1 - key=k                => KeyReused
        carl cancel-unshipped 1 key=k          => KeyReused
        carl refund 1 0 1 key=k                => KeyReused
        carl receive-return 1 scrap key=k      => KeyReused
    "#]]);
}

/// Every document that a call takes is looked at.
#[test]
fn malformed_documents_are_named() {
    let mut host = shop();
    for row in [
        "alice place-order EUR 1@1x3 3000",
        "carl accept 1",
        "carl ship 1 0x3 -",
        "bob place-order EUR 1@1x1 3000",
        "carl accept 2",
        "carl ship 2 0x1 -",
        "carl deliver 2 1",
        // The third's dispute is as far as evidence, the fourth's as far as a ruling.
        "alice place-order EUR 1@1x1 3000",
        "carl accept 3",
        "alice open-dispute 3 5000 why",
        "tess respond 3 0",
        "alice place-order EUR 1@1x1 3000",
        "carl accept 4",
        "alice open-dispute 4 5000 why",
        "tess respond 4 0",
        "alice finish-phase 4",
        "tess finish-phase 4",
        "alice request 4",
    ] {
        let words: Vec<&str> = row.split_whitespace().collect();
        CAST.act_as(&mut host, words[0]);
        let result = act(&mut host, words[1], &words[2..]);
        assert!(!result.contains('('), "{row}: {result}");
    }
    type Call = fn(&mut Host, Document) -> Result<(), Error>;
    let calls: [(&str, &str, Call); 5] = [
        ("alice", "place-order", |host, document| {
            let (lines, asset) = (lines_of("1@1x1"), "EUR".to_owned());
            let (none, document) = (String::new(), Some(document));
            {
                let (terms, version) = in_force(host, &lines);
                let (word, key) = (none.clone(), none);
                rules::place_order(host, asset, lines, 3_000, terms, version, document, word, key)
                    .map(drop)
            }
        }),
        ("carl", "record-delivery", |host, document| rules::record_delivery(host, 1, 1, document)),
        ("bob", "request-return", |host, document| {
            let (pieces, reason) = (pieces_of("0x1"), "why".to_owned());
            rules::request_return(host, 2, pieces, reason, vec![document], String::new())
        }),
        ("alice", "add-evidence", |host, document| {
            rules::add_evidence(host, 3, document, String::new())
        }),
        ("judge", "rule-dispute", |host, document| {
            rules::rule_dispute(host, 4, 0, Some(document), String::new())
        }),
    ];
    let endless = Document { size: 0, ..document() };
    let mut results = String::new();
    for (who, name, call) in calls {
        for document in [malformed_document(), unreadable_document(), endless.clone()] {
            host.act_as(address(who));
            let result = host.call(|host| call(host, document));
            results.push_str(&format!("{name}: {}\n", CAST.outcome(&result)));
        }
    }
    host.act_as(address("bob"));
    let (pieces, documents) = (pieces_of("0x1"), vec![document(); 5]);
    let many = host.call(|host| {
        rules::request_return(host, 2, pieces, "why".to_owned(), documents, String::new())
    });
    results.push_str(&format!("request-return: {}\n", CAST.outcome(&many)));
    expect![[r#"
        place-order: MalformedCid("Qm")
        place-order: MalformedMediaType("pdf")
        place-order: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        record-delivery: MalformedCid("Qm")
        record-delivery: MalformedMediaType("pdf")
        record-delivery: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        request-return: MalformedCid("Qm")
        request-return: MalformedMediaType("pdf")
        request-return: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        add-evidence: MalformedCid("Qm")
        add-evidence: MalformedMediaType("pdf")
        add-evidence: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        rule-dispute: MalformedCid("Qm")
        rule-dispute: MalformedMediaType("pdf")
        rule-dispute: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        request-return: OutOfRange(Range { parameter: "documents", given: 5, min: 0, max: 4 })
    "#]].assert_eq(&results);
}

/// Each function refuses what it documents: `testnet/checks` compares the rows with the WIT.
#[test]
fn keys_that_are_too_long_are_named() {
    check(expect![[r#"
        carl decline 1 key=65*k              => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        carl cancel 1 key=65*k               => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        carl cancel-unshipped 1 key=65*k     => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        alice confirm 1 key=65*k             => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        tess refund 1 0 1 key=65*k           => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        tess receive-return 1 scrap key=65*k => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        tess accept-settlement 1 key=65*k    => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
    "#]]);
}

#[test]
fn states_and_deadlines_of_orders_are_checked() {
    check(expect![[r#"
        alice list-products-of-category 1 - 0 => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice rating-commitment 1 6           => OutOfRange(Range { parameter: "score", given: 6, min: 1, max: 5 })
        sam create-variant 1 X - EUR:1:5:5    => ConflictingPrice(5)
        alice place-order EUR 1@1x3 3000      => 1
        carl cancel-unshipped 1               => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "placed", action: "cancel-unshipped" })
        carl deliver 1 1                      => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "placed", action: "deliver-part" })
        carl approve-return 1                 => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "placed", action: "approve-return" })
        carl decline-return 1                 => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "placed", action: "decline-return" })
        alice ship-return 1 Post              => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "placed", action: "ship-return" })
        tess receive-return 1 scrap           => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "placed", action: "receive-return" })
        carl accept 1                         => ok
        carl decline 1                        => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "accepted", action: "decline" })
        carl ship 1 0x1 -                     => 1
        alice place-order EUR 1@1x1 3000      => 2
        carl accept 2                         => ok
        carl ship 2 0x1 -                     => 1
        alice place-order EUR 1@1x1 3000      => 3
        carl accept 3                         => ok
        carl ship 3 0x1 -                     => 1
        carl deliver 3 1                      => ok
        alice place-order EUR 1@1x1 3000      => 4
        carl accept 4                         => ok
        carl ship 4 0x1 -                     => 1
        carl deliver 4 1                      => ok
        alice request-return 4 0x1 why        => ok
        alice place-order EUR 1@1x1 3000      => 5
        at 6000
        carl approve-return 4                 => TooLate(Deadline { item: Item { kind: "sub-order", id: 4 }, deadline-ms: 6000, now-ms: 6000 })
        at 11000
        carl decline 5                        => TooLate(Deadline { item: Item { kind: "sub-order", id: 5 }, deadline-ms: 11000, now-ms: 11000 })
        alice cancel 5                        => TooLate(Deadline { item: Item { kind: "sub-order", id: 5 }, deadline-ms: 11000, now-ms: 11000 })
        tess refund 5 0 1                     => TooLate(Deadline { item: Item { kind: "sub-order", id: 5 }, deadline-ms: 11000, now-ms: 11000 })
        at 21000
        carl cancel-unshipped 1               => TooLate(Deadline { item: Item { kind: "sub-order", id: 1 }, deadline-ms: 21000, now-ms: 21000 })
        at 31000
        alice confirm 2                       => TooLate(Deadline { item: Item { kind: "sub-order", id: 2 }, deadline-ms: 31000, now-ms: 31000 })
        at 41000
        alice request-return 3 0x1 why        => TooLate(Deadline { item: Item { kind: "sub-order", id: 3 }, deadline-ms: 41000, now-ms: 41000 })
    "#]]);
}

#[test]
fn parties_states_and_deadlines_of_disputes_are_checked() {
    check(expect![[r#"
        alice place-order EUR 1@1x3 3000 => 1
        carl accept 1                    => ok
        alice open-dispute 1 5000 late   => ok
        alice add-evidence 1 photo       => ok
        alice finish-phase 1             => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "open", action: "finish-phase" })
        alice appeal 1 why               => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "open", action: "appeal" })
        carl add-evidence 1 photo        => NotAParty(Item { kind: "sub-order", id: 1 })
        bob add-evidence 1 photo         => NotAParty(Item { kind: "sub-order", id: 1 })
        carl offer 1 5000                => NotAParty(Item { kind: "sub-order", id: 1 })
        bob offer 1 5000                 => NotAParty(Item { kind: "sub-order", id: 1 })
        carl accept-settlement 1         => NotAParty(Item { kind: "sub-order", id: 1 })
        bob accept-settlement 1          => NotAParty(Item { kind: "sub-order", id: 1 })
        carl finish-phase 1              => NotAParty(Item { kind: "sub-order", id: 1 })
        bob finish-phase 1               => NotAParty(Item { kind: "sub-order", id: 1 })
        carl appeal 1 why                => NotAParty(Item { kind: "sub-order", id: 1 })
        tess respond 1 0                 => ok
        alice add-evidence 1 281*x       => OutOfRange(Range { parameter: "note", given: 281, min: 0, max: 280 })
        alice finish-phase 1             => ok
        alice add-evidence 1 photo       => Dispute(PhaseFinished(Side::Payer))
        tess finish-phase 1              => ok
        alice offer 1 10001              => OutOfRange(Range { parameter: "to-payer", given: 10001, min: 0, max: 10000 })
        alice request 1                  => ok
        alice add-evidence 1 photo       => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "arbitration", action: "add-evidence" })
        alice accept-settlement 1        => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "arbitration", action: "accept" })
        judge rule 1 5000                => ok
        alice finish-phase 1             => ok
        alice appeal 1 why               => Dispute(PhaseFinished(Side::Payer))
        alice place-order EUR 1@1x1 3000 => 2
        carl accept 2                    => ok
        alice open-dispute 2 5000 late   => ok
        tess respond 2 0                 => ok
        alice place-order EUR 1@1x1 3000 => 3
        carl accept 3                    => ok
        alice open-dispute 3 5000 late   => ok
        tess respond 3 0                 => ok
        alice finish-phase 3             => ok
        tess finish-phase 3              => ok
        alice place-order EUR 1@1x1 3000 => 4
        carl accept 4                    => ok
        alice open-dispute 4 5000 late   => ok
        tess respond 4 0                 => ok
        alice finish-phase 4             => ok
        tess finish-phase 4              => ok
        alice request 4                  => ok
        at 61000
        tess appeal 1 why                => TooLate(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 61000, now-ms: 61000 })
        tess finish-phase 1              => TooLate(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 61000, now-ms: 61000 })
        alice add-evidence 2 photo       => TooLate(Deadline { item: Item { kind: "dispute", id: 2 }, deadline-ms: 61000, now-ms: 61000 })
        alice offer 3 5000               => TooLate(Deadline { item: Item { kind: "dispute", id: 3 }, deadline-ms: 61000, now-ms: 61000 })
        judge rule 4 5000                => TooLate(Deadline { item: Item { kind: "dispute", id: 4 }, deadline-ms: 61000, now-ms: 61000 })
    "#]]);
}

#[test]
fn what_treasurers_give_in_disputes_is_limited() {
    check(expect![[r#"
        grant till owner
        till set-treasurer-limit 1 EUR 2000 2500 => ok
        alice place-order EUR 1@1x3 3000         => 1
        carl accept 1                            => ok
        alice open-dispute 1 10000 late          => ok
        alice place-order EUR 1@1x3 3000         => 2
        carl accept 2                            => ok
        alice open-dispute 2 10000 late          => ok
        alice place-order EUR 1@1x3 3000         => 3
        carl accept 3                            => ok
        carl ship 3 0x3 -                        => 1
        carl deliver 3 1                         => ok
        alice request-return 3 0x1 why           => ok
        carl approve-return 3                    => ok
        alice ship-return 3 Post                 => ok
        tess respond 1 5000                      => ok
        tess respond 2 5000                      => OverDailyLimit(LimitUsage { limit: 2500, used: 1500, needed: 1500 })
        tess open-dispute 3 5000 dirty           => OverDailyLimit(LimitUsage { limit: 2500, used: 1500, needed: 1500 })
        alice finish-phase 1                     => ok
        tess finish-phase 1                      => ok
        alice offer 1 10000                      => ok
        tess offer 1 9000                        => OverSingleLimit(OverSingleLimit { amount: 2700, max: 2000 })
    "#]]);
}

/// No stock passes the largest number: what comes back then is taken in without being stocked.
#[test]
fn a_stock_that_is_full_takes_no_more() {
    let mut host = shop();
    let mut text = String::new();
    let mut run = |host: &mut Host, row: &str| {
        let words: Vec<&str> = row.split_whitespace().collect();
        CAST.act_as(host, words[0]);
        text.push_str(&format!("{row}: {}\n", act(host, words[1], &words[2..])));
    };
    for row in [
        "alice place-order EUR 1@1x1 3000",
        "carl accept 1",
        "carl ship 1 0x1 -",
        "carl deliver 1 1",
        "alice request-return 1 0x1 why",
        "carl approve-return 1",
        "alice ship-return 1 Post",
    ] {
        run(&mut host, row);
    }
    STOCK.set(&mut host, &(1, 1), &Level { on_hand: u64::MAX, reserved: 0 });
    for row in [
        "carl add-stock 1 1 1 -",
        "carl move-stock 1 2 1 1",
        "tess receive-return 1 restock",
        "tess receive-return 1 scrap",
    ] {
        run(&mut host, row);
    }
    expect![[r#"
        alice place-order EUR 1@1x1 3000: 1
        carl accept 1: ok
        carl ship 1 0x1 -: 1
        carl deliver 1 1: ok
        alice request-return 1 0x1 why: ok
        carl approve-return 1: ok
        alice ship-return 1 Post: ok
        carl add-stock 1 1 1 -: StockOverflow(StockExcess { variant: 1, location: 1, on-hand: 18446744073709551615, added: 1 })
        carl move-stock 1 2 1 1: StockOverflow(StockExcess { variant: 1, location: 1, on-hand: 18446744073709551615, added: 1 })
        tess receive-return 1 restock: StockOverflow(StockExcess { variant: 1, location: 1, on-hand: 18446744073709551615, added: 1 })
        tess receive-return 1 scrap: ok
    "#]]
    .assert_eq(&text);
}

/// Who asks for arbitration, joins it or appeals needs the right, the money, the state and the time for it.
#[test]
fn requests_for_arbitration_are_checked() {
    check(expect![[r#"
        alice request 9                             => UnknownItem(Item { kind: "dispute", id: 9 })
        alice join 9                                => UnknownItem(Item { kind: "dispute", id: 9 })
        sam set-arbiter sam yes                     => MissingRole("arbiter")
        admin set-rating-minimum lower-case-name 1  => MalformedAssetId("lower-case-name")
        stranger get-rating-minimum lower-case-name => MalformedAssetId("lower-case-name")
        admin set-arbiter-fee 1000                  => ok
        at 11000
        alice place-order EUR 1@1x4 4000            => 1
        carl accept 1                               => ok
        carl ship 1 0x4 -                           => 1
        alice open-dispute 1 10000 broken           => ok
        tess respond 1 0                            => ok
        alice join 1                                => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "evidence", action: "join" })
        alice finish-phase 1                        => ok
        tess finish-phase 1                         => ok
        carl request 1                              => NotAParty(Item { kind: "sub-order", id: 1 })
        bob request 1                               => NotAParty(Item { kind: "sub-order", id: 1 })
        alice request 1 key=65*k                    => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        alice request 1 key=k                       => ok
        alice request 2 key=k                       => KeyReused
        alice join 2 key=k                          => KeyReused
        alice appeal 2 why key=k                    => KeyReused
        carl join 1                                 => NotAParty(Item { kind: "sub-order", id: 1 })
        bob join 1                                  => NotAParty(Item { kind: "sub-order", id: 1 })
        tess join 1 key=65*k                        => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        tess join 1                                 => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 800 }))
        alice place-order EUR 1@1x4 4000            => 2
        carl accept 2                               => ok
        carl ship 2 0x4 -                           => 1
        alice open-dispute 2 10000 broken           => ok
        tess respond 2 0                            => ok
        alice finish-phase 2                        => ok
        tess finish-phase 2                         => ok
        at 71000
        tess join 1                                 => TooLate(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 71000, now-ms: 71000 })
        alice request 2                             => TooLate(Deadline { item: Item { kind: "dispute", id: 2 }, deadline-ms: 71000, now-ms: 71000 })
        stranger advance 1                          => ok
        tess appeal 1 why                           => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 400 }))
    "#]]);
}
