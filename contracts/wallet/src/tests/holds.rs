//! Holds: placing, paying out, release and expiry.

use expect_test::expect;

use super::table::check;

#[test]
fn a_hold_is_paid_out_in_parts() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                    => ok
        bank mint EUR alice 1000                             => ok
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
        market/alice place-hold EUR 600 bob - 5000 "order 7" => 1
        balances                                             => alice 400+600 EUR
        alice get-hold 1                                     => Hold { id: 1, payer: alice, controller: market, payee: Some(bob), asset: "EUR", amount: 600, remaining: 600, expires-ms: 5000, reference: "order 7" }
        market/carol pay-out 1 bob 400                       => ok
        balances                                             => alice 400+200 EUR, bob 400+0 EUR
        market/carol pay-out 1 alice 50                      => ok
        market/carol pay-out 1 bob 150                       => ok
        market/carol pay-out 1 bob 1                         => WrongState(WrongState { item: Item { kind: "hold", id: 1 }, state: "resolved", action: "pay" })
        alice get-hold 1                                     => WrongState(WrongState { item: Item { kind: "hold", id: 1 }, state: "resolved", action: "read" })
        alice list-holds alice - 10                          => HoldPage { holds: [], next: None }
        balances                                             => alice 450+0 EUR, bob 550+0 EUR
        events
          | HoldPlaced(Hold { id: 1, payer: alice, controller: market, payee: Some(bob), asset: "EUR", amount: 600, remaining: 600, expires-ms: 5000, reference: "order 7" })
          | HoldPaid(HoldPayment { hold: 1, to: bob, amount: 400, remaining: 200 })
          | HoldPaid(HoldPayment { hold: 1, to: alice, amount: 50, remaining: 150 })
          | HoldPaid(HoldPayment { hold: 1, to: bob, amount: 150, remaining: 0 })
    "#]]);
}

#[test]
fn a_hold_is_released() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank         => ok
        bank mint EUR alice 1000                  => ok
        alice place-hold EUR 600 bob carol 5000 - => 1
        alice release-hold 1                      => WrongParty(Party { account: Some(carol), organisation: None, role: None })
        carol pay-out 1 bob 100                   => ok
        carol release-hold 1                      => ok
        carol release-hold 1                      => WrongState(WrongState { item: Item { kind: "hold", id: 1 }, state: "resolved", action: "release" })
        alice place-hold EUR 300 bob carol 5000 - => 2
        bob release-hold 2                        => ok
        alice place-hold EUR 200 - - 5000 -       => 3
        alice release-hold 3                      => ok
        balances                                  => alice 900+0 EUR, bob 100+0 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | HoldPlaced(Hold { id: 1, payer: alice, controller: carol, payee: Some(bob), asset: "EUR", amount: 600, remaining: 600, expires-ms: 5000, reference: "" })
          | HoldPaid(HoldPayment { hold: 1, to: bob, amount: 100, remaining: 500 })
          | HoldReleased(HoldReturn { hold: 1, amount: 500 })
          | HoldPlaced(Hold { id: 2, payer: alice, controller: carol, payee: Some(bob), asset: "EUR", amount: 300, remaining: 300, expires-ms: 5000, reference: "" })
          | HoldReleased(HoldReturn { hold: 2, amount: 300 })
          | HoldPlaced(Hold { id: 3, payer: alice, controller: alice, payee: None, asset: "EUR", amount: 200, remaining: 200, expires-ms: 5000, reference: "" })
          | HoldReleased(HoldReturn { hold: 3, amount: 200 })
    "#]]);
}

#[test]
fn a_hold_expires() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank         => ok
        bank mint EUR alice 1000                  => ok
        alice place-hold EUR 600 bob carol 5000 - => 1
        carol pay-out 1 bob 100                   => ok
        at 4999
        bob expire-hold 1                         => TooEarly(Deadline { item: Item { kind: "hold", id: 1 }, deadline-ms: 5000, now-ms: 4999 })
        at 5000
        carol pay-out 1 bob 100                   => TooLate(Deadline { item: Item { kind: "hold", id: 1 }, deadline-ms: 5000, now-ms: 5000 })
        carol release-hold 1                      => TooLate(Deadline { item: Item { kind: "hold", id: 1 }, deadline-ms: 5000, now-ms: 5000 })
        freeze alice
        freeze carol
        bob expire-hold 1                         => ok
        bob expire-hold 1                         => WrongState(WrongState { item: Item { kind: "hold", id: 1 }, state: "resolved", action: "expire" })
        balances                                  => alice 900+0 EUR, bob 100+0 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | HoldPlaced(Hold { id: 1, payer: alice, controller: carol, payee: Some(bob), asset: "EUR", amount: 600, remaining: 600, expires-ms: 5000, reference: "" })
          | HoldPaid(HoldPayment { hold: 1, to: bob, amount: 100, remaining: 500 })
          | HoldExpired(HoldReturn { hold: 1, amount: 500 })
    "#]]);
}

#[test]
fn placing_a_hold_is_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank         => ok
        bank mint EUR alice 1000                  => ok
        alice place-hold EUR 0 bob - 5000 -       => ZeroAmount
        alice place-hold EUR 1001 bob - 5000 -    => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 1000, needed: 1001 })
        alice place-hold USD 1 bob - 5000 -       => UnknownAsset("USD")
        alice place-hold usd 1 bob - 5000 -       => MalformedAssetId("usd")
        alice place-hold EUR 1 alice - 5000 -     => SameAccount(alice)
        alice place-hold EUR 1 nobody - 5000 -    => InactiveAccount(nobody)
        alice place-hold EUR 1 bob nobody 5000 -  => InactiveAccount(nobody)
        alice place-hold EUR 1 bob - 1000 -       => OutOfRange(Range { parameter: "expires-ms", given: 1000, min: 1001, max: 7776001000 })
        alice place-hold EUR 1 bob - 7776001001 - => OutOfRange(Range { parameter: "expires-ms", given: 7776001001, min: 1001, max: 7776001000 })
        alice place-hold EUR 1 bob - max -        => OutOfRange(Range { parameter: "expires-ms", given: 18446744073709551615, min: 1001, max: 7776001000 })
        alice place-hold EUR 1 bob - 5000 141*x   => OutOfRange(Range { parameter: "reference", given: 141, min: 0, max: 140 })
        alice place-hold EUR 1 bob - 7776001000 - => 1
        alice place-hold EUR 999 bob - 1001 -     => 2
        alice place-hold EUR 1 bob - 5000 -       => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 1 })
        balances                                  => alice 0+1000 EUR
    "#]]);
}

#[test]
fn paying_out_is_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank         => ok
        bank mint EUR alice 1000                  => ok
        alice place-hold EUR 600 bob carol 5000 - => 1
        carol pay-out 1 bob 0                     => ZeroAmount
        carol pay-out 1 bob 601                   => InsufficientHold(HoldShortfall { hold: 1, remaining: 600, needed: 601 })
        carol pay-out 1 bob max                   => InsufficientHold(HoldShortfall { hold: 1, remaining: 600, needed: 18446744073709551615 })
        carol pay-out 1 carol 1                   => WrongPayee(bob)
        carol pay-out 2 bob 1                     => UnknownItem(Item { kind: "hold", id: 2 })
        carol pay-out 0 bob 1                     => UnknownItem(Item { kind: "hold", id: 0 })
        alice pay-out 1 bob 1                     => WrongParty(Party { account: Some(carol), organisation: None, role: None })
        bob pay-out 1 bob 1                       => WrongParty(Party { account: Some(carol), organisation: None, role: None })
        market/carol pay-out 1 bob 1              => WrongParty(Party { account: Some(carol), organisation: None, role: None })
        freeze bob
        carol pay-out 1 bob 1                     => ok
        carol pay-out 1 alice 1                   => ok
        alice place-hold EUR 5 - - 5000 -         => 2
        alice pay-out 2 nobody 1                  => UnknownAccount(nobody)
        alice pay-out 2 carol 5                   => ok
        balances                                  => alice 396+598 EUR, bob 1+0 EUR, carol 5+0 EUR
    "#]]);
}
