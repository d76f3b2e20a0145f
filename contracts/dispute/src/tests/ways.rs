//! The ways in which a dispute can go, as tables of steps.

use ehb_contract::Address;
use ehb_contract::common::Refusal;
use expect_test::expect;

use super::table::{ARBITERS, check, scene};
use crate::default_part;

#[test]
fn the_claim_is_accepted() {
    check(expect![[r#"
        client open 1000 10000 "never came" => Open until 60000
        client accept                       => Dispute(WrongSide(Side::Payee))
        worker accept                       => Final: Settlement, 1000 to the client, 0 to the worker
        worker accept                       => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "final", action: "accept" }))
        client advance                      => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "final", action: "expire" }))
    "#]]);
}

#[test]
fn nobody_answers_the_claim() {
    check(expect![[r#"
        worker open 999 3333 "not paid" => Open until 60000
        at 59999
        nobody advance                  => Common(TooEarly(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 60000, now-ms: 59999 }))
        at 60000
        client respond 10000            => Common(TooLate(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 60000, now-ms: 60000 }))
        nobody advance                  => Ruled until 360000
        at 359999
        nobody advance                  => Common(TooEarly(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 360000, now-ms: 359999 }))
        at 360000
        client appeal "too late"        => Common(TooLate(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 360000, now-ms: 360000 }))
        nobody advance                  => Final: UnansweredClaim, 332 to the client, 667 to the worker
        steps
          | DisputeChange { dispute: 1, event: DisputeDeadlinePassed, state: State::Ruled, deadline-ms: Some(360000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeDeadlinePassed, state: State::Final, deadline-ms: None, deposit: None, assigned: None, outcome: Some(Outcome { reason: OutcomeReason::UnansweredClaim, to-payer: 3333, split: Split { to-payer: 332, to-payee: 667 }, payer-costs: 0, payee-costs: 0, at-ms: 360000 }) }
    "#]]);
}

#[test]
fn the_parties_settle() {
    check(expect![[r#"
        client open 1000 10000 broken                   => Open until 60000
        client respond 0                                => Dispute(WrongSide(Side::Payee))
        worker respond 0                                => Evidence until 120000
        worker respond 0                                => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "evidence", action: "respond" }))
        worker accept                                   => Dispute(WrongSide(Side::Payer))
        client add-evidence CID image/png 5 "the crack" => Evidence until 120000
        client finish-phase                             => Evidence until 120000
        client finish-phase                             => Dispute(PhaseFinished(Side::Payer))
        client add-evidence CID image/png 5 -           => Dispute(PhaseFinished(Side::Payer))
        worker add-evidence CID image/png 5 -           => Evidence until 120000
        worker finish-phase                             => Settlement until 180000
        worker offer 100                                => Dispute(WrongSide(Side::Payer))
        worker accept                                   => Dispute(WrongSide(Side::Payer))
        client offer 8000                               => Settlement until 180000
        client offer 7000                               => Dispute(WrongSide(Side::Payee))
        at 100000
        worker offer 3000                               => Settlement until 280000
        client accept                                   => Final: Settlement, 300 to the client, 700 to the worker
        steps
          | DisputeChange { dispute: 1, event: DisputeResponded(Offer { by: Side::Payee, to-payer: 0, at-ms: 0 }), state: State::Evidence, deadline-ms: Some(120000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeEvidenceAdded(Evidence { by: Side::Payer, account: client, document: Document { cid: "CID", media-type: "image/png", size: 5 }, note: "the crack", at-ms: 0 }), state: State::Evidence, deadline-ms: Some(120000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputePhaseFinished(Side::Payer), state: State::Evidence, deadline-ms: Some(120000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeEvidenceAdded(Evidence { by: Side::Payee, account: worker, document: Document { cid: "CID", media-type: "image/png", size: 5 }, note: "", at-ms: 0 }), state: State::Evidence, deadline-ms: Some(120000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputePhaseFinished(Side::Payee), state: State::Settlement, deadline-ms: Some(180000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeOffered(Offer { by: Side::Payer, to-payer: 8000, at-ms: 0 }), state: State::Settlement, deadline-ms: Some(180000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeOffered(Offer { by: Side::Payee, to-payer: 3000, at-ms: 100000 }), state: State::Settlement, deadline-ms: Some(280000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeAccepted(Side::Payer), state: State::Final, deadline-ms: None, deposit: None, assigned: None, outcome: Some(Outcome { reason: OutcomeReason::Settlement, to-payer: 3000, split: Split { to-payer: 300, to-payee: 700 }, payer-costs: 0, payee-costs: 0, at-ms: 100000 }) }
    "#]]);
}

#[test]
fn the_answer_is_accepted_while_evidence_is_collected() {
    check(expect![[r#"
        client open 1000 10000 broken => Open until 60000
        worker respond 2500           => Evidence until 120000
        worker accept                 => Dispute(WrongSide(Side::Payer))
        client accept                 => Final: Settlement, 250 to the client, 750 to the worker
    "#]]);
}

#[test]
fn an_arbiter_rules_and_both_rest() {
    check(expect![[r#"
        bench set-arbiter bench no      => ok
        jury set-arbiter jury no        => ok
        client open 1000 10000 broken   => Open until 60000
        worker respond 0                => Evidence until 120000
        client finish-phase             => Evidence until 120000
        worker finish-phase             => Settlement until 180000
        client finish-phase             => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "settlement", action: "finish-phase" }))
        client request                  => Arbitration until 240000
        assigned                        => judge
        client rule 1                   => Dispute(NotArbiter(client))
        friend rule 1                   => Dispute(NotArbiter(friend))
        kin rule 1                      => Dispute(NotArbiter(kin))
        judge rule 10001                => Common(OutOfRange(Range { parameter: "to-payer", given: 10001, min: 0, max: 10000 }))
        judge rule 6000                 => Ruled until 300000
        bench rule 1                    => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "ruled", action: "rule" }))
        client finish-phase             => Ruled until 300000
        client appeal "changed my mind" => Dispute(PhaseFinished(Side::Payer))
        client finish-phase             => Dispute(PhaseFinished(Side::Payer))
        worker finish-phase             => Final: Ruling, 600 to the client, 400 to the worker
        steps
          | DisputeChange { dispute: 1, event: DisputeResponded(Offer { by: Side::Payee, to-payer: 0, at-ms: 0 }), state: State::Evidence, deadline-ms: Some(120000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputePhaseFinished(Side::Payer), state: State::Evidence, deadline-ms: Some(120000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputePhaseFinished(Side::Payee), state: State::Settlement, deadline-ms: Some(180000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeArbitrationRequested(Side::Payer), state: State::Arbitration, deadline-ms: Some(240000), deposit: None, assigned: Some(Assignment { arbiter: Some(judge), organisation: Some("court"), on-appeal: false, at-ms: 0 }), outcome: None }
          | DisputeChange { dispute: 1, event: DisputeRuled(Ruling { arbiter: Some(judge), organisation: Some("court"), to-payer: 6000, reasons: Some(Document { cid: "CID", media-type: "application/pdf", size: 1000 }), at-ms: 0 }), state: State::Ruled, deadline-ms: Some(300000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputePhaseFinished(Side::Payer), state: State::Ruled, deadline-ms: Some(300000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputePhaseFinished(Side::Payee), state: State::Final, deadline-ms: None, deposit: None, assigned: None, outcome: Some(Outcome { reason: OutcomeReason::Ruling, to-payer: 6000, split: Split { to-payer: 600, to-payee: 400 }, payer-costs: 0, payee-costs: 0, at-ms: 0 }) }
    "#]]);
}

#[test]
fn an_appeal_is_ruled_on_by_another() {
    check(expect![[r#"
        bench set-arbiter bench no                       => ok
        jury set-arbiter jury no                         => ok
        client open 1000 10000 broken                    => Open until 60000
        worker respond 0                                 => Evidence until 120000
        at 120000
        nobody advance                                   => Settlement until 300000
        worker request                                   => Arbitration until 360000
        judge rule-without-reasons 9000                  => Ruled until 420000
        worker appeal -                                  => Common(OutOfRange(Range { parameter: "reason", given: 0, min: 1, max: 500 }))
        worker appeal 501*x                              => Common(OutOfRange(Range { parameter: "reason", given: 501, min: 1, max: 500 }))
        bench set-arbiter bench yes                      => ok
        jury set-arbiter jury yes                        => ok
        worker appeal unfair                             => Appealed until 360000
        client appeal "unfair too"                       => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "appealed", action: "appeal" }))
        client finish-phase                              => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "appealed", action: "finish-phase" }))
        worker add-evidence CID text/plain 9 "my letter" => Appealed until 360000
        judge rule 9000                                  => Dispute(NotArbiter(judge))
        kin rule 9000                                    => Dispute(NotArbiter(kin))
        assigned                                         => judge, bench
        bench rule 1000                                  => Final: AppealRuling, 100 to the client, 900 to the worker
        worker accept                                    => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "final", action: "accept" }))
        steps
          | DisputeChange { dispute: 1, event: DisputeResponded(Offer { by: Side::Payee, to-payer: 0, at-ms: 0 }), state: State::Evidence, deadline-ms: Some(120000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeDeadlinePassed, state: State::Settlement, deadline-ms: Some(300000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeArbitrationRequested(Side::Payee), state: State::Arbitration, deadline-ms: Some(360000), deposit: None, assigned: Some(Assignment { arbiter: Some(judge), organisation: Some("court"), on-appeal: false, at-ms: 120000 }), outcome: None }
          | DisputeChange { dispute: 1, event: DisputeRuled(Ruling { arbiter: Some(judge), organisation: Some("court"), to-payer: 9000, reasons: None, at-ms: 120000 }), state: State::Ruled, deadline-ms: Some(420000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeAppealed(Appeal { by: Side::Payee, reason: "unfair", at-ms: 120000 }), state: State::Appealed, deadline-ms: Some(360000), deposit: None, assigned: Some(Assignment { arbiter: Some(bench), organisation: Some("appeals"), on-appeal: true, at-ms: 120000 }), outcome: None }
          | DisputeChange { dispute: 1, event: DisputeEvidenceAdded(Evidence { by: Side::Payee, account: worker, document: Document { cid: "CID", media-type: "text/plain", size: 9 }, note: "my letter", at-ms: 120000 }), state: State::Appealed, deadline-ms: Some(360000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeRuled(Ruling { arbiter: Some(bench), organisation: Some("appeals"), to-payer: 1000, reasons: Some(Document { cid: "CID", media-type: "application/pdf", size: 1000 }), at-ms: 120000 }), state: State::Final, deadline-ms: None, deposit: None, assigned: None, outcome: Some(Outcome { reason: OutcomeReason::AppealRuling, to-payer: 1000, split: Split { to-payer: 100, to-payee: 900 }, payer-costs: 0, payee-costs: 0, at-ms: 120000 }) }
    "#]]);
}

/// An account that only the platform named is as impartial as any other, and one court does not rule twice.
#[test]
fn arbiters_are_of_no_party() {
    check(expect![[r#"
        terms friend 5000
        agreed no
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        client finish-phase           => Evidence until 120000
        worker finish-phase           => Settlement until 180000
        client request                => Arbitration until 240000
        assigned                      => nobody
        friend rule 10000             => Dispute(NotArbiter(friend))
        judge rule 10000              => Dispute(NotArbiter(judge))
        at 240000
        nobody advance                => Final: ArbiterTimedOut, 500 to the client, 500 to the worker
        at 0
        agreed yes
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        client finish-phase           => Evidence until 120000
        worker finish-phase           => Settlement until 180000
        client request                => Arbitration until 240000
        assigned                      => friend
        friend rule 9000              => Ruled until 300000
        worker appeal unfair          => Appealed until 240000
        friend rule 9000              => Dispute(NotArbiter(friend))
        kin rule 9000                 => Dispute(NotArbiter(kin))
        assigned                      => friend, bench
        terms role 5000
        bench set-arbiter bench no    => ok
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        client finish-phase           => Evidence until 120000
        worker finish-phase           => Settlement until 180000
        client request                => Arbitration until 240000
        assigned                      => judge
        judge rule 9000               => Ruled until 300000
        jury rule 9000                => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "ruled", action: "rule" }))
        worker appeal unfair          => Appealed until 240000
        assigned                      => judge, nobody
        bench set-arbiter bench yes   => ok
        at 240000
        nobody advance                => Appealed until 480000
        assigned                      => judge, nobody, bench
        bench rule 2000               => Final: AppealRuling, 200 to the client, 800 to the worker
    "#]]);
}

/// An arbiter that moved to a party's organisation, or lost the role, does not rule any more.
#[test]
fn arbiters_stay_impartial() {
    check(expect![[r#"
        bench set-arbiter bench no    => ok
        jury set-arbiter jury no      => ok
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        client finish-phase           => Evidence until 120000
        worker finish-phase           => Settlement until 180000
        worker request                => Arbitration until 240000
        move judge bolt
        judge rule 0                  => Dispute(ConflictOfInterest(judge))
        at 240000
        nobody advance                => Arbitration until 480000
        assigned                      => judge, nobody
        jury set-arbiter jury yes     => ok
        freeze jury
        at 480000
        nobody advance                => Arbitration until 720000
        assigned                      => judge, nobody, nobody
    "#]]);
}

/// Arbiters register themselves, and are struck off by themselves or the chain's administrators.
#[test]
fn arbiters_register() {
    check(expect![[r#"
        friend set-arbiter friend yes => MissingRole("arbiter")
        judge set-arbiter bench yes   => MissingRole("arbiter")
        judge set-arbiter bench no    => MissingRole("platform-admin")
        judge set-arbiter judge yes   => ok
        admin set-arbiter jury no     => ok
        arbiters                      => [judge, bench, kin]
        jury set-arbiter jury yes     => ok
        jury set-arbiter jury no      => ok
        jury set-arbiter jury no      => ok
        arbiters                      => [judge, bench, kin]
    "#]]);
}

/// Silent arbiters are followed by others, three in all; then what was done decides.
#[test]
fn silent_arbiters_are_replaced() {
    check(expect![[r#"
        terms role 3333 1000
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        client finish-phase           => Evidence until 120000
        worker finish-phase           => Settlement until 180000
        client request                => ArbitrationRequested until 180000
        worker join                   => Arbitration until 240000
        assigned                      => bench
        at 239999
        nobody advance                => Common(TooEarly(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 240000, now-ms: 239999 }))
        at 240000
        nobody advance                => Arbitration until 480000
        assigned                      => bench, judge
        at 480000
        nobody advance                => Arbitration until 720000
        assigned                      => bench, judge, jury
        at 720000
        nobody advance                => Final: ArbiterTimedOut, 333 to the client, 667 to the worker
        settlements                   => [Settlement { hold: 1, hold_expires_ms: 18446744073709551615, paid: [], back: 200 }, Settlement { hold: 2, hold_expires_ms: 18446744073709551615, paid: [], back: 200 }]
        steps
          | DisputeChange { dispute: 1, event: DisputeResponded(Offer { by: Side::Payee, to-payer: 0, at-ms: 0 }), state: State::Evidence, deadline-ms: Some(120000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputePhaseFinished(Side::Payer), state: State::Evidence, deadline-ms: Some(120000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputePhaseFinished(Side::Payee), state: State::Settlement, deadline-ms: Some(180000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeArbitrationRequested(Side::Payer), state: State::ArbitrationRequested, deadline-ms: Some(180000), deposit: Some(Deposit { by: Side::Payer, depositor: client, hold: 1, hold-expires-ms: 18446744073709551615, amount: 200 }), assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeArbitrationJoined(Side::Payee), state: State::Arbitration, deadline-ms: Some(240000), deposit: Some(Deposit { by: Side::Payee, depositor: worker, hold: 2, hold-expires-ms: 18446744073709551615, amount: 200 }), assigned: Some(Assignment { arbiter: Some(bench), organisation: Some("appeals"), on-appeal: false, at-ms: 0 }), outcome: None }
          | DisputeChange { dispute: 1, event: DisputeDeadlinePassed, state: State::Arbitration, deadline-ms: Some(480000), deposit: None, assigned: Some(Assignment { arbiter: Some(judge), organisation: Some("court"), on-appeal: false, at-ms: 240000 }), outcome: None }
          | DisputeChange { dispute: 1, event: DisputeDeadlinePassed, state: State::Arbitration, deadline-ms: Some(720000), deposit: None, assigned: Some(Assignment { arbiter: Some(jury), organisation: Some("court"), on-appeal: false, at-ms: 480000 }), outcome: None }
          | DisputeChange { dispute: 1, event: DisputeDeadlinePassed, state: State::Final, deadline-ms: None, deposit: None, assigned: None, outcome: Some(Outcome { reason: OutcomeReason::ArbiterTimedOut, to-payer: 3333, split: Split { to-payer: 333, to-payee: 667 }, payer-costs: 0, payee-costs: 0, at-ms: 720000 }) }
    "#]]);
}

/// The loser bears what arbiters cost, in proportion to what it lost between the latest offers.
#[test]
fn costs_follow_what_was_lost() {
    check(expect![[r#"
        terms judge 5000 1000
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        client finish-phase           => Evidence until 120000
        worker finish-phase           => Settlement until 180000
        client offer 8000             => Settlement until 180000
        worker offer 4000             => Settlement until 180000
        worker request                => ArbitrationRequested until 180000
        worker join                   => Dispute(WrongSide(Side::Payer))
        client join                   => Arbitration until 240000
        judge rule 5000               => Ruled until 300000
        worker finish-phase           => Ruled until 300000
        client finish-phase           => Final: Ruling, 500 to the client, 500 to the worker; costs 75 and 25
        settlements                   => [Settlement { hold: 1, hold_expires_ms: 18446744073709551615, paid: [(judge, 25)], back: 175 }, Settlement { hold: 2, hold_expires_ms: 18446744073709551615, paid: [(judge, 75)], back: 125 }]
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        client finish-phase           => Evidence until 120000
        worker finish-phase           => Settlement until 180000
        client request                => ArbitrationRequested until 180000
        worker join                   => Arbitration until 240000
        judge rule 10000              => Ruled until 300000
        worker appeal unfair          => Appealed until 240000
        assigned                      => judge, bench
    "#]]);
}

/// Where the other side does not deposit the costs, what was asked for last is the ruling; who is heard after being
/// silent pays for that alone.
#[test]
fn a_request_goes_unanswered() {
    check(expect![[r#"
        terms role 5000 1000
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        client finish-phase           => Evidence until 120000
        worker finish-phase           => Settlement until 180000
        client offer 7000             => Settlement until 180000
        client request                => ArbitrationRequested until 180000
        worker offer 1                => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "arbitration-requested", action: "offer" }))
        at 180000
        worker join                   => Common(TooLate(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 180000, now-ms: 180000 }))
        nobody advance                => Ruled until 480000
        client appeal "not enough"    => Dispute(WrongSide(Side::Payee))
        worker appeal "I was away"    => Appealed until 420000
        assigned                      => bench
        steps
          | DisputeChange { dispute: 1, event: DisputeResponded(Offer { by: Side::Payee, to-payer: 0, at-ms: 0 }), state: State::Evidence, deadline-ms: Some(120000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputePhaseFinished(Side::Payer), state: State::Evidence, deadline-ms: Some(120000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputePhaseFinished(Side::Payee), state: State::Settlement, deadline-ms: Some(180000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeOffered(Offer { by: Side::Payer, to-payer: 7000, at-ms: 0 }), state: State::Settlement, deadline-ms: Some(180000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeArbitrationRequested(Side::Payer), state: State::ArbitrationRequested, deadline-ms: Some(180000), deposit: Some(Deposit { by: Side::Payer, depositor: client, hold: 1, hold-expires-ms: 18446744073709551615, amount: 200 }), assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeDeadlinePassed, state: State::Ruled, deadline-ms: Some(480000), deposit: None, assigned: None, outcome: None }
          | DisputeChange { dispute: 1, event: DisputeAppealed(Appeal { by: Side::Payee, reason: "I was away", at-ms: 180000 }), state: State::Appealed, deadline-ms: Some(420000), deposit: Some(Deposit { by: Side::Payee, depositor: worker, hold: 2, hold-expires-ms: 18446744073709551615, amount: 100 }), assigned: Some(Assignment { arbiter: Some(bench), organisation: Some("appeals"), on-appeal: true, at-ms: 180000 }), outcome: None }
        at 0
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        client finish-phase           => Evidence until 120000
        worker finish-phase           => Settlement until 180000
        client request                => ArbitrationRequested until 180000
        worker accept                 => Dispute(WrongSide(Side::Payer))
        client request                => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "arbitration-requested", action: "request" }))
        settlements                   => [Settlement { hold: 1, hold_expires_ms: 18446744073709551615, paid: [], back: 200 }]
    "#]]);
}

/// Nobody asks for an arbiter: as if arbiters were silent.
#[test]
fn nobody_asks_for_arbitration() {
    check(expect![[r#"
        terms role 3333 1000
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        client finish-phase           => Evidence until 120000
        worker finish-phase           => Settlement until 180000
        client finish-phase           => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "settlement", action: "finish-phase" }))
        at 180000
        client request                => Common(TooLate(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 180000, now-ms: 180000 }))
        nobody advance                => Final: ArbitrationNotRequested, 333 to the client, 667 to the worker
        settlements                   => []
    "#]]);
}

/// What was not done is all the payer's, and the rest is split as agreed.
#[test]
fn the_default_follows_what_happened() {
    for (amount, undone, agreed, part) in [
        (1_000, 1_000, 5_000, 10_000),
        (1_000, 0, 5_000, 5_000),
        (1_000, 500, 5_000, 7_500),
        (1_000, 500, 0, 5_000),
        (3, 1, 0, 3_334),
        (1, 9, 0, 10_000),
        (u64::MAX, u64::MAX, 0, 10_000),
        (u64::MAX, 1, 10_000, 10_000),
    ] {
        assert_eq!(default_part(amount, undone, agreed), part, "{amount} {undone} {agreed}");
    }
}

#[test]
fn nobody_rules_on_the_appeal() {
    check(expect![[r#"
        client open 1000 10000 broken    => Open until 60000
        at 60000
        nobody advance                   => Ruled until 360000
        worker appeal "I was on holiday" => Appealed until 300000
        at 299999
        nobody advance                   => Common(TooEarly(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 300000, now-ms: 299999 }))
        at 300000
        client appeal again              => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "appealed", action: "appeal" }))
        nobody advance                   => Appealed until 540000
        at 540000
        nobody advance                   => Appealed until 780000
        at 780000
        judge rule 0                     => Common(TooLate(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 780000, now-ms: 780000 }))
        nobody advance                   => Final: AppealTimedOut, 1000 to the client, 0 to the worker
    "#]]);
}

#[test]
fn a_ruling_is_final_when_nobody_appeals() {
    check(expect![[r#"
        terms friend 5000
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        worker finish-phase           => Evidence until 120000
        client finish-phase           => Settlement until 180000
        worker request                => Arbitration until 240000
        judge rule 0                  => Dispute(NotArbiter(judge))
        friend rule 0                 => Ruled until 300000
        at 300000
        nobody advance                => Final: Ruling, 0 to the client, 1000 to the worker
    "#]]);
}

#[test]
fn no_arbiter_rules() {
    check(expect![[r#"
        terms judge 3333
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        worker finish-phase           => Evidence until 120000
        client finish-phase           => Settlement until 180000
        worker request                => Arbitration until 240000
        at 240000
        judge rule 0                  => Common(TooLate(Deadline { item: Item { kind: "dispute", id: 1 }, deadline-ms: 240000, now-ms: 240000 }))
        nobody advance                => Final: ArbiterTimedOut, 333 to the client, 667 to the worker
        nobody advance                => Common(WrongState(WrongState { item: Item { kind: "dispute", id: 1 }, state: "final", action: "expire" }))
    "#]]);
}

#[test]
fn a_party_cannot_be_the_arbiter() {
    check(expect![[r#"
        terms worker 0
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        worker finish-phase           => Evidence until 120000
        client finish-phase           => Settlement until 180000
        worker request                => Arbitration until 240000
        assigned                      => nobody
        worker rule 0                 => Dispute(NotArbiter(worker))
    "#]]);
}

#[test]
fn bad_input() {
    check(expect![[r#"
        client open 0 10000 broken                         => Common(ZeroAmount)
        client open 1000 10001 broken                      => Common(OutOfRange(Range { parameter: "to-payer", given: 10001, min: 0, max: 10000 }))
        client open 1000 10000 -                           => Common(OutOfRange(Range { parameter: "reason", given: 0, min: 1, max: 500 }))
        client open 1000 10000 501*x                       => Common(OutOfRange(Range { parameter: "reason", given: 501, min: 1, max: 500 }))
        terms role 10001
        client open 1000 10000 broken                      => Common(OutOfRange(Range { parameter: "default-to-payer", given: 10001, min: 0, max: 10000 }))
        terms role 5000
        client open max 3333 500*x                         => Open until 60000
        worker respond 10001                               => Common(OutOfRange(Range { parameter: "to-payer", given: 10001, min: 0, max: 10000 }))
        worker add-evidence bafkrei text/plain 9 -         => Common(MalformedCid("bafkrei"))
        worker add-evidence CID - 9 -                      => Common(OutOfRange(Range { parameter: "media-type", given: 0, min: 3, max: 127 }))
        worker add-evidence CID 128*x 9 -                  => Common(OutOfRange(Range { parameter: "media-type", given: 128, min: 3, max: 127 }))
        worker add-evidence CID text 9 -                   => Common(MalformedMediaType("text"))
        worker add-evidence CID "text/ plain" 9 -          => Common(MalformedMediaType("text/ plain"))
        worker add-evidence CID text/plain 1099511627777 - => Common(OutOfRange(Range { parameter: "size", given: 1099511627777, min: 1, max: 1099511627776 }))
        worker add-evidence CID text/plain 0 -             => Common(OutOfRange(Range { parameter: "size", given: 0, min: 1, max: 1099511627776 }))
        worker add-evidence CID text/plain 9 281*x         => Common(OutOfRange(Range { parameter: "note", given: 281, min: 0, max: 280 }))
        worker add-evidence CID text/plain 9 280*x         => Open until 60000
        worker add-evidence CID text/plain 9 -             => Open until 60000
        worker add-evidence CID text/plain 9 -             => Open until 60000
        worker add-evidence CID text/plain 9 -             => Open until 60000
        worker add-evidence CID text/plain 9 -             => Open until 60000
        worker add-evidence CID text/plain 9 -             => Open until 60000
        worker add-evidence CID text/plain 9 -             => Open until 60000
        worker add-evidence CID text/plain 9 -             => Open until 60000
        worker add-evidence CID text/plain 9 -             => Common(TooMany(Bound { what: "evidence", max: 8 }))
        client add-evidence CID text/plain 9 -             => Open until 60000
        worker accept                                      => Final: Settlement, 6148299799767393553 to the client, 12298444273942158062 to the worker
    "#]]);
}

#[test]
fn offers_are_bounded() {
    check(expect![[r#"
        client open 1000 10000 broken => Open until 60000
        worker respond 0              => Evidence until 120000
        worker finish-phase           => Evidence until 120000
        client finish-phase           => Settlement until 180000
        client offer 9000             => Settlement until 180000
        worker offer 1000             => Settlement until 180000
        client offer 8000             => Settlement until 180000
        worker offer 2000             => Settlement until 180000
        client offer 7000             => Settlement until 180000
        worker offer 3000             => Settlement until 180000
        client offer 6000             => Settlement until 180000
        worker offer 4000             => Settlement until 180000
        client offer 5000             => Common(TooMany(Bound { what: "offers", max: 10 }))
        client accept                 => Final: Settlement, 400 to the client, 600 to the worker
    "#]]);
}

/// One organisation registers eight arbiters at most, and all of them are 64.
#[test]
fn registered_arbiters_are_bounded() {
    let mut host = scene();
    let mut register = |number: u8, organisation: u8| {
        let account = Address::from_bytes(&[100 + number; 32]);
        host.register(account, &format!("org-{organisation}"));
        host.grant(account, "arbiter");
        host.act_as(account);
        ARBITERS.set(&mut host, account, true).map(drop)
    };
    for number in 0..8 {
        assert_eq!(register(number, 0), Ok(()));
    }
    let of_organisation = Refusal::too_many("arbiters-of-organisation", 8);
    assert_eq!(register(8, 0), Err(of_organisation));
    // Four are registered from the beginning.
    for number in 8..60 {
        assert_eq!(register(number, number / 8), Ok(()));
    }
    assert_eq!(register(60, 60), Err(Refusal::too_many("arbiters", 64)));
    assert_eq!(register(59, 7), Ok(()), "it is registered already");
}
