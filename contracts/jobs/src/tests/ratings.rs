//! Ratings: commitment, revelation, publication and silence.

use expect_test::expect;

use super::table::check;

#[test]
fn both_rate() {
    check(expect![[r#"
        client post-job public 1 11000 21000       => 1
        client make-offer 1 worker 9000 1000@50000 => 1
        worker accept-offer 1                      => 1
        client commit-hash 1                       => UnknownItem(Item { kind: "rating", id: 1 })
        client fund 1                              => ok
        worker submit 1                            => ok
        client approve 1                           => ok
        client pay 1                               => ok
        rating 1                                   => committing until 1209601000
        client reveal 1 5 good                     => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "committing", action: "reveal" })
        clerk commit 1 client 5 good               => ok
        client commit-hash 1                       => AlreadyRated
        rival commit-hash 1                        => NotAParty(Item { kind: "contract", id: 1 })
        worker commit 1 contractor 2 "paid late"   => ok
        rating 1                                   => revealing until 604801000
        client commit-hash 1                       => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "revealing", action: "commit-last" })
        client reveal 1 4 good                     => WrongCommitment
        client reveal 1 6 good                     => OutOfRange(Range { parameter: "score", given: 6, min: 1, max: 5 })
        client reveal 1 5 281*x                    => OutOfRange(Range { parameter: "comment", given: 281, min: 0, max: 280 })
        client reveal 1 5 good                     => ok
        nobody reputation bolt                     => OrganisationRating { as-client: RatingSum { count: 0, sum: 0 }, as-contractor: RatingSum { count: 0, sum: 0 } }
        client reveal 1 5 good                     => AlreadyRated
        worker reveal 1 2 "paid late"              => ok
        nobody reputation bolt                     => OrganisationRating { as-client: RatingSum { count: 0, sum: 0 }, as-contractor: RatingSum { count: 1, sum: 5 } }
        nobody reputation acme                     => OrganisationRating { as-client: RatingSum { count: 1, sum: 2 }, as-contractor: RatingSum { count: 0, sum: 0 } }
        rating 1                                   => published until none
        worker reveal 1 2 "paid late"              => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "published", action: "reveal" })
        nobody advance rating 1                    => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "published", action: "expire" })
    "#]]);
}

#[test]
fn one_rates() {
    check(expect![[r#"
        client post-job public 1 11000 21000       => 1
        client make-offer 1 worker 9000 1000@50000 => 1
        worker accept-offer 1                      => 1
        client fund 1                              => ok
        worker submit 1                            => ok
        client approve 1                           => ok
        client pay 1                               => ok
        client commit 1 client 4 -                 => ok
        nobody advance rating 1                    => TooEarly(Deadline { item: Item { kind: "rating", id: 1 }, deadline-ms: 1209601000, now-ms: 1000 })
        at 1209601000
        worker commit-hash 1                       => TooLate(Deadline { item: Item { kind: "rating", id: 1 }, deadline-ms: 1209601000, now-ms: 1209601000 })
        nobody advance rating 1                    => ok
        rating 1                                   => revealing until 1814401000
        worker reveal 1 5 -                        => NotCommitted
        client reveal 1 4 -                        => ok
        rating 1                                   => published until none
        nobody reputation bolt                     => OrganisationRating { as-client: RatingSum { count: 0, sum: 0 }, as-contractor: RatingSum { count: 1, sum: 4 } }
        nobody reputation acme                     => OrganisationRating { as-client: RatingSum { count: 0, sum: 0 }, as-contractor: RatingSum { count: 0, sum: 0 } }
    "#]]);
}

#[test]
fn what_is_not_revealed_never_counts() {
    check(expect![[r#"
        client post-job public 2 11000 21000       => 1
        client make-offer 1 worker 9000 1000@50000 => 1
        client make-offer 1 worker 9000 1000@50000 => 2
        worker accept-offer 1                      => 1
        worker accept-offer 2                      => 2
        client fund 1                              => ok
        client fund 2                              => ok
        worker submit 1                            => ok
        worker submit 2                            => ok
        client approve 1                           => ok
        client approve 2                           => ok
        client pay 1                               => ok
        client pay 2                               => ok
        client commit 1 client 4 -                 => ok
        worker commit 1 contractor 1 -             => ok
        client commit 2 client 1 -                 => ok
        worker commit 2 contractor 1 -             => ok
        client reveal 1 4 -                        => ok
        at 604801000
        worker reveal 1 1 -                        => TooLate(Deadline { item: Item { kind: "rating", id: 1 }, deadline-ms: 604801000, now-ms: 604801000 })
        nobody advance rating 1                    => ok
        nobody advance rating 2                    => ok
        rating 1                                   => published until none
        rating 2                                   => unrated until none
        nobody reputation bolt                     => OrganisationRating { as-client: RatingSum { count: 0, sum: 0 }, as-contractor: RatingSum { count: 1, sum: 4 } }
        nobody reputation acme                     => OrganisationRating { as-client: RatingSum { count: 0, sum: 0 }, as-contractor: RatingSum { count: 0, sum: 0 } }
    "#]]);
}

#[test]
fn nobody_rates() {
    check(expect![[r#"
        client post-job public 1 11000 21000       => 1
        client make-offer 1 worker 9000 1000@50000 => 1
        worker accept-offer 1                      => 1
        client fund 1                              => ok
        worker submit 1                            => ok
        client approve 1                           => ok
        client pay 1                               => ok
        at 1209601000
        nobody advance-due 32                      => rating 1 at 1209601000
        rating 1                                   => unrated until none
        client commit-hash 1                       => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "unrated", action: "commit" })
        due                                        => contract 1 at 34560001000, posting 1 at 34560021000
    "#]]);
}
