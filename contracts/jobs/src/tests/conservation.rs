//! Random steps: money is conserved, and every state and event is reached.

use std::collections::{BTreeMap, BTreeSet};

use ehb_contract::packed;
use ehb_contract::table::cases;
use ehb_contract::{Address, Host, Key, Map, Named as _, Pack};
use ehb_contract_wallet::rules as wallet;
use ehb_projection::mirror::Mirror;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::rebuild::{check, follow};
use super::table::{CAST, MONEY, PURSE, Play, balance};
use crate::bindings::ehb::jobs::events::Event;
use crate::bindings::ehb::jobs::types::{
    AttestationState, ContractState, Milestone, MilestoneState, PostingState,
};
use crate::checks::KEPT_MS;
use crate::keys::{
    APPLICATIONS, APPLICATIONS_FROM, ATTESTATIONS, ATTESTATIONS_VALID, CONTRACTS, DEADLINES,
    DISPUTES, INVITATIONS, INVITED, Kind, MILESTONES, OFFERS, ORGANISATION_RATINGS, POSTINGS,
    POSTINGS_OPEN, RATING_MINIMUMS, RATINGS,
};
use crate::rules;

/// Whether nothing can happen any more.
fn is_over(state: MilestoneState) -> bool {
    use MilestoneState::{Approved, Disputed, Funded, Pending, Revising, Submitted};
    !matches!(state, Pending | Funded | Submitted | Revising | Approved | Disputed)
}

/// The books agree: nothing comes to be or is lost in the wallet, each escrow is what its hold holds and
/// 0 in the end, contracts know what their milestones did, and the index of deadlines is that of the
/// tables.
pub(super) fn check_books(host: &mut Host) {
    let everybody = CAST.0.iter().filter(|name| !name.ends_with('!'));
    let all: u64 = everybody
        .map(|name| balance(host, CAST.address(name)))
        .map(|(available, held)| available + held)
        .sum();
    assert_eq!(all, 2 * MONEY + PURSE);

    let milestones = MILESTONES.all(host);
    for (_, milestone) in &milestones {
        check_escrow(host, milestone);
    }
    for (_, dispute) in DISPUTES.all(host) {
        for deposit in &dispute.deposits {
            let hold = host.call_module("wallet", |host| wallet::get_hold(host, deposit.hold));
            let left = hold.map_or(0, |hold| hold.remaining);
            let open = dispute.outcome.is_none() && host.time_ms() < deposit.hold_expires_ms;
            assert_eq!(left, if open { deposit.amount } else { 0 }, "{dispute:?}");
        }
    }
    for (_, contract) in CONTRACTS.all(host) {
        let own = || milestones.iter().map(|(_, it)| it).filter(|it| it.contract == contract.id);
        let open = own().filter(|it| !is_over(it.state)).count();
        assert_eq!(contract.open_milestones as usize, open, "{contract:?}");
        let paid: u64 = own().filter_map(|it| it.escrow).map(|it| it.paid + it.fee).sum();
        assert_eq!(contract.paid, paid, "{contract:?}");
        let live = matches!(contract.state, ContractState::Active | ContractState::Terminating);
        assert_eq!(live, open > 0, "{contract:?}");
    }
    check_deadlines(host);
    check_counts(host);
    let open = POSTINGS.all(host).into_iter();
    let open = open.filter(|(_, it)| it.state == PostingState::Open).map(|(id, _)| (id, ()));
    assert_eq!(POSTINGS_OPEN.all(host), open.collect::<Vec<_>>());
}

/// What bounds an organisation counts what there is, and nothing else.
fn check_counts(host: &Host) {
    let key = |organisation: Option<String>, account: Address| match organisation {
        Some(organisation) => host.sha256(organisation.as_bytes()),
        None => host.sha256(&account.to_bytes()),
    };
    let mut applied = BTreeMap::new();
    for (_, it) in APPLICATIONS.all(host) {
        let from = key(it.applicant_organisation, it.applicant);
        *applied.entry((it.posting, from)).or_insert(0) += 1;
    }
    assert_eq!(counted(host, &APPLICATIONS_FROM), applied);
    let mut invited = BTreeMap::new();
    for ((posting, _), ()) in INVITED.all(host) {
        *invited.entry(posting).or_insert(0) += 1;
    }
    assert_eq!(counted(host, &INVITATIONS), invited);
    let mut valid = BTreeMap::new();
    for (_, it) in ATTESTATIONS.all(host) {
        if it.state == AttestationState::Valid {
            let of = host.sha256(it.organisation.as_bytes());
            *valid.entry((it.subject, of)).or_insert(0) += 1;
        }
    }
    assert_eq!(counted(host, &ATTESTATIONS_VALID), valid);
}

fn counted<K: Key + Ord>(host: &Host, map: &Map<K, u32>) -> BTreeMap<K, u32> {
    map.all(host).into_iter().collect()
}

/// The index has each deadline, with what has it, and when what is over leaves the state.
fn check_deadlines(host: &Host) {
    fn of<V: Pack>(
        host: &Host,
        kind: Kind,
        map: &Map<u64, V>,
        deadline_ms: fn(&V) -> Option<u64>,
    ) -> Vec<(u64, u8, u64)> {
        let entries = map.all(host).into_iter();
        let due = entries.filter_map(|(id, value)| Some((deadline_ms(&value)?, kind as u8, id)));
        due.collect()
    }
    let expected = [
        of(host, Kind::Posting, &POSTINGS, |it| {
            Some(it.deadline_ms.unwrap_or(it.details.decide_until_ms + KEPT_MS))
        }),
        of(host, Kind::Contract, &CONTRACTS, |it| Some(it.ended_ms? + KEPT_MS)),
        of(host, Kind::Application, &APPLICATIONS, |it| it.deadline_ms),
        of(host, Kind::Offer, &OFFERS, |it| it.deadline_ms),
        of(host, Kind::Milestone, &MILESTONES, |it| it.deadline_ms),
        of(host, Kind::Dispute, &DISPUTES, |it| it.deadline_ms),
        of(host, Kind::Rating, &RATINGS, |it| it.deadline_ms),
        of(host, Kind::Attestation, &ATTESTATIONS, |it| {
            it.deadline_ms.or(it.ended_ms.map(|ended_ms| ended_ms + KEPT_MS))
        }),
    ];
    let due: BTreeSet<_> = DEADLINES.all(host).into_iter().collect();
    assert_eq!(due, expected.into_iter().flatten().collect());
}

/// All records of the module's state, as their bytes.
fn state(host: &Host) -> Vec<BTreeMap<Vec<u8>, Vec<u8>>> {
    fn of<K: Key + Pack, V: Pack>(host: &Host, map: &Map<K, V>) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let entries = map.all(host).into_iter();
        entries.map(|(key, value)| (packed!(key), packed!(value))).collect()
    }
    vec![
        of(host, &RATING_MINIMUMS),
        of(host, &POSTINGS),
        of(host, &APPLICATIONS),
        of(host, &OFFERS),
        of(host, &CONTRACTS),
        of(host, &MILESTONES),
        of(host, &DISPUTES),
        of(host, &RATINGS),
        of(host, &ORGANISATION_RATINGS),
        of(host, &ATTESTATIONS),
    ]
}

fn check_escrow(host: &mut Host, milestone: &Milestone) {
    let Some(escrow) = milestone.escrow else {
        assert!(matches!(milestone.state, MilestoneState::Pending | MilestoneState::Voided));
        return;
    };
    let hold = host.call_module("wallet", |host| wallet::get_hold(host, escrow.hold));
    let rest = escrow.funded - escrow.paid - escrow.fee - escrow.refunded;
    assert_eq!(rest == 0, is_over(milestone.state), "{milestone:?}");
    match hold {
        // Its payer is the escrow's, or the owner of an allowance on which that one drew.
        Ok(hold) => assert_eq!(hold.remaining, rest),
        // Its time can be over before the milestone's is.
        Err(_) => assert!(rest == 0 || host.time_ms() >= escrow.hold_expires_ms),
    }
}

/// The calls that anyone may try, with numbers instead of `#`.
const ROWS: [&str; 57] = [
    "client post-job public 2 APPLY DECIDE",
    "client post-job organisation 1 APPLY DECIDE",
    "client post-job public 1 APPLY DECIDE corp welding",
    "client invite # worker",
    "clerk stop-applications #",
    "client close-posting #",
    "worker apply # 400",
    "rival apply # 300",
    "clerk shortlist #",
    "client reject-application #",
    "agent withdraw-application #",
    "teacher attest worker welding ATTEST",
    "teacher revoke-attestation #",
    "client make-offer-with-fee 500 # worker ACCEPT 301@DUE 99@DUE",
    "client make-offer # worker ACCEPT 1@DUE",
    "clerk make-offer # rival ACCEPT 777@DUE 1@DUE 3@DUE",
    "worker accept-offer #",
    "worker accept-offer #",
    "rival accept-offer #",
    "worker decline-offer #",
    "clerk withdraw-offer #",
    "client fund #",
    "client fund #",
    "treasurer fund #",
    "worker submit #",
    "agent submit #",
    "rival submit #",
    "client revise #",
    "clerk approve #",
    "client pay #",
    "worker refund #",
    "client propose-cancellation # PART",
    "worker propose-cancellation # PART",
    "client accept-cancellation # 5000",
    "worker accept-cancellation # 5000",
    "client terminate #",
    "client dispute # PART",
    "worker dispute # PART",
    "worker respond # PART",
    "client respond # PART",
    "client add-evidence #",
    "client finish-phase #",
    "worker finish-phase #",
    "client request #",
    "worker request #",
    "worker join #",
    "client join #",
    "bench set-arbiter bench no",
    "client offer-settlement # PART",
    "worker offer-settlement # PART",
    "client accept-settlement #",
    "worker accept-settlement #",
    "judge rule # PART",
    "bench rule # PART",
    "worker appeal #",
    "client commit # client 5 good",
    "client reveal # 5 good",
];

/// How runs begin, so that they get far.
const START: [&str; 5] = [
    "bench set-arbiter bench yes",
    "client post-job public 2 11000 21000",
    "client make-offer-with-fee 500 1 worker 9000 301@50000 99@60000",
    "worker accept-offer 1",
    "client fund 1",
];

/// How many runs together reach everything.
const RUNS: usize = 200;

#[derive(Clone, Debug)]
struct Step {
    row: &'static str,
    number: u64,
    part: u16,
    pause_ms: u64,
    advances: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let pause = prop_oneof![12 => Just(0), 6 => 0..2_000u64, 1 => 0..80_000u64];
    let number = prop_oneof![4 => Just(1), 2 => Just(2), 1 => 3..6u64];
    let part = prop_oneof![Just(5_000), 0..=10_000u16];
    let advances = prop::bool::weighted(0.05);
    let step = (prop::sample::select(ROWS.to_vec()), number, part, pause, advances).prop_map(
        |(row, number, part, pause_ms, advances)| Step { row, number, part, pause_ms, advances },
    );
    prop::collection::vec(step, 0..120)
}

fn perform(play: &mut Play, step: &Step) -> String {
    let now_ms = play.host.time_ms() + step.pause_ms;
    play.host.set_block(play.host.height() + 1, now_ms);
    let row = step
        .row
        .replace('#', &step.number.to_string())
        .replace("PART", &step.part.to_string())
        .replace("APPLY", &(now_ms + 10_000).to_string())
        .replace("DECIDE", &(now_ms + 20_000).to_string())
        .replace("ATTEST", &(now_ms + 30_000).to_string())
        .replace("ACCEPT", &(now_ms + 5_000).to_string())
        .replace("DUE", &(now_ms + 50_000).to_string());
    play.row(if step.advances { "nobody advance-due 3" } else { &row })
}

/// A stranger brings everything to its end, and out of the state, by advancing whenever something is due.
fn run_out(play: &mut Play, mirror: &mut Mirror) {
    for _ in 0..200 {
        let Some((deadline_ms, ..)) = DEADLINES.all(&play.host).first().copied() else {
            return;
        };
        let now_ms = play.host.time_ms().max(deadline_ms);
        play.host.set_block(play.host.height() + 1, now_ms);
        play.host.act_as(CAST.address("nobody"));
        let advanced = play.host.call(|host| rules::advance_due(host, 32)).unwrap();
        assert!(!advanced.is_empty());
        follow(mirror, &play.host);
    }
    panic!("it does not come to an end");
}

/// The first bytes of the tables that have entries, but for those that never leave: schema, fee, keys, numbers,
/// minimums, arbiters, scores.
fn left(host: &Host) -> String {
    let tables = host.tables().into_iter().filter(|byte| !b"\0fknMjR".contains(byte));
    tables.map(char::from).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever anyone does in whatever order: value is conserved, each escrow ends at 0, the events
    /// rebuild all tables, and a stranger can bring everything to its end.
    #[test]
    fn value_is_conserved(fee in 0..=1_000u16, steps in steps()) {
        let mut play = Play::new();
        play.row(&format!("admin set-platform-fee {fee} platform"));
        for row in START {
            play.row(row);
        }
        let mut mirror = Mirror::new("jobs");
        follow(&mut mirror, &play.host);
        for step in &steps {
            let before = state(&play.host);
            let result = perform(&mut play, step);
            follow(&mut mirror, &play.host);
            check_books(&mut play.host);
            if result.contains('(') {
                prop_assert_eq!(&before, &state(&play.host));
            }
        }
        check(&mirror, &play.host);

        run_out(&mut play, &mut mirror);
        check_books(&mut play.host);
        check(&mirror, &play.host);
        prop_assert_eq!(left(&play.host), "");
        for name in ["client", "treasurer", "worker"] {
            prop_assert_eq!(balance(&mut play.host, CAST.address(name)).1, 0);
        }
    }
}

/// The random runs are worth something: together they lead into every state of a milestone but the one
/// that only years of silence lead to, and to every kind of event.
#[test]
fn random_runs_reach_everything() {
    let mut runner = TestRunner::deterministic();
    let (mut states, mut events) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..RUNS {
        let mut play = Play::new();
        play.row("admin set-platform-fee 100 platform");
        for row in START {
            play.row(row);
        }
        for step in steps().new_tree(&mut runner).unwrap().current() {
            perform(&mut play, &step);
        }
        run_out(&mut play, &mut Mirror::new("jobs"));
        for event in play.host.events::<Event>() {
            if let Event::MilestoneChanged(milestone) = &event {
                states.insert(milestone.state.name());
            }
            let name = CAST.named(&event);
            events.insert(name.split('(').next().unwrap_or_default().to_owned());
        }
    }
    let all = MilestoneState::ALL.iter().map(|(_, name)| *name);
    let missing: Vec<_> = all.filter(|word| !states.contains(word)).collect();
    assert_eq!(missing, ["pending", "hold-expired"]);
    assert_eq!(events, cases(include_str!("../../wit/events.wit"), "event"));
}
