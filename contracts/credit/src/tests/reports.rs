//! Reports of meters: batches, and the price of the time of use.

use expect_test::expect;

use super::table::check;

#[test]
fn reports_are_charged_by_the_price_of_their_time_after_many_changes() {
    check(expect![[r#"
        tina grant-credits 1 alice 1000 - 90d 1 - -                => 1
        at 1h
        sam set-price 1 gpt 1 1 -                                  => 2
        at 2h
        sam set-price 1 gpt 2 1 -                                  => 3
        at 3h
        sam set-price 1 gpt 3 1 -                                  => 4
        at 4h
        sam set-price 1 gpt 4 1 -                                  => 5
        at 5h
        sam set-price 1 gpt 5 1 -                                  => 6
        at 6h
        sam set-price 1 gpt 6 1 -                                  => 7
        at 7h
        sam set-price 1 gpt 7 1 -                                  => 8
        at 8h
        sam set-price 1 gpt 8 1 -                                  => 9
        at 9h
        sam set-price 1 gpt 9 1 -                                  => 10
        at 10h
        sam set-price 1 gpt 10 1 -                                 => 11
        at 11h
        sam set-price 1 gpt 11 1 -                                 => 12
        at 12h
        sam set-price 1 gpt 12 1 -                                 => 13
        at 13h
        sam set-price 1 gpt 13 1 -                                 => 14
        at 14h
        sam set-price 1 gpt 14 1 -                                 => 15
        at 15h
        sam set-price 1 gpt 15 1 -                                 => 16
        at 16h
        sam set-price 1 gpt 16 1 -                                 => TooMany(Bound { what: "prices", max: 16 })
        probe report-usage 1 alice:gpt:10:1000:a alice:gpt:10:2h:b => [ReportResult::Charged(Charge { usage: 1, credits: 3 }), ReportResult::Charged(Charge { usage: 2, credits: 20 })]
        at 31d+1h
        sam set-price 1 gpt 99 1 -                                 => 17
        probe report-usage 1 alice:gpt:10:2h:c                     => [ReportResult::Charged(Charge { usage: 3, credits: 20 })]
        at 32d
        sam set-price 1 gpt 98 1 -                                 => 18
        sam get-service 1 gpt                                      => PricedService { programme: 1, id: "gpt", prices: [Price { version: 16, credits: 15, per: 1, effective-ms: 54000000 }, Price { version: 17, credits: 99, per: 1, effective-ms: 2682000000 }, Price { version: 18, credits: 98, per: 1, effective-ms: 2764800000 }], retired-ms: None }
    "#]]);
}

#[test]
fn a_batch_is_charged_report_by_report() {
    check(expect![[r#"
        tina grant-credits 1 alice 10 - 9d 1 - -                                                                             => 1
        at 1d
        probe report-usage 1 alice:gpt:11:1000:a alice:gpt:100:1000:b bob:gpt:1:1000:c alice:gpt:11:1000:a alice:free:7:1d:d => [ReportResult::Charged(Charge { usage: 1, credits: 4 }), ReportResult::Refused(InsufficientCredit(CreditShortfall { account: alice, available: 6, needed: 30 })), ReportResult::Refused(InsufficientCredit(CreditShortfall { account: bob, available: 0, needed: 1 })), ReportResult::Duplicate(1), ReportResult::Charged(Charge { usage: 2, credits: 0 })]
        probe report-usage 1 alice:gpt:11:1000:a alice:gpt:20:1d:b                                                           => [ReportResult::Duplicate(1), ReportResult::Charged(Charge { usage: 3, credits: 6 })]
        balance alice                                                                                                        => 0 free, 0 later, 0 held; grants []
        usage 1                                                                                                              => Captured: 11 of 11 gpt, 4 of 4 credits (4 of grant 1)
        alice get-reported-usage 1 probe b                                                                                   => Usage { id: 3, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 20, credits-max: 6, quantity: 20, credits: 6, draws: [Draw { source: Source::Grant(1), credits: 6 }], state: UsageState::Captured, at-ms: 86400000, expires-ms: 86400000, reference: "b" }
        alice get-reported-usage 1 probe z                                                                                   => UnknownItem(Item { kind: "usage", id: 0 })
        statement alice 197001
          | 0 + 10 granted - 10 used - 0 expired - 0 revoked - 0 refunded = 0; 0 drawn
          | free: 1 usages, quantity 7, 0 credits
          | gpt: 2 usages, quantity 31, 10 credits
        events
          | CreditsGranted(Grant { id: 1, programme: 1, account: alice, amount: 10, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 1000, expires-ms: 777600000, state: GrantState::Open, deadline-ms: Some(777600000), purchase: None, reference: "", ended-ms: None })
          | UsageReported(Usage { id: 1, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 11, credits-max: 4, quantity: 11, credits: 4, draws: [Draw { source: Source::Grant(1), credits: 4 }], state: UsageState::Captured, at-ms: 86400000, expires-ms: 86400000, reference: "a" })
          | UsageReported(Usage { id: 2, programme: 1, account: alice, service: "free", meter: probe, price: Price { version: 1, credits: 0, per: 1, effective-ms: 1000 }, quantity-max: 7, credits-max: 0, quantity: 7, credits: 0, draws: [], state: UsageState::Captured, at-ms: 86400000, expires-ms: 86400000, reference: "d" })
          | UsageReported(Usage { id: 3, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 20, credits-max: 6, quantity: 20, credits: 6, draws: [Draw { source: Source::Grant(1), credits: 6 }], state: UsageState::Captured, at-ms: 86400000, expires-ms: 86400000, reference: "b" })
          | GrantEnding(Ending { grant: 1, state: GrantState::Settling, at-ms: 86400000 })
          | GrantClosed(Grant { id: 1, programme: 1, account: alice, amount: 10, used: 10, used-removed: 0, held: 0, priority: 1, effective-ms: 1000, expires-ms: 777600000, state: GrantState::Exhausted, deadline-ms: None, purchase: None, reference: "", ended-ms: Some(86400000) })
    "#]]);
}

#[test]
fn a_report_is_charged_at_the_price_of_its_time() {
    check(expect![[r#"
        tina grant-credits 1 alice 10000 - 90d 1 - -                                                    => 1
        sam set-price 1 gpt 5 1 2d                                                                      => 2
        at 3d
        sam set-price 1 gpt 7 1 4d                                                                      => 3
        sam set-price 1 gpt 8 1 5d                                                                      => 4
        at 6d
        sam set-price 1 gpt 9 1 -                                                                       => 5
        at 7d
        sam retire-service 1 gpt                                                                        => ok
        at 8d
        probe report-usage 1 alice:gpt:10:999:a alice:gpt:10:1000:b alice:gpt:10:2d:c alice:gpt:10:5d:d => [ReportResult::Refused(NoPrice(UnpricedService { service: "gpt", at-ms: 999 })), ReportResult::Charged(Charge { usage: 1, credits: 3 }), ReportResult::Charged(Charge { usage: 2, credits: 50 }), ReportResult::Charged(Charge { usage: 3, credits: 80 })]
        probe report-usage 1 alice:gpt:10:6d:e alice:gpt:10:7d:f alice:gpt:10:8d:g                      => [ReportResult::Charged(Charge { usage: 4, credits: 90 }), ReportResult::Refused(NoPrice(UnpricedService { service: "gpt", at-ms: 604800000 })), ReportResult::Refused(NoPrice(UnpricedService { service: "gpt", at-ms: 691200000 }))]
        alice get-service 1 gpt                                                                         => PricedService { programme: 1, id: "gpt", prices: [Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, Price { version: 2, credits: 5, per: 1, effective-ms: 172800000 }, Price { version: 4, credits: 8, per: 1, effective-ms: 432000000 }, Price { version: 5, credits: 9, per: 1, effective-ms: 518400000 }], retired-ms: Some(604800000) }
        at 32d
        probe report-usage 1 alice:gpt:10:1d:h alice:gpt:10:23h+3599999:i                               => [ReportResult::Charged(Charge { usage: 5, credits: 3 }), ReportResult::Refused(OutOfRange(Range { parameter: "used-ms", given: 86399999, min: 86400000, max: 2764800000 }))]
    "#]]);
}

#[test]
fn a_report_spends_a_bought_grant_without_calling_the_wallet() {
    check(expect![[r#"
        alice purchase 1 - 30 max -                                                         => 1
        tina grant-credits 1 alice 30 - 9d 0 - -                                            => 2
        probe report-usage 1 alice:gpt:100:1000:a alice:gpt:100:1000:b alice:gpt:100:1000:c => [ReportResult::Charged(Charge { usage: 1, credits: 30 }), ReportResult::Charged(Charge { usage: 2, credits: 30 }), ReportResult::Refused(InsufficientCredit(CreditShortfall { account: alice, available: 0, needed: 30 }))]
        grant 1                                                                             => Settling: 30 used, 0 held of 30; due 1000; price 15, 0 settled, 0 returned
        grant 2                                                                             => Exhausted: 30 used, 0 held of 30; due none
        due                                                                                 => grant 1 1000, removal 2 40d+1000, removal 1 100d+1000, grant 2 400d+1000
        bob advance-due 32                                                                  => 1
        grant 1                                                                             => Exhausted: 30 used, 0 held of 30; due none; price 15, 15 settled, 0 returned
        money                                                                               => alice 9985+0, theo 10000+0, bob 10000+0, till 15+0
    "#]]);
}

#[test]
fn reports_are_refused() {
    let mut host = super::table::scene();
    let batch = |count: usize| {
        let reports: Vec<String> =
            (0..count).map(|number| format!("alice:free:1:1000:r{number}")).collect();
        format!("probe report-usage 1 {}", reports.join(" "))
    };
    let refusal = super::conservation::perform(&mut host, &batch(25));
    expect![[r#"OutOfRange(Range { parameter: "reports", given: 25, min: 1, max: 24 })"#]]
        .assert_eq(&refusal);
    let results = super::conservation::perform(&mut host, &batch(24));
    assert_eq!(results.matches("Charged").count(), 24);
    super::table::run(
        &mut host,
        expect![[r#"
            probe report-usage 1                                                                                  => OutOfRange(Range { parameter: "reports", given: 0, min: 1, max: 24 })
            probe report-usage 2 alice:gpt:1:1000:a                                                               => UnknownItem(Item { kind: "programme", id: 2 })
            till report-usage 1 alice:gpt:1:1000:a                                                                => UnknownMeter(till)
            cloud report-usage 1 alice:gpt:1:1000:a                                                               => UnknownMeter(cloud)
            probe report-usage 1 alice:GPT:1:1000:a alice:gpt:0:1000:a alice:gpt:max:1000:a alice:gpt:1:1001:a    => [ReportResult::Refused(MalformedService("GPT")), ReportResult::Refused(ZeroAmount), ReportResult::Refused(OutOfRange(Range { parameter: "quantity", given: 18446744073709551615, min: 1, max: 1000000000000 })), ReportResult::Refused(OutOfRange(Range { parameter: "used-ms", given: 1001, min: 0, max: 1000 }))]
            probe report-usage 1 alice:gpt:1:1000:- alice:gpt:1:1000:65*x alice:gpt:1:1000:a nobody:free:1:1000:a => [ReportResult::Refused(OutOfRange(Range { parameter: "reference", given: 0, min: 1, max: 64 })), ReportResult::Refused(OutOfRange(Range { parameter: "reference", given: 65, min: 1, max: 64 })), ReportResult::Refused(InsufficientCredit(CreditShortfall { account: alice, available: 0, needed: 1 })), ReportResult::Refused(InactiveAccount(nobody))]
        "#]],
    );
}
