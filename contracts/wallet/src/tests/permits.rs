//! Permits: approval of later spending to one payee.

use expect_test::expect;

use super::table::check;

/// A company whose policy asks for approval can place an order: the approvers permit the hold of the market's escrow.
#[test]
fn a_permit_serves_a_hold() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                              => ok
        bank mint EUR alice 10000                                      => ok
        alice set-policy EUR above=100 approvers=bob,carol approvals=2 => ok
        market/alice place-hold EUR 500 - - 90000 -                    => ApprovalNeeded(LimitUsage { limit: 100, used: 0, needed: 500 })
        alice request-permit market EUR 600 "order 7" 90000 ask-1      => 1
        alice request-permit market EUR 600 "order 7" 90000 ask-1      => 1
        market/alice place-hold EUR 500 - - 90000 -                    => ApprovalNeeded(LimitUsage { limit: 100, used: 0, needed: 500 })
        bob approve-permit 1                                           => ok
        market/alice place-hold EUR 500 - - 90000 -                    => ApprovalNeeded(LimitUsage { limit: 100, used: 0, needed: 500 })
        bob list-permits carol no - 10                                 => PermitPage { permits: [Permit { id: 1, state: PermitState::Pending, payer: alice, payee: market, asset: "EUR", amount-max: 600, reference: "order 7", approvers: [bob, carol], role: None, approvals: 2, approved-by: [bob], policy-version: 1, expires-ms: 90000 }], next: None }
        carol approve-permit 1                                         => ok
        alice transfer dave EUR 500                                    => ApprovalNeeded(LimitUsage { limit: 100, used: 0, needed: 500 })
        market/alice place-hold EUR 601 - - 90000 -                    => ApprovalNeeded(LimitUsage { limit: 100, used: 0, needed: 601 })
        market/alice place-hold EUR 500 - - 90000 -                    => 1
        market/alice place-hold EUR 500 - - 90000 -                    => ApprovalNeeded(LimitUsage { limit: 100, used: 0, needed: 500 })
        bob list-permits carol no - 10                                 => PermitPage { permits: [], next: None }
        alice get-permit 1                                             => Permit { id: 1, state: PermitState::Used, payer: alice, payee: market, asset: "EUR", amount-max: 600, reference: "order 7", approvers: [bob, carol], role: None, approvals: 2, approved-by: [bob, carol], policy-version: 1, expires-ms: 90000 }
        market/alice place-hold EUR 60 - - 90000 -                     => 2
        market/alice place-hold EUR 41 - - 90000 -                     => ApprovalNeeded(LimitUsage { limit: 100, used: 60, needed: 41 })
        balances                                                       => alice 9440+560 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 10000 })
          | PolicySet(PolicySetting { account: alice, asset: "EUR", change: PolicyChange { policy: Some(Policy { daily-limit: None, payees: [], tiers: [ApprovalTier { above: 100, approvers: [bob, carol], role: None, approvals: 2 }], notice-ms: 0 }), effective-ms: 1000 } })
          | PermitRequested(Permit { id: 1, state: PermitState::Pending, payer: alice, payee: market, asset: "EUR", amount-max: 600, reference: "order 7", approvers: [bob, carol], role: None, approvals: 2, approved-by: [], policy-version: 1, expires-ms: 90000 })
          | PermitApproved(PermitApproval { permit: 1, approver: bob, state: PermitState::Pending })
          | PermitApproved(PermitApproval { permit: 1, approver: carol, state: PermitState::Approved })
          | PermitUsed(PermitUse { permit: 1, amount: 500 })
          | HoldPlaced(Hold { id: 1, payer: alice, controller: market, payee: None, asset: "EUR", amount: 500, remaining: 500, expires-ms: 90000, reference: "" })
          | SpendingCounted(Spending { account: alice, asset: "EUR", spent-today: 60 })
          | HoldPlaced(Hold { id: 2, payer: alice, controller: market, payee: None, asset: "EUR", amount: 60, remaining: 60, expires-ms: 90000, reference: "" })
    "#]]);
}

/// What is split into parts needs approval as the whole does.
#[test]
fn splitting_does_not_help() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                        => ok
        bank mint EUR alice 1000                                 => ok
        alice set-policy EUR above=100 approvers=bob approvals=1 => ok
        alice transfer dave EUR 60                               => ok
        alice transfer dave EUR 60                               => ApprovalNeeded(LimitUsage { limit: 100, used: 60, needed: 60 })
        alice batch-transfer - dave EUR 30 - carol EUR 11 -      => ApprovalNeeded(LimitUsage { limit: 100, used: 90, needed: 11 })
        alice transfer dave EUR 40                               => ok
        alice grant-allowance carol EUR 50 - 90000 - - -         => 1
        carol transfer-from 1 dave 1 - -                         => ApprovalNeeded(LimitUsage { limit: 100, used: 100, needed: 1 })
        at 86400000
        alice transfer dave EUR 100                              => ok
    "#]]);
}

#[test]
fn a_permit_counts_for_payees_and_daily_limits_too() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                    => ok
        bank mint EUR alice 1000                                             => ok
        alice set-policy EUR daily=10 payees=carol approvers=bob approvals=1 => ok
        alice transfer dave EUR 5                                            => PayeeNotAllowed(dave)
        alice transfer carol EUR 11                                          => OverDailyLimit(LimitUsage { limit: 10, used: 0, needed: 11 })
        alice request-permit dave EUR 5 - 5000 -                             => 1
        alice request-permit carol EUR 11 - 5000 -                           => 2
        bob approve-permit 1                                                 => ok
        bob approve-permit 2                                                 => ok
        alice transfer dave EUR 5                                            => ok
        alice transfer carol EUR 11                                          => ok
        alice transfer carol EUR 10                                          => ok
        balances                                                             => alice 974+0 EUR, carol 21+0 EUR, dave 5+0 EUR
    "#]]);
}

#[test]
fn a_permit_ends_unused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                            => ok
        bank mint EUR alice 1000                                     => ok
        alice set-policy EUR above=5 approvers=bob,carol approvals=1 => ok
        alice request-permit dave EUR 100 - 5000 -                   => 1
        alice request-permit dave EUR 100 - 5000 -                   => 2
        alice request-permit dave EUR 100 - 5000 -                   => 3
        alice request-permit dave EUR 100 - 5000 -                   => 4
        bob approve-permit 1                                         => ok
        carol reject-permit 1                                        => ok
        bob approve-permit 2                                         => ok
        alice cancel-permit 2                                        => ok
        bob approve-permit 3                                         => ok
        alice transfer dave EUR 100                                  => ok
        alice transfer dave EUR 100                                  => ApprovalNeeded(LimitUsage { limit: 5, used: 0, needed: 100 })
        at 5000
        bob approve-permit 4                                         => TooLate(Deadline { item: Item { kind: "permit", id: 4 }, deadline-ms: 5000, now-ms: 5000 })
        nobody advance-due 32                                        => [DueItem { deadline-ms: 5000, item: Item { kind: "permit", id: 4 } }]
        alice get-permit 4                                           => Permit { id: 4, state: PermitState::Expired, payer: alice, payee: dave, asset: "EUR", amount-max: 100, reference: "", approvers: [bob, carol], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 5000 }
        alice request-permit dave EUR 100 - 9000 -                   => 5
        bob approve-permit 5                                         => ok
        alice set-policy EUR above=6 approvers=bob approvals=1       => ok
        alice transfer dave EUR 100                                  => ApprovalNeeded(LimitUsage { limit: 6, used: 0, needed: 100 })
        at 9000
        alice transfer dave EUR 100                                  => ApprovalNeeded(LimitUsage { limit: 6, used: 0, needed: 100 })
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | PolicySet(PolicySetting { account: alice, asset: "EUR", change: PolicyChange { policy: Some(Policy { daily-limit: None, payees: [], tiers: [ApprovalTier { above: 5, approvers: [bob, carol], role: None, approvals: 1 }], notice-ms: 0 }), effective-ms: 1000 } })
          | PermitRequested(Permit { id: 1, state: PermitState::Pending, payer: alice, payee: dave, asset: "EUR", amount-max: 100, reference: "", approvers: [bob, carol], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 5000 })
          | PermitRequested(Permit { id: 2, state: PermitState::Pending, payer: alice, payee: dave, asset: "EUR", amount-max: 100, reference: "", approvers: [bob, carol], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 5000 })
          | PermitRequested(Permit { id: 3, state: PermitState::Pending, payer: alice, payee: dave, asset: "EUR", amount-max: 100, reference: "", approvers: [bob, carol], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 5000 })
          | PermitRequested(Permit { id: 4, state: PermitState::Pending, payer: alice, payee: dave, asset: "EUR", amount-max: 100, reference: "", approvers: [bob, carol], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 5000 })
          | PermitApproved(PermitApproval { permit: 1, approver: bob, state: PermitState::Approved })
          | PermitEnded(PermitEnd { permit: 1, state: PermitState::Rejected })
          | PermitApproved(PermitApproval { permit: 2, approver: bob, state: PermitState::Approved })
          | PermitEnded(PermitEnd { permit: 2, state: PermitState::Cancelled })
          | PermitApproved(PermitApproval { permit: 3, approver: bob, state: PermitState::Approved })
          | PermitUsed(PermitUse { permit: 3, amount: 100 })
          | Transferred(Transfer { asset: "EUR", from: alice, to: dave, amount: 100, reference: None })
          | PermitEnded(PermitEnd { permit: 4, state: PermitState::Expired })
          | PermitRequested(Permit { id: 5, state: PermitState::Pending, payer: alice, payee: dave, asset: "EUR", amount-max: 100, reference: "", approvers: [bob, carol], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 9000 })
          | PermitApproved(PermitApproval { permit: 5, approver: bob, state: PermitState::Approved })
          | PolicySet(PolicySetting { account: alice, asset: "EUR", change: PolicyChange { policy: Some(Policy { daily-limit: None, payees: [], tiers: [ApprovalTier { above: 6, approvers: [bob], role: None, approvals: 1 }], notice-ms: 0 }), effective-ms: 5000 } })
    "#]]);
}

#[test]
fn permits_are_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                           => ok
        alice request-permit dave EUR 100 - 5000 -                  => NoPolicy
        alice set-policy EUR above=5 approvers=bob,dave approvals=2 => ok
        alice request-permit dave eur 100 - 5000 -                  => MalformedAssetId("eur")
        alice request-permit dave EUR 0 - 5000 -                    => ZeroAmount
        alice request-permit alice EUR 100 - 5000 -                 => SameAccount(alice)
        alice request-permit nobody EUR 100 - 5000 -                => InactiveAccount(nobody)
        alice request-permit dave EUR 100 141*x 5000 -              => OutOfRange(Range { parameter: "reference", given: 141, min: 0, max: 140 })
        alice request-permit dave EUR 100 - 1000 -                  => OutOfRange(Range { parameter: "expires-ms", given: 1000, min: 1001, max: 2592001000 })
        alice request-permit dave EUR 100 - 2592001001 -            => OutOfRange(Range { parameter: "expires-ms", given: 2592001001, min: 1001, max: 2592001000 })
        alice request-permit dave EUR 100 - 5000 65*k               => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        alice request-permit dave EUR 100 - 5000 key                => 1
        alice request-permit dave EUR 101 - 5000 key                => KeyReused
        bob approve-permit 2                                        => UnknownItem(Item { kind: "permit", id: 2 })
        carol approve-permit 1                                      => NotApprover
        dave approve-permit 1                                       => NotApprover
        dave reject-permit 1                                        => NotApprover
        bob approve-permit 1                                        => ok
        bob approve-permit 1                                        => AlreadyApproved
        bob cancel-permit 1                                         => WrongParty(Party { account: Some(alice), organisation: None, role: None })
        bob reject-permit 2                                         => UnknownItem(Item { kind: "permit", id: 2 })
        alice cancel-permit 2                                       => UnknownItem(Item { kind: "permit", id: 2 })
        alice get-permit 2                                          => UnknownItem(Item { kind: "permit", id: 2 })
        alice list-permits alice no - 101                           => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        nobody advance permit 1                                     => TooEarly(Deadline { item: Item { kind: "permit", id: 1 }, deadline-ms: 5000, now-ms: 1000 })
        alice set-policy EUR above=6 approvers=bob approvals=1      => ok
        bob approve-permit 1                                        => PolicyChanged
        alice cancel-permit 1                                       => ok
        alice cancel-permit 1                                       => WrongState(WrongState { item: Item { kind: "permit", id: 1 }, state: "cancelled", action: "cancel" })
        bob approve-permit 1                                        => WrongState(WrongState { item: Item { kind: "permit", id: 1 }, state: "cancelled", action: "approve" })
        bob reject-permit 1                                         => WrongState(WrongState { item: Item { kind: "permit", id: 1 }, state: "cancelled", action: "reject" })
    "#]]);
}
