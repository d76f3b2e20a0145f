//! Limits of accounts: who sets them, their windows, and what they refuse.

use expect_test::expect;

use super::table::check;

#[test]
fn both_sides_limit_an_account() {
    check(expect![[r#"
        tina grant-credits 1 alice 1000 - 90d 1 - -             => 1
        tina set-limit 1 alice -:credits:1d:30                  => ok
        theo set-limit 1 alice gpt:quantity:1h:60               => ok
        alice set-limit 1 alice -:usages:1d:3                   => ok
        alice authorise-usage 1 alice gpt 61 probe 1h - -       => LimitReached(LimitExcess { limit: Limit { service: Some("gpt"), measure: Measure::Quantity, period: Period::Span(3600000), max: 60 }, counted: 0, added: 61, resets-ms: 1800000 })
        alice authorise-usage 1 alice gpt 60 probe 1h - -       => 1
        alice authorise-usage 1 alice gpt 1 probe 1h - -        => LimitReached(LimitExcess { limit: Limit { service: Some("gpt"), measure: Measure::Quantity, period: Period::Span(3600000), max: 60 }, counted: 60, added: 1, resets-ms: 1800000 })
        balance alice                                           => 982 free, 0 later, 18 held; grants [1]; Issuer -:Credits:1d: 18 of 30; Treasurer gpt:Quantity:1h: 60 of 60; Account -:Usages:1d: 1 of 3
        probe capture-usage 1 20 -                              => 6
        balance alice                                           => 994 free, 0 later, 0 held; grants [1]; Issuer -:Credits:1d: 6 of 30; Treasurer gpt:Quantity:1h: 20 of 60; Account -:Usages:1d: 1 of 3
        alice authorise-usage 1 alice gpt 40 probe 5h - -       => 2
        at 1h
        alice authorise-usage 1 alice gpt 60 probe 5h - -       => LimitReached(LimitExcess { limit: Limit { service: None, measure: Measure::Credits, period: Period::Span(86400000), max: 30 }, counted: 18, added: 18, resets-ms: 43200000 })
        balance alice                                           => 982 free, 0 later, 12 held; grants [1]; Issuer -:Credits:1d: 18 of 30; Treasurer gpt:Quantity:1h: 60 of 60; Account -:Usages:1d: 2 of 3
        probe report-usage 1 alice:gpt:1:1h:a alice:free:1:1h:b => [ReportResult::Refused(LimitReached(LimitExcess { limit: Limit { service: Some("gpt"), measure: Measure::Quantity, period: Period::Span(3600000), max: 60 }, counted: 60, added: 1, resets-ms: 5400000 })), ReportResult::Charged(Charge { usage: 3, credits: 0 })]
        probe void-usage 2                                      => ok
        balance alice                                           => 994 free, 0 later, 0 held; grants [1]; Issuer -:Credits:1d: 6 of 30; Treasurer gpt:Quantity:1h: 20 of 60; Account -:Usages:1d: 2 of 3
        probe report-usage 1 alice:gpt:1:1h:a                   => [ReportResult::Charged(Charge { usage: 4, credits: 1 })]
        at 1d
        probe capture-usage 3 10 -                              => WrongState(WrongState { item: Item { kind: "usage", id: 3 }, state: "captured", action: "capture" })
        probe report-usage 1 alice:gpt:1:1d:b                   => [ReportResult::Duplicate(3)]
        balance alice                                           => 993 free, 0 later, 0 held; grants [1]; Issuer -:Credits:1d: 7 of 30; Treasurer gpt:Quantity:1h: 21 of 60; Account -:Usages:1d: 3 of 3
    "#]]);
}

#[test]
fn an_account_does_not_lift_the_cap_of_its_treasurer() {
    check(expect![[r#"
        tina grant-credits 1 alice 1000 - 90d 1 - -        => 1
        theo set-limit 1 alice -:credits:1d:30             => ok
        alice set-limit 1 alice -:credits:1d:900           => ok
        alice authorise-usage 1 alice gpt 200 probe 1h - - => LimitReached(LimitExcess { limit: Limit { service: None, measure: Measure::Credits, period: Period::Span(86400000), max: 30 }, counted: 0, added: 60, resets-ms: 43200000 })
        alice remove-limit 1 alice -:credits:1d:0          => ok
        alice remove-limit 1 alice -:credits:1d:0          => UnknownLimit
        alice authorise-usage 1 alice gpt 200 probe 1h - - => LimitReached(LimitExcess { limit: Limit { service: None, measure: Measure::Credits, period: Period::Span(86400000), max: 30 }, counted: 0, added: 60, resets-ms: 43200000 })
        tina remove-limit 1 alice -:credits:1d:0           => UnknownLimit
        theo set-limit 1 alice -:credits:1d:60             => ok
        alice authorise-usage 1 alice gpt 200 probe 1h - - => 1
        theo remove-limit 1 alice -:credits:1d:0           => ok
        balance alice                                      => 940 free, 0 later, 60 held; grants [1]
    "#]]);
}

#[test]
fn a_border_of_windows_does_not_let_twice_the_amount_through() {
    check(expect![[r#"
        tina grant-credits 1 alice 1000 - 90d 1 - - => 1
        tina set-limit 1 alice gpt:quantity:10h:100 => ok
        at 9h
        probe report-usage 1 alice:gpt:100:9h:a     => [ReportResult::Charged(Charge { usage: 1, credits: 30 })]
        at 10h
        probe report-usage 1 alice:gpt:100:10h:b    => [ReportResult::Refused(LimitReached(LimitExcess { limit: Limit { service: Some("gpt"), measure: Measure::Quantity, period: Period::Span(36000000), max: 100 }, counted: 100, added: 100, resets-ms: 54000000 }))]
        at 18h
        probe report-usage 1 alice:gpt:1:18h:b      => [ReportResult::Refused(LimitReached(LimitExcess { limit: Limit { service: Some("gpt"), measure: Measure::Quantity, period: Period::Span(36000000), max: 100 }, counted: 100, added: 1, resets-ms: 72000000 }))]
        at 20h
        probe report-usage 1 alice:gpt:100:20h:b    => [ReportResult::Charged(Charge { usage: 2, credits: 30 })]
        balance alice                               => 940 free, 0 later, 0 held; grants [1]; Issuer gpt:Quantity:10h: 100 of 100
    "#]]);
}

#[test]
fn a_quota_begins_again_with_each_calendar_month() {
    check(expect![[r#"
        tina grant-credits 1 alice 1000 - 90d 1 - -        => 1
        tina set-limit 1 alice gpt:quantity:1months@31:100 => ok
        tina set-limit 1 alice gpt:usages:2weeks:3         => ok
        at 29d
        probe report-usage 1 alice:gpt:100:29d:a           => [ReportResult::Charged(Charge { usage: 1, credits: 30 })]
        probe report-usage 1 alice:gpt:1:29d:b             => [ReportResult::Refused(LimitReached(LimitExcess { limit: Limit { service: Some("gpt"), measure: Measure::Quantity, period: Period::Months(Months { count: 1, anchor-day: 31 }), max: 100 }, counted: 100, added: 1, resets-ms: 2592000000 }))]
        at 30d
        probe report-usage 1 alice:gpt:100:30d:b           => [ReportResult::Charged(Charge { usage: 2, credits: 30 })]
        probe report-usage 1 alice:gpt:1:30d:c             => [ReportResult::Refused(LimitReached(LimitExcess { limit: Limit { service: Some("gpt"), measure: Measure::Quantity, period: Period::Months(Months { count: 1, anchor-day: 31 }), max: 100 }, counted: 100, added: 1, resets-ms: 5011200000 }))]
        at 58d
        probe report-usage 1 alice:gpt:100:58d:c           => [ReportResult::Charged(Charge { usage: 3, credits: 30 })]
        balance alice                                      => 910 free, 0 later, 0 held; grants [1]; Issuer gpt:Quantity:1months@31: 100 of 100; Issuer gpt:Usages:2weeks: 1 of 3
        tina set-limit 1 alice gpt:quantity:13months@1:1   => OutOfRange(Range { parameter: "period", given: 13, min: 1, max: 12 })
        tina set-limit 1 alice gpt:quantity:1months@32:1   => OutOfRange(Range { parameter: "anchor-day", given: 32, min: 1, max: 31 })
        tina set-limit 1 alice gpt:quantity:0days:1        => OutOfRange(Range { parameter: "period", given: 0, min: 1, max: 366 })
    "#]]);
}

#[test]
fn limits_change_and_go() {
    check(expect![[r#"
        tina grant-credits 1 alice 1000 - 90d 1 - -       => 1
        probe report-usage 1 alice:gpt:100:1000:a         => [ReportResult::Charged(Charge { usage: 1, credits: 30 })]
        tina set-limit 1 alice -:credits:1d:50            => ok
        probe report-usage 1 alice:gpt:100:1000:b         => [ReportResult::Charged(Charge { usage: 2, credits: 30 })]
        probe report-usage 1 alice:gpt:100:1000:c         => [ReportResult::Refused(LimitReached(LimitExcess { limit: Limit { service: None, measure: Measure::Credits, period: Period::Span(86400000), max: 50 }, counted: 30, added: 30, resets-ms: 43200000 }))]
        tina set-limit 1 alice -:credits:1d:20            => ok
        probe report-usage 1 alice:free:100:1000:c        => [ReportResult::Charged(Charge { usage: 3, credits: 0 })]
        tina set-limit 1 alice -:credits:1d:60            => ok
        probe report-usage 1 alice:gpt:100:1000:d         => [ReportResult::Charged(Charge { usage: 4, credits: 30 })]
        alice remove-limit 1 alice -:credits:1d:0         => UnknownLimit
        tina remove-limit 1 alice -:credits:1d:0          => ok
        balance alice                                     => 910 free, 0 later, 0 held; grants [1]
        alice set-limit 1 alice -:usages:1d:0             => ok
        alice authorise-usage 1 alice free 1 probe 1h - - => LimitReached(LimitExcess { limit: Limit { service: None, measure: Measure::Usages, period: Period::Span(86400000), max: 0 }, counted: 0, added: 1, resets-ms: 43200000 })
        events
          | CreditsGranted(Grant { id: 1, programme: 1, account: alice, amount: 1000, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 1000, expires-ms: 7776000000, state: GrantState::Open, deadline-ms: Some(7776000000), purchase: None, reference: "", ended-ms: None })
          | UsageReported(Usage { id: 1, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 100, credits-max: 30, quantity: 100, credits: 30, draws: [Draw { source: Source::Grant(1), credits: 30 }], state: UsageState::Captured, at-ms: 1000, expires-ms: 1000, reference: "a" })
          | LimitSet(AccountLimit { programme: 1, account: alice, set-by: LimitSetter::Issuer, limit: Limit { service: None, measure: Measure::Credits, period: Period::Span(86400000), max: 50 }, at-ms: 1000 })
          | UsageReported(Usage { id: 2, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 100, credits-max: 30, quantity: 100, credits: 30, draws: [Draw { source: Source::Grant(1), credits: 30 }], state: UsageState::Captured, at-ms: 1000, expires-ms: 1000, reference: "b" })
          | LimitSet(AccountLimit { programme: 1, account: alice, set-by: LimitSetter::Issuer, limit: Limit { service: None, measure: Measure::Credits, period: Period::Span(86400000), max: 20 }, at-ms: 1000 })
          | UsageReported(Usage { id: 3, programme: 1, account: alice, service: "free", meter: probe, price: Price { version: 1, credits: 0, per: 1, effective-ms: 1000 }, quantity-max: 100, credits-max: 0, quantity: 100, credits: 0, draws: [], state: UsageState::Captured, at-ms: 1000, expires-ms: 1000, reference: "c" })
          | LimitSet(AccountLimit { programme: 1, account: alice, set-by: LimitSetter::Issuer, limit: Limit { service: None, measure: Measure::Credits, period: Period::Span(86400000), max: 60 }, at-ms: 1000 })
          | UsageReported(Usage { id: 4, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 100, credits-max: 30, quantity: 100, credits: 30, draws: [Draw { source: Source::Grant(1), credits: 30 }], state: UsageState::Captured, at-ms: 1000, expires-ms: 1000, reference: "d" })
          | LimitRemoved(AccountLimit { programme: 1, account: alice, set-by: LimitSetter::Issuer, limit: Limit { service: None, measure: Measure::Credits, period: Period::Span(86400000), max: 60 }, at-ms: 1000 })
          | LimitSet(AccountLimit { programme: 1, account: alice, set-by: LimitSetter::Account, limit: Limit { service: None, measure: Measure::Usages, period: Period::Span(86400000), max: 0 }, at-ms: 1000 })
    "#]]);
}

#[test]
fn accounts_begin_with_the_default_limits() {
    check(expect![[r#"
        sam set-default-limits 1 -:usages:1h:2 gpt:quantity:1d:10 -:usages:1h:3                              => ok
        probe report-usage 1 alice:free:1:1000:a alice:free:1:1000:b alice:free:1:1000:c alice:free:1:1000:d => [ReportResult::Charged(Charge { usage: 1, credits: 0 }), ReportResult::Charged(Charge { usage: 2, credits: 0 }), ReportResult::Charged(Charge { usage: 3, credits: 0 }), ReportResult::Refused(LimitReached(LimitExcess { limit: Limit { service: None, measure: Measure::Usages, period: Period::Span(3600000), max: 3 }, counted: 3, added: 1, resets-ms: 1800000 }))]
        balance alice                                                                                        => 0 free, 0 later, 0 held; grants []; Issuer -:Usages:1h: 3 of 3; Issuer gpt:Quantity:1d: 0 of 10
        sam set-default-limits 1                                                                             => ok
        probe report-usage 1 bob:free:1:1000:a bob:free:1:1000:e                                             => [ReportResult::Duplicate(1), ReportResult::Charged(Charge { usage: 4, credits: 0 })]
        balance bob                                                                                          => 0 free, 0 later, 0 held; grants []
    "#]]);
}

#[test]
fn limits_are_refused() {
    check(expect![[r#"
        alice set-limit 1 alice -:quantity:1d:1                                                        => QuantityWithoutService
        alice set-limit 1 alice GPT:quantity:1d:1                                                      => MalformedService("GPT")
        alice set-limit 1 alice -:usages:999:1                                                         => OutOfRange(Range { parameter: "period", given: 999, min: 1000, max: 31622400000 })
        alice set-limit 1 alice -:usages:366d+1:1                                                      => OutOfRange(Range { parameter: "period", given: 31622400001, min: 1000, max: 31622400000 })
        alice set-limit 2 alice -:usages:1d:1                                                          => UnknownItem(Item { kind: "programme", id: 2 })
        bob set-limit 1 alice -:usages:1d:1                                                            => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        carl set-limit 1 alice -:usages:1d:1                                                           => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        sam set-limit 1 alice -:usages:1d:1                                                            => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        alice remove-limit 1 alice -:usages:1d:1                                                       => UnknownLimit
        tina set-limit 1 nobody -:usages:1d:1                                                          => InactiveAccount(nobody)
        alice set-limit 1 alice -:usages:1d:1                                                          => ok
        alice set-limit 1 alice -:usages:2d:1                                                          => ok
        alice set-limit 1 alice -:usages:3d:1                                                          => ok
        alice set-limit 1 alice -:usages:366d:max                                                      => ok
        alice set-limit 1 alice -:usages:5d:1                                                          => TooMany(Bound { what: "limits", max: 4 })
        alice set-limit 1 alice -:usages:1d:2                                                          => ok
        tina set-limit 1 alice -:usages:5d:1                                                           => ok
        alice remove-limit 1 alice -:usages:5d:1                                                       => UnknownLimit
        sam set-default-limits 1 -:usages:1d:1 -:usages:2d:1 -:usages:3d:1 -:usages:4d:1 -:usages:5d:1 => TooMany(Bound { what: "default-limits", max: 4 })
        sam set-default-limits 1 -:quantity:1d:1                                                       => QuantityWithoutService
        tina set-default-limits 1 -:usages:1d:1                                                        => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("seller") })
        sam set-default-limits 2 -:usages:1d:1                                                         => UnknownItem(Item { kind: "programme", id: 2 })
    "#]]);
}
