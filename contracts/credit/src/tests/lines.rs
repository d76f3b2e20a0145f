//! Credit lines from offer to end: draws, bills, delinquency, suspension and write-off.

use expect_test::expect;

use super::table::check;

#[test]
fn a_line_is_drawn_billed_and_paid() {
    check(expect![[r#"
        tina offer-credit-line 1 alice 100 EUR 7 2 30d 10d 60d 365d 1d - => 1
        alice accept-credit-line 1                                       => ok
        tina grant-credits 1 alice 10 - 9d 1 - -                         => 1
        alice authorise-usage 1 alice gpt 101 probe 1h - -               => 1
        usage 1                                                          => Authorised: 0 of 101 gpt, 0 of 31 credits (10 of grant 1, 21 of line 1)
        balance alice                                                    => 0 free, 0 later, 10 held; grants [1]; line 1 with 79 free
        probe capture-usage 1 101 -                                      => 31
        line 1                                                           => Active: 0 held, 21 unbilled, 0 billed, 0 written off of 100; period 1 until 30d+1000, ends 365d+1000; due 30d+1000
        probe report-usage 1 alice:gpt:11:1000:a                         => [ReportResult::Charged(Charge { usage: 2, credits: 4 })]
        statement alice 197001
          | 0 + 10 granted - 10 used - 0 expired - 0 revoked - 0 refunded = 0; 25 drawn
          | gpt: 2 usages, quantity 112, 35 credits
        at 30d+1000
        bob advance credit-line 1                                        => ok
        line 1                                                           => Active: 0 held, 0 unbilled, 25 billed, 0 written off of 100; period 2 until 60d+1000, ends 365d+1000; due 40d+1000
        bill 1                                                           => Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 2592001000, credits: 25, amount: 88, paid: 0, due-ms: 3456001000, state: BillState::Due }
        alice list-bill-lines 1 - 10                                     => StatementLinePage { lines: [StatementLine { service: "gpt", usages: 2, quantity: 112, credits: 25 }], next: None }
        bob pay-bill 1 50 -                                              => ok
        alice pay-bill 1 100 -                                           => OutOfRange(Range { parameter: "amount", given: 100, min: 1, max: 38 })
        alice pay-bill 1 37 -                                            => ok
        alice pay-bill 1 1 -                                             => ok
        bill 1                                                           => Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 2592001000, credits: 25, amount: 88, paid: 88, due-ms: 3456001000, state: BillState::Paid }
        line 1                                                           => Active: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 2 until 60d+1000, ends 365d+1000; due 60d+1000
        money                                                            => alice 9962+0, theo 10000+0, bob 9950+0, till 88+0
        events
          | CreditLineOffered(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 7, per: 2, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Offered, offer-expires-ms: 86401000, ends-ms: None, cycle: 0, cycle-from-ms: None, cycle-ends-ms: None, held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: None, bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditLineAccepted(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 7, per: 2, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(31536001000), cycle: 1, cycle-from-ms: Some(1000), cycle-ends-ms: Some(2592001000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(1000), bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditsGranted(Grant { id: 1, programme: 1, account: alice, amount: 10, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 1000, expires-ms: 777600000, state: GrantState::Open, deadline-ms: Some(777600000), purchase: None, reference: "", ended-ms: None })
          | UsageAuthorised(Usage { id: 1, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 101, credits-max: 31, quantity: 0, credits: 0, draws: [Draw { source: Source::Grant(1), credits: 10 }, Draw { source: Source::CreditLine(1), credits: 21 }], state: UsageState::Authorised, at-ms: 1000, expires-ms: 3601000, reference: "" })
          | UsageCaptured(Capture { usage: 1, quantity: 101, credits: 31, at-ms: 1000 })
          | GrantEnding(Ending { grant: 1, state: GrantState::Settling, at-ms: 1000 })
          | GrantClosed(Grant { id: 1, programme: 1, account: alice, amount: 10, used: 10, used-removed: 0, held: 0, priority: 1, effective-ms: 1000, expires-ms: 777600000, state: GrantState::Exhausted, deadline-ms: None, purchase: None, reference: "", ended-ms: Some(1000) })
          | UsageReported(Usage { id: 2, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 11, credits-max: 4, quantity: 11, credits: 4, draws: [Draw { source: Source::CreditLine(1), credits: 4 }], state: UsageState::Captured, at-ms: 1000, expires-ms: 1000, reference: "a" })
          | CreditLineBilled(Billing { credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 7, per: 2, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(31536001000), cycle: 2, cycle-from-ms: Some(2592001000), cycle-ends-ms: Some(5184001000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(2592001000), bills: 1, bill: Some(1), billed: 25, due-ms: Some(3456001000), written-off: 0, suspended: false, ended-ms: None }, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 2592001000, credits: 25, amount: 88, paid: 0, due-ms: 3456001000, state: BillState::Due } })
          | BillPaid(BillPayment { payer: bob, amount: 50, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 2592001000, credits: 25, amount: 88, paid: 50, due-ms: 3456001000, state: BillState::Due }, credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 7, per: 2, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(31536001000), cycle: 2, cycle-from-ms: Some(2592001000), cycle-ends-ms: Some(5184001000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(2592001000), bills: 1, bill: Some(1), billed: 25, due-ms: Some(3456001000), written-off: 0, suspended: false, ended-ms: None } })
          | BillPaid(BillPayment { payer: alice, amount: 37, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 2592001000, credits: 25, amount: 88, paid: 87, due-ms: 3456001000, state: BillState::Due }, credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 7, per: 2, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(31536001000), cycle: 2, cycle-from-ms: Some(2592001000), cycle-ends-ms: Some(5184001000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(2592001000), bills: 1, bill: Some(1), billed: 25, due-ms: Some(3456001000), written-off: 0, suspended: false, ended-ms: None } })
          | BillPaid(BillPayment { payer: alice, amount: 1, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 2592001000, credits: 25, amount: 88, paid: 88, due-ms: 3456001000, state: BillState::Paid }, credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 7, per: 2, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(31536001000), cycle: 2, cycle-from-ms: Some(2592001000), cycle-ends-ms: Some(5184001000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(2592001000), bills: 1, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None } })
    "#]]);
}

#[test]
fn a_missed_bill_stops_draws_until_it_is_paid() {
    check(expect![[r#"
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d - => 1
        alice accept-credit-line 1                                       => ok
        probe report-usage 1 alice:gpt:100:1000:a                        => [ReportResult::Charged(Charge { usage: 1, credits: 30 })]
        alice authorise-usage 1 alice gpt 100 probe 20d - -              => 2
        at 30d+1000
        bob advance-due 32                                               => 1
        at 40d+1000
        probe report-usage 1 alice:gpt:1:40d:b                           => [ReportResult::Refused(InsufficientCredit(CreditShortfall { account: alice, available: 0, needed: 1 }))]
        line 1                                                           => Delinquent: 0 held, 0 unbilled, 30 billed, 0 written off of 100; period 2 until 60d+1000, ends 365d+1000; due 100d+1000
        bill 1                                                           => Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 2592001000, credits: 30, amount: 30, paid: 0, due-ms: 3456001000, state: BillState::Overdue }
        alice pay-bill 1 29 -                                            => ok
        bob advance credit-line 1                                        => TooEarly(Deadline { item: Item { kind: "credit-line", id: 1 }, deadline-ms: 8640001000, now-ms: 3456001000 })
        alice pay-bill 1 1 -                                             => ok
        line 1                                                           => Active: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 2 until 60d+1000, ends 365d+1000; due 60d+1000
        probe report-usage 1 alice:gpt:1:40d:b                           => [ReportResult::Charged(Charge { usage: 3, credits: 1 })]
        at 60d+1000
        bob advance-due 32                                               => 2
        bill 2                                                           => Bill { id: 2, credit-line: 1, number: 2, from-ms: 2592001000, until-ms: 5184001000, credits: 1, amount: 1, paid: 0, due-ms: 6048001000, state: BillState::Due }
        line 1                                                           => Active: 0 held, 0 unbilled, 1 billed, 0 written off of 100; period 3 until 90d+1000, ends 365d+1000; due 70d+1000
        events
          | CreditLineOffered(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Offered, offer-expires-ms: 86401000, ends-ms: None, cycle: 0, cycle-from-ms: None, cycle-ends-ms: None, held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: None, bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditLineAccepted(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(31536001000), cycle: 1, cycle-from-ms: Some(1000), cycle-ends-ms: Some(2592001000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(1000), bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | UsageReported(Usage { id: 1, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 100, credits-max: 30, quantity: 100, credits: 30, draws: [Draw { source: Source::CreditLine(1), credits: 30 }], state: UsageState::Captured, at-ms: 1000, expires-ms: 1000, reference: "a" })
          | UsageAuthorised(Usage { id: 2, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 100, credits-max: 30, quantity: 0, credits: 0, draws: [Draw { source: Source::CreditLine(1), credits: 30 }], state: UsageState::Authorised, at-ms: 1000, expires-ms: 1728001000, reference: "" })
          | CreditLineBilled(Billing { credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(31536001000), cycle: 2, cycle-from-ms: Some(2592001000), cycle-ends-ms: Some(5184001000), held: 30, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(2592001000), bills: 1, bill: Some(1), billed: 30, due-ms: Some(3456001000), written-off: 0, suspended: false, ended-ms: None }, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 2592001000, credits: 30, amount: 30, paid: 0, due-ms: 3456001000, state: BillState::Due } })
          | UsageTimedOut(UsageRelease { usage: 2, at-ms: 2592001000 })
          | CreditLineDelinquent(Billing { credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Delinquent, offer-expires-ms: 86401000, ends-ms: Some(31536001000), cycle: 2, cycle-from-ms: Some(2592001000), cycle-ends-ms: Some(5184001000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(2592001000), bills: 1, bill: Some(1), billed: 30, due-ms: Some(3456001000), written-off: 0, suspended: false, ended-ms: None }, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 2592001000, credits: 30, amount: 30, paid: 0, due-ms: 3456001000, state: BillState::Overdue } })
          | BillPaid(BillPayment { payer: alice, amount: 29, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 2592001000, credits: 30, amount: 30, paid: 29, due-ms: 3456001000, state: BillState::Overdue }, credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Delinquent, offer-expires-ms: 86401000, ends-ms: Some(31536001000), cycle: 2, cycle-from-ms: Some(2592001000), cycle-ends-ms: Some(5184001000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(2592001000), bills: 1, bill: Some(1), billed: 30, due-ms: Some(3456001000), written-off: 0, suspended: false, ended-ms: None } })
          | BillPaid(BillPayment { payer: alice, amount: 1, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 2592001000, credits: 30, amount: 30, paid: 30, due-ms: 3456001000, state: BillState::Paid }, credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Delinquent, offer-expires-ms: 86401000, ends-ms: Some(31536001000), cycle: 2, cycle-from-ms: Some(2592001000), cycle-ends-ms: Some(5184001000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(2592001000), bills: 1, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None } })
          | CreditLineCured(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(31536001000), cycle: 2, cycle-from-ms: Some(2592001000), cycle-ends-ms: Some(5184001000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(2592001000), bills: 1, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | UsageReported(Usage { id: 3, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 1, credits-max: 1, quantity: 1, credits: 1, draws: [Draw { source: Source::CreditLine(1), credits: 1 }], state: UsageState::Captured, at-ms: 3456001000, expires-ms: 3456001000, reference: "b" })
          | ReferencesRemoved(Removal { first: 1, last: 2 })
          | CreditLineBilled(Billing { credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(31536001000), cycle: 3, cycle-from-ms: Some(5184001000), cycle-ends-ms: Some(7776001000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(5184001000), bills: 2, bill: Some(2), billed: 1, due-ms: Some(6048001000), written-off: 0, suspended: false, ended-ms: None }, bill: Bill { id: 2, credit-line: 1, number: 2, from-ms: 2592001000, until-ms: 5184001000, credits: 1, amount: 1, paid: 0, due-ms: 6048001000, state: BillState::Due } })
    "#]]);
}

#[test]
fn a_delinquent_line_is_written_off() {
    check(expect![[r#"
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d - => 1
        alice accept-credit-line 1                                       => ok
        probe report-usage 1 alice:gpt:100:1000:a                        => [ReportResult::Charged(Charge { usage: 1, credits: 30 })]
        at 30d+1000
        bob advance credit-line 1                                        => ok
        probe report-usage 1 alice:gpt:10:30d:b                          => [ReportResult::Charged(Charge { usage: 2, credits: 3 })]
        alice authorise-usage 1 alice gpt 10 probe 31d - -               => 3
        at 40d+1000
        bob advance credit-line 1                                        => ok
        line 1                                                           => Delinquent: 3 held, 3 unbilled, 30 billed, 0 written off of 100; period 2 until 60d+1000, ends 365d+1000; due 100d+1000
        alice pay-bill 1 10 -                                            => ok
        alice write-off-credit-line 1                                    => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        tina write-off-credit-line 1                                     => ok
        probe capture-usage 3 10 -                                       => 3
        line 1                                                           => WrittenOff: 0 held, 0 unbilled, 0 billed, 36 written off of 100; period 2 until 60d+1000, ends 365d+1000; due none
        bill 1                                                           => Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 2592001000, credits: 30, amount: 30, paid: 10, due-ms: 3456001000, state: BillState::WrittenOff }
        alice pay-bill 1 10 -                                            => ok
        tina offer-credit-line 1 alice 100 EUR 1 1 1h 1h 60d 365d 1d -   => 2
        alice accept-credit-line 2                                       => ok
        probe report-usage 1 alice:gpt:10:40d:c                          => [ReportResult::Charged(Charge { usage: 4, credits: 3 })]
        at 41d
        bob advance-due 32                                               => 2
        line 2                                                           => Active: 0 held, 0 unbilled, 3 billed, 0 written off of 100; period 24 until 41d+1000, ends 405d+1000; due 41d+1000
        at 42d
        bob advance-due 32                                               => 1
        line 2                                                           => Delinquent: 0 held, 0 unbilled, 3 billed, 0 written off of 100; period 24 until 41d+1000, ends 405d+1000; due 101d+1h
        at 102d
        bob advance-due 32                                               => 3
        line 2                                                           => WrittenOff: 0 held, 0 unbilled, 0 billed, 3 written off of 100; period 24 until 41d+1000, ends 405d+1000; due none
        money                                                            => alice 9980+0, theo 10000+0, bob 10000+0, till 20+0
    "#]]);
}

#[test]
fn a_line_ends_with_its_term_or_before() {
    check(expect![[r#"
        tina offer-credit-line 1 alice 100 EUR 1 1 1d 1d 1d 3d 1d - => 1
        alice accept-credit-line 1                                  => ok
        at 1d+999
        probe report-usage 1 alice:gpt:10:1d:a                      => [ReportResult::Charged(Charge { usage: 1, credits: 3 })]
        at 3d+1000
        probe report-usage 1 alice:gpt:10:3d:b                      => [ReportResult::Refused(InsufficientCredit(CreditShortfall { account: alice, available: 0, needed: 3 }))]
        line 1                                                      => Closing: 0 held, 0 unbilled, 3 billed, 0 written off of 100; period 4 until 4d+1000, ends 3d+1000; due 4d+1000
        alice pay-bill 1 3 -                                        => ok
        line 1                                                      => Closed: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 4 until 4d+1000, ends 3d+1000; due none
        tina offer-credit-line 1 alice 100 EUR 1 1 1d 1d 1d 3d 1d - => 2
        alice accept-credit-line 2                                  => ok
        carl close-credit-line 2                                    => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        theo close-credit-line 2                                    => ok
        line 2                                                      => Closed: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 1 until 4d+1000, ends 3d+1000; due none
        tina offer-credit-line 1 alice 100 EUR 1 1 1d 1d 1d 3d 1d - => 3
        alice accept-credit-line 3                                  => ok
        alice authorise-usage 1 alice gpt 10 probe 5d - -           => 2
        tina close-credit-line 3                                    => ok
        line 3                                                      => Closing: 3 held, 0 unbilled, 0 billed, 0 written off of 100; period 1 until 4d+1000, ends 3d+1000; due 4d+1000
        at 4d+1000
        bob advance-due 32                                          => 1
        at 5d+1000
        bob advance-due 32                                          => 1
        line 3                                                      => Closing: 3 held, 0 unbilled, 0 billed, 0 written off of 100; period 3 until 6d+1000, ends 3d+1000; due 6d+1000
        probe capture-usage 2 10 -                                  => 3
        line 3                                                      => Closing: 0 held, 3 unbilled, 0 billed, 0 written off of 100; period 3 until 6d+1000, ends 3d+1000; due 6d+1000
        at 6d+1000
        bob advance-due 32                                          => 1
        line 3                                                      => Closing: 0 held, 0 unbilled, 3 billed, 0 written off of 100; period 4 until 7d+1000, ends 3d+1000; due 7d+1000
        at 7d+1000
        bob advance credit-line 3                                   => ok
        alice pay-bill 2 3 -                                        => ok
        line 3                                                      => Active: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 4 until 7d+1000, ends 3d+1000; due 3d+1000
        bob advance-due 32                                          => 2
        line 3                                                      => Closed: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 5 until 8d+1000, ends 3d+1000; due none
        events
          | CreditLineOffered(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Offered, offer-expires-ms: 86401000, ends-ms: None, cycle: 0, cycle-from-ms: None, cycle-ends-ms: None, held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: None, bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditLineAccepted(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(259201000), cycle: 1, cycle-from-ms: Some(1000), cycle-ends-ms: Some(86401000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(1000), bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | UsageReported(Usage { id: 1, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 10, credits-max: 3, quantity: 10, credits: 3, draws: [Draw { source: Source::CreditLine(1), credits: 3 }], state: UsageState::Captured, at-ms: 86400999, expires-ms: 86400999, reference: "a" })
          | CreditLineBilled(Billing { credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(259201000), cycle: 4, cycle-from-ms: Some(259201000), cycle-ends-ms: Some(345601000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(86401000), bills: 1, bill: Some(1), billed: 3, due-ms: Some(345601000), written-off: 0, suspended: false, ended-ms: None }, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 86401000, credits: 3, amount: 3, paid: 0, due-ms: 345601000, state: BillState::Due } })
          | CreditLineClosing(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Closing, offer-expires-ms: 86401000, ends-ms: Some(259201000), cycle: 4, cycle-from-ms: Some(259201000), cycle-ends-ms: Some(345601000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(86401000), bills: 1, bill: Some(1), billed: 3, due-ms: Some(345601000), written-off: 0, suspended: false, ended-ms: None })
          | BillPaid(BillPayment { payer: alice, amount: 3, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 86401000, credits: 3, amount: 3, paid: 3, due-ms: 345601000, state: BillState::Paid }, credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Closing, offer-expires-ms: 86401000, ends-ms: Some(259201000), cycle: 4, cycle-from-ms: Some(259201000), cycle-ends-ms: Some(345601000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(86401000), bills: 1, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None } })
          | CreditLineClosed(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Closed, offer-expires-ms: 86401000, ends-ms: Some(259201000), cycle: 4, cycle-from-ms: Some(259201000), cycle-ends-ms: Some(345601000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(86401000), bills: 1, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: Some(259201000) })
          | CreditLineOffered(CreditLine { id: 2, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Offered, offer-expires-ms: 345601000, ends-ms: None, cycle: 0, cycle-from-ms: None, cycle-ends-ms: None, held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: None, bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditLineAccepted(CreditLine { id: 2, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Active, offer-expires-ms: 345601000, ends-ms: Some(518401000), cycle: 1, cycle-from-ms: Some(259201000), cycle-ends-ms: Some(345601000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(259201000), bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditLineClosing(CreditLine { id: 2, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Closing, offer-expires-ms: 345601000, ends-ms: Some(259201000), cycle: 1, cycle-from-ms: Some(259201000), cycle-ends-ms: Some(345601000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(259201000), bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditLineClosed(CreditLine { id: 2, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Closed, offer-expires-ms: 345601000, ends-ms: Some(259201000), cycle: 1, cycle-from-ms: Some(259201000), cycle-ends-ms: Some(345601000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(259201000), bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: Some(259201000) })
          | CreditLineOffered(CreditLine { id: 3, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Offered, offer-expires-ms: 345601000, ends-ms: None, cycle: 0, cycle-from-ms: None, cycle-ends-ms: None, held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: None, bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditLineAccepted(CreditLine { id: 3, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Active, offer-expires-ms: 345601000, ends-ms: Some(518401000), cycle: 1, cycle-from-ms: Some(259201000), cycle-ends-ms: Some(345601000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(259201000), bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | UsageAuthorised(Usage { id: 2, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 10, credits-max: 3, quantity: 0, credits: 0, draws: [Draw { source: Source::CreditLine(3), credits: 3 }], state: UsageState::Authorised, at-ms: 259201000, expires-ms: 691201000, reference: "" })
          | CreditLineClosing(CreditLine { id: 3, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Closing, offer-expires-ms: 345601000, ends-ms: Some(259201000), cycle: 1, cycle-from-ms: Some(259201000), cycle-ends-ms: Some(345601000), held: 3, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(259201000), bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | BillingCycleEnded(CreditLine { id: 3, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Closing, offer-expires-ms: 345601000, ends-ms: Some(259201000), cycle: 2, cycle-from-ms: Some(345601000), cycle-ends-ms: Some(432001000), held: 3, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(345601000), bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | BillingCycleEnded(CreditLine { id: 3, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Closing, offer-expires-ms: 345601000, ends-ms: Some(259201000), cycle: 3, cycle-from-ms: Some(432001000), cycle-ends-ms: Some(518401000), held: 3, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(432001000), bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | UsageCaptured(Capture { usage: 2, quantity: 10, credits: 3, at-ms: 432001000 })
          | CreditLineBilled(Billing { credit-line: CreditLine { id: 3, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Closing, offer-expires-ms: 345601000, ends-ms: Some(259201000), cycle: 4, cycle-from-ms: Some(518401000), cycle-ends-ms: Some(604801000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(518401000), bills: 1, bill: Some(2), billed: 3, due-ms: Some(604801000), written-off: 0, suspended: false, ended-ms: None }, bill: Bill { id: 2, credit-line: 3, number: 1, from-ms: 432001000, until-ms: 518401000, credits: 3, amount: 3, paid: 0, due-ms: 604801000, state: BillState::Due } })
          | CreditLineDelinquent(Billing { credit-line: CreditLine { id: 3, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Delinquent, offer-expires-ms: 345601000, ends-ms: Some(259201000), cycle: 4, cycle-from-ms: Some(518401000), cycle-ends-ms: Some(604801000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(518401000), bills: 1, bill: Some(2), billed: 3, due-ms: Some(604801000), written-off: 0, suspended: false, ended-ms: None }, bill: Bill { id: 2, credit-line: 3, number: 1, from-ms: 432001000, until-ms: 518401000, credits: 3, amount: 3, paid: 0, due-ms: 604801000, state: BillState::Overdue } })
          | BillPaid(BillPayment { payer: alice, amount: 3, bill: Bill { id: 2, credit-line: 3, number: 1, from-ms: 432001000, until-ms: 518401000, credits: 3, amount: 3, paid: 3, due-ms: 604801000, state: BillState::Paid }, credit-line: CreditLine { id: 3, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Delinquent, offer-expires-ms: 345601000, ends-ms: Some(259201000), cycle: 4, cycle-from-ms: Some(518401000), cycle-ends-ms: Some(604801000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(518401000), bills: 1, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None } })
          | CreditLineCured(CreditLine { id: 3, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Active, offer-expires-ms: 345601000, ends-ms: Some(259201000), cycle: 4, cycle-from-ms: Some(518401000), cycle-ends-ms: Some(604801000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(518401000), bills: 1, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | BillingCycleEnded(CreditLine { id: 3, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Active, offer-expires-ms: 345601000, ends-ms: Some(259201000), cycle: 5, cycle-from-ms: Some(604801000), cycle-ends-ms: Some(691201000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(604801000), bills: 1, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditLineClosing(CreditLine { id: 3, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Closing, offer-expires-ms: 345601000, ends-ms: Some(259201000), cycle: 5, cycle-from-ms: Some(604801000), cycle-ends-ms: Some(691201000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(604801000), bills: 1, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditLineClosed(CreditLine { id: 3, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 259200000 }, state: CreditLineState::Closed, offer-expires-ms: 345601000, ends-ms: Some(259201000), cycle: 5, cycle-from-ms: Some(604801000), cycle-ends-ms: Some(691201000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(604801000), bills: 1, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: Some(604801000) })
    "#]]);
}

#[test]
fn an_offer_is_declined_withdrawn_or_lapses() {
    check(expect![[r#"
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d offer => 1
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d offer => 1
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d -     => CreditLineExists(1)
        alice authorise-usage 1 alice gpt 10 probe 1h - -                    => InsufficientCredit(CreditShortfall { account: alice, available: 0, needed: 3 })
        tina decline-credit-line 1                                           => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        alice withdraw-credit-line 1                                         => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        theo decline-credit-line 1                                           => ok
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d -     => 2
        cloud withdraw-credit-line 2                                         => ok
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d -     => 3
        bob advance credit-line 3                                            => TooEarly(Deadline { item: Item { kind: "credit-line", id: 3 }, deadline-ms: 86401000, now-ms: 1000 })
        at 1d+1000
        alice accept-credit-line 3                                           => TooLate(Deadline { item: Item { kind: "credit-line", id: 3 }, deadline-ms: 86401000, now-ms: 86401000 })
        bob advance credit-line 3                                            => ok
        alice list-credit-lines 1 alice - 2                                  => CreditLinePage { credit-lines: [CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Declined, offer-expires-ms: 86401000, ends-ms: None, cycle: 0, cycle-from-ms: None, cycle-ends-ms: None, held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: None, bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: Some(1000) }, CreditLine { id: 2, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Withdrawn, offer-expires-ms: 86401000, ends-ms: None, cycle: 0, cycle-from-ms: None, cycle-ends-ms: None, held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: None, bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: Some(1000) }], next: Some(2) }
        due                                                                  => credit-line 1 400d+1000, credit-line 2 400d+1000, credit-line 3 401d+1000
    "#]]);
}

#[test]
fn a_suspended_line_is_billed_and_not_drawn() {
    check(expect![[r#"
        tina offer-credit-line 1 alice 100 EUR 1 1 1d 1d 1d 3d 1d - => 1
        alice accept-credit-line 1                                  => ok
        probe report-usage 1 alice:gpt:10:1000:a                    => [ReportResult::Charged(Charge { usage: 1, credits: 3 })]
        alice suspend-credit-line 1                                 => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        tina suspend-credit-line 1                                  => ok
        probe report-usage 1 alice:gpt:10:1000:b                    => [ReportResult::Refused(InsufficientCredit(CreditShortfall { account: alice, available: 0, needed: 3 }))]
        at 1d+1000
        bob advance-due 1                                           => 1
        line 1                                                      => Suspended: 0 held, 0 unbilled, 3 billed, 0 written off of 100; period 2 until 2d+1000, ends 3d+1000; due 2d+1000
        tina resume-credit-line 1                                   => ok
        probe report-usage 1 alice:gpt:10:1000:b                    => [ReportResult::Charged(Charge { usage: 2, credits: 3 })]
        line 1                                                      => Active: 0 held, 3 unbilled, 3 billed, 0 written off of 100; period 2 until 2d+1000, ends 3d+1000; due 2d+1000
        tina suspend-credit-line 1                                  => ok
        at 2d+1000
        bob advance-due 1                                           => 1
        line 1                                                      => Delinquent: 0 held, 3 unbilled, 3 billed, 0 written off of 100; period 2 until 2d+1000, ends 3d+1000; due 3d+1000
    "#]]);
}

#[test]
fn a_borrower_does_not_lift_a_suspension_by_missing_a_bill() {
    check(expect![[r#"
        tina offer-credit-line 1 alice 100 EUR 1 1 1d 1d 1d 9d 1d - => 1
        alice accept-credit-line 1                                  => ok
        probe report-usage 1 alice:gpt:10:1000:a                    => [ReportResult::Charged(Charge { usage: 1, credits: 3 })]
        tina suspend-credit-line 1                                  => ok
        at 1d+1000
        bob advance-due 1                                           => 1
        at 2d+1000
        bob advance-due 1                                           => 1
        line 1                                                      => Delinquent: 0 held, 0 unbilled, 3 billed, 0 written off of 100; period 2 until 2d+1000, ends 9d+1000; due 3d+1000
        alice pay-bill 1 3 -                                        => ok
        line 1                                                      => Suspended: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 2 until 2d+1000, ends 9d+1000; due 2d+1000
        probe report-usage 1 alice:gpt:10:1000:b                    => [ReportResult::Refused(InsufficientCredit(CreditShortfall { account: alice, available: 0, needed: 3 }))]
        tina resume-credit-line 1                                   => ok
        probe report-usage 1 alice:gpt:10:1000:b                    => [ReportResult::Charged(Charge { usage: 2, credits: 3 })]
    "#]]);
}

#[test]
fn times_decide_whether_a_bill_is_paid_late() {
    check(expect![[r#"
        tina offer-credit-line 1 alice 100 EUR 1 1 1d 1d 1d 9d 1d - => 1
        alice accept-credit-line 1                                  => ok
        probe report-usage 1 alice:gpt:10:1000:a                    => [ReportResult::Charged(Charge { usage: 1, credits: 3 })]
        at 1d+1000
        bob advance-due 1                                           => 1
        events
          | CreditLineOffered(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 777600000 }, state: CreditLineState::Offered, offer-expires-ms: 86401000, ends-ms: None, cycle: 0, cycle-from-ms: None, cycle-ends-ms: None, held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: None, bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditLineAccepted(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 777600000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(777601000), cycle: 1, cycle-from-ms: Some(1000), cycle-ends-ms: Some(86401000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(1000), bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | UsageReported(Usage { id: 1, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 10, credits-max: 3, quantity: 10, credits: 3, draws: [Draw { source: Source::CreditLine(1), credits: 3 }], state: UsageState::Captured, at-ms: 1000, expires-ms: 1000, reference: "a" })
          | CreditLineBilled(Billing { credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 777600000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(777601000), cycle: 2, cycle-from-ms: Some(86401000), cycle-ends-ms: Some(172801000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(86401000), bills: 1, bill: Some(1), billed: 3, due-ms: Some(172801000), written-off: 0, suspended: false, ended-ms: None }, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 86401000, credits: 3, amount: 3, paid: 0, due-ms: 172801000, state: BillState::Due } })
        at 2d+1000
        alice pay-bill 1 3 -                                        => ok
        events
          | CreditLineDelinquent(Billing { credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 777600000 }, state: CreditLineState::Delinquent, offer-expires-ms: 86401000, ends-ms: Some(777601000), cycle: 2, cycle-from-ms: Some(86401000), cycle-ends-ms: Some(172801000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(86401000), bills: 1, bill: Some(1), billed: 3, due-ms: Some(172801000), written-off: 0, suspended: false, ended-ms: None }, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 86401000, credits: 3, amount: 3, paid: 0, due-ms: 172801000, state: BillState::Overdue } })
          | BillPaid(BillPayment { payer: alice, amount: 3, bill: Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 86401000, credits: 3, amount: 3, paid: 3, due-ms: 172801000, state: BillState::Paid }, credit-line: CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 777600000 }, state: CreditLineState::Delinquent, offer-expires-ms: 86401000, ends-ms: Some(777601000), cycle: 2, cycle-from-ms: Some(86401000), cycle-ends-ms: Some(172801000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(86401000), bills: 1, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None } })
          | CreditLineCured(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(86400000), payment-window-ms: 86400000, grace-period-ms: 86400000, term-ms: 777600000 }, state: CreditLineState::Active, offer-expires-ms: 86401000, ends-ms: Some(777601000), cycle: 2, cycle-from-ms: Some(86401000), cycle-ends-ms: Some(172801000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(86401000), bills: 1, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
        line 1                                                      => Active: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 2 until 2d+1000, ends 9d+1000; due 2d+1000
    "#]]);
}

#[test]
fn a_bill_that_was_written_off_can_still_be_paid() {
    check(expect![[r#"
        tina offer-credit-line 1 alice 100 EUR 1 1 1d 1d 1d 9d 1d - => 1
        alice accept-credit-line 1                                  => ok
        probe report-usage 1 alice:gpt:10:1000:a                    => [ReportResult::Charged(Charge { usage: 1, credits: 3 })]
        at 1d+1000
        bob advance-due 1                                           => 1
        at 4d
        bob advance-due 32                                          => 2
        bill 1                                                      => Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 86401000, credits: 3, amount: 3, paid: 0, due-ms: 172801000, state: BillState::WrittenOff }
        alice pay-bill 1 1 -                                        => ok
        bill 1                                                      => Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 86401000, credits: 3, amount: 3, paid: 1, due-ms: 172801000, state: BillState::WrittenOff }
        bob pay-bill 1 3 -                                          => OutOfRange(Range { parameter: "amount", given: 3, min: 1, max: 2 })
        bob pay-bill 1 2 -                                          => ok
        bill 1                                                      => Bill { id: 1, credit-line: 1, number: 1, from-ms: 1000, until-ms: 86401000, credits: 3, amount: 3, paid: 3, due-ms: 172801000, state: BillState::Recovered }
        bob pay-bill 1 1 -                                          => WrongState(WrongState { item: Item { kind: "bill", id: 1 }, state: "recovered", action: "settle" })
        line 1                                                      => WrittenOff: 0 held, 0 unbilled, 0 billed, 3 written off of 100; period 2 until 2d+1000, ends 9d+1000; due none
        money                                                       => alice 9999+0, theo 10000+0, bob 9998+0, till 3+0
    "#]]);
}

#[test]
fn bills_are_made_at_the_ends_of_calendar_months() {
    check(expect![[r#"
        at 10d
        tina offer-credit-line 1 alice 100 EUR 1 1 1months@31 1d 9d 365d 1d - => 1
        alice accept-credit-line 1                                            => ok
        probe report-usage 1 alice:gpt:10:10d:a                               => [ReportResult::Charged(Charge { usage: 1, credits: 3 })]
        line 1                                                                => Active: 0 held, 3 unbilled, 0 billed, 0 written off of 100; period 1 until 30d, ends 375d; due 30d
        at 30d
        bob advance-due 1                                                     => 1
        alice pay-bill 1 3 -                                                  => ok
        line 1                                                                => Active: 0 held, 0 unbilled, 0 billed, 0 written off of 100; period 2 until 58d, ends 375d; due 58d
        at 58d
        probe report-usage 1 alice:gpt:10:57d:b                               => [ReportResult::Charged(Charge { usage: 2, credits: 3 })]
        line 1                                                                => Active: 0 held, 3 unbilled, 0 billed, 0 written off of 100; period 3 until 89d, ends 375d; due 89d
        at 150d
        bob advance-due 32                                                    => 3
        line 1                                                                => Active: 0 held, 0 unbilled, 3 billed, 0 written off of 100; period 6 until 180d, ends 375d; due 151d
        tina offer-credit-line 1 bob 100 EUR 1 1 4months@1 1d 9d 365d 1d -    => OutOfRange(Range { parameter: "cycle", given: 4, min: 1, max: 3 })
        tina offer-credit-line 1 bob 100 EUR 1 1 1months@1 29d 9d 365d 1d -   => OutOfRange(Range { parameter: "payment-window-ms", given: 2505600000, min: 1000, max: 2419200000 })
    "#]]);
}

#[test]
fn lending_is_refused() {
    check(expect![[r#"
        tina offer-credit-line 1 alice 0 EUR 1 1 30d 10d 60d 365d 1d -                => ZeroAmount
        tina offer-credit-line 1 alice 1000000000000001 EUR 1 1 30d 10d 60d 365d 1d - => OutOfRange(Range { parameter: "limit", given: 1000000000000001, min: 1, max: 1000000000000000 })
        tina offer-credit-line 1 alice 100 EUR 0 1 30d 10d 60d 365d 1d -              => ZeroAmount
        tina offer-credit-line 1 alice 100 EUR max 1 30d 10d 60d 365d 1d -            => OutOfRange(Range { parameter: "price", given: 18446744073709551615, min: 1, max: 184467440737095516 })
        tina offer-credit-line 1 alice 100 EUR 1 0 30d 10d 60d 365d 1d -              => OutOfRange(Range { parameter: "per", given: 0, min: 1, max: 1000000000000 })
        tina offer-credit-line 1 alice 100 EUR 1 1000000000001 30d 10d 60d 365d 1d -  => OutOfRange(Range { parameter: "per", given: 1000000000001, min: 1, max: 1000000000000 })
        tina offer-credit-line 1 alice 100 EUR 1 1 3599999 1h 60d 365d 1d -           => OutOfRange(Range { parameter: "cycle", given: 3599999, min: 3600000, max: 7948800000 })
        tina offer-credit-line 1 alice 100 EUR 1 1 92d+1 1h 60d 365d 1d -             => OutOfRange(Range { parameter: "cycle", given: 7948800001, min: 3600000, max: 7948800000 })
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 999 60d 365d 1d -              => OutOfRange(Range { parameter: "payment-window-ms", given: 999, min: 1000, max: 2592000000 })
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 30d+1 60d 365d 1d -            => OutOfRange(Range { parameter: "payment-window-ms", given: 2592000001, min: 1000, max: 2592000000 })
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 0 365d 1d -                => OutOfRange(Range { parameter: "grace-period-ms", given: 0, min: 1000, max: 31622400000 })
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 366d+1 365d 1d -           => OutOfRange(Range { parameter: "grace-period-ms", given: 31622400001, min: 1000, max: 31622400000 })
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 29d 1d -               => OutOfRange(Range { parameter: "term-ms", given: 2505600000, min: 2592000000, max: 63244800000 })
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 732d+1 1d -            => OutOfRange(Range { parameter: "term-ms", given: 63244800001, min: 2592000000, max: 63244800000 })
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 0 -               => OutOfRange(Range { parameter: "offer-window-ms", given: 0, min: 1000, max: 2678400000 })
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 31d+1 -           => OutOfRange(Range { parameter: "offer-window-ms", given: 2678400001, min: 1000, max: 2678400000 })
        tina offer-credit-line 1 alice 100 USD 1 1 30d 10d 60d 365d 1d -              => Wallet(UnknownAsset("USD"))
        tina offer-credit-line 1 alice 100 usd 1 1 30d 10d 60d 365d 1d -              => MalformedAssetId("usd")
        tina offer-credit-line 2 alice 100 EUR 1 1 30d 10d 60d 365d 1d -              => UnknownItem(Item { kind: "programme", id: 2 })
        sam offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d -               => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        alice offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d -             => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        tina offer-credit-line 1 nobody 100 EUR 1 1 30d 10d 60d 365d 1d -             => InactiveAccount(nobody)
        alice accept-credit-line 1                                                    => UnknownItem(Item { kind: "credit-line", id: 1 })
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d -              => 1
        bob accept-credit-line 1                                                      => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        carl accept-credit-line 1                                                     => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        freeze alice
        theo accept-credit-line 1                                                     => InactiveAccount(alice)
        thaw alice
        theo accept-credit-line 1                                                     => ok
        bob close-credit-line 1                                                       => WrongParty(Party { account: Some(alice), organisation: None, role: Some("treasurer") })
        tina close-credit-line 2                                                      => UnknownItem(Item { kind: "credit-line", id: 2 })
        probe report-usage 1 alice:gpt:100:1000:a                                     => [ReportResult::Charged(Charge { usage: 1, credits: 30 })]
        at 30d+1000
        alice pay-bill 1 1 -                                                          => UnknownItem(Item { kind: "bill", id: 1 })
        bob advance credit-line 1                                                     => ok
        alice pay-bill 1 0 -                                                          => ZeroAmount
        alice pay-bill 1 31 -                                                         => OutOfRange(Range { parameter: "amount", given: 31, min: 1, max: 30 })
        alice pay-bill 1 max -                                                        => OutOfRange(Range { parameter: "amount", given: 18446744073709551615, min: 1, max: 30 })
        carl pay-bill 1 1 -                                                           => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 1 }))
        carl advance bill 1                                                           => UnknownItem(Item { kind: "bill", id: 1 })
        carl advance bill 2                                                           => UnknownItem(Item { kind: "bill", id: 2 })
        alice pay-bill 1 30 payment                                                   => ok
        alice pay-bill 1 30 payment                                                   => ok
        alice pay-bill 1 1 -                                                          => WrongState(WrongState { item: Item { kind: "bill", id: 1 }, state: "paid", action: "settle" })
    "#]]);
}
