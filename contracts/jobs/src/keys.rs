//! Where the module's state lies, and nowhere else. The byte 0 is the schema's version.

use ehb_contract::{
    Address, Deadlines, Hash, Item, Map, Once, Schema, kinds, pack_record, pack_variant,
};
use ehb_dispute::types::Dispute;

use crate::bindings::ehb::jobs::types::{
    Application, ApplicationState, Attestation, AttestationState, Cancellation, Conditions,
    Contract, ContractState, Escrow, Milestone, MilestonePlan, MilestoneState, Offer, OfferState,
    Opinion, PlatformFee, Posting, PostingDetails, PostingState, Rating, RatingState, RatingSum,
    Reputation, Requirement, Side, Visibility,
};

kinds! {
    /// The kinds of items.
    pub enum Kind {
        /// A posting.
        Posting = "posting",
        /// An application.
        Application = "application",
        /// An offer.
        Offer = "offer",
        /// A contract.
        Contract = "contract",
        /// A milestone.
        Milestone = "milestone",
        /// A dispute.
        Dispute = "dispute",
        /// The ratings of a contract, under the contract's number.
        Rating = "rating",
        /// An attestation.
        Attestation = "attestation",
    }
}

/// The version of what is stored.
pub const SCHEMA: Schema = Schema::new(&[]);

/// The idempotency keys of callers.
pub const KEYS: Once = Once::new(b'k');

/// The platform's fee.
pub const PLATFORM_FEE: Item<PlatformFee> = Item::new(b'f');

/// The latest number of each kind.
pub const LATEST: Map<u8, u64> = Map::new(b'n');

/// Postings by number.
pub const POSTINGS: Map<u64, Posting> = Map::new(b'p');

/// The postings of each client.
pub const POSTINGS_OF: Map<(Address, u64), ()> = Map::new(b'P');

/// Whom the client of each posting invited.
pub const INVITED: Map<(u64, Address), ()> = Map::new(b'i');

/// Applications by number.
pub const APPLICATIONS: Map<u64, Application> = Map::new(b'a');

/// The applications for each posting.
pub const APPLICATIONS_FOR: Map<(u64, u64), ()> = Map::new(b'A');

/// The latest application of each account for each posting.
pub const APPLIED: Map<(u64, Address), u64> = Map::new(b'b');

/// Offers by number.
pub const OFFERS: Map<u64, Offer> = Map::new(b'o');

/// The offers made to each account.
pub const OFFERS_TO: Map<(Address, u64), ()> = Map::new(b'O');

/// Contracts by number.
pub const CONTRACTS: Map<u64, Contract> = Map::new(b'c');

/// The contracts of each account, on the client's side (0) and on the contractor's (1).
pub const CONTRACTS_OF: Map<(Address, u8, u64), ()> = Map::new(b'C');

/// Milestones by number.
pub const MILESTONES: Map<u64, Milestone> = Map::new(b'm');

/// Disputes by number.
pub const DISPUTES: Map<u64, Dispute> = Map::new(b'd');

/// Ratings by contract.
pub const RATINGS: Map<u64, Rating> = Map::new(b'r');

/// The published scores of each account.
pub const REPUTATIONS: Map<Address, Reputation> = Map::new(b'R');

/// Attestations by number.
pub const ATTESTATIONS: Map<u64, Attestation> = Map::new(b't');

/// The attestations of each account.
pub const ATTESTATIONS_OF: Map<(Address, u64), ()> = Map::new(b'T');

/// The latest attestation of each account by an organisation and of a kind, which the hash stands for.
pub const ATTESTED: Map<(Address, Hash), u64> = Map::new(b'h');

/// The deadlines of what is not over.
pub const DEADLINES: Deadlines<Kind> = Deadlines::new(b'l');

pack_variant!(Visibility { 0: Everybody, 1: Organisation, 2: Invited });
pack_record!(Requirement { organisation, kind });
pack_record!(PostingDetails {
    title,
    summary,
    skills,
    place,
    documents,
    visibility,
    requirements,
    asset,
    budget,
    positions,
    apply_until_ms,
    decide_until_ms,
});
pack_variant!(PostingState { 0: Open, 1: Deciding, 2: Filled, 3: Closed, 4: Expired });
pack_record!(Posting { id, client, details, state, deadline_ms, hired });
pack_variant!(ApplicationState {
    0: Submitted,
    1: Shortlisted,
    2: Hired,
    3: Rejected,
    4: Withdrawn,
    5: Lapsed,
});
pack_record!(Application { id, posting, applicant, note, price, documents, state, deadline_ms });
pack_record!(MilestonePlan { title, amount, due_ms });
pack_record!(Conditions {
    asset,
    specification,
    review_ms,
    revision_ms,
    release_ms,
    revisions_max,
    dispute,
});
pack_record!(PlatformFee { fee, collector });
pack_variant!(OfferState { 0: Made, 1: Accepted, 2: Declined, 3: Withdrawn, 4: Expired });
pack_record!(Offer {
    id,
    posting,
    application,
    client,
    contractor,
    conditions,
    milestones,
    platform_fee,
    state,
    deadline_ms,
});
pack_variant!(Side { 0: Client, 1: Contractor });
pack_record!(Cancellation { by, to_client, until_ms });
pack_variant!(ContractState {
    0: Active,
    1: Terminating,
    2: Completed,
    3: Expired,
    4: Terminated,
    5: Cancelled,
});
pack_record!(Contract {
    id,
    posting,
    offer,
    client,
    contractor,
    conditions,
    platform_fee,
    milestones,
    state,
    open,
    paid,
    cancellation,
});
pack_variant!(MilestoneState {
    0: Pending,
    1: Funded,
    2: Submitted,
    3: Revising,
    4: Approved,
    5: Disputed,
    6: Released,
    7: Refunded,
    8: Expired,
    9: Resolved,
    10: Cancelled,
    11: Voided,
    12: Lapsed,
});
pack_record!(Escrow { funded, paid, fee, refunded, payer, hold, hold_expires_ms });
pack_record!(Milestone {
    id,
    contract,
    plan,
    state,
    deadline_ms,
    revisions,
    deliverable,
    escrow,
    dispute,
});
pack_variant!(RatingState { 0: Committing, 1: Revealing, 2: Published, 3: Lapsed });
pack_record!(Opinion { commitment, score, comment });
pack_record!(Rating { contract, client, contractor, state, deadline_ms, by_client, by_contractor });
pack_record!(RatingSum { count, sum });
pack_record!(Reputation { as_client, as_contractor });
pack_variant!(AttestationState { 0: Valid, 1: Revoked, 2: Expired });
pack_record!(Attestation { id, organisation, issuer, subject, kind, document, state, deadline_ms });
