//! Ratings of a sub-order: both sides commit to hidden scores, then reveal them; both count at once.

use alloc::string::String;

use ehb_contract::ratings::{self, is_hidden, score};
use ehb_contract::{Hash, Host, Named as _, check_before, check_due, wrong_state_named};

use super::{BUYER, CLERK, acts_for_buyer, is_member, progress, settings};
use crate::bindings::ehb::marketplace::events::{
    Event, RatingCommitment, RatingPhase, RatingReveal,
};
use crate::bindings::ehb::marketplace::types::{
    Error, Feedback, Rating, RatingState, RatingSum, Side, SubOrder,
};
use crate::checks::KEPT_MS;
use crate::keys::{BUYER_RATINGS, DEADLINES, Kind, RATING_MINIMUMS, RATINGS, STORE_RATINGS};
use crate::states::{RATING, RatingAction, SUB_ORDER};

/// See `ratings.commit-rating`.
pub fn commit_rating(host: &mut Host, id: u64, commitment: Hash) -> Result<(), Error> {
    let order = progress::find(host, id)?;
    if !SUB_ORDER.is_end(order.state) {
        let item = Kind::SubOrder.item(id);
        return Err(wrong_state_named(item, order.state.name(), "commit").into());
    }
    let mut rating = RATINGS.get(host, &id).map_or_else(|| fresh(host, &order), Ok)?;
    RATING.next(|| Kind::Rating.item(id), rating.state, RatingAction::Commit)?;
    check_before(host, || Kind::Rating.item(id), rating.deadline_ms)?;
    let by = side(host, &order)?;
    ratings::commit(opinion_of(&mut rating, by), commitment)?;
    let deadline_ms = rating.deadline_ms;
    if let Some(deadline_ms) = deadline_ms {
        // The first commitment makes it due, the second changes nothing.
        DEADLINES.add(host, Kind::Rating, id, deadline_ms);
    }
    let event = RatingCommitment { sub_order: id, by, commitment, deadline_ms };
    host.emit(Event::RatingCommitted(event));
    if rating.by_buyer.is_some() && rating.by_seller.is_some() {
        return reveal_from_now(host, rating, RatingAction::CommitLast);
    }
    RATINGS.set(host, &id, &rating);
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
    let order = progress::find(host, id)?;
    let mut rating = find(host, id)?;
    RATING.next(|| Kind::Rating.item(id), rating.state, RatingAction::Reveal)?;
    check_before(host, || Kind::Rating.item(id), rating.deadline_ms)?;
    let by = side(host, &order)?;
    let revealed = commitment(host, id, by, score, &comment, salt)?;
    let own = opinion_of(&mut rating, by);
    ratings::reveal(own, revealed, score, comment.clone())?;
    host.emit(Event::RatingRevealed(RatingReveal { sub_order: id, by, score, comment }));
    if !is_hidden(&rating.by_buyer) && !is_hidden(&rating.by_seller) {
        return publish(host, rating, RatingAction::RevealLast);
    }
    RATINGS.set(host, &id, &rating);
    Ok(())
}

/// The hash of a rating; see `queries.rating-commitment`.
pub(super) fn commitment(
    host: &Host,
    id: u64,
    by: Side,
    score: u8,
    comment: &String,
    salt: Hash,
) -> Result<Hash, Error> {
    let side = match by {
        Side::Buyer => 0u8,
        Side::Seller => 1,
    };
    Ok(ratings::commitment(host, id, &side, score, comment, salt)?)
}

/// The effect of a passed deadline on the ratings of a sub-order.
pub(super) fn lapse(host: &mut Host, id: u64) -> Result<(), Error> {
    let rating = find(host, id)?;
    RATING.next(|| Kind::Rating.item(id), rating.state, RatingAction::Expire)?;
    check_due(host, || Kind::Rating.item(id), rating.deadline_ms)?;
    match rating.state {
        RatingState::Committing if is_last(host, &rating)? => {
            // Nothing was revealed.
            let state =
                RATING.next(|| Kind::Rating.item(id), rating.state, RatingAction::Expire)?;
            publish(host, Rating { state, ..rating }, RatingAction::Expire)
        }
        RatingState::Committing => reveal_from_now(host, rating, RatingAction::Expire),
        RatingState::Revealing | RatingState::Published => {
            publish(host, rating, RatingAction::Expire)
        }
    }
}

/// Whether the sub-order leaves the state before its sides could reveal: then nothing counts to which they committed.
fn is_last(host: &Host, rating: &Rating) -> Result<bool, Error> {
    let order = progress::find(host, rating.sub_order)?;
    let settings = settings::of_version(host, order.settings_version)?;
    let revealed_ms = host.time_ms().saturating_add(settings.rating_reveal_window_ms);
    Ok(order.ended_ms.is_some_and(|ended_ms| revealed_ms > ended_ms + KEPT_MS))
}

/// Removes the ratings of a sub-order, which are over or due. The scores of store and buyer stay.
pub(super) fn remove(host: &mut Host, id: u64) -> Result<(), Error> {
    if RATINGS.get(host, &id).is_some_and(|rating| !RATING.is_end(rating.state)) {
        lapse(host, id)?;
    }
    RATINGS.remove(host, &id);
    Ok(())
}

/// The ratings of a sub-order, whatever became of them, until they leave the state.
pub(super) fn find(host: &Host, id: u64) -> Result<Rating, Error> {
    Ok(super::part(host, &RATINGS, Kind::Rating, id)?)
}

/// Ratings to which nobody committed yet. The time for that runs from the sub-order's end. That a store sells to no
/// organisation of its own is checked when an order is placed.
fn fresh(host: &Host, order: &SubOrder) -> Result<Rating, Error> {
    let paid = order.escrow.paid + order.escrow.fee;
    ratings::check_worth(&RATING_MINIMUMS, host, &order.asset, paid)?;
    let settings = settings::of_version(host, order.settings_version)?;
    let window_ms = settings.rating_commit_window_ms;
    Ok(Rating {
        sub_order: order.id,
        store: order.store,
        buyer: order.buyer,
        state: RatingState::Committing,
        deadline_ms: order.ended_ms.map(|ended_ms| ended_ms.saturating_add(window_ms)),
        by_buyer: None,
        by_seller: None,
    })
}

/// For which side the caller rates.
fn side(host: &Host, order: &SubOrder) -> Result<Side, Error> {
    if acts_for_buyer(host, order, BUYER) {
        return Ok(Side::Buyer);
    }
    if !is_member(host, &order.organisation, CLERK) {
        return Err(Error::NotAParty(Kind::SubOrder.item(order.id)));
    }
    Ok(Side::Seller)
}

fn opinion_of(rating: &mut Rating, by: Side) -> &mut Option<Feedback> {
    match by {
        Side::Buyer => &mut rating.by_buyer,
        Side::Seller => &mut rating.by_seller,
    }
}

fn reveal_from_now(host: &mut Host, mut rating: Rating, action: RatingAction) -> Result<(), Error> {
    let id = rating.sub_order;
    rating.state = RATING.next(|| Kind::Rating.item(id), rating.state, action)?;
    let version = progress::find(host, id)?.settings_version;
    let window_ms = settings::of_version(host, version)?.rating_reveal_window_ms;
    let deadline_ms = Some(host.time_ms().saturating_add(window_ms));
    DEADLINES.change(host, Kind::Rating, id, rating.deadline_ms, deadline_ms);
    rating.deadline_ms = deadline_ms;
    RATINGS.set(host, &id, &rating);
    host.emit(Event::RatingRevealing(RatingPhase { sub_order: id, deadline_ms }));
    Ok(())
}

fn publish(host: &mut Host, mut rating: Rating, action: RatingAction) -> Result<(), Error> {
    let id = rating.sub_order;
    rating.state = RATING.next(|| Kind::Rating.item(id), rating.state, action)?;
    DEADLINES.change(host, Kind::Rating, id, rating.deadline_ms, None);
    rating.deadline_ms = None;
    RATINGS.set(host, &id, &rating);
    if let Some(score) = score(&rating.by_buyer) {
        let sum = STORE_RATINGS.get(host, &rating.store);
        STORE_RATINGS.set(host, &rating.store, &with(sum, score));
    }
    if let Some(score) = score(&rating.by_seller) {
        let organisation = progress::find(host, id)?.buyer_organisation.unwrap_or_default();
        let place = BUYER_RATINGS.entry(&host.sha256(organisation.as_bytes()));
        let sum = place.get(host);
        place.set(host, &with(sum, score));
    }
    host.emit(Event::RatingPublished(RatingPhase { sub_order: id, deadline_ms: None }));
    Ok(())
}

fn with(sum: Option<RatingSum>, score: u8) -> RatingSum {
    let mut sum = sum.unwrap_or(RatingSum::NONE);
    sum.add(score);
    sum
}
