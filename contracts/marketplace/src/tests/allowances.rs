//! Orders that are paid from an allowance of the wallet.

use expect_test::expect;

use super::table::check;

/// An agent orders with its owner's money, which is what comes back.
#[test]
fn an_order_is_paid_from_an_allowance() {
    check(expect![[r#"
        bob grant-allowance ben 3000         => 1
        transaction 1
        ben place-order EUR 1@1x1 1000       => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 1000 }))
        ben use-allowance 1 1500             => ok
        ben place-order EUR 1@1x2 2000       => Wallet(OverTransactionLimit(LimitUsage { limit: 1500, used: 0, needed: 2000 }))
        ben place-order EUR 1@1x1,2@1x1 2000 => 1
        balances                             => alice 1000000+0, bob 998667+1333
        transaction 2
        ben place-order EUR 2@1x1 2000       => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 0, needed: 333 }))
        carl accept 1                        => ok
        carl ship 1 0x1,1x1 -                => 1
        carl deliver 1 1                     => ok
        carl refund 1 0 100                  => ok
        balances                             => alice 1000000+0, bob 998767+1233
        ben confirm 1                        => ok
        balances                             => till 1203+0, alice 1000000+0, bob 998767+0, plat 30+0
        transaction 3
        ben use-allowance 1 1000             => ok
        ben place-order EUR 1@1x1 1000       => 2
        carl decline 2                       => ok
        balances                             => till 1203+0, alice 1000000+0, bob 998767+0, plat 30+0
        ben use-allowance 1 1000             => ok
        ben place-order EUR 2@1x1 1000       => 3
        balances                             => till 1203+0, alice 1000000+0, bob 998434+333, plat 30+0
        carl accept 3                        => ok
        ben cancel 3                         => ok
        balances                             => till 1236+0, alice 1000000+0, bob 998734+0, plat 30+0
    "#]]);
}
