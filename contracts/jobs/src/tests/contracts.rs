//! Contracts and their milestones, from funding to payment, cancellation or silence.

use expect_test::expect;

use super::table::check;

/// The README's example.
#[test]
fn a_door_is_fitted() {
    check(expect![[r#"
        admin set-platform-fee 100 platform                => ok
        client post-job public 1 11000 21000               => 1
        worker apply 1 400                                 => 1
        clerk shortlist 1                                  => ok
        clerk make-offer 1 worker 9000 300@50000 100@60000 => 1
        worker accept-offer 1                              => 1
        posting 1                                          => filled until none, 1 hired
        treasurer fund 1                                   => ok
        agent submit 1                                     => ok
        clerk approve 1                                    => ok
        treasurer pay 1                                    => ok
        balances                                           => treasurer -300, 0 held; worker +297, 0 held; platform +3, 0 held
        client fund 2                                      => ok
        worker submit 2                                    => ok
        client dispute 2 10000                             => 1
        worker respond 1 2000                              => ok
        client accept-settlement 1                         => ok
        milestone 2                                        => resolved until none, in 100, paid 80, fee 0, back 20
        contract 1                                         => completed, 0 open, 380 paid
        rating 1                                           => committing until 1209601000
        balances                                           => client -80, 0 held; treasurer -300, 0 held; worker +377, 0 held; platform +3, 0 held
    "#]]);
}

#[test]
fn milestones_are_paid() {
    check(expect![[r#"
        admin set-platform-fee 333 platform                 => ok
        client post-job public 1 11000 21000                => 1
        client make-offer 1 worker 9000 301@50000 100@60000 => 1
        worker accept-offer 1                               => 1
        clerk fund 1                                        => WrongParty(Party { account: Some(client), organisation: None, role: Some("treasurer") })
        worker fund 1                                       => WrongParty(Party { account: Some(client), organisation: None, role: Some("treasurer") })
        client fund 1                                       => ok
        treasurer fund 2                                    => ok
        client fund 1                                       => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "funded", action: "fund" })
        balances                                            => client -301, 301 held; treasurer -100, 100 held
        quiet
        worker submit 1                                     => ok
        treasurer approve 1                                 => WrongParty(Party { account: Some(client), organisation: None, role: Some("clerk") })
        clerk approve 1                                     => ok
        clerk pay 1                                         => WrongParty(Party { account: Some(client), organisation: None, role: Some("treasurer") })
        treasurer pay 1                                     => ok
        milestone 1                                         => paid until none, in 301, paid 291, fee 10, back 0
        events
          | MilestoneChanged(Milestone { id: 1, contract: 1, plan: MilestonePlan { title: "a door", amount: 301, due-ms: 50000 }, state: MilestoneState::Submitted, deadline-ms: Some(11000), revisions: 0, deliverable: Some(Document { cid: "CID", media-type: "application/pdf", size: 1000 }), escrow: Some(MilestoneEscrow { funded: 301, paid: 0, fee: 0, refunded: 0, payer: client, hold: 1, hold-expires-ms: 158112001000 }), dispute: None })
          | MilestoneChanged(Milestone { id: 1, contract: 1, plan: MilestonePlan { title: "a door", amount: 301, due-ms: 50000 }, state: MilestoneState::Approved, deadline-ms: Some(6000), revisions: 0, deliverable: Some(Document { cid: "CID", media-type: "application/pdf", size: 1000 }), escrow: Some(MilestoneEscrow { funded: 301, paid: 0, fee: 0, refunded: 0, payer: client, hold: 1, hold-expires-ms: 158112001000 }), dispute: None })
          | MilestoneChanged(Milestone { id: 1, contract: 1, plan: MilestonePlan { title: "a door", amount: 301, due-ms: 50000 }, state: MilestoneState::Paid, deadline-ms: None, revisions: 0, deliverable: Some(Document { cid: "CID", media-type: "application/pdf", size: 1000 }), escrow: Some(MilestoneEscrow { funded: 301, paid: 291, fee: 10, refunded: 0, payer: client, hold: 1, hold-expires-ms: 158112001000 }), dispute: None })
          | ContractChanged(ContractChange { contract: 1, state: ContractState::Active, open-milestones: 1, paid: 301, cancellation: None })
        agent submit 2                                      => ok
        at 11001
        balances                                            => client -301, 0 held; treasurer -100, 100 held; worker +291, 0 held; platform +10, 0 held
        nobody advance milestone 2                          => ok
        milestone 2                                         => paid until none, in 100, paid 97, fee 3, back 0
        contract 1                                          => completed, 0 open, 401 paid
        balances                                            => client -301, 0 held; treasurer -100, 0 held; worker +388, 0 held; platform +13, 0 held
        due                                                 => rating 1 at 1209611001, contract 1 at 34560011001, posting 1 at 34560021000
    "#]]);
}

#[test]
fn an_approved_milestone_is_released_by_anyone_in_time() {
    check(expect![[r#"
        client post-job public 1 11000 21000      => 1
        client make-offer 1 worker 9000 300@50000 => 1
        worker accept-offer 1                     => 1
        client fund 1                             => ok
        worker submit 1                           => ok
        client approve 1                          => ok
        nobody advance milestone 1                => TooEarly(Deadline { item: Item { kind: "milestone", id: 1 }, deadline-ms: 6000, now-ms: 1000 })
        at 6000
        client pay 1                              => TooLate(Deadline { item: Item { kind: "milestone", id: 1 }, deadline-ms: 6000, now-ms: 6000 })
        freeze worker
        nobody advance milestone 1                => ok
        balances                                  => client -300, 0 held; worker +300, 0 held
        contract 1                                => completed, 0 open, 300 paid
    "#]]);
}

#[test]
fn a_revision_is_asked_for_once() {
    check(expect![[r#"
        client post-job public 1 11000 21000      => 1
        client make-offer 1 worker 9000 300@50000 => 1
        worker accept-offer 1                     => 1
        client fund 1                             => ok
        worker submit 1                           => ok
        worker revise 1                           => WrongParty(Party { account: Some(client), organisation: None, role: Some("clerk") })
        client revise 1                           => ok
        milestone 1                               => revising until 21000, in 300, paid 0, fee 0, back 0
        at 15000
        worker submit 1                           => ok
        milestone 1                               => submitted until 25000, in 300, paid 0, fee 0, back 0
        client revise 1                           => OutOfRange(Range { parameter: "revisions", given: 2, min: 0, max: 1 })
        client approve 1                          => ok
        milestone 1                               => approved until 20000, in 300, paid 0, fee 0, back 0
    "#]]);
}

#[test]
fn nothing_is_submitted() {
    check(expect![[r#"
        client post-job public 1 11000 21000                          => 1
        client make-offer 1 worker 9000 300@30000 200@40000 100@50000 => 1
        worker accept-offer 1                                         => 1
        treasurer fund 1                                              => ok
        client fund 2                                                 => ok
        worker submit 2                                               => ok
        client revise 2                                               => ok
        balances                                                      => client -200, 200 held; treasurer -300, 300 held
        at 30000
        worker submit 1                                               => TooLate(Deadline { item: Item { kind: "milestone", id: 1 }, deadline-ms: 30000, now-ms: 30000 })
        nobody advance-due 32                                         => milestone 2 at 21000, milestone 1 at 30000
        milestone 1                                                   => expired until none, in 300, paid 0, fee 0, back 300
        milestone 2                                                   => expired until none, in 200, paid 0, fee 0, back 200
        balances
        at 50000
        client fund 3                                                 => TooLate(Deadline { item: Item { kind: "milestone", id: 3 }, deadline-ms: 50000, now-ms: 50000 })
        nobody advance-due 1                                          => milestone 3 at 50000
        milestone 3                                                   => voided until none
        contract 1                                                    => expired, 0 open, 0 paid
        due                                                           => posting 1 at 34560021000, contract 1 at 34560050000
        nobody advance contract 1                                     => WrongState(WrongState { item: Item { kind: "contract", id: 1 }, state: "expired", action: "advance" })
    "#]]);
}

#[test]
fn a_contractor_gives_up() {
    check(expect![[r#"
        client post-job public 1 11000 21000      => 1
        client make-offer 1 worker 9000 300@30000 => 1
        worker accept-offer 1                     => 1
        worker refund 1                           => WrongState(WrongState { item: Item { kind: "milestone", id: 1 }, state: "pending", action: "refund" })
        client fund 1                             => ok
        client refund 1                           => WrongParty(Party { account: Some(worker), organisation: None, role: Some("contractor") })
        worker refund 1                           => ok
        milestone 1                               => refunded until none, in 300, paid 0, fee 0, back 300
        contract 1                                => expired, 0 open, 0 paid
        balances
    "#]]);
}

#[test]
fn both_cancel() {
    check(expect![[r#"
        admin set-platform-fee 1000 platform                                    => ok
        client post-job public 1 11000 21000                                    => 1
        client make-offer 1 worker 9000 301@30000 201@40000 100@50000 100@50000 => 1
        worker accept-offer 1                                                   => 1
        client fund 1                                                           => ok
        treasurer fund 2                                                        => ok
        client fund 3                                                           => ok
        worker submit 3                                                         => ok
        client approve 3                                                        => ok
        rival propose-cancellation 1 5000                                       => NotAParty(Item { kind: "contract", id: 1 })
        clerk propose-cancellation 1 5000                                       => NotAParty(Item { kind: "contract", id: 1 })
        client accept-cancellation 1 5000                                       => NoProposal
        treasurer propose-cancellation 1 10001                                  => OutOfRange(Range { parameter: "to-client", given: 10001, min: 0, max: 10000 })
        treasurer propose-cancellation 1 5000                                   => ok
        client accept-cancellation 1 5000                                       => NoProposal
        worker accept-cancellation 1 4000                                       => ProposalMismatch(5000)
        quiet
        worker accept-cancellation 1 5000                                       => ok
        events
          | MilestoneChanged(Milestone { id: 1, contract: 1, plan: MilestonePlan { title: "a door", amount: 301, due-ms: 30000 }, state: MilestoneState::Cancelled, deadline-ms: None, revisions: 0, deliverable: None, escrow: Some(MilestoneEscrow { funded: 301, paid: 136, fee: 15, refunded: 150, payer: client, hold: 1, hold-expires-ms: 158112001000 }), dispute: None })
          | MilestoneChanged(Milestone { id: 2, contract: 1, plan: MilestonePlan { title: "a door", amount: 201, due-ms: 40000 }, state: MilestoneState::Cancelled, deadline-ms: None, revisions: 0, deliverable: None, escrow: Some(MilestoneEscrow { funded: 201, paid: 91, fee: 10, refunded: 100, payer: treasurer, hold: 2, hold-expires-ms: 158112001000 }), dispute: None })
          | MilestoneChanged(Milestone { id: 3, contract: 1, plan: MilestonePlan { title: "a door", amount: 100, due-ms: 50000 }, state: MilestoneState::Paid, deadline-ms: None, revisions: 0, deliverable: Some(Document { cid: "CID", media-type: "application/pdf", size: 1000 }), escrow: Some(MilestoneEscrow { funded: 100, paid: 90, fee: 10, refunded: 0, payer: client, hold: 3, hold-expires-ms: 158112001000 }), dispute: None })
          | MilestoneChanged(Milestone { id: 4, contract: 1, plan: MilestonePlan { title: "a door", amount: 100, due-ms: 50000 }, state: MilestoneState::Voided, deadline-ms: None, revisions: 0, deliverable: None, escrow: None, dispute: None })
          | ContractChanged(ContractChange { contract: 1, state: ContractState::Cancelled, open-milestones: 0, paid: 352, cancellation: None })
          | RatingChanged(Rating { contract: 1, client: client, client-organisation: "acme", contractor: worker, contractor-organisation: "bolt", state: RatingState::Committing, deadline-ms: Some(1209601000), by-client: None, by-contractor: None })
        contract 1                                                              => cancelled, 0 open, 352 paid
        milestone 1                                                             => cancelled until none, in 301, paid 136, fee 15, back 150
        milestone 2                                                             => cancelled until none, in 201, paid 91, fee 10, back 100
        milestone 3                                                             => paid until none, in 100, paid 90, fee 10, back 0
        milestone 4                                                             => voided until none
        balances                                                                => client -251, 0 held; treasurer -101, 0 held; worker +317, 0 held; platform +35, 0 held
        rating 1                                                                => committing until 1209601000
        worker propose-cancellation 1 0                                         => WrongState(WrongState { item: Item { kind: "contract", id: 1 }, state: "cancelled", action: "propose" })
        due                                                                     => rating 1 at 1209601000, contract 1 at 34560001000, posting 1 at 34560021000
    "#]]);
}

#[test]
fn a_proposal_loses_its_force() {
    check(expect![[r#"
        client post-job public 1 11000 21000           => 1
        client make-offer 1 worker 9000 301@2000000000 => 1
        worker accept-offer 1                          => 1
        client fund 1                                  => ok
        worker propose-cancellation 1 5000             => ok
        at 1209601000
        client accept-cancellation 1 5000              => NoProposal
        worker propose-cancellation 1 6000             => ok
        client propose-cancellation 1 7000             => ok
        client accept-cancellation 1 6000              => NoProposal
        worker accept-cancellation 1 7000              => ok
        balances                                       => client -91, 0 held; worker +91, 0 held
    "#]]);
}

#[test]
fn a_contract_is_terminated() {
    check(expect![[r#"
        client post-job public 2 11000 21000                => 1
        client make-offer 1 worker 9000 300@30000 200@40000 => 1
        client make-offer 1 worker 9000 300@30000 200@40000 => 2
        worker accept-offer 1                               => 1
        worker accept-offer 2                               => 2
        client fund 1                                       => ok
        rival terminate 1                                   => NotAParty(Item { kind: "contract", id: 1 })
        worker terminate 1                                  => ok
        contract 1                                          => terminating, 1 open, 0 paid
        client terminate 1                                  => WrongState(WrongState { item: Item { kind: "contract", id: 1 }, state: "terminating", action: "terminate" })
        client fund 2                                       => WrongState(WrongState { item: Item { kind: "contract", id: 1 }, state: "terminating", action: "fund" })
        milestone 2                                         => voided until none
        worker submit 1                                     => ok
        client approve 1                                    => ok
        client pay 1                                        => ok
        contract 1                                          => terminated, 0 open, 300 paid
        client terminate 2                                  => ok
        contract 2                                          => terminated, 0 open, 0 paid
        rating 2                                            => UnknownItem(Item { kind: "rating", id: 2 })
        balances                                            => client -300, 0 held; worker +300, 0 held
    "#]]);
}

#[test]
fn everybody_forgets() {
    check(expect![[r#"
        client post-job public 2 11000 21000                => 1
        client make-offer 1 worker 9000 300@30000 200@40000 => 1
        worker accept-offer 1                               => 1
        client fund 1                                       => ok
        treasurer fund 2                                    => ok
        worker submit 1                                     => ok
        at 158112001000
        nobody advance milestone 1                          => ok
        milestone 1                                         => hold-expired until none, in 300, paid 0, fee 0, back 300
        nobody advance milestone 2                          => ok
        milestone 2                                         => hold-expired until none, in 200, paid 0, fee 0, back 200
        contract 1                                          => expired, 0 open, 0 paid
        balances
    "#]]);
}
