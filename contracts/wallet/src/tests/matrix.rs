//! Every action in every state of every machine: what the table of the machine has leads where it says,
//! and all else is refused.

use ehb_contract::table::{shown_wrong_state, stored};
use ehb_contract::{Host, Machine, Named};
use expect_test::expect;

use super::actions::act;
use super::table::{CAST, scene};
use crate::bindings::ehb::wallet::types::{PaymentState, PermitState, RequestState};
use crate::rules;
use crate::states::{
    ALLOWANCE, AllowanceAction, AllowanceState, HOLD, HoldAction, HoldState, PAYMENT, PERMIT,
    PaymentAction, PermitAction, REQUEST, RequestAction, SUPPLY, SupplyAction, SupplyState,
};

/// Rows that succeed.
fn run(host: &mut Host, rows: &[&str]) {
    for row in rows {
        let result = attempt(host, row);
        let refused = result.contains(|letter: char| letter.is_ascii_uppercase());
        assert!(!refused, "{row}: {result}");
    }
}

fn attempt(host: &mut Host, row: &str) -> String {
    let words: Vec<&str> = row.split_whitespace().collect();
    if CAST.set_scene(host, &words) {
        return "ok".to_owned();
    }
    let [who, action, arguments @ ..] = &words[..] else { panic!("no row: {row}") };
    CAST.act_as(host, who);
    act(host, action, arguments)
}

fn stage() -> Host {
    let mut host = scene();
    run(&mut host, &["bank create-asset EUR Euro 2 bank", "bank mint EUR alice 1000"]);
    host
}

/// The rows that lead to a state, the rows that are an action, and what such an action says when it
/// is refused.
fn check<S: Named + std::fmt::Debug, A: Named + std::fmt::Debug>(
    machine: &Machine<S, A>,
    reach: impl Fn(S, A) -> Vec<&'static str>,
    action: impl Fn(A) -> Vec<&'static str>,
    refusal: impl Fn(S, A) -> String,
    state: impl Fn(&Host) -> Option<S>,
) {
    for (from, _) in S::ALL {
        for (by, _) in A::ALL {
            let mut host = stage();
            run(&mut host, &reach(*from, *by));
            let rows = action(*by);
            let (last, before) = rows.split_last().unwrap();
            run(&mut host, before);
            let result = attempt(&mut host, last);
            let allowed = machine.transitions.iter().find(|row| (row.0, row.1) == (*from, *by));
            match allowed {
                Some((_, _, to)) => {
                    assert!(!result.contains("State"), "{from:?} {by:?}: {result}");
                    if let Some(state) = state(&host) {
                        assert_eq!(state, *to, "{from:?} {by:?}");
                    }
                    assert_eq!(machine.after(*from, *by), Some(*to));
                }
                None => {
                    assert_eq!(result, refusal(*from, *by), "{from:?} {by:?}");
                    assert_eq!(machine.after(*from, *by), None);
                }
            }
        }
    }
}

#[test]
fn payments() {
    const ONE: &str = "alice set-policy EUR approvers=bob,carol approvals=1";
    const TWO: &str = "alice set-policy EUR approvers=bob,carol approvals=2";
    const PROPOSE: &str = "alice propose-payment dave EUR 100 - - 5000 -";
    check(
        &PAYMENT,
        |state, action| {
            let both = action == PaymentAction::Approve;
            let mut rows = vec![if both { TWO } else { ONE }, PROPOSE];
            rows.extend(match state {
                PaymentState::Pending => &[][..],
                PaymentState::Paid if both => &["bob approve-payment 1", "carol approve-payment 1"],
                PaymentState::Paid => &["bob approve-payment 1"],
                PaymentState::Rejected => &["carol reject-payment 1"],
                PaymentState::Cancelled => &["alice cancel-payment 1"],
                PaymentState::Expired => &["at 5000", "dave advance payment 1"],
            });
            rows
        },
        |action| match action {
            PaymentAction::Approve | PaymentAction::ApproveLast => vec!["bob approve-payment 1"],
            PaymentAction::Reject => vec!["bob reject-payment 1"],
            PaymentAction::Cancel => vec!["alice cancel-payment 1"],
            PaymentAction::Expire => vec!["at 5000", "nobody advance payment 1"],
        },
        |state, action| match action {
            PaymentAction::ApproveLast => shown_wrong_state("payment", 1, state.name(), "approve"),
            _ => shown_wrong_state("payment", 1, state.name(), action.name()),
        },
        |host| Some(rules::get_payment(host, 1).unwrap().state),
    );
}

#[test]
fn permits() {
    const ONE: &str = "alice set-policy EUR above=5 approvers=bob,carol approvals=1";
    const TWO: &str = "alice set-policy EUR above=5 approvers=bob,carol approvals=2";
    const ASK: &str = "alice request-permit dave EUR 100 - 5000 -";
    const SPEND: &str = "alice transfer dave EUR 100";
    check(
        &PERMIT,
        |state, action| {
            let both = action == PermitAction::Approve;
            let mut rows = vec![if both { TWO } else { ONE }, ASK];
            let approved: &[&str] = if both {
                &["bob approve-permit 1", "carol approve-permit 1"]
            } else {
                &["bob approve-permit 1"]
            };
            rows.extend_from_slice(match state {
                PermitState::Pending => &[][..],
                PermitState::Approved | PermitState::Used => approved,
                PermitState::Rejected => &["carol reject-permit 1"],
                PermitState::Cancelled => &["alice cancel-permit 1"],
                PermitState::Expired => &["at 5000", "dave advance permit 1"],
            });
            if state == PermitState::Used {
                rows.push(SPEND);
            }
            rows
        },
        |action| match action {
            PermitAction::Approve | PermitAction::ApproveLast => vec!["bob approve-permit 1"],
            PermitAction::Use => vec![SPEND],
            PermitAction::Reject => vec!["bob reject-permit 1"],
            PermitAction::Cancel => vec!["alice cancel-permit 1"],
            PermitAction::Expire => vec!["at 5000", "nobody advance permit 1"],
        },
        |state, action| match action {
            // A permit that does not count is none.
            PermitAction::Use => {
                "ApprovalNeeded(LimitUsage { limit: 5, used: 0, needed: 100 })".to_owned()
            }
            PermitAction::ApproveLast => shown_wrong_state("permit", 1, state.name(), "approve"),
            _ => shown_wrong_state("permit", 1, state.name(), action.name()),
        },
        |host| Some(rules::get_permit(host, 1).unwrap().state),
    );
}

#[test]
fn requests() {
    check(
        &REQUEST,
        |state, _| {
            let mut rows = vec!["bob request-payment alice EUR 100 parts 5000 - - -"];
            rows.extend(match state {
                RequestState::Open => &[][..],
                RequestState::PartiallyPaid => &["alice pay-request 1 40 - -"],
                RequestState::Paid => &["alice pay-request 1 100 - -"],
                RequestState::Cancelled => &["bob cancel-request 1"],
                RequestState::Declined => &["alice decline-request 1"],
                RequestState::Expired => &["at 5000", "carol advance request 1"],
            });
            rows
        },
        |action| match action {
            RequestAction::PayPart => vec!["alice pay-request 1 10 - -"],
            RequestAction::PayRest => vec!["alice pay-request 1 60 - -"],
            RequestAction::Cancel => vec!["bob cancel-request 1"],
            RequestAction::Decline => vec!["alice decline-request 1"],
            RequestAction::Expire => vec!["at 5000", "nobody advance request 1"],
        },
        |state, action| match action {
            RequestAction::PayPart | RequestAction::PayRest => {
                shown_wrong_state("request", 1, state.name(), "pay-rest")
            }
            _ => shown_wrong_state("request", 1, state.name(), action.name()),
        },
        |host| {
            let request = rules::get_request(host, 1).unwrap();
            // Sixty is the rest only of one that is partially paid.
            (request.paid != 60).then_some(request.state)
        },
    );
}

#[test]
fn a_request_is_paid_at_once() {
    let mut host = stage();
    run(
        &mut host,
        &["bob request-payment alice EUR 100 parts 5000 - - -", "alice pay-request 1 100 - -"],
    );
    assert_eq!(rules::get_request(&host, 1).unwrap().state, RequestState::Paid);
}

#[test]
fn holds() {
    check(
        &HOLD,
        |state, _| {
            let mut rows = vec!["alice place-hold EUR 100 bob carol 5000 -"];
            rows.extend(match state {
                HoldState::Open => &[][..],
                HoldState::PaidOut => &["carol pay-out 1 bob 100"],
                HoldState::Released => &["carol release-hold 1"],
                HoldState::Expired => &["at 5000", "nobody expire-hold 1"],
            });
            rows
        },
        |action| match action {
            HoldAction::PayPart => vec!["carol pay-out 1 bob 40"],
            HoldAction::PayRest => vec!["carol pay-out 1 bob 100"],
            HoldAction::Release => vec!["bob release-hold 1"],
            HoldAction::Expire => vec!["at 5000", "nobody advance hold 1"],
        },
        |_, action| {
            let action = match action {
                HoldAction::PayPart | HoldAction::PayRest => "pay",
                other => other.name(),
            };
            shown_wrong_state("hold", 1, "resolved", action)
        },
        |host| rules::get_hold(host, 1).ok().map(|_| HoldState::Open),
    );
}

#[test]
fn allowances() {
    check(
        &ALLOWANCE,
        |state, _| {
            let mut rows = vec!["alice grant-allowance bob EUR 100 - 5000 - - -"];
            if state == AllowanceState::Closed {
                rows.push("bob close-allowance 1");
            }
            rows
        },
        |action| match action {
            AllowanceAction::Draw => vec!["bob transfer-from 1 carol 10 - -"],
            AllowanceAction::Close => vec!["alice close-allowance 1"],
            AllowanceAction::Expire => vec!["at 5000", "nobody advance allowance 1"],
            AllowanceAction::Read => vec!["nobody get-allowance 1"],
        },
        |state, action| shown_wrong_state("allowance", 1, state.name(), action.name()),
        |host| {
            let closed = rules::get_allowance(host, 1).is_err();
            Some(if closed { AllowanceState::Closed } else { AllowanceState::Active })
        },
    );
}

#[test]
fn supplies() {
    check(
        &SUPPLY,
        |state, _| match state {
            SupplyState::Unlimited => vec![],
            SupplyState::Capped => vec!["bank restrict-supply EUR cap:3000"],
            SupplyState::Closed => vec!["bank restrict-supply EUR closed"],
        },
        |action| match action {
            SupplyAction::Cap => vec!["bank restrict-supply EUR cap:2000"],
            SupplyAction::Close => vec!["bank restrict-supply EUR closed"],
        },
        |_, _| "SupplyClosed(\"EUR\")".to_owned(),
        |host| {
            let asset = rules::get_asset(host, "EUR".to_owned()).unwrap();
            Some(SupplyState::of(&asset.terms.supply))
        },
    );
}

/// No state without an exit: every state that is not final expires, which anyone brings about (the rows
/// `expire` above). A supply waits for nothing.
#[test]
fn every_state_has_an_exit() {
    fn exits<S: Named + std::fmt::Debug, A: Named + std::fmt::Debug>(
        machine: &Machine<S, A>,
        states: &[S],
        expire: A,
    ) -> String {
        assert_eq!(states.len(), S::ALL.len());
        let mut text = String::new();
        for state in states {
            assert!(S::ALL.iter().any(|(known, _)| known == state), "{state:?} has no name");
            if machine.transitions.iter().any(|(from, _, _)| from == state) {
                let after = machine.after(*state, expire).unwrap();
                assert!(machine.transitions.iter().all(|(from, _, _)| *from != after));
                text.push_str(&format!("{state:?} => {after:?}\n"));
            }
        }
        text
    }
    // Only open holds and active allowances are stored, so that these have no numbers.
    let holds = HoldState::ALL.iter().map(|(state, _)| *state).collect::<Vec<_>>();
    let allowances = AllowanceState::ALL.iter().map(|(state, _)| *state).collect::<Vec<_>>();
    let found = exits(&HOLD, &holds, HoldAction::Expire)
        + &exits(&ALLOWANCE, &allowances, AllowanceAction::Expire)
        + &exits(&PAYMENT, &stored(), PaymentAction::Expire)
        + &exits(&REQUEST, &stored(), RequestAction::Expire);
    expect![[r#"
        Open => Expired
        Active => Closed
        PaymentState::Pending => PaymentState::Expired
        RequestState::Open => RequestState::Expired
        RequestState::PartiallyPaid => RequestState::Expired
    "#]]
    .assert_eq(&found);
}
