//! Disputes over milestones: settlement, rulings, appeals, silence and costs.

use expect_test::expect;

use super::table::check;

#[test]
fn a_dispute_is_settled() {
    check(expect![[r#"
        admin set-platform-fee 100 platform        => ok
        client post-job public 1 11000 21000       => 1
        client make-offer 1 worker 9000 1001@50000 => 1
        worker accept-offer 1                      => 1
        client fund 1                              => ok
        worker submit 1                            => ok
        rival dispute 1 10000                      => NotAParty(Item { kind: "contract", id: 1 })
        treasurer dispute 1 10000                  => NotAParty(Item { kind: "contract", id: 1 })
        clerk dispute 1 10001                      => OutOfRange(Range { parameter: "to-payer", given: 10001, min: 0, max: 10000 })
        clerk dispute 1 10000                      => 1
        clerk dispute 1 10000                      => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "disputed", action: "dispute" })
        milestone 1                                => disputed until none, in 1001, paid 0, fee 0, back 0
        client approve 1                           => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "disputed", action: "approve" })
        client propose-cancellation 1 5000         => ok
        worker accept-cancellation 1 5000          => InDispute(1)
        client respond 1 0                         => Dispute(WrongSide(Side::Payee))
        rival respond 1 0                          => NotAParty(Item { kind: "contract", id: 1 })
        agent respond 1 0                          => ok
        worker add-evidence 1                      => ok
        client add-evidence 1                      => ok
        worker finish-phase 1                      => ok
        clerk finish-phase 1                       => ok
        clerk offer-settlement 1 6000              => NotAParty(Item { kind: "contract", id: 1 })
        treasurer offer-settlement 1 6000          => ok
        worker offer-settlement 1 3333             => ok
        clerk accept-settlement 1                  => NotAParty(Item { kind: "contract", id: 1 })
        quiet
        treasurer accept-settlement 1              => ok
        milestone 1                                => resolved until none, in 1001, paid 662, fee 6, back 333
        contract 1                                 => completed, 0 open, 668 paid
        balances                                   => client -668, 0 held; worker +662, 0 held; platform +6, 0 held
        job-dispute 1                              => Final until none
        events
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputeAccepted(Side::Payer), state: State::Final, deadline-ms: None, deposit: None, assigned: None, outcome: Some(Outcome { reason: OutcomeReason::Settlement, to-payer: 3333, split: Split { to-payer: 333, to-payee: 668 }, payer-costs: 0, payee-costs: 0, at-ms: 1000 }) })
          | MilestoneChanged(Milestone { id: 1, contract: 1, plan: MilestonePlan { title: "a door", amount: 1001, due-ms: 50000 }, state: MilestoneState::Resolved, deadline-ms: None, revisions: 0, deliverable: Some(Document { cid: "CID", media-type: "application/pdf", size: 1000 }), escrow: Some(MilestoneEscrow { funded: 1001, paid: 662, fee: 6, refunded: 333, payer: client, hold: 1, hold-expires-ms: 158112001000 }), dispute: Some(1) })
          | ContractChanged(ContractChange { contract: 1, state: ContractState::Completed, open-milestones: 0, paid: 668, cancellation: None })
          | RatingChanged(Rating { contract: 1, client: client, client-organisation: "acme", contractor: worker, contractor-organisation: "bolt", state: RatingState::Committing, deadline-ms: Some(1209601000), by-client: None, by-contractor: None })
    "#]]);
}

#[test]
fn a_dispute_is_ruled_and_appealed() {
    check(expect![[r#"
        client post-job public 1 11000 21000       => 1
        client make-offer 1 worker 9000 1000@50000 => 1
        worker accept-offer 1                      => 1
        client fund 1                              => ok
        worker submit 1                            => ok
        client revise 1                            => ok
        worker dispute 1 0                         => 1
        client respond 1 10000                     => ok
        client finish-phase 1                      => ok
        worker finish-phase 1                      => ok
        client request 1                           => ok
        client rule 1 10000                        => Dispute(NotArbiter(client))
        kin rule 1 10000                           => Dispute(NotArbiter(kin))
        judge rule 1 8000                          => ok
        bench set-arbiter bench yes                => ok
        worker appeal 1                            => ok
        judge rule 1 8000                          => Dispute(NotArbiter(judge))
        bench rule 1 2000                          => ok
        job-dispute 1                              => Final until none
        milestone 1                                => resolved until none, in 1000, paid 800, fee 0, back 200
        contract 1                                 => completed, 0 open, 800 paid
        balances                                   => client -800, 0 held; worker +800, 0 held
    "#]]);
}

#[test]
fn nobody_acts_in_a_dispute() {
    check(expect![[r#"
        client post-job public 1 11000 21000       => 1
        client make-offer 1 worker 9000 1000@50000 => 1
        worker accept-offer 1                      => 1
        client fund 1                              => ok
        worker submit 1                            => ok
        worker dispute 1 0                         => 1
        client respond 1 10000                     => ok
        nobody advance milestone 1                 => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "disputed", action: "expire" })
        nobody advance job-dispute 1               => TooEarly(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 61000, now-ms: 1000 })
        at 61000
        nobody advance-due 2                       => dispute 1 at 61000
        nobody advance-due 32
        job-dispute 1                              => Settlement until 121000
        at 121000
        nobody advance-due 32                      => dispute 1 at 121000
        at 181000
        nobody advance-due 32
        job-dispute 1                              => Final until none
        freeze client
        freeze worker
        nobody advance job-dispute 1               => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "final", action: "expire" })
        balances                                   => client -750, 0 held; worker +750, 0 held
        contract 1                                 => completed, 0 open, 750 paid
        nobody advance job-dispute 1               => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "final", action: "expire" })
        nobody advance job-dispute 9               => UnknownItem(Item { kind: "dispute", id: 9 })
    "#]]);
}

#[test]
fn a_ruling_is_final_when_both_accept_it() {
    check(expect![[r#"
        client post-job public 1 11000 21000       => 1
        client make-offer 1 worker 9000 1000@50000 => 1
        worker accept-offer 1                      => 1
        client fund 1                              => ok
        worker submit 1                            => ok
        client dispute 1 10000                     => 1
        at 61000
        nobody advance job-dispute 1               => ok
        job-dispute 1                              => Ruled until 121000
        client finish-phase 1                      => ok
        worker finish-phase 1                      => ok
        milestone 1                                => resolved until none, in 1000, paid 0, fee 0, back 1000
        contract 1                                 => expired, 0 open, 0 paid
        rating 1                                   => UnknownItem(Item { kind: "rating", id: 1 })
        balances
    "#]]);
}

/// An arbiter finds what waits for one, and nothing else.
#[test]
fn disputes_that_wait_for_an_arbiter_are_listed() {
    check(expect![[r#"
        client post-job public 1 11000 21000                => 1
        client make-offer 1 worker 9000 500@50000 500@50000 => 1
        worker accept-offer 1                               => 1
        client fund 1                                       => ok
        client fund 2                                       => ok
        worker submit 1                                     => ok
        worker submit 2                                     => ok
        client dispute 1 10000                              => 1
        client dispute 2 10000                              => 2
        worker respond 1 0                                  => ok
        worker respond 2 0                                  => ok
        client finish-phase 1                               => ok
        worker finish-phase 1                               => ok
        judge list-awaiting - 10                            => ([], None)
        client request 1                                    => ok
        judge list-awaiting - 10                            => ([1], None)
        judge list-awaiting - 0                             => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 100 })
        client finish-phase 2                               => ok
        worker finish-phase 2                               => ok
        client request 2                                    => ok
        judge list-awaiting - 1                             => ([1], Some(1))
        judge list-awaiting 1 1                             => ([2], None)
        judge rule 1 5000                                   => ok
        judge list-awaiting - 10                            => ([2], None)
        bench set-arbiter bench yes                         => ok
        client appeal 1                                     => ok
        at 61000
        nobody advance-due 32                               => dispute 1 at 61000, dispute 2 at 61000
        bench list-awaiting - 10                            => ([1, 2], None)
        at 121000
        nobody advance-due 32                               => dispute 1 at 121000, dispute 2 at 121000
        at 181000
        nobody advance-due 32                               => dispute 1 at 181000, dispute 2 at 181000
        bench list-awaiting - 10                            => ([], None)
    "#]]);
}

/// Both deposit what two rulings can cost, the loser bears it, and the arbiters that ruled get it.
#[test]
fn the_loser_pays_the_arbiters() {
    check(expect![[r#"
        bench set-arbiter bench yes                              => ok
        rival set-arbiter rival yes                              => MissingRole("arbiter")
        nobody list-arbiters                                     => [judge, bench]
        client post-job public 1 11000 21000                     => 1
        client make-offer-with-fee 1001 1 worker 9000 1000@50000 => OutOfRange(Range { parameter: "arbiter-fee", given: 1001, min: 0, max: 1000 })
        client make-offer-with-fee 500 1 worker 9000 1000@50000  => 1
        worker accept-offer 1                                    => 1
        client fund 1                                            => ok
        worker submit 1                                          => ok
        worker dispute 1 0                                       => 1
        client respond 1 8000                                    => ok
        client finish-phase 1                                    => ok
        worker finish-phase 1                                    => ok
        clerk request 1                                          => NotAParty(Item { kind: "contract", id: 1 })
        worker request 1                                         => ok
        treasurer request 1                                      => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "arbitration-requested", action: "request" })
        balances                                                 => client -1000, 1000 held; worker -100, 100 held
        worker join 1                                            => Dispute(WrongSide(Side::Payer))
        clerk join 1                                             => NotAParty(Item { kind: "contract", id: 1 })
        quiet
        treasurer join 1                                         => ok
        events
          | DisputeChanged(DisputeChange { dispute: 1, event: DisputeArbitrationJoined(Side::Payer), state: State::Arbitration, deadline-ms: Some(61000), deposit: Some(Deposit { by: Side::Payer, depositor: treasurer, hold: 3, hold-expires-ms: 158112001000, amount: 100 }), assigned: Some(Assignment { arbiter: Some(judge), organisation: Some("court"), on-appeal: false, at-ms: 1000 }), outcome: None })
        judge rule 1 2000                                        => ok
        bench rule 1 2000                                        => WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "ruled", action: "rule" })
        treasurer appeal 1                                       => ok
        judge rule 1 6000                                        => Dispute(NotArbiter(judge))
        bench rule 1 6000                                        => ok
        milestone 1                                              => resolved until none, in 1000, paid 400, fee 0, back 600
        balances                                                 => client -400, 0 held; treasurer -25, 0 held; worker +325, 0 held; judge +50, 0 held; bench +50, 0 held
    "#]]);
}

/// Who does not deposit the costs is not heard: what the other side asked for last is the ruling.
#[test]
fn a_request_goes_unanswered() {
    check(expect![[r#"
        client post-job public 1 11000 21000                    => 1
        client make-offer-with-fee 500 1 worker 9000 1000@50000 => 1
        worker accept-offer 1                                   => 1
        client fund 1                                           => ok
        worker submit 1                                         => ok
        worker dispute 1 3000                                   => 1
        client respond 1 8000                                   => ok
        client finish-phase 1                                   => ok
        worker finish-phase 1                                   => ok
        client request 1                                        => ok
        at 61000
        nobody advance-due 32                                   => dispute 1 at 61000
        job-dispute 1                                           => Ruled until 121000
        at 121000
        nobody advance-due 32                                   => dispute 1 at 121000
        milestone 1                                             => resolved until none, in 1000, paid 200, fee 0, back 800
        balances                                                => client -200, 0 held; worker +200, 0 held
    "#]]);
}
