//! Amounts that an issuer's treasurers give away, and decisions that only the issuer can make.

use expect_test::expect;

use super::table::check;

#[test]
fn treasurers_give_within_their_limit() {
    check(expect![[r#"
        tina grant-credits 1 bob 100000 - 9d 1 - -                         => 1
        cloud set-treasurer-limit 1 500 800                                => ok
        tina grant-credits 1 alice 501 - 9d 1 - -                          => OverSingleLimit(OverSingleLimit { amount: 501, max: 500 })
        tina grant-credits 1 alice 500 - 9d 1 - -                          => 2
        tina grant-credits 1 alice 301 - 9d 1 - -                          => OverDailyLimit(LimitUsage { limit: 800, used: 500, needed: 301 })
        tina offer-credit-line 1 alice 301 EUR 1 1 30d 10d 60d 365d 1d -   => OverDailyLimit(LimitUsage { limit: 800, used: 500, needed: 301 })
        tina get-treasurer-limit 1                                         => RoleLimitStatus { limit: Some(RoleLimit { single-max: 500, daily-max: 800 }), used-today: 500 }
        tina offer-credit-line 1 alice 300 EUR 1 1 30d 10d 60d 365d 1d -   => 1
        tina grant-credits 1 alice 1 - 9d 1 - -                            => OverDailyLimit(LimitUsage { limit: 800, used: 800, needed: 1 })
        cloud grant-credits 1 alice 100000 - 9d 1 - -                      => 3
        cloud offer-credit-line 1 bob 100000 EUR 1 1 30d 10d 60d 365d 1d - => 2
        alice get-treasurer-limit 1                                        => RoleLimitStatus { limit: Some(RoleLimit { single-max: 500, daily-max: 800 }), used-today: 800 }
        at 1d
        alice get-treasurer-limit 1                                        => RoleLimitStatus { limit: Some(RoleLimit { single-max: 500, daily-max: 800 }), used-today: 0 }
        tina grant-credits 1 alice 500 - 9d 1 - -                          => 4
        cloud set-treasurer-limit 1 400 500                                => ok
        tina grant-credits 1 alice 1 - 9d 1 - -                            => OverDailyLimit(LimitUsage { limit: 500, used: 500, needed: 1 })
        cloud set-treasurer-limit 1                                        => ok
        tina grant-credits 1 alice 100000 - 9d 1 - -                       => 5
        tina get-treasurer-limit 1                                         => RoleLimitStatus { limit: None, used-today: 0 }
        events
          | CreditsGranted(Grant { id: 1, programme: 1, account: bob, amount: 100000, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 1000, expires-ms: 777600000, state: GrantState::Open, deadline-ms: Some(777600000), purchase: None, reference: "", ended-ms: None })
          | TreasurerLimitSet(TreasurerLimitSetting { programme: 1, limit: Some(RoleLimit { single-max: 500, daily-max: 800 }) })
          | TreasurerLimitUsed(TreasurerLimitUse { programme: 1, by: tina, credits: 500, used-today: 500, at-ms: 1000 })
          | CreditsGranted(Grant { id: 2, programme: 1, account: alice, amount: 500, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 1000, expires-ms: 777600000, state: GrantState::Open, deadline-ms: Some(777600000), purchase: None, reference: "", ended-ms: None })
          | TreasurerLimitUsed(TreasurerLimitUse { programme: 1, by: tina, credits: 300, used-today: 800, at-ms: 1000 })
          | CreditLineOffered(CreditLine { id: 1, programme: 1, account: alice, terms: CreditLineTerms { limit: 300, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Offered, offer-expires-ms: 86401000, ends-ms: None, cycle: 0, cycle-from-ms: None, cycle-ends-ms: None, held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: None, bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | CreditsGranted(Grant { id: 3, programme: 1, account: alice, amount: 100000, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 1000, expires-ms: 777600000, state: GrantState::Open, deadline-ms: Some(777600000), purchase: None, reference: "", ended-ms: None })
          | CreditLineOffered(CreditLine { id: 2, programme: 1, account: bob, terms: CreditLineTerms { limit: 100000, asset: "EUR", price: 1, per: 1, cycle: Period::Span(2592000000), payment-window-ms: 864000000, grace-period-ms: 5184000000, term-ms: 31536000000 }, state: CreditLineState::Offered, offer-expires-ms: 86401000, ends-ms: None, cycle: 0, cycle-from-ms: None, cycle-ends-ms: None, held: 0, used-removed: 0, unbilled: 0, unbilled-from-ms: None, bills: 0, bill: None, billed: 0, due-ms: None, written-off: 0, suspended: false, ended-ms: None })
          | TreasurerLimitUsed(TreasurerLimitUse { programme: 1, by: tina, credits: 500, used-today: 500, at-ms: 86400000 })
          | CreditsGranted(Grant { id: 4, programme: 1, account: alice, amount: 500, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 86400000, expires-ms: 777600000, state: GrantState::Open, deadline-ms: Some(777600000), purchase: None, reference: "", ended-ms: None })
          | TreasurerLimitSet(TreasurerLimitSetting { programme: 1, limit: Some(RoleLimit { single-max: 400, daily-max: 500 }) })
          | TreasurerLimitSet(TreasurerLimitSetting { programme: 1, limit: None })
          | CreditsGranted(Grant { id: 5, programme: 1, account: alice, amount: 100000, used: 0, used-removed: 0, held: 0, priority: 1, effective-ms: 86400000, expires-ms: 777600000, state: GrantState::Open, deadline-ms: Some(777600000), purchase: None, reference: "", ended-ms: None })
    "#]]);
}

#[test]
fn treasurers_write_off_within_their_limit() {
    check(expect![[r#"
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 1d - => 1
        theo accept-credit-line 1                                        => ok
        probe report-usage 1 alice:gpt:100:1000:a                        => [ReportResult::Charged(Charge { usage: 1, credits: 30 })]
        cloud set-treasurer-limit 1 29 29                                => ok
        tina write-off-credit-line 1                                     => WrongState(WrongState { item: Item { kind: "credit-line", id: 1 }, state: "active", action: "write-off" })
        at 40d
        bob advance-due 32                                               => 1
        at 50d
        bob advance-due 32                                               => 2
        tina write-off-credit-line 1                                     => OverSingleLimit(OverSingleLimit { amount: 30, max: 29 })
        cloud set-treasurer-limit 1 30 29                                => ok
        tina write-off-credit-line 1                                     => OverDailyLimit(LimitUsage { limit: 29, used: 0, needed: 30 })
        cloud set-treasurer-limit 1 30 30                                => ok
        tina write-off-credit-line 1                                     => ok
        tina get-treasurer-limit 1                                       => RoleLimitStatus { limit: Some(RoleLimit { single-max: 30, daily-max: 30 }), used-today: 30 }
        line 1                                                           => WrittenOff: 0 held, 0 unbilled, 0 billed, 30 written off of 100; period 2 until 60d+1000, ends 365d+1000; due none
    "#]]);
}

/// Another account for the money is the issuer's to name, after a notice in which it is cancelled.
#[test]
fn the_treasury_changes_after_a_notice() {
    check(expect![[r#"
        alice purchase 1 - 1000 max -              => 1
        probe report-usage 1 alice:gpt:400:1000:a  => [ReportResult::Charged(Charge { usage: 1, credits: 120 })]
        tina set-payout-account 1 tina             => WrongParty(Party { account: Some(cloud), organisation: None, role: None })
        sam set-payout-account 1 sam               => WrongParty(Party { account: Some(cloud), organisation: None, role: None })
        cloud set-payout-account 1 nobody          => InactiveAccount(nobody)
        cloud set-payout-account 9 shop            => UnknownItem(Item { kind: "programme", id: 9 })
        tina cancel-payout-change 1                => NoChangeAnnounced
        cloud set-payout-account 1 shop            => ok
        cloud get-programme 1                      => Programme { id: 1, issuer: cloud, payout-account: till, name: "API", unit: "token", state: ProgrammeState::Open, closes-ms: None, sale-terms: Some(SaleTerms { asset: "EUR", price: 5, per: 10, credits-min: 10, credits-max: 100000, validity-ms: 2592000000, priority: 10, refund-window-ms: 604800000, refund-fee: 1000, breakage: 5000 }), default-limits: [], payout-change: Some(PayoutChange { account: shop, effective-ms: 25000 }) }
        sam cancel-payout-change 1                 => WrongParty(Party { account: Some(cloud), organisation: None, role: Some("treasurer") })
        tina cancel-payout-change 9                => UnknownItem(Item { kind: "programme", id: 9 })
        tina cancel-payout-change 1                => ok
        cloud set-payout-account 1 shop            => ok
        at 24000
        bob settle-purchase 1 -                    => 60
        probe report-usage 1 alice:gpt:400:24000:b => [ReportResult::Charged(Charge { usage: 2, credits: 120 })]
        at 25000
        bob settle-purchase 1 -                    => 60
        cloud get-programme 1                      => Programme { id: 1, issuer: cloud, payout-account: shop, name: "API", unit: "token", state: ProgrammeState::Open, closes-ms: None, sale-terms: Some(SaleTerms { asset: "EUR", price: 5, per: 10, credits-min: 10, credits-max: 100000, validity-ms: 2592000000, priority: 10, refund-window-ms: 604800000, refund-fee: 1000, breakage: 5000 }), default-limits: [], payout-change: None }
        cloud cancel-payout-change 1               => NoChangeAnnounced
        money                                      => alice 9500+380, theo 10000+0, bob 10000+0, till 60+0
    "#]]);
}

#[test]
fn nobody_gets_round_the_limit() {
    check(expect![[r#"
        cloud set-treasurer-limit 1 0 0                        => ok
        tina grant-credits 1 alice 1 - 9d 1 - -                => OverSingleLimit(OverSingleLimit { amount: 1, max: 0 })
        tina set-treasurer-limit 1                             => WrongParty(Party { account: Some(cloud), organisation: None, role: None })
        sam set-treasurer-limit 1 1 1                          => WrongParty(Party { account: Some(cloud), organisation: None, role: None })
        alice set-treasurer-limit 1 1 1                        => WrongParty(Party { account: Some(cloud), organisation: None, role: None })
        cloud set-treasurer-limit 9 1 1                        => UnknownItem(Item { kind: "programme", id: 9 })
        cloud get-treasurer-limit 9                            => UnknownItem(Item { kind: "programme", id: 9 })
        cloud set-treasurer-limit 1 max max                    => ok
        tina grant-credits 1 alice 1000000000000000 - 9d 1 - - => 1
        cloud set-treasurer-limit 1                            => ok
        cloud set-treasurer-limit 1                            => ok
    "#]]);
}
