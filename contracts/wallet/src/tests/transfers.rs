use expect_test::expect;

use super::table::check;

#[test]
fn transfers_move_what_is_available() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        bank mint EUR alice 1000
        events
        alice transfer bob EUR 300
        alice transfer-with-reference bob EUR 100 "invoice 7"
        bob transfer carol EUR 400
        balances
        events
        alice transfer carol EUR 600
        balances
    "#]]);
}

#[test]
fn transfers_are_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        bank mint EUR alice 1000
        alice transfer bob EUR 0
        alice transfer bob EUR 1001
        alice transfer bob EUR max
        alice transfer alice EUR 1
        alice transfer nobody EUR 1
        alice transfer bob USD 1
        alice transfer bob eur 1
        alice transfer bob - 1
        alice transfer bob "far too long for the id of an asset" 1
        bob transfer alice EUR 1
        alice transfer-with-reference bob EUR 1 -
        alice transfer-with-reference bob EUR 1 "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890x"
        freeze bob
        alice transfer bob EUR 1
        thaw bob
        alice transfer bob EUR 1
        balances
    "#]]);
}

#[test]
fn a_module_pays_from_its_own_balance() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        bank mint EUR alice 1000
        market/alice transfer bob EUR 10
        alice transfer market EUR 100
        market/alice transfer bob EUR 10
        balances
    "#]]);
}
