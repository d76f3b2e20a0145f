//! Usage that is authorised first: capture, void, expiry and price.

use expect_test::expect;

use super::table::check;

#[test]
fn usage_is_authorised_and_captured() {
    check(expect![[r#"
        tina grant-credits 1 alice 100 - 9d 1 - -                 => 1
        events
          | CreditsGranted(Grant { id: 1, programme: 1, account: alice, amount: 100, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 1000, expires-ms: 777600000, state: GrantState::Open, deadline-ms: Some(777600000), purchase: None, reference: "", ended-ms: None })
        alice authorise-usage 1 alice gpt 101 probe 1h "call 7" - => 1
        balance alice                                             => 69 free, 0 later, 31 held; grants [1]
        probe capture-usage 1 34 -                                => 11
        usage 1                                                   => Captured: 34 of 101 gpt, 11 of 31 credits (31 of grant 1)
        balance alice                                             => 89 free, 0 later, 0 held; grants [1]
        statement alice 197001
          | 0 + 100 granted - 11 used - 0 expired - 0 revoked - 0 refunded = 89; 0 drawn
          | gpt: 1 usages, quantity 34, 11 credits
        events
          | UsageAuthorised(Usage { id: 1, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 101, credits-max: 31, quantity: 0, credits: 0, draws: [Draw { source: Source::Grant(1), credits: 31 }], state: UsageState::Authorised, at-ms: 1000, expires-ms: 3601000, reference: "call 7" })
          | UsageCaptured(Capture { usage: 1, quantity: 34, credits: 11, at-ms: 1000 })
    "#]]);
}

#[test]
fn usage_is_voided_or_times_out() {
    check(expect![[r#"
        tina grant-credits 1 alice 100 - 9d 1 - -          => 1
        carl authorise-usage 1 alice gpt 100 probe 1h - -  => 1
        probe authorise-usage 1 alice gpt 100 probe 1h - - => 2
        probe void-usage 1                                 => ok
        bob advance usage 2                                => TooEarly(Deadline { item: Item { kind: "usage", id: 2 }, deadline-ms: 3601000, now-ms: 1000 })
        at 1h+999
        bob advance usage 2                                => TooEarly(Deadline { item: Item { kind: "usage", id: 2 }, deadline-ms: 3601000, now-ms: 3600999 })
        at 1h+1000
        probe capture-usage 2 1 -                          => TooLate(Deadline { item: Item { kind: "usage", id: 2 }, deadline-ms: 3601000, now-ms: 3601000 })
        bob advance usage 2                                => ok
        usage 1                                            => Voided: 0 of 100 gpt, 0 of 30 credits (30 of grant 1)
        usage 2                                            => TimedOut: 0 of 100 gpt, 0 of 30 credits (30 of grant 1)
        balance alice                                      => 100 free, 0 later, 0 held; grants [1]
        statement alice 197001
          | 0 + 100 granted - 0 used - 0 expired - 0 revoked - 0 refunded = 100; 0 drawn
        due                                                => grant 1 9d, removal 2 40d+1000, removal 1 100d+1000
        events
          | CreditsGranted(Grant { id: 1, programme: 1, account: alice, amount: 100, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 1000, expires-ms: 777600000, state: GrantState::Open, deadline-ms: Some(777600000), purchase: None, reference: "", ended-ms: None })
          | UsageAuthorised(Usage { id: 1, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 100, credits-max: 30, quantity: 0, credits: 0, draws: [Draw { source: Source::Grant(1), credits: 30 }], state: UsageState::Authorised, at-ms: 1000, expires-ms: 3601000, reference: "" })
          | UsageAuthorised(Usage { id: 2, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 100, credits-max: 30, quantity: 0, credits: 0, draws: [Draw { source: Source::Grant(1), credits: 30 }], state: UsageState::Authorised, at-ms: 1000, expires-ms: 3601000, reference: "" })
          | UsageVoided(UsageRelease { usage: 1, at-ms: 1000 })
          | UsageTimedOut(UsageRelease { usage: 2, at-ms: 3601000 })
    "#]]);
}

#[test]
fn the_price_is_that_of_the_authorisation() {
    check(expect![[r#"
        tina grant-credits 1 alice 100 - 9d 1 - -            => 1
        alice authorise-usage 1 alice gpt 10 probe 1h - -    => 1
        sam set-price 1 gpt 9 1 -                            => 2
        alice authorise-usage 1 alice gpt 10 probe 1h - -    => 2
        sam retire-service 1 gpt                             => ok
        alice authorise-usage 1 alice gpt 10 probe 1h - -    => NoPrice(UnpricedService { service: "gpt", at-ms: 1000 })
        probe capture-usage 1 10 -                           => 3
        probe capture-usage 2 10 -                           => 90
        alice authorise-usage 1 alice free 1000 probe 1h - - => 3
        probe capture-usage 3 1000 -                         => 0
        statement alice 197001
          | 0 + 100 granted - 93 used - 0 expired - 0 revoked - 0 refunded = 7; 0 drawn
          | free: 1 usages, quantity 1000, 0 credits
          | gpt: 2 usages, quantity 20, 93 credits
    "#]]);
}

#[test]
fn a_meter_that_is_removed_leaves_its_usage_to_the_issuer() {
    check(expect![[r#"
        tina grant-credits 1 alice 100 - 9d 1 - -         => 1
        alice authorise-usage 1 alice gpt 10 probe 1h - - => 1
        alice authorise-usage 1 alice gpt 10 probe 1h - - => 2
        sam remove-meter 1 probe                          => ok
        probe capture-usage 1 10 -                        => WrongParty(Party { account: Some(probe), organisation: None, role: None })
        probe void-usage 1                                => WrongParty(Party { account: Some(probe), organisation: None, role: None })
        sam capture-usage 1 10 -                          => WrongParty(Party { account: Some(probe), organisation: None, role: None })
        cloud capture-usage 1 10 -                        => 3
        cloud void-usage 2                                => ok
        alice authorise-usage 1 alice gpt 10 probe 1h - - => UnknownMeter(probe)
        probe report-usage 1 alice:gpt:1:1000:a           => UnknownMeter(probe)
    "#]]);
}

#[test]
fn authorising_is_refused() {
    check(expect![[r#"
        tina grant-credits 1 alice 100 - 9d 1 - -                    => 1
        alice authorise-usage 1 alice GPT 1 probe 1h - -             => MalformedService("GPT")
        alice authorise-usage 1 alice - 1 probe 1h - -               => MalformedService("")
        alice authorise-usage 1 alice 41*x 1 probe 1h - -            => MalformedService("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")
        alice authorise-usage 1 alice other 1 probe 1h - -           => UnknownService("other")
        alice authorise-usage 1 alice gpt 0 probe 1h - -             => ZeroAmount
        alice authorise-usage 1 alice gpt 1000000000001 probe 1h - - => OutOfRange(Range { parameter: "quantity-max", given: 1000000000001, min: 1, max: 1000000000000 })
        alice authorise-usage 1 alice gpt max probe 1h - -           => OutOfRange(Range { parameter: "quantity-max", given: 18446744073709551615, min: 1, max: 1000000000000 })
        alice authorise-usage 1 alice gpt 1 probe 999 - -            => OutOfRange(Range { parameter: "capture-window-ms", given: 999, min: 1000, max: 2678400000 })
        alice authorise-usage 1 alice gpt 1 probe 31d+1 - -          => OutOfRange(Range { parameter: "capture-window-ms", given: 2678400001, min: 1000, max: 2678400000 })
        alice authorise-usage 1 alice gpt 1 probe 1h 65*x -          => OutOfRange(Range { parameter: "reference", given: 65, min: 0, max: 64 })
        alice authorise-usage 2 alice gpt 1 probe 1h - -             => UnknownItem(Item { kind: "programme", id: 2 })
        alice authorise-usage 1 alice gpt 1 till 1h - -              => UnknownMeter(till)
        bob authorise-usage 1 alice gpt 1 probe 1h - -               => WrongParty(Party { account: Some(alice), organisation: None, role: Some("clerk") })
        theo authorise-usage 1 alice gpt 1 probe 1h - -              => WrongParty(Party { account: Some(alice), organisation: None, role: Some("clerk") })
        cloud authorise-usage 1 alice gpt 1 probe 1h - -             => WrongParty(Party { account: Some(alice), organisation: None, role: Some("clerk") })
        alice authorise-usage 1 alice gpt 334 probe 1h - -           => InsufficientCredit(CreditShortfall { account: alice, available: 100, needed: 101 })
        bob authorise-usage 1 bob gpt 1 probe 1h - -                 => InsufficientCredit(CreditShortfall { account: bob, available: 0, needed: 1 })
        probe authorise-usage 1 nobody free 1 probe 1h - -           => InactiveAccount(nobody)
        freeze alice
        probe authorise-usage 1 alice gpt 1 probe 1h - -             => InactiveAccount(alice)
        thaw alice
        alice authorise-usage 1 alice gpt 333 probe 31d 64*x -       => 1
    "#]]);
}

#[test]
fn capturing_is_refused() {
    check(expect![[r#"
        tina grant-credits 1 alice 100 - 9d 1 - -         => 1
        alice authorise-usage 1 alice gpt 10 probe 1h - - => 1
        probe capture-usage 1 0 -                         => ZeroAmount
        probe capture-usage 1 11 -                        => OutOfRange(Range { parameter: "quantity", given: 11, min: 1, max: 10 })
        probe capture-usage 1 max -                       => OutOfRange(Range { parameter: "quantity", given: 18446744073709551615, min: 1, max: 10 })
        probe capture-usage 2 1 -                         => UnknownItem(Item { kind: "usage", id: 2 })
        alice capture-usage 1 1 -                         => WrongParty(Party { account: Some(probe), organisation: None, role: None })
        alice void-usage 1                                => WrongParty(Party { account: Some(probe), organisation: None, role: None })
        bob void-usage 2                                  => UnknownItem(Item { kind: "usage", id: 2 })
        probe capture-usage 1 10 done                     => 3
        probe capture-usage 1 10 done                     => 3
        probe capture-usage 1 9 done                      => KeyReused
        probe capture-usage 1 10 -                        => WrongState(WrongState { item: Item { kind: "usage", id: 1 }, state: "captured", action: "capture" })
    "#]]);
}

#[test]
fn a_cost_that_is_too_large_is_refused() {
    check(expect![[r#"
        sam set-price 1 gold 1000000000000000 1 -                     => 1
        tina grant-credits 1 alice 1000000000000000 - 9d 1 - -        => 1
        alice authorise-usage 1 alice gold 2 probe 1h - -             => OutOfRange(Range { parameter: "credits", given: 2000000000000000, min: 0, max: 1000000000000000 })
        alice authorise-usage 1 alice gold 1000000000000 probe 1h - - => OutOfRange(Range { parameter: "credits", given: 18446744073709551615, min: 0, max: 1000000000000000 })
        alice authorise-usage 1 alice gold 1 probe 1h - -             => 1
        probe capture-usage 1 1 -                                     => 1000000000000000
        grant 1                                                       => Exhausted: 1000000000000000 used, 0 held of 1000000000000000; due none
    "#]]);
}
