//! Reads: pages, and what they refuse.

use expect_test::expect;

use super::table::check;

#[test]
fn lists_come_in_pages() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank      => ok
        bank create-asset BTC Bitcoin 8 bank   => ok
        bank create-asset STEEL-2 Steel 0 bank => ok
        bank mint EUR alice 5                  => ok
        bank mint BTC alice 6                  => ok
        bank mint STEEL-2 alice 7              => ok
        bank list-assets - 2                   => AssetPage { assets: [Asset { id: "BTC", name: "Bitcoin", decimals: 8, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } }, Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } }], next: Some("EUR") }
        bank list-assets EUR 2                 => AssetPage { assets: [Asset { id: "STEEL-2", name: "Steel", decimals: 0, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } }], next: None }
        bank list-assets STEEL-2 2             => AssetPage { assets: [], next: None }
        bank list-assets C 1                   => AssetPage { assets: [Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } }], next: Some("EUR") }
        bank list-balances alice - 1           => BalancePage { balances: [Balance { asset: "BTC", available: 6, held: 0 }], next: Some("BTC") }
        bank list-balances alice BTC 2         => BalancePage { balances: [Balance { asset: "EUR", available: 5, held: 0 }, Balance { asset: "STEEL-2", available: 7, held: 0 }], next: None }
        bank list-balances bob - 2             => BalancePage { balances: [], next: None }
        bank mint EUR bob 9                    => ok
        bank list-all-balances - - 2           => AccountBalancePage { balances: [AccountBalance { account: alice, balance: Balance { asset: "BTC", available: 6, held: 0 } }, AccountBalance { account: alice, balance: Balance { asset: "EUR", available: 5, held: 0 } }], next: Some(BalanceKey { account: alice, asset: "EUR" }) }
        bank list-all-balances alice EUR 2     => AccountBalancePage { balances: [AccountBalance { account: alice, balance: Balance { asset: "STEEL-2", available: 7, held: 0 } }, AccountBalance { account: bob, balance: Balance { asset: "EUR", available: 9, held: 0 } }], next: None }
        bank list-all-balances bob ZZZ 1       => AccountBalancePage { balances: [], next: None }
        alice place-hold EUR 1 bob - 5000 a    => 1
        alice place-hold BTC 2 bob - 5000 b    => 2
        alice place-hold EUR 3 bob - 5000 c    => 3
        alice release-hold 2                   => ok
        bank list-holds alice - 1              => HoldPage { holds: [Hold { id: 1, payer: alice, controller: alice, payee: Some(bob), asset: "EUR", amount: 1, remaining: 1, expires-ms: 5000, reference: "a" }], next: Some(1) }
        bank list-holds alice 1 1              => HoldPage { holds: [Hold { id: 3, payer: alice, controller: alice, payee: Some(bob), asset: "EUR", amount: 3, remaining: 3, expires-ms: 5000, reference: "c" }], next: None }
        bank list-holds alice 3 1              => HoldPage { holds: [], next: None }
        bank list-holds bob - 1                => HoldPage { holds: [], next: None }
    "#]]);
}

#[test]
fn reads_are_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank  => ok
        bank get-asset USD                 => UnknownAsset("USD")
        bank get-asset usd                 => MalformedAssetId("usd")
        bank get-supply USD                => UnknownAsset("USD")
        bank get-supply usd                => MalformedAssetId("usd")
        bank get-balance alice EUR         => Balance { asset: "EUR", available: 0, held: 0 }
        bank get-balance nobody EUR        => Balance { asset: "EUR", available: 0, held: 0 }
        bank get-balance alice USD         => UnknownAsset("USD")
        bank get-balance alice usd         => MalformedAssetId("usd")
        bank get-hold 0                    => UnknownItem(Item { kind: "hold", id: 0 })
        bank get-hold 1                    => UnknownItem(Item { kind: "hold", id: 1 })
        bank list-assets - 0               => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bank list-assets - 101             => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        bank list-assets usd 1             => MalformedAssetId("usd")
        bank list-balances alice - 0       => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bank list-balances alice - 101     => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        bank list-balances alice usd 1     => MalformedAssetId("usd")
        bank list-all-balances - - 0       => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bank list-all-balances - - 101     => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        bank list-all-balances alice usd 1 => MalformedAssetId("usd")
        bank list-holds alice - 0          => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bank list-holds alice - 101        => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
    "#]]);
}
