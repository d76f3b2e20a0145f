//! Hiring: postings, invitations, applications and offers.

use expect_test::expect;

use super::table::check;

#[test]
fn somebody_is_hired() {
    check(expect![[r#"
        client post-job public 1 11000 21000               => 1
        worker apply 1 400                                 => 1
        rival apply 1 500                                  => 2
        clerk shortlist 1                                  => ok
        clerk make-offer 1 worker 9000 300@50000 100@60000 => 1
        agent accept-offer 1                               => 1
        posting 1                                          => filled until none, 1 hired
        application 1                                      => hired until none
        application 2                                      => submitted until 21000
        offer 1                                            => accepted until none
        contract 1                                         => active, 2 open, 0 paid
        milestone 1                                        => pending until 50000
        milestone 2                                        => pending until 60000
        clerk reject-application 2                         => ok
        due                                                => milestone 1 at 50000, milestone 2 at 60000, posting 1 at 34560021000
        events
          | RatingMinimumSet(RatingMinimum { asset: "EUR", paid-min: Some(1) })
          | ArbiterRegistered(ArbiterRegistration { account: judge, registered: true })
          | JobPosted(Posting { id: 1, client: client, client-organisation: Some("acme"), details: PostingDetails { title: "Fit a door", summary: "", skills: ["carpentry"], place: "Berlin", documents: [], visibility: Visibility::Public, requirements: [], asset: "EUR", budget: 500, positions: 1, apply-until-ms: 11000, decide-until-ms: 21000 }, state: PostingState::Open, deadline-ms: Some(11000), hired: 0 })
          | ApplicationSubmitted(Application { id: 1, posting: 1, applicant: worker, applicant-organisation: Some("bolt"), note: "I can", price: 400, documents: [Document { cid: "CID", media-type: "application/pdf", size: 1000 }], state: ApplicationState::Submitted, deadline-ms: Some(21000) })
          | ApplicationSubmitted(Application { id: 2, posting: 1, applicant: rival, applicant-organisation: Some("corp"), note: "I can", price: 500, documents: [Document { cid: "CID", media-type: "application/pdf", size: 1000 }], state: ApplicationState::Submitted, deadline-ms: Some(21000) })
          | ApplicationChanged(ApplicationChange { application: 1, state: ApplicationState::Shortlisted, deadline-ms: Some(21000) })
          | OfferMade(Offer { id: 1, posting: 1, application: Some(1), client: client, client-organisation: Some("acme"), contractor: worker, contractor-organisation: Some("bolt"), terms: ContractTerms { asset: "EUR", specification: None, review-window-ms: 10000, revision-window-ms: 20000, payment-window-ms: 5000, idle-window-ms: 1000, revisions-max: 1, dispute: Terms { arbiter: Arbiter::Registered, fee: 0, default-to-payer: 2500, windows: Windows { response-ms: 60000, evidence-ms: 60000, offer-ms: 60000, ruling-ms: 60000, appeal-ms: 60000 } } }, milestones: [MilestonePlan { title: "a door", amount: 300, due-ms: 50000 }, MilestonePlan { title: "a door", amount: 100, due-ms: 60000 }], platform-fee: None, state: OfferState::Made, deadline-ms: Some(9000) })
          | PostingChanged(PostingChange { posting: 1, state: PostingState::Filled, deadline-ms: None, hired: 1 })
          | ApplicationChanged(ApplicationChange { application: 1, state: ApplicationState::Hired, deadline-ms: None })
          | OfferEnded(OfferEnd { offer: 1, state: OfferState::Accepted })
          | ContractStarted(Start { contract: Contract { id: 1, posting: 1, offer: 1, client: client, client-organisation: Some("acme"), contractor: worker, contractor-organisation: Some("bolt"), terms: ContractTerms { asset: "EUR", specification: None, review-window-ms: 10000, revision-window-ms: 20000, payment-window-ms: 5000, idle-window-ms: 1000, revisions-max: 1, dispute: Terms { arbiter: Arbiter::Registered, fee: 0, default-to-payer: 2500, windows: Windows { response-ms: 60000, evidence-ms: 60000, offer-ms: 60000, ruling-ms: 60000, appeal-ms: 60000 } } }, platform-fee: None, milestones: [1, 2], state: ContractState::Active, open-milestones: 2, paid: 0, cancellation: None, ended-ms: None }, milestones: [Milestone { id: 1, contract: 1, plan: MilestonePlan { title: "a door", amount: 300, due-ms: 50000 }, state: MilestoneState::Pending, deadline-ms: Some(50000), revisions: 0, deliverable: None, escrow: None, dispute: None }, Milestone { id: 2, contract: 1, plan: MilestonePlan { title: "a door", amount: 100, due-ms: 60000 }, state: MilestoneState::Pending, deadline-ms: Some(60000), revisions: 0, deliverable: None, escrow: None, dispute: None }] })
          | ApplicationChanged(ApplicationChange { application: 2, state: ApplicationState::Rejected, deadline-ms: None })
    "#]]);
}

#[test]
fn a_posting_runs_out() {
    check(expect![[r#"
        client post-job public 2 11000 21000       => 1
        worker apply 1 400                         => 1
        nobody advance posting 1                   => TooEarly(Deadline { item: Item { kind: "posting", id: 1 }, deadline-ms: 11000, now-ms: 1000 })
        at 11000
        rival apply 1 500                          => TooLate(Deadline { item: Item { kind: "posting", id: 1 }, deadline-ms: 11000, now-ms: 11000 })
        posting 1                                  => open until 11000, 0 hired
        nobody advance-due 32                      => posting 1 at 11000
        posting 1                                  => deciding until 21000, 0 hired
        rival apply 1 500                          => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "deciding", action: "apply" })
        client make-offer 1 worker 20000 300@50000 => 1
        client make-offer 1 rival 21000 300@50000  => 2
        worker accept-offer 1                      => 1
        posting 1                                  => deciding until 21000, 1 hired
        at 21000
        rival accept-offer 2                       => TooLate(Deadline { item: Item { kind: "offer", id: 2 }, deadline-ms: 21000, now-ms: 21000 })
        client close-posting 1                     => TooLate(Deadline { item: Item { kind: "posting", id: 1 }, deadline-ms: 21000, now-ms: 21000 })
        nobody advance-due 32                      => posting 1 at 21000, offer 2 at 21000
        posting 1                                  => expired until none, 1 hired
        offer 2                                    => expired until none
        application 1                              => hired until none
        nobody advance-due 32
    "#]]);
}

#[test]
fn a_client_stops_and_closes() {
    check(expect![[r#"
        client post-job public 2 11000 21000      => 1
        nobody stop-applications 1                => WrongParty(Party { account: Some(client), organisation: None, role: Some("clerk") })
        treasurer stop-applications 1             => WrongParty(Party { account: Some(client), organisation: None, role: Some("clerk") })
        clerk stop-applications 1                 => ok
        clerk stop-applications 1                 => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "deciding", action: "stop" })
        rival apply 1 500                         => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "deciding", action: "apply" })
        client make-offer 1 rival 20000 300@50000 => 1
        clerk close-posting 1                     => ok
        posting 1                                 => closed until none, 0 hired
        client close-posting 1                    => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "closed", action: "close" })
        client make-offer 1 rival 20000 300@50000 => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "closed", action: "offer" })
        client invite 1 rival                     => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "closed", action: "invite" })
        rival accept-offer 1                      => WrongState(WrongState { item: Item { kind: "posting", id: 1 }, state: "closed", action: "hire" })
        at 20000
        nobody advance offer 1                    => ok
        offer 1                                   => expired until none
    "#]]);
}

#[test]
fn who_may_apply() {
    check(expect![[r#"
        client post-job organisation 1 11000 21000        => 1
        client post-job invited 1 11000 21000             => 2
        client post-job public 1 11000 21000 corp welding => 3
        worker apply 1 400                                => NotVisible(worker)
        clerk apply 1 400                                 => 1
        client apply 1 400                                => SameAccount(client)
        worker apply 2 400                                => NotVisible(worker)
        client make-offer 2 worker 9000 300@50000         => NotVisible(worker)
        worker invite 2 worker                            => WrongParty(Party { account: Some(client), organisation: None, role: Some("clerk") })
        client invite 2 client                            => SameAccount(client)
        client invite 2 nobody                            => InactiveAccount(nobody)
        client invite 2 worker                            => ok
        nobody is-invited 2 worker                        => true
        worker apply 2 400                                => 2
        worker apply 2 400                                => AlreadyApplied(2)
        worker apply 3 400                                => MissingAttestation(Requirement { organisation: "corp", kind: "welding" })
        kin attest worker welding 100000                  => 1
        worker apply 3 400                                => MissingAttestation(Requirement { organisation: "corp", kind: "welding" })
        teacher attest worker welding 100000              => 2
        worker apply 3 400                                => 3
        teacher revoke-attestation 2                      => ok
        client make-offer 3 worker 9000 300@50000         => 1
        worker accept-offer 1                             => MissingAttestation(Requirement { organisation: "corp", kind: "welding" })
        rival apply 9 400                                 => UnknownItem(Item { kind: "posting", id: 9 })
    "#]]);
}

#[test]
fn an_applicant_withdraws_and_comes_back() {
    check(expect![[r#"
        client post-job public 1 11000 21000 => 1
        worker apply 1 400 a                 => 1
        worker apply 1 400 a                 => 1
        worker apply 1 500 a                 => KeyReused
        rival withdraw-application 1         => WrongParty(Party { account: Some(worker), organisation: None, role: Some("contractor") })
        agent withdraw-application 1         => ok
        worker withdraw-application 1        => WrongState(WrongState { item: Item { kind: "application", id: 1 }, state: "withdrawn", action: "withdraw" })
        worker apply 1 450                   => 2
        client reject-application 2          => ok
        worker apply 1 460                   => AlreadyApplied(2)
        client shortlist 2                   => WrongState(WrongState { item: Item { kind: "application", id: 2 }, state: "rejected", action: "shortlist" })
        worker shortlist 2                   => WrongParty(Party { account: Some(client), organisation: None, role: Some("clerk") })
    "#]]);
}

#[test]
fn an_offer_is_not_accepted() {
    check(expect![[r#"
        client post-job public 3 11000 21000      => 1
        client make-offer 1 worker 9000 300@50000 => 1
        client make-offer 1 worker 9000 300@50000 => 2
        client make-offer 1 worker 9000 300@50000 => 3
        client make-offer 1 worker 9000 300@50000 => 4
        rival decline-offer 1                     => WrongParty(Party { account: Some(worker), organisation: None, role: Some("contractor") })
        worker decline-offer 1                    => ok
        worker withdraw-offer 2                   => WrongParty(Party { account: Some(client), organisation: None, role: Some("clerk") })
        clerk withdraw-offer 2                    => ok
        worker accept-offer 2                     => WrongState(WrongState { item: Item { kind: "offer", id: 2 }, state: "withdrawn", action: "accept" })
        rival accept-offer 3                      => WrongParty(Party { account: Some(worker), organisation: None, role: Some("contractor") })
        freeze client
        worker accept-offer 3                     => InactiveAccount(client)
        thaw client
        at 9000
        worker accept-offer 3                     => TooLate(Deadline { item: Item { kind: "offer", id: 3 }, deadline-ms: 9000, now-ms: 9000 })
        worker decline-offer 3                    => TooLate(Deadline { item: Item { kind: "offer", id: 3 }, deadline-ms: 9000, now-ms: 9000 })
        client withdraw-offer 3                   => TooLate(Deadline { item: Item { kind: "offer", id: 3 }, deadline-ms: 9000, now-ms: 9000 })
        nobody advance offer 3                    => ok
        nobody advance offer 3                    => WrongState(WrongState { item: Item { kind: "offer", id: 3 }, state: "expired", action: "expire" })
        offer 3                                   => expired until none
        posting 1                                 => open until 11000, 0 hired
    "#]]);
}

#[test]
fn calls_are_repeatable() {
    check(expect![[r#"
        client post-job public 3 11000 21000 monday => 1
        client post-job public 3 11000 21000 monday => 1
        client post-job public 2 11000 21000 monday => KeyReused
        clerk post-job public 2 11000 21000 monday  => 2
        client post-job public 2 11000 21000 65*x   => OutOfRange(Range { parameter: "key", given: 65, min: 0, max: 64 })
        client make-offer 1 worker 9000 300@50000   => 1
        worker accept-offer 1 yes                   => 1
        worker accept-offer 1 yes                   => 1
        client fund 1 money                         => ok
        client fund 1 money                         => ok
        client fund 1 other                         => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "funded", action: "fund" })
        balances                                    => client -300, 300 held
        worker submit 1                             => ok
        client approve 1                            => ok
        client pay 1 pay                            => ok
        client pay 1 pay                            => ok
        balances                                    => client -300, 0 held; worker +300, 0 held
    "#]]);
}
