//! Bad input that the other tables do not have: numbers that nothing has, texts, limits and keys.

use expect_test::expect;

use super::table::check;

#[test]
fn unknown_numbers_are_named() {
    check(expect![[r#"
        alice pay-out 9 bob 1                    => UnknownItem(Item { kind: "hold", id: 9 })
        alice release-hold 9                     => UnknownItem(Item { kind: "hold", id: 9 })
        alice expire-hold 9                      => UnknownItem(Item { kind: "hold", id: 9 })
        alice get-hold 9                         => UnknownItem(Item { kind: "hold", id: 9 })
        alice close-allowance 9                  => UnknownItem(Item { kind: "allowance", id: 9 })
        alice transfer-from 9 bob 1 - -          => UnknownItem(Item { kind: "allowance", id: 9 })
        alice place-hold-from 9 1 bob - 5000 - - => UnknownItem(Item { kind: "allowance", id: 9 })
        alice get-allowance 9                    => UnknownItem(Item { kind: "allowance", id: 9 })
        alice approve-payment 9                  => UnknownItem(Item { kind: "payment", id: 9 })
        alice reject-payment 9                   => UnknownItem(Item { kind: "payment", id: 9 })
        alice cancel-payment 9                   => UnknownItem(Item { kind: "payment", id: 9 })
        alice get-payment 9                      => UnknownItem(Item { kind: "payment", id: 9 })
        alice pay-request 9 1 - -                => UnknownItem(Item { kind: "request", id: 9 })
        alice cancel-request 9                   => UnknownItem(Item { kind: "request", id: 9 })
        alice decline-request 9                  => UnknownItem(Item { kind: "request", id: 9 })
        alice get-request 9                      => UnknownItem(Item { kind: "request", id: 9 })
        alice advance hold 9                     => UnknownItem(Item { kind: "hold", id: 9 })
        alice advance payment 9                  => UnknownItem(Item { kind: "payment", id: 9 })
        alice advance request 9                  => UnknownItem(Item { kind: "request", id: 9 })
        alice advance allowance 9                => UnknownItem(Item { kind: "allowance", id: 9 })
        alice release-hold 0                     => UnknownItem(Item { kind: "hold", id: 0 })
        alice get-payment 18446744073709551615   => UnknownItem(Item { kind: "payment", id: 18446744073709551615 })
    "#]]);
}

#[test]
fn what_is_too_long_or_malformed_is_named() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                      => ok
        bank create-asset-with-terms eur Euro issued - - -     => MalformedAssetId("eur")
        bank create-asset-with-terms X - issued - - -          => OutOfRange(Range { parameter: "name", given: 0, min: 1, max: 64 })
        bank create-asset-with-terms X 65*x issued - - -       => OutOfRange(Range { parameter: "name", given: 65, min: 1, max: 64 })
        bank set-issuer eur bob                                => MalformedAssetId("eur")
        bank burn eur 1                                        => MalformedAssetId("eur")
        bank mint eur bob 1                                    => MalformedAssetId("eur")
        bank burn EUR 0                                        => ZeroAmount
        bank burn USD 1                                        => UnknownAsset("USD")
        alice list-allowances alice - 0                        => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-allowances alice - 101                      => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        alice list-payments alice no - 0                       => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-payments alice no - 101                     => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        alice list-requests alice no - 0                       => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-requests alice no - 101                     => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        alice list-statements alice EUR - 0                    => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice list-all-balances - - 0                          => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        alice place-hold EUR 1 bob - 1000 -                    => OutOfRange(Range { parameter: "expires-ms", given: 1000, min: 1001, max: 7776001000 })
        alice place-hold EUR 1 bob - 7776001001 -              => OutOfRange(Range { parameter: "expires-ms", given: 7776001001, min: 1001, max: 7776001000 })
        alice place-hold EUR 18446744073709551615 bob - 5000 - => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 18446744073709551615 })
    "#]]);
}

/// A hold is placed, and a payment proposed, within what the account's policy and balance allow.
#[test]
fn exhausted_limits_are_named() {
    check(expect![[r#"
        bank create-asset-with-terms EUR Euro issued - freezable -        => ok
        bank mint EUR alice 1000                                          => ok
        alice set-policy EUR daily=60 above=100 approvers=bob approvals=1 => ok
        alice place-hold EUR 101 bob - 5000 -                             => ApprovalNeeded(LimitUsage { limit: 100, used: 0, needed: 101 })
        alice place-hold EUR 60 bob - 5000 -                              => 1
        alice place-hold EUR 40 bob - 5000 -                              => OverDailyLimit(LimitUsage { limit: 60, used: 60, needed: 40 })
        alice transfer bob EUR 1                                          => OverDailyLimit(LimitUsage { limit: 60, used: 60, needed: 1 })
        alice propose-payment bob EUR 1000 - - 5000 -                     => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 940, needed: 1000 })
        alice propose-payment bob USD 1 - - 5000 -                        => NoPolicy
        bank freeze-balance EUR alice 5000 lost                           => ok
        alice propose-payment bob EUR 1 - - 5000 -                        => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "lost" })
        alice grant-allowance bob EUR 10 - 5000 - - -                     => 1
        bob transfer-from 1 carol 11 - -                                  => OverAllowance(LimitUsage { limit: 10, used: 0, needed: 11 })
        bob transfer-from 1 carol 10 - -                                  => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "lost" })
    "#]]);
}

/// A key counts for one call with its arguments.
#[test]
fn keys_are_used_once() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                    => ok
        bank mint EUR alice 1000                             => ok
        bob request-payment alice EUR 100 parts 5000 - - k   => 1
        bob request-payment alice EUR 100 parts 5000 - - k   => 1
        bob request-payment alice EUR 101 parts 5000 - - k   => KeyReused
        alice pay-request 1 40 - k                           => ok
        alice pay-request 1 40 - k                           => ok
        alice pay-request 1 41 - k                           => KeyReused
        alice grant-allowance bob EUR 10 - 5000 - - k        => KeyReused
        alice grant-allowance bob EUR 10 - 5000 - - 65*k     => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        bob transfer-from 1 carol 1 - k                      => KeyReused
        alice batch-transfer k bob EUR 1 -                   => KeyReused
        bank create-asset-with-terms USD Dollar issued - - k => ok
        bank create-asset-with-terms GBP Pound issued - - k  => KeyReused
    "#]]);
}

/// Each function refuses what it documents: `testnet/checks` compares the rows with the WIT.
#[test]
fn payments_with_a_reference_are_checked_as_others() {
    check(expect![[r#"
        bank create-asset-with-terms EUR Euro issued - freezable -                                                       => ok
        bank mint EUR alice 1000                                                                                         => ok
        alice transfer-with-reference bob eur 1 what                                                                     => MalformedAssetId("eur")
        alice transfer-with-reference bob EUR 0 what                                                                     => ZeroAmount
        alice transfer-with-reference alice EUR 1 what                                                                   => SameAccount(alice)
        alice transfer-with-reference nobody EUR 1 what                                                                  => InactiveAccount(nobody)
        alice transfer-with-reference bob USD 1 what                                                                     => UnknownAsset("USD")
        alice transfer-with-reference bob EUR 1001 what                                                                  => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 1000, needed: 1001 })
        freeze bank
        admin create-asset-with-terms GBP Pound native - - -                                                             => InactiveAccount(bank)
        thaw bank
        bob request-payment alice EUR 1 parts 5000 - bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy:pdf:1 - => MalformedMediaType("pdf")
    "#]]);
}

/// A rule for one way to pay applies to every other.
#[test]
fn policies_and_freezes_bind_every_way_to_pay() {
    check(expect![[r#"
        bank create-asset-with-terms EUR Euro issued - freezable -                     => ok
        bank mint EUR alice 1000                                                       => ok
        alice set-policy EUR daily=60 payees=bob above=100 approvers=carol approvals=1 => ok
        alice grant-allowance dave EUR 200 - 5000 - - -                                => 1
        carol grant-allowance dave EUR 10 - 5000 - - -                                 => 2
        alice transfer-with-reference carol EUR 1 what                                 => PayeeNotAllowed(carol)
        alice transfer-with-reference bob EUR 101 what                                 => ApprovalNeeded(LimitUsage { limit: 100, used: 0, needed: 101 })
        alice batch-transfer - carol EUR 1 -                                           => PayeeNotAllowed(carol)
        alice batch-transfer - bob EUR 101 -                                           => ApprovalNeeded(LimitUsage { limit: 100, used: 0, needed: 101 })
        dave transfer-from 1 bob 101 - -                                               => ApprovalNeeded(LimitUsage { limit: 100, used: 0, needed: 101 })
        dave place-hold-from 1 101 bob - 5000 - -                                      => ApprovalNeeded(LimitUsage { limit: 100, used: 0, needed: 101 })
        dave place-hold-from 1 201 bob - 5000 - -                                      => OverAllowance(LimitUsage { limit: 200, used: 0, needed: 201 })
        dave place-hold-from 2 1 bob - 5000 - -                                        => InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 1 })
        bob request-payment alice EUR 50 parts 5000 - - -                              => 1
        alice transfer-with-reference bob EUR 60 what                                  => ok
        alice transfer-with-reference bob EUR 40 what                                  => OverDailyLimit(LimitUsage { limit: 60, used: 60, needed: 40 })
        alice pay-request 1 40 - -                                                     => OverDailyLimit(LimitUsage { limit: 60, used: 60, needed: 40 })
        alice pay-request 1 1 - 65*k                                                   => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        freeze bob
        alice pay-request 1 1 - -                                                      => InactiveAccount(bob)
        thaw bob
        bank freeze-balance EUR alice 5000 lost                                        => ok
        alice transfer-with-reference bob EUR 1 what                                   => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "lost" })
        alice batch-transfer - bob EUR 1 -                                             => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "lost" })
        alice pay-request 1 1 - -                                                      => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "lost" })
        dave place-hold-from 1 10 bob - 4000 - -                                       => FrozenBalance(Freeze { account: alice, asset: "EUR", expires-ms: 5000, reason: "lost" })
        dave close-allowance 2                                                         => ok
        dave place-hold-from 2 1 bob - 4000 - -                                        => WrongState(WrongState { item: Item { kind: "allowance", id: 2 }, state: "closed", action: "draw" })
        at 5000
        dave place-hold-from 1 10 bob - 9000 - -                                       => TooLate(Deadline { item: Item { kind: "allowance", id: 1 }, deadline-ms: 5000, now-ms: 5000 })
    "#]]);
}

#[test]
fn states_and_deadlines_of_payments_are_checked() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                 => ok
        bank mint EUR alice 1000                          => ok
        alice set-policy EUR approvers=carol approvals=1  => ok
        bob request-payment alice EUR 50 whole 5000 - - - => 1
        bob request-payment carol EUR 50 parts 5000 - - - => 2
        alice propose-payment bob EUR 10 - 1 4000 -       => PartialNotAllowed(50)
        alice propose-payment bob EUR 10 - 2 4000 -       => WrongParty(Party { account: Some(carol), organisation: None, role: None })
        bob cancel-request 2                              => ok
        bob cancel-request 2                              => WrongState(WrongState { item: Item { kind: "request", id: 2 }, state: "cancelled", action: "cancel" })
        alice propose-payment bob EUR 10 - 2 4000 -       => WrongState(WrongState { item: Item { kind: "request", id: 2 }, state: "cancelled", action: "pay-rest" })
        alice propose-payment bob EUR 10 - - 4000 -       => 1
        carol reject-payment 1                            => ok
        carol reject-payment 1                            => WrongState(WrongState { item: Item { kind: "payment", id: 1 }, state: "rejected", action: "reject" })
        alice cancel-payment 1                            => WrongState(WrongState { item: Item { kind: "payment", id: 1 }, state: "rejected", action: "cancel" })
        at 5000
        alice propose-payment bob EUR 50 - 1 9000 -       => TooLate(Deadline { item: Item { kind: "request", id: 1 }, deadline-ms: 5000, now-ms: 5000 })
    "#]]);
}
