//! Grants and purchases: the order in which they are drawn, expiry, refund, revocation and settlement.

use expect_test::expect;

use super::table::check;

#[test]
fn grants_are_drawn_by_priority_then_expiry_then_creation() {
    check(expect![[r#"
        tina grant-credits 1 alice 10 - 9d 1 "last" -      => 1
        tina grant-credits 1 alice 10 - 5d 0 "first" -     => 2
        tina grant-credits 1 alice 10 - 7d 0 "third" -     => 3
        tina grant-credits 1 alice 10 - 5d 0 "second" -    => 4
        tina grant-credits 1 alice 10 1d 2d 0 "not yet" -  => 5
        balance alice                                      => 40 free, 10 later, 0 held; grants [5, 2, 4, 3, 1]
        alice authorise-usage 1 alice gpt 110 probe 1h - - => 1
        usage 1                                            => Authorised: 0 of 110 gpt, 0 of 33 credits (10 of grant 2, 10 of grant 4, 10 of grant 3, 3 of grant 1)
        probe capture-usage 1 40 -                         => 12
        usage 1                                            => Captured: 40 of 110 gpt, 12 of 33 credits (10 of grant 2, 10 of grant 4, 10 of grant 3, 3 of grant 1)
        balance alice                                      => 28 free, 10 later, 0 held; grants [5, 4, 3, 1]
        grant 2                                            => Exhausted: 10 used, 0 held of 10; due none
        grant 4                                            => Open: 2 used, 0 held of 10; due 5d
        at 1d
        alice authorise-usage 1 alice gpt 50 probe 1h - -  => 2
        usage 2                                            => Authorised: 0 of 50 gpt, 0 of 15 credits (10 of grant 5, 5 of grant 4)
        at 2d
        alice authorise-usage 1 alice gpt 1 probe 1h - -   => 3
        balance alice                                      => 22 free, 0 later, 16 held; grants [5, 4, 3, 1]
        events
          | CreditsGranted(Grant { id: 1, programme: 1, account: alice, amount: 10, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 1000, expires-ms: 777600000, state: GrantState::Open, deadline-ms: Some(777600000), purchase: None, reference: "last", ended-ms: None })
          | CreditsGranted(Grant { id: 2, programme: 1, account: alice, amount: 10, used: 0, used-removed: 0, held: 0, priority: 0, effective-ms: 1000, expires-ms: 432000000, state: GrantState::Open, deadline-ms: Some(432000000), purchase: None, reference: "first", ended-ms: None })
          | CreditsGranted(Grant { id: 3, programme: 1, account: alice, amount: 10, used: 0, used-removed: 0, held: 0, priority: 0, effective-ms: 1000, expires-ms: 604800000, state: GrantState::Open, deadline-ms: Some(604800000), purchase: None, reference: "third", ended-ms: None })
          | CreditsGranted(Grant { id: 4, programme: 1, account: alice, amount: 10, used: 0, used-removed: 0, held: 0, priority: 0, effective-ms: 1000, expires-ms: 432000000, state: GrantState::Open, deadline-ms: Some(432000000), purchase: None, reference: "second", ended-ms: None })
          | CreditsGranted(Grant { id: 5, programme: 1, account: alice, amount: 10, used: 0, used-removed: 0, held: 0, priority: 0, effective-ms: 86400000, expires-ms: 172800000, state: GrantState::Open, deadline-ms: Some(172800000), purchase: None, reference: "not yet", ended-ms: None })
          | UsageAuthorised(Usage { id: 1, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 110, credits-max: 33, quantity: 0, credits: 0, draws: [Draw { source: Source::Grant(2), credits: 10 }, Draw { source: Source::Grant(4), credits: 10 }, Draw { source: Source::Grant(3), credits: 10 }, Draw { source: Source::Grant(1), credits: 3 }], state: UsageState::Authorised, at-ms: 1000, expires-ms: 3601000, reference: "" })
          | UsageCaptured(Capture { usage: 1, quantity: 40, credits: 12, at-ms: 1000 })
          | GrantEnding(Ending { grant: 2, state: GrantState::Settling, at-ms: 1000 })
          | GrantClosed(Grant { id: 2, programme: 1, account: alice, amount: 10, used: 10, used-removed: 0, held: 0, priority: 0, effective-ms: 1000, expires-ms: 432000000, state: GrantState::Exhausted, deadline-ms: None, purchase: None, reference: "first", ended-ms: Some(1000) })
          | UsageAuthorised(Usage { id: 2, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 50, credits-max: 15, quantity: 0, credits: 0, draws: [Draw { source: Source::Grant(5), credits: 10 }, Draw { source: Source::Grant(4), credits: 5 }], state: UsageState::Authorised, at-ms: 86400000, expires-ms: 90000000, reference: "" })
          | UsageAuthorised(Usage { id: 3, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 1, credits-max: 1, quantity: 0, credits: 0, draws: [Draw { source: Source::Grant(4), credits: 1 }], state: UsageState::Authorised, at-ms: 172800000, expires-ms: 176400000, reference: "" })
    "#]]);
}

#[test]
fn a_grant_expires_and_what_usage_holds_of_it_can_still_be_captured() {
    check(expect![[r#"
        tina grant-credits 1 alice 100 - 1d 0 - -          => 1
        alice authorise-usage 1 alice gpt 100 probe 3d - - => 1
        bob advance grant 1                                => TooEarly(Deadline { item: Item { kind: "grant", id: 1 }, deadline-ms: 86400000, now-ms: 1000 })
        at 1d
        due                                                => grant 1 1d, usage 1 3d+1000, removal 2 40d+1000, removal 1 100d+1000
        bob advance grant 1                                => ok
        grant 1                                            => Expiring: 0 used, 30 held of 100; due none
        bob advance grant 1                                => Other("still-held")
        due                                                => usage 1 3d+1000, removal 2 40d+1000, removal 1 100d+1000
        probe capture-usage 1 50 -                         => 15
        grant 1                                            => Expired: 15 used, 0 held of 100; due none
        bob advance grant 1                                => WrongState(WrongState { item: Item { kind: "grant", id: 1 }, state: "expired", action: "close" })
        statement alice 197001
          | 0 + 100 granted - 15 used - 85 expired - 0 revoked - 0 refunded = 0; 0 drawn
          | gpt: 1 usages, quantity 50, 15 credits
        due                                                => removal 2 40d+1000, removal 1 100d+1000, grant 1 401d
    "#]]);
}

#[test]
fn a_purchase_is_earned_as_it_is_used() {
    check(expect![[r#"
        alice purchase 1 - 101 50 -                        => PriceAboveMax(PriceAboveMax { price: 51, price-max: 50 })
        alice purchase 1 - 101 51 -                        => 1
        money                                              => alice 9949+51, theo 10000+0, bob 10000+0
        grant 1                                            => Open: 0 used, 0 held of 101; due 30d+1000; price 51, 0 settled, 0 returned
        alice settle-purchase 1 -                          => NothingToSettle(1)
        alice authorise-usage 1 alice gpt 100 probe 1h - - => 1
        probe capture-usage 1 100 -                        => 30
        bob settle-purchase 1 -                            => 15
        bob settle-purchase 1 -                            => NothingToSettle(1)
        money                                              => alice 9949+36, theo 10000+0, bob 10000+0, till 15+0
        alice authorise-usage 1 alice gpt 236 probe 1h - - => 2
        probe capture-usage 2 236 -                        => 71
        grant 1                                            => Settling: 101 used, 0 held of 101; due 1000; price 51, 15 settled, 0 returned
        bob advance grant 1                                => ok
        grant 1                                            => Exhausted: 101 used, 0 held of 101; due none; price 51, 51 settled, 0 returned
        money                                              => alice 9949+0, theo 10000+0, bob 10000+0, till 51+0
        bob advance grant 1                                => WrongState(WrongState { item: Item { kind: "grant", id: 1 }, state: "exhausted", action: "close" })
        bob settle-purchase 1 -                            => WrongState(WrongState { item: Item { kind: "grant", id: 1 }, state: "exhausted", action: "settle" })
        alice refund-purchase 1 -                          => WrongState(WrongState { item: Item { kind: "grant", id: 1 }, state: "exhausted", action: "refund" })
        tina revoke-grant 1 -                              => WrongState(WrongState { item: Item { kind: "grant", id: 1 }, state: "exhausted", action: "revoke" })
        events
          | CreditsPurchased(Grant { id: 1, programme: 1, account: alice, amount: 101, used: 0, used-removed: 0, held: 0, priority: 10, effective-ms: 1000, expires-ms: 2592001000, state: GrantState::Open, deadline-ms: Some(2592001000), purchase: Some(Purchase { buyer: alice, hold: 1, hold-expires-ms: 158112001000, asset: "EUR", price: 51, settled: 0, returned: 0, refund-until-ms: 604801000, refund-fee: 1000, breakage: 5000 }), reference: "", ended-ms: None })
          | UsageAuthorised(Usage { id: 1, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 100, credits-max: 30, quantity: 0, credits: 0, draws: [Draw { source: Source::Grant(1), credits: 30 }], state: UsageState::Authorised, at-ms: 1000, expires-ms: 3601000, reference: "" })
          | UsageCaptured(Capture { usage: 1, quantity: 100, credits: 30, at-ms: 1000 })
          | PurchaseSettled(Settlement { grant: 1, amount: 15 })
          | UsageAuthorised(Usage { id: 2, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 236, credits-max: 71, quantity: 0, credits: 0, draws: [Draw { source: Source::Grant(1), credits: 71 }], state: UsageState::Authorised, at-ms: 1000, expires-ms: 3601000, reference: "" })
          | UsageCaptured(Capture { usage: 2, quantity: 236, credits: 71, at-ms: 1000 })
          | GrantEnding(Ending { grant: 1, state: GrantState::Settling, at-ms: 1000 })
          | GrantClosed(Grant { id: 1, programme: 1, account: alice, amount: 101, used: 101, used-removed: 0, held: 0, priority: 10, effective-ms: 1000, expires-ms: 2592001000, state: GrantState::Exhausted, deadline-ms: None, purchase: Some(Purchase { buyer: alice, hold: 1, hold-expires-ms: 158112001000, asset: "EUR", price: 51, settled: 51, returned: 0, refund-until-ms: 604801000, refund-fee: 1000, breakage: 5000 }), reference: "", ended-ms: Some(1000) })
    "#]]);
}

#[test]
fn a_purchase_expires_with_breakage() {
    check(expect![[r#"
        alice purchase 1 - 101 max -              => 1
        probe report-usage 1 alice:gpt:100:1000:a => [ReportResult::Charged(Charge { usage: 1, credits: 30 })]
        at 30d+999
        bob advance grant 1                       => TooEarly(Deadline { item: Item { kind: "grant", id: 1 }, deadline-ms: 2592001000, now-ms: 2592000999 })
        at 30d+1000
        bob advance grant 1                       => ok
        grant 1                                   => Expired: 30 used, 0 held of 101; due none; price 51, 33 settled, 18 returned
        money                                     => alice 9967+0, theo 10000+0, bob 10000+0, till 33+0
        statement alice 197001
          | 0 + 101 granted - 30 used - 71 expired - 0 revoked - 0 refunded = 0; 0 drawn
          | gpt: 1 usages, quantity 100, 30 credits
        events
          | CreditsPurchased(Grant { id: 1, programme: 1, account: alice, amount: 101, used: 0, used-removed: 0, held: 0, priority: 10, effective-ms: 1000, expires-ms: 2592001000, state: GrantState::Open, deadline-ms: Some(2592001000), purchase: Some(Purchase { buyer: alice, hold: 1, hold-expires-ms: 158112001000, asset: "EUR", price: 51, settled: 0, returned: 0, refund-until-ms: 604801000, refund-fee: 1000, breakage: 5000 }), reference: "", ended-ms: None })
          | UsageReported(Usage { id: 1, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 100, credits-max: 30, quantity: 100, credits: 30, draws: [Draw { source: Source::Grant(1), credits: 30 }], state: UsageState::Captured, at-ms: 1000, expires-ms: 1000, reference: "a" })
          | GrantEnding(Ending { grant: 1, state: GrantState::Expiring, at-ms: 2592001000 })
          | GrantClosed(Grant { id: 1, programme: 1, account: alice, amount: 101, used: 30, used-removed: 0, held: 0, priority: 10, effective-ms: 1000, expires-ms: 2592001000, state: GrantState::Expired, deadline-ms: None, purchase: Some(Purchase { buyer: alice, hold: 1, hold-expires-ms: 158112001000, asset: "EUR", price: 51, settled: 33, returned: 18, refund-until-ms: 604801000, refund-fee: 1000, breakage: 5000 }), reference: "", ended-ms: Some(2592001000) })
    "#]]);
}

#[test]
fn a_purchase_is_refunded_less_the_fee() {
    check(expect![[r#"
        theo purchase 1 alice 101 max -                    => 1
        alice authorise-usage 1 alice gpt 100 probe 1d - - => 1
        alice refund-purchase 1 -                          => WrongParty(Party { account: Some(theo), organisation: None, role: None })
        theo refund-purchase 1 -                           => ok
        grant 1                                            => Refunding: 0 used, 30 held of 101; due none; price 51, 0 settled, 0 returned
        theo refund-purchase 1 -                           => WrongState(WrongState { item: Item { kind: "grant", id: 1 }, state: "refunding", action: "refund" })
        bob settle-purchase 1 -                            => NothingToSettle(1)
        alice authorise-usage 1 alice gpt 1 probe 1h - -   => InsufficientCredit(CreditShortfall { account: alice, available: 0, needed: 1 })
        probe capture-usage 1 50 -                         => 15
        grant 1                                            => Refunding: 15 used, 0 held of 101; due 1000; price 51, 0 settled, 0 returned
        bob advance-due 32                                 => 1
        grant 1                                            => Refunded: 15 used, 0 held of 101; due none; price 51, 12 settled, 39 returned
        money                                              => alice 10000+0, theo 9988+0, bob 10000+0, till 12+0
        statement alice 197001
          | 0 + 101 granted - 15 used - 0 expired - 0 revoked - 86 refunded = 0; 0 drawn
          | gpt: 1 usages, quantity 50, 15 credits
        bob purchase 1 - 10 5 -                            => 2
        at 7d+999
        bob purchase 1 - 10 5 -                            => 3
        at 7d+1000
        bob refund-purchase 2 -                            => TooLate(Deadline { item: Item { kind: "grant", id: 2 }, deadline-ms: 604801000, now-ms: 604801000 })
        bob refund-purchase 3 -                            => ok
        money                                              => alice 10000+0, theo 9988+0, bob 9995+5, till 12+0
    "#]]);
}

#[test]
fn a_revoked_purchase_is_returned_whole() {
    check(expect![[r#"
        alice purchase 1 - 101 max -              => 1
        probe report-usage 1 alice:gpt:100:1000:a => [ReportResult::Charged(Charge { usage: 1, credits: 30 })]
        alice settle-purchase 1 -                 => 15
        sam revoke-grant 1 -                      => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        alice revoke-grant 1 -                    => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        tina revoke-grant 1 -                     => ok
        grant 1                                   => Revoked: 30 used, 0 held of 101; due none; price 51, 16 settled, 35 returned
        money                                     => alice 9984+0, theo 10000+0, bob 10000+0, till 16+0
        tina grant-credits 1 alice 10 - 9d 1 - -  => 2
        cloud revoke-grant 2 -                    => ok
        alice refund-purchase 2 -                 => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        grant 2                                   => Revoked: 0 used, 0 held of 10; due none
        statement alice 197001
          | 0 + 111 granted - 30 used - 0 expired - 81 revoked - 0 refunded = 0; 0 drawn
          | gpt: 1 usages, quantity 100, 30 credits
    "#]]);
}

#[test]
fn nobody_can_keep_a_price_that_nobody_settled() {
    check(expect![[r#"
        alice purchase 1 - 100 max -              => 1
        probe report-usage 1 alice:gpt:100:1000:a => [ReportResult::Charged(Charge { usage: 1, credits: 30 })]
        at 1829d+23h+3600999
        bob advance grant 2                       => UnknownItem(Item { kind: "grant", id: 2 })
        at 1830d+1000
        bob settle-purchase 1 -                   => TooLate(Deadline { item: Item { kind: "grant", id: 1 }, deadline-ms: 158112001000, now-ms: 158112001000 })
        freeze alice
        freeze till
        bob advance grant 1                       => ok
        grant 1                                   => Expired: 30 used, 0 held of 100; due none; price 50, 0 settled, 50 returned
        money                                     => alice 10000+0, theo 10000+0, bob 10000+0
    "#]]);
}

#[test]
fn frozen_parties_do_not_hold_up_a_settlement() {
    check(expect![[r#"
        alice purchase 1 - 100 max -              => 1
        probe report-usage 1 alice:gpt:100:1000:a => [ReportResult::Charged(Charge { usage: 1, credits: 30 })]
        freeze alice
        freeze cloud
        freeze till
        at 31d
        bob advance-due 32                        => 1
        grant 1                                   => Expired: 30 used, 0 held of 100; due none; price 50, 32 settled, 18 returned
        money                                     => alice 9968+0, theo 10000+0, bob 10000+0, till 32+0
    "#]]);
}

#[test]
fn granting_is_refused() {
    check(expect![[r#"
        tina grant-credits 1 alice 0 - 9d 1 - -                                         => ZeroAmount
        tina grant-credits 1 alice 1000000000000001 - 9d 1 - -                          => OutOfRange(Range { parameter: "credits", given: 1000000000000001, min: 1, max: 1000000000000000 })
        tina grant-credits 1 alice max - 9d 1 - -                                       => OutOfRange(Range { parameter: "credits", given: 18446744073709551615, min: 1, max: 1000000000000000 })
        tina grant-credits 1 alice 1 999 9d 1 - -                                       => OutOfRange(Range { parameter: "effective-ms", given: 999, min: 1000, max: 31622401000 })
        tina grant-credits 1 alice 1 366d+1001 367d 1 - -                               => OutOfRange(Range { parameter: "effective-ms", given: 31622401001, min: 1000, max: 31622401000 })
        tina grant-credits 1 alice 1 max max 1 - -                                      => OutOfRange(Range { parameter: "effective-ms", given: 18446744073709551615, min: 1000, max: 31622401000 })
        tina grant-credits 1 alice 1 - 1000 1 - -                                       => OutOfRange(Range { parameter: "expires-ms", given: 1000, min: 1001, max: 94694401000 })
        tina grant-credits 1 alice 1 - 1096d+1001 1 - -                                 => OutOfRange(Range { parameter: "expires-ms", given: 94694401001, min: 1001, max: 94694401000 })
        tina grant-credits 1 alice 1 - 9d 1 141*x -                                     => OutOfRange(Range { parameter: "reference", given: 141, min: 0, max: 140 })
        tina grant-credits 1 alice 1 - 9d 1 - 65*k                                      => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        tina grant-credits 2 alice 1 - 9d 1 - -                                         => UnknownItem(Item { kind: "programme", id: 2 })
        sam grant-credits 1 alice 1 - 9d 1 - -                                          => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        alice grant-credits 1 alice 1 - 9d 1 - -                                        => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        theo grant-credits 1 alice 1 - 9d 1 - -                                         => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        tina grant-credits 1 nobody 1 - 9d 1 - -                                        => InactiveAccount(nobody)
        freeze alice
        tina grant-credits 1 alice 1 - 9d 1 - -                                         => InactiveAccount(alice)
        thaw alice
        tina grant-credits 1 alice 1000000000000000 366d+1000 1462d+1000 255 140*x 64*k => 1
        tina grant-credits 1 alice 1000000000000000 366d+1000 1462d+1000 255 140*x 64*k => 1
        tina grant-credits 1 alice 2 366d+1000 1462d+1000 255 140*x 64*k                => KeyReused
        balance alice                                                                   => 0 free, 1000000000000000 later, 0 held; grants [1]
    "#]]);
}

#[test]
fn an_account_has_at_most_sixteen_open_grants() {
    let rows = "tina grant-credits 1 alice 1 - 9d 1 - -\n".repeat(15);
    let mut host = super::table::scene();
    for row in rows.lines() {
        super::conservation::perform(&mut host, row);
    }
    super::table::run(
        &mut host,
        expect![[r#"
            tina grant-credits 1 alice 1 - 1d 1 - -           => 16
            tina grant-credits 1 alice 1 - 9d 1 - -           => TooMany(Bound { what: "grants", max: 16 })
            alice purchase 1 - 10 max -                       => TooMany(Bound { what: "grants", max: 16 })
            bob purchase 1 - 10 max -                         => 17
            alice authorise-usage 1 alice gpt 50 probe 1h - - => 1
            usage 1                                           => Authorised: 0 of 50 gpt, 0 of 15 credits (1 of grant 16, 1 of grant 1, 1 of grant 2, 1 of grant 3, 1 of grant 4, 1 of grant 5, 1 of grant 6, 1 of grant 7, 1 of grant 8, 1 of grant 9, 1 of grant 10, 1 of grant 11, 1 of grant 12, 1 of grant 13, 1 of grant 14)
            at 1d
            bob advance-due 32                                => 2
            alice purchase 1 - 10 max -                       => 18
        "#]],
    );
}

#[test]
fn buying_is_refused() {
    check(expect![[r#"
        alice purchase 1 - 0 max -      => ZeroAmount
        alice purchase 1 - 9 max -      => OutOfRange(Range { parameter: "credits", given: 9, min: 10, max: 100000 })
        alice purchase 1 - 100001 max - => OutOfRange(Range { parameter: "credits", given: 100001, min: 10, max: 100000 })
        alice purchase 1 - max max -    => OutOfRange(Range { parameter: "credits", given: 18446744073709551615, min: 10, max: 100000 })
        alice purchase 2 - 10 max -     => UnknownItem(Item { kind: "programme", id: 2 })
        alice purchase 1 - 10 4 -       => PriceAboveMax(PriceAboveMax { price: 5, price-max: 4 })
        bob purchase 1 alice 10 max -   => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        theo purchase 1 bob 10 max -    => WrongParty(Party { account: Some(bob), organisation: None, role: Some("treasurer") })
        alice purchase 1 theo 10 max -  => WrongParty(Party { account: Some(theo), organisation: None, role: Some("treasurer") })
        theo purchase 1 nobody 10 max - => WrongParty(Party { account: Some(nobody), organisation: None, role: Some("treasurer") })
        alice purchase 1 - 20001 max -  => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 10000, needed: 10001 }))
        carl purchase 1 - 10 max -      => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 5 }))
        freeze alice
        theo purchase 1 alice 10 max -  => InactiveAccount(alice)
        thaw alice
        sam set-sale-terms 1 -          => ok
        alice purchase 1 - 10 max -     => NotForSale(Item { kind: "programme", id: 1 })
        alice refund-purchase 1 -       => UnknownItem(Item { kind: "grant", id: 1 })
        alice settle-purchase 1 -       => UnknownItem(Item { kind: "grant", id: 1 })
        money                           => alice 10000+0, theo 10000+0, bob 10000+0
    "#]]);
}

#[test]
fn a_module_buys_in_the_senders_name() {
    check(expect![[r#"
        shop/alice purchase 1 - 100 max order-7 => 1
        shop/alice purchase 1 - 100 max order-7 => 1
        alice purchase 1 - 100 max order-7      => 2
        alice purchase 1 - 100 60 order-7       => KeyReused
        at 7d
        alice purchase 1 - 100 max order-7      => 2
        at 7d+1000
        alice purchase 1 - 100 max order-7      => 3
        money                                   => alice 9850+150, theo 10000+0, bob 10000+0
        shop/alice refund-purchase 1 -          => WrongParty(Party { account: Some(alice), organisation: None, role: None })
        balance alice                           => 300 free, 0 later, 0 held; grants [1, 2, 3]
    "#]]);
}
