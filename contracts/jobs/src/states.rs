//! The state machines: which action is possible in which state, and where it leads.

use ehb_contract::{Machine, Named};

use crate::bindings::ehb::jobs::types::{
    ApplicationState, AttestationState, ContractState, MilestoneState, OfferState, PostingState,
    RatingState,
};

/// Actions on a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
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
    Expire,
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
    (PostingState::Open, PostingAction::Expire, PostingState::Deciding),
    (PostingState::Deciding, PostingAction::Invite, PostingState::Deciding),
    (PostingState::Deciding, PostingAction::Offer, PostingState::Deciding),
    (PostingState::Deciding, PostingAction::Hire, PostingState::Deciding),
    (PostingState::Deciding, PostingAction::HireLast, PostingState::Filled),
    (PostingState::Deciding, PostingAction::Close, PostingState::Closed),
    (PostingState::Deciding, PostingAction::Expire, PostingState::Expired),
]);

/// Actions on an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
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
    Expire,
}

/// Every transition of an application.
pub const APPLICATION: Machine<ApplicationState, ApplicationAction> = Machine::new(&[
    (ApplicationState::Submitted, ApplicationAction::Shortlist, ApplicationState::Shortlisted),
    (ApplicationState::Submitted, ApplicationAction::Reject, ApplicationState::Rejected),
    (ApplicationState::Submitted, ApplicationAction::Withdraw, ApplicationState::Withdrawn),
    (ApplicationState::Submitted, ApplicationAction::Hire, ApplicationState::Hired),
    (ApplicationState::Submitted, ApplicationAction::Expire, ApplicationState::Expired),
    (ApplicationState::Shortlisted, ApplicationAction::Reject, ApplicationState::Rejected),
    (ApplicationState::Shortlisted, ApplicationAction::Withdraw, ApplicationState::Withdrawn),
    (ApplicationState::Shortlisted, ApplicationAction::Hire, ApplicationState::Hired),
    (ApplicationState::Shortlisted, ApplicationAction::Expire, ApplicationState::Expired),
]);

/// Actions on an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub enum OfferAction {
    /// The contractor accepts.
    Accept,
    /// The contractor declines.
    Decline,
    /// The client takes it back.
    Withdraw,
    /// The deadline has passed.
    Expire,
}

/// Every transition of an offer.
pub const OFFER: Machine<OfferState, OfferAction> = Machine::new(&[
    (OfferState::Made, OfferAction::Accept, OfferState::Accepted),
    (OfferState::Made, OfferAction::Decline, OfferState::Declined),
    (OfferState::Made, OfferAction::Withdraw, OfferState::Withdrawn),
    (OfferState::Made, OfferAction::Expire, OfferState::Expired),
]);

/// Actions on a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
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

/// Actions on a milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
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
    Pay,
    /// The contractor returns the money.
    Refund,
    /// A party opens a dispute.
    Dispute,
    /// The dispute has an outcome.
    Resolve,
    /// Both parties cancel the contract.
    Cancel,
    /// The contract ends before it was funded.
    Void,
    /// The deadline has passed.
    Expire,
    /// It should be paid, but the wallet's hold has expired.
    ExpireHold,
}

/// Every transition of a milestone.
pub const MILESTONE: Machine<MilestoneState, MilestoneAction> = Machine::new(&[
    (MilestoneState::Pending, MilestoneAction::Fund, MilestoneState::Funded),
    (MilestoneState::Pending, MilestoneAction::Void, MilestoneState::Voided),
    (MilestoneState::Pending, MilestoneAction::Expire, MilestoneState::Voided),
    (MilestoneState::Funded, MilestoneAction::Submit, MilestoneState::Submitted),
    (MilestoneState::Funded, MilestoneAction::Refund, MilestoneState::Refunded),
    (MilestoneState::Funded, MilestoneAction::Dispute, MilestoneState::Disputed),
    (MilestoneState::Funded, MilestoneAction::Cancel, MilestoneState::Cancelled),
    (MilestoneState::Funded, MilestoneAction::Expire, MilestoneState::Expired),
    (MilestoneState::Funded, MilestoneAction::ExpireHold, MilestoneState::HoldExpired),
    (MilestoneState::Submitted, MilestoneAction::Revise, MilestoneState::Revising),
    (MilestoneState::Submitted, MilestoneAction::Approve, MilestoneState::Approved),
    (MilestoneState::Submitted, MilestoneAction::Refund, MilestoneState::Refunded),
    (MilestoneState::Submitted, MilestoneAction::Dispute, MilestoneState::Disputed),
    (MilestoneState::Submitted, MilestoneAction::Cancel, MilestoneState::Cancelled),
    (MilestoneState::Submitted, MilestoneAction::Expire, MilestoneState::Paid),
    (MilestoneState::Submitted, MilestoneAction::ExpireHold, MilestoneState::HoldExpired),
    (MilestoneState::Revising, MilestoneAction::Submit, MilestoneState::Submitted),
    (MilestoneState::Revising, MilestoneAction::Approve, MilestoneState::Approved),
    (MilestoneState::Revising, MilestoneAction::Refund, MilestoneState::Refunded),
    (MilestoneState::Revising, MilestoneAction::Dispute, MilestoneState::Disputed),
    (MilestoneState::Revising, MilestoneAction::Cancel, MilestoneState::Cancelled),
    (MilestoneState::Revising, MilestoneAction::Expire, MilestoneState::Expired),
    (MilestoneState::Revising, MilestoneAction::ExpireHold, MilestoneState::HoldExpired),
    (MilestoneState::Approved, MilestoneAction::Pay, MilestoneState::Paid),
    (MilestoneState::Approved, MilestoneAction::Expire, MilestoneState::Paid),
    (MilestoneState::Approved, MilestoneAction::ExpireHold, MilestoneState::HoldExpired),
    (MilestoneState::Disputed, MilestoneAction::Resolve, MilestoneState::Resolved),
    (MilestoneState::Disputed, MilestoneAction::ExpireHold, MilestoneState::HoldExpired),
]);

/// Actions on the ratings of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
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
    Expire,
    /// The deadline has passed, and no party has.
    ExpireEmpty,
}

/// Every transition of ratings.
pub const RATING: Machine<RatingState, RatingAction> = Machine::new(&[
    (RatingState::Committing, RatingAction::Commit, RatingState::Committing),
    (RatingState::Committing, RatingAction::CommitLast, RatingState::Revealing),
    (RatingState::Committing, RatingAction::Expire, RatingState::Revealing),
    (RatingState::Committing, RatingAction::ExpireEmpty, RatingState::Unrated),
    (RatingState::Revealing, RatingAction::Reveal, RatingState::Revealing),
    (RatingState::Revealing, RatingAction::RevealLast, RatingState::Published),
    (RatingState::Revealing, RatingAction::Expire, RatingState::Published),
    (RatingState::Revealing, RatingAction::ExpireEmpty, RatingState::Unrated),
]);

/// Actions on an attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub enum AttestationAction {
    /// The organisation takes it back.
    Revoke,
    /// The deadline has passed.
    Expire,
}

/// Every transition of an attestation.
pub const ATTESTATION: Machine<AttestationState, AttestationAction> = Machine::new(&[
    (AttestationState::Valid, AttestationAction::Revoke, AttestationState::Revoked),
    (AttestationState::Valid, AttestationAction::Expire, AttestationState::Expired),
]);
