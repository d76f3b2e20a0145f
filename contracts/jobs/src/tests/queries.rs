//! Reads: pages, and the job board.

use expect_test::expect;

use super::table::check;

#[test]
fn lists_are_paged() {
    check(expect![[r#"
        client post-job public 3 11000 21000        => 1
        client post-job public 3 11000 21000        => 2
        client post-job public 3 11000 21000        => 3
        worker apply 1 5                            => 1
        rival apply 1 5                             => 2
        client make-offer 1 worker 9000 10@50000    => 1
        client make-offer 2 worker 9000 10@50000    => 2
        worker accept-offer 1                       => 1
        worker accept-offer 2                       => 2
        nobody list-postings acme - 2               => ([1, 2], Some(2))
        nobody list-postings acme 2 2               => ([3], None)
        nobody list-postings acme 3 2               => ([], None)
        nobody list-postings corp - 100             => ([], None)
        nobody list-postings acme - 0               => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        nobody list-postings acme - 101             => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        nobody list-applications 1 - 1              => ([1], Some(1))
        nobody list-applications 1 1 1              => ([2], None)
        nobody list-offers bolt - 100               => ([1, 2], None)
        nobody list-offers-for 1 - 100              => ([1], None)
        nobody list-offers-for 2 1 100              => ([2], None)
        nobody list-offers-for 2 - 0                => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        nobody list-contracts acme client - 100     => ([1, 2], None)
        nobody list-contracts acme contractor - 100 => ([], None)
        nobody list-contracts bolt contractor 1 1   => ([2], None)
        nobody list-due 100                         => 0
        nobody list-due 101                         => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        nobody advance-due 33                       => OutOfRange(Range { parameter: "limit", given: 33, min: 1, max: 32 })
        nobody advance-due 0                        => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 32 })
        posting 9                                   => UnknownItem(Item { kind: "posting", id: 9 })
        application 9                               => UnknownItem(Item { kind: "application", id: 9 })
        offer 9                                     => UnknownItem(Item { kind: "offer", id: 9 })
        contract 9                                  => UnknownItem(Item { kind: "contract", id: 9 })
        milestone 9                                 => UnknownItem(Item { kind: "milestone", id: 9 })
        job-dispute 9                               => UnknownItem(Item { kind: "dispute", id: 9 })
        rating 1                                    => UnknownItem(Item { kind: "rating", id: 1 })
        attestation 9                               => UnknownItem(Item { kind: "attestation", id: 9 })
    "#]]);
}

#[test]
fn the_job_board_has_what_is_open() {
    check(expect![[r#"
        client post-job public 1 11000 21000     => 1
        client post-job invited 1 11000 21000    => 2
        rival post-job public 1 12000 21000      => 3
        clerk post-job public 1 11000 21000      => 4
        nobody list-open-postings - 3            => ([1, 2, 3], Some(3))
        nobody list-open-postings 3 3            => ([4], None)
        clerk close-posting 4                    => ok
        client stop-applications 2               => ok
        worker apply 1 5                         => 1
        client make-offer 1 worker 9000 10@50000 => 1
        nobody list-open-postings - 3            => ([1, 3], None)
        worker accept-offer 1                    => 1
        nobody list-open-postings - 3            => ([3], None)
        at 12000
        nobody list-open-postings - 3            => ([3], None)
        nobody advance-due 32                    => posting 3 at 12000
        nobody list-open-postings - 3            => ([], None)
        nobody list-open-postings - 0            => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
    "#]]);
}

#[test]
fn the_first_version_has_nothing_to_migrate() {
    check(expect![[r#"
        admin migrate => NotKernel
    "#]]);
}
