//! Bad input that the other tables do not have: numbers that nothing has, malformed texts, keys.

use expect_test::expect;

use super::table::check;

#[test]
fn unknown_numbers_are_named() {
    check(expect![[r#"
        cloud set-payout-account 9 till                                   => UnknownItem(Item { kind: "programme", id: 9 })
        cloud set-treasurer-limit 9 1 1                                   => UnknownItem(Item { kind: "programme", id: 9 })
        cloud set-sale-terms 9 -                                          => UnknownItem(Item { kind: "programme", id: 9 })
        cloud set-price 9 gpt 1 1 -                                       => UnknownItem(Item { kind: "programme", id: 9 })
        cloud retire-service 9 gpt                                        => UnknownItem(Item { kind: "programme", id: 9 })
        cloud retire-service 1 none                                       => UnknownService("none")
        cloud register-meter 9 probe name                                 => UnknownItem(Item { kind: "programme", id: 9 })
        cloud remove-meter 9 probe                                        => UnknownItem(Item { kind: "programme", id: 9 })
        cloud remove-meter 1 alice                                        => UnknownMeter(alice)
        cloud set-default-limits 9                                        => UnknownItem(Item { kind: "programme", id: 9 })
        cloud close-programme 9 1d                                        => UnknownItem(Item { kind: "programme", id: 9 })
        cloud grant-credits 9 alice 1 - 9d 1 - -                          => UnknownItem(Item { kind: "programme", id: 9 })
        cloud revoke-grant 9 -                                            => UnknownItem(Item { kind: "grant", id: 9 })
        alice purchase 9 - 10 max -                                       => UnknownItem(Item { kind: "programme", id: 9 })
        alice refund-purchase 9 -                                         => UnknownItem(Item { kind: "grant", id: 9 })
        alice settle-purchase 9 -                                         => UnknownItem(Item { kind: "grant", id: 9 })
        alice authorise-usage 9 alice gpt 1 probe 1h - -                  => UnknownItem(Item { kind: "programme", id: 9 })
        alice authorise-usage 1 alice gpt 1 alice 1h - -                  => UnknownMeter(alice)
        probe capture-usage 9 1 -                                         => UnknownItem(Item { kind: "usage", id: 9 })
        probe void-usage 9                                                => UnknownItem(Item { kind: "usage", id: 9 })
        probe report-usage 9 alice:gpt:1:1000:a                           => UnknownItem(Item { kind: "programme", id: 9 })
        alice set-limit 9 alice gpt:quantity:1d:1                         => UnknownItem(Item { kind: "programme", id: 9 })
        alice remove-limit 9 alice gpt:quantity:1d:1                      => UnknownItem(Item { kind: "programme", id: 9 })
        alice remove-limit 1 alice gpt:quantity:1d:1                      => UnknownLimit
        cloud offer-credit-line 9 alice 100 EUR 1 1 30d 10d 60d 365d 1d - => UnknownItem(Item { kind: "programme", id: 9 })
        alice accept-credit-line 9                                        => UnknownItem(Item { kind: "credit-line", id: 9 })
        alice decline-credit-line 9                                       => UnknownItem(Item { kind: "credit-line", id: 9 })
        cloud withdraw-credit-line 9                                      => UnknownItem(Item { kind: "credit-line", id: 9 })
        cloud suspend-credit-line 9                                       => UnknownItem(Item { kind: "credit-line", id: 9 })
        cloud resume-credit-line 9                                        => UnknownItem(Item { kind: "credit-line", id: 9 })
        cloud close-credit-line 9                                         => UnknownItem(Item { kind: "credit-line", id: 9 })
        cloud write-off-credit-line 9                                     => UnknownItem(Item { kind: "credit-line", id: 9 })
        alice pay-bill 9 1 -                                              => UnknownItem(Item { kind: "bill", id: 9 })
        alice advance programme 9                                         => UnknownItem(Item { kind: "programme", id: 9 })
        alice advance grant 9                                             => UnknownItem(Item { kind: "grant", id: 9 })
        alice advance usage 9                                             => UnknownItem(Item { kind: "usage", id: 9 })
        alice advance credit-line 9                                       => UnknownItem(Item { kind: "credit-line", id: 9 })
        alice advance bill 9                                              => UnknownItem(Item { kind: "bill", id: 9 })
    "#]]);
}

/// Those of another organisation, and those with another role.
#[test]
fn wrong_parties_are_named() {
    check(expect![[r#"
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d - => 1
        bob accept-credit-line 1                                         => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        bob decline-credit-line 1                                        => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        carl decline-credit-line 1                                       => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        bob withdraw-credit-line 1                                       => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        theo accept-credit-line 1                                        => ok
        bob suspend-credit-line 1                                        => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        sam suspend-credit-line 1                                        => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        bob resume-credit-line 1                                         => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        bob close-credit-line 1                                          => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        bob remove-limit 1 alice gpt:quantity:1d:1                       => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        carl remove-limit 1 alice gpt:quantity:1d:1                      => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        cloud remove-limit 1 nobody gpt:quantity:1d:1                    => InactiveAccount(nobody)
        bob set-payout-account 1 bob                                     => WrongParty(Party { account: Some(cloud), organisation: None, role: None })
        sam set-payout-account 1 sam                                     => WrongParty(Party { account: Some(cloud), organisation: None, role: None })
        tina close-programme 1 1d                                        => WrongParty(Party { account: Some(cloud), organisation: None, role: None })
    "#]]);
}

#[test]
fn what_is_malformed_or_too_much_is_named() {
    check(expect![[r#"
        sam retire-service 1 GPT                               => MalformedService("GPT")
        sam retire-service 1 41*x                              => MalformedService("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
        sam set-default-limits 1 GPT:usages:1d:1               => MalformedService("GPT")
        sam set-default-limits 1 -:usages:1:1                  => OutOfRange(Range { parameter: "period", given: 1, min: 1000, max: 31622400000 })
        sam set-default-limits 1 -:usages:367d:1               => OutOfRange(Range { parameter: "period", given: 31708800000, min: 1000, max: 31622400000 })
        sam set-default-limits 1 -:quantity:1d:1               => QuantityWithoutService
        tina grant-credits 1 alice 0 - 9d 1 - -                => ZeroAmount
        tina grant-credits 1 alice 1000000000000001 - 9d 1 - - => OutOfRange(Range { parameter: "credits", given: 1000000000000001, min: 1, max: 1000000000000000 })
        tina grant-credits 1 alice max - 9d 1 - -              => OutOfRange(Range { parameter: "credits", given: 18446744073709551615, min: 1, max: 1000000000000000 })
        tina grant-credits 1 alice 1 - max 1 - -               => OutOfRange(Range { parameter: "expires-ms", given: 18446744073709551615, min: 1001, max: 94694401000 })
        alice purchase 1 - 0 max -                             => ZeroAmount
        alice purchase 1 - max max -                           => OutOfRange(Range { parameter: "credits", given: 18446744073709551615, min: 10, max: 100000 })
        alice pay-bill 1 0 -                                   => ZeroAmount
        alice advance-due 0                                    => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 32 })
        alice advance-due 33                                   => OutOfRange(Range { parameter: "limit", given: 33, min: 1, max: 32 })
    "#]]);
}

/// A key counts for one call with its arguments.
#[test]
fn keys_are_used_once() {
    check(expect![[r#"
        cloud create-programme Two token till k                           => 2
        cloud create-programme Three token till k                         => KeyReused
        cloud grant-credits 1 alice 100 - 9d 1 - k                        => KeyReused
        cloud revoke-grant 1 k                                            => KeyReused
        cloud offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d k => KeyReused
        alice purchase 1 - 100 max k                                      => 1
        alice purchase 1 - 101 max k                                      => KeyReused
        alice refund-purchase 1 k                                         => KeyReused
        alice settle-purchase 1 k                                         => KeyReused
        alice authorise-usage 1 alice gpt 10 probe 1h - k                 => KeyReused
        alice pay-bill 1 1 k                                              => KeyReused
        alice authorise-usage 1 alice gpt 10 probe 1h - 65*k              => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        alice authorise-usage 1 alice gpt 10 probe 1h - l                 => 1
        probe capture-usage 1 5 k                                         => 2
        probe capture-usage 1 6 k                                         => KeyReused
        cloud revoke-grant 1 65*k                                         => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        alice refund-purchase 1 65*k                                      => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        alice settle-purchase 1 65*k                                      => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
    "#]]);
}

/// Each function refuses what it documents: `testnet/checks` compares the rows with the WIT.
#[test]
fn states_of_lines_and_usages_are_checked() {
    check(expect![[r#"
        cloud migrate                                                     => NotKernel
        alice purchase 1 - 100 max -                                      => 1
        alice authorise-usage 1 alice gpt 10 probe 1h - -                 => 1
        probe void-usage 1                                                => ok
        probe void-usage 1                                                => WrongState(WrongState { item: Item { kind: "usage", id: 1 }, state: "voided", action: "void" })
        cloud offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d - => 1
        cloud suspend-credit-line 1                                       => WrongState(WrongState { item: Item { kind: "credit-line", id: 1 }, state: "offered", action: "suspend" })
        cloud resume-credit-line 1                                        => WrongState(WrongState { item: Item { kind: "credit-line", id: 1 }, state: "offered", action: "resume" })
        cloud close-credit-line 1                                         => WrongState(WrongState { item: Item { kind: "credit-line", id: 1 }, state: "offered", action: "end" })
        alice accept-credit-line 1                                        => ok
        alice decline-credit-line 1                                       => WrongState(WrongState { item: Item { kind: "credit-line", id: 1 }, state: "active", action: "decline" })
        cloud withdraw-credit-line 1                                      => WrongState(WrongState { item: Item { kind: "credit-line", id: 1 }, state: "active", action: "withdraw" })
        cloud set-treasurer-limit 1 10 100                                => ok
        tina offer-credit-line 1 bob 100 EUR 1 1 30d 10d 60d 365d 1d -    => OverSingleLimit(OverSingleLimit { amount: 100, max: 10 })
        probe report-usage 1 alice:gpt:400:1000:a                         => [ReportResult::Charged(Charge { usage: 2, credits: 120 })]
        at 30d+1000
        bob advance-due 32                                                => 2
        alice list-bill-lines 1 - 0                                       => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
    "#]]);
}
