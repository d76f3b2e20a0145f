//! Queries of postings, applications, offers, contracts, milestones, disputes, ratings and attestations.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::page::listed;
use ehb_contract::{Address, Host};
use ehb_dispute::types::{Dispute, DisputePage};

use super::ratings;
use crate::bindings::ehb::jobs::types::{
    Application, Attestation, Contract, Error, Milestone, Offer, Posting, Rating, Side,
};
use crate::bindings::exports::ehb::jobs::queries::{
    ApplicationPage, AttestationPage, ContractPage, OfferPage, PostingPage,
};
use crate::keys::{
    APPLICATIONS, APPLICATIONS_FOR, APPLICATIONS_OF, ARBITERS, ATTESTATIONS, ATTESTATIONS_OF,
    CONTRACTS, CONTRACTS_OF, DISPUTES, DISPUTES_AWAITING, INVITED, Kind, MILESTONES, OFFERS,
    OFFERS_FOR, OFFERS_TO, POSTINGS, POSTINGS_OF, POSTINGS_OPEN,
};

/// See `queries.get-posting`.
pub fn get_posting(host: &Host, id: u64) -> Result<Posting, Error> {
    Ok(super::known(host, &POSTINGS, Kind::Posting, id)?)
}

/// See `queries.get-application`.
pub fn get_application(host: &Host, id: u64) -> Result<Application, Error> {
    Ok(super::known(host, &APPLICATIONS, Kind::Application, id)?)
}

/// See `queries.get-offer`.
pub fn get_offer(host: &Host, id: u64) -> Result<Offer, Error> {
    Ok(super::known(host, &OFFERS, Kind::Offer, id)?)
}

/// See `queries.get-contract`.
pub fn get_contract(host: &Host, id: u64) -> Result<Contract, Error> {
    Ok(super::known(host, &CONTRACTS, Kind::Contract, id)?)
}

/// See `queries.get-milestone`.
pub fn get_milestone(host: &Host, id: u64) -> Result<Milestone, Error> {
    Ok(super::known(host, &MILESTONES, Kind::Milestone, id)?)
}

/// See `queries.get-dispute`.
pub fn get_dispute(host: &Host, id: u64) -> Result<Dispute, Error> {
    Ok(super::known(host, &DISPUTES, Kind::Dispute, id)?)
}

/// See `queries.list-disputes-awaiting-arbiter`.
pub fn list_disputes_awaiting_arbiter(
    host: &Host,
    after: Option<u64>,
    limit: u32,
) -> Result<DisputePage, Error> {
    let scan = |limit| DISPUTES_AWAITING.scan(host, after.as_ref(), limit);
    let (disputes, next) = listed(host, &DISPUTES, limit, scan)?;
    Ok(DisputePage { disputes, next })
}

/// See `queries.list-arbiters`.
pub fn list_arbiters(host: &Host) -> Vec<Address> {
    ARBITERS.all(host)
}

/// See `queries.get-rating`.
pub fn get_rating(host: &Host, id: u64) -> Result<Rating, Error> {
    ratings::known(host, id)
}

/// See `queries.get-attestation`.
pub fn get_attestation(host: &Host, id: u64) -> Result<Attestation, Error> {
    Ok(super::known(host, &ATTESTATIONS, Kind::Attestation, id)?)
}

/// See `queries.is-invited`.
pub fn is_invited(host: &Host, posting: u64, account: Address) -> bool {
    INVITED.contains(host, &(posting, account))
}

/// See `queries.list-postings`.
pub fn list_postings(
    host: &Host,
    organisation: String,
    after: Option<u64>,
    limit: u32,
) -> Result<PostingPage, Error> {
    let owner = host.sha256(organisation.as_bytes());
    let scan = |limit| POSTINGS_OF.scan_under(host, &owner, after.as_ref(), limit);
    let (postings, next) = listed(host, &POSTINGS, limit, scan)?;
    Ok(PostingPage { postings, next })
}

/// See `queries.list-open-postings`.
pub fn list_open_postings(
    host: &Host,
    after: Option<u64>,
    limit: u32,
) -> Result<PostingPage, Error> {
    let scan = |limit| POSTINGS_OPEN.scan(host, after.as_ref(), limit);
    let (postings, next) = listed(host, &POSTINGS, limit, scan)?;
    Ok(PostingPage { postings, next })
}

/// See `queries.list-applications`.
pub fn list_applications(
    host: &Host,
    posting: u64,
    after: Option<u64>,
    limit: u32,
) -> Result<ApplicationPage, Error> {
    let scan = |limit| APPLICATIONS_FOR.scan_under(host, &posting, after.as_ref(), limit);
    let (applications, next) = listed(host, &APPLICATIONS, limit, scan)?;
    Ok(ApplicationPage { applications, next })
}

/// See `queries.list-applications-of-organisation`.
pub fn list_applications_of_organisation(
    host: &Host,
    organisation: String,
    after: Option<u64>,
    limit: u32,
) -> Result<ApplicationPage, Error> {
    let owner = host.sha256(organisation.as_bytes());
    let scan = |limit| APPLICATIONS_OF.scan_under(host, &owner, after.as_ref(), limit);
    let (applications, next) = listed(host, &APPLICATIONS, limit, scan)?;
    Ok(ApplicationPage { applications, next })
}

/// See `queries.list-offers`.
pub fn list_offers(
    host: &Host,
    organisation: String,
    after: Option<u64>,
    limit: u32,
) -> Result<OfferPage, Error> {
    let owner = host.sha256(organisation.as_bytes());
    let scan = |limit| OFFERS_TO.scan_under(host, &owner, after.as_ref(), limit);
    let (offers, next) = listed(host, &OFFERS, limit, scan)?;
    Ok(OfferPage { offers, next })
}

/// See `queries.list-offers-for-posting`.
pub fn list_offers_for_posting(
    host: &Host,
    posting: u64,
    after: Option<u64>,
    limit: u32,
) -> Result<OfferPage, Error> {
    let scan = |limit| OFFERS_FOR.scan_under(host, &posting, after.as_ref(), limit);
    let (offers, next) = listed(host, &OFFERS, limit, scan)?;
    Ok(OfferPage { offers, next })
}

/// See `queries.list-contracts`.
pub fn list_contracts(
    host: &Host,
    organisation: String,
    on: Side,
    after: Option<u64>,
    limit: u32,
) -> Result<ContractPage, Error> {
    let owner = host.sha256(organisation.as_bytes());
    let scan = |limit| CONTRACTS_OF.scan_under(host, &(owner, on as u8), after.as_ref(), limit);
    let (contracts, next) = listed(host, &CONTRACTS, limit, scan)?;
    Ok(ContractPage { contracts, next })
}

/// See `queries.list-attestations`.
pub fn list_attestations(
    host: &Host,
    subject: Address,
    after: Option<u64>,
    limit: u32,
) -> Result<AttestationPage, Error> {
    let scan = |limit| ATTESTATIONS_OF.scan_under(host, &subject, after.as_ref(), limit);
    let (attestations, next) = listed(host, &ATTESTATIONS, limit, scan)?;
    Ok(AttestationPage { attestations, next })
}
