//! Removal of what ended long ago from the state.

use expect_test::expect;

use super::table::{Play, check};

/// A posting leaves 400 days after offers for it could be accepted, with its applications, offers and invitations, whether
/// somebody advanced them or not.
#[test]
fn postings_leave_the_state() {
    check(expect![[r#"
        client post-job public 1 11000 21000                    => 1
        client post-job public 1 11000 22000                    => 2
        client invite 1 worker                                  => ok
        worker apply 1 400                                      => 1
        rival apply 1 300                                       => 2
        worker apply 2 400                                      => 3
        client make-offer 1 worker 9000 1000@50000              => 1
        client make-offer 1 rival 9000 1000@50000               => 2
        worker accept-offer 1                                   => 1
        posting 1                                               => filled until none, 1 hired
        nobody advance posting 1                                => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "filled", action: "expire" })
        due                                                     => offer 2 at 9000, posting 2 at 11000, application 2 at 21000, application 3 at 22000, milestone 1 at 50000, posting 1 at 34560021000
        quiet
        at 34560020999
        nobody advance posting 1                                => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "filled", action: "expire" })
        nobody advance posting 2                                => ok
        at 34560021000
        nobody advance posting 1                                => ok
        nobody advance posting 1                                => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "removed", action: "read" })
        posting 1                                               => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "removed", action: "read" })
        application 1                                           => WrongState(WrongState { item: Item { kind: "application", id: 1 }, state: "removed", action: "read" })
        application 2                                           => WrongState(WrongState { item: Item { kind: "application", id: 2 }, state: "removed", action: "read" })
        offer 1                                                 => WrongState(WrongState { item: Item { kind: "offer", id: 1 }, state: "removed", action: "read" })
        offer 2                                                 => WrongState(WrongState { item: Item { kind: "offer", id: 2 }, state: "removed", action: "read" })
        application 3                                           => submitted until 22000
        client get-posting 1                                    => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "removed", action: "read" })
        client get-application 2                                => WrongState(WrongState { item: Item { kind: "application", id: 2 }, state: "removed", action: "read" })
        client get-offer 2                                      => WrongState(WrongState { item: Item { kind: "offer", id: 2 }, state: "removed", action: "read" })
        worker apply 1 400                                      => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "removed", action: "read" })
        client shortlist 2                                      => WrongState(WrongState { item: Item { kind: "application", id: 2 }, state: "removed", action: "read" })
        worker withdraw-application 1                           => WrongState(WrongState { item: Item { kind: "application", id: 1 }, state: "removed", action: "read" })
        rival accept-offer 2                                    => WrongState(WrongState { item: Item { kind: "offer", id: 2 }, state: "removed", action: "read" })
        client withdraw-offer 2                                 => WrongState(WrongState { item: Item { kind: "offer", id: 2 }, state: "removed", action: "read" })
        client make-offer 1 worker 34560021001 1000@34560050000 => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "removed", action: "read" })
        client invite 1 worker                                  => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "removed", action: "read" })
        client close-posting 1                                  => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "removed", action: "read" })
        client stop-applications 1                              => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "removed", action: "read" })
        posting 3                                               => UnknownItem(Item { kind: "posting", id: 3 })
        nobody is-invited 1 worker                              => false
        nobody list-postings acme - 10                          => ([2], None)
        nobody list-applications 1 - 10                         => ([], None)
        nobody list-applications-of bolt - 10                   => ([3], None)
        nobody list-offers bolt - 10                            => ([], None)
        nobody list-offers-for 1 - 10                           => ([], None)
        contract 1                                              => active, 1 open, 0 paid
        nobody advance-due 32                                   => posting 2 at 22000, application 3 at 22000, milestone 1 at 50000
        due                                                     => posting 2 at 34560022000, contract 1 at 69120021000
        events
          | PostingChanged(PostingChange { posting: 2, state: PostingState::Deciding, deadline-ms: Some(22000), hired: 0 })
          | Removed(Item { kind: "application", id: 1 })
          | ApplicationChanged(ApplicationChange { application: 2, state: ApplicationState::Expired, deadline-ms: None })
          | Removed(Item { kind: "application", id: 2 })
          | Removed(Item { kind: "offer", id: 1 })
          | OfferEnded(OfferEnd { offer: 2, state: OfferState::Expired })
          | Removed(Item { kind: "offer", id: 2 })
          | Removed(Item { kind: "posting", id: 1 })
          | PostingChanged(PostingChange { posting: 2, state: PostingState::Expired, deadline-ms: None, hired: 0 })
          | ApplicationChanged(ApplicationChange { application: 3, state: ApplicationState::Expired, deadline-ms: None })
          | MilestoneChanged(Milestone { id: 1, contract: 1, plan: MilestonePlan { title: "a door", amount: 1000, due-ms: 50000 }, state: MilestoneState::Voided, deadline-ms: None, revisions: 0, deliverable: None, escrow: None, dispute: None })
          | ContractChanged(ContractChange { contract: 1, state: ContractState::Expired, open-milestones: 0, paid: 0, cancellation: None })
    "#]]);
}

/// A step removes eight applications and offers; `advance-due` goes on.
#[test]
fn advancing_removes_all_of_a_posting() {
    let mut play = Play::new();
    assert_eq!(play.row("client post-job public 1 11000 21000"), "1");
    for number in 1..=17 {
        assert_eq!(play.row("worker apply 1 5"), number.to_string());
        assert_eq!(play.row(&format!("worker withdraw-application {number}")), "ok");
        let offer = play.row("client make-offer 1 worker 9000 1@50000");
        assert_eq!(offer, number.to_string());
    }
    play.row("at 21000");
    play.row("nobody advance-due 32");
    play.row("at 34560021000");
    let swept = play.row("nobody advance-due 32");
    assert_eq!(swept, ["posting 1 at 34560021000"; 3].join(", "));
    let left: Vec<char> = play.host.tables().into_iter().map(char::from).collect();
    expect![[r#"['\0', 'M', 'j', 'n']"#]].assert_eq(&format!("{left:?}"));
}

/// A contract leaves 400 days after it ended, with its milestones, their disputes and its ratings. The scores stay, and a
/// call that is repeated with its key pays nothing again.
#[test]
fn contracts_leave_the_state() {
    check(expect![[r#"
        client post-job public 1 11000 21000                => 1
        client make-offer 1 worker 9000 700@50000 300@60000 => 1
        worker accept-offer 1 take                          => 1
        client fund 1 one                                   => ok
        client fund 2 two                                   => ok
        worker submit 1                                     => ok
        client approve 1                                    => ok
        client pay 1 pay                                    => ok
        worker submit 2                                     => ok
        client dispute 2 10000                              => 1
        worker accept-settlement 1 settle                   => ok
        client commit 1 client 5 good                       => ok
        worker commit 1 contractor 4 fine                   => ok
        client reveal 1 5 good                              => ok
        worker reveal 1 4 fine                              => ok
        contract 1                                          => completed, 0 open, 700 paid
        due                                                 => contract 1 at 34560001000, posting 1 at 34560021000
        quiet
        at 604801000
        client pay 1 pay                                    => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "paid", action: "pay" })
        at 34560000999
        nobody advance contract 1                           => WrongState(WrongState { item: Item { kind: "contract", id: 1 }, state: "completed", action: "advance" })
        client get-contract 1                               => Contract { id: 1, posting: 1, offer: 1, client: client, client-organisation: Some("acme"), contractor: worker, contractor-organisation: Some("bolt"), terms: ContractTerms { asset: "EUR", specification: None, review-window-ms: 10000, revision-window-ms: 20000, payment-window-ms: 5000, idle-window-ms: 1000, revisions-max: 1, dispute: Terms { arbiter: Arbiter::Registered, fee: 0, default-to-payer: 2500, windows: Windows { response-ms: 60000, evidence-ms: 60000, offer-ms: 60000, ruling-ms: 60000, appeal-ms: 60000 } } }, platform-fee: None, milestones: [1, 2], state: ContractState::Completed, open-milestones: 0, paid: 700, cancellation: None, ended-ms: Some(1000) }
        at 34560001000
        nobody advance contract 1                           => ok
        nobody advance contract 1                           => WrongState(WrongState { item: Item { kind: "contract", id: 1 }, state: "removed", action: "read" })
        contract 1                                          => WrongState(WrongState { item: Item { kind: "contract", id: 1 }, state: "removed", action: "read" })
        milestone 1                                         => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "removed", action: "read" })
        milestone 2                                         => WrongState(WrongState { item: Item { kind: "milestone", id: 2 }, state: "removed", action: "read" })
        job-dispute 1                                       => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        rating 1                                            => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "removed", action: "read" })
        client get-contract 1                               => WrongState(WrongState { item: Item { kind: "contract", id: 1 }, state: "removed", action: "read" })
        client get-milestone 1                              => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "removed", action: "read" })
        client get-dispute 1                                => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        client get-rating 1                                 => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "removed", action: "read" })
        client pay 1 pay                                    => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "removed", action: "read" })
        client fund 1 one                                   => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "removed", action: "read" })
        worker submit 1                                     => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "removed", action: "read" })
        client approve 1                                    => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "removed", action: "read" })
        client revise 1                                     => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "removed", action: "read" })
        worker refund 1                                     => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "removed", action: "read" })
        client dispute 2 10000                              => WrongState(WrongState { item: Item { kind: "milestone", id: 2 }, state: "removed", action: "read" })
        worker accept-settlement 1 settle                   => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        client respond 1 0                                  => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        client add-evidence 1                               => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        client offer-settlement 1 0                         => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        client finish-phase 1                               => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        client request 1                                    => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        client join 1                                       => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        judge rule 1 0                                      => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        client appeal 1                                     => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        client terminate 1                                  => WrongState(WrongState { item: Item { kind: "contract", id: 1 }, state: "removed", action: "read" })
        client propose-cancellation 1 0                     => WrongState(WrongState { item: Item { kind: "contract", id: 1 }, state: "removed", action: "read" })
        worker accept-cancellation 1 0                      => WrongState(WrongState { item: Item { kind: "contract", id: 1 }, state: "removed", action: "read" })
        worker accept-offer 1 take                          => WrongState(WrongState { item: Item { kind: "offer", id: 1 }, state: "accepted", action: "accept" })
        client commit-hash 1                                => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "removed", action: "read" })
        client reveal 1 5 good                              => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "removed", action: "read" })
        nobody advance milestone 1                          => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "removed", action: "read" })
        nobody advance job-dispute 1                        => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "removed", action: "read" })
        nobody advance rating 1                             => WrongState(WrongState { item: Item { kind: "rating", id: 1 }, state: "removed", action: "read" })
        nobody list-contracts acme client - 10              => ([], None)
        nobody list-contracts bolt contractor - 10          => ([], None)
        nobody reputation acme                              => OrganisationRating { as-client: RatingSum { count: 1, sum: 4 }, as-contractor: RatingSum { count: 0, sum: 0 } }
        nobody reputation bolt                              => OrganisationRating { as-client: RatingSum { count: 0, sum: 0 }, as-contractor: RatingSum { count: 1, sum: 5 } }
        balances                                            => client -700, 0 held; worker +700, 0 held
        due                                                 => posting 1 at 34560021000
        events
          | Removed(Item { kind: "contract", id: 1 })
    "#]]);
}

/// Ratings that nobody advanced are over when their contract leaves: what was revealed counts, and what could not be revealed
/// in time any more does not.
#[test]
fn silent_ratings_leave_with_their_contract() {
    check(expect![[r#"
        client post-job public 3 11000 21000      => 1
        client make-offer 1 worker 9000 100@50000 => 1
        client make-offer 1 worker 9000 100@50000 => 2
        client make-offer 1 worker 9000 100@50000 => 3
        worker accept-offer 1                     => 1
        worker accept-offer 2                     => 2
        worker accept-offer 3                     => 3
        client fund 1                             => ok
        client fund 2                             => ok
        client fund 3                             => ok
        worker submit 1                           => ok
        worker submit 2                           => ok
        worker submit 3                           => ok
        client approve 1                          => ok
        client approve 2                          => ok
        client approve 3                          => ok
        client pay 1                              => ok
        client pay 2                              => ok
        client pay 3                              => ok
        client commit 1 client 5 good             => ok
        worker commit 1 contractor 4 fine         => ok
        client reveal 1 5 good                    => ok
        client commit 2 client 1 bad              => ok
        client commit 3 client 2 poor             => ok
        quiet
        at 33955201000
        nobody advance rating 3                   => ok
        rating 3                                  => revealing until 34560001000
        at 33955201001
        nobody advance rating 2                   => ok
        rating 2                                  => unrated until none
        at 34560000999
        client reveal 3 2 poor                    => ok
        at 34560001000
        nobody advance contract 1                 => ok
        nobody advance contract 2                 => ok
        nobody advance contract 3                 => ok
        nobody reputation bolt                    => OrganisationRating { as-client: RatingSum { count: 0, sum: 0 }, as-contractor: RatingSum { count: 2, sum: 7 } }
        nobody reputation acme                    => OrganisationRating { as-client: RatingSum { count: 0, sum: 0 }, as-contractor: RatingSum { count: 0, sum: 0 } }
        events
          | RatingChanged(Rating { contract: 3, client: client, client-organisation: "acme", contractor: worker, contractor-organisation: "bolt", state: RatingState::Revealing, deadline-ms: Some(34560001000), by-client: Some(Feedback { commitment: Hash { a: 635873927615545332, b: 632171559637147312, c: 11744192499585219, d: 14109188845470920206 }, score: None, comment: "" }), by-contractor: None })
          | RatingChanged(Rating { contract: 2, client: client, client-organisation: "acme", contractor: worker, contractor-organisation: "bolt", state: RatingState::Unrated, deadline-ms: None, by-client: Some(Feedback { commitment: Hash { a: 6468263324473226725, b: 8837857657984723360, c: 9767712509522151582, d: 13621065538414636182 }, score: None, comment: "" }), by-contractor: None })
          | RatingChanged(Rating { contract: 3, client: client, client-organisation: "acme", contractor: worker, contractor-organisation: "bolt", state: RatingState::Published, deadline-ms: None, by-client: Some(Feedback { commitment: Hash { a: 635873927615545332, b: 632171559637147312, c: 11744192499585219, d: 14109188845470920206 }, score: Some(2), comment: "poor" }), by-contractor: None })
          | RatingChanged(Rating { contract: 1, client: client, client-organisation: "acme", contractor: worker, contractor-organisation: "bolt", state: RatingState::Published, deadline-ms: None, by-client: Some(Feedback { commitment: Hash { a: 8349314175262878821, b: 15733922513116216285, c: 11313339856147182726, d: 17679840357474506462 }, score: Some(5), comment: "good" }), by-contractor: Some(Feedback { commitment: Hash { a: 2038513946201992455, b: 11288096244169857871, c: 11225281636878947457, d: 8033420798774609493 }, score: None, comment: "" }) })
          | Removed(Item { kind: "contract", id: 1 })
          | Removed(Item { kind: "contract", id: 2 })
          | Removed(Item { kind: "contract", id: 3 })
    "#]]);
}

#[test]
fn attestations_leave_the_state() {
    check(expect![[r#"
        teacher attest worker welding 5000         => 1
        teacher attest worker welding 6000         => 2
        teacher attest worker driving 150000000000 => 3
        teacher revoke-attestation 1               => ok
        at 6000
        nobody advance-due 32                      => attestation 2 at 6000
        teacher attest worker welding 9000         => 4
        due                                        => attestation 4 at 9000, attestation 1 at 34560001000, attestation 2 at 34560006000, attestation 3 at 150000000000
        at 34560000999
        nobody advance attestation 1               => WrongState(WrongState { item: Item { kind: "attestation", id: 1 }, state: "revoked", action: "expire" })
        nobody list-attestations worker - 10       => ([1, 2, 3, 4], None)
        at 34560001000
        nobody advance attestation 1               => ok
        at 34560006000
        nobody advance-due 32                      => attestation 4 at 9000, attestation 2 at 34560006000
        attestation 1                              => WrongState(WrongState { item: Item { kind: "attestation", id: 1 }, state: "removed", action: "read" })
        attestation 2                              => WrongState(WrongState { item: Item { kind: "attestation", id: 2 }, state: "removed", action: "read" })
        attestation 3                              => valid until 150000000000
        attestation 4                              => expired until none
        attestation 5                              => UnknownItem(Item { kind: "attestation", id: 5 })
        teacher get-attestation 1                  => WrongState(WrongState { item: Item { kind: "attestation", id: 1 }, state: "removed", action: "read" })
        teacher revoke-attestation 1               => WrongState(WrongState { item: Item { kind: "attestation", id: 1 }, state: "removed", action: "read" })
        nobody advance attestation 1               => WrongState(WrongState { item: Item { kind: "attestation", id: 1 }, state: "removed", action: "read" })
        nobody has worker corp driving             => true
        nobody has worker corp welding             => false
        nobody list-attestations worker - 10       => ([3, 4], None)
        at 69120006000
        nobody advance-due 32                      => attestation 4 at 69120006000
        due                                        => attestation 3 at 150000000000
    "#]]);
}
