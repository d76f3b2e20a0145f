//! Bounds on what a transaction spends (`limit-transaction-spending`), and holds that an account controls.

use expect_test::expect;

use super::table::check;

/// Any module that a transaction calls can set the sender's money aside: no more than the sender said.
#[test]
fn a_guard_bounds_what_called_modules_take() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank               => ok
        bank create-asset USD Dollar 2 bank             => ok
        bank mint EUR alice 1000                        => ok
        bank mint USD alice 1000                        => ok
        transaction 1
        alice limit-transaction-spending EUR 100        => ok
        market/alice place-hold EUR 60 - - 90000 -      => 1
        market/alice place-hold EUR 41 - - 90000 -      => OverTransactionLimit(LimitUsage { limit: 100, used: 60, needed: 41 })
        market/alice place-hold USD 500 - - 90000 -     => 2
        market/alice limit-transaction-spending EUR 900 => ok
        market/alice place-hold EUR 41 - - 90000 -      => OverTransactionLimit(LimitUsage { limit: 100, used: 60, needed: 41 })
        alice limit-transaction-spending EUR 41         => OverTransactionLimit(LimitUsage { limit: 100, used: 60, needed: 41 })
        alice limit-transaction-spending EUR 10         => ok
        alice transfer bob EUR 11                       => OverTransactionLimit(LimitUsage { limit: 10, used: 0, needed: 11 })
        alice transfer bob EUR 10                       => ok
        transaction 2
        market/alice place-hold EUR 500 - - 90000 -     => 3
        balances                                        => alice 430+560 EUR, alice 500+500 USD, bob 10+0 EUR
    "#]]);
}

#[test]
fn a_guard_binds_every_way_to_take_money() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                   => ok
        bank mint EUR alice 1000                            => ok
        bank mint EUR bank 1000                             => ok
        alice set-policy EUR approvers=carol approvals=1    => ok
        alice grant-allowance bob EUR 100 - 5000 - - -      => 1
        dave request-payment alice EUR 300 parts 9000 - - - => 1
        alice limit-transaction-spending eur 1              => MalformedAssetId("eur")
        alice limit-transaction-spending GBP 1              => UnknownAsset("GBP")
        alice limit-transaction-spending EUR 5              => ok
        alice limit-transaction-spending EUR 6              => OverTransactionLimit(LimitUsage { limit: 5, used: 0, needed: 6 })
        alice transfer bob EUR 6                            => OverTransactionLimit(LimitUsage { limit: 5, used: 0, needed: 6 })
        alice transfer-with-reference bob EUR 6 why         => OverTransactionLimit(LimitUsage { limit: 5, used: 0, needed: 6 })
        alice batch-transfer - bob EUR 6 -                  => OverTransactionLimit(LimitUsage { limit: 5, used: 0, needed: 6 })
        alice place-hold EUR 6 bob - 5000 -                 => OverTransactionLimit(LimitUsage { limit: 5, used: 0, needed: 6 })
        bob transfer-from 1 dave 6 - -                      => OverTransactionLimit(LimitUsage { limit: 5, used: 0, needed: 6 })
        bob place-hold-from 1 6 dave - 5000 - -             => OverTransactionLimit(LimitUsage { limit: 5, used: 0, needed: 6 })
        alice propose-payment dave EUR 6 - - 5000 -         => OverTransactionLimit(LimitUsage { limit: 5, used: 0, needed: 6 })
        alice pay-request 1 6 - -                           => OverTransactionLimit(LimitUsage { limit: 5, used: 0, needed: 6 })
        bank limit-transaction-spending EUR 0               => ok
        bank burn EUR 1                                     => OverTransactionLimit(LimitUsage { limit: 0, used: 0, needed: 1 })
        alice pay-request 1 5 - -                           => ok
        alice pay-request 1 1 - -                           => OverTransactionLimit(LimitUsage { limit: 5, used: 5, needed: 1 })
    "#]]);
}

/// Who gets at a key once does not lock money up for years under a friend.
#[test]
fn a_hold_that_an_account_controls_is_short() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank               => ok
        bank mint EUR alice 1000                        => ok
        alice place-hold EUR 10 - carol 7776001001 -    => OutOfRange(Range { parameter: "expires-ms", given: 7776001001, min: 1001, max: 7776001000 })
        alice place-hold EUR 10 - carol 7776001000 -    => 1
        alice place-hold EUR 10 - market 158112001000 - => 2
    "#]]);
}
