use expect_test::expect;

use super::table::check;

#[test]
fn issuers_create_mint_and_burn() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        bank mint EUR alice 1000
        bank mint EUR bank 500
        bank burn EUR 200
        bank get-asset EUR
        bank get-supply EUR
        balances
        events
    "#]]);
}

#[test]
fn what_is_no_asset_is_refused() {
    check(expect![[r#"
        bank create-asset - Euro 2 bank
        bank create-asset eur Euro 2 bank
        bank create-asset 2EUR Euro 2 bank
        bank create-asset E_R Euro 2 bank
        bank create-asset ABCDEFGHIJKLM Euro 2 bank
        bank create-asset "EUR " Euro 2 bank
        bank create-asset ÄÖÜ Euro 2 bank
        bank create-asset EUR - 2 bank
        bank create-asset EUR "12345678901234567890123456789012345678901234567890123456789012345" 2 bank
        bank create-asset EUR Euro 13 bank
        bank create-asset EUR Euro 2 nobody
        alice create-asset EUR Euro 2 alice
        market/bank create-asset EUR Euro 2 bank
        bank create-asset ABCDEFGHIJKL "longest id" 12 market
        bank create-asset E-1 "another" 0 alice
        bank create-asset E-1 "again" 0 alice
    "#]]);
}

#[test]
fn only_the_issuer_mints_and_burns() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        alice mint EUR alice 1
        market/bank mint EUR alice 1
        bank mint USD alice 1
        bank mint usd alice 1
        bank mint EUR alice 0
        bank mint EUR nobody 1
        bank mint EUR alice 10
        alice burn EUR 5
        bank burn EUR 0
        bank burn EUR 5
        bank burn USD 5
        balances
    "#]]);
}

#[test]
fn an_issuer_hands_over() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        alice set-issuer EUR alice
        bank set-issuer EUR nobody
        bank set-issuer USD alice
        bank set-issuer EUR alice
        bank mint EUR bob 1
        alice mint EUR bob 1
        alice set-issuer EUR market
        market/bob mint EUR bob 1
        balances
        events
    "#]]);
}

#[test]
fn a_supply_fits_the_largest_amount() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank
        bank mint EUR alice max
        bank mint EUR alice 1
        alice transfer bank EUR max
        bank burn EUR max
        bank mint EUR alice 1
        bank get-supply EUR
    "#]]);
}
