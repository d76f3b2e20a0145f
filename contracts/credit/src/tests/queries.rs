//! Reads: pages, statements, and what they refuse.

use expect_test::expect;

use super::table::check;

#[test]
fn lists_come_in_pages() {
    check(expect![[r#"
        cloud create-programme Other point till -                        => 2
        bob list-programmes - 1                                          => ProgrammePage { programmes: [Programme { id: 1, issuer: cloud, payout-account: till, name: "API", unit: "token", state: ProgrammeState::Open, closes-ms: None, sale-terms: Some(SaleTerms { asset: "EUR", price: 5, per: 10, credits-min: 10, credits-max: 100000, validity-ms: 2592000000, priority: 10, refund-window-ms: 604800000, refund-fee: 1000, breakage: 5000 }), default-limits: [], payout-change: None }], next: Some(1) }
        bob list-programmes 1 1                                          => ProgrammePage { programmes: [Programme { id: 2, issuer: cloud, payout-account: till, name: "Other", unit: "point", state: ProgrammeState::Open, closes-ms: None, sale-terms: None, default-limits: [], payout-change: None }], next: None }
        bob list-programmes 2 1                                          => ProgrammePage { programmes: [], next: None }
        sam set-price 1 a 1 1 -                                          => 1
        bob list-services 1 - 2                                          => ServicePage { services: [PricedService { programme: 1, id: "a", prices: [Price { version: 1, credits: 1, per: 1, effective-ms: 1000 }], retired-ms: None }, PricedService { programme: 1, id: "free", prices: [Price { version: 1, credits: 0, per: 1, effective-ms: 1000 }], retired-ms: None }], next: Some("free") }
        bob list-services 1 free 2                                       => ServicePage { services: [PricedService { programme: 1, id: "gpt", prices: [Price { version: 1, credits: 3, per: 10, effective-ms: 1000 }], retired-ms: None }], next: None }
        bob list-services 2 - 2                                          => ServicePage { services: [], next: None }
        sam register-meter 1 till spare                                  => ok
        bob list-meters 1 - 1                                            => MeterPage { meters: [Meter { programme: 1, account: probe, name: "gateway" }], next: Some(probe) }
        bob list-meters 1 probe 1                                        => MeterPage { meters: [Meter { programme: 1, account: till, name: "spare" }], next: None }
        tina grant-credits 1 alice 1 - 9d 1 - -                          => 1
        tina grant-credits 1 bob 1 - 9d 1 - -                            => 2
        tina grant-credits 1 alice 1 1d 9d 1 - -                         => 3
        bob list-grants 1 alice - 1                                      => GrantPage { grants: [Grant { id: 1, programme: 1, account: alice, amount: 1, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 1000, expires-ms: 777600000, state: GrantState::Open, deadline-ms: Some(777600000), purchase: None, reference: "", ended-ms: None }], next: Some(1) }
        bob list-grants 1 alice 1 1                                      => GrantPage { grants: [Grant { id: 3, programme: 1, account: alice, amount: 1, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 86400000, expires-ms: 777600000, state: GrantState::Open, deadline-ms: Some(777600000), purchase: None, reference: "", ended-ms: None }], next: None }
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d - => 1
        bob list-credit-lines 1 alice - 1                                => CreditLinePage { credit-lines: [CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 100, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Offered, offer-expires-ms: 86401000, ends-ms: None, cycle: 0, cycle-from-ms: None, cycle-ends-ms: None, held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: None, bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None }], next: None }
        bob list-customers 1 - 1                                         => CustomerPage { customers: [alice], next: Some(alice) }
        bob list-customers 1 alice 2                                     => CustomerPage { customers: [bob], next: None }
        bob list-customers 2 - 2                                         => CustomerPage { customers: [], next: None }
        bob list-due 2                                                   => DuePage { due: [], next: None }
        bob get-balance 1 alice                                          => CreditBalance { available: 1, available-later: 1, held: 0, grants: [1, 3], limits: [], credit-line: Some(1), credit-line-available: 0 }
        bob get-balance 1 nobody                                         => CreditBalance { available: 0, available-later: 0, held: 0, grants: [], limits: [], credit-line: None, credit-line-available: 0 }
    "#]]);
}

#[test]
fn queries_are_refused() {
    check(expect![[r#"
        bob get-programme 2                           => UnknownItem(Item { kind: "programme", id: 2 })
        bob get-service 1 GPT                         => MalformedService("GPT")
        bob get-service 1 other                       => UnknownService("other")
        bob get-balance 2 alice                       => UnknownItem(Item { kind: "programme", id: 2 })
        bob get-grant 1                               => UnknownItem(Item { kind: "grant", id: 1 })
        bob get-usage 1                               => UnknownItem(Item { kind: "usage", id: 1 })
        bob get-reported-usage 1 probe -              => OutOfRange(Range { parameter: "reference", given: 0, min: 1, max: 64 })
        bob get-reported-usage 1 probe 65*x           => OutOfRange(Range { parameter: "reference", given: 65, min: 1, max: 64 })
        bob get-reported-usage 1 probe a              => UnknownItem(Item { kind: "usage", id: 0 })
        bob get-credit-line 1                         => UnknownItem(Item { kind: "credit-line", id: 1 })
        bob get-bill 1                                => UnknownItem(Item { kind: "bill", id: 1 })
        bob list-bill-lines 1 - 10                    => UnknownItem(Item { kind: "bill", id: 1 })
        bob get-statement 1 alice 197001              => UnknownStatement(197001)
        bob list-programmes - 0                       => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bob list-programmes - 101                     => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        bob list-services 1 - 0                       => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bob list-services 1 GPT 1                     => MalformedService("GPT")
        bob list-customers 1 - 0                      => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bob list-meters 1 - 0                         => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bob list-grants 1 alice - 0                   => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bob list-credit-lines 1 alice - 0             => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bob list-bills 1 - 0                          => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bob list-bill-lines 1 - 0                     => UnknownItem(Item { kind: "bill", id: 1 })
        bob list-bill-lines 1 GPT 1                   => MalformedService("GPT")
        bob list-statement-lines 1 alice 197001 - 0   => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bob list-statement-lines 1 alice 197001 GPT 1 => MalformedService("GPT")
        bob list-statement-lines 1 alice 197001 - 1   => StatementLinePage { lines: [], next: None }
        bob list-due 0                                => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        bob advance-due 0                             => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 32 })
        bob advance-due 33                            => OutOfRange(Range { parameter: "limit", given: 33, min: 1, max: 32 })
        bob advance-due 1                             => 0
        bob advance programme 9                       => UnknownItem(Item { kind: "programme", id: 9 })
        bob advance grant 9                           => UnknownItem(Item { kind: "grant", id: 9 })
        bob advance usage 9                           => UnknownItem(Item { kind: "usage", id: 9 })
        bob advance credit-line 9                     => UnknownItem(Item { kind: "credit-line", id: 9 })
    "#]]);
}

#[test]
fn statements_go_by_month_and_service() {
    check(expect![[r#"
        tina grant-credits 1 alice 100 - 90d 1 - -                                        => 1
        sam set-price 1 image 2 1 -                                                       => 1
        probe report-usage 1 alice:gpt:100:1000:a alice:gpt:1:1000:b alice:image:3:1000:c => [ReportResult::Charged(Charge { usage: 1, credits: 30 }), ReportResult::Charged(Charge { usage: 2, credits: 1 }), ReportResult::Charged(Charge { usage: 3, credits: 6 })]
        at 31d
        statement alice 197001
          | 0 + 100 granted - 37 used - 0 expired - 0 revoked - 0 refunded = 63; 0 drawn
          | gpt: 2 usages, quantity 101, 31 credits
          | image: 1 usages, quantity 3, 6 credits
        statement alice 197002                                                            => UnknownStatement(197002)
        at 62d
        probe report-usage 1 alice:gpt:100:62d:d                                          => [ReportResult::Charged(Charge { usage: 4, credits: 30 })]
        tina grant-credits 1 alice 7 - 90d 1 - -                                          => 2
        statement alice 197001
          | 0 + 100 granted - 37 used - 0 expired - 0 revoked - 0 refunded = 63; 0 drawn
          | gpt: 2 usages, quantity 101, 31 credits
          | image: 1 usages, quantity 3, 6 credits
        statement alice 197002                                                            => UnknownStatement(197002)
        statement alice 197003
          | 63 + 7 granted - 30 used - 0 expired - 0 revoked - 0 refunded = 40; 0 drawn
          | gpt: 1 usages, quantity 100, 30 credits
        tina revoke-grant 1 -                                                             => ok
        statement alice 197003
          | 63 + 7 granted - 30 used - 0 expired - 33 revoked - 0 refunded = 7; 0 drawn
          | gpt: 1 usages, quantity 100, 30 credits
        alice list-statement-lines 1 alice 197001 - 1                                     => StatementLinePage { lines: [StatementLine { service: "gpt", usages: 2, quantity: 101, credits: 31 }], next: Some("gpt") }
        alice list-statement-lines 1 alice 197001 gpt 1                                   => StatementLinePage { lines: [StatementLine { service: "image", usages: 1, quantity: 3, credits: 6 }], next: None }
    "#]]);
}
