//! Removal of what ended long ago from the state.

use expect_test::expect;

use super::table::check;

/// What is over is listed apart, and leaves the state 400 days after its deadline, by `advance-due` of anybody's.
#[test]
fn what_was_over_long_ago_leaves_the_state() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                        => ok
        bank mint EUR alice 1000                                 => ok
        alice set-policy EUR above=100 approvers=bob approvals=1 => ok
        bob request-payment alice EUR 10 whole 5000 - - -        => 1
        bob request-payment alice EUR 20 whole 6000 - - -        => 2
        bob request-payment - EUR 30 parts 7000 - - -            => 3
        alice propose-payment dave EUR 200 - - 5000 -            => 1
        alice propose-payment dave EUR 200 - - 6000 -            => 2
        alice request-permit dave EUR 200 - 5000 -               => 1
        alice request-permit dave EUR 200 - 6000 -               => 2
        alice decline-request 1                                  => ok
        bob approve-payment 1                                    => ok
        bob reject-permit 1                                      => ok
        nobody list-requests alice no - 10                       => RequestPage { requests: [Request { id: 2, state: RequestState::Open, payee: bob, payer: Some(alice), asset: "EUR", amount: 20, paid: 0, partial-allowed: false, due-ms: 6000, reference: "", document: None }], next: None }
        nobody list-requests alice yes - 10                      => RequestPage { requests: [Request { id: 1, state: RequestState::Declined, payee: bob, payer: Some(alice), asset: "EUR", amount: 10, paid: 0, partial-allowed: false, due-ms: 5000, reference: "", document: None }], next: None }
        nobody list-payments alice no - 10                       => PaymentPage { payments: [PendingPayment { id: 2, state: PaymentState::Pending, payer: alice, payee: dave, asset: "EUR", amount: 200, reference: "", request: None, approvers: [bob], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 6000 }], next: None }
        nobody list-payments alice yes - 10                      => PaymentPage { payments: [PendingPayment { id: 1, state: PaymentState::Paid, payer: alice, payee: dave, asset: "EUR", amount: 200, reference: "", request: None, approvers: [bob], role: None, approvals: 1, approved-by: [bob], policy-version: 1, expires-ms: 5000 }], next: None }
        nobody list-payments bob no - 10                         => PaymentPage { payments: [PendingPayment { id: 2, state: PaymentState::Pending, payer: alice, payee: dave, asset: "EUR", amount: 200, reference: "", request: None, approvers: [bob], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 6000 }], next: None }
        nobody list-payments bob yes - 10                        => PaymentPage { payments: [], next: None }
        nobody list-permits alice no - 10                        => PermitPage { permits: [Permit { id: 2, state: PermitState::Pending, payer: alice, payee: dave, asset: "EUR", amount-max: 200, reference: "", approvers: [bob], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 6000 }], next: None }
        nobody list-permits alice yes - 10                       => PermitPage { permits: [Permit { id: 1, state: PermitState::Rejected, payer: alice, payee: dave, asset: "EUR", amount-max: 200, reference: "", approvers: [bob], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 5000 }], next: None }
        nobody advance request 1                                 => WrongState(WrongState { item: Item { kind: "request", id: 1 }, state: "declined", action: "expire" })
        nobody advance payment 1                                 => WrongState(WrongState { item: Item { kind: "payment", id: 1 }, state: "paid", action: "expire" })
        nobody advance permit 1                                  => WrongState(WrongState { item: Item { kind: "permit", id: 1 }, state: "rejected", action: "expire" })
        at 34560004999
        nobody advance-due 32                                    => [DueItem { deadline-ms: 6000, item: Item { kind: "payment", id: 2 } }, DueItem { deadline-ms: 6000, item: Item { kind: "request", id: 2 } }, DueItem { deadline-ms: 6000, item: Item { kind: "permit", id: 2 } }, DueItem { deadline-ms: 7000, item: Item { kind: "request", id: 3 } }]
        nobody advance-due 32                                    => []
        nobody advance request 1                                 => WrongState(WrongState { item: Item { kind: "request", id: 1 }, state: "declined", action: "expire" })
        alice decline-request 1                                  => WrongState(WrongState { item: Item { kind: "request", id: 1 }, state: "declined", action: "decline" })
        nobody list-requests bob yes - 10                        => RequestPage { requests: [Request { id: 1, state: RequestState::Declined, payee: bob, payer: Some(alice), asset: "EUR", amount: 10, paid: 0, partial-allowed: false, due-ms: 5000, reference: "", document: None }, Request { id: 2, state: RequestState::Expired, payee: bob, payer: Some(alice), asset: "EUR", amount: 20, paid: 0, partial-allowed: false, due-ms: 6000, reference: "", document: None }, Request { id: 3, state: RequestState::Expired, payee: bob, payer: None, asset: "EUR", amount: 30, paid: 0, partial-allowed: true, due-ms: 7000, reference: "", document: None }], next: None }
        at 34560005000
        nobody list-due 10                                       => DuePage { due: [DueItem { deadline-ms: 34560005000, item: Item { kind: "payment", id: 1 } }, DueItem { deadline-ms: 34560005000, item: Item { kind: "request", id: 1 } }, DueItem { deadline-ms: 34560005000, item: Item { kind: "permit", id: 1 } }], next: None }
        nobody advance-due 32                                    => [DueItem { deadline-ms: 34560005000, item: Item { kind: "payment", id: 1 } }, DueItem { deadline-ms: 34560005000, item: Item { kind: "request", id: 1 } }, DueItem { deadline-ms: 34560005000, item: Item { kind: "permit", id: 1 } }]
        alice get-request 1                                      => WrongState(WrongState { item: Item { kind: "request", id: 1 }, state: "removed", action: "read" })
        alice get-payment 1                                      => WrongState(WrongState { item: Item { kind: "payment", id: 1 }, state: "removed", action: "read" })
        alice get-permit 1                                       => WrongState(WrongState { item: Item { kind: "permit", id: 1 }, state: "removed", action: "read" })
        alice decline-request 1                                  => WrongState(WrongState { item: Item { kind: "request", id: 1 }, state: "removed", action: "read" })
        bob approve-payment 1                                    => WrongState(WrongState { item: Item { kind: "payment", id: 1 }, state: "removed", action: "read" })
        bob approve-permit 1                                     => WrongState(WrongState { item: Item { kind: "permit", id: 1 }, state: "removed", action: "read" })
        nobody advance request 1                                 => WrongState(WrongState { item: Item { kind: "request", id: 1 }, state: "removed", action: "read" })
        alice get-request 4                                      => UnknownItem(Item { kind: "request", id: 4 })
        nobody list-requests bob yes - 10                        => RequestPage { requests: [Request { id: 2, state: RequestState::Expired, payee: bob, payer: Some(alice), asset: "EUR", amount: 20, paid: 0, partial-allowed: false, due-ms: 6000, reference: "", document: None }, Request { id: 3, state: RequestState::Expired, payee: bob, payer: None, asset: "EUR", amount: 30, paid: 0, partial-allowed: true, due-ms: 7000, reference: "", document: None }], next: None }
        nobody list-requests alice yes - 10                      => RequestPage { requests: [Request { id: 2, state: RequestState::Expired, payee: bob, payer: Some(alice), asset: "EUR", amount: 20, paid: 0, partial-allowed: false, due-ms: 6000, reference: "", document: None }], next: None }
        at 34560007000
        nobody advance-due 32                                    => [DueItem { deadline-ms: 34560006000, item: Item { kind: "payment", id: 2 } }, DueItem { deadline-ms: 34560006000, item: Item { kind: "request", id: 2 } }, DueItem { deadline-ms: 34560006000, item: Item { kind: "permit", id: 2 } }, DueItem { deadline-ms: 34560007000, item: Item { kind: "request", id: 3 } }]
        nobody list-requests bob yes - 10                        => RequestPage { requests: [], next: None }
        nobody list-payments alice yes - 10                      => PaymentPage { payments: [], next: None }
        nobody list-permits alice yes - 10                       => PermitPage { permits: [], next: None }
        balances                                                 => alice 800+0 EUR, dave 200+0 EUR
        events
          | AssetCreated(Asset { id: "EUR", name: "Euro", decimals: 2, issuer: bank, terms: AssetTerms { kind: AssetKind::Issued, supply: SupplyPolicy::Unlimited, freezable: false } })
          | Minted(Issuance { asset: "EUR", account: alice, amount: 1000 })
          | PolicySet(PolicySetting { account: alice, asset: "EUR", change: PolicyChange { policy: Some(Policy { daily-limit: None, payees: [], tiers: [ApprovalTier { above: 100, approvers: [bob], role: None, approvals: 1 }], notice-ms: 0 }), effective-ms: 1000 } })
          | RequestCreated(Request { id: 1, state: RequestState::Open, payee: bob, payer: Some(alice), asset: "EUR", amount: 10, paid: 0, partial-allowed: false, due-ms: 5000, reference: "", document: None })
          | RequestCreated(Request { id: 2, state: RequestState::Open, payee: bob, payer: Some(alice), asset: "EUR", amount: 20, paid: 0, partial-allowed: false, due-ms: 6000, reference: "", document: None })
          | RequestCreated(Request { id: 3, state: RequestState::Open, payee: bob, payer: None, asset: "EUR", amount: 30, paid: 0, partial-allowed: true, due-ms: 7000, reference: "", document: None })
          | PaymentProposed(PendingPayment { id: 1, state: PaymentState::Pending, payer: alice, payee: dave, asset: "EUR", amount: 200, reference: "", request: None, approvers: [bob], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 5000 })
          | PaymentProposed(PendingPayment { id: 2, state: PaymentState::Pending, payer: alice, payee: dave, asset: "EUR", amount: 200, reference: "", request: None, approvers: [bob], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 6000 })
          | PermitRequested(Permit { id: 1, state: PermitState::Pending, payer: alice, payee: dave, asset: "EUR", amount-max: 200, reference: "", approvers: [bob], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 5000 })
          | PermitRequested(Permit { id: 2, state: PermitState::Pending, payer: alice, payee: dave, asset: "EUR", amount-max: 200, reference: "", approvers: [bob], role: None, approvals: 1, approved-by: [], policy-version: 1, expires-ms: 6000 })
          | RequestEnded(RequestEnd { request: 1, state: RequestState::Declined })
          | PaymentApproved(Approval { payment: 1, approver: bob })
          | PaymentEnded(PaymentEnd { payment: 1, state: PaymentState::Paid })
          | Transferred(Transfer { asset: "EUR", from: alice, to: dave, amount: 200, reference: None })
          | PermitEnded(PermitEnd { permit: 1, state: PermitState::Rejected })
          | PaymentEnded(PaymentEnd { payment: 2, state: PaymentState::Expired })
          | RequestEnded(RequestEnd { request: 2, state: RequestState::Expired })
          | PermitEnded(PermitEnd { permit: 2, state: PermitState::Expired })
          | RequestEnded(RequestEnd { request: 3, state: RequestState::Expired })
          | Removed(Item { kind: "payment", id: 1 })
          | Removed(Item { kind: "request", id: 1 })
          | Removed(Item { kind: "permit", id: 1 })
          | Removed(Item { kind: "payment", id: 2 })
          | Removed(Item { kind: "request", id: 2 })
          | Removed(Item { kind: "permit", id: 2 })
          | Removed(Item { kind: "request", id: 3 })
    "#]]);
}
