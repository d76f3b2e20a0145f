//! The state machines: which action is possible in which state, and where it leads.

use alloc::string::String;

use crate::bindings::ehb::jobs::types::{
    ApplicationState, AttestationState, ContractState, Error, Item, MilestoneState, OfferState,
    PostingState, RatingState, WrongState,
};

/// A state or an action, as errors and diagrams spell it.
pub trait Word: Copy + PartialEq {
    /// Its name in the WIT.
    fn word(self) -> &'static str;
}

macro_rules! words {
    ($type:ident { $($case:ident: $word:literal),* $(,)? }) => {
        impl Word for $type {
            fn word(self) -> &'static str {
                match self { $(Self::$case => $word),* }
            }
        }

        impl $type {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$case),*];
        }
    };
}

words!(PostingState {
    Open: "open",
    Deciding: "deciding",
    Filled: "filled",
    Closed: "closed",
    Expired: "expired",
});
words!(ApplicationState {
    Submitted: "submitted",
    Shortlisted: "shortlisted",
    Hired: "hired",
    Rejected: "rejected",
    Withdrawn: "withdrawn",
    Lapsed: "lapsed",
});
words!(OfferState {
    Made: "made",
    Accepted: "accepted",
    Declined: "declined",
    Withdrawn: "withdrawn",
    Expired: "expired",
});
words!(ContractState {
    Active: "active",
    Terminating: "terminating",
    Completed: "completed",
    Expired: "expired",
    Terminated: "terminated",
    Cancelled: "cancelled",
});
words!(MilestoneState {
    Pending: "pending",
    Funded: "funded",
    Submitted: "submitted",
    Revising: "revising",
    Approved: "approved",
    Disputed: "disputed",
    Released: "released",
    Refunded: "refunded",
    Expired: "expired",
    Resolved: "resolved",
    Cancelled: "cancelled",
    Voided: "voided",
    Lapsed: "lapsed",
});
words!(RatingState {
    Committing: "committing",
    Revealing: "revealing",
    Published: "published",
    Lapsed: "lapsed",
});
words!(AttestationState { Valid: "valid", Revoked: "revoked", Expired: "expired" });

/// What can be done with a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostingAction {
    /// Somebody applies.
    Apply,
    /// The client invites somebody.
    Invite,
    /// The client makes an offer.
    Offer,
    /// A contractor accepts one, and positions are left.
    Hire,
    /// A contractor takes the last position.
    HireLast,
    /// The client takes no more applications.
    Stop,
    /// The client closes it.
    Close,
    /// The deadline has passed.
    Lapse,
}
words!(PostingAction {
    Apply: "apply",
    Invite: "invite",
    Offer: "offer",
    Hire: "hire",
    HireLast: "hire-last",
    Stop: "stop",
    Close: "close",
    Lapse: "lapse",
});

/// Every transition of a posting.
pub const POSTINGS: &[(PostingState, PostingAction, PostingState)] = &[
    (PostingState::Open, PostingAction::Apply, PostingState::Open),
    (PostingState::Open, PostingAction::Invite, PostingState::Open),
    (PostingState::Open, PostingAction::Offer, PostingState::Open),
    (PostingState::Open, PostingAction::Hire, PostingState::Open),
    (PostingState::Open, PostingAction::HireLast, PostingState::Filled),
    (PostingState::Open, PostingAction::Stop, PostingState::Deciding),
    (PostingState::Open, PostingAction::Close, PostingState::Closed),
    (PostingState::Open, PostingAction::Lapse, PostingState::Deciding),
    (PostingState::Deciding, PostingAction::Invite, PostingState::Deciding),
    (PostingState::Deciding, PostingAction::Offer, PostingState::Deciding),
    (PostingState::Deciding, PostingAction::Hire, PostingState::Deciding),
    (PostingState::Deciding, PostingAction::HireLast, PostingState::Filled),
    (PostingState::Deciding, PostingAction::Close, PostingState::Closed),
    (PostingState::Deciding, PostingAction::Lapse, PostingState::Expired),
];

/// What can be done with an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationAction {
    /// The client takes a closer look.
    Shortlist,
    /// The client turns it down.
    Reject,
    /// The applicant takes it back.
    Withdraw,
    /// The applicant accepts an offer.
    Hire,
    /// The deadline has passed.
    Lapse,
}
words!(ApplicationAction {
    Shortlist: "shortlist",
    Reject: "reject",
    Withdraw: "withdraw",
    Hire: "hire",
    Lapse: "lapse",
});

/// Every transition of an application.
pub const APPLICATIONS: &[(ApplicationState, ApplicationAction, ApplicationState)] = &[
    (ApplicationState::Submitted, ApplicationAction::Shortlist, ApplicationState::Shortlisted),
    (ApplicationState::Submitted, ApplicationAction::Reject, ApplicationState::Rejected),
    (ApplicationState::Submitted, ApplicationAction::Withdraw, ApplicationState::Withdrawn),
    (ApplicationState::Submitted, ApplicationAction::Hire, ApplicationState::Hired),
    (ApplicationState::Submitted, ApplicationAction::Lapse, ApplicationState::Lapsed),
    (ApplicationState::Shortlisted, ApplicationAction::Reject, ApplicationState::Rejected),
    (ApplicationState::Shortlisted, ApplicationAction::Withdraw, ApplicationState::Withdrawn),
    (ApplicationState::Shortlisted, ApplicationAction::Hire, ApplicationState::Hired),
    (ApplicationState::Shortlisted, ApplicationAction::Lapse, ApplicationState::Lapsed),
];

/// What can be done with an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferAction {
    /// The contractor accepts.
    Accept,
    /// The contractor declines.
    Decline,
    /// The client takes it back.
    Withdraw,
    /// The deadline has passed.
    Lapse,
}
words!(OfferAction { Accept: "accept", Decline: "decline", Withdraw: "withdraw", Lapse: "lapse" });

/// Every transition of an offer.
pub const OFFERS: &[(OfferState, OfferAction, OfferState)] = &[
    (OfferState::Made, OfferAction::Accept, OfferState::Accepted),
    (OfferState::Made, OfferAction::Decline, OfferState::Declined),
    (OfferState::Made, OfferAction::Withdraw, OfferState::Withdrawn),
    (OfferState::Made, OfferAction::Lapse, OfferState::Expired),
];

/// What can be done with a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractAction {
    /// A milestone is funded.
    Fund,
    /// A party proposes to cancel.
    Propose,
    /// The other party accepts that.
    Cancel,
    /// A party terminates.
    Terminate,
    /// The last milestone ended, and something was paid.
    Complete,
    /// The last milestone ended, and nothing was paid.
    Expire,
}
words!(ContractAction {
    Fund: "fund",
    Propose: "propose",
    Cancel: "cancel",
    Terminate: "terminate",
    Complete: "complete",
    Expire: "expire",
});

/// Every transition of a contract.
pub const CONTRACTS: &[(ContractState, ContractAction, ContractState)] = &[
    (ContractState::Active, ContractAction::Fund, ContractState::Active),
    (ContractState::Active, ContractAction::Propose, ContractState::Active),
    (ContractState::Active, ContractAction::Cancel, ContractState::Cancelled),
    (ContractState::Active, ContractAction::Terminate, ContractState::Terminating),
    (ContractState::Active, ContractAction::Complete, ContractState::Completed),
    (ContractState::Active, ContractAction::Expire, ContractState::Expired),
    (ContractState::Terminating, ContractAction::Propose, ContractState::Terminating),
    (ContractState::Terminating, ContractAction::Cancel, ContractState::Cancelled),
    (ContractState::Terminating, ContractAction::Complete, ContractState::Terminated),
    (ContractState::Terminating, ContractAction::Expire, ContractState::Terminated),
];

/// What can be done with a milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MilestoneAction {
    /// The client sets the money aside.
    Fund,
    /// The contractor submits.
    Submit,
    /// The client asks for a revision.
    Revise,
    /// The client approves.
    Approve,
    /// The client pays.
    Release,
    /// The contractor gives the money back.
    GiveUp,
    /// A party opens a dispute.
    Dispute,
    /// The dispute has an outcome.
    Resolve,
    /// Both parties cancel the contract.
    Cancel,
    /// The contract ends before it was funded.
    Void,
    /// The deadline has passed.
    Lapse,
    /// It should be paid, but the wallet's hold has expired.
    Overdue,
}
words!(MilestoneAction {
    Fund: "fund",
    Submit: "submit",
    Revise: "revise",
    Approve: "approve",
    Release: "release",
    GiveUp: "give-up",
    Dispute: "dispute",
    Resolve: "resolve",
    Cancel: "cancel",
    Void: "void",
    Lapse: "lapse",
    Overdue: "overdue",
});

/// Every transition of a milestone.
pub const MILESTONES: &[(MilestoneState, MilestoneAction, MilestoneState)] = &[
    (MilestoneState::Pending, MilestoneAction::Fund, MilestoneState::Funded),
    (MilestoneState::Pending, MilestoneAction::Void, MilestoneState::Voided),
    (MilestoneState::Pending, MilestoneAction::Lapse, MilestoneState::Voided),
    (MilestoneState::Funded, MilestoneAction::Submit, MilestoneState::Submitted),
    (MilestoneState::Funded, MilestoneAction::GiveUp, MilestoneState::Refunded),
    (MilestoneState::Funded, MilestoneAction::Cancel, MilestoneState::Cancelled),
    (MilestoneState::Funded, MilestoneAction::Lapse, MilestoneState::Expired),
    (MilestoneState::Funded, MilestoneAction::Overdue, MilestoneState::Lapsed),
    (MilestoneState::Submitted, MilestoneAction::Revise, MilestoneState::Revising),
    (MilestoneState::Submitted, MilestoneAction::Approve, MilestoneState::Approved),
    (MilestoneState::Submitted, MilestoneAction::GiveUp, MilestoneState::Refunded),
    (MilestoneState::Submitted, MilestoneAction::Dispute, MilestoneState::Disputed),
    (MilestoneState::Submitted, MilestoneAction::Cancel, MilestoneState::Cancelled),
    (MilestoneState::Submitted, MilestoneAction::Lapse, MilestoneState::Released),
    (MilestoneState::Submitted, MilestoneAction::Overdue, MilestoneState::Lapsed),
    (MilestoneState::Revising, MilestoneAction::Submit, MilestoneState::Submitted),
    (MilestoneState::Revising, MilestoneAction::Approve, MilestoneState::Approved),
    (MilestoneState::Revising, MilestoneAction::GiveUp, MilestoneState::Refunded),
    (MilestoneState::Revising, MilestoneAction::Dispute, MilestoneState::Disputed),
    (MilestoneState::Revising, MilestoneAction::Cancel, MilestoneState::Cancelled),
    (MilestoneState::Revising, MilestoneAction::Lapse, MilestoneState::Expired),
    (MilestoneState::Revising, MilestoneAction::Overdue, MilestoneState::Lapsed),
    (MilestoneState::Approved, MilestoneAction::Release, MilestoneState::Released),
    (MilestoneState::Approved, MilestoneAction::Lapse, MilestoneState::Released),
    (MilestoneState::Approved, MilestoneAction::Overdue, MilestoneState::Lapsed),
    (MilestoneState::Disputed, MilestoneAction::Resolve, MilestoneState::Resolved),
    (MilestoneState::Disputed, MilestoneAction::Overdue, MilestoneState::Lapsed),
];

/// What can be done with the ratings of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RatingAction {
    /// The first party commits.
    Commit,
    /// The second party commits.
    CommitLast,
    /// A party reveals, and the other has to.
    Reveal,
    /// All that was committed to is revealed.
    RevealLast,
    /// The deadline has passed, and a party has done its part.
    Lapse,
    /// The deadline has passed, and no party has.
    LapseEmpty,
}
words!(RatingAction {
    Commit: "commit",
    CommitLast: "commit-last",
    Reveal: "reveal",
    RevealLast: "reveal-last",
    Lapse: "lapse",
    LapseEmpty: "lapse-empty",
});

/// Every transition of ratings.
pub const RATINGS: &[(RatingState, RatingAction, RatingState)] = &[
    (RatingState::Committing, RatingAction::Commit, RatingState::Committing),
    (RatingState::Committing, RatingAction::CommitLast, RatingState::Revealing),
    (RatingState::Committing, RatingAction::Lapse, RatingState::Revealing),
    (RatingState::Committing, RatingAction::LapseEmpty, RatingState::Lapsed),
    (RatingState::Revealing, RatingAction::Reveal, RatingState::Revealing),
    (RatingState::Revealing, RatingAction::RevealLast, RatingState::Published),
    (RatingState::Revealing, RatingAction::Lapse, RatingState::Published),
    (RatingState::Revealing, RatingAction::LapseEmpty, RatingState::Lapsed),
];

/// What can be done with an attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationAction {
    /// The organisation takes it back.
    Revoke,
    /// The deadline has passed.
    Lapse,
}
words!(AttestationAction { Revoke: "revoke", Lapse: "lapse" });

/// Every transition of an attestation.
pub const ATTESTATIONS: &[(AttestationState, AttestationAction, AttestationState)] = &[
    (AttestationState::Valid, AttestationAction::Revoke, AttestationState::Revoked),
    (AttestationState::Valid, AttestationAction::Lapse, AttestationState::Expired),
];

/// Where an action leads, by a machine's table.
///
/// # Errors
/// `wrong-state` where the state does not know the action.
pub fn next<S: Word, A: Word>(
    table: &[(S, A, S)],
    item: Item,
    state: S,
    action: A,
) -> Result<S, Error> {
    let found = table.iter().find(|(from, by, _)| *from == state && *by == action);
    match found {
        Some((_, _, to)) => Ok(*to),
        None => {
            let (state, action) = (String::from(state.word()), String::from(action.word()));
            Err(Error::WrongState(WrongState { item, state, action }))
        }
    }
}
