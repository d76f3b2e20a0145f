//! Modules that take an owner's money by an allowance (`use-allowance`).

use expect_test::expect;

use super::table::check;

/// A module that knows no allowances takes the owner's money for the spender, and what comes back is the owner's.
#[test]
fn a_module_takes_the_owners_money() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                        => ok
        bank create-asset USD Dollar 2 bank                      => ok
        bank mint EUR alice 1000                                 => ok
        bank mint EUR bob 10                                     => ok
        bank mint USD bob 500                                    => ok
        alice grant-allowance bob EUR 100 - 900000000 market - - => 1
        transaction 1
        market/bob place-hold EUR 11 - - 990000000 "order 1"     => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 10, needed: 11 })
        bob use-allowance 1 60                                   => ok
        market/bob place-hold EUR 40 - - 990000000 "order 2"     => 1
        bob get-hold 1                                           => Hold { id: 1, payer: alice, controller: market, payee: None, asset: "EUR", amount: 40, remaining: 40, expires-ms: 990000000, reference: "order 2" }
        market/bob place-hold EUR 21 - - 990000000 "order 3"     => OverTransactionLimit(LimitUsage { limit: 60, used: 40, needed: 21 })
        market/bob place-hold USD 500 - - 990000000 "order 4"    => 2
        market/carol place-hold EUR 1 - - 990000000 "order 5"    => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 1 })
        bob place-hold EUR 5 carol - 990000 -                    => 3
        transaction 2
        market/bob place-hold EUR 6 - - 990000000 "order 6"      => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 5, needed: 6 })
        bob use-allowance 1 61                                   => ok
        market/bob place-hold EUR 61 - - 990000000 "order 7"     => OverAllowance(LimitUsage { limit: 100, used: 40, needed: 61 })
        market/bob place-hold EUR 60 - - 990000000 "order 8"     => 4
        bob use-allowance 1 0                                    => ok
        market/bob place-hold EUR 5 - - 990000000 "order 9"      => 5
        market/bob pay-back 1 15                                 => ok
        market/bob pay-out 1 carol 10                            => ok
        market/bob release-hold 1                                => ok
        at 990000000
        nobody expire-hold 4                                     => ok
        balances                                                 => alice 990+0 EUR, bob 0+10 EUR, bob 0+500 USD, carol 10+0 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | AssetCreated(Asset { id: "USD", name: "Dollar", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | Minted(Issuance { asset: "EUR", account: bob, amount: 10 })
          | Minted(Issuance { asset: "USD", account: bob, amount: 500 })
          | AllowanceGranted(Allowance { id: 1, owner: alice, spender: bob, asset: "EUR", limit: 100, period-ms: None, spent: 0, period-start-ms: 1000, granted-ms: 1000, expires-ms: 900000000, payees: [market], reference: "" })
          | AllowanceUsed(AllowanceUse { allowance: 1, amount: 40, spent: 40, period-start-ms: 1000 })
          | HoldPlaced(Hold { id: 1, payer: alice, controller: market, payee: None, asset: "EUR", amount: 40, remaining: 40, expires-ms: 990000000, reference: "order 2" })
          | HoldPlaced(Hold { id: 2, payer: bob, controller: market, payee: None, asset: "USD", amount: 500, remaining: 500, expires-ms: 990000000, reference: "order 4" })
          | HoldPlaced(Hold { id: 3, payer: bob, controller: bob, payee: Some(carol), asset: "EUR", amount: 5, remaining: 5, expires-ms: 990000, reference: "" })
          | AllowanceUsed(AllowanceUse { allowance: 1, amount: 60, spent: 100, period-start-ms: 1000 })
          | HoldPlaced(Hold { id: 4, payer: alice, controller: market, payee: None, asset: "EUR", amount: 60, remaining: 60, expires-ms: 990000000, reference: "order 8" })
          | HoldPlaced(Hold { id: 5, payer: bob, controller: market, payee: None, asset: "EUR", amount: 5, remaining: 5, expires-ms: 990000000, reference: "order 9" })
          | HoldPaid(HoldPayment { hold: 1, to: alice, amount: 15, remaining: 25 })
          | HoldPaid(HoldPayment { hold: 1, to: carol, amount: 10, remaining: 15 })
          | HoldReleased(HoldReturn { hold: 1, amount: 15 })
          | HoldExpired(HoldReturn { hold: 4, amount: 60 })
    "#]]);
}

/// The owner's balance, policy, permits and freeze count, and the allowance's own bounds.
#[test]
fn the_owners_rules_bind_what_is_drawn() {
    check(expect![[r#"
        bank create-asset-with-terms EUR Euro issued - freezable -                            => ok
        bank mint EUR alice 100                                                               => ok
        alice set-policy EUR daily=60 above=50 payees=market,carol approvers=dave approvals=1 => ok
        alice grant-allowance bob EUR 200 - 900000000 - - -                                   => 1
        bob use-allowance 1 max                                                               => ok
        market/bob place-hold EUR 201 - - 990000000 -                                         => OverAllowance(LimitUsage { limit: 200, used: 0, needed: 201 })
        market/bob place-hold EUR 101 - - 990000000 -                                         => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 100, needed: 101 })
        market/bob place-hold EUR 51 - - 990000000 -                                          => ApprovalNeeded(LimitUsage { limit: 50, used: 0, needed: 51 })
        market/bob place-hold EUR 1 dave - 990000000 -                                        => PayeeNotAllowed(dave)
        market/bob place-hold EUR 1 alice - 990000000 -                                       => SameAccount(alice)
        alice request-permit market EUR 70 - 90000 -                                          => 1
        dave approve-permit 1                                                                 => ok
        market/bob place-hold EUR 70 - - 990000000 -                                          => 1
        market/bob place-hold EUR 30 - - 990000000 -                                          => 2
        freeze alice
        market/bob place-hold EUR 1 - - 990000000 -                                           => InactiveAccount(alice)
        market/bob pay-back 1 20                                                              => ok
        thaw alice
        bank freeze-balance EUR alice 9000 order                                              => ok
        market/bob place-hold EUR 1 - - 990000000 -                                           => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 9000, reason: "order" })
        market/bob pay-back 1 20                                                              => ok
        balances                                                                              => alice 40+60 EUR
        alice close-allowance 1                                                               => ok
        market/bob place-hold EUR 1 - - 990000000 -                                           => WrongState(WrongState { item: Item { kind: "allowance", id: 1 }, state: "closed", action: "draw" })
        alice grant-allowance bob EUR 200 - 5000 carol - -                                    => 2
        bob use-allowance 2 max                                                               => ok
        market/bob place-hold EUR 1 - - 990000000 -                                           => PayeeNotAllowed(market)
        at 5000
        market/bob place-hold EUR 1 carol - 990000000 -                                       => TooLate(Deadline { item: Item { kind: "allowance", id: 2 }, deadline-ms: 5000, now-ms: 5000 })
    "#]]);
}

/// Only the spender draws, for itself and in a call of its own.
#[test]
fn drawing_on_an_allowance_is_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                 => ok
        bank mint EUR alice 100                           => ok
        alice grant-allowance bob EUR 100 - 5000 - - -    => 1
        alice grant-allowance market EUR 100 - 5000 - - - => 2
        bob use-allowance 3 1                             => UnknownItem(Item { kind: "allowance", id: 3 })
        carol use-allowance 1 1                           => WrongParty(Party { account: Some(bob), organisation: None, role: None })
        alice use-allowance 1 1                           => WrongParty(Party { account: Some(bob), organisation: None, role: None })
        market/bob use-allowance 1 1                      => WrongParty(Party { account: Some(bob), organisation: None, role: None })
        market/bob use-allowance 2 1                      => WrongParty(Party { account: Some(market), organisation: None, role: None })
        bob use-allowance 2 1                             => WrongParty(Party { account: Some(market), organisation: None, role: None })
        alice close-allowance 2                           => ok
        market/bob use-allowance 2 1                      => WrongState(WrongState { item: Item { kind: "allowance", id: 2 }, state: "closed", action: "draw" })
        at 5000
        bob use-allowance 1 1                             => TooLate(Deadline { item: Item { kind: "allowance", id: 1 }, deadline-ms: 5000, now-ms: 5000 })
    "#]]);
}

/// Of one asset the last allowance counts; a transaction draws on four assets at most.
#[test]
fn a_transaction_draws_on_an_allowance_of_each_asset() {
    check(expect![[r#"
        bank create-asset A A 0 bank                => ok
        bank create-asset B B 0 bank                => ok
        bank create-asset C C 0 bank                => ok
        bank create-asset D D 0 bank                => ok
        bank create-asset E E 0 bank                => ok
        bank mint A alice 10                        => ok
        bank mint A carol 10                        => ok
        bank mint B alice 10                        => ok
        alice grant-allowance bob A 10 - 5000 - - - => 1
        alice grant-allowance bob B 10 - 5000 - - - => 2
        alice grant-allowance bob C 10 - 5000 - - - => 3
        alice grant-allowance bob D 10 - 5000 - - - => 4
        alice grant-allowance bob E 10 - 5000 - - - => 5
        carol grant-allowance bob A 10 - 5000 - - - => 6
        bob use-allowance 1 10                      => ok
        bob use-allowance 2 10                      => ok
        bob use-allowance 3 10                      => ok
        bob use-allowance 4 10                      => ok
        bob use-allowance 5 10                      => TooMany(Bound { what: "draws", max: 4 })
        market/bob place-hold A 4 - - 9000 -        => 1
        bob use-allowance 6 5                       => ok
        market/bob place-hold A 5 - - 9000 -        => 2
        market/bob place-hold B 10 - - 9000 -       => 3
        bob use-allowance 2 0                       => ok
        bob use-allowance 5 10                      => ok
        balances                                    => alice 6+4 A, alice 0+10 B, carol 5+5 A
    "#]]);
}

/// What is paid back goes to the payer, by the controller only.
#[test]
fn paying_back_is_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank              => ok
        bank mint EUR alice 100                        => ok
        market/alice place-hold EUR 100 carol - 5000 - => 1
        market/bob pay-back 1 0                        => ZeroAmount
        market/bob pay-back 2 1                        => UnknownItem(Item { kind: "hold", id: 2 })
        market/bob pay-back 1 101                      => InsufficientHold(HoldShortfall { hold: 1, remaining: 100, needed: 101 })
        carol pay-back 1 1                             => WrongParty(Party { account: Some(market), organisation: None, role: None })
        market/bob pay-back 1 100                      => ok
        market/bob pay-back 1 1                        => WrongState(WrongState { item: Item { kind: "hold", id: 1 }, state: "resolved", action: "pay" })
        market/alice place-hold EUR 100 carol - 5000 - => 2
        at 5000
        market/bob pay-back 2 1                        => TooLate(Deadline { item: Item { kind: "hold", id: 2 }, deadline-ms: 5000, now-ms: 5000 })
        balances                                       => alice 0+100 EUR
    "#]]);
}
