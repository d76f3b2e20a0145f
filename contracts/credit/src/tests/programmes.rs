//! Programmes: their creation, prices and end, and what closing them returns.

use expect_test::expect;

use super::table::{CAST, act, check, scene};
use crate::bindings::ehb::credit::events::Event;

#[test]
fn a_programme_is_set_up() {
    let mut host = scene();
    let text = CAST.news(&host.events::<Event>(), &mut 0).replace("\n  | ", "\n");
    expect![[r#"
        ProgrammeCreated(Programme { id: 1, issuer: cloud, payout-account: till, name: "API", unit: "token", state: ProgrammeState::Open, closes-ms: None, sale-terms: None, default-limits: [], payout-change: None })
        ServicePriced(PricedService { programme: 1, id: "gpt", prices: [Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }], retired-ms: None })
        ServicePriced(PricedService { programme: 1, id: "free", prices: [Price { version: 1, credits: 0, per: 1, effective-ms: 1000 }], retired-ms: None })
        MeterRegistered(Meter { programme: 1, account: probe, name: "gateway" })
        SaleTermsSet(Programme { id: 1, issuer: cloud, payout-account: till, name: "API", unit: "token", state: ProgrammeState::Open, closes-ms: None, sale-terms: Some(SaleTerms { asset: "EUR", price: 5, per: 10, credits-min: 10, credits-max: 100000, validity-ms: 2592000000, priority: 10, refund-window-ms: 604800000, refund-fee: 1000, breakage: 5000 }), default-limits: [], payout-change: None })"#]].assert_eq(text.trim());
    CAST.act_as(&mut host, "alice");
    expect![[r#"Programme { id: 1, issuer: cloud, payout-account: till, name: "API", unit: "token", state: ProgrammeState::Open, closes-ms: None, sale-terms: Some(SaleTerms { asset: "EUR", price: 5, per: 10, credits-min: 10, credits-max: 100000, validity-ms: 2592000000, priority: 10, refund-window-ms: 604800000, refund-fee: 1000, breakage: 5000 }), default-limits: [], payout-change: None }"#]].assert_eq(&act(&mut host, "get-programme", &["1"]));
}

#[test]
fn a_programme_is_closed() {
    check(expect![[r#"
        alice purchase 1 - 100 max -                                     => 1
        bob purchase 1 - 100 max -                                       => 2
        tina offer-credit-line 1 bob 100 EUR 1 1 30d 10d 60d 365d 9d -   => 1
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 9d - => 2
        bob accept-credit-line 1                                         => ok
        probe report-usage 1 bob:gpt:400:1000:a                          => [ReportResult::Charged(Charge { usage: 1, credits: 120 })]
        tina close-programme 1 2d                                        => WrongParty(Party { account: Some(cloud), organisation: None, role: None })
        cloud close-programme 1 999                                      => OutOfRange(Range { parameter: "closes-ms", given: 999, min: 1000, max: 31622401000 })
        cloud close-programme 1 366d+1001                                => OutOfRange(Range { parameter: "closes-ms", given: 31622401001, min: 1000, max: 31622401000 })
        cloud close-programme 2 2d                                       => UnknownItem(Item { kind: "programme", id: 2 })
        bob advance programme 1                                          => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "open", action: "end" })
        cloud close-programme 1 2d                                       => ok
        cloud close-programme 1 2d                                       => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "closing", action: "announce" })
        alice purchase 1 - 100 max -                                     => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "closing", action: "purchase" })
        tina grant-credits 1 alice 1 - 9d 1 - -                          => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "closing", action: "grant" })
        tina offer-credit-line 1 alice 1 EUR 1 1 30d 10d 60d 365d 1d -   => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "closing", action: "lend" })
        alice accept-credit-line 2                                       => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "closing", action: "lend" })
        sam set-sale-terms 1 -                                           => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "closing", action: "set-sale-terms" })
        sam set-price 1 gpt 4 10 -                                       => 2
        sam register-meter 1 till spare                                  => ok
        probe report-usage 1 alice:gpt:10:1000:b                         => [ReportResult::Charged(Charge { usage: 2, credits: 4 })]
        bob advance programme 1                                          => TooEarly(Deadline { item: Item { kind: "programme", id: 1 }, deadline-ms: 172800000, now-ms: 1000 })
        bob advance grant 1                                              => TooEarly(Deadline { item: Item { kind: "grant", id: 1 }, deadline-ms: 2592001000, now-ms: 1000 })
        at 2d
        probe report-usage 1 alice:gpt:10:2d:c                           => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "closed", action: "charge" })
        alice authorise-usage 1 alice gpt 10 probe 1h - -                => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "closed", action: "charge" })
        bob advance grant 1                                              => ok
        bob advance programme 1                                          => ok
        bob advance programme 1                                          => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "closed", action: "end" })
        sam set-price 1 gpt 4 10 -                                       => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "closed", action: "set-price" })
        sam register-meter 1 till spare                                  => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "closed", action: "register-meter" })
        bob advance credit-line 1                                        => TooEarly(Deadline { item: Item { kind: "credit-line", id: 1 }, deadline-ms: 2592001000, now-ms: 172800000 })
        bob advance credit-line 2                                        => TooEarly(Deadline { item: Item { kind: "credit-line", id: 2 }, deadline-ms: 777601000, now-ms: 172800000 })
        line 1                                                           => Closing: 0 held, 20 unbilled, 0 billed, 0 written off of 100; period 1 until 30d+1000, ends 2d; due 30d+1000
        grant 1                                                          => Revoked: 4 used, 0 held of 100; due none; price 50, 2 settled, 48 returned
        grant 2                                                          => Settling: 100 used, 0 held of 100; due 1000; price 50, 0 settled, 0 returned
        money                                                            => alice 9998+0, theo 10000+0, bob 9950+50, till 2+0
        bob advance-due 32                                               => 1
        at 32d
        bob advance-due 32                                               => 2
        bob pay-bill 1 20 -                                              => ok
        line 1                                                           => Closed: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 2 until 60d+1000, ends 2d; due none
        line 2                                                           => Expired: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 0 until none, ends none; due none
        due                                                              => removal 2 40d+1000, removal 1 100d+1000, grant 1 402d, grant 2 402d, credit-line 1 432d, credit-line 2 432d
        money                                                            => alice 9998+0, theo 10000+0, bob 9930+0, till 72+0
    "#]]);
}

#[test]
fn times_decide_what_a_closed_programme_returns() {
    check(expect![[r#"
        alice purchase 1 - 1000 max - => 1
        bob purchase 1 - 1000 max -   => 2
        alice purchase 1 - 500 max -  => 3
        cloud close-programme 1 2d    => ok
        at 2d
        alice advance grant 1         => ok
        alice refund-purchase 3 -     => ok
        at 31d
        bob advance grant 2           => ok
        grant 1                       => Revoked: 0 used, 0 held of 1000; due none; price 500, 0 settled, 500 returned
        grant 2                       => Revoked: 0 used, 0 held of 1000; due none; price 500, 0 settled, 500 returned
        grant 3                       => Revoked: 0 used, 0 held of 500; due none; price 250, 0 settled, 250 returned
        money                         => alice 10000+0, theo 10000+0, bob 10000+0
    "#]]);
}

#[test]
fn a_grant_that_expired_before_its_programme_ended_has_expired() {
    check(expect![[r#"
        alice purchase 1 - 1000 max - => 1
        cloud close-programme 1 40d   => ok
        at 41d
        tina revoke-grant 1 -         => TooLate(Deadline { item: Item { kind: "grant", id: 1 }, deadline-ms: 2592001000, now-ms: 3542400000 })
        bob advance grant 1           => ok
        grant 1                       => Expired: 0 used, 0 held of 1000; due none; price 500, 250 settled, 250 returned
        money                         => alice 9750+0, theo 10000+0, bob 10000+0, till 250+0
    "#]]);
}

#[test]
fn programmes_are_refused() {
    check(expect![[r#"
        alice create-programme API token till -                                    => MissingRole("issuer")
        cloud create-programme - token till -                                      => OutOfRange(Range { parameter: "name", given: 0, min: 1, max: 64 })
        cloud create-programme 65*x token till -                                   => OutOfRange(Range { parameter: "name", given: 65, min: 1, max: 64 })
        cloud create-programme API - till -                                        => OutOfRange(Range { parameter: "unit", given: 0, min: 1, max: 24 })
        cloud create-programme API 25*x till -                                     => OutOfRange(Range { parameter: "unit", given: 25, min: 1, max: 24 })
        cloud create-programme API token nobody -                                  => InactiveAccount(nobody)
        cloud create-programme 64*x 24*x till new                                  => 2
        cloud create-programme 64*x 24*x till new                                  => 2
        cloud create-programme other 24*x till new                                 => KeyReused
        sam set-payout-account 1 alice                                             => WrongParty(Party { account: Some(cloud), organisation: None, role: None })
        cloud set-payout-account 1 nobody                                          => InactiveAccount(nobody)
        cloud set-payout-account 3 alice                                           => UnknownItem(Item { kind: "programme", id: 3 })
        cloud set-payout-account 1 shop                                            => ok
        tina set-sale-terms 1 -                                                    => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("seller") })
        alice set-sale-terms 1 -                                                   => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("seller") })
        sam set-sale-terms 3 -                                                     => UnknownItem(Item { kind: "programme", id: 3 })
        sam set-sale-terms 1 USD 5 10 10 100000 30d 10 7d 1000 5000                => Wallet(UnknownAsset("USD"))
        sam set-sale-terms 1 eur 5 10 10 100000 30d 10 7d 1000 5000                => MalformedAssetId("eur")
        sam set-sale-terms 1 EUR 0 10 10 100000 30d 10 7d 1000 5000                => ZeroAmount
        sam set-sale-terms 1 EUR 5 0 10 100000 30d 10 7d 1000 5000                 => OutOfRange(Range { parameter: "per", given: 0, min: 1, max: 1000000000000 })
        sam set-sale-terms 1 EUR 5 10 0 100000 30d 10 7d 1000 5000                 => ZeroAmount
        sam set-sale-terms 1 EUR 5 10 10 9 30d 10 7d 1000 5000                     => OutOfRange(Range { parameter: "credits-max", given: 9, min: 10, max: 1000000000000000 })
        sam set-sale-terms 1 EUR 5 10 10 1000000000000001 30d 10 7d 1000 5000      => OutOfRange(Range { parameter: "credits-max", given: 1000000000000001, min: 10, max: 1000000000000000 })
        sam set-sale-terms 1 EUR 5 10 10 100000 3599999 10 1h 1000 5000            => OutOfRange(Range { parameter: "validity-ms", given: 3599999, min: 3600000, max: 94694400000 })
        sam set-sale-terms 1 EUR 5 10 10 100000 1096d+1 10 7d 1000 5000            => OutOfRange(Range { parameter: "validity-ms", given: 94694400001, min: 3600000, max: 94694400000 })
        sam set-sale-terms 1 EUR 5 10 10 100000 30d 10 30d+1 1000 5000             => OutOfRange(Range { parameter: "refund-window-ms", given: 2592000001, min: 0, max: 2592000000 })
        sam set-sale-terms 1 EUR 5 10 10 100000 30d 10 7d 10001 5000               => OutOfRange(Range { parameter: "refund-fee", given: 10001, min: 0, max: 10000 })
        sam set-sale-terms 1 EUR 5 10 10 100000 30d 10 7d 1000 10001               => OutOfRange(Range { parameter: "breakage", given: 10001, min: 0, max: 10000 })
        sam set-sale-terms 1 EUR max 10 10 100000 30d 10 7d 1000 5000              => OutOfRange(Range { parameter: "price", given: 18446744073709551615, min: 1, max: 1844674407370955 })
        sam set-sale-terms 1 EUR 1844674407370955 10 10 100000 30d 10 7d 1000 5000 => ok
        sam set-sale-terms 1 EUR 1844674407370956 10 10 100000 30d 10 7d 1000 5000 => OutOfRange(Range { parameter: "price", given: 1844674407370956, min: 1, max: 1844674407370955 })
        tina set-price 1 gpt 1 1 -                                                 => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("seller") })
        sam set-price 3 gpt 1 1 -                                                  => UnknownItem(Item { kind: "programme", id: 3 })
        sam set-price 1 GPT 1 1 -                                                  => MalformedService("GPT")
        sam set-price 1 gpt 1000000000000001 1 -                                   => OutOfRange(Range { parameter: "credits", given: 1000000000000001, min: 0, max: 1000000000000000 })
        sam set-price 1 gpt 1 0 -                                                  => OutOfRange(Range { parameter: "per", given: 0, min: 1, max: 1000000000000 })
        sam set-price 1 gpt 1 1000000000001 -                                      => OutOfRange(Range { parameter: "per", given: 1000000000001, min: 1, max: 1000000000000 })
        sam set-price 1 gpt 1 1 999                                                => OutOfRange(Range { parameter: "effective-ms", given: 999, min: 1000, max: 31622401000 })
        sam set-price 1 gpt 1 1 366d+1001                                          => OutOfRange(Range { parameter: "effective-ms", given: 31622401001, min: 1000, max: 31622401000 })
        sam set-price 1 gpt 1 1 366d+1000                                          => 2
        tina retire-service 1 gpt                                                  => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("seller") })
        sam retire-service 1 other                                                 => UnknownService("other")
        sam retire-service 3 gpt                                                   => UnknownItem(Item { kind: "programme", id: 3 })
        sam retire-service 1 gpt                                                   => ok
        sam retire-service 1 gpt                                                   => NoPrice(UnpricedService { service: "gpt", at-ms: 1000 })
        sam set-price 1 gpt 2 1 -                                                  => 3
        alice get-service 1 gpt                                                    => PricedService { programme: 1, id: "gpt", prices: [Price { version: 3, credits: 2, per: 1, effective-ms: 1000 }], retired-ms: None }
        tina register-meter 1 till spare                                           => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("seller") })
        sam register-meter 1 till -                                                => OutOfRange(Range { parameter: "name", given: 0, min: 1, max: 64 })
        sam register-meter 1 till 65*x                                             => OutOfRange(Range { parameter: "name", given: 65, min: 1, max: 64 })
        sam register-meter 1 nobody spare                                          => InactiveAccount(nobody)
        sam register-meter 3 till spare                                            => UnknownItem(Item { kind: "programme", id: 3 })
        sam register-meter 1 shop spare                                            => ok
        alice remove-meter 1 probe                                                 => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("seller") })
        sam remove-meter 1 till                                                    => UnknownMeter(till)
        sam remove-meter 3 till                                                    => UnknownItem(Item { kind: "programme", id: 3 })
        alice list-meters 1 - 10                                                   => MeterPage { meters: [Meter { programme: 1, account: probe, name: "gateway" }, Meter { programme: 1, account: shop, name: "spare" }], next: None }
    "#]]);
}

/// Nobody has to know a programme's grants and lines to end them.
#[test]
fn a_closed_programme_ends_its_grants_and_lines_in_steps() {
    check(expect![[r#"
        alice purchase 1 - 100 max -                                     => 1
        alice purchase 1 - 100 max -                                     => 2
        alice purchase 1 - 100 max -                                     => 3
        bob purchase 1 - 100 max -                                       => 4
        bob purchase 1 - 200 max -                                       => 5
        tina grant-credits 1 bob 7 - 1d 0 - -                            => 6
        tina grant-credits 1 theo 7 - 9d 0 - -                           => 7
        tina offer-credit-line 1 bob 100 EUR 1 1 30d 10d 60d 365d 9d -   => 1
        tina offer-credit-line 1 theo 100 EUR 1 1 30d 10d 60d 365d 9d -  => 2
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 9d - => 3
        bob accept-credit-line 1                                         => ok
        theo accept-credit-line 2                                        => ok
        alice authorise-usage 1 alice gpt 10 probe 3d - -                => 1
        probe report-usage 1 theo:gpt:40:1000:a                          => [ReportResult::Charged(Charge { usage: 2, credits: 12 })]
        money                                                            => alice 9850+150, theo 10000+0, bob 9850+150
        cloud close-programme 1 2d                                       => ok
        nobody advance-due 32                                            => 0
        at 2d
        nobody advance programme 1                                       => ok
        due                                                              => grant 6 1d, programme 1 2d, usage 1 3d+1000, credit-line 3 9d+1000, grant 5 30d+1000, credit-line 1 30d+1000, credit-line 2 30d+1000, removal 2 40d+1000, removal 1 100d+1000, grant 7 400d+1000, grant 2 402d, grant 3 402d, grant 4 402d
        nobody advance programme 1                                       => ok
        due                                                              => programme 1 2d, usage 1 3d+1000, credit-line 3 9d+1000, credit-line 2 30d+1000, removal 2 40d+1000, removal 1 100d+1000, grant 7 400d+1000, grant 2 402d, grant 3 402d, grant 4 402d, grant 5 402d, grant 6 402d, credit-line 1 402d
        nobody advance programme 1                                       => ok
        nobody advance programme 1                                       => WrongState(WrongState { item: Item { kind: "programme", id: 1 }, state: "closed", action: "end" })
        grant 1                                                          => Revoking: 0 used, 3 held of 100; due none; price 50, 0 settled, 0 returned
        grant 3                                                          => Revoked: 0 used, 0 held of 100; due none; price 50, 0 settled, 50 returned
        grant 5                                                          => Revoked: 0 used, 0 held of 200; due none; price 100, 0 settled, 100 returned
        grant 6                                                          => Expired: 0 used, 0 held of 7; due none
        grant 7                                                          => Exhausted: 7 used, 0 held of 7; due none
        line 1                                                           => Closed: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 1 until 30d+1000, ends 2d; due none
        line 2                                                           => Closing: 0 held, 5 unbilled, 0 billed, 0 written off of 100; period 1 until 30d+1000, ends 2d; due 30d+1000
        line 3                                                           => Offered: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 0 until none, ends none; due 9d+1000
        money                                                            => alice 9950+50, theo 10000+0, bob 10000+0
        at 4d
        nobody advance-due 32                                            => 2
        grant 1                                                          => Revoked: 0 used, 0 held of 100; due none; price 50, 0 settled, 50 returned
        money                                                            => alice 10000+0, theo 10000+0, bob 10000+0
    "#]]);
}
