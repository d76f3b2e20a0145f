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
        client pay 9                              => UnknownItem(Item { kind: "milestone", id: 9 })
        worker refund 9                           => UnknownItem(Item { kind: "milestone", id: 9 })
        client propose-cancellation 9 5000        => UnknownItem(Item { kind: "contract", id: 9 })
        client accept-cancellation 9 5000         => UnknownItem(Item { kind: "contract", id: 9 })
        client terminate 9                        => UnknownItem(Item { kind: "contract", id: 9 })
        client dispute 9 5000                     => UnknownItem(Item { kind: "milestone", id: 9 })
        client respond 9 5000                     => UnknownItem(Item { kind: "dispute", id: 9 })
        client add-evidence 9                     => UnknownItem(Item { kind: "dispute", id: 9 })
        client offer-settlement 9 5000            => UnknownItem(Item { kind: "dispute", id: 9 })
        client accept-settlement 9                => UnknownItem(Item { kind: "dispute", id: 9 })
        client finish-phase 9                     => UnknownItem(Item { kind: "dispute", id: 9 })
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
        client list-postings acme - 0             => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        client list-applications 1 - 101          => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        client list-offers bolt - 0               => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        client list-contracts acme client - 101   => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
        client list-attestations worker - 0       => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        client list-due 101                       => OutOfRange(Range { parameter: "limit", given: 101, min: 1, max: 100 })
    "#]]);
}

/// Parts of an amount are between nothing and all of it.
#[test]
fn parts_of_amounts_are_bounded() {
    check(expect![[r#"
        client post-job public 1 11000 21000      => 1
        client make-offer 1 worker 9000 300@50000 => 1
        worker accept-offer 1                     => 1
        client propose-cancellation 1 10001       => OutOfRange(Range { parameter: "to-client", given: 10001, min: 0, max: 10000 })
        client fund 1                             => ok
        worker submit 1                           => ok
        client dispute 1 10001                    => OutOfRange(Range { parameter: "to-payer", given: 10001, min: 0, max: 10000 })
        client dispute 1 10000                    => 1
        worker respond 1 10001                    => OutOfRange(Range { parameter: "to-payer", given: 10001, min: 0, max: 10000 })
        worker offer-settlement 1 10001           => OutOfRange(Range { parameter: "to-payer", given: 10001, min: 0, max: 10000 })
        judge rule 1 10001                        => OutOfRange(Range { parameter: "to-payer", given: 10001, min: 0, max: 10000 })
    "#]]);
}

#[test]
fn malformed_documents_are_named() {
    let mut play = Play::new();
    for row in [
        "client post-job public 2 11000 21000",
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
        "client finish-phase 2",
        "worker finish-phase 2",
        "client request 2",
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
        ("rival", "submit-application", |host, it| {
            rules::submit_application(host, 1, String::new(), 1, vec![it], String::new()).map(drop)
        }),
        ("kin", "issue-attestation", |host, it| {
            let kind = "welding".to_owned();
            let worker = CAST.address("worker");
            rules::issue_attestation(host, worker, kind, Some(it), 9_000, String::new()).map(drop)
        }),
    ];
    let mut text = String::new();
    for (who, name, call) in calls {
        for document in &documents {
            host.act_as(CAST.address(who));
            let result = host.call(|host| call(host, document.clone()));
            text.push_str(&format!("{name}: {}\n", CAST.outcome(&result)));
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
        submit-application: MalformedCid("Qm")
        submit-application: MalformedMediaType("pdf")
        submit-application: OutOfRange(Range { parameter: "media-type", given: 128, min: 3, max: 127 })
        submit-application: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        submit-application: OutOfRange(Range { parameter: "size", given: 18446744073709551615, min: 1, max: 1099511627776 })
        issue-attestation: MalformedCid("Qm")
        issue-attestation: MalformedMediaType("pdf")
        issue-attestation: OutOfRange(Range { parameter: "media-type", given: 128, min: 3, max: 127 })
        issue-attestation: OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 })
        issue-attestation: OutOfRange(Range { parameter: "size", given: 18446744073709551615, min: 1, max: 1099511627776 })
    "#]]
    .assert_eq(&text);
}

/// A key counts for one call with its arguments.
#[test]
fn keys_are_used_once() {
    let mut play = Play::new();
    for row in [
        "client post-job public 1 11000 21000",
        "client make-offer 1 worker 9000 300@50000 400@60000",
        "worker accept-offer 1",
    ] {
        play.row(row);
    }
    let host = &mut play.host;
    let key = || "k".to_owned();
    for who in ["client", "worker", "judge", "clerk", "kin"] {
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
        ("worker", "submit-application", |host, key| {
            rules::submit_application(host, 1, String::new(), 1, vec![], key).map(drop)
        }),
        ("client", "make-offer", |host, key| {
            let (worker, terms) = (CAST.address("worker"), super::table::terms());
            rules::make_offer(host, 1, worker, terms, vec![], 9_000, key).map(drop)
        }),
        ("worker", "accept-offer", |host, key| rules::accept_offer(host, 1, key).map(drop)),
        ("client", "fund-milestone", |host, key| rules::fund_milestone(host, 1, key)),
        ("client", "pay-milestone", |host, key| rules::pay_milestone(host, 1, key)),
        ("worker", "refund-milestone", |host, key| rules::refund_milestone(host, 1, key)),
        ("client", "accept-cancellation", |host, key| rules::accept_cancellation(host, 1, 0, key)),
        ("client", "open-dispute", |host, key| {
            rules::open_dispute(host, 1, 0, "why".to_owned(), key).map(drop)
        }),
        ("client", "accept-settlement", |host, key| rules::accept_settlement(host, 1, key)),
        ("judge", "rule-dispute", |host, key| rules::rule_dispute(host, 1, 0, None, key)),
        ("kin", "issue-attestation", |host, key| {
            let kind = "welding".to_owned();
            rules::issue_attestation(host, CAST.address("worker"), kind, None, 9_000, key).map(drop)
        }),
    ];
    let mut results = String::new();
    for (who, name, call) in calls {
        host.act_as(CAST.address(who));
        for key in [key(), "k".repeat(65)] {
            let result = host.call(|host| call(host, key));
            results.push_str(&format!("{name}: {}\n", CAST.outcome(&result)));
        }
    }
    expect![[r#"
        post-job: KeyReused
        post-job: OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        submit-application: KeyReused
        submit-application: OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        make-offer: KeyReused
        make-offer: OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        accept-offer: KeyReused
        accept-offer: OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        fund-milestone: KeyReused
        fund-milestone: OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        pay-milestone: KeyReused
        pay-milestone: OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        refund-milestone: KeyReused
        refund-milestone: OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        accept-cancellation: KeyReused
        accept-cancellation: OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        open-dispute: KeyReused
        open-dispute: OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        accept-settlement: KeyReused
        accept-settlement: OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        rule-dispute: KeyReused
        rule-dispute: OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        issue-attestation: KeyReused
        issue-attestation: OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
    "#]]
    .assert_eq(&results);
}

/// Each function refuses what it documents: `testnet/checks` compares the rows with the WIT.
#[test]
fn states_and_deadlines_of_hiring_are_checked() {
    check(expect![[r#"
        client post-job public 1 11000 21000                => 1
        client make-offer 1 worker 9000 300@50000           => 1
        worker accept-offer 1                               => 1
        client terminate 1                                  => ok
        client accept-cancellation 1 5000                   => WrongState(WrongState { item: Item { kind: "contract", id: 1 }, state: "terminated", action: "cancel" })
        client post-job public 3 11000 21000                => 2
        worker close-posting 2                              => WrongParty(Party { account: Some(client), organisation: None, role: Some("clerk") })
        worker apply 2 400                                  => 1
        rival apply 2 400                                   => 2
        worker reject-application 1                         => WrongParty(Party { account: Some(client), organisation: None, role: Some("clerk") })
        client reject-application 1                         => ok
        client reject-application 1                         => WrongState(WrongState { item: Item { kind: "application", id: 1 }, state: "rejected", action: "reject" })
        worker make-offer 2 worker 9000 300@50000           => WrongParty(Party { account: Some(client), organisation: None, role: Some("clerk") })
        client make-offer 2 worker 9000 300@50000 300@50000 => 2
        worker accept-offer 2                               => 2
        worker decline-offer 2                              => WrongState(WrongState { item: Item { kind: "offer", id: 2 }, state: "accepted", action: "decline" })
        client withdraw-offer 2                             => WrongState(WrongState { item: Item { kind: "offer", id: 2 }, state: "accepted", action: "withdraw" })
        client submit 2                                     => WrongParty(Party { account: Some(worker), organisation: None, role: Some("contractor") })
        worker submit 2                                     => WrongState(WrongState { item: Item { kind: "milestone", id: 2 }, state: "pending", action: "submit" })
        client revise 2                                     => WrongState(WrongState { item: Item { kind: "milestone", id: 2 }, state: "pending", action: "revise" })
        client pay 2                                        => WrongState(WrongState { item: Item { kind: "milestone", id: 2 }, state: "pending", action: "pay" })
        rival accept-cancellation 2 5000                    => NotAParty(Item { kind: "contract", id: 2 })
        client fund 2                                       => ok
        client fund 3                                       => ok
        worker submit 2                                     => ok
        at 11000
        client invite 2 judge                               => ok
        client stop-applications 2                          => TooLate(Deadline { item: Item { kind: "posting", id: 2 }, deadline-ms: 11000, now-ms: 11000 })
        client revise 2                                     => TooLate(Deadline { item: Item { kind: "milestone", id: 2 }, deadline-ms: 11000, now-ms: 11000 })
        client approve 2                                    => TooLate(Deadline { item: Item { kind: "milestone", id: 2 }, deadline-ms: 11000, now-ms: 11000 })
        client dispute 2 5000                               => TooLate(Deadline { item: Item { kind: "milestone", id: 2 }, deadline-ms: 11000, now-ms: 11000 })
        at 21000
        client invite 2 bench                               => TooLate(Deadline { item: Item { kind: "posting", id: 2 }, deadline-ms: 21000, now-ms: 21000 })
        client shortlist 2                                  => TooLate(Deadline { item: Item { kind: "application", id: 2 }, deadline-ms: 21000, now-ms: 21000 })
        client reject-application 2                         => TooLate(Deadline { item: Item { kind: "application", id: 2 }, deadline-ms: 21000, now-ms: 21000 })
        rival withdraw-application 2                        => TooLate(Deadline { item: Item { kind: "application", id: 2 }, deadline-ms: 21000, now-ms: 21000 })
        client make-offer 2 worker 22000 300@50000          => TooLate(Deadline { item: Item { kind: "posting", id: 2 }, deadline-ms: 21000, now-ms: 21000 })
        at 50000
        worker refund 3                                     => TooLate(Deadline { item: Item { kind: "milestone", id: 3 }, deadline-ms: 50000, now-ms: 50000 })
    "#]]);
}

#[test]
fn states_and_deadlines_of_disputes_are_checked() {
    check(expect![[r#"
        client post-job public 1 11000 21000                                              => 1
        client make-offer 1 worker 9000 300@50000 300@50000 300@50000 300@50000 300@50000 => 1
        worker accept-offer 1                                                             => 1
        client fund 1                                                                     => ok
        client fund 2                                                                     => ok
        client fund 3                                                                     => ok
        client fund 4                                                                     => ok
        client fund 5                                                                     => ok
        worker submit 1                                                                   => ok
        worker submit 2                                                                   => ok
        worker submit 3                                                                   => ok
        worker submit 4                                                                   => ok
        worker submit 5                                                                   => ok
        client dispute 1 5000                                                             => 1
        client dispute 2 5000                                                             => 2
        client dispute 3 5000                                                             => 3
        client dispute 4 5000                                                             => 4
        client dispute 5 5000                                                             => 5
        worker offer-settlement 1 5000                                                    => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "open", action: "offer" })
        client finish-phase 1                                                             => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "open", action: "finish-phase" })
        judge rule 1 5000                                                                 => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "open", action: "rule" })
        client appeal 1                                                                   => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "open", action: "appeal" })
        client add-evidence 1                                                             => ok
        client accept-settlement 1                                                        => Dispute(WrongSide(Side::Payee))
        rival add-evidence 1                                                              => NotAParty(Item { kind: "contract", id: 1 })
        rival offer-settlement 1 0                                                        => NotAParty(Item { kind: "contract", id: 1 })
        rival accept-settlement 1                                                         => NotAParty(Item { kind: "contract", id: 1 })
        rival finish-phase 1                                                              => NotAParty(Item { kind: "contract", id: 1 })
        rival appeal 1                                                                    => NotAParty(Item { kind: "contract", id: 1 })
        worker respond 1 0                                                                => ok
        worker respond 1 0                                                                => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "evidence", action: "respond" })
        client finish-phase 1                                                             => ok
        client finish-phase 1                                                             => Dispute(PhaseFinished(Side::Payer))
        client add-evidence 1                                                             => Dispute(PhaseFinished(Side::Payer))
        worker finish-phase 1                                                             => ok
        worker offer-settlement 1 5000                                                    => Dispute(WrongSide(Side::Payer))
        client request 1                                                                  => ok
        client add-evidence 1                                                             => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "arbitration", action: "add-evidence" })
        client accept-settlement 1                                                        => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "arbitration", action: "accept" })
        judge rule 1 5000                                                                 => ok
        client appeal 1 501*x                                                             => OutOfRange(Range { parameter: "reason", given: 501, min: 1, max: 500 })
        client finish-phase 1                                                             => ok
        client appeal 1                                                                   => Dispute(PhaseFinished(Side::Payer))
        worker respond 3 0                                                                => ok
        worker respond 4 0                                                                => ok
        worker finish-phase 4                                                             => ok
        client finish-phase 4                                                             => ok
        worker respond 5 0                                                                => ok
        worker finish-phase 5                                                             => ok
        client finish-phase 5                                                             => ok
        client request 5                                                                  => ok
        at 61000
        worker appeal 1                                                                   => TooLate(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 61000, now-ms: 61000 })
        worker finish-phase 1                                                             => TooLate(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 61000, now-ms: 61000 })
        worker respond 2 0                                                                => TooLate(Deadline { item: Item { kind: "dispute", id: 2 }, deadline-ms: 61000, now-ms: 61000 })
        worker accept-settlement 2                                                        => TooLate(Deadline { item: Item { kind: "dispute", id: 2 }, deadline-ms: 61000, now-ms: 61000 })
        client add-evidence 3                                                             => TooLate(Deadline { item: Item { kind: "dispute", id: 3 }, deadline-ms: 61000, now-ms: 61000 })
        client offer-settlement 4 5000                                                    => TooLate(Deadline { item: Item { kind: "dispute", id: 4 }, deadline-ms: 61000, now-ms: 61000 })
        judge rule 5 5000                                                                 => TooLate(Deadline { item: Item { kind: "dispute", id: 5 }, deadline-ms: 61000, now-ms: 61000 })
    "#]]);
}

#[test]
fn others_rate_no_contract() {
    check(expect![[r#"
        client post-job public 1 11000 21000      => 1
        client make-offer 1 worker 9000 300@50000 => 1
        worker accept-offer 1                     => 1
        client fund 1                             => ok
        worker submit 1                           => ok
        client approve 1                          => ok
        client pay 1                              => ok
        rival commit 1 client 5 -                 => NotAParty(Item { kind: "contract", id: 1 })
        client commit 1 client 5 -                => ok
        worker commit 1 contractor 5 -            => ok
        rival reveal 1 5 -                        => NotAParty(Item { kind: "contract", id: 1 })
    "#]]);
}

#[test]
fn unknown_numbers_are_named_when_read() {
    check(expect![[r#"
        client get-posting 9     => UnknownItem(Item { kind: "posting", id: 9 })
        client get-application 9 => UnknownItem(Item { kind: "application", id: 9 })
        client get-offer 9       => UnknownItem(Item { kind: "offer", id: 9 })
        client get-contract 9    => UnknownItem(Item { kind: "contract", id: 9 })
        client get-milestone 9   => UnknownItem(Item { kind: "milestone", id: 9 })
        client get-dispute 9     => UnknownItem(Item { kind: "dispute", id: 9 })
        client get-rating 9      => UnknownItem(Item { kind: "rating", id: 9 })
        client get-attestation 9 => UnknownItem(Item { kind: "attestation", id: 9 })
    "#]]);
}

/// Who asks for arbitration, joins it or appeals needs the money, the state and the time for it.
#[test]
fn requests_for_arbitration_are_checked() {
    check(expect![[r#"
        client request 9                                                      => UnknownItem(Item { kind: "dispute", id: 9 })
        client join 9                                                         => UnknownItem(Item { kind: "dispute", id: 9 })
        client post-job public 1 11000 21000                                  => 1
        client make-offer-with-fee 1000 1 worker 9000 100000@50000 1000@50000 => 1
        worker accept-offer 1                                                 => 1
        client fund 1                                                         => ok
        client fund 2                                                         => ok
        worker submit 1                                                       => ok
        worker submit 2                                                       => ok
        client dispute 1 10000                                                => 1
        worker respond 1 0                                                    => ok
        client join 1                                                         => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "evidence", action: "join" })
        client finish-phase 1                                                 => ok
        worker finish-phase 1                                                 => ok
        worker request 1                                                      => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 1000, needed: 20000 }))
        client request 1 65*k                                                 => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        client request 1 k                                                    => ok
        client request 2 k                                                    => KeyReused
        worker join 1 65*k                                                    => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        worker join 1                                                         => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 1000, needed: 20000 }))
        client dispute 2 10000                                                => 2
        worker respond 2 0                                                    => ok
        client finish-phase 2                                                 => ok
        worker finish-phase 2                                                 => ok
        client join 2 k                                                       => KeyReused
        client appeal-with-key 2 k                                            => KeyReused
        at 61000
        worker join 1                                                         => TooLate(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 61000, now-ms: 61000 })
        nobody advance job-dispute 1                                          => ok
        worker appeal 1                                                       => Wallet(InsufficientBalance(BalanceShortfall { asset: "EUR", available: 1000, needed: 10000 }))
        client request 2                                                      => TooLate(Deadline { item: Item { kind: "dispute", id: 2 }, deadline-ms: 61000, now-ms: 61000 })
    "#]]);
}
