//! Checks of arguments, which do not read the state.

use alloc::string::String;

use ehb_contract::Host;
pub(crate) use ehb_contract::calendar::KEPT_MS;
use ehb_contract::calendar::{DAY_MS, HOLD_MS_MAX};
pub(crate) use ehb_contract::checks::{amount, asset, document, part, range};
use ehb_contract::checks::{count, documents, future, room, text, window};
use ehb_contract::common::{Document, Refusal};

use crate::bindings::ehb::jobs::types::{ContractTerms, Error, MilestonePlan, PostingDetails};

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

/// The longest window of a contract's terms, milliseconds.
pub(crate) const WINDOW_MS_MAX: u64 = 30 * DAY_MS;

/// The most revisions of a milestone.
pub(crate) const REVISIONS_MAX: u8 = 5;

/// The most open offers of an organisation to an account.
const OPEN_OFFERS_MAX: u32 = 100;

/// The most accounts that are invited to a posting.
pub(crate) const INVITATIONS_MAX: u32 = 100;

/// The most applications of an organisation for a posting, withdrawn ones included.
const APPLICATIONS_FROM_MAX: u32 = 100;

/// The most valid attestations of an organisation for an account.
const ATTESTATIONS_VALID_MAX: u32 = 100;

/// The longest note on a revision, bytes.
const REVISION_BYTES_MAX: usize = 500;

/// The highest fee of the platform, basis points.
const PLATFORM_FEE_MAX: u16 = 1_000;

/// How long a proposal to cancel counts, milliseconds.
pub(crate) const CANCELLATION_MS: u64 = 14 * DAY_MS;

/// How long parties can commit to ratings, milliseconds.
pub(crate) const RATING_COMMIT_MS: u64 = 14 * DAY_MS;

/// How long parties can reveal ratings, milliseconds.
pub(crate) const RATING_REVEAL_MS: u64 = 7 * DAY_MS;

/// How long an attestation can count, milliseconds.
const ATTESTATION_MS_MAX: u64 = 1_830 * DAY_MS;

/// How long escrow is held at most, milliseconds: the longest hold of the wallet.
pub(crate) const ESCROW_MS: u64 = HOLD_MS_MAX;

pub(crate) fn platform_fee(fee: u16) -> Result<(), Refusal> {
    range("fee", u64::from(fee), 0, u64::from(PLATFORM_FEE_MAX))
}

pub(crate) fn attestation_kind(kind: &str) -> Result<(), Refusal> {
    text("kind", kind, 1, WORD_BYTES_MAX)
}

/// When an attestation expires.
pub(crate) fn attestation_expiry(expires_ms: u64, now_ms: u64) -> Result<(), Refusal> {
    future("expires-ms", expires_ms, now_ms, ATTESTATION_MS_MAX)
}

/// A posting's details at the block's time.
pub(crate) fn details(details: &PostingDetails, now_ms: u64) -> Result<(), Refusal> {
    text("title", &details.title, 1, TITLE_BYTES_MAX)?;
    text("summary", &details.summary, 0, SUMMARY_BYTES_MAX)?;
    count("skills", &details.skills, 0, SKILLS_MAX)?;
    let skill = |skill: &String| text("skill", skill, 1, WORD_BYTES_MAX);
    details.skills.iter().try_for_each(skill)?;
    text("place", &details.place, 0, PLACE_BYTES_MAX)?;
    documents(&details.documents, DOCUMENTS_MAX)?;
    count("requirements", &details.requirements, 0, REQUIREMENTS_MAX)?;
    for requirement in &details.requirements {
        text("organisation", &requirement.organisation, 1, ORGANISATION_BYTES_MAX)?;
        attestation_kind(&requirement.kind)?;
    }
    asset(&details.asset)?;
    amount(details.budget)?;
    range("positions", u64::from(details.positions), 1, u64::from(POSITIONS_MAX))?;
    let apply_until_ms = details.apply_until_ms;
    future("apply-until-ms", apply_until_ms, now_ms, APPLY_MS_MAX)?;
    let decide_max_ms = apply_until_ms + DECIDE_MS_MAX;
    range("decide-until-ms", details.decide_until_ms, apply_until_ms, decide_max_ms)
}

/// The text of an application.
pub(crate) fn application(note: &str, price: u64, papers: &[Document]) -> Result<(), Refusal> {
    text("note", note, 0, SUMMARY_BYTES_MAX)?;
    amount(price)?;
    documents(papers, DOCUMENTS_MAX)
}

pub(crate) fn contract_terms(host: &Host, terms: &ContractTerms) -> Result<(), Refusal> {
    asset(&terms.asset)?;
    terms.specification.as_ref().map_or(Ok(()), document)?;
    for (name, window_ms) in [
        ("review-window-ms", terms.review_window_ms),
        ("revision-window-ms", terms.revision_window_ms),
        ("payment-window-ms", terms.payment_window_ms),
    ] {
        window(host, name, window_ms, WINDOW_MS_MAX)?;
    }
    window(host, "idle-window-ms", terms.idle_window_ms, DUE_MS_MAX)?;
    range("revisions-max", u64::from(terms.revisions_max), 0, u64::from(REVISIONS_MAX))?;
    ehb_dispute::terms(host, &terms.dispute)
}

/// A contract's milestones: due after the offer's last day.
pub(crate) fn plans(
    plans: &[MilestonePlan],
    accept_until_ms: u64,
    now_ms: u64,
) -> Result<(), Error> {
    count("milestones", plans, 1, MILESTONES_MAX)?;
    let mut total = 0u64;
    for plan in plans {
        text("title", &plan.title, 1, TITLE_BYTES_MAX)?;
        amount(plan.amount)?;
        range("due-ms", plan.due_ms, accept_until_ms.saturating_add(1), now_ms + DUE_MS_MAX)?;
        total = total.checked_add(plan.amount).ok_or(Error::AmountOverflow)?;
    }
    Ok(())
}

/// One more open offer of an organisation to an account.
pub(crate) fn open_offers(open: u32) -> Result<(), Refusal> {
    room("open-offers", open as usize, OPEN_OFFERS_MAX as usize)
}

/// One more account that is invited to a posting.
pub(crate) fn invitations(made: u32) -> Result<(), Refusal> {
    room("invitations", made as usize, INVITATIONS_MAX as usize)
}

/// One more application of an organisation for a posting.
pub(crate) fn applications_from(made: u32) -> Result<(), Refusal> {
    room("applications", made as usize, APPLICATIONS_FROM_MAX as usize)
}

/// One more valid attestation of an organisation for an account.
pub(crate) fn attestations_valid(valid: u32) -> Result<(), Refusal> {
    room("attestations", valid as usize, ATTESTATIONS_VALID_MAX as usize)
}

/// The text of a request for revision.
pub(crate) fn revision(note: &str) -> Result<(), Refusal> {
    text("note", note, 1, REVISION_BYTES_MAX)
}
