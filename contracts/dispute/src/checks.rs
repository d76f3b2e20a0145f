//! What is refused without looking at the dispute.

use alloc::string::String;

use ehb_contract::Cid;

use crate::types::{Document, Error, Range, Terms};

/// The whole, in basis points.
pub const BASIS_POINTS: u16 = 10_000;

/// The shortest phase, milliseconds: a second.
pub const WINDOW_MS_MIN: u64 = 1_000;

/// The longest phase, milliseconds: 30 days.
pub const WINDOW_MS_MAX: u64 = 30 * 24 * 60 * 60 * 1_000;

/// The most offers of a dispute, with the claim and its answer.
pub const OFFERS_MAX: usize = 10;

/// The most documents that a side can hand in.
pub const EVIDENCE_PER_SIDE_MAX: usize = 8;

/// The longest reason of a claim or appeal, bytes.
pub(crate) const REASON_BYTES_MAX: usize = 500;

/// The longest note on a document, bytes.
pub(crate) const NOTE_BYTES_MAX: usize = 280;

/// The shortest and the longest media type, bytes.
const MEDIA_TYPE_BYTES: (usize, usize) = (3, 127);

/// The largest document, bytes: 1 TiB.
const DOCUMENT_BYTES_MAX: u64 = 1 << 40;

/// The longest piece of a malformed text that an error repeats, characters.
const SHOWN_CHARS_MAX: usize = 64;

/// A number must lie between two others.
pub(crate) fn range(parameter: &str, given: u64, min: u64, max: u64) -> Result<(), Error> {
    if given < min || given > max {
        let parameter = String::from(parameter);
        return Err(Error::OutOfRange(Range { parameter, given, min, max }));
    }
    Ok(())
}

/// A text's length in bytes must lie between two others.
pub(crate) fn text(parameter: &str, text: &str, min: usize, max: usize) -> Result<(), Error> {
    range(parameter, text.len() as u64, min as u64, max as u64)
}

/// A part must not pass the whole.
pub(crate) fn part(parameter: &str, part: u16) -> Result<(), Error> {
    range(parameter, u64::from(part), 0, u64::from(BASIS_POINTS))
}

/// Checks a document's CID, media type and size.
///
/// # Errors
/// `malformed-cid`, `malformed-media-type`, `out-of-range`.
pub fn document(document: &Document) -> Result<(), Error> {
    let Document { cid, media_type, size } = document;
    if Cid::parse(cid).is_none() {
        return Err(Error::MalformedCid(cid.chars().take(SHOWN_CHARS_MAX).collect()));
    }
    let (min, max) = MEDIA_TYPE_BYTES;
    text("media-type", media_type, min, max)?;
    let graphic = media_type.bytes().all(|byte| byte.is_ascii_graphic());
    if !graphic || media_type.bytes().filter(|byte| *byte == b'/').count() != 1 {
        return Err(Error::MalformedMediaType(media_type.chars().take(SHOWN_CHARS_MAX).collect()));
    }
    range("size", *size, 1, DOCUMENT_BYTES_MAX)
}

/// Checks terms, before the parties agree on them.
///
/// # Errors
/// `out-of-range`.
pub fn terms(terms: &Terms) -> Result<(), Error> {
    part("default-to-first", terms.default_to_first)?;
    let windows = terms.windows;
    for (name, window_ms) in [
        ("response-ms", windows.response_ms),
        ("evidence-ms", windows.evidence_ms),
        ("offer-ms", windows.offer_ms),
        ("ruling-ms", windows.ruling_ms),
        ("appeal-ms", windows.appeal_ms),
    ] {
        range(name, window_ms, WINDOW_MS_MIN, WINDOW_MS_MAX)?;
    }
    Ok(())
}

/// How long a dispute can last where every deadline is used up and each default step comes at once,
/// milliseconds.
pub const fn longest_ms() -> u64 {
    // One window each for response, evidence, ruling, appeal and the ruling on it; in the settlement
    // one for the claimant's first offer and one for the answer to each offer but claim and answer.
    WINDOW_MS_MAX * (5 + 1 + (OFFERS_MAX as u64 - 2))
}
