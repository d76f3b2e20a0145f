//! Every action in every state, and bounds on the windows together.

use ehb_contract::common::Refusal;
use ehb_contract::table::stored;
use ehb_contract::{Host, Named as _};

use super::table::{ARBITERS, CAST, document, parties, scene, set_aside, terms};
use crate::states::{Action, DISPUTE, Kind};
use crate::types::{Arbiter, Assignment, Deposit, Dispute, DisputeChange, Ruling, Side, State};
use crate::{
    ASSIGNMENTS_MAX, Error, accept, add_evidence, advance, appeal, finish_phase, join, longest_ms,
    offer, open, request, respond, rule,
};

/// When the dispute of [`dispute_in`] stops to wait, milliseconds.
const DEADLINE_MS: u64 = 60_000;

/// A dispute in a state, where it is the payee's turn, and the judge's.
fn dispute_in(host: &Host, state: State) -> Dispute {
    let mut terms = terms(Arbiter::Registered, 5_000);
    terms.fee = 100;
    let reason = "broken".to_owned();
    let opened = open(host, 1, 7, parties(), Side::Payer, 1_000, 9_000, reason, terms);
    let mut dispute = opened.unwrap();
    dispute.state = state;
    if state == State::ArbitrationRequested {
        dispute.deposits.push(deposit(Side::Payer));
    }
    if state.awaits_arbiter() {
        dispute.assigned.push(assignment("judge", state));
    }
    if matches!(state, State::Ruled | State::Appealed) {
        let arbiter = Some(CAST.address("bench"));
        let organisation = Some("appeals".to_owned());
        let ruling = Ruling { arbiter, organisation, to_payer: 1, reasons: None, at_ms: 0 };
        dispute.rulings.push(ruling);
    }
    dispute
}

fn deposit(by: Side) -> Deposit {
    Deposit {
        by,
        depositor: CAST.address("client"),
        hold: 1,
        hold_expires_ms: u64::MAX,
        amount: 20,
    }
}

fn assignment(arbiter: &str, state: State) -> Assignment {
    let arbiter = Some(CAST.address(arbiter));
    let on_appeal = state == State::Appealed;
    Assignment { arbiter, organisation: Some("court".to_owned()), on_appeal, at_ms: 0 }
}

fn act(host: &mut Host, dispute: &mut Dispute, action: Action) -> Result<DisputeChange, Error> {
    let by = Side::Payee;
    host.act_as(parties().payee);
    match action {
        Action::Respond => respond(host, dispute, by, 0),
        Action::AddEvidence => add_evidence(host, dispute, by, document(), String::new()),
        Action::Offer => offer(host, dispute, by, 0),
        Action::Accept => accept(host, dispute, by),
        Action::Request | Action::Refer => {
            if action == Action::Refer {
                dispute.terms.fee = 0;
            }
            let set_aside = set_aside(dispute);
            request(host, &ARBITERS, dispute, by, set_aside)
        }
        Action::Join => {
            let set_aside = set_aside(dispute);
            join(host, &ARBITERS, dispute, by, set_aside)
        }
        Action::FinishPhase => finish_phase(host, dispute, by),
        Action::FinishPhaseLast => {
            dispute.payer_finished = true;
            finish_phase(host, dispute, by)
        }
        Action::Rule => {
            host.act_as(CAST.address("judge"));
            rule(host, dispute, 0, None)
        }
        Action::Appeal => {
            let set_aside = set_aside(dispute);
            appeal(host, &ARBITERS, dispute, (by, "unfair".to_owned()), set_aside)
        }
        Action::Expire | Action::Reassign => {
            if action == Action::Expire && dispute.state.awaits_arbiter() {
                let last = dispute.assigned[0].clone();
                dispute.assigned.resize(ASSIGNMENTS_MAX, last);
            }
            advance(host, &ARBITERS, dispute)
        }
    }
}

/// Every action in every state, before the deadline and at it: what the table of transitions allows
/// leads where the table says, and everything else is refused for what it is.
#[test]
fn every_action_in_every_state() {
    let actions = || Action::ALL.iter().map(|(action, _)| *action);
    for (state, action) in State::ALL.iter().flat_map(|(s, _)| actions().map(|a| (*s, a))) {
        for now_ms in [DEADLINE_MS - 1, DEADLINE_MS] {
            let mut host = scene();
            let mut dispute = dispute_in(&host, state);
            host.set_block(2, now_ms);
            let result = act(&mut host, &mut dispute, action);
            let item = || Kind::Dispute.item(1);
            let late = now_ms == DEADLINE_MS;
            let lapse = matches!(action, Action::Expire | Action::Reassign);
            // Where no arbiter is awaited, what follows a deadline has the other name.
            let named = if action == Action::Reassign && !state.awaits_arbiter() {
                Action::Expire
            } else {
                action
            };
            let expected = match DISPUTE.next(item, state, named) {
                Err(error) => Err(error),
                Ok(_) if lapse && !late => Err(Refusal::too_early(item(), DEADLINE_MS, now_ms)),
                Ok(_) if !lapse && late => Err(Refusal::too_late(item(), DEADLINE_MS, now_ms)),
                Ok(to) => Ok(to),
            };
            let went = result.map(|step| step.state);
            assert_eq!(
                went,
                expected.clone().map_err(Error::Common),
                "{action:?} in {state:?} at {now_ms}"
            );
            assert_eq!(dispute.state, expected.unwrap_or(state));
        }
    }
}

/// Every state but the last has a default step, and default steps lead to the last.
#[test]
fn every_state_has_an_exit() {
    let stored: Vec<State> = stored();
    let named: Vec<State> = State::ALL.iter().map(|(state, _)| *state).collect();
    assert_eq!(stored, named);
    for mut state in stored {
        for _ in 0..named.len() {
            if state != State::Final {
                state = DISPUTE.after(state, Action::Expire).unwrap();
            }
        }
        assert_eq!(state, State::Final);
    }
}

/// All windows together leave room within a hold's 1,830 days for what modules do before a dispute.
#[test]
fn all_windows_together_are_bounded() {
    assert_eq!(longest_ms() / ehb_contract::calendar::DAY_MS, 570);
}
