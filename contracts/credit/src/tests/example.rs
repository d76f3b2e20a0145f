//! The README's example, step by step.

use expect_test::expect;

use super::table::check;

/// The example of the README, with `probe` as its gateway.
#[test]
fn the_readme_shows_what_happens() {
    check(expect![[r#"
        alice purchase 1 - 101 51 order-9                            => 1
        alice purchase 1 - 101 51 order-9                            => 1
        alice set-limit 1 alice -:credits:1d:60                      => ok
        alice authorise-usage 1 alice gpt 100 probe 60000 "call 7" - => 1
        probe capture-usage 1 50 -                                   => 15
        probe report-usage 1 alice:gpt:50:1000:r-1                   => [ReportResult::Charged(Charge { usage: 2, credits: 15 })]
        probe report-usage 1 alice:gpt:50:1000:r-1                   => [ReportResult::Duplicate(2)]
        bob settle-purchase 1 -                                      => 15
        money                                                        => alice 9949+36, theo 10000+0, bob 10000+0, till 15+0
        alice refund-purchase 1 -                                    => ok
        money                                                        => alice 9981+0, theo 10000+0, bob 10000+0, till 19+0
        statement alice 197001
          | 0 + 101 granted - 30 used - 0 expired - 0 revoked - 71 refunded = 0; 0 drawn
          | gpt: 2 usages, quantity 100, 30 credits
    "#]]);
}

/// The README's claims about a party that does nothing more.
#[test]
fn and_what_happens_to_who_does_nothing() {
    check(expect![[r#"
        alice purchase 1 - 101 51 order-9                                => 1
        probe report-usage 1 alice:gpt:50:1000:r-1 alice:gpt:50:1000:r-2 => [ReportResult::Charged(Charge { usage: 1, credits: 15 }), ReportResult::Charged(Charge { usage: 2, credits: 15 })]
        at 31d
        bob advance-due 32                                               => 1
        grant 1                                                          => Expired: 30 used, 0 held of 101; due none; price 51, 33 settled, 18 returned
        money                                                            => alice 9967+0, theo 10000+0, bob 10000+0, till 33+0
    "#]]);
}
