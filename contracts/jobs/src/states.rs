//! The state machines: which action is possible in which state, and where it leads.

use ehb_contract::{Machine, names};

use crate::bindings::ehb::jobs::types::{
    ApplicationState, AttestationState, ContractState, MilestoneState, OfferState, PostingState,
    RatingState,
};

names!(PostingState {
    Open: "open",
    Deciding: "deciding",
    Filled: "filled",
    Closed: "closed",
    Expired: "expired",
});
names!(ApplicationState {
    Submitted: "submitted",
    Shortlisted: "shortlisted",
    Hired: "hired",
    Rejected: "rejected",
    Withdrawn: "withdrawn",
    Lapsed: "lapsed",
});
names!(OfferState {
    Made: "made",
    Accepted: "accepted",
    Declined: "declined",
    Withdrawn: "withdrawn",
    Expired: "expired",
});
names!(ContractState {
    Active: "active",
    Terminating: "terminating",
    Completed: "completed",
    Expired: "expired",
    Terminated: "terminated",
    Cancelled: "cancelled",
});
names!(MilestoneState {
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
names!(RatingState {
    Committing: "committing",
    Revealing: "revealing",
    Published: "published",
    Lapsed: "lapsed",
});
names!(AttestationState { Valid: "valid", Revoked: "revoked", Expired: "expired" });

names! {
    /// What can be done with a posting.
    pub enum PostingAction {
        /// Somebody applies.
        Apply = "apply",
        /// The client invites somebody.
        Invite = "invite",
        /// The client makes an offer.
        Offer = "offer",
        /// A contractor accepts one, and positions are left.
        Hire = "hire",
        /// A contractor takes the last position.
        HireLast = "hire-last",
        /// The client takes no more applications.
        Stop = "stop",
        /// The client closes it.
        Close = "close",
        /// The deadline has passed.
        Lapse = "lapse",
    }
}

/// Every transition of a posting.
pub const POSTING: Machine<PostingState, PostingAction> = Machine::new(&[
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
]);

names! {
    /// What can be done with an application.
    pub enum ApplicationAction {
        /// The client takes a closer look.
        Shortlist = "shortlist",
        /// The client turns it down.
        Reject = "reject",
        /// The applicant takes it back.
        Withdraw = "withdraw",
        /// The applicant accepts an offer.
        Hire = "hire",
        /// The deadline has passed.
        Lapse = "lapse",
    }
}

/// Every transition of an application.
pub const APPLICATION: Machine<ApplicationState, ApplicationAction> = Machine::new(&[
    (ApplicationState::Submitted, ApplicationAction::Shortlist, ApplicationState::Shortlisted),
    (ApplicationState::Submitted, ApplicationAction::Reject, ApplicationState::Rejected),
    (ApplicationState::Submitted, ApplicationAction::Withdraw, ApplicationState::Withdrawn),
    (ApplicationState::Submitted, ApplicationAction::Hire, ApplicationState::Hired),
    (ApplicationState::Submitted, ApplicationAction::Lapse, ApplicationState::Lapsed),
    (ApplicationState::Shortlisted, ApplicationAction::Reject, ApplicationState::Rejected),
    (ApplicationState::Shortlisted, ApplicationAction::Withdraw, ApplicationState::Withdrawn),
    (ApplicationState::Shortlisted, ApplicationAction::Hire, ApplicationState::Hired),
    (ApplicationState::Shortlisted, ApplicationAction::Lapse, ApplicationState::Lapsed),
]);

names! {
    /// What can be done with an offer.
    pub enum OfferAction {
        /// The contractor accepts.
        Accept = "accept",
        /// The contractor declines.
        Decline = "decline",
        /// The client takes it back.
        Withdraw = "withdraw",
        /// The deadline has passed.
        Lapse = "lapse",
    }
}

/// Every transition of an offer.
pub const OFFER: Machine<OfferState, OfferAction> = Machine::new(&[
    (OfferState::Made, OfferAction::Accept, OfferState::Accepted),
    (OfferState::Made, OfferAction::Decline, OfferState::Declined),
    (OfferState::Made, OfferAction::Withdraw, OfferState::Withdrawn),
    (OfferState::Made, OfferAction::Lapse, OfferState::Expired),
]);

names! {
    /// What can be done with a contract.
    pub enum ContractAction {
        /// A milestone is funded.
        Fund = "fund",
        /// A party proposes to cancel.
        Propose = "propose",
        /// The other party accepts that.
        Cancel = "cancel",
        /// A party terminates.
        Terminate = "terminate",
        /// The last milestone ended, and something was paid.
        Complete = "complete",
        /// The last milestone ended, and nothing was paid.
        Expire = "expire",
    }
}

/// Every transition of a contract.
pub const CONTRACT: Machine<ContractState, ContractAction> = Machine::new(&[
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
]);

names! {
    /// What can be done with a milestone.
    pub enum MilestoneAction {
        /// The client sets the money aside.
        Fund = "fund",
        /// The contractor submits.
        Submit = "submit",
        /// The client asks for a revision.
        Revise = "revise",
        /// The client approves.
        Approve = "approve",
        /// The client pays.
        Release = "release",
        /// The contractor gives the money back.
        GiveUp = "give-up",
        /// A party opens a dispute.
        Dispute = "dispute",
        /// The dispute has an outcome.
        Resolve = "resolve",
        /// Both parties cancel the contract.
        Cancel = "cancel",
        /// The contract ends before it was funded.
        Void = "void",
        /// The deadline has passed.
        Lapse = "lapse",
        /// It should be paid, but the wallet's hold has expired.
        Overdue = "overdue",
    }
}

/// Every transition of a milestone.
pub const MILESTONE: Machine<MilestoneState, MilestoneAction> = Machine::new(&[
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
]);

names! {
    /// What can be done with the ratings of a contract.
    pub enum RatingAction {
        /// The first party commits.
        Commit = "commit",
        /// The second party commits.
        CommitLast = "commit-last",
        /// A party reveals, and the other has to.
        Reveal = "reveal",
        /// All that was committed to is revealed.
        RevealLast = "reveal-last",
        /// The deadline has passed, and a party has done its part.
        Lapse = "lapse",
        /// The deadline has passed, and no party has.
        LapseEmpty = "lapse-empty",
    }
}

/// Every transition of ratings.
pub const RATING: Machine<RatingState, RatingAction> = Machine::new(&[
    (RatingState::Committing, RatingAction::Commit, RatingState::Committing),
    (RatingState::Committing, RatingAction::CommitLast, RatingState::Revealing),
    (RatingState::Committing, RatingAction::Lapse, RatingState::Revealing),
    (RatingState::Committing, RatingAction::LapseEmpty, RatingState::Lapsed),
    (RatingState::Revealing, RatingAction::Reveal, RatingState::Revealing),
    (RatingState::Revealing, RatingAction::RevealLast, RatingState::Published),
    (RatingState::Revealing, RatingAction::Lapse, RatingState::Published),
    (RatingState::Revealing, RatingAction::LapseEmpty, RatingState::Lapsed),
]);

names! {
    /// What can be done with an attestation.
    pub enum AttestationAction {
        /// The organisation takes it back.
        Revoke = "revoke",
        /// The deadline has passed.
        Lapse = "lapse",
    }
}

/// Every transition of an attestation.
pub const ATTESTATION: Machine<AttestationState, AttestationAction> = Machine::new(&[
    (AttestationState::Valid, AttestationAction::Revoke, AttestationState::Revoked),
    (AttestationState::Valid, AttestationAction::Lapse, AttestationState::Expired),
]);
