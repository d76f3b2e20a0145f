//! Transfers and batches, keys, and payments of modules.

use expect_test::expect;

use super::table::check;

#[test]
fn transfers_move_what_is_available() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                     => ok
        bank mint EUR alice 1000                              => ok
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
        alice transfer bob EUR 300                            => ok
        alice transfer-with-reference bob EUR 100 "invoice 7" => ok
        bob transfer carol EUR 400                            => ok
        balances                                              => alice 600+0 EUR, carol 400+0 EUR
        events
          | Transferred(Transfer { asset: "EUR", from: alice, to: bob, amount: 300, reference: None })
          | Transferred(Transfer { asset: "EUR", from: alice, to: bob, amount: 100, reference: Some("invoice 7") })
          | Transferred(Transfer { asset: "EUR", from: bob, to: carol, amount: 400, reference: None })
        alice transfer carol EUR 600                          => ok
        balances                                              => carol 1000+0 EUR
    "#]]);
}

#[test]
fn transfers_are_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                          => ok
        bank mint EUR alice 1000                                   => ok
        alice transfer bob EUR 0                                   => ZeroAmount
        alice transfer bob EUR 1001                                => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 1000, needed: 1001 })
        alice transfer bob EUR max                                 => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 1000, needed: 18446744073709551615 })
        alice transfer alice EUR 1                                 => SameAccount(alice)
        alice transfer nobody EUR 1                                => InactiveAccount(nobody)
        alice transfer bob USD 1                                   => UnknownAsset("USD")
        alice transfer bob eur 1                                   => MalformedAssetId("eur")
        alice transfer bob - 1                                     => MalformedAssetId("")
        alice transfer bob "far too long for the id of an asset" 1 => MalformedAssetId("far too long for the id ")
        bob transfer alice EUR 1                                   => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 1 })
        alice transfer-with-reference bob EUR 1 -                  => OutOfRange(Range { parameter: "reference", given: 0, min: 1, max: 140 })
        alice transfer-with-reference bob EUR 1 141*x              => OutOfRange(Range { parameter: "reference", given: 141, min: 1, max: 140 })
        freeze bob
        alice transfer bob EUR 1                                   => InactiveAccount(bob)
        thaw bob
        alice transfer bob EUR 1                                   => ok
        balances                                                   => alice 999+0 EUR, bob 1+0 EUR
    "#]]);
}

#[test]
fn a_module_pays_from_its_own_balance() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank => ok
        bank mint EUR alice 1000          => ok
        market/alice transfer bob EUR 10  => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 10 })
        alice transfer market EUR 100     => ok
        market/alice transfer bob EUR 10  => ok
        balances                          => alice 900+0 EUR, bob 10+0 EUR, market 90+0 EUR
    "#]]);
}

#[test]
fn users_of_a_module_share_no_keys() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                    => ok
        bank mint EUR market 1000                            => ok
        bank mint EUR alice 1000                             => ok
        market/alice batch-transfer refund-1 alice EUR 100 - => ok
        market/alice batch-transfer refund-1 alice EUR 100 - => ok
        market/bob batch-transfer refund-1 alice EUR 100 -   => ok
        market/bob batch-transfer refund-1 bob EUR 100 -     => KeyReused
        alice batch-transfer refund-1 carol EUR 1 -          => ok
        balances                                             => alice 1199+0 EUR, carol 1+0 EUR, market 800+0 EUR
    "#]]);
}

#[test]
fn a_batch_pays_all_or_nothing() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                                           => ok
        bank create-asset USD Dollar 2 bank                                                         => ok
        bank mint EUR alice 1000                                                                    => ok
        bank mint USD alice 50                                                                      => ok
        alice batch-transfer payroll-11 bob EUR 100 "November" carol EUR 200 "November" bob USD 5 - => ok
        alice batch-transfer payroll-11 bob EUR 100 "November" carol EUR 200 "November" bob USD 5 - => ok
        alice batch-transfer payroll-11 bob EUR 100 "November" carol EUR 200 "November" bob USD 6 - => KeyReused
        alice batch-transfer - bob EUR 100 - carol USD 46 -                                         => InsufficientBalance(BalanceShortfall { asset: "USD", available: 45, needed: 46 })
        alice batch-transfer - bob EUR 100 - alice EUR 1 -                                          => SameAccount(alice)
        alice batch-transfer - bob EUR 100 - nobody EUR 1 -                                         => InactiveAccount(nobody)
        alice batch-transfer - bob EUR 0 -                                                          => ZeroAmount
        alice batch-transfer - bob eur 1 -                                                          => MalformedAssetId("eur")
        alice batch-transfer - bob GBP 1 -                                                          => UnknownAsset("GBP")
        alice batch-transfer - bob EUR 1 141*x                                                      => OutOfRange(Range { parameter: "reference", given: 141, min: 0, max: 140 })
        alice batch-transfer -                                                                      => OutOfRange(Range { parameter: "lines", given: 0, min: 1, max: 64 })
        alice batch-transfer 65*k bob EUR 1 -                                                       => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        balances                                                                                    => alice 700+0 EUR, alice 45+0 USD, bob 100+0 EUR, bob 5+0 USD, carol 200+0 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | AssetCreated(Asset { id: "USD", name: "Dollar", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | Minted(Issuance { asset: "USD", account: alice, amount: 50 })
          | Transferred(Transfer { asset: "EUR", from: alice, to: bob, amount: 100, reference: Some("November") })
          | Transferred(Transfer { asset: "EUR", from: alice, to: carol, amount: 200, reference: Some("November") })
          | Transferred(Transfer { asset: "USD", from: alice, to: bob, amount: 5, reference: None })
    "#]]);
}
