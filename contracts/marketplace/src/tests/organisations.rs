//! Orders belong to organisations: who acts for one is decided by its roles now.

use expect_test::expect;

use super::table::check;

#[test]
fn colleagues_act_for_the_buyer() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000 => 1
        alice place-order EUR 1@1x1 3000 => 2
        alice place-order EUR 1@1x2 3000 => 3
        rose cancel 1                    => NotAParty(Item { kind: "sub-order", id: 1 })
        fay cancel 1                     => NotAParty(Item { kind: "sub-order", id: 1 })
        ben cancel 1                     => ok
        carl accept 2                    => ok
        carl ship 2 0x1 -                => 1
        rose confirm 2                   => WrongParty(Party { account: Some(alice), organisation: None, role: Some("buyer") })
        ben confirm 2                    => ok
        carl accept 3                    => ok
        carl ship 3 0x2 -                => 1
        carl deliver 3 1                 => ok
        rose request-return 3 0x2 broken => WrongParty(Party { account: Some(alice), organisation: None, role: Some("buyer") })
        ben request-return 3 0x2 broken  => ok
        carl approve-return 3            => ok
        rose ship-return 3 Post          => ok
        tess open-dispute 3 0 worn       => ok
        rose respond 3 10000             => NotAParty(Item { kind: "sub-order", id: 3 })
        fay respond 3 10000              => ok
        ben finish-phase 3               => ok
        ben commit 2 buyer 5             => ok
        rose commit 2 buyer 5            => NotAParty(Item { kind: "sub-order", id: 2 })
        bob list-orders-of home - 2      => ([1, 2], Some(2))
        bob list-orders-of home 2 100    => ([3], None)
        bob list-orders-of club - 1      => ([], None)
        bob list-orders-of home - 0      => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
    "#]]);
}

/// The account that ordered acts only as long as it is of the organisation, and its roles elsewhere do not count.
#[test]
fn an_account_that_leaves_takes_nothing_along() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000 => 1
        carl accept 1                    => ok
        carl ship 1 0x1 -                => 1
        move alice elsewhere
        grant alice buyer
        alice confirm 1                  => WrongParty(Party { account: Some(alice), organisation: None, role: Some("buyer") })
        alice open-dispute 1 10000 mine  => NotAParty(Item { kind: "sub-order", id: 1 })
        ben confirm 1                    => ok
        move ben elsewhere
        ben commit 1 buyer 1             => NotAParty(Item { kind: "sub-order", id: 1 })
        alice commit 1 buyer 1           => NotAParty(Item { kind: "sub-order", id: 1 })
        bob place-order EUR 1@1x1 3000   => 2
        move bob acme
        bob cancel 2                     => NotAParty(Item { kind: "sub-order", id: 2 })
    "#]]);
}

/// Who packs parcels does not accept orders, nor give money away.
#[test]
fn a_warehouse_keeps_stock_and_ships() {
    check(expect![[r#"
        alice place-order EUR 1@1x2 3000 => 1
        wanda accept 1                   => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        carl accept 1                    => ok
        wanda add-stock 1 1 5 "note 7"   => ok
        wanda move-stock 1 1 2 1         => ok
        wanda ship 1 0x1 -               => 1
        wanda deliver 1 1                => ok
        wanda refund 1 0 1               => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        wanda cancel-unshipped 1         => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("clerk") })
        wanda set-prices 1 -             => WrongParty(Party { account: None, organisation: Some("acme"), role: Some("seller") })
    "#]]);
}
