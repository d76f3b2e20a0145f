//! The exported functions: each is its rule over the chain at hand.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::{Document, DueItem, DuePage, Item, Refusal};
use ehb_contract::{Address, Hash, Host, answer};
use ehb_dispute::types::Dispute;

use crate::bindings::ehb::jobs::types::{
    Application, Attestation, Conditions, Contract, Error, Milestone, MilestonePlan, Offer,
    PlatformFee, Posting, PostingDetails, Rating, Reputation, Side,
};
use crate::bindings::exports::ehb::common::deadlines;
use crate::bindings::exports::ehb::jobs::queries::{
    ApplicationPage, AttestationPage, ContractPage, OfferPage, PostingPage,
};
use crate::bindings::exports::ehb::jobs::{
    applications, attestations, contracts, disputes, milestones, offers, postings, queries,
    ratings, settings, upgrade,
};
use crate::rules;

/// The component.
pub struct Jobs;

impl settings::Guest for Jobs {
    fn set_platform_fee(fee: u16, collector: Address) -> Result<(), Error> {
        answer(rules::set_platform_fee(&mut Host::new(), fee, collector))
    }

    fn get_platform_fee() -> Option<PlatformFee> {
        rules::get_platform_fee(&Host::new())
    }
}

impl postings::Guest for Jobs {
    fn post_job(details: PostingDetails, key: String) -> Result<u64, Error> {
        answer(rules::post_job(&mut Host::new(), details, key))
    }

    fn invite(posting: u64, account: Address) -> Result<(), Error> {
        answer(rules::invite(&mut Host::new(), posting, account))
    }

    fn stop_applications(posting: u64) -> Result<(), Error> {
        answer(rules::stop_applications(&mut Host::new(), posting))
    }

    fn close_posting(posting: u64) -> Result<(), Error> {
        answer(rules::close_posting(&mut Host::new(), posting))
    }
}

impl applications::Guest for Jobs {
    fn apply(
        posting: u64,
        note: String,
        price: u64,
        documents: Vec<Document>,
        key: String,
    ) -> Result<u64, Error> {
        answer(rules::apply(&mut Host::new(), posting, note, price, documents, key))
    }

    fn shortlist(application: u64) -> Result<(), Error> {
        answer(rules::shortlist(&mut Host::new(), application))
    }

    fn reject_application(application: u64) -> Result<(), Error> {
        answer(rules::reject_application(&mut Host::new(), application))
    }

    fn withdraw_application(application: u64) -> Result<(), Error> {
        answer(rules::withdraw_application(&mut Host::new(), application))
    }
}

impl offers::Guest for Jobs {
    fn make_offer(
        posting: u64,
        contractor: Address,
        conditions: Conditions,
        milestones: Vec<MilestonePlan>,
        accept_until_ms: u64,
        key: String,
    ) -> Result<u64, Error> {
        answer(rules::make_offer(
            &mut Host::new(),
            posting,
            contractor,
            conditions,
            milestones,
            accept_until_ms,
            key,
        ))
    }

    fn accept_offer(offer: u64, key: String) -> Result<u64, Error> {
        answer(rules::accept_offer(&mut Host::new(), offer, key))
    }

    fn decline_offer(offer: u64) -> Result<(), Error> {
        answer(rules::decline_offer(&mut Host::new(), offer))
    }

    fn withdraw_offer(offer: u64) -> Result<(), Error> {
        answer(rules::withdraw_offer(&mut Host::new(), offer))
    }
}

impl milestones::Guest for Jobs {
    fn fund_milestone(milestone: u64, key: String) -> Result<(), Error> {
        answer(rules::fund_milestone(&mut Host::new(), milestone, key))
    }

    fn submit_milestone(milestone: u64, deliverable: Document) -> Result<(), Error> {
        answer(rules::submit_milestone(&mut Host::new(), milestone, deliverable))
    }

    fn request_revision(milestone: u64, note: String) -> Result<(), Error> {
        answer(rules::request_revision(&mut Host::new(), milestone, note))
    }

    fn approve_milestone(milestone: u64) -> Result<(), Error> {
        answer(rules::approve_milestone(&mut Host::new(), milestone))
    }

    fn release_milestone(milestone: u64, key: String) -> Result<(), Error> {
        answer(rules::release_milestone(&mut Host::new(), milestone, key))
    }

    fn give_up_milestone(milestone: u64, key: String) -> Result<(), Error> {
        answer(rules::give_up_milestone(&mut Host::new(), milestone, key))
    }
}

impl contracts::Guest for Jobs {
    fn propose_cancellation(contract: u64, to_client: u16) -> Result<(), Error> {
        answer(rules::propose_cancellation(&mut Host::new(), contract, to_client))
    }

    fn accept_cancellation(contract: u64, to_client: u16, key: String) -> Result<(), Error> {
        answer(rules::accept_cancellation(&mut Host::new(), contract, to_client, key))
    }

    fn terminate_contract(contract: u64) -> Result<(), Error> {
        answer(rules::terminate_contract(&mut Host::new(), contract))
    }
}

impl disputes::Guest for Jobs {
    fn open_dispute(
        milestone: u64,
        to_client: u16,
        reason: String,
        key: String,
    ) -> Result<u64, Error> {
        answer(rules::open_dispute(&mut Host::new(), milestone, to_client, reason, key))
    }

    fn respond_to_dispute(dispute: u64, to_client: u16) -> Result<(), Error> {
        answer(rules::respond_to_dispute(&mut Host::new(), dispute, to_client))
    }

    fn add_evidence(dispute: u64, document: Document, note: String) -> Result<(), Error> {
        answer(rules::add_evidence(&mut Host::new(), dispute, document, note))
    }

    fn offer_settlement(dispute: u64, to_client: u16) -> Result<(), Error> {
        answer(rules::offer_settlement(&mut Host::new(), dispute, to_client))
    }

    fn accept_settlement(dispute: u64, key: String) -> Result<(), Error> {
        answer(rules::accept_settlement(&mut Host::new(), dispute, key))
    }

    fn rest_in_dispute(dispute: u64) -> Result<(), Error> {
        answer(rules::rest_in_dispute(&mut Host::new(), dispute))
    }

    fn rule_dispute(
        dispute: u64,
        to_client: u16,
        reasons: Option<Document>,
        key: String,
    ) -> Result<(), Error> {
        answer(rules::rule_dispute(&mut Host::new(), dispute, to_client, reasons, key))
    }

    fn appeal_ruling(dispute: u64, reason: String) -> Result<(), Error> {
        answer(rules::appeal_ruling(&mut Host::new(), dispute, reason))
    }
}

impl ratings::Guest for Jobs {
    fn rating_commitment(
        contract: u64,
        by: Side,
        score: u8,
        comment: String,
        salt: Hash,
    ) -> Result<Hash, Error> {
        answer(rules::rating_commitment(&Host::new(), contract, by, score, comment, salt))
    }

    fn commit_rating(contract: u64, commitment: Hash) -> Result<(), Error> {
        answer(rules::commit_rating(&mut Host::new(), contract, commitment))
    }

    fn reveal_rating(contract: u64, score: u8, comment: String, salt: Hash) -> Result<(), Error> {
        answer(rules::reveal_rating(&mut Host::new(), contract, score, comment, salt))
    }

    fn get_reputation(account: Address) -> Reputation {
        rules::get_reputation(&Host::new(), account)
    }
}

impl attestations::Guest for Jobs {
    fn attest(
        subject: Address,
        kind: String,
        document: Option<Document>,
        expires_ms: u64,
        key: String,
    ) -> Result<u64, Error> {
        answer(rules::attest(&mut Host::new(), subject, kind, document, expires_ms, key))
    }

    fn revoke_attestation(attestation: u64) -> Result<(), Error> {
        answer(rules::revoke_attestation(&mut Host::new(), attestation))
    }

    fn has_attestation(subject: Address, organisation: String, kind: String) -> bool {
        rules::has_attestation(&Host::new(), subject, &organisation, &kind)
    }
}

impl deadlines::Guest for Jobs {
    fn advance(item: Item) -> Result<(), Refusal> {
        rules::advance(&mut Host::new(), &item)
    }

    fn sweep(limit: u32) -> Result<Vec<DueItem>, Refusal> {
        rules::sweep(&mut Host::new(), limit)
    }

    fn list_due(after: Option<DueItem>, limit: u32) -> Result<DuePage, Refusal> {
        rules::list_due(&Host::new(), after.as_ref(), limit)
    }
}

impl queries::Guest for Jobs {
    fn get_posting(posting: u64) -> Result<Posting, Error> {
        answer(rules::get_posting(&Host::new(), posting))
    }

    fn get_application(application: u64) -> Result<Application, Error> {
        answer(rules::get_application(&Host::new(), application))
    }

    fn get_offer(offer: u64) -> Result<Offer, Error> {
        answer(rules::get_offer(&Host::new(), offer))
    }

    fn get_contract(contract: u64) -> Result<Contract, Error> {
        answer(rules::get_contract(&Host::new(), contract))
    }

    fn get_milestone(milestone: u64) -> Result<Milestone, Error> {
        answer(rules::get_milestone(&Host::new(), milestone))
    }

    fn get_dispute(dispute: u64) -> Result<Dispute, Error> {
        answer(rules::get_dispute(&Host::new(), dispute))
    }

    fn get_rating(contract: u64) -> Result<Rating, Error> {
        answer(rules::get_rating(&Host::new(), contract))
    }

    fn get_attestation(attestation: u64) -> Result<Attestation, Error> {
        answer(rules::get_attestation(&Host::new(), attestation))
    }

    fn is_invited(posting: u64, account: Address) -> bool {
        rules::is_invited(&Host::new(), posting, account)
    }

    fn list_postings(
        client: Address,
        after: Option<u64>,
        limit: u32,
    ) -> Result<PostingPage, Error> {
        answer(rules::list_postings(&Host::new(), client, after, limit))
    }

    fn list_applications(
        posting: u64,
        after: Option<u64>,
        limit: u32,
    ) -> Result<ApplicationPage, Error> {
        answer(rules::list_applications(&Host::new(), posting, after, limit))
    }

    fn list_offers(
        contractor: Address,
        after: Option<u64>,
        limit: u32,
    ) -> Result<OfferPage, Error> {
        answer(rules::list_offers(&Host::new(), contractor, after, limit))
    }

    fn list_contracts(
        account: Address,
        on: Side,
        after: Option<u64>,
        limit: u32,
    ) -> Result<ContractPage, Error> {
        answer(rules::list_contracts(&Host::new(), account, on, after, limit))
    }

    fn list_attestations(
        subject: Address,
        after: Option<u64>,
        limit: u32,
    ) -> Result<AttestationPage, Error> {
        answer(rules::list_attestations(&Host::new(), subject, after, limit))
    }
}

impl upgrade::Guest for Jobs {
    fn migrate() -> Result<(), Error> {
        rules::migrate(&mut Host::new())
    }
}
