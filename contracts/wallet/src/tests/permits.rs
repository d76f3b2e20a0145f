use expect_test::expect;

use super::table::check;

/// A company whose policy asks for approval can place an order: the approvers permit the hold of the market's escrow.
#[test]
fn a_permit_serves_a_hold() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                           => ok
        bank mint EUR alice 10000                                   => ok
        alice set-policy EUR above=100 approvers=bob,carol approvals=2 => ok
        market/alice place-hold EUR 500 - - 90000 -                 => ok
        alice ask-permit market EUR 600 "order 7" 90000 ask-1       => ok
        alice ask-permit market EUR 600 "order 7" 90000 ask-1       => ok
        market/alice place-hold EUR 500 - - 90000 -                 => ok
        bob approve-permit 1                                        => ok
        market/alice place-hold EUR 500 - - 90000 -                 => ok
        bob list-permits carol - 10                                 => ok
        carol approve-permit 1                                      => ok
        alice transfer dave EUR 500                                 => ok
        market/alice place-hold EUR 601 - - 90000 -                 => ok
        market/alice place-hold EUR 500 - - 90000 -                 => ok
        market/alice place-hold EUR 500 - - 90000 -                 => ok
        bob list-permits carol - 10                                 => ok
        alice get-permit 1                                          => ok
        market/alice place-hold EUR 60 - - 90000 -                  => ok
        market/alice place-hold EUR 41 - - 90000 -                  => ok
        balances                                                    => ok
        events
          | ok
    "#]]);
}

/// What is split into parts needs approval as the whole does.
#[test]
fn splitting_does_not_help() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                        => ok
        bank mint EUR alice 1000                                 => ok
        alice set-policy EUR above=100 approvers=bob approvals=1 => ok
        alice transfer dave EUR 60                               => ok
        alice transfer dave EUR 60                               => ApprovalNeeded(LimitUsage { limit: 100, used: 60, needed: 60 })
        alice batch-transfer - dave EUR 30 - carol EUR 11 -      => ApprovalNeeded(LimitUsage { limit: 100, used: 90, needed: 11 })
        alice transfer dave EUR 40                               => ok
        alice grant-allowance carol EUR 50 - 90000 - - -         => 1
        carol transfer-from 1 dave 1 - -                         => ApprovalNeeded(LimitUsage { limit: 100, used: 100, needed: 1 })
        at 86400000
        alice transfer dave EUR 100                              => ok
    "#]]);
}

#[test]
fn a_permit_counts_for_payees_and_daily_limits_too() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                                      => ok
        bank mint EUR alice 1000                                               => ok
        alice set-policy EUR daily=10 payees=carol approvers=bob approvals=1   => ok
        alice transfer dave EUR 5                                              => ok
        alice transfer carol EUR 11                                            => ok
        alice ask-permit dave EUR 5 - 5000 -                                   => ok
        alice ask-permit carol EUR 11 - 5000 -                                 => ok
        bob approve-permit 1                                                   => ok
        bob approve-permit 2                                                   => ok
        alice transfer dave EUR 5                                              => ok
        alice transfer carol EUR 11                                            => ok
        alice transfer carol EUR 10                                            => ok
        balances                                                               => ok
    "#]]);
}

#[test]
fn a_permit_ends_unused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                              => ok
        bank mint EUR alice 1000                                       => ok
        alice set-policy EUR above=5 approvers=bob,carol approvals=1   => ok
        alice ask-permit dave EUR 100 - 5000 -                         => ok
        alice ask-permit dave EUR 100 - 5000 -                         => ok
        alice ask-permit dave EUR 100 - 5000 -                         => ok
        alice ask-permit dave EUR 100 - 5000 -                         => ok
        bob approve-permit 1                                           => ok
        carol reject-permit 1                                          => ok
        bob approve-permit 2                                           => ok
        alice cancel-permit 2                                          => ok
        bob approve-permit 3                                           => ok
        alice transfer dave EUR 100                                    => ok
        alice transfer dave EUR 100                                    => ok
        at 5000
        bob approve-permit 4                                           => ok
        nobody sweep 32                                                => ok
        alice get-permit 4                                             => ok
        alice ask-permit dave EUR 100 - 9000 -                         => ok
        bob approve-permit 5                                           => ok
        alice set-policy EUR above=6 approvers=bob approvals=1         => ok
        alice transfer dave EUR 100                                    => ok
        at 9000
        alice transfer dave EUR 100                                    => ok
        events
          | ok
    "#]]);
}

#[test]
fn permits_are_refused() {
    check(expect![[r#"
        bank create-asset EUR Euro 2 bank                         => ok
        alice ask-permit dave EUR 100 - 5000 -                    => ok
        alice set-policy EUR above=5 approvers=bob,dave approvals=2 => ok
        alice ask-permit dave eur 100 - 5000 -                    => ok
        alice ask-permit dave EUR 0 - 5000 -                      => ok
        alice ask-permit alice EUR 100 - 5000 -                   => ok
        alice ask-permit nobody EUR 100 - 5000 -                  => ok
        alice ask-permit dave EUR 100 141*x 5000 -                => ok
        alice ask-permit dave EUR 100 - 1000 -                    => ok
        alice ask-permit dave EUR 100 - 2592001001 -              => ok
        alice ask-permit dave EUR 100 - 5000 65*k                 => ok
        alice ask-permit dave EUR 100 - 5000 key                  => ok
        alice ask-permit dave EUR 101 - 5000 key                  => ok
        bob approve-permit 2                                      => ok
        carol approve-permit 1                                    => ok
        dave approve-permit 1                                     => ok
        dave reject-permit 1                                      => ok
        bob approve-permit 1                                      => ok
        bob approve-permit 1                                      => ok
        bob cancel-permit 1                                       => ok
        bob reject-permit 2                                       => ok
        alice cancel-permit 2                                     => ok
        alice get-permit 2                                        => ok
        alice list-permits alice - 101                            => ok
        nobody advance permit 1                                   => ok
        alice set-policy EUR above=6 approvers=bob approvals=1    => ok
        bob approve-permit 1                                      => ok
        alice cancel-permit 1                                     => ok
        alice cancel-permit 1                                     => ok
        bob approve-permit 1                                      => ok
        bob reject-permit 1                                       => ok
    "#]]);
}
