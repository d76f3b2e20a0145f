use expect_test::expect;

use super::table::check;

#[test]
fn lists_come_in_pages() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        bank create-asset BTC Bitcoin 8 bank
        bank create-asset STEEL-2 Steel 0 bank
        bank mint EUR alice 5
        bank mint BTC alice 6
        bank mint STEEL-2 alice 7
        bank list-assets - 2
        bank list-assets EUR 2
        bank list-assets STEEL-2 2
        bank list-assets C 1
        bank list-balances alice - 1
        bank list-balances alice BTC 2
        bank list-balances bob - 2
        alice place-hold EUR 1 bob - 5000 a
        alice place-hold BTC 2 bob - 5000 b
        alice place-hold EUR 3 bob - 5000 c
        alice release-hold 2
        bank list-holds alice - 1
        bank list-holds alice 1 1
        bank list-holds alice 3 1
        bank list-holds bob - 1
    "#]]);
}

#[test]
fn reads_are_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        bank get-asset USD
        bank get-asset usd
        bank get-supply USD
        bank get-supply usd
        bank get-balance alice EUR
        bank get-balance nobody EUR
        bank get-balance alice USD
        bank get-balance alice usd
        bank get-hold 0
        bank get-hold 1
        bank list-assets - 0
        bank list-assets - 101
        bank list-assets usd 1
        bank list-balances alice - 0
        bank list-balances alice - 101
        bank list-balances alice usd 1
        bank list-holds alice - 0
        bank list-holds alice - 101
    "#]]);
}
