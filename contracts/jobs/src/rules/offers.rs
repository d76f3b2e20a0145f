//! Offers: making, accepting, declining and withdrawing them; an accepted offer starts a contract.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::Refusal;
use ehb_contract::{Address, Entry, Host, packed};
use ehb_dispute::types::{Arbiter, Error as DisputeError};

use super::{
    applications, attestations, contracts, in_time, is_due, parties, postings, removal,
    take_numbers,
};
use crate::bindings::ehb::jobs::events::{Event, OfferEnd};
use crate::bindings::ehb::jobs::types::{ContractTerms, Error, MilestonePlan, Offer, OfferState};
use crate::checks;
use crate::keys::{
    DEADLINES, KEYS, Kind, OFFERS, OFFERS_FOR, OFFERS_OPEN, OFFERS_TO, PLATFORM_FEE, POSTINGS,
};
use crate::states::{APPLICATION, ApplicationAction, OFFER, OfferAction, PostingAction};

/// See `offers.make-offer`.
pub fn make_offer(
    host: &mut Host,
    posting: u64,
    contractor: Address,
    terms: ContractTerms,
    milestones: Vec<MilestonePlan>,
    accept_until_ms: u64,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(posting, contractor, terms, milestones, accept_until_ms);
    KEYS.run(host, &key, "make-offer", &arguments, |host| {
        make(host, posting, contractor, terms, milestones, accept_until_ms)
    })
}

fn make(
    host: &mut Host,
    posting: u64,
    contractor: Address,
    terms: ContractTerms,
    milestones: Vec<MilestonePlan>,
    accept_until_ms: u64,
) -> Result<u64, Error> {
    let posting = postings::for_client(host, posting)?;
    postings::find(&posting, PostingAction::Offer)?;
    in_time(host, Kind::Posting, posting.id, posting.details.decide_until_ms)?;
    let client = posting.client;
    parties::check_other(contractor, client)?;
    parties::check_active(host, contractor)?;
    let application = applications::latest_of(host, posting.id, contractor)
        .filter(|application| {
            APPLICATION.after(application.state, ApplicationAction::Hire).is_some()
        })
        .map(|application| application.id);
    if application.is_none() {
        postings::check_visible(host, &posting, contractor)?;
    }
    let now_ms = host.time_ms();
    let decide_until_ms = posting.details.decide_until_ms;
    checks::range("accept-until-ms", accept_until_ms, now_ms + 1, decide_until_ms)?;
    checks::contract_terms(host, &terms)?;
    if let Arbiter::Account(arbiter) = terms.dispute.arbiter
        && (arbiter == client || arbiter == contractor)
    {
        return Err(Error::Dispute(DisputeError::ConflictOfInterest(arbiter)));
    }
    checks::plans(&milestones, accept_until_ms, now_ms)?;

    let id = take_numbers(host, Kind::Offer, 1);
    let offer = Offer {
        id,
        posting: posting.id,
        application,
        client,
        client_organisation: posting.client_organisation.clone(),
        contractor,
        contractor_organisation: host.organisation(contractor),
        terms,
        milestones,
        platform_fee: PLATFORM_FEE.get(host).filter(|platform| platform.fee > 0),
        state: OfferState::Made,
        deadline_ms: Some(accept_until_ms),
    };
    count_open(host, &offer)?;
    DEADLINES.change(host, Kind::Offer, id, None, Some(accept_until_ms));
    OFFERS.set(host, &id, &offer);
    let owner = parties::key(host, offer.contractor_organisation.as_ref(), contractor);
    OFFERS_TO.set(host, &(owner, id), &());
    OFFERS_FOR.set(host, &(offer.posting, id), &());
    host.emit(Event::OfferMade(offer));
    Ok(id)
}

/// See `offers.accept-offer`.
pub fn accept_offer(host: &mut Host, id: u64, key: String) -> Result<u64, Error> {
    KEYS.run(host, &key, "accept-offer", &packed!(id), |host| accept(host, id))
}

fn accept(host: &mut Host, id: u64) -> Result<u64, Error> {
    let offer = super::known(host, &OFFERS, Kind::Offer, id)?;
    parties::check(host, &offer.contractor_organisation, offer.contractor, parties::CONTRACTOR)?;
    let state = find(&offer, OfferAction::Accept)?;
    in_time(host, Kind::Offer, id, offer.deadline_ms)?;
    parties::check_active(host, offer.client)?;
    parties::check_active(host, offer.contractor)?;
    let posting = super::known(host, &POSTINGS, Kind::Posting, offer.posting)?;
    attestations::check_all(host, offer.contractor, &posting.details.requirements)?;
    postings::hire(host, offer.posting)?;
    if let Some(application) = offer.application {
        applications::hire(host, application);
    }
    let offer = end(host, offer, state);
    Ok(contracts::start(host, offer))
}

/// See `offers.decline-offer`.
pub fn decline_offer(host: &mut Host, id: u64) -> Result<(), Error> {
    let offer = super::known(host, &OFFERS, Kind::Offer, id)?;
    parties::check(host, &offer.contractor_organisation, offer.contractor, parties::CONTRACTOR)?;
    let state = find(&offer, OfferAction::Decline)?;
    in_time(host, Kind::Offer, id, offer.deadline_ms)?;
    end(host, offer, state);
    Ok(())
}

/// See `offers.withdraw-offer`.
pub fn withdraw_offer(host: &mut Host, id: u64) -> Result<(), Error> {
    let offer = super::known(host, &OFFERS, Kind::Offer, id)?;
    parties::check(host, &offer.client_organisation, offer.client, parties::CLERK)?;
    let state = find(&offer, OfferAction::Withdraw)?;
    in_time(host, Kind::Offer, id, offer.deadline_ms)?;
    end(host, offer, state);
    Ok(())
}

/// Takes the default step.
pub(super) fn lapse(host: &mut Host, id: u64) -> Result<(), Error> {
    let offer = super::known(host, &OFFERS, Kind::Offer, id)?;
    let state = find(&offer, OfferAction::Expire)?;
    is_due(host, Kind::Offer, id, offer.deadline_ms)?;
    end(host, offer, state);
    Ok(())
}

/// Removes an offer, with its posting, which is over: it cannot be accepted.
pub(super) fn remove(host: &mut Host, id: u64) -> Result<(), Error> {
    let open = super::known(host, &OFFERS, Kind::Offer, id)?;
    if !OFFER.is_end(open.state) {
        lapse(host, id)?;
    }
    let owner = parties::key(host, open.contractor_organisation.as_ref(), open.contractor);
    OFFERS.remove(host, &id);
    OFFERS_FOR.remove(host, &(open.posting, id));
    OFFERS_TO.remove(host, &(owner, id));
    removal::note(host, Kind::Offer, id);
    Ok(())
}

fn find(offer: &Offer, action: OfferAction) -> Result<OfferState, Refusal> {
    OFFER.next(|| Kind::Offer.item(offer.id), offer.state, action)
}

/// Counts an offer that is open: an organisation does not flood an account with offers that it did not ask for.
fn count_open(host: &mut Host, offer: &Offer) -> Result<(), Error> {
    let place = open_offers(host, offer);
    let open = place.get(host).unwrap_or(0);
    checks::open_offers(open)?;
    place.set(host, &(open + 1));
    Ok(())
}

/// The count of the open offers of an offer's organisation to its contractor.
fn open_offers(host: &Host, offer: &Offer) -> Entry<u32> {
    let of = parties::key(host, offer.client_organisation.as_ref(), offer.client);
    OFFERS_OPEN.entry(&(offer.contractor, of))
}

fn end(host: &mut Host, mut offer: Offer, state: OfferState) -> Offer {
    let place = open_offers(host, &offer);
    match place.get(host).unwrap_or(0) {
        0 | 1 => place.remove(host),
        open => place.set(host, &(open - 1)),
    }
    DEADLINES.change(host, Kind::Offer, offer.id, offer.deadline_ms, None);
    offer.state = state;
    offer.deadline_ms = None;
    OFFERS.set(host, &offer.id, &offer);
    host.emit(Event::OfferEnded(OfferEnd { offer: offer.id, state }));
    offer
}
