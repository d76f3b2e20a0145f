//! Bad input that the other tables do not have: numbers that nothing has, malformed documents, keys.

use ehb_contract::Host;
use ehb_dispute::types::Document;
use expect_test::expect;

use super::table::{CAST, Play, check, document};
use crate::bindings::ehb::jobs::types::Error;
use crate::rules;

#[test]
fn unknown_numbers_are_named() {
    check(expect![[r#"
        client invite 9 worker                    => UnknownItem(Item { kind: "posting", id: 9 })
        client stop-applications 9                => UnknownItem(Item { kind: "posting", id: 9 })
        client close-posting 9                    => UnknownItem(Item { kind: "posting", id: 9 })
        worker apply 9 1                          => UnknownItem(Item { kind: "posting", id: 9 })
        client shortlist 9                        => UnknownItem(Item { kind: "application", id: 9 })
        client reject-application 9               => UnknownItem(Item { kind: "application", id: 9 })
        worker withdraw-application 9             => UnknownItem(Item { kind: "application", id: 9 })
        client make-offer 9 worker 9000 300@50000 => UnknownItem(Item { kind: "posting", id: 9 })
        worker accept-offer 9                     => UnknownItem(Item { kind: "offer", id: 9 })
        worker decline-offer 9                    => UnknownItem(Item { kind: "offer", id: 9 })
        client withdraw-offer 9                   => UnknownItem(Item { kind: "offer", id: 9 })
        client fund 9                             => UnknownItem(Item { kind: "milestone", id: 9 })
        worker submit 9                           => UnknownItem(Item { kind: "milestone", id: 9 })
        client revise 9                           => UnknownItem(Item { kind: "milestone", id: 9 })
        client approve 9                          => UnknownItem(Item { kind: "milestone", id: 9 })
        client release 9                          => UnknownItem(Item { kind: "milestone", id: 9 })
        worker give-up 9                          => UnknownItem(Item { kind: "milestone", id: 9 })
        client propose-cancellation 9 5000        => UnknownItem(Item { kind: "contract", id: 9 })
        client accept-cancellation 9 5000         => UnknownItem(Item { kind: "contract", id: 9 })
        client terminate 9                        => UnknownItem(Item { kind: "contract", id: 9 })
        client dispute 9 5000                     => UnknownItem(Item { kind: "milestone", id: 9 })
        client respond 9 5000                     => UnknownItem(Item { kind: "dispute", id: 9 })
        client add-evidence 9                     => UnknownItem(Item { kind: "dispute", id: 9 })
        client offer-settlement 9 5000            => UnknownItem(Item { kind: "dispute", id: 9 })
        client accept-settlement 9                => UnknownItem(Item { kind: "dispute", id: 9 })
        client rest 9                             => UnknownItem(Item { kind: "dispute", id: 9 })
        judge rule 9 5000                         => UnknownItem(Item { kind: "dispute", id: 9 })
        client appeal 9                           => UnknownItem(Item { kind: "dispute", id: 9 })
        client commit-hash 9                      => UnknownItem(Item { kind: "rating", id: 9 })
        client reveal 9 5 -                       => UnknownItem(Item { kind: "rating", id: 9 })
        clerk revoke-attestation 9                => UnknownItem(Item { kind: "attestation", id: 9 })
        nobody advance posting 9                  => UnknownItem(Item { kind: "posting", id: 9 })
        nobody advance application 9              => UnknownItem(Item { kind: "application", id: 9 })
        nobody advance offer 9                    => UnknownItem(Item { kind: "offer", id: 9 })
        nobody advance contract 9                 => UnknownItem(Item { kind: "contract", id: 9 })
        nobody advance milestone 9                => UnknownItem(Item { kind: "milestone", id: 9 })
        nobody advance job-dispute 9              => UnknownItem(Item { kind: "dispute", id: 9 })
        nobody advance rating 9                   => UnknownItem(Item { kind: "rating", id: 9 })
        nobody advance attestation 9              => UnknownItem(Item { kind: "attestation", id: 9 })
        client terminate 0                        => UnknownItem(Item { kind: "contract", id: 0 })
        client terminate 18446744073709551615     => UnknownItem(Item { kind: "contract", id: 18446744073709551615 })
        client list-postings client - 0           => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        client list-applications 1 - 101          => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        client list-offers worker - 0             => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        client list-contracts client client - 101 => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        client list-attestations worker - 0       => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        client list-due 101                       => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
    "#]]);
}

/// Parts of an amount lie between nothing and all of it.
#[test]
fn parts_of_amounts_are_bounded() {
    check(expect![[r#"
        client post-job everybody 1 11000 21000   => 1
        client make-offer 1 worker 9000 300@50000 => 1
        worker accept-offer 1                     => 1
        client propose-cancellation 1 10001       => OutOfRange(Range { parameter: "to-client", given: 10001, min: 0, max: 10000 })
        client fund 1                             => ok
        worker submit 1                           => ok
        client dispute 1 10001                    => OutOfRange(Range { parameter: "to-first", given: 10001, min: 0, max: 10000 })
        client dispute 1 10000                    => 1
        worker respond 1 10001                    => OutOfRange(Range { parameter: "to-first", given: 10001, min: 0, max: 10000 })
        worker offer-settlement 1 10001           => OutOfRange(Range { parameter: "to-first", given: 10001, min: 0, max: 10000 })
        judge rule 1 10001                        => OutOfRange(Range { parameter: "to-first", given: 10001, min: 0, max: 10000 })
    "#]]);
}

#[test]
fn malformed_documents_are_named() {
    let mut play = Play::new();
    for row in [
        "client post-job everybody 2 11000 21000",
        "client make-offer 1 worker 9000 300@50000 400@60000 500@60000",
        "worker accept-offer 1",
        "client fund 1",
        "client fund 2",
        "client fund 3",
        "worker submit 1",
        "worker submit 2",
        "client dispute 1 5000",
        "client dispute 2 5000",
        // The second is as far as a ruling.
        "worker respond 2 0",
        "client rest 2",
        "worker rest 2",
        "client rest 2",
    ] {
        assert!(!play.row(row).contains('('), "{row}");
    }
    let host = &mut play.host;
    let documents = [
        Document { cid: "Qm".to_owned(), ..document() },
        Document { media_type: "pdf".to_owned(), ..document() },
        Document { media_type: "x".repeat(128), ..document() },
        Document { size: 0, ..document() },
        Document { size: u64::MAX, ..document() },
    ];
    type Call = fn(&mut Host, Document) -> Result<(), Error>;
    let calls: [(&str, &str, Call); 5] = [
        ("client", "add-evidence", |host, it| rules::add_evidence(host, 1, it, String::new())),
        ("judge", "rule-dispute", |host, it| {
            rules::rule_dispute(host, 2, 0, Some(it), String::new())
        }),
        ("worker", "submit-milestone", |host, it| rules::submit_milestone(host, 3, it)),
        ("rival", "apply", |host, it| {
            rules::apply(host, 1, String::new(), 1, vec![it], String::new()).map(drop)
        }),
        ("clerk", "attest", |host, it| {
            let kind = "welding".to_owned();
            let worker = CAST.address("worker");
            rules::attest(host, worker, kind, Some(it), 9_000, String::new()).map(drop)
        }),
    ];
    let mut told = String::new();
    for (who, name, call) in calls {
        for document in &documents {
            host.act_as(CAST.address(who));
            let result = host.call(|host| call(host, document.clone()));
            told.push_str(&format!("{name}: {}\n", CAST.outcome(&result)));
        }
    }
    expect![[r#"
        add-evidence: MalformedCid("Qm")
        add-evidence: MalformedMediaType("pdf")
        add-evidence: OutOfRange(Range { parameter: "media-type", given: 128, min: 3, max: 127 })
        add-evidence: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        add-evidence: OutOfRange(Range { parameter: "size", given: 18446744073709551615, min: 1, max: 1099511627776 })
        rule-dispute: MalformedCid("Qm")
        rule-dispute: MalformedMediaType("pdf")
        rule-dispute: OutOfRange(Range { parameter: "media-type", given: 128, min: 3, max: 127 })
        rule-dispute: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        rule-dispute: OutOfRange(Range { parameter: "size", given: 18446744073709551615, min: 1, max: 1099511627776 })
        submit-milestone: MalformedCid("Qm")
        submit-milestone: MalformedMediaType("pdf")
        submit-milestone: OutOfRange(Range { parameter: "media-type", given: 128, min: 3, max: 127 })
        submit-milestone: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        submit-milestone: OutOfRange(Range { parameter: "size", given: 18446744073709551615, min: 1, max: 1099511627776 })
        apply: MalformedCid("Qm")
        apply: MalformedMediaType("pdf")
        apply: OutOfRange(Range { parameter: "media-type", given: 128, min: 3, max: 127 })
        apply: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        apply: OutOfRange(Range { parameter: "size", given: 18446744073709551615, min: 1, max: 1099511627776 })
        attest: MalformedCid("Qm")
        attest: MalformedMediaType("pdf")
        attest: OutOfRange(Range { parameter: "media-type", given: 128, min: 3, max: 127 })
        attest: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        attest: OutOfRange(Range { parameter: "size", given: 18446744073709551615, min: 1, max: 1099511627776 })
    "#]]
    .assert_eq(&told);
}

/// A key counts for one call with its arguments.
#[test]
fn keys_are_used_once() {
    let mut play = Play::new();
    for row in [
        "client post-job everybody 1 11000 21000",
        "client make-offer 1 worker 9000 300@50000 400@60000",
        "worker accept-offer 1",
    ] {
        play.row(row);
    }
    let host = &mut play.host;
    let key = || "k".to_owned();
    for who in ["client", "worker", "judge", "clerk"] {
        host.act_as(CAST.address(who));
        // Whatever the first call with the key is, all others are refused.
        let details = super::table::details();
        host.call(|host| rules::post_job(host, details, key())).unwrap();
    }
    type Call = fn(&mut Host, String) -> Result<(), Error>;
    let calls: [(&str, &str, Call); 12] = [
        ("client", "post-job", |host, key| {
            let mut details = super::table::details();
            details.budget += 1;
            rules::post_job(host, details, key).map(drop)
        }),
        ("worker", "apply", |host, key| {
            rules::apply(host, 1, String::new(), 1, vec![], key).map(drop)
        }),
        ("client", "make-offer", |host, key| {
            let (worker, conditions) = (CAST.address("worker"), super::table::conditions());
            rules::make_offer(host, 1, worker, conditions, vec![], 9_000, key).map(drop)
        }),
        ("worker", "accept-offer", |host, key| rules::accept_offer(host, 1, key).map(drop)),
        ("client", "fund-milestone", |host, key| rules::fund_milestone(host, 1, key)),
        ("client", "release-milestone", |host, key| rules::release_milestone(host, 1, key)),
        ("worker", "give-up-milestone", |host, key| rules::give_up_milestone(host, 1, key)),
        ("client", "accept-cancellation", |host, key| rules::accept_cancellation(host, 1, 0, key)),
        ("client", "open-dispute", |host, key| {
            rules::open_dispute(host, 1, 0, "why".to_owned(), key).map(drop)
        }),
        ("client", "accept-settlement", |host, key| rules::accept_settlement(host, 1, key)),
        ("judge", "rule-dispute", |host, key| rules::rule_dispute(host, 1, 0, None, key)),
        ("clerk", "attest", |host, key| {
            let kind = "welding".to_owned();
            rules::attest(host, CAST.address("worker"), kind, None, 9_000, key).map(drop)
        }),
    ];
    for (who, name, call) in calls {
        host.act_as(CAST.address(who));
        assert_eq!(host.call(|host| call(host, key())), Err(Error::KeyReused), "{name}");
        let long = host.call(|host| call(host, "k".repeat(65)));
        assert!(matches!(long, Err(Error::OutOfRange(_))), "{name}: {long:?}");
    }
}
