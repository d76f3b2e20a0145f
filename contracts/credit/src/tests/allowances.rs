//! Credits and bills that are paid from an allowance of the wallet.

use expect_test::expect;

use super::table::check;

/// An agent buys credits and pays a bill with its owner's money; what is returned is the owner's.
#[test]
fn credits_and_bills_are_paid_from_an_allowance() {
    check(expect![[r#"
        theo grant-allowance alice 600                                   => 1
        bob grant-allowance carl 40                                      => 2
        transaction 1
        alice use-allowance 1 499                                        => ok
        alice purchase 1 - 1000 max -                                    => Wallet(OverTransactionLimit(LimitUsage { limit: 499, used: 0, needed: 500 }))
        alice use-allowance 1 500                                        => ok
        alice purchase 1 - 1000 max -                                    => 1
        money                                                            => alice 10000+0, theo 9500+500, bob 10000+0
        transaction 2
        probe report-usage 1 alice:gpt:1000:1000:a                       => [ReportResult::Charged(Charge { usage: 1, credits: 300 })]
        bob settle-purchase 1 -                                          => 150
        money                                                            => alice 10000+0, theo 9500+350, bob 10000+0, till 150+0
        alice refund-purchase 1 -                                        => ok
        grant 1                                                          => Refunded: 300 used, 0 held of 1000; due none; price 500, 185 settled, 315 returned
        money                                                            => alice 10000+0, theo 9815+0, bob 10000+0, till 185+0
        tina offer-credit-line 1 alice 100 EUR 1 1 30d 10d 60d 365d 9d - => 1
        alice accept-credit-line 1                                       => ok
        probe report-usage 1 alice:gpt:100:1000:b                        => [ReportResult::Charged(Charge { usage: 2, credits: 30 })]
        at 30d+1000
        bob advance-due 32                                               => 1
        theo grant-allowance alice 30                                    => 3
        alice use-allowance 3 30                                         => ok
        alice pay-bill 1 31 -                                            => OutOfRange(Range { parameter: "amount", given: 31, min: 1, max: 30 })
        alice pay-bill 1 30 -                                            => ok
        money                                                            => alice 10000+0, theo 9785+0, bob 10000+0, till 215+0
    "#]]);
}
