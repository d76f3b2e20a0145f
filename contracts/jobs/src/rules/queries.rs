use alloc::vec::Vec;

use ehb_contract::{Address, Host};
use ehb_dispute::types::Dispute;

use super::load;
use crate::bindings::ehb::jobs::types::{
    Application, Attestation, Contract, Error, Kind, Milestone, Offer, Posting, Rating, Side,
};
use crate::bindings::exports::ehb::jobs::queries::Page;
use crate::checks;
use crate::keys::{
    APPLICATIONS, APPLICATIONS_FOR, ATTESTATIONS, ATTESTATIONS_OF, CONTRACTS, CONTRACTS_OF,
    DISPUTES, INVITED, MILESTONES, OFFERS, OFFERS_TO, POSTINGS, POSTINGS_OF, RATINGS,
};

/// See `queries.get-posting`.
pub fn get_posting(host: &Host, id: u64) -> Result<Posting, Error> {
    load(host, &POSTINGS, Kind::Posting, id)
}

/// See `queries.get-application`.
pub fn get_application(host: &Host, id: u64) -> Result<Application, Error> {
    load(host, &APPLICATIONS, Kind::Application, id)
}

/// See `queries.get-offer`.
pub fn get_offer(host: &Host, id: u64) -> Result<Offer, Error> {
    load(host, &OFFERS, Kind::Offer, id)
}

/// See `queries.get-contract`.
pub fn get_contract(host: &Host, id: u64) -> Result<Contract, Error> {
    load(host, &CONTRACTS, Kind::Contract, id)
}

/// See `queries.get-milestone`.
pub fn get_milestone(host: &Host, id: u64) -> Result<Milestone, Error> {
    load(host, &MILESTONES, Kind::Milestone, id)
}

/// See `queries.get-dispute`.
pub fn get_dispute(host: &Host, id: u64) -> Result<Dispute, Error> {
    load(host, &DISPUTES, Kind::Dispute, id)
}

/// See `queries.get-rating`.
pub fn get_rating(host: &Host, id: u64) -> Result<Rating, Error> {
    load(host, &RATINGS, Kind::Rating, id)
}

/// See `queries.get-attestation`.
pub fn get_attestation(host: &Host, id: u64) -> Result<Attestation, Error> {
    load(host, &ATTESTATIONS, Kind::Attestation, id)
}

/// See `queries.is-invited`.
pub fn is_invited(host: &Host, posting: u64, account: Address) -> bool {
    INVITED.contains(host, &(posting, account))
}

/// See `queries.list-postings`.
pub fn list_postings(
    host: &Host,
    client: Address,
    after: Option<u64>,
    limit: u32,
) -> Result<Page, Error> {
    page(limit, |limit| POSTINGS_OF.scan_under(host, &client, after.as_ref(), limit))
}

/// See `queries.list-applications`.
pub fn list_applications(
    host: &Host,
    posting: u64,
    after: Option<u64>,
    limit: u32,
) -> Result<Page, Error> {
    page(limit, |limit| APPLICATIONS_FOR.scan_under(host, &posting, after.as_ref(), limit))
}

/// See `queries.list-offers`.
pub fn list_offers(
    host: &Host,
    contractor: Address,
    after: Option<u64>,
    limit: u32,
) -> Result<Page, Error> {
    page(limit, |limit| OFFERS_TO.scan_under(host, &contractor, after.as_ref(), limit))
}

/// See `queries.list-contracts`.
pub fn list_contracts(
    host: &Host,
    account: Address,
    on: Side,
    after: Option<u64>,
    limit: u32,
) -> Result<Page, Error> {
    let under = (account, on as u8);
    page(limit, |limit| CONTRACTS_OF.scan_under(host, &under, after.as_ref(), limit))
}

/// See `queries.list-attestations`.
pub fn list_attestations(
    host: &Host,
    subject: Address,
    after: Option<u64>,
    limit: u32,
) -> Result<Page, Error> {
    page(limit, |limit| ATTESTATIONS_OF.scan_under(host, &subject, after.as_ref(), limit))
}

/// Makes a page of a scan of one entry more, which says whether another page follows.
fn page(limit: u32, scan: impl FnOnce(u32) -> Vec<(u64, ())>) -> Result<Page, Error> {
    checks::page(limit)?;
    let mut ids: Vec<u64> = scan(limit + 1).into_iter().map(|(id, ())| id).collect();
    let more = ids.len() > limit as usize;
    ids.truncate(limit as usize);
    let next = if more { ids.last().copied() } else { None };
    Ok(Page { ids, next })
}
