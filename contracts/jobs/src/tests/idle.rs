//! Contractors that do nothing, and contracts that only earn ratings.

use expect_test::expect;

use super::table::{Play, check};
use crate::keys::OFFERS_OPEN;

/// The due date can be two years ahead; the client gets its money back long before.
#[test]
fn an_idle_contractor_does_not_lock_the_escrow() {
    check(expect![[r#"
        client post-job public 1 11000 21000             => 1
        client make-offer 1 worker 9000 1000@63072001000 => 1
        worker accept-offer 1                            => 1
        client fund 1                                    => ok
        worker dispute 1 0                               => Dispute(WrongSide(Side::Payer))
        client dispute 1 10000                           => TooEarly(Deadline { item: Item { kind: "milestone", id: 1 }, deadline-ms: 2000, now-ms: 1000 })
        at 1999
        client dispute 1 10000                           => TooEarly(Deadline { item: Item { kind: "milestone", id: 1 }, deadline-ms: 2000, now-ms: 1999 })
        at 2000
        rival dispute 1 10000                            => NotAParty(Item { kind: "contract", id: 1 })
        clerk dispute 1 10000                            => 1
        worker submit 1                                  => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "disputed", action: "submit" })
        worker respond 1 0                               => ok
        client finish-phase 1                            => ok
        worker finish-phase 1                            => ok
        client request 1                                 => ok
        at 62000
        nobody advance job-dispute 1                     => ok
        milestone 1                                      => disputed until none, in 1000, paid 0, fee 0, back 0
        job-dispute 1                                    => Arbitration until 122000
        balances                                         => client -1000, 1000 held
    "#]]);
}

#[test]
fn colleagues_earn_each_other_no_ratings() {
    check(expect![[r#"
        client post-job public 1 11000 21000      => 1
        client make-offer 1 clerk 9000 1000@50000 => 1
        clerk accept-offer 1                      => 1
        client fund 1                             => ok
        clerk submit 1                            => ok
        client approve 1                          => ok
        client pay 1                              => ok
        contract 1                                => completed, 0 open, 1000 paid
        rating 1                                  => UnknownItem(Item { kind: "rating", id: 1 })
        client commit-hash 1                      => UnknownItem(Item { kind: "rating", id: 1 })
    "#]]);
}

#[test]
fn worthless_contracts_earn_no_ratings() {
    check(expect![[r#"
        client set-rating-minimum EUR 1000                 => MissingRole("platform-admin")
        admin set-rating-minimum EUR 0                     => ZeroAmount
        admin set-rating-minimum - 1000                    => MalformedAssetId("")
        admin set-rating-minimum EUR 1000                  => ok
        nobody get-rating-minimum EUR                      => Some(1000)
        nobody get-rating-minimum USD                      => None
        nobody get-rating-minimum -                        => MalformedAssetId("")
        client post-job public 2 11000 21000               => 1
        client make-offer 1 worker 9000 999@50000          => 1
        client make-offer 1 rival 9000 500@50000 500@50000 => 2
        worker accept-offer 1                              => 1
        rival accept-offer 2                               => 2
        client fund 1                                      => ok
        worker submit 1                                    => ok
        client approve 1                                   => ok
        client pay 1                                       => ok
        rating 1                                           => UnknownItem(Item { kind: "rating", id: 1 })
        client commit-hash 1                               => BelowRatingMinimum(Some(1000))
        client fund 2                                      => ok
        client fund 3                                      => ok
        rival submit 2                                     => ok
        rival submit 3                                     => ok
        client approve 2                                   => ok
        client approve 3                                   => ok
        client pay 2                                       => ok
        client pay 3                                       => ok
        rating 2                                           => committing until 1209601000
        admin set-rating-minimum EUR                       => ok
        nobody get-rating-minimum EUR                      => None
    "#]]);
}

/// An organisation does not flood an account with offers, from however many postings.
#[test]
fn open_offers_are_bounded() {
    let mut play = Play::new();
    assert_eq!(play.row("client post-job public 1 11000 21000"), "1");
    assert_eq!(play.row("clerk post-job public 1 11000 21000"), "2");
    for number in 1..=100 {
        let (who, posting) = if number % 2 == 0 { ("client", 1) } else { ("clerk", 2) };
        let row = format!("{who} make-offer {posting} worker 9000 1@50000");
        assert_eq!(play.row(&row), number.to_string());
    }
    let refused = play.row("client make-offer 1 worker 9000 1@50000");
    expect![[r#"TooMany(Bound { what: "open-offers", max: 100 })"#]].assert_eq(&refused);
    assert_eq!(play.row("client make-offer 1 rival 9000 1@50000"), "101", "another account");
    assert_eq!(play.row("worker decline-offer 7"), "ok");
    assert_eq!(play.row("client make-offer 1 worker 9000 1@50000"), "102");
    assert_eq!(play.row("at 9000"), "");
    for _ in 0..4 {
        play.row("nobody advance-due 32");
    }
    assert_eq!(OFFERS_OPEN.scan(&play.host, None, 10), [], "nothing is left behind");
}
