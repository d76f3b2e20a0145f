//! Ratings: the parties of a contract commit to hidden scores, then reveal them; both count at once.

use alloc::string::String;

use ehb_contract::common::Refusal;
use ehb_contract::ratings::{self, is_hidden, score};
use ehb_contract::{Entry, Hash, Host};

use super::{in_time, is_due, parties};
use crate::bindings::ehb::jobs::events::Event;
use crate::bindings::ehb::jobs::types::{
    Contract, Error, Feedback, OrganisationRating, Rating, RatingState, RatingSum, Side,
};
use crate::checks::{KEPT_MS, RATING_COMMIT_MS, RATING_REVEAL_MS};
use crate::keys::{
    CONTRACTS, DEADLINES, Kind, LATEST, ORGANISATION_RATINGS, RATING_MINIMUMS, RATINGS,
};
use crate::states::{CONTRACT, RATING, RatingAction};

/// Nobody rated yet.
const UNRATED: OrganisationRating =
    OrganisationRating { as_client: RatingSum::NONE, as_contractor: RatingSum::NONE };

/// Lets the parties of a contract rate each other, which are two organisations.
pub(super) fn open(host: &mut Host, contract: &Contract) {
    let organisations = (&contract.client_organisation, &contract.contractor_organisation);
    let (Some(of_client), Some(of_contractor)) = organisations else { return };
    if of_client == of_contractor {
        return;
    }
    let deadline_ms = Some(host.time_ms().saturating_add(RATING_COMMIT_MS));
    let rating = Rating {
        contract: contract.id,
        client: contract.client,
        client_organisation: of_client.clone(),
        contractor: contract.contractor,
        contractor_organisation: of_contractor.clone(),
        state: RatingState::Committing,
        deadline_ms: None,
        by_client: None,
        by_contractor: None,
    };
    change(host, rating, RatingState::Committing, deadline_ms);
}

/// See `queries.rating-commitment`.
pub fn rating_commitment(
    host: &Host,
    contract: u64,
    by: Side,
    score: u8,
    comment: String,
    salt: Hash,
) -> Result<Hash, Error> {
    Ok(ratings::commitment(host, contract, &by, score, &comment, salt)?)
}

/// See `ratings.commit-rating`.
pub fn commit_rating(host: &mut Host, id: u64, commitment: Hash) -> Result<(), Error> {
    let Some(mut rating) = RATINGS.get(host, &id) else { return Err(unrated(host, id)) };
    let by = side(host, id)?;
    let committed = ratings::commit(feedback(&mut rating, by), commitment);
    let both = rating.by_client.is_some() && rating.by_contractor.is_some();
    let action = if both { RatingAction::CommitLast } else { RatingAction::Commit };
    let state = find(&rating, action)?;
    in_time(host, Kind::Rating, id, rating.deadline_ms)?;
    committed?;
    let deadline_ms = if both { reveal_deadline(host) } else { rating.deadline_ms };
    change(host, rating, state, deadline_ms);
    Ok(())
}

/// See `ratings.reveal-rating`.
pub fn reveal_rating(
    host: &mut Host,
    id: u64,
    score: u8,
    comment: String,
    salt: Hash,
) -> Result<(), Error> {
    let mut rating = known(host, id)?;
    let by = side(host, id)?;
    find(&rating, RatingAction::Reveal)?;
    in_time(host, Kind::Rating, id, rating.deadline_ms)?;
    let own = feedback(&mut rating, by);
    let revealed = ratings::commitment(host, id, &by, score, &comment, salt)?;
    ratings::reveal(own, revealed, score, comment)?;
    if is_hidden(&rating.by_client) || is_hidden(&rating.by_contractor) {
        let (state, deadline_ms) = (find(&rating, RatingAction::Reveal)?, rating.deadline_ms);
        change(host, rating, state, deadline_ms);
    } else {
        let state = find(&rating, RatingAction::RevealLast)?;
        publish(host, rating, state);
    }
    Ok(())
}

/// Takes the default step.
pub(super) fn lapse(host: &mut Host, id: u64) -> Result<(), Error> {
    let rating = known(host, id)?;
    let feedback = [&rating.by_client, &rating.by_contractor];
    let done =
        feedback.iter().filter_map(|feedback| feedback.as_ref()).any(|feedback| {
            match rating.state {
                RatingState::Committing => !is_last(host, &rating),
                _ => feedback.score.is_some(),
            }
        });
    let action = if done { RatingAction::Expire } else { RatingAction::ExpireEmpty };
    let state = find(&rating, action)?;
    is_due(host, Kind::Rating, id, rating.deadline_ms)?;
    match state {
        RatingState::Published => publish(host, rating, state),
        RatingState::Revealing => {
            let deadline_ms = reveal_deadline(host);
            change(host, rating, state, deadline_ms);
        }
        RatingState::Committing | RatingState::Unrated => change(host, rating, state, None),
    }
    Ok(())
}

/// Whether the contract leaves the state before its parties could reveal: then nothing counts to which they committed.
fn is_last(host: &Host, rating: &Rating) -> bool {
    let ended_ms = rating.deadline_ms.map_or(0, |deadline_ms| deadline_ms - RATING_COMMIT_MS);
    host.time_ms().saturating_add(RATING_REVEAL_MS) > ended_ms + KEPT_MS
}

/// The ratings of a contract, whatever became of them, until they leave the state.
pub(super) fn known(host: &Host, id: u64) -> Result<Rating, Error> {
    let of_contract = |host: &Host| match CONTRACTS.contains(host, &id) {
        true => None,
        false => LATEST.get(host, &(Kind::Contract as u8)),
    };
    Ok(RATINGS.find_kept(host, Kind::Rating, id, of_contract)?)
}

/// Removes the ratings of a contract, which are over or due. The scores of the organisations stay.
pub(super) fn remove(host: &mut Host, id: u64) -> Result<(), Error> {
    if RATINGS.get(host, &id).is_some_and(|rating| !RATING.is_end(rating.state)) {
        lapse(host, id)?;
    }
    RATINGS.remove(host, &id);
    Ok(())
}

/// See `queries.get-organisation-rating`.
pub fn get_organisation_rating(host: &Host, organisation: String) -> OrganisationRating {
    scores_of(host, &organisation).get(host).unwrap_or(UNRATED)
}

/// The place of the scores of an organisation.
fn scores_of(host: &Host, organisation: &str) -> Entry<OrganisationRating> {
    ORGANISATION_RATINGS.entry(&host.sha256(organisation.as_bytes()))
}

/// For which side of a contract the caller rates.
fn side(host: &Host, id: u64) -> Result<Side, Error> {
    let contract = super::known(host, &CONTRACTS, Kind::Contract, id)?;
    parties::side(host, &contract, parties::CLERK)
}

/// Why a contract has no ratings.
fn unrated(host: &Host, id: u64) -> Error {
    match CONTRACTS.get(host, &id) {
        Some(contract) if CONTRACT.is_end(contract.state) => {
            let Contract { terms, paid, .. } = &contract;
            let worth = ratings::check_worth(&RATING_MINIMUMS, host, &terms.asset, *paid);
            worth.err().unwrap_or_else(|| Kind::Rating.unknown(id)).into()
        }
        Some(_) => Kind::Rating.unknown(id).into(),
        None => known(host, id).err().unwrap_or_else(|| Kind::Rating.unknown(id).into()),
    }
}

fn feedback(rating: &mut Rating, by: Side) -> &mut Option<Feedback> {
    match by {
        Side::Client => &mut rating.by_client,
        Side::Contractor => &mut rating.by_contractor,
    }
}

fn find(rating: &Rating, action: RatingAction) -> Result<RatingState, Refusal> {
    RATING.next(|| Kind::Rating.item(rating.contract), rating.state, action)
}

/// Lets count what was revealed, for both at the same time.
fn publish(host: &mut Host, rating: Rating, state: RatingState) {
    if let Some(score) = score(&rating.by_client) {
        let place = scores_of(host, &rating.contractor_organisation);
        let mut scores = place.get(host).unwrap_or(UNRATED);
        scores.as_contractor.add(score);
        place.set(host, &scores);
    }
    if let Some(score) = score(&rating.by_contractor) {
        let place = scores_of(host, &rating.client_organisation);
        let mut scores = place.get(host).unwrap_or(UNRATED);
        scores.as_client.add(score);
        place.set(host, &scores);
    }
    change(host, rating, state, None);
}

/// When a phase of revealing that begins now ends.
fn reveal_deadline(host: &Host) -> Option<u64> {
    Some(host.time_ms().saturating_add(RATING_REVEAL_MS))
}

fn change(host: &mut Host, mut rating: Rating, state: RatingState, deadline_ms: Option<u64>) {
    DEADLINES.change(host, Kind::Rating, rating.contract, rating.deadline_ms, deadline_ms);
    rating.state = state;
    rating.deadline_ms = deadline_ms;
    RATINGS.set(host, &rating.contract, &rating);
    host.emit(Event::RatingChanged(rating));
}
