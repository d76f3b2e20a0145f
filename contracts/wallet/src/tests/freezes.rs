//! Frozen balances and what they bind.

use expect_test::expect;

use super::table::check;

#[test]
fn a_frozen_balance_is_not_spent_and_gets_what_is_owed() {
    check(expect![[r#"
        bank create-asset-with-terms EUR Euro issued unlimited freezable - => ok
        bank mint EUR alice 1000                                           => ok
        bank mint EUR bob 1000                                             => ok
        bob place-hold EUR 100 alice - 90000 -                             => 1
        alice place-hold EUR 200 bob - 90000 -                             => 2
        bank freeze-balance EUR alice 5000 "court order 17"                => ok
        bank get-freeze alice EUR                                          => Some(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "court order 17" })
        alice transfer bob EUR 1                                           => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "court order 17" })
        alice place-hold EUR 1 bob - 9000 -                                => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "court order 17" })
        bob transfer alice EUR 1                                           => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "court order 17" })
        bank mint EUR alice 1                                              => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "court order 17" })
        bob pay-out 1 alice 60                                             => ok
        alice pay-out 2 bob 50                                             => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "court order 17" })
        bob release-hold 2                                                 => ok
        balances                                                           => alice 1060+0 EUR, bob 900+40 EUR
        bank freeze-balance EUR alice 6000 "court order 18"                => ok
        at 5000
        alice transfer bob EUR 1                                           => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 6000, reason: "court order 18" })
        at 6000
        bank get-freeze alice EUR                                          => None
        alice transfer bob EUR 1                                           => ok
        bank unfreeze-balance EUR alice                                    => NotFrozen(alice)
        bank freeze-balance EUR alice 7000 again                           => ok
        bank unfreeze-balance EUR alice                                    => ok
        bob transfer alice EUR 1                                           => ok
        balances                                                           => alice 1060+0 EUR, bob 900+40 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: true } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | Minted(Issuance { asset: "EUR", account: bob, amount: 1000 })
          | HoldPlaced(Hold { id: 1, payer: bob, controller: bob, payee: Some(alice), asset: "EUR", amount: 100, remaining: 100, expires-ms: 90000, reference: "" })
          | HoldPlaced(Hold { id: 2, payer: alice, controller: alice, payee: Some(bob), asset: "EUR", amount: 200, remaining: 200, expires-ms: 90000, reference: "" })
          | BalanceFrozen(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "court order 17" })
          | HoldPaid(HoldPayment { hold: 1, to: alice, amount: 60, remaining: 40 })
          | HoldReleased(HoldReturn { hold: 2, amount: 200 })
          | BalanceFrozen(Freeze { account: alice, asset: "EUR", expires-ms: 6000, reason: "court order 18" })
          | Transferred(Transfer { asset: "EUR", from: alice, to: bob, amount: 1, reference: None })
          | BalanceFrozen(Freeze { account: alice, asset: "EUR", expires-ms: 7000, reason: "again" })
          | BalanceUnfrozen(BalanceKey { account: alice, asset: "EUR" })
          | Transferred(Transfer { asset: "EUR", from: bob, to: alice, amount: 1, reference: None })
    "#]]);
}

#[test]
fn money_held_under_oneself_or_a_friend_stays_while_its_payer_is_frozen() {
    check(expect![[r#"
        bank create-asset-with-terms EUR Euro issued unlimited freezable - => ok
        bank mint EUR alice 1000                                           => ok
        alice place-hold EUR 100 bob alice 90000 -                         => 1
        alice place-hold EUR 100 - carol 90000 -                           => 2
        market/alice place-hold EUR 100 bob - 90000 -                      => 3
        bank freeze-balance EUR alice 5000 "court order 17"                => ok
        alice pay-out 1 bob 10                                             => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "court order 17" })
        carol pay-out 2 carol 10                                           => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "court order 17" })
        carol pay-out 2 alice 10                                           => ok
        market/bob pay-out 3 bob 10                                        => ok
        bob release-hold 1                                                 => ok
        at 5000
        carol pay-out 2 carol 10                                           => ok
        freeze alice
        carol pay-out 2 carol 10                                           => InactiveAccount(alice)
        market/bob pay-out 3 bob 10                                        => ok
        thaw alice
        carol pay-out 2 carol 10                                           => ok
        balances                                                           => alice 810+150 EUR, bob 20+0 EUR, carol 20+0 EUR
    "#]]);
}

#[test]
fn freezing_is_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                    => ok
        bank create-asset-with-terms USD Dollar issued unlimited freezable - => ok
        bank freeze-balance EUR alice 5000 why                               => NotFreezable("EUR")
        bank freeze-balance GBP alice 5000 why                               => UnknownAsset("GBP")
        bank freeze-balance usd alice 5000 why                               => MalformedAssetId("usd")
        alice freeze-balance USD bob 5000 why                                => WrongParty(Party { account: Some(bank), organisation: None, role: None })
        bank freeze-balance USD nobody 5000 why                              => UnknownAccount(nobody)
        bank freeze-balance USD alice 1000 why                               => OutOfRange(Range { parameter: "expires-ms", given: 1000, min: 1001, max: 31622401000 })
        bank freeze-balance USD alice 31622401001 why                        => OutOfRange(Range { parameter: "expires-ms", given: 31622401001, min: 1001, max: 31622401000 })
        bank freeze-balance USD alice 5000 -                                 => OutOfRange(Range { parameter: "reason", given: 0, min: 1, max: 140 })
        bank freeze-balance USD alice 5000 141*x                             => OutOfRange(Range { parameter: "reason", given: 141, min: 1, max: 140 })
        bank unfreeze-balance USD alice                                      => NotFrozen(alice)
        bank unfreeze-balance GBP alice                                      => UnknownAsset("GBP")
        bank unfreeze-balance usd alice                                      => MalformedAssetId("usd")
        alice unfreeze-balance USD alice                                     => WrongParty(Party { account: Some(bank), organisation: None, role: None })
        freeze alice
        bank freeze-balance USD alice 31622401000 140*x                      => ok
        bank get-freeze bob USD                                              => None
        bank get-freeze bob usd                                              => MalformedAssetId("usd")
    "#]]);
}

#[test]
fn an_issuer_freezes_itself_too() {
    check(expect![[r#"
        bank create-asset-with-terms EUR Euro issued unlimited freezable - => ok
        bank mint EUR bank 1000                                            => ok
        bank freeze-balance EUR bank 5000 "audit"                          => ok
        bank burn EUR 1                                                    => FrozenBalance(Freeze { account: bank, asset: "EUR", expires-ms: 5000, reason: "audit" })
        bank transfer alice EUR 1                                          => FrozenBalance(Freeze { account: bank, asset: "EUR", expires-ms: 5000, reason: "audit" })
        at 5000
        bank burn EUR 1                                                    => ok
    "#]]);
}
