use expect_test::expect;

use super::table::check;

#[test]
fn a_hold_is_paid_out_in_parts() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        bank mint EUR alice 1000
        events
        market/alice place-hold EUR 600 bob - 5000 "order 7"
        balances
        alice get-hold 1
        market/carol pay-out 1 bob 400
        balances
        market/carol pay-out 1 alice 50
        market/carol pay-out 1 bob 150
        market/carol pay-out 1 bob 1
        alice get-hold 1
        alice list-holds alice - 10
        balances
        events
    "#]]);
}

#[test]
fn a_hold_is_released() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        bank mint EUR alice 1000
        alice place-hold EUR 600 bob carol 5000 -
        alice release-hold 1
        carol pay-out 1 bob 100
        carol release-hold 1
        carol release-hold 1
        alice place-hold EUR 300 bob carol 5000 -
        bob release-hold 2
        alice place-hold EUR 200 - - 5000 -
        alice release-hold 3
        balances
        events
    "#]]);
}

#[test]
fn a_hold_expires() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        bank mint EUR alice 1000
        alice place-hold EUR 600 bob carol 5000 -
        carol pay-out 1 bob 100
        at 4999
        bob expire-hold 1
        at 5000
        carol pay-out 1 bob 100
        carol release-hold 1
        freeze alice
        freeze carol
        bob expire-hold 1
        bob expire-hold 1
        balances
        events
    "#]]);
}

#[test]
fn placing_a_hold_is_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        bank mint EUR alice 1000
        alice place-hold EUR 0 bob - 5000 -
        alice place-hold EUR 1001 bob - 5000 -
        alice place-hold USD 1 bob - 5000 -
        alice place-hold usd 1 bob - 5000 -
        alice place-hold EUR 1 alice - 5000 -
        alice place-hold EUR 1 nobody - 5000 -
        alice place-hold EUR 1 bob nobody 5000 -
        alice place-hold EUR 1 bob - 1000 -
        alice place-hold EUR 1 bob - 158112001001 -
        alice place-hold EUR 1 bob - max -
        alice place-hold EUR 1 bob - 5000 "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890x"
        alice place-hold EUR 1 bob - 158112001000 -
        alice place-hold EUR 999 bob - 1001 -
        alice place-hold EUR 1 bob - 5000 -
        balances
    "#]]);
}

#[test]
fn paying_out_is_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        bank mint EUR alice 1000
        alice place-hold EUR 600 bob carol 5000 -
        carol pay-out 1 bob 0
        carol pay-out 1 bob 601
        carol pay-out 1 bob max
        carol pay-out 1 carol 1
        carol pay-out 2 bob 1
        carol pay-out 0 bob 1
        alice pay-out 1 bob 1
        bob pay-out 1 bob 1
        market/carol pay-out 1 bob 1
        freeze bob
        carol pay-out 1 bob 1
        carol pay-out 1 alice 1
        alice place-hold EUR 5 - - 5000 -
        alice pay-out 2 nobody 1
        alice pay-out 2 carol 5
        balances
    "#]]);
}
