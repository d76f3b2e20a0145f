//! Random steps: disputes end, and a split is the whole amount.

use ehb_contract::checks::BASIS_POINTS;
use ehb_contract::{Host, Named as _, Pack};
use proptest::prelude::*;

use super::table::{ARBITERS, CAST, document, parties, scene, set_aside, terms};
use crate::states::{Action, DISPUTE};
use crate::types::{Arbiter, Dispute, DisputeChange, Side, State};
use crate::{
    Error, accept, add_evidence, advance, appeal, finish_phase, join, offer, open, replay, request,
    respond, rule, settlements, split,
};

/// An action by someone after a pause.
#[derive(Clone, Debug)]
struct Move {
    pause_ms: u64,
    who: &'static str,
    action: Action,
    part: u16,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let who =
        prop::sample::select(vec!["client", "worker", "judge", "jury", "bench", "kin", "nobody"]);
    let pause = prop_oneof![6 => Just(0), 3 => 0..50_000u64, 1 => 0..400_000u64];
    let actions: Vec<Action> = Action::ALL.iter().map(|(action, _)| *action).collect();
    let one = (pause, who, prop::sample::select(actions), 0..=10_100u16)
        .prop_map(|(pause_ms, who, action, part)| Move { pause_ms, who, action, part });
    prop::collection::vec(one, 0..60)
}

fn perform(host: &mut Host, dispute: &mut Dispute, it: &Move) -> Result<DisputeChange, Error> {
    host.set_block(host.height() + 1, host.time_ms() + it.pause_ms);
    host.act_as(CAST.address(it.who));
    let by = if it.who == "worker" { Side::Payee } else { Side::Payer };
    match it.action {
        Action::Respond => respond(host, dispute, by, it.part),
        Action::AddEvidence => add_evidence(host, dispute, by, document(), String::new()),
        Action::Offer => offer(host, dispute, by, it.part),
        Action::Accept => accept(host, dispute, by),
        Action::FinishPhase | Action::FinishPhaseLast => finish_phase(host, dispute, by),
        Action::Rule => rule(host, dispute, it.part, None),
        Action::Request | Action::Refer => {
            let set_aside = set_aside(dispute);
            request(host, &ARBITERS, dispute, by, set_aside)
        }
        Action::Join => {
            let set_aside = set_aside(dispute);
            join(host, &ARBITERS, dispute, by, set_aside)
        }
        Action::Appeal => {
            let set_aside = set_aside(dispute);
            appeal(host, &ARBITERS, dispute, (by, "unfair".to_owned()), set_aside)
        }
        Action::Expire | Action::Reassign => advance(host, &ARBITERS, dispute),
    }
}

fn check_shape(dispute: &Dispute) {
    let over = dispute.state == State::Final;
    assert_eq!(dispute.outcome.is_some(), over);
    assert_eq!(dispute.deadline_ms.is_none(), over);
    assert!(!(dispute.payer_finished && dispute.payee_finished));
    assert!(dispute.offers.windows(2).all(|pair| pair[0].by != pair[1].by));
    if let Some(outcome) = dispute.outcome {
        assert_eq!(outcome.split.to_payer + outcome.split.to_payee, dispute.amount);
    }
    check_costs(dispute);
    let mut bytes = Vec::new();
    dispute.pack(&mut bytes);
    assert_eq!(Dispute::unpack(&mut &bytes[..]).as_ref(), Some(dispute));
}

/// Each side deposits once, and nobody bears more than it deposited; arbiters that ruled get their fee, others
/// nothing; and all that was deposited is paid or goes back.
fn check_costs(dispute: &Dispute) {
    assert!(dispute.assigned.len() <= 6);
    let mut sides: Vec<Side> = dispute.deposits.iter().map(|it| it.by).collect();
    sides.dedup();
    assert_eq!(sides.len(), dispute.deposits.len());
    let Some(outcome) = dispute.outcome else { return };
    let fee = split(dispute.amount, dispute.terms.fee).to_payer;
    let arbiters: Vec<_> = dispute.rulings.iter().filter_map(|it| it.arbiter).collect();
    assert_eq!(outcome.payer_costs + outcome.payee_costs, fee * arbiters.len() as u64);
    let settled = settlements(dispute);
    for (settlement, deposit) in settled.iter().zip(&dispute.deposits) {
        let paid: u64 = settlement.paid.iter().map(|(_, amount)| amount).sum();
        let borne =
            if deposit.by == Side::Payer { outcome.payer_costs } else { outcome.payee_costs };
        assert_eq!((paid, paid + settlement.back), (borne, deposit.amount));
    }
    for arbiter in arbiters {
        let paid = settled.iter().flat_map(|it| &it.paid).filter(|(to, _)| *to == arbiter);
        assert_eq!(paid.map(|(_, amount)| amount).sum::<u64>(), fee);
    }
}

proptest! {
    /// For any calls at any time: a refused action changes nothing, the emitted steps
    /// rebuild the record, an outcome is the whole amount, and a stranger can bring the end about.
    #[test]
    fn disputes_end(
        amount in 1..=u64::MAX,
        fee in prop_oneof![Just(0), 1..=1_000u16],
        claim in 0..=BASIS_POINTS,
        moves in moves(),
    ) {
        let mut host = scene();
        let (mut terms, reason) = (terms(Arbiter::Registered, 5_000), "broken".to_owned());
        terms.fee = fee;
        let mut dispute =
            open(&host, 1, 7, parties(), Side::Payer, amount, claim, reason, terms).unwrap();
        let mut rebuilt = dispute.clone();
        for it in &moves {
            let before = dispute.clone();
            match perform(&mut host, &mut dispute, it) {
                Ok(step) => {
                    let leads_there = Action::ALL
                        .iter()
                        .any(|(action, _)| DISPUTE.after(before.state, *action) == Some(step.state));
                    prop_assert!(leads_there);
                    replay(&mut rebuilt, &step);
                }
                Err(_) => prop_assert_eq!(&before, &dispute),
            }
            prop_assert_eq!(&rebuilt, &dispute);
            check_shape(&dispute);
        }

        host.act_as(CAST.address("nobody"));
        for _ in 0..12 {
            if dispute.state != State::Final {
                host.set_block(host.height() + 1, host.time_ms().max(dispute.deadline_ms.unwrap_or(0)));
                prop_assert!(advance(&host, &ARBITERS, &mut dispute).is_ok());
            }
        }
        prop_assert_eq!(dispute.state, State::Final);
        check_shape(&dispute);
    }

    #[test]
    fn a_split_is_the_whole(amount: u64, part: u16) {
        let parts = split(amount, part);
        prop_assert_eq!(parts.to_payer.checked_add(parts.to_payee), Some(amount));
        let part = u128::from(part.min(BASIS_POINTS));
        prop_assert_eq!(u128::from(parts.to_payer), u128::from(amount) * part / 10_000);
    }
}
