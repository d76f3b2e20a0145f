//! Where the module's state is stored, and nowhere else. The byte 0 is the schema's version.

use alloc::string::String;

use ehb_contract::{Address, Deadlines, Hash, Item, Map, Named, Once, Schema};
use ehb_dispute::Arbiters;
use ehb_dispute::types::Dispute;

use crate::bindings::ehb::jobs::types::{
    Application, Attestation, Contract, Milestone, Offer, OrganisationRating, PlatformFee, Posting,
    Rating,
};

/// The kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named, ehb_contract::Kind)]
pub enum Kind {
    /// A posting.
    Posting,
    /// An application.
    Application,
    /// An offer.
    Offer,
    /// A contract.
    Contract,
    /// A milestone.
    Milestone,
    /// A dispute.
    Dispute,
    /// The ratings of a contract, under the contract's number.
    Rating,
    /// An attestation.
    Attestation,
}

/// The version of what is stored.
pub const SCHEMA: Schema = Schema::new(&[]);

/// The idempotency keys of callers.
pub const KEYS: Once = Once::new(b'k');

/// The platform's fee.
pub const PLATFORM_FEE: Item<PlatformFee> = Item::new(b'f');

/// The least that a contract must have paid for ratings, by asset. There are none in other assets.
pub const RATING_MINIMUMS: Map<String, u64> = Map::new(b'M');

/// The latest number of each kind.
pub const LATEST: Map<u8, u64> = Map::new(b'n');

/// Postings by number.
pub const POSTINGS: Map<u64, Posting> = Map::new(b'p');

/// The postings of each client. A hash stands for a party in keys, which are short: that of its organisation's name, or
/// of its address where it is a module.
pub const POSTINGS_OF: Map<(Hash, u64), ()> = Map::new(b'P');

/// The postings that are open.
pub const POSTINGS_OPEN: Map<u64, ()> = Map::new(b'w');

/// Whom the client of each posting invited.
pub const INVITED: Map<(u64, Address), ()> = Map::new(b'i');

/// How many accounts were invited to each posting.
pub const INVITATIONS: Map<u64, u32> = Map::new(b'I');

/// Applications by number.
pub const APPLICATIONS: Map<u64, Application> = Map::new(b'a');

/// The applications for each posting.
pub const APPLICATIONS_FOR: Map<(u64, u64), ()> = Map::new(b'A');

/// The applications of each applicant, by the same hash.
pub const APPLICATIONS_OF: Map<(Hash, u64), ()> = Map::new(b'y');

/// How many applications for each posting there were from each applicant's organisation, by the same hash.
pub const APPLICATIONS_FROM: Map<(u64, Hash), u32> = Map::new(b'B');

/// The latest application of each account for each posting.
pub const APPLIED: Map<(u64, Address), u64> = Map::new(b'b');

/// Offers by number.
pub const OFFERS: Map<u64, Offer> = Map::new(b'o');

/// The offers for each posting.
pub const OFFERS_FOR: Map<(u64, u64), ()> = Map::new(b'x');

/// The offers made to each contractor, by the same hash.
pub const OFFERS_TO: Map<(Hash, u64), ()> = Map::new(b'O');

/// Contracts by number.
pub const CONTRACTS: Map<u64, Contract> = Map::new(b'c');

/// The contracts of each party, by the same hash, on the client's side (0) and on the contractor's (1).
pub const CONTRACTS_OF: Map<(Hash, u8, u64), ()> = Map::new(b'C');

/// Milestones by number.
pub const MILESTONES: Map<u64, Milestone> = Map::new(b'm');

/// Disputes by number.
pub const DISPUTES: Map<u64, Dispute> = Map::new(b'd');

/// The registered arbiters.
pub const ARBITERS: Arbiters = Arbiters::new(b'j');

/// The disputes that wait for an arbiter.
pub const DISPUTES_AWAITING: Map<u64, ()> = Map::new(b'D');

/// How many open offers each account has of each client, by the same hash.
pub const OFFERS_OPEN: Map<(Address, Hash), u32> = Map::new(b'q');

/// Ratings by contract.
pub const RATINGS: Map<u64, Rating> = Map::new(b'r');

/// The published scores of each organisation, by the hash of its name.
pub const ORGANISATION_RATINGS: Map<Hash, OrganisationRating> = Map::new(b'R');

/// Attestations by number.
pub const ATTESTATIONS: Map<u64, Attestation> = Map::new(b't');

/// The attestations of each account.
pub const ATTESTATIONS_OF: Map<(Address, u64), ()> = Map::new(b'T');

/// How many valid attestations each account has of each organisation, by the hash of its name.
pub const ATTESTATIONS_VALID: Map<(Address, Hash), u32> = Map::new(b'v');

/// The latest attestation of each account by an organisation and of a kind, by the hash of the organisation and the kind.
pub const ATTESTED: Map<(Address, Hash), u64> = Map::new(b'h');

/// The deadlines of what is not over, and when postings, contracts and attestations that are over leave the state.
pub const DEADLINES: Deadlines<Kind> = Deadlines::new(b'l');
