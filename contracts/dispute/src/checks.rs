//! Checks of arguments, which do not read the dispute.

use ehb_contract::Host;
use ehb_contract::calendar::DAY_MS;
use ehb_contract::checks::{part, range, window};
use ehb_contract::common::Refusal;

use crate::types::Terms;

/// The longest phase, milliseconds: 30 days.
pub const WINDOW_MS_MAX: u64 = 30 * DAY_MS;

/// The highest fee of an arbiter for a ruling, basis points of the amount in dispute: 10 %.
pub const FEE_MAX: u16 = 1_000;

/// The most arbiters that are assigned for one ruling: after the last that is silent, the default is the outcome.
pub const ASSIGNMENTS_MAX: usize = 3;

/// The most registered arbiters of a module.
pub const ARBITERS_MAX: usize = 64;

/// The most registered arbiters of one organisation.
pub(crate) const ARBITERS_OF_ORGANISATION_MAX: usize = 8;

/// The most offers of a dispute, with the claim and its answer.
pub const OFFERS_MAX: usize = 10;

/// The most documents that a side can hand in.
pub const EVIDENCE_PER_SIDE_MAX: usize = 8;

/// The longest reason of a claim or appeal, bytes.
pub(crate) const REASON_BYTES_MAX: usize = 500;

/// The longest note on a document, bytes.
pub(crate) const NOTE_BYTES_MAX: usize = 280;

/// Checks terms, before the parties agree on them: later they stay as they are.
///
/// # Errors
/// `out-of-range`.
pub fn terms(host: &Host, terms: &Terms) -> Result<(), Refusal> {
    fee(terms.fee)?;
    part("default-to-payer", terms.default_to_payer)?;
    let windows = terms.windows;
    for (name, window_ms) in [
        ("response-ms", windows.response_ms),
        ("evidence-ms", windows.evidence_ms),
        ("offer-ms", windows.offer_ms),
        ("ruling-ms", windows.ruling_ms),
        ("appeal-ms", windows.appeal_ms),
    ] {
        window(host, name, window_ms, WINDOW_MS_MAX)?;
    }
    Ok(())
}

/// An arbiter's fee.
pub(crate) fn fee(fee: u16) -> Result<(), Refusal> {
    range("arbiter-fee", u64::from(fee), 0, u64::from(FEE_MAX))
}

/// How long a dispute can last where every deadline is used up and each default step comes at once,
/// milliseconds.
pub const fn longest_ms() -> u64 {
    // One window each for response, evidence, request and appeal, and for each arbiter of both rulings; in the
    // settlement one for the claimant's first offer and one for the answer to each offer but claim and answer.
    WINDOW_MS_MAX * (4 + 2 * ASSIGNMENTS_MAX as u64 + 1 + (OFFERS_MAX as u64 - 2))
}
