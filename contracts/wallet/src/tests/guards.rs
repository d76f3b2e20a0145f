use expect_test::expect;

use super::table::check;

/// Any module that a transaction calls can set the sender's money aside: no more than the sender said.
#[test]
fn a_guard_bounds_what_called_modules_take() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                   => ok
        bank create-asset USD Dollar 2 bank                 => ok
        bank mint EUR alice 1000                            => ok
        bank mint USD alice 1000                            => ok
        transaction 1
        alice require-spent-at-most EUR 100                 => ok
        market/alice place-hold EUR 60 - - 90000 -          => ok
        market/alice place-hold EUR 41 - - 90000 -          => ok
        market/alice place-hold USD 500 - - 90000 -         => ok
        market/alice require-spent-at-most EUR 900          => ok
        market/alice place-hold EUR 41 - - 90000 -          => ok
        alice require-spent-at-most EUR 41                  => ok
        alice require-spent-at-most EUR 10                  => ok
        alice transfer bob EUR 11                           => ok
        alice transfer bob EUR 10                           => ok
        transaction 2
        market/alice place-hold EUR 500 - - 90000 -         => ok
        balances                                            => ok
    "#]]);
}

#[test]
fn a_guard_binds_every_way_to_take_money() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                           => ok
        bank mint EUR alice 1000                                    => ok
        bank mint EUR bank 1000                                     => ok
        alice set-policy EUR approvers=carol approvals=1            => ok
        alice grant-allowance bob EUR 100 - 5000 - - -              => ok
        dave request-payment alice EUR 300 parts 9000 - - -         => ok
        alice require-spent-at-most eur 1                           => ok
        alice require-spent-at-most GBP 1                           => ok
        alice require-spent-at-most EUR 5                           => ok
        alice require-spent-at-most EUR 6                           => ok
        alice transfer bob EUR 6                                    => ok
        alice transfer-with-reference bob EUR 6 why                 => ok
        alice batch-transfer - bob EUR 6 -                          => ok
        alice place-hold EUR 6 bob - 5000 -                         => ok
        bob transfer-from 1 dave 6 - -                              => ok
        bob place-hold-from 1 6 dave - 5000 - -                     => ok
        alice propose-payment dave EUR 6 - - 5000 -                 => ok
        alice pay-request 1 6 - -                                   => ok
        bank require-spent-at-most EUR 0                            => ok
        bank burn EUR 1                                             => ok
        alice pay-request 1 5 - -                                   => ok
        alice pay-request 1 1 - -                                   => ok
    "#]]);
}

/// Who gets at a key once does not lock money up for years under a friend.
#[test]
fn a_hold_that_an_account_controls_is_short() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                   => ok
        bank mint EUR alice 1000                            => ok
        alice place-hold EUR 10 - carol 7776001001 -        => ok
        alice place-hold EUR 10 - carol 7776001000 -        => ok
        alice place-hold EUR 10 - market 158112001000 -     => ok
    "#]]);
}
