//! Milestones that are funded from an allowance of the wallet.

use expect_test::expect;

use super::table::check;

/// A treasurer without money of its own funds milestones from the client's, which is where the rest goes back.
#[test]
fn a_milestone_is_funded_from_an_allowance() {
    check(expect![[r#"
        client post-job public 1 11000 21000                => 1
        client make-offer 1 worker 9000 300@50000 100@60000 => 1
        worker accept-offer 1                               => 1
        client grant-allowance treasurer 350                => 1
        transaction 1
        treasurer use-allowance 1 299                       => ok
        treasurer fund 1                                    => Wallet(OverTransactionLimit(LimitUsage { limit: 299, used: 0, needed: 300 }))
        treasurer use-allowance 1 300                       => ok
        treasurer fund 1                                    => ok
        balances                                            => client -300, 300 held
        treasurer use-allowance 1 300                       => ok
        treasurer fund 2                                    => Wallet(OverAllowance(LimitUsage { limit: 350, used: 300, needed: 100 }))
        transaction 2
        treasurer fund 2                                    => ok
        balances                                            => client -300, 300 held; treasurer -100, 100 held
        worker submit 1                                     => ok
        client dispute 1 10000                              => 1
        worker respond 1 2000                               => ok
        client accept-settlement 1                          => ok
        milestone 1                                         => resolved until none, in 300, paid 240, fee 0, back 60
        balances                                            => client -240, 0 held; treasurer -100, 100 held; worker +240, 0 held
        worker refund 2                                     => ok
        balances                                            => client -240, 0 held; worker +240, 0 held
    "#]]);
}
