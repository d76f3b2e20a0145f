//! Removal of old usages and references from the state.

use ehb_contract::Host;
use expect_test::expect;

use super::conservation::perform;
use super::table::{check, scene};
use crate::keys::LINES;

/// A report's reference leaves the state after 40 days, when the report is too old to be delivered again; a usage after
/// 100. Grants and lines keep what it used of them.
#[test]
fn usages_and_references_leave_the_state() {
    check(expect![[r#"
        nobody advance removal 1                                         => WrongState(WrongState { item: Item { kind: "removal", id: 1 }, state: "idle", action: "advance" })
        nobody advance removal 2                                         => WrongState(WrongState { item: Item { kind: "removal", id: 2 }, state: "idle", action: "advance" })
        nobody advance removal 3                                         => UnknownItem(Item { kind: "removal", id: 3 })
        tina grant-credits 1 alice 50 - 900d 0 - -                       => 1
        tina offer-credit-line 1 alice 100 EUR 1 1 92d 10d 60d 365d 9d - => 1
        alice accept-credit-line 1                                       => ok
        probe report-usage 1 alice:gpt:100:1000:a alice:gpt:100:1000:b   => [ReportResult::Charged(Charge { usage: 1, credits: 30 }), ReportResult::Charged(Charge { usage: 2, credits: 30 })]
        alice authorise-usage 1 alice gpt 100 probe 9d a -               => 3
        due                                                              => usage 3 9d+1000, removal 2 40d+1000, credit-line 1 92d+1000, removal 1 100d+1000, grant 1 400d+1000
        at 2000
        probe report-usage 1 alice:gpt:10:1000:c                         => [ReportResult::Charged(Charge { usage: 4, credits: 3 })]
        nobody advance removal 2                                         => TooEarly(Deadline { item: Item { kind: "removal", id: 2 }, deadline-ms: 3456001000, now-ms: 2000 })
        at 40d+999
        probe report-usage 1 alice:gpt:100:30d:a                         => [ReportResult::Duplicate(1)]
        nobody advance-due 32                                            => 1
        at 40d+1000
        nobody advance removal 1                                         => TooEarly(Deadline { item: Item { kind: "removal", id: 1 }, deadline-ms: 8640001000, now-ms: 3456001000 })
        nobody advance removal 2                                         => ok
        nobody advance removal 2                                         => TooEarly(Deadline { item: Item { kind: "removal", id: 2 }, deadline-ms: 3456002000, now-ms: 3456001000 })
        bob get-reported-usage 1 probe a                                 => UnknownItem(Item { kind: "usage", id: 0 })
        bob get-reported-usage 1 probe c                                 => Usage { id: 4, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 10, credits-max: 3, quantity: 10, credits: 3, draws: [Draw { source: Source::CreditLine(1), credits: 3 }], state: UsageState::Captured, at-ms: 2000, expires-ms: 2000, reference: "c" }
        probe report-usage 1 alice:gpt:100:1000:a                        => [ReportResult::Refused(OutOfRange(Range { parameter: "used-ms", given: 1000, min: 777601000, max: 3456001000 }))]
        probe report-usage 1 alice:gpt:1:39d:a                           => [ReportResult::Charged(Charge { usage: 5, credits: 1 })]
        usage 1                                                          => Captured: 100 of 100 gpt, 30 of 30 credits (30 of grant 1)
        grant 1                                                          => Exhausted: 50 used, 0 held of 50; due none
        line 1                                                           => Active: 0 held, 14 unbilled, 0 billed, 0 written off of 100; period 1 until 92d+1000, ends 365d+1000; due 92d+1000
        at 100d+1000
        nobody advance removal 1                                         => ok
        usage 1                                                          => WrongState(WrongState { item: Item { kind: "usage", id: 1 }, state: "removed", action: "read" })
        usage 2                                                          => WrongState(WrongState { item: Item { kind: "usage", id: 2 }, state: "removed", action: "read" })
        usage 3                                                          => WrongState(WrongState { item: Item { kind: "usage", id: 3 }, state: "removed", action: "read" })
        usage 4                                                          => Captured: 10 of 10 gpt, 3 of 3 credits (3 of line 1)
        usage 6                                                          => UnknownItem(Item { kind: "usage", id: 6 })
        grant 1                                                          => Exhausted: 50 used, 0 held of 50; due none
        line 1                                                           => Active: 0 held, 14 unbilled, 0 billed, 0 written off of 100; period 1 until 92d+1000, ends 365d+1000; due 92d+1000
        bob get-usage 1                                                  => WrongState(WrongState { item: Item { kind: "usage", id: 1 }, state: "removed", action: "read" })
        probe capture-usage 3 1 -                                        => WrongState(WrongState { item: Item { kind: "usage", id: 3 }, state: "removed", action: "read" })
        nobody advance usage 1                                           => WrongState(WrongState { item: Item { kind: "usage", id: 1 }, state: "removed", action: "read" })
        due                                                              => removal 2 40d+2000, credit-line 1 92d+1000, removal 1 100d+2000, grant 1 400d+1000
        events
          | CreditsGranted(Grant { id: 1, programme: 1, account: alice, amount: 50, used: 0, used-removed: 0, held: 0, priority: 0, effective-ms: 1000, expires-ms: 77760000000, state: GrantState::Open, deadline-ms: Some(77760000000), purchase: None, reference: "", ended-ms: None })
          | CreditLineOffered(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(7948800000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Offered, offer-expires-ms: 777601000, ends-ms: None, cycle: 0, cycle-from-ms: None, cycle-ends-ms: None, held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: None, bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditLineAccepted(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(7948800000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Active, offer-expires-ms: 777601000, ends-ms: Some(31536001000), cycle: 1, cycle-from-ms: Some(1000), cycle-ends-ms: Some(7948801000), held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: Some(1000), bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | UsageReported(Usage { id: 1, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 100, credits-max: 30, quantity: 100, credits: 30, draws: [Draw { source: Source::Grant(1), credits: 30 }], state: UsageState::Captured, at-ms: 1000, expires-ms: 1000, reference: "a" })
          | UsageReported(Usage { id: 2, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 100, credits-max: 30, quantity: 100, credits: 30, draws: [Draw { source: Source::Grant(1), credits: 20 }, Draw { source: Source::CreditLine(1), credits: 10 }], state: UsageState::Captured, at-ms: 1000, expires-ms: 1000, reference: "b" })
          | GrantEnding(Ending { grant: 1, state: GrantState::Settling, at-ms: 1000 })
          | GrantClosed(Grant { id: 1, programme: 1, account: alice, amount: 50, used: 50, used-removed: 0, held: 0, priority: 0, effective-ms: 1000, expires-ms: 77760000000, state: GrantState::Exhausted, deadline-ms: None, purchase: None, reference: "", ended-ms: Some(1000) })
          | UsageAuthorised(Usage { id: 3, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 100, credits-max: 30, quantity: 0, credits: 0, draws: [Draw { source: Source::CreditLine(1), credits: 30 }], state: UsageState::Authorised, at-ms: 1000, expires-ms: 777601000, reference: "a" })
          | UsageReported(Usage { id: 4, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 10, credits-max: 3, quantity: 10, credits: 3, draws: [Draw { source: Source::CreditLine(1), credits: 3 }], state: UsageState::Captured, at-ms: 2000, expires-ms: 2000, reference: "c" })
          | UsageTimedOut(UsageRelease { usage: 3, at-ms: 3456000999 })
          | ReferencesRemoved(Removal { first: 1, last: 3 })
          | UsageReported(Usage { id: 5, programme: 1, account: alice, service: "gpt", meter: probe, price: Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }, quantity-max: 1, credits-max: 1, quantity: 1, credits: 1, draws: [Draw { source: Source::CreditLine(1), credits: 1 }], state: UsageState::Captured, at-ms: 3456001000, expires-ms: 3456001000, reference: "a" })
          | UsagesRemoved(Removal { first: 1, last: 3 })
    "#]]);
}

/// A step removes eight; `advance-due` goes on while more are due.
#[test]
fn advance_due_removes_all_that_is_old() {
    check(expect![[r#"
        tina grant-credits 1 bob 100 - 900d 0 - -                                                                 => 1
        probe report-usage 1 bob:gpt:1:1000:a bob:gpt:1:1000:b bob:gpt:1:1000:c bob:gpt:1:1000:d bob:gpt:1:1000:e => [ReportResult::Charged(Charge { usage: 1, credits: 1 }), ReportResult::Charged(Charge { usage: 2, credits: 1 }), ReportResult::Charged(Charge { usage: 3, credits: 1 }), ReportResult::Charged(Charge { usage: 4, credits: 1 }), ReportResult::Charged(Charge { usage: 5, credits: 1 })]
        probe report-usage 1 bob:gpt:1:1000:f bob:gpt:1:1000:g bob:gpt:1:1000:h bob:gpt:1:1000:i bob:gpt:1:1000:j => [ReportResult::Charged(Charge { usage: 6, credits: 1 }), ReportResult::Charged(Charge { usage: 7, credits: 1 }), ReportResult::Charged(Charge { usage: 8, credits: 1 }), ReportResult::Charged(Charge { usage: 9, credits: 1 }), ReportResult::Charged(Charge { usage: 10, credits: 1 })]
        at 200d
        nobody advance removal 1                                                                                  => ok
        usage 8                                                                                                   => WrongState(WrongState { item: Item { kind: "usage", id: 8 }, state: "removed", action: "read" })
        usage 9                                                                                                   => Captured: 1 of 1 gpt, 1 of 1 credits (1 of grant 1)
        nobody advance-due 32                                                                                     => 2
        usage 10                                                                                                  => WrongState(WrongState { item: Item { kind: "usage", id: 10 }, state: "removed", action: "read" })
        grant 1                                                                                                   => Open: 10 used, 0 held of 100; due 900d
        due                                                                                                       => grant 1 900d
        probe report-usage 1 bob:gpt:1:199d:k                                                                     => [ReportResult::Charged(Charge { usage: 11, credits: 1 })]
        due                                                                                                       => removal 2 240d, removal 1 300d, grant 1 900d
    "#]]);
}

/// A grant leaves the state 400 days after it was over, and a credit line with its bills; usages of that time leave before.
#[test]
fn grants_lines_and_bills_leave_the_state() {
    check(expect![[r#"
        tina grant-credits 1 alice 10 - 9d 0 - -                         => 1
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d - => 1
        alice accept-credit-line 1                                       => ok
        probe report-usage 1 alice:gpt:100:1000:a                        => [ReportResult::Charged(Charge { usage: 1, credits: 30 })]
        at 30d+1000
        nobody advance credit-line 1                                     => ok
        alice pay-bill 1 20 -                                            => ok
        tina close-credit-line 1                                         => ok
        due                                                              => removal 2 40d+1000, removal 1 100d+1000, grant 1 400d+1000, credit-line 1 430d+1000
        at 400d+999
        nobody advance grant 1                                           => WrongState(WrongState { item: Item { kind: "grant", id: 1 }, state: "exhausted", action: "close" })
        at 400d+1000
        nobody advance grant 1                                           => Other("still-held")
        nobody advance-due 32                                            => 3
        grant 1                                                          => WrongState(WrongState { item: Item { kind: "grant", id: 1 }, state: "removed", action: "read" })
        grant 2                                                          => UnknownItem(Item { kind: "grant", id: 2 })
        bob get-grant 1                                                  => WrongState(WrongState { item: Item { kind: "grant", id: 1 }, state: "removed", action: "read" })
        tina revoke-grant 1 -                                            => WrongState(WrongState { item: Item { kind: "grant", id: 1 }, state: "removed", action: "read" })
        nobody advance grant 1                                           => WrongState(WrongState { item: Item { kind: "grant", id: 1 }, state: "removed", action: "read" })
        alice list-grants 1 alice - 10                                   => GrantPage { grants: [], next: None }
        at 430d+1000
        alice list-bill-lines 1 - 10                                     => StatementLinePage { lines: [StatementLine { service: "gpt", usages: 1, quantity: 100, credits: 20 }], next: None }
        nobody advance credit-line 1                                     => ok
        nobody advance credit-line 1                                     => WrongState(WrongState { item: Item { kind: "credit-line", id: 1 }, state: "removed", action: "read" })
        line 1                                                           => WrongState(WrongState { item: Item { kind: "credit-line", id: 1 }, state: "removed", action: "read" })
        bob get-credit-line 1                                            => WrongState(WrongState { item: Item { kind: "credit-line", id: 1 }, state: "removed", action: "read" })
        alice accept-credit-line 1                                       => WrongState(WrongState { item: Item { kind: "credit-line", id: 1 }, state: "removed", action: "read" })
        bob get-bill 1                                                   => WrongState(WrongState { item: Item { kind: "bill", id: 1 }, state: "removed", action: "read" })
        bob list-bill-lines 1 - 10                                       => WrongState(WrongState { item: Item { kind: "bill", id: 1 }, state: "removed", action: "read" })
        alice pay-bill 1 1 -                                             => WrongState(WrongState { item: Item { kind: "bill", id: 1 }, state: "removed", action: "read" })
        bob list-bills 1 - 10                                            => BillPage { bills: [], next: None }
        alice list-credit-lines 1 alice - 10                             => CreditLinePage { credit-lines: [], next: None }
        balance alice                                                    => 0 free, 0 later, 0 held; grants []
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d - => 2
        due                                                              => credit-line 2 431d+1000
    "#]]);
}

/// A step removes eight bills; `advance-due` goes on while more are left. What was written off with the last bill has an
/// entry of its own, which leaves too.
#[test]
fn advance_due_removes_all_bills_of_a_line() {
    let mut host = scene();
    let mut row = |row: &str| perform(&mut host, row);
    row("tina offer-credit-line 1 alice 1000 EUR 1 1 1h 1h 60d 365d 1d -");
    assert_eq!(row("alice accept-credit-line 1"), "ok");
    for number in 1..=20 {
        row(&format!("probe report-usage 1 alice:gpt:10:@0:r{number}"));
        row("wait 1h");
        assert_eq!(row("bob advance credit-line 1"), "ok");
        if number < 20 {
            assert_eq!(row(&format!("alice pay-bill {number} rest -")), "ok");
        }
    }
    row("probe report-usage 1 alice:gpt:10:@0:last");
    row("wait 1h");
    assert_eq!(row("bob advance credit-line 1"), "ok");
    assert_eq!(row("tina write-off-credit-line 1"), "ok");
    row("wait 400d");
    let advanced: u32 = row("bob advance-due 32").parse().unwrap();
    assert!(advanced > 3, "usages, then three steps of the line: {advanced}");
    assert_eq!(row("bob advance-due 32"), "0");
    let left: Vec<char> = host.tables().into_iter().map(char::from).collect();
    for gone in ['l', 'o', 'b', 'c', 'd', 'v', 'u', 'r', 'z'] {
        assert!(!left.contains(&gone), "{gone}: {left:?}");
    }
}

/// A bill can have any number of services: a step removes 64 of them, and the bill with the last one.
#[test]
fn a_bill_with_many_services_leaves_in_steps() {
    let mut host = scene();
    perform(&mut host, "tina offer-credit-line 1 alice 1000 EUR 1 1 1d 1h 60d 365d 1d -");
    assert_eq!(perform(&mut host, "alice accept-credit-line 1"), "ok");
    for number in 0..70 {
        perform(&mut host, &format!("sam set-price 1 s{number} 1 1 -"));
        let used =
            perform(&mut host, &format!("probe report-usage 1 alice:s{number}:1:@0:r{number}"));
        assert!(used.contains("Charged"), "{used}");
    }
    for row in ["wait 1d", "bob advance credit-line 1", "alice pay-bill 1 rest -"] {
        perform(&mut host, row);
    }
    assert_eq!(perform(&mut host, "tina close-credit-line 1"), "ok");
    perform(&mut host, "wait 400d");
    let has_bills = |host: &Host| host.tables().contains(&b'b');
    // Everything else is due before: the usages, and their references.
    while LINES.contains(&host, &1) {
        assert_eq!(perform(&mut host, "bob advance-due 1"), "1");
    }
    assert!(has_bills(&host), "64 services left, and six are there");
    assert_eq!(perform(&mut host, "bob advance-due 1"), "1");
    assert!(!has_bills(&host));
    assert_eq!(perform(&mut host, "bob advance-due 1"), "0");
}
