//! Payments that wait for approvals.

use expect_test::expect;

use super::table::check;

#[test]
fn several_approve_a_payment() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                               => ok
        bank mint EUR alice 1000                                        => ok
        alice set-policy EUR approvers=bob,carol,dave,admin approvals=2 => ok
        alice propose-payment admin EUR 600 "machine" - 90000 -         => 1
        balances                                                        => alice 400+600 EUR
        bob list-payments carol no - 10                                 => PaymentPage { payments: [PendingPayment { id: 1, state: PaymentState::Pending, payer: alice, payee: admin, asset: "EUR", amount: 600, reference: "machine", request: None, approvers: [bob, carol, dave, admin], role: None, approvals: 2, approved-by: [], policy-version: 1, expires-ms: 90000 }], next: None }
        bob approve-payment 1                                           => ok
        bob approve-payment 1                                           => AlreadyApproved
        admin approve-payment 1                                         => NotApprover
        admin reject-payment 1                                          => NotApprover
        alice approve-payment 1                                         => NotApprover
        alice get-payment 1                                             => PendingPayment { id: 1, state: PaymentState::Pending, payer: alice, payee: admin, asset: "EUR", amount: 600, reference: "machine", request: None, approvers: [bob, carol, dave, admin], role: None, approvals: 2, approved-by: [bob], policy-version: 1, expires-ms: 90000 }
        dave approve-payment 1                                          => ok
        carol approve-payment 1                                         => WrongState(WrongState { item: Item { kind: "payment", id: 1 }, state: "paid", action: "approve" })
        balances                                                        => alice 400+0 EUR, admin 600+0 EUR
        bob list-payments carol no - 10                                 => PaymentPage { payments: [], next: None }
        bob list-payments alice no - 10                                 => PaymentPage { payments: [], next: None }
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | PolicySet(PolicySetting { account: alice, asset: "EUR", change: PolicyChange { policy: Some(Policy { daily-limit: None, payees: [], tiers: [ApprovalTier { above: 18446744073709551615, approvers: [bob, carol, dave, admin], role: None, approvals: 2 }], notice-ms: 0 }), effective-ms: 1000 } })
          | PaymentProposed(PendingPayment { id: 1, state: PaymentState::Pending, payer: alice, payee: admin, asset: "EUR", amount: 600, reference: "machine", request: None, approvers: [bob, carol, dave, admin], role: None, approvals: 2, approved-by: [], policy-version: 1, expires-ms: 90000 })
          | PaymentApproved(Approval { payment: 1, approver: bob })
          | PaymentApproved(Approval { payment: 1, approver: dave })
          | PaymentEnded(PaymentEnd { payment: 1, state: PaymentState::Paid })
          | Transferred(Transfer { asset: "EUR", from: alice, to: admin, amount: 600, reference: Some("machine") })
    "#]]);
}

#[test]
fn a_payment_is_rejected_cancelled_or_expires() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                    => ok
        bank mint EUR alice 1000                             => ok
        alice set-policy EUR approvers=bob,carol approvals=2 => ok
        alice propose-payment dave EUR 100 - - 5000 -        => 1
        alice propose-payment dave EUR 200 - - 5000 -        => 2
        alice propose-payment dave EUR 300 - - 5000 -        => 3
        bob approve-payment 1                                => ok
        dave reject-payment 1                                => NotApprover
        carol reject-payment 1                               => ok
        bob cancel-payment 2                                 => WrongParty(Party { account: Some(alice), organisation: None, role: None })
        alice cancel-payment 2                               => ok
        nobody advance payment 3                             => TooEarly(Deadline { item: Item { kind: "payment", id: 3 }, deadline-ms: 5000, now-ms: 1000 })
        balances                                             => alice 700+300 EUR
        at 5000
        bob approve-payment 3                                => TooLate(Deadline { item: Item { kind: "payment", id: 3 }, deadline-ms: 5000, now-ms: 5000 })
        freeze alice
        nobody advance payment 3                             => ok
        balances                                             => alice 1000+0 EUR
    "#]]);
}

#[test]
fn a_payment_does_not_outlive_its_policy() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                => ok
        bank mint EUR alice 1000                         => ok
        alice set-policy EUR approvers=bob approvals=1   => ok
        alice propose-payment dave EUR 100 - - 5000 -    => 1
        alice set-policy EUR approvers=carol approvals=1 => ok
        bob approve-payment 1                            => PolicyChanged
        carol approve-payment 1                          => PolicyChanged
        bob reject-payment 1                             => ok
        balances                                         => alice 1000+0 EUR
        alice propose-payment dave EUR 100 - - 5000 -    => 2
        alice set-policy EUR none                        => ok
        carol approve-payment 2                          => PolicyChanged
        alice cancel-payment 2                           => ok
        alice propose-payment dave EUR 100 - - 5000 -    => NoPolicy
    "#]]);
}

#[test]
fn what_freezes_meanwhile_is_not_paid() {
    check(expect![[r#"
        bank create-asset-with-terms EUR Euro issued unlimited freezable - => ok
        bank mint EUR alice 1000                                           => ok
        alice set-policy EUR approvers=bob approvals=1                     => ok
        alice propose-payment dave EUR 100 - - 5000 -                      => 1
        freeze alice
        bob approve-payment 1                                              => InactiveAccount(alice)
        thaw alice
        freeze dave
        bob approve-payment 1                                              => InactiveAccount(dave)
        thaw dave
        bank freeze-balance EUR alice 3000 why                             => ok
        bob approve-payment 1                                              => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 3000, reason: "why" })
        bank freeze-balance EUR dave 3000 why                              => ok
        bank unfreeze-balance EUR alice                                    => ok
        bob approve-payment 1                                              => FrozenBalance(Freeze { account: dave, asset: "EUR", expires-ms: 3000, reason: "why" })
        at 3000
        bob approve-payment 1                                              => ok
        balances                                                           => alice 900+0 EUR, dave 100+0 EUR
    "#]]);
}

#[test]
fn an_approved_payment_pays_a_request() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                             => ok
        bank create-asset USD Dollar 2 bank                           => ok
        bank mint EUR alice 1000                                      => ok
        bank mint USD alice 1000                                      => ok
        alice set-policy EUR approvers=bob approvals=1                => ok
        alice set-policy USD approvers=bob approvals=1                => ok
        dave request-payment alice EUR 300 parts 9000 "invoice 7" - - => 1
        alice propose-payment carol EUR 200 - 1 5000 -                => RequestMismatch(1)
        alice propose-payment dave USD 200 - 1 5000 -                 => RequestMismatch(1)
        alice propose-payment dave EUR 301 - 1 5000 -                 => OverRequest(LimitUsage { limit: 300, used: 0, needed: 301 })
        alice propose-payment dave EUR 200 - 2 5000 -                 => UnknownItem(Item { kind: "request", id: 2 })
        alice propose-payment dave EUR 200 "invoice 7" 1 5000 -       => 1
        alice propose-payment dave EUR 200 "invoice 7" 1 5000 -       => 2
        bob approve-payment 1                                         => ok
        bob approve-payment 2                                         => OverRequest(LimitUsage { limit: 300, used: 200, needed: 200 })
        bob get-request 1                                             => Request { id: 1, state: RequestState::PartiallyPaid, payee: dave, payer: Some(alice), asset: "EUR", amount: 300, paid: 200, partial-allowed: true, due-ms: 9000, reference: "invoice 7", document: None }
        alice propose-payment dave EUR 100 - 1 5000 -                 => 3
        dave cancel-request 1                                         => ok
        bob approve-payment 3                                         => WrongState(WrongState { item: Item { kind: "request", id: 1 }, state: "cancelled", action: "pay-rest" })
        alice cancel-payment 2                                        => ok
        balances                                                      => alice 700+100 EUR, alice 1000+0 USD, dave 200+0 EUR
    "#]]);
}

#[test]
fn proposing_is_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                     => ok
        bank mint EUR alice 1000                              => ok
        alice propose-payment dave EUR 100 - - 5000 -         => NoPolicy
        alice set-policy EUR daily=5                          => ok
        alice propose-payment dave EUR 100 - - 5000 -         => NoPolicy
        alice set-policy EUR approvers=bob approvals=1        => ok
        alice propose-payment dave eur 100 - - 5000 -         => MalformedAssetId("eur")
        alice propose-payment dave USD 100 - - 5000 -         => NoPolicy
        alice propose-payment dave EUR 0 - - 5000 -           => ZeroAmount
        alice propose-payment dave EUR 1001 - - 5000 -        => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 1000, needed: 1001 })
        alice propose-payment dave EUR max - - 5000 -         => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 1000, needed: 18446744073709551615 })
        alice propose-payment alice EUR 100 - - 5000 -        => SameAccount(alice)
        alice propose-payment nobody EUR 100 - - 5000 -       => InactiveAccount(nobody)
        alice propose-payment dave EUR 100 141*x - 5000 -     => OutOfRange(Range { parameter: "reference", given: 141, min: 0, max: 140 })
        alice propose-payment dave EUR 100 - - 1000 -         => OutOfRange(Range { parameter: "expires-ms", given: 1000, min: 1001, max: 2592001000 })
        alice propose-payment dave EUR 100 - - 2592001001 -   => OutOfRange(Range { parameter: "expires-ms", given: 2592001001, min: 1001, max: 2592001000 })
        alice propose-payment dave EUR 100 - - 2592001000 key => 1
        alice propose-payment dave EUR 100 - - 2592001000 key => 1
        alice propose-payment dave EUR 101 - - 2592001000 key => KeyReused
        bob approve-payment 2                                 => UnknownItem(Item { kind: "payment", id: 2 })
        bob reject-payment 0                                  => UnknownItem(Item { kind: "payment", id: 0 })
        bob cancel-payment 2                                  => UnknownItem(Item { kind: "payment", id: 2 })
        bob advance payment 2                                 => UnknownItem(Item { kind: "payment", id: 2 })
        bob get-payment 2                                     => UnknownItem(Item { kind: "payment", id: 2 })
        balances                                              => alice 900+100 EUR
    "#]]);
}
