//! Every action on every kind of item in every state.

use std::fmt::Debug;

use ehb_contract::table::stored;
use ehb_contract::{Machine, Named, Pack};

use super::table::Play;
use crate::bindings::ehb::jobs::types::{
    ApplicationState, AttestationState, ContractState, MilestoneState, OfferState, PostingState,
    RatingState,
};
use crate::rules;
use crate::states::{
    APPLICATION, ATTESTATION, ApplicationAction, AttestationAction, CONTRACT, ContractAction,
    MILESTONE, MilestoneAction, OFFER, OfferAction, POSTING, PostingAction, RATING, RatingAction,
};

/// How a machine is tried out: by rows that lead into each state, and a row for each action.
struct Trial<S: 'static, A: 'static> {
    machine: &'static Machine<S, A>,
    /// A way into each state.
    ways: &'static [(S, &'static [&'static str])],
    /// A row for each action that a call stands for.
    actions: &'static [(A, &'static str)],
    /// Actions that the state's deadline does not bound.
    unbounded: &'static [A],
    /// State and deadline now.
    look: fn(&Play) -> (S, u64),
}

impl<S: Named + Debug, A: Named + Debug> Trial<S, A> {
    /// Every action in every state, before the deadline and at it, by who may: what the table of
    /// transitions allows leads where the table says, all else is refused for what it is.
    fn run(&self) {
        self.run_in(&S::ALL.iter().map(|(state, _)| *state).collect::<Vec<_>>());
    }

    /// As [`Self::run`], in these states only.
    fn run_in(&self, states: &[S]) {
        let with_way = |state: &S| self.ways.iter().any(|(into, _)| into == state);
        assert!(states.iter().all(with_way));
        for (state, way) in self.ways {
            let deadline_ms = (self.look)(&self.arrive(way, *state)).1;
            for (action, row) in self.actions {
                for now_ms in [None, Some(deadline_ms).filter(|ms| *ms > 0)] {
                    let mut play = self.arrive(way, *state);
                    if let Some(now_ms) = now_ms {
                        play.host.set_block(99, now_ms);
                    }
                    let result = play.row(row);
                    let shown = format!("{row} in {state:?} at {now_ms:?}: {result}");
                    self.judge(*state, *action, now_ms.is_some(), &result, &shown, &play);
                }
            }
        }
    }

    fn arrive(&self, way: &[&str], state: S) -> Play {
        let mut play = Play::new();
        for row in way {
            let result = play.row(row);
            assert!(result.len() < 3, "{row}: {result}");
        }
        let found = (self.look)(&play).0;
        assert!(found == state, "{way:?} leads to {found:?}, not {state:?}");
        play
    }

    fn judge(&self, state: S, action: A, due: bool, result: &str, shown: &str, play: &Play) {
        let lapse = action.name() == "expire" || action.name() == "expire-empty";
        let bound = !self.unbounded.contains(&action);
        let after = (self.look)(play).0;
        match self.machine.after(state, action) {
            None => {
                assert!(result.starts_with("WrongState("), "{shown}");
                assert!(after == state, "{shown}");
            }
            Some(_) if lapse && !due => assert!(result.starts_with("TooEarly("), "{shown}"),
            Some(_) if !lapse && due && bound => {
                assert!(result.starts_with("TooLate("), "{shown}");
            }
            Some(to) => {
                assert!(result.len() < 3, "{shown}");
                assert!(after == to, "{shown} leads to {after:?}");
            }
        }
    }
}

const POST: &str = "client post-job public 2 11000 21000";
const POST_ONE: &str = "client post-job public 1 11000 21000";
const MAKE: &str = "client make-offer 1 worker 9000 300@50000";
const ACCEPT: &str = "worker accept-offer 1";
const FUND: &str = "client fund 1";
const SUBMIT: &str = "worker submit 1";
const APPROVE: &str = "client approve 1";
const RELEASE: &str = "client pay 1";

#[test]
fn postings() {
    let stop = "client stop-applications 1";
    Trial {
        machine: &POSTING,
        ways: &[
            (PostingState::Open, &[POST]),
            (PostingState::Deciding, &[POST, "client stop-applications 1"]),
            (PostingState::Filled, &[POST_ONE, MAKE, ACCEPT]),
            (PostingState::Closed, &[POST, "client close-posting 1"]),
            (
                PostingState::Expired,
                &[
                    POST,
                    "at 11000",
                    "nobody advance posting 1",
                    "at 21000",
                    "nobody advance posting 1",
                ],
            ),
        ],
        actions: &[
            (PostingAction::Apply, "worker apply 1 400"),
            (PostingAction::Invite, "client invite 1 worker"),
            (PostingAction::Offer, "client make-offer 1 worker 20900 300@50000"),
            (PostingAction::Stop, "client stop-applications 1"),
            (PostingAction::Close, "client close-posting 1"),
            (PostingAction::Expire, "nobody advance posting 1"),
        ],
        // Bounded by the time to decide, which is the deadline of the next state.
        unbounded: &[],
        look: |play| {
            let posting = rules::get_posting(&play.host, 1).unwrap();
            let open = posting.state == PostingState::Open;
            (posting.state, if open { 0 } else { posting.deadline_ms.unwrap_or_default() })
        },
    }
    .run();

    // The time to apply bounds applications and their end alone.
    for (row, refused) in [
        ("worker apply 1 400", true),
        (stop, true),
        ("client invite 1 worker", false),
        ("client make-offer 1 worker 20900 300@50000", false),
        ("client close-posting 1", false),
        ("nobody advance posting 1", false),
    ] {
        let mut play = Play::new();
        play.row(POST);
        play.row("at 11000");
        let result = play.row(row);
        assert_eq!(result.starts_with("TooLate("), refused, "{row}: {result}");
    }
}

#[test]
fn applications() {
    const APPLY: &str = "worker apply 1 400";
    Trial {
        machine: &APPLICATION,
        ways: &[
            (ApplicationState::Submitted, &[POST, APPLY]),
            (ApplicationState::Shortlisted, &[POST, APPLY, "client shortlist 1"]),
            (ApplicationState::Hired, &[POST, APPLY, MAKE, ACCEPT]),
            (ApplicationState::Rejected, &[POST, APPLY, "client reject-application 1"]),
            (ApplicationState::Withdrawn, &[POST, APPLY, "worker withdraw-application 1"]),
            (ApplicationState::Expired, &[POST, APPLY, "at 21000", "nobody advance application 1"]),
        ],
        actions: &[
            (ApplicationAction::Shortlist, "client shortlist 1"),
            (ApplicationAction::Reject, "client reject-application 1"),
            (ApplicationAction::Withdraw, "worker withdraw-application 1"),
            (ApplicationAction::Expire, "nobody advance application 1"),
        ],
        unbounded: &[],
        look: |play| {
            let application = rules::get_application(&play.host, 1).unwrap();
            (application.state, application.deadline_ms.unwrap_or_default())
        },
    }
    .run();
}

#[test]
fn offers() {
    Trial {
        machine: &OFFER,
        ways: &[
            (OfferState::Made, &[POST, MAKE]),
            (OfferState::Accepted, &[POST, MAKE, ACCEPT]),
            (OfferState::Declined, &[POST, MAKE, "worker decline-offer 1"]),
            (OfferState::Withdrawn, &[POST, MAKE, "client withdraw-offer 1"]),
            (OfferState::Expired, &[POST, MAKE, "at 9000", "nobody advance offer 1"]),
        ],
        actions: &[
            (OfferAction::Accept, ACCEPT),
            (OfferAction::Decline, "worker decline-offer 1"),
            (OfferAction::Withdraw, "client withdraw-offer 1"),
            (OfferAction::Expire, "nobody advance offer 1"),
        ],
        unbounded: &[],
        look: |play| {
            let offer = rules::get_offer(&play.host, 1).unwrap();
            (offer.state, offer.deadline_ms.unwrap_or_default())
        },
    }
    .run();
}

#[test]
fn contracts() {
    const TWO: &str = "client make-offer 1 worker 9000 300@50000 100@60000";
    const PROPOSE: &str = "client propose-cancellation 1 5000";
    const CANCEL: &str = "worker accept-cancellation 1 5000";
    const TERMINATE: &str = "client terminate 1";
    const LAPSE: &str = "nobody advance milestone 2";
    Trial {
        machine: &CONTRACT,
        ways: &[
            (ContractState::Active, &[POST, TWO, ACCEPT, FUND, PROPOSE]),
            (ContractState::Terminating, &[POST, TWO, ACCEPT, FUND, TERMINATE, PROPOSE]),
            (
                ContractState::Completed,
                &[POST, TWO, ACCEPT, FUND, SUBMIT, APPROVE, RELEASE, "at 60000", LAPSE],
            ),
            (
                ContractState::Expired,
                &[POST, TWO, ACCEPT, "at 60000", "nobody advance milestone 1", LAPSE],
            ),
            (ContractState::Terminated, &[POST, TWO, ACCEPT, FUND, TERMINATE, "worker refund 1"]),
            (ContractState::Cancelled, &[POST, TWO, ACCEPT, FUND, PROPOSE, CANCEL]),
        ],
        actions: &[
            (ContractAction::Fund, "client fund 2"),
            (ContractAction::Propose, "worker propose-cancellation 1 1000"),
            (ContractAction::Cancel, CANCEL),
            (ContractAction::Terminate, TERMINATE),
        ],
        unbounded: &[],
        look: |play| (rules::get_contract(&play.host, 1).unwrap().state, 0),
    }
    .run();
}

#[test]
fn milestones() {
    const DISPUTE: &str = "client dispute 1 10000";
    const REVISE: &str = "client revise 1";
    const LATE: &str = "at 158112001000";
    Trial {
        machine: &MILESTONE,
        ways: &[
            (MilestoneState::Pending, &[POST, MAKE, ACCEPT]),
            (MilestoneState::Funded, &[POST, MAKE, ACCEPT, FUND, "at 2000"]),
            (MilestoneState::Submitted, &[POST, MAKE, ACCEPT, FUND, SUBMIT]),
            (MilestoneState::Revising, &[POST, MAKE, ACCEPT, FUND, SUBMIT, REVISE]),
            (MilestoneState::Approved, &[POST, MAKE, ACCEPT, FUND, SUBMIT, APPROVE]),
            (MilestoneState::Disputed, &[POST, MAKE, ACCEPT, FUND, SUBMIT, DISPUTE]),
            (MilestoneState::Paid, &[POST, MAKE, ACCEPT, FUND, SUBMIT, APPROVE, RELEASE]),
            (MilestoneState::Refunded, &[POST, MAKE, ACCEPT, FUND, "worker refund 1"]),
            (
                MilestoneState::Expired,
                &[POST, MAKE, ACCEPT, FUND, "at 50000", "nobody advance milestone 1"],
            ),
            (
                MilestoneState::Resolved,
                &[POST, MAKE, ACCEPT, FUND, SUBMIT, DISPUTE, "worker accept-settlement 1"],
            ),
            (
                MilestoneState::Cancelled,
                &[
                    POST,
                    MAKE,
                    ACCEPT,
                    FUND,
                    "client propose-cancellation 1 5000",
                    "worker accept-cancellation 1 5000",
                ],
            ),
            (MilestoneState::Voided, &[POST, MAKE, ACCEPT, "client terminate 1"]),
            (
                MilestoneState::HoldExpired,
                &[POST, MAKE, ACCEPT, FUND, LATE, "nobody advance milestone 1"],
            ),
        ],
        actions: &[
            (MilestoneAction::Fund, FUND),
            (MilestoneAction::Submit, SUBMIT),
            (MilestoneAction::Revise, REVISE),
            (MilestoneAction::Approve, APPROVE),
            (MilestoneAction::Pay, RELEASE),
            (MilestoneAction::Refund, "worker refund 1"),
            (MilestoneAction::Dispute, DISPUTE),
            (MilestoneAction::Expire, "nobody advance milestone 1"),
        ],
        unbounded: &[],
        look: |play| {
            let milestone = rules::get_milestone(&play.host, 1).unwrap();
            (milestone.state, milestone.deadline_ms.unwrap_or_default())
        },
    }
    .run();
}

#[test]
fn ratings() {
    const COMMITTED: [&str; 8] =
        [POST, MAKE, ACCEPT, FUND, SUBMIT, APPROVE, RELEASE, "client commit 1 client 5 good"];
    const BOTH: [&str; 9] = [
        POST,
        MAKE,
        ACCEPT,
        FUND,
        SUBMIT,
        APPROVE,
        RELEASE,
        "client commit 1 client 5 good",
        "worker commit 1 contractor 4 good",
    ];
    Trial {
        machine: &RATING,
        ways: &[
            (RatingState::Committing, &COMMITTED),
            (RatingState::Revealing, &BOTH),
            (
                RatingState::Published,
                &[
                    POST,
                    MAKE,
                    ACCEPT,
                    FUND,
                    SUBMIT,
                    APPROVE,
                    RELEASE,
                    "client commit 1 client 5 good",
                    "worker commit 1 contractor 4 good",
                    "client reveal 1 5 good",
                    "worker reveal 1 4 good",
                ],
            ),
            (
                RatingState::Unrated,
                &[
                    POST,
                    MAKE,
                    ACCEPT,
                    FUND,
                    SUBMIT,
                    APPROVE,
                    RELEASE,
                    "at 1209601000",
                    "nobody advance rating 1",
                ],
            ),
        ],
        actions: &[
            (RatingAction::CommitLast, "worker commit 1 contractor 4 good"),
            (RatingAction::Reveal, "client reveal 1 5 good"),
        ],
        unbounded: &[],
        look: |play| {
            let rating = rules::get_rating(&play.host, 1).unwrap();
            (rating.state, rating.deadline_ms.unwrap_or_default())
        },
    }
    .run();
    Trial {
        machine: &RATING,
        ways: &[(RatingState::Committing, &COMMITTED)],
        actions: &[(RatingAction::Expire, "nobody advance rating 1")],
        unbounded: &[],
        look: |play| {
            let rating = rules::get_rating(&play.host, 1).unwrap();
            (rating.state, rating.deadline_ms.unwrap_or_default())
        },
    }
    .run_in(&[RatingState::Committing]);
    Trial {
        machine: &RATING,
        ways: &[(RatingState::Revealing, &BOTH)],
        actions: &[(RatingAction::ExpireEmpty, "nobody advance rating 1")],
        unbounded: &[],
        look: |play| {
            let rating = rules::get_rating(&play.host, 1).unwrap();
            (rating.state, rating.deadline_ms.unwrap_or_default())
        },
    }
    .run_in(&[RatingState::Revealing]);
}

#[test]
fn attestations() {
    const ATTEST: &str = "teacher attest worker welding 5000";
    Trial {
        machine: &ATTESTATION,
        ways: &[
            (AttestationState::Valid, &[ATTEST]),
            (AttestationState::Revoked, &[ATTEST, "teacher revoke-attestation 1"]),
            (AttestationState::Expired, &[ATTEST, "at 5000", "nobody advance attestation 1"]),
        ],
        actions: &[
            (AttestationAction::Revoke, "teacher revoke-attestation 1"),
            (AttestationAction::Expire, "nobody advance attestation 1"),
        ],
        unbounded: &[],
        look: |play| {
            let attestation = rules::get_attestation(&play.host, 1).unwrap();
            (attestation.state, attestation.deadline_ms.unwrap_or_default())
        },
    }
    .run();
}

/// In every state only the parties can act: a stranger gets an error that names the party.
#[test]
fn strangers_are_refused() {
    for row in [
        "rival invite 1 worker",
        "rival stop-applications 1",
        "rival close-posting 1",
        "rival shortlist 1",
        "rival reject-application 1",
        "rival withdraw-application 1",
        "rival make-offer 1 worker 9000 300@50000",
        "rival accept-offer 1",
        "rival decline-offer 1",
        "rival withdraw-offer 1",
        "rival fund 1",
        "rival submit 1",
        "rival revise 1",
        "rival approve 1",
        "rival pay 1",
        "rival refund 1",
        "rival propose-cancellation 1 5000",
        "rival accept-cancellation 1 5000",
        "rival terminate 1",
        "rival dispute 1 5000",
        "rival revoke-attestation 1",
    ] {
        let mut play = Play::new();
        for before in
            [POST, "worker apply 1 400", MAKE, ACCEPT, FUND, "kin attest worker welding 9000"]
        {
            play.row(before);
        }
        let result = play.row(row);
        let refused = result.starts_with("WrongParty(") || result.starts_with("NotAParty(");
        assert!(refused, "{row}: {result}");
    }
}

/// Every state that is not final has a default step, but for those that wait for something with a
/// deadline of its own: a contract for its milestones, a disputed milestone for its dispute.
#[test]
fn every_state_has_an_exit() {
    fn exits<S: Named + Debug + Pack, A: Named>(machine: &Machine<S, A>, without: &[S]) {
        let table = machine.transitions;
        for state in stored::<S>() {
            let entered = table.iter().any(|(_, _, to)| *to == state);
            assert!(entered || state == table[0].0, "nothing leads to {state:?}");
            let mut leaving = table.iter().filter(|(from, _, _)| *from == state).peekable();
            if leaving.peek().is_some() {
                let lapses = leaving.any(|(_, by, _)| by.name().starts_with("expire"));
                assert!(lapses || without.contains(&state), "{state:?}");
            }
        }
    }
    exits(&POSTING, &[]);
    exits(&APPLICATION, &[]);
    exits(&OFFER, &[]);
    exits(&CONTRACT, &[ContractState::Active, ContractState::Terminating]);
    exits(&MILESTONE, &[MilestoneState::Disputed]);
    exits(&RATING, &[]);
    exits(&ATTESTATION, &[]);
}
