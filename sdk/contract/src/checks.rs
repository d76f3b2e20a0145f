//! Checks of arguments, which do not read a module's state.

use crate::common::{Document, Refusal};
use crate::{Cid, Host};

/// The most entries of a page.
pub const PAGE_ENTRIES_MAX: u32 = 100;

/// The most items that one call of `advance-due` advances.
pub const DUE_ITEMS_MAX: u32 = 32;

/// The whole, in basis points.
pub const BASIS_POINTS: u16 = 10_000;

/// The longest asset id of the wallet, bytes.
pub const ASSET_BYTES_MAX: usize = 12;

/// The shortest and the longest media type, bytes; the longest is a limit of RFC 4288.
const MEDIA_TYPE_BYTES: (usize, usize) = (3, 127);

/// The largest document, bytes: 1 TiB.
const DOCUMENT_BYTES_MAX: u64 = 1 << 40;

/// The longest piece of a malformed asset id that an error repeats, characters.
const SHOWN_ASSET_CHARS_MAX: usize = 24;

/// The longest piece of a malformed text that an error repeats, characters.
const SHOWN_CHARS_MAX: usize = 64;

/// Checks that a number is between two others.
///
/// # Errors
/// `out-of-range`.
pub fn range(parameter: &str, given: u64, min: u64, max: u64) -> Result<(), Refusal> {
    if given < min || given > max {
        return Err(Refusal::out_of_range(parameter, given, min, max));
    }
    Ok(())
}

/// Checks the length of a text in bytes.
///
/// # Errors
/// `out-of-range`.
pub fn text(parameter: &str, text: &str, min: usize, max: usize) -> Result<(), Refusal> {
    range(parameter, text.len() as u64, min as u64, max as u64)
}

/// Checks the length of a list.
///
/// # Errors
/// `out-of-range`.
pub fn count<T>(parameter: &str, list: &[T], min: usize, max: usize) -> Result<(), Refusal> {
    range(parameter, list.len() as u64, min as u64, max as u64)
}

/// Checks that a part in basis points is at most the whole.
///
/// # Errors
/// `out-of-range`.
pub fn part(parameter: &str, part: u16) -> Result<(), Refusal> {
    range(parameter, u64::from(part), 0, u64::from(BASIS_POINTS))
}

/// Checks that an amount is not 0.
///
/// # Errors
/// `zero-amount`.
pub const fn amount(amount: u64) -> Result<(), Refusal> {
    if amount == 0 { Err(Refusal::ZeroAmount) } else { Ok(()) }
}

/// Checks a time that is after this block, by at most `ahead_ms_max`.
///
/// # Errors
/// `out-of-range`.
pub fn future(
    parameter: &str,
    given_ms: u64,
    now_ms: u64,
    ahead_ms_max: u64,
) -> Result<(), Refusal> {
    range(parameter, given_ms, now_ms + 1, now_ms + ahead_ms_max)
}

/// Checks a window in which a party can act before a deadline ends it: at least the chain's shortest, so that no
/// single proposer can skip it by a block's time that is ahead.
///
/// # Errors
/// `out-of-range`.
pub fn window(host: &Host, parameter: &str, given_ms: u64, max_ms: u64) -> Result<(), Refusal> {
    range(parameter, given_ms, host.window_min_ms(), max_ms)
}

/// Checks the size of a page: 1 to [`PAGE_ENTRIES_MAX`].
///
/// # Errors
/// `out-of-range`.
pub fn page(limit: u32) -> Result<(), Refusal> {
    range("limit", u64::from(limit), 1, u64::from(PAGE_ENTRIES_MAX))
}

/// Checks the limit of `advance-due`: 1 to [`DUE_ITEMS_MAX`].
///
/// # Errors
/// `out-of-range`.
pub fn advance_due(limit: u32) -> Result<(), Refusal> {
    range("limit", u64::from(limit), 1, u64::from(DUE_ITEMS_MAX))
}

/// Checks the form of an asset's id. Only the wallet knows whether there is such an asset.
///
/// # Errors
/// `malformed-asset-id`.
pub fn asset(asset: &str) -> Result<(), Refusal> {
    if is_asset_id(asset) { Ok(()) } else { Err(malformed_asset_id(asset)) }
}

/// Whether a text can be an asset's id: 1 to 12 characters of `A-Z`, `0-9` and `-`, starting with a letter.
pub fn is_asset_id(text: &str) -> bool {
    let rest = |byte: u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'-');
    text.len() <= ASSET_BYTES_MAX
        && text.bytes().next().is_some_and(|first| first.is_ascii_uppercase())
        && text.bytes().all(rest)
}

/// The refusal of a text that is no asset's id, with its beginning.
pub fn malformed_asset_id(text: &str) -> Refusal {
    Refusal::MalformedAssetId(text.chars().take(SHOWN_ASSET_CHARS_MAX).collect())
}

/// Checks that there is room for one more where there are `count`.
///
/// # Errors
/// `too-many`.
pub fn room(what: &str, count: usize, max: usize) -> Result<(), Refusal> {
    if count < max { Ok(()) } else { Err(Refusal::too_many(what, max)) }
}

/// Checks a document's CID, media type and size.
///
/// # Errors
/// `malformed-cid`, `malformed-media-type`, `out-of-range`.
pub fn document(document: &Document) -> Result<(), Refusal> {
    let Document { cid, media_type, size } = document;
    if Cid::parse(cid).is_none() {
        return Err(Refusal::MalformedCid(cid.chars().take(SHOWN_CHARS_MAX).collect()));
    }
    let (min, max) = MEDIA_TYPE_BYTES;
    text("media-type", media_type, min, max)?;
    let graphic = media_type.bytes().all(|byte| byte.is_ascii_graphic());
    if !graphic || media_type.bytes().filter(|byte| *byte == b'/').count() != 1 {
        let shown = media_type.chars().take(SHOWN_CHARS_MAX).collect();
        return Err(Refusal::MalformedMediaType(shown));
    }
    range("size", *size, 1, DOCUMENT_BYTES_MAX)
}

/// Checks a list of documents.
///
/// # Errors
/// As [`document`], and `out-of-range` for too many.
pub fn documents(documents: &[Document], max: usize) -> Result<(), Refusal> {
    count("documents", documents, 0, max)?;
    documents.iter().try_for_each(document)
}

#[cfg(test)]
mod tests {
    use super::window;
    use crate::Host;
    use crate::calendar::{DAY_MS, HOUR_MS};
    use crate::common::Refusal;

    #[test]
    fn a_window_is_at_least_the_chain_s_shortest() {
        let mut host = Host::new();
        host.set_window_min_ms(HOUR_MS);
        for (given_ms, is_accepted) in [
            (1_000, false),
            (HOUR_MS - 1, false),
            (HOUR_MS, true),
            (DAY_MS, true),
            (DAY_MS + 1, false),
        ] {
            let refused = Refusal::out_of_range("review-ms", given_ms, HOUR_MS, DAY_MS);
            let expected = if is_accepted { Ok(()) } else { Err(refused) };
            assert_eq!(window(&host, "review-ms", given_ms, DAY_MS), expected);
        }
    }
}
