//! Allowances: periods, draws, ends and refusals.

use expect_test::expect;

use super::table::check;

#[test]
fn an_allowance_is_drawn_on_period_by_period() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                       => ok
        bank mint EUR alice 1000                                                => ok
        alice grant-allowance bob EUR 100 3600000 90000000 - "research agent" - => 1
        bob transfer-from 1 carol 60 "compute" -                                => ok
        bob transfer-from 1 dave 41 - -                                         => OverAllowance(LimitUsage { limit: 100, used: 60, needed: 41 })
        bob transfer-from 1 dave 40 - -                                         => ok
        at 3600999
        bob transfer-from 1 dave 1 - -                                          => OverAllowance(LimitUsage { limit: 100, used: 100, needed: 1 })
        at 3601000
        bob transfer-from 1 dave 100 - -                                        => ok
        alice get-allowance 1                                                   => Allowance { id: 1, owner: alice, spender: bob, asset: "EUR", limit: 100, period-ms: Some(3600000), spent: 100, period-start-ms: 3601000, granted-ms: 1000, expires-ms: 90000000, payees: [], reference: "research agent" }
        at 89999999
        bob transfer-from 1 dave 100 - -                                        => ok
        at 90000000
        bob transfer-from 1 dave 1 - -                                          => TooLate(Deadline { item: Item { kind: "allowance", id: 1 }, deadline-ms: 90000000, now-ms: 90000000 })
        balances                                                                => alice 700+0 EUR, carol 60+0 EUR, dave 240+0 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | AllowanceGranted(Allowance { id: 1, owner: alice, spender: bob, asset: "EUR", limit: 100, period-ms: Some(3600000), spent: 0, period-start-ms: 1000, granted-ms: 1000, expires-ms: 90000000, payees: [], reference: "research agent" })
          | AllowanceUsed(AllowanceUse { allowance: 1, amount: 60, spent: 60, period-start-ms: 1000 })
          | Transferred(Transfer { asset: "EUR", from: alice, to: carol, amount: 60, reference: Some("compute") })
          | AllowanceUsed(AllowanceUse { allowance: 1, amount: 40, spent: 100, period-start-ms: 1000 })
          | Transferred(Transfer { asset: "EUR", from: alice, to: dave, amount: 40, reference: None })
          | AllowanceUsed(AllowanceUse { allowance: 1, amount: 100, spent: 100, period-start-ms: 3601000 })
          | Transferred(Transfer { asset: "EUR", from: alice, to: dave, amount: 100, reference: None })
          | AllowanceUsed(AllowanceUse { allowance: 1, amount: 100, spent: 100, period-start-ms: 86401000 })
          | Transferred(Transfer { asset: "EUR", from: alice, to: dave, amount: 100, reference: None })
    "#]]);
}

#[test]
fn an_allowance_without_period_is_one_sum() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                 => ok
        bank mint EUR alice 1000                                          => ok
        alice grant-allowance market EUR 100 - 900000000 carol,market - - => 1
        market/dave transfer-from 1 carol 60 - -                          => ok
        market/dave transfer-from 1 dave 10 - -                           => PayeeNotAllowed(dave)
        at 800000000
        market/dave transfer-from 1 carol 41 - -                          => OverAllowance(LimitUsage { limit: 100, used: 60, needed: 41 })
        market/dave place-hold-from 1 40 - - 990000000 "order 5" -        => 1
        dave get-hold 1                                                   => Hold { id: 1, payer: alice, controller: market, payee: None, asset: "EUR", amount: 40, remaining: 40, expires-ms: 990000000, reference: "order 5" }
        market/dave release-hold 1                                        => ok
        market/dave transfer-from 1 carol 1 - -                           => OverAllowance(LimitUsage { limit: 100, used: 100, needed: 1 })
        balances                                                          => alice 940+0 EUR, carol 60+0 EUR
        bob list-allowances alice - 10                                    => AllowancePage { allowances: [Allowance { id: 1, owner: alice, spender: market, asset: "EUR", limit: 100, period-ms: None, spent: 100, period-start-ms: 1000, granted-ms: 1000, expires-ms: 900000000, payees: [carol, market], reference: "" }], next: None }
        bob list-allowances market - 1                                    => AllowancePage { allowances: [Allowance { id: 1, owner: alice, spender: market, asset: "EUR", limit: 100, period-ms: None, spent: 100, period-start-ms: 1000, granted-ms: 1000, expires-ms: 900000000, payees: [carol, market], reference: "" }], next: None }
        bob list-allowances bob - 1                                       => AllowancePage { allowances: [], next: None }
    "#]]);
}

#[test]
fn an_allowance_ends() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank              => ok
        bank mint EUR alice 1000                       => ok
        alice grant-allowance bob EUR 100 - 5000 - - - => 1
        alice grant-allowance bob EUR 100 - 5000 - - - => 2
        alice grant-allowance bob EUR 100 - 5000 - - - => 3
        alice grant-allowance bob EUR 100 - 5000 - - - => 4
        carol close-allowance 1                        => WrongParty(Party { account: Some(alice), organisation: None, role: None })
        alice close-allowance 1                        => ok
        bob close-allowance 2                          => ok
        bob transfer-from 1 carol 1 - -                => WrongState(WrongState { item: Item { kind: "allowance", id: 1 }, state: "closed", action: "draw" })
        bob transfer-from 2 carol 1 - -                => WrongState(WrongState { item: Item { kind: "allowance", id: 2 }, state: "closed", action: "draw" })
        alice close-allowance 1                        => WrongState(WrongState { item: Item { kind: "allowance", id: 1 }, state: "closed", action: "close" })
        carol advance allowance 3                      => TooEarly(Deadline { item: Item { kind: "allowance", id: 3 }, deadline-ms: 5000, now-ms: 1000 })
        at 5000
        carol close-allowance 3                        => ok
        bob transfer-from 4 carol 1 - -                => TooLate(Deadline { item: Item { kind: "allowance", id: 4 }, deadline-ms: 5000, now-ms: 5000 })
        carol advance allowance 4                      => ok
        alice get-allowance 4                          => WrongState(WrongState { item: Item { kind: "allowance", id: 4 }, state: "closed", action: "read" })
        alice list-allowances alice - 10               => AllowancePage { allowances: [], next: None }
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | AllowanceGranted(Allowance { id: 1, owner: alice, spender: bob, asset: "EUR", limit: 100, period-ms: None, spent: 0, period-start-ms: 1000, granted-ms: 1000, expires-ms: 5000, payees: [], reference: "" })
          | AllowanceGranted(Allowance { id: 2, owner: alice, spender: bob, asset: "EUR", limit: 100, period-ms: None, spent: 0, period-start-ms: 1000, granted-ms: 1000, expires-ms: 5000, payees: [], reference: "" })
          | AllowanceGranted(Allowance { id: 3, owner: alice, spender: bob, asset: "EUR", limit: 100, period-ms: None, spent: 0, period-start-ms: 1000, granted-ms: 1000, expires-ms: 5000, payees: [], reference: "" })
          | AllowanceGranted(Allowance { id: 4, owner: alice, spender: bob, asset: "EUR", limit: 100, period-ms: None, spent: 0, period-start-ms: 1000, granted-ms: 1000, expires-ms: 5000, payees: [], reference: "" })
          | AllowanceClosed(AllowanceEnd { allowance: 1, outcome: AllowanceOutcome::Revoked })
          | AllowanceClosed(AllowanceEnd { allowance: 2, outcome: AllowanceOutcome::Renounced })
          | AllowanceClosed(AllowanceEnd { allowance: 3, outcome: AllowanceOutcome::Expired })
          | AllowanceClosed(AllowanceEnd { allowance: 4, outcome: AllowanceOutcome::Expired })
    "#]]);
}

#[test]
fn drawing_is_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                    => ok
        bank create-asset-with-terms USD Dollar issued unlimited freezable - => ok
        bank mint EUR alice 50                                               => ok
        bank mint USD alice 50                                               => ok
        alice grant-allowance bob EUR 100 - 5000 - - -                       => 1
        alice grant-allowance bob USD 100 - 5000 - - -                       => 2
        bob transfer-from 1 carol 0 - -                                      => ZeroAmount
        bob transfer-from 1 carol 51 - -                                     => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 50, needed: 51 })
        bob transfer-from 1 carol 101 - -                                    => OverAllowance(LimitUsage { limit: 100, used: 0, needed: 101 })
        bob transfer-from 1 carol max - -                                    => OverAllowance(LimitUsage { limit: 100, used: 0, needed: 18446744073709551615 })
        bob transfer-from 1 alice 1 - -                                      => SameAccount(alice)
        bob transfer-from 1 nobody 1 - -                                     => InactiveAccount(nobody)
        bob transfer-from 1 carol 1 141*x -                                  => OutOfRange(Range { parameter: "reference", given: 141, min: 0, max: 140 })
        bob transfer-from 3 carol 1 - -                                      => UnknownItem(Item { kind: "allowance", id: 3 })
        bob transfer-from 0 carol 1 - -                                      => UnknownItem(Item { kind: "allowance", id: 0 })
        alice transfer-from 1 carol 1 - -                                    => WrongParty(Party { account: Some(bob), organisation: None, role: None })
        market/bob transfer-from 1 carol 1 - -                               => WrongParty(Party { account: Some(bob), organisation: None, role: None })
        bob place-hold-from 1 0 carol - 9000 - -                             => ZeroAmount
        bob place-hold-from 1 10 alice - 9000 - -                            => SameAccount(alice)
        bob place-hold-from 1 10 carol - 1000 - -                            => OutOfRange(Range { parameter: "expires-ms", given: 1000, min: 1001, max: 7776001000 })
        bob place-hold-from 1 10 nobody - 9000 - -                           => InactiveAccount(nobody)
        carol place-hold-from 1 10 - - 9000 - -                              => WrongParty(Party { account: Some(bob), organisation: None, role: None })
        freeze alice
        bob transfer-from 1 carol 1 - -                                      => InactiveAccount(alice)
        bob place-hold-from 1 10 carol - 9000 - -                            => InactiveAccount(alice)
        thaw alice
        bank freeze-balance USD alice 9000 order                             => ok
        bob transfer-from 2 carol 1 - -                                      => FrozenBalance(Freeze { account: alice, asset: "USD", expires-ms: 9000, reason: "order" })
        alice set-policy EUR daily=20 payees=carol                           => ok
        bob transfer-from 1 dave 1 - -                                       => PayeeNotAllowed(dave)
        bob transfer-from 1 carol 21 - -                                     => OverDailyLimit(LimitUsage { limit: 20, used: 0, needed: 21 })
        bob place-hold-from 1 21 carol - 9000 - -                            => OverDailyLimit(LimitUsage { limit: 20, used: 0, needed: 21 })
        bob place-hold-from 1 15 carol - 9000 - -                            => 1
        bob transfer-from 1 carol 6 - -                                      => OverDailyLimit(LimitUsage { limit: 20, used: 15, needed: 6 })
        bob transfer-from 1 carol 5 - -                                      => ok
        balances                                                             => alice 30+15 EUR, alice 50+0 USD, carol 5+0 EUR
    "#]]);
}

#[test]
fn granting_is_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                               => ok
        alice grant-allowance bob eur 100 - 5000 - - -                                  => MalformedAssetId("eur")
        alice grant-allowance bob USD 100 - 5000 - - -                                  => UnknownAsset("USD")
        alice grant-allowance bob EUR 0 - 5000 - - -                                    => ZeroAmount
        alice grant-allowance bob EUR 100 3599999 5000 - - -                            => OutOfRange(Range { parameter: "period-ms", given: 3599999, min: 3600000, max: 31622400000 })
        alice grant-allowance bob EUR 100 31622400001 5000 - - -                        => OutOfRange(Range { parameter: "period-ms", given: 31622400001, min: 3600000, max: 31622400000 })
        alice grant-allowance bob EUR 100 - 1000 - - -                                  => OutOfRange(Range { parameter: "expires-ms", given: 1000, min: 1001, max: 158112001000 })
        alice grant-allowance bob EUR 100 - max - - -                                   => OutOfRange(Range { parameter: "expires-ms", given: 18446744073709551615, min: 1001, max: 158112001000 })
        alice grant-allowance bob EUR 100 - 5000 bob,carol,bob - -                      => Duplicate(ListEntry { list: "payees", position: 2 })
        alice grant-allowance bob EUR 100 - 5000 - 141*x -                              => OutOfRange(Range { parameter: "reference", given: 141, min: 0, max: 140 })
        alice grant-allowance alice EUR 100 - 5000 - - -                                => SameAccount(alice)
        alice grant-allowance nobody EUR 100 - 5000 - - -                               => InactiveAccount(nobody)
        alice grant-allowance bob EUR 100 - 5000 - - 65*k                               => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        alice grant-allowance bob EUR max 31622400000 158112001000 bob,carol 140*x 64*k => 1
        alice grant-allowance bob EUR max 31622400000 158112001000 bob,carol 140*x 64*k => 1
        alice grant-allowance bob EUR 1 31622400000 158112001000 bob,carol 140*x 64*k   => KeyReused
        bob grant-allowance carol EUR 1 - 5000 - - 64*k                                 => 2
    "#]]);
}

#[test]
fn a_repeated_draw_has_no_effect() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                     => ok
        bank mint EUR alice 1000                              => ok
        alice grant-allowance bob EUR 100 - 900000000 - - -   => 1
        bob transfer-from 1 carol 60 - "first"                => ok
        bob transfer-from 1 carol 60 - "first"                => ok
        bob transfer-from 1 carol 61 - "first"                => KeyReused
        bob place-hold-from 1 30 carol - 900000000 - "second" => 1
        bob place-hold-from 1 30 carol - 900000000 - "second" => 1
        bob place-hold-from 1 60 carol - 900000000 - "first"  => KeyReused
        balances                                              => alice 910+30 EUR, carol 60+0 EUR
        at 604801000
        bob transfer-from 1 carol 60 - "first"                => OverAllowance(LimitUsage { limit: 100, used: 90, needed: 60 })
        bob transfer-from 1 carol 10 - "first"                => ok
        balances                                              => alice 900+30 EUR, carol 70+0 EUR
    "#]]);
}

#[test]
fn an_agent_orders_through_a_module() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                           => ok
        bank mint EUR alice 1000                                    => ok
        alice grant-allowance bob EUR 100 - 900000000 market - -    => 1
        market/bob place-hold-from 1 60 - - 990000000 "order 5" -   => 1
        market/carol place-hold-from 1 10 - - 990000000 "order 6" - => WrongParty(Party { account: Some(bob), organisation: None, role: None })
        market/bob transfer-from 1 market 10 - -                    => WrongParty(Party { account: Some(bob), organisation: None, role: None })
        bob place-hold-from 1 10 - - 990000000 - -                  => PayeeNotAllowed(bob)
        bob get-hold 1                                              => Hold { id: 1, payer: alice, controller: market, payee: None, asset: "EUR", amount: 60, remaining: 60, expires-ms: 990000000, reference: "order 5" }
        market/carol pay-out 1 carol 60                             => ok
        balances                                                    => alice 940+0 EUR, carol 60+0 EUR
    "#]]);
}
