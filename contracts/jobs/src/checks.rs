//! What is refused without looking at the state.

use alloc::string::String;

use ehb_dispute::types::Document;

use crate::bindings::ehb::jobs::types::{Conditions, Error, MilestonePlan, PostingDetails};
use crate::errors::out_of_range;

/// A day, milliseconds.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// The longest title, bytes.
const TITLE_BYTES_MAX: usize = 100;

/// The longest summary of a posting or note of an application, bytes.
const SUMMARY_BYTES_MAX: usize = 1_000;

/// The most skills of a posting.
const SKILLS_MAX: usize = 16;

/// The longest name of a skill or of a kind of attestation, bytes.
const WORD_BYTES_MAX: usize = 40;

/// The longest name of a place, bytes.
const PLACE_BYTES_MAX: usize = 140;

/// The most documents of a posting or application.
const DOCUMENTS_MAX: usize = 4;

/// The most attestations that a posting requires.
const REQUIREMENTS_MAX: usize = 4;

/// The longest name of an organisation, bytes.
const ORGANISATION_BYTES_MAX: usize = 64;

/// The most positions of a posting.
const POSITIONS_MAX: u16 = 100;

/// How long one can apply, milliseconds.
pub(crate) const APPLY_MS_MAX: u64 = 180 * DAY_MS;

/// How long the client can decide after that, milliseconds.
pub(crate) const DECIDE_MS_MAX: u64 = 90 * DAY_MS;

/// The most milestones of a contract.
pub(crate) const MILESTONES_MAX: usize = 10;

/// How far ahead of its offer a milestone can be due, milliseconds.
pub(crate) const DUE_MS_MAX: u64 = 730 * DAY_MS;

/// The shortest window of a contract's conditions, milliseconds: a second.
const WINDOW_MS_MIN: u64 = 1_000;

/// The longest window of a contract's conditions, milliseconds.
pub(crate) const WINDOW_MS_MAX: u64 = 30 * DAY_MS;

/// The most revisions of a milestone.
pub(crate) const REVISIONS_MAX: u8 = 5;

/// The longest note on a revision, bytes.
const REVISION_BYTES_MAX: usize = 500;

/// The longest asset id of the wallet, bytes.
const ASSET_BYTES_MAX: usize = 12;

/// The highest fee of the platform, basis points.
const PLATFORM_FEE_MAX: u16 = 1_000;

/// How long a proposal to cancel counts, milliseconds.
pub(crate) const CANCELLATION_MS: u64 = 14 * DAY_MS;

/// How long parties can commit to ratings, milliseconds.
pub(crate) const RATING_COMMIT_MS: u64 = 14 * DAY_MS;

/// How long parties can reveal ratings, milliseconds.
pub(crate) const RATING_REVEAL_MS: u64 = 7 * DAY_MS;

/// The longest comment of a rating, bytes.
const COMMENT_BYTES_MAX: usize = 280;

/// How long an attestation can count, milliseconds.
const ATTESTATION_MS_MAX: u64 = 1_830 * DAY_MS;

/// How long escrow is held at most, milliseconds: the longest hold of the wallet.
pub(crate) const ESCROW_MS: u64 = 1_830 * DAY_MS;

/// The most entries of a page.
const PAGE_ENTRIES_MAX: u32 = 100;

/// The most things that one sweep advances.
const SWEEP_ITEMS_MAX: u32 = 32;

/// A number must lie between two others.
pub(crate) fn range(parameter: &str, given: u64, min: u64, max: u64) -> Result<(), Error> {
    if given < min || given > max {
        return Err(out_of_range(parameter, given, min, max));
    }
    Ok(())
}

/// A text's length in bytes must lie between two others.
fn text(parameter: &str, text: &str, min: usize, max: usize) -> Result<(), Error> {
    range(parameter, text.len() as u64, min as u64, max as u64)
}

fn count(parameter: &str, count: usize, min: usize, max: usize) -> Result<(), Error> {
    range(parameter, count as u64, min as u64, max as u64)
}

/// An amount must not be 0.
pub(crate) fn amount(amount: u64) -> Result<(), Error> {
    if amount == 0 { Err(Error::ZeroAmount) } else { Ok(()) }
}

/// A page must have 1 to 100 entries.
pub(crate) fn page(limit: u32) -> Result<(), Error> {
    range("limit", u64::from(limit), 1, u64::from(PAGE_ENTRIES_MAX))
}

/// A sweep must be of 1 to 32 things.
pub(crate) fn sweep(limit: u32) -> Result<(), Error> {
    range("limit", u64::from(limit), 1, u64::from(SWEEP_ITEMS_MAX))
}

/// A part must be 0 to 10,000 basis points.
pub(crate) fn part(parameter: &str, part: u16) -> Result<(), Error> {
    range(parameter, u64::from(part), 0, u64::from(ehb_dispute::BASIS_POINTS))
}

/// The platform's fee.
pub(crate) fn platform_fee(fee: u16) -> Result<(), Error> {
    range("fee", u64::from(fee), 0, u64::from(PLATFORM_FEE_MAX))
}

/// A document.
pub(crate) fn document(document: &Document) -> Result<(), Error> {
    Ok(ehb_dispute::document(document)?)
}

fn documents(documents: &[Document]) -> Result<(), Error> {
    count("documents", documents.len(), 0, DOCUMENTS_MAX)?;
    documents.iter().try_for_each(document)
}

/// A kind of attestation.
pub(crate) fn attestation_kind(kind: &str) -> Result<(), Error> {
    text("kind", kind, 1, WORD_BYTES_MAX)
}

/// When an attestation expires.
pub(crate) fn attestation_expiry(expires_ms: u64, now_ms: u64) -> Result<(), Error> {
    range("expires-ms", expires_ms, now_ms + 1, now_ms + ATTESTATION_MS_MAX)
}

/// A posting's details at the block's time.
pub(crate) fn details(details: &PostingDetails, now_ms: u64) -> Result<(), Error> {
    text("title", &details.title, 1, TITLE_BYTES_MAX)?;
    text("summary", &details.summary, 0, SUMMARY_BYTES_MAX)?;
    count("skills", details.skills.len(), 0, SKILLS_MAX)?;
    let skill = |skill: &String| text("skill", skill, 1, WORD_BYTES_MAX);
    details.skills.iter().try_for_each(skill)?;
    text("place", &details.place, 0, PLACE_BYTES_MAX)?;
    documents(&details.documents)?;
    count("requirements", details.requirements.len(), 0, REQUIREMENTS_MAX)?;
    for requirement in &details.requirements {
        text("organisation", &requirement.organisation, 1, ORGANISATION_BYTES_MAX)?;
        attestation_kind(&requirement.kind)?;
    }
    text("asset", &details.asset, 1, ASSET_BYTES_MAX)?;
    amount(details.budget)?;
    range("positions", u64::from(details.positions), 1, u64::from(POSITIONS_MAX))?;
    let apply_until_ms = details.apply_until_ms;
    range("apply-until-ms", apply_until_ms, now_ms + 1, now_ms + APPLY_MS_MAX)?;
    let decide_max_ms = apply_until_ms + DECIDE_MS_MAX;
    range("decide-until-ms", details.decide_until_ms, apply_until_ms, decide_max_ms)
}

/// What an application says.
pub(crate) fn application(note: &str, price: u64, papers: &[Document]) -> Result<(), Error> {
    text("note", note, 0, SUMMARY_BYTES_MAX)?;
    amount(price)?;
    documents(papers)
}

/// A contract's conditions.
pub(crate) fn conditions(conditions: &Conditions) -> Result<(), Error> {
    text("asset", &conditions.asset, 1, ASSET_BYTES_MAX)?;
    conditions.specification.as_ref().map_or(Ok(()), document)?;
    for (name, window_ms) in [
        ("review-ms", conditions.review_ms),
        ("revision-ms", conditions.revision_ms),
        ("release-ms", conditions.release_ms),
    ] {
        range(name, window_ms, WINDOW_MS_MIN, WINDOW_MS_MAX)?;
    }
    range("revisions-max", u64::from(conditions.revisions_max), 0, u64::from(REVISIONS_MAX))?;
    Ok(ehb_dispute::terms(&conditions.dispute)?)
}

/// A contract's milestones: due after the offer's last day.
pub(crate) fn plans(
    plans: &[MilestonePlan],
    accept_until_ms: u64,
    now_ms: u64,
) -> Result<(), Error> {
    count("milestones", plans.len(), 1, MILESTONES_MAX)?;
    let mut total = 0u64;
    for plan in plans {
        text("title", &plan.title, 1, TITLE_BYTES_MAX)?;
        amount(plan.amount)?;
        range("due-ms", plan.due_ms, accept_until_ms.saturating_add(1), now_ms + DUE_MS_MAX)?;
        total = total.checked_add(plan.amount).ok_or(Error::AmountOverflow)?;
    }
    Ok(())
}

/// What is to be revised.
pub(crate) fn revision(note: &str) -> Result<(), Error> {
    text("note", note, 1, REVISION_BYTES_MAX)
}

/// A rating and the salt that hides it.
pub(crate) fn rating(stars: u8, comment: &str, salt: &str) -> Result<(), Error> {
    range("stars", u64::from(stars), 1, 5)?;
    text("comment", comment, 0, COMMENT_BYTES_MAX)?;
    text("salt", salt, 16, 64)
}
