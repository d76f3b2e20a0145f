//! Spending policies: daily limits, payees, approvals and notices of changes.

use expect_test::expect;

use super::table::check;

#[test]
fn a_policy_limits_what_leaves_on_a_day() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank         => ok
        bank mint EUR alice 1000                  => ok
        alice set-policy EUR daily=100            => ok
        alice transfer bob EUR 60                 => ok
        alice transfer bob EUR 41                 => OverDailyLimit(LimitUsage { limit: 100, used: 60, needed: 41 })
        alice place-hold EUR 40 bob - 900000000 - => 1
        bob release-hold 1                        => ok
        alice transfer bob EUR 1                  => OverDailyLimit(LimitUsage { limit: 100, used: 100, needed: 1 })
        alice batch-transfer - bob EUR 1 -        => OverDailyLimit(LimitUsage { limit: 100, used: 100, needed: 1 })
        bob transfer alice EUR 60                 => ok
        alice get-policy alice EUR                => PolicyStatus { policy: Some(Policy { daily-limit: Some(100), payees: [], tiers: [], notice-ms: 0 }), version: 1, next: None, spent-today: 100, requested-today: 0 }
        at 86399999
        alice transfer bob EUR 1                  => OverDailyLimit(LimitUsage { limit: 100, used: 100, needed: 1 })
        at 86400000
        alice get-policy alice EUR                => PolicyStatus { policy: Some(Policy { daily-limit: Some(100), payees: [], tiers: [], notice-ms: 0 }), version: 1, next: None, spent-today: 0, requested-today: 0 }
        alice transfer bob EUR 100                => ok
        balances                                  => alice 900+0 EUR, bob 100+0 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | PolicySet(PolicySetting { account: alice, asset: "EUR", change: PolicyChange { policy: Some(Policy { daily-limit: Some(100), payees: [], tiers: [], notice-ms: 0 }), effective-ms: 1000 } })
          | SpendingCounted(Spending { account: alice, asset: "EUR", spent-today: 60 })
          | Transferred(Transfer { asset: "EUR", from: alice, to: bob, amount: 60, reference: None })
          | SpendingCounted(Spending { account: alice, asset: "EUR", spent-today: 100 })
          | HoldPlaced(Hold { id: 1, payer: alice, controller: alice, payee: Some(bob), asset: "EUR", amount: 40, remaining: 40, expires-ms: 900000000, reference: "" })
          | HoldReleased(HoldReturn { hold: 1, amount: 40 })
          | Transferred(Transfer { asset: "EUR", from: bob, to: alice, amount: 60, reference: None })
          | SpendingCounted(Spending { account: alice, asset: "EUR", spent-today: 100 })
          | Transferred(Transfer { asset: "EUR", from: alice, to: bob, amount: 100, reference: None })
    "#]]);
}

#[test]
fn a_policy_names_payees() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank              => ok
        bank create-asset USD Dollar 2 bank            => ok
        bank mint EUR alice 1000                       => ok
        bank mint USD alice 1000                       => ok
        alice set-policy EUR payees=bob,market         => ok
        alice transfer bob EUR 1                       => ok
        alice transfer carol EUR 1                     => PayeeNotAllowed(carol)
        alice transfer carol USD 1                     => ok
        alice place-hold EUR 1 carol - 5000 -          => PayeeNotAllowed(carol)
        market/alice place-hold EUR 1 - - 5000 -       => 1
        market/alice place-hold EUR 1 carol - 5000 -   => PayeeNotAllowed(carol)
        alice place-hold EUR 1 bob carol 5000 -        => 2
        alice place-hold EUR 1 - carol 5000 -          => PayeeNotAllowed(carol)
        alice place-hold EUR 1 - - 5000 -              => PayeeNotAllowed(alice)
        carol request-payment - EUR 5 whole 5000 - - - => 1
        alice pay-request 1 5 - -                      => PayeeNotAllowed(carol)
        balances                                       => alice 997+2 EUR, alice 999+0 USD, bob 1+0 EUR, carol 1+0 USD
    "#]]);
}

#[test]
fn large_amounts_need_approval() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                      => ok
        bank mint EUR alice 1000                                               => ok
        alice set-policy EUR above=60 approvers=bob,carol approvals=2 daily=50 => ok
        alice transfer dave EUR 50                                             => ok
        alice transfer dave EUR 51                                             => ApprovalNeeded(LimitUsage { limit: 60, used: 50, needed: 51 })
        alice propose-payment dave EUR 500 "machine" - 90000 -                 => 1
        bob approve-payment 1                                                  => ok
        carol approve-payment 1                                                => ok
        balances                                                               => alice 450+0 EUR, dave 550+0 EUR
        alice transfer dave EUR 11                                             => ApprovalNeeded(LimitUsage { limit: 60, used: 50, needed: 11 })
        alice transfer dave EUR 10                                             => OverDailyLimit(LimitUsage { limit: 50, used: 50, needed: 10 })
    "#]]);
}

#[test]
fn a_stolen_key_does_not_undo_its_limits() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                   => ok
        bank mint EUR alice 1000                                            => ok
        alice set-policy EUR daily=10 approvers=bob approvals=1 notice=5000 => ok
        alice set-policy EUR none                                           => ok
        alice transfer dave EUR 11                                          => OverDailyLimit(LimitUsage { limit: 10, used: 0, needed: 11 })
        alice get-policy alice EUR                                          => PolicyStatus { policy: Some(Policy { daily-limit: Some(10), payees: [], tiers: [ApprovalTier { above: 18446744073709551615, approvers: [bob], role: None, approvals: 1 }], notice-ms: 5000 }), version: 1, next: Some(PolicyChange { policy: None, effective-ms: 6000 }), spent-today: 0, requested-today: 0 }
        dave cancel-policy-change alice EUR                                 => NotApprover
        bob cancel-policy-change alice EUR                                  => ok
        bob cancel-policy-change alice EUR                                  => NoChangeAnnounced
        at 6000
        alice transfer dave EUR 11                                          => OverDailyLimit(LimitUsage { limit: 10, used: 0, needed: 11 })
        alice set-policy EUR daily=20 notice=7                              => ok
        at 7000
        alice set-policy EUR daily=30 notice=7                              => ok
        at 11999
        alice transfer dave EUR 11                                          => OverDailyLimit(LimitUsage { limit: 10, used: 0, needed: 11 })
        at 12000
        alice transfer dave EUR 31                                          => OverDailyLimit(LimitUsage { limit: 30, used: 0, needed: 31 })
        alice transfer dave EUR 30                                          => ok
        alice get-policy alice EUR                                          => PolicyStatus { policy: Some(Policy { daily-limit: Some(30), payees: [], tiers: [], notice-ms: 7 }), version: 2, next: None, spent-today: 30, requested-today: 0 }
        alice set-policy EUR none                                           => ok
        at 12007
        alice transfer dave EUR 500                                         => ok
        alice get-policy alice EUR                                          => PolicyStatus { policy: None, version: 3, next: None, spent-today: 30, requested-today: 0 }
        alice cancel-policy-change alice EUR                                => NoPolicy
        alice set-policy EUR none                                           => NoPolicy
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | PolicySet(PolicySetting { account: alice, asset: "EUR", change: PolicyChange { policy: Some(Policy { daily-limit: Some(10), payees: [], tiers: [ApprovalTier { above: 18446744073709551615, approvers: [bob], role: None, approvals: 1 }], notice-ms: 5000 }), effective-ms: 1000 } })
          | PolicySet(PolicySetting { account: alice, asset: "EUR", change: PolicyChange { policy: None, effective-ms: 6000 } })
          | PolicyChangeCancelled(BalanceKey { account: alice, asset: "EUR" })
          | PolicySet(PolicySetting { account: alice, asset: "EUR", change: PolicyChange { policy: Some(Policy { daily-limit: Some(20), payees: [], tiers: [], notice-ms: 7 }), effective-ms: 11000 } })
          | PolicySet(PolicySetting { account: alice, asset: "EUR", change: PolicyChange { policy: Some(Policy { daily-limit: Some(30), payees: [], tiers: [], notice-ms: 7 }), effective-ms: 12000 } })
          | SpendingCounted(Spending { account: alice, asset: "EUR", spent-today: 30 })
          | Transferred(Transfer { asset: "EUR", from: alice, to: dave, amount: 30, reference: None })
          | PolicySet(PolicySetting { account: alice, asset: "EUR", change: PolicyChange { policy: None, effective-ms: 12007 } })
          | Transferred(Transfer { asset: "EUR", from: alice, to: dave, amount: 500, reference: None })
    "#]]);
}

#[test]
fn setting_a_policy_is_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                    => ok
        alice set-policy USD daily=1                         => UnknownAsset("USD")
        alice set-policy eur daily=1                         => MalformedAssetId("eur")
        alice set-policy EUR none                            => NoPolicy
        alice set-policy EUR payees=bob,bob                  => Duplicate(ListEntry { list: "payees", position: 1 })
        alice set-policy EUR approvers=bob,bob approvals=1   => Duplicate(ListEntry { list: "approvers", position: 1 })
        alice set-policy EUR approvers=bob,carol approvals=3 => OutOfRange(Range { parameter: "approvals", given: 3, min: 1, max: 2 })
        alice set-policy EUR approvers=bob,carol approvals=0 => OutOfRange(Range { parameter: "approvals", given: 0, min: 1, max: 2 })
        alice set-policy EUR approvals=1                     => NoPolicy
        alice set-policy EUR above=5                         => NoPolicy
        alice set-policy EUR approvers=alice approvals=1     => SameAccount(alice)
        alice set-policy EUR approvers=nobody approvals=1    => InactiveAccount(nobody)
        alice set-policy EUR notice=2592000001               => OutOfRange(Range { parameter: "notice-ms", given: 2592000001, min: 0, max: 2592000000 })
        alice set-policy EUR notice=2592000000               => ok
        alice cancel-policy-change alice EUR                 => NoChangeAnnounced
        alice cancel-policy-change bob EUR                   => NoPolicy
        alice cancel-policy-change bob eur                   => MalformedAssetId("eur")
        alice get-policy bob eur                             => MalformedAssetId("eur")
        market/bob set-policy EUR daily=5                    => ok
        alice get-policy market EUR                          => PolicyStatus { policy: Some(Policy { daily-limit: Some(5), payees: [], tiers: [], notice-ms: 0 }), version: 1, next: None, spent-today: 0, requested-today: 0 }
        alice get-policy bob EUR                             => PolicyStatus { policy: None, version: 0, next: None, spent-today: 0, requested-today: 0 }
    "#]]);
}
