//! Tiers of approval by the sum of a day.

use expect_test::expect;

use super::table::{check, row, scene};
use crate::keys::{PAYMENTS_OF_ROLE, PERMITS_OF_ROLE};

/// The more leaves on a day, the more has to approve; what was asked for counts, so that splitting does not help.
#[test]
fn the_days_sum_decides_who_approves() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                                    => ok
        bank mint EUR alice 10000                                                            => ok
        alice set-policy EUR tier=100:bob:-:1 tier=500:bob,carol:-:2 tier=2000:-:treasurer:1 => ok
        alice transfer dave EUR 100                                                          => ok
        alice transfer dave EUR 1                                                            => ApprovalNeeded(LimitUsage { limit: 100, used: 100, needed: 1 })
        alice propose-payment dave EUR 400 - - 90000 -                                       => 1
        bob approve-payment 1                                                                => ok
        alice propose-payment dave EUR 1 - - 90000 -                                         => 2
        bob approve-payment 2                                                                => ok
        carol approve-payment 2                                                              => ok
        alice get-policy alice EUR                                                           => PolicyStatus { policy: Some(Policy { daily-limit: None, payees: [], tiers: [ApprovalTier { above: 100, approvers: [bob], role: None, approvals: 1 }, ApprovalTier { above: 500, approvers: [bob, carol], role: None, approvals: 2 }, ApprovalTier { above: 2000, approvers: [], role: Some("treasurer"), approvals: 1 }], notice-ms: 0 }), version: 1, next: None, spent-today: 100, requested-today: 401 }
        alice request-permit market EUR 1499 - 90000 -                                       => 1
        bob approve-permit 1                                                                 => ok
        carol approve-permit 1                                                               => ok
        alice request-permit market EUR 1 - 90000 -                                          => 2
        bob approve-permit 2                                                                 => NotApprover
        dave approve-permit 2                                                                => ok
        market/alice place-hold EUR 1499 - - 90000 -                                         => 1
        market/alice place-hold EUR 1 - - 90000 -                                            => 2
        market/alice place-hold EUR 1 - - 90000 -                                            => ApprovalNeeded(LimitUsage { limit: 100, used: 100, needed: 1 })
        at 86400000
        alice transfer dave EUR 100                                                          => ok
        alice request-permit market EUR 400 - 86490000 -                                     => 3
        bob approve-permit 3                                                                 => ok
        market/alice place-hold EUR 400 - - 86490000 -                                       => 3
        alice propose-payment carol EUR 2000 - - 86490000 -                                  => 3
        carol approve-payment 3                                                              => NotApprover
        dave approve-payment 3                                                               => ok
        balances                                                                             => alice 5499+1900 EUR, carol 2000+0 EUR, dave 601+0 EUR
    "#]]);
}

/// Who has the role when it is approved decides, and an approval counts while who gave it may approve.
#[test]
fn a_role_approves() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                     => ok
        bank mint EUR alice 1000                              => ok
        alice set-policy EUR tier=0:carol:treasurer:2         => ok
        alice transfer bob EUR 1                              => ApprovalNeeded(LimitUsage { limit: 0, used: 0, needed: 1 })
        alice propose-payment bob EUR 100 - - 90000 -         => 1
        bob list-payments-of-role acme treasurer - 10         => PaymentPage { payments: [PendingPayment { id: 1, state: PaymentState::Pending, payer: alice, payee: bob, asset: "EUR", amount: 100, reference: "", request: None, approvers: [carol], role: Some(ApproverRole { organisation: "acme", role: "treasurer" }), approvals: 2, approved-by: [], policy-version: 1, expires-ms: 90000 }], next: None }
        bob list-payments-of-role acme owner - 10             => PaymentPage { payments: [], next: None }
        alice approve-payment 1                               => NotApprover
        bob approve-payment 1                                 => NotApprover
        dave approve-payment 1                                => ok
        dave approve-payment 1                                => AlreadyApproved
        grant alice treasurer
        grant bob treasurer
        alice approve-payment 1                               => NotApprover
        bob approve-payment 1                                 => NotApprover
        move dave other
        carol approve-payment 1                               => ok
        grant admin treasurer
        admin approve-payment 1                               => ok
        balances                                              => alice 900+0 EUR, bob 100+0 EUR
        bob list-payments-of-role acme treasurer - 10         => PaymentPage { payments: [], next: None }
        alice request-permit bob EUR 50 - 90000 -             => 1
        bob list-permits-of-role acme treasurer - 10          => PermitPage { permits: [Permit { id: 1, state: PermitState::Pending, payer: alice, payee: bob, asset: "EUR", amount-max: 50, reference: "", approvers: [carol], role: Some(ApproverRole { organisation: "acme", role: "treasurer" }), approvals: 2, approved-by: [], policy-version: 1, expires-ms: 90000 }], next: None }
        dave reject-permit 1                                  => NotApprover
        admin approve-permit 1                                => ok
        carol approve-permit 1                                => ok
        bob list-permits-of-role acme treasurer - 0           => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice transfer bob EUR 50                             => ok
        bob list-permits-of-role acme treasurer - 10          => PermitPage { permits: [], next: None }
        alice set-policy EUR none                             => ok
        admin cancel-policy-change alice EUR                  => NoPolicy
        alice set-policy EUR tier=0:-:treasurer:1 notice=1000 => ok
        alice set-policy EUR none                             => ok
        carol cancel-policy-change alice EUR                  => NotApprover
        dave cancel-policy-change alice EUR                   => NotApprover
        admin cancel-policy-change alice EUR                  => ok
        balances                                              => alice 850+0 EUR, bob 150+0 EUR
        bob list-payments-of-role acme treasurer - 101        => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
    "#]]);
}

/// A module has no organisation, so no role decides for it.
#[test]
fn tiers_are_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                                               => ok
        bank mint EUR market 10                                                                         => ok
        alice set-policy EUR tier=0:bob:-:1 tier=1:bob:-:1 tier=2:bob:-:1 tier=3:bob:-:1 tier=4:bob:-:1 => OutOfRange(Range { parameter: "tiers", given: 5, min: 0, max: 4 })
        alice set-policy EUR tier=5:bob:-:1 tier=5:bob:-:1                                              => OutOfRange(Range { parameter: "above", given: 5, min: 6, max: 18446744073709551615 })
        alice set-policy EUR tier=max:bob:-:1 tier=max:bob:-:1                                          => OutOfRange(Range { parameter: "above", given: 18446744073709551615, min: 0, max: 18446744073709551614 })
        alice set-policy EUR tier=5:-:-:1                                                               => NoPolicy
        alice set-policy EUR tier=5:bob,carol:-:0                                                       => OutOfRange(Range { parameter: "approvals", given: 0, min: 1, max: 2 })
        alice set-policy EUR tier=5:bob,carol:-:3                                                       => OutOfRange(Range { parameter: "approvals", given: 3, min: 1, max: 2 })
        alice set-policy EUR tier=5:bob:treasurer:9                                                     => OutOfRange(Range { parameter: "approvals", given: 9, min: 1, max: 8 })
        alice set-policy EUR tier=5:bob:65*x:1                                                          => OutOfRange(Range { parameter: "role", given: 65, min: 1, max: 64 })
        alice set-policy EUR tier=5:alice:-:1                                                           => SameAccount(alice)
        alice set-policy EUR tier=5:bob,bob:-:1                                                         => Duplicate(ListEntry { list: "approvers", position: 1 })
        alice set-policy EUR tier=5:nobody:-:1                                                          => InactiveAccount(nobody)
        alice set-policy EUR tier=5:bob:64*x:8 tier=max:-:x:1                                           => ok
        market/bob set-policy EUR tier=0:-:treasurer:1                                                  => ok
        market/bob transfer carol EUR 1                                                                 => ApprovalNeeded(LimitUsage { limit: 0, used: 0, needed: 1 })
        market/bob propose-payment carol EUR 1 - - 90000 -                                              => NoPolicy
        market/bob request-permit carol EUR 1 - 90000 -                                                 => NoPolicy
    "#]]);
}

/// The hash in the keys of a role's payments and permits, as `docs/state.md` has it.
#[test]
fn the_keys_of_a_role_have_the_documented_hash() {
    let mut host = scene();
    for action in [
        "bank create-asset EUR Euro 2 bank",
        "bank mint EUR alice 1000",
        "alice set-policy EUR tier=0:carol:treasurer:2",
        "alice propose-payment bob EUR 100 - - 90000 -",
        "alice request-permit bob EUR 50 - 90000 -",
    ] {
        row(&mut host, action);
    }
    let place = host.sha256(b"\x04\0\0\0acme\x09\0\0\0treasurer");
    assert_eq!(PAYMENTS_OF_ROLE.scan(&host, None, 10), [((place, 1), ())]);
    assert_eq!(PERMITS_OF_ROLE.scan(&host, None, 10), [((place, 1), ())]);
}
