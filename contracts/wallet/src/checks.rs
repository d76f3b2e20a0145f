//! What is refused without looking at the state.

use alloc::string::String;

use ehb_contract::{Address, Cid};

use crate::bindings::ehb::wallet::types::{Document, Error};
use crate::calendar::{DAY_MS, HOUR_MS};
use crate::errors::out_of_range;
use crate::keys::AssetId;

/// The longest name of an asset, bytes.
pub(crate) const NAME_BYTES_MAX: usize = 64;

/// The longest reference text, bytes: as long as that of a SEPA credit transfer.
pub(crate) const REFERENCE_BYTES_MAX: usize = 140;

/// The most decimal places of an asset.
pub(crate) const PRECISION_MAX: u8 = 12;

/// The most entries of a page.
pub(crate) const PAGE_ENTRIES_MAX: u32 = 100;

/// How long a hold can last, milliseconds: 1,830 days, about five years.
pub(crate) const HOLD_DURATION_MS_MAX: u64 = 1_830 * DAY_MS;

/// How long an allowance can last, milliseconds.
pub(crate) const ALLOWANCE_DURATION_MS_MAX: u64 = 1_830 * DAY_MS;

/// The shortest period of an allowance, milliseconds.
pub(crate) const PERIOD_MS_MIN: u64 = HOUR_MS;

/// The longest period of an allowance, milliseconds.
pub(crate) const PERIOD_MS_MAX: u64 = 366 * DAY_MS;

/// How long a balance can be frozen at once, milliseconds.
pub(crate) const FREEZE_DURATION_MS_MAX: u64 = 366 * DAY_MS;

/// How long a payment can wait for approval, milliseconds.
pub(crate) const PAYMENT_DURATION_MS_MAX: u64 = 30 * DAY_MS;

/// How long a request can be paid, milliseconds.
pub(crate) const REQUEST_DURATION_MS_MAX: u64 = 366 * DAY_MS;

/// The longest notice of a policy's change, milliseconds.
pub(crate) const NOTICE_MS_MAX: u64 = 30 * DAY_MS;

/// The most payees of a policy.
pub(crate) const POLICY_PAYEES_MAX: usize = 32;

/// The most approvers of a policy.
pub(crate) const APPROVERS_MAX: usize = 8;

/// The most payees of an allowance.
pub(crate) const ALLOWANCE_PAYEES_MAX: usize = 16;

/// The most lines of a batch.
pub(crate) const BATCH_LINES_MAX: usize = 64;

/// The most deadlines that one sweep ends.
pub(crate) const SWEEP_MAX: u32 = 32;

/// The longest media type of a document, bytes: 127, a limit of RFC 4288.
const MEDIA_TYPE_BYTES_MAX: usize = 127;

/// The longest piece of a malformed asset id that an error repeats, characters.
const SHOWN_CHARS_MAX: usize = 24;

/// Reads an asset's id.
pub(crate) fn asset_id(text: &str) -> Result<AssetId, Error> {
    AssetId::parse(text)
        .ok_or_else(|| Error::MalformedAssetId(text.chars().take(SHOWN_CHARS_MAX).collect()))
}

/// An amount must not be 0.
pub(crate) fn amount(amount: u64) -> Result<(), Error> {
    if amount == 0 { Err(Error::ZeroAmount) } else { Ok(()) }
}

/// A number must lie between two others.
pub(crate) fn range(parameter: &str, given: u64, min: u64, max: u64) -> Result<(), Error> {
    if given < min || given > max {
        return Err(out_of_range(parameter, given, min, max));
    }
    Ok(())
}

/// A text's length in bytes must lie between two others.
pub(crate) fn text(parameter: &str, text: &str, min: usize, max: usize) -> Result<(), Error> {
    range(parameter, text.len() as u64, min as u64, max as u64)
}

/// A page must have 1 to [`PAGE_ENTRIES_MAX`] entries.
pub(crate) fn page(limit: u32) -> Result<(), Error> {
    range("limit", u64::from(limit), 1, u64::from(PAGE_ENTRIES_MAX))
}

/// Reads the id behind which a page starts.
pub(crate) fn cursor(after: Option<String>) -> Result<Option<AssetId>, Error> {
    after.as_deref().map(asset_id).transpose()
}

/// A deadline must lie behind this block, by at most so much.
pub(crate) fn deadline(
    parameter: &str,
    given_ms: u64,
    now_ms: u64,
    duration_ms_max: u64,
) -> Result<(), Error> {
    range(parameter, given_ms, now_ms + 1, now_ms + duration_ms_max)
}

/// A list of accounts is not too long and names none twice.
pub(crate) fn accounts(parameter: &str, list: &[Address], max: usize) -> Result<(), Error> {
    range(parameter, list.len() as u64, 0, max as u64)?;
    for (place, account) in list.iter().enumerate() {
        if list[..place].contains(account) {
            return Err(Error::Duplicate(*account));
        }
    }
    Ok(())
}

/// A document is well described.
pub(crate) fn document(document: &Document) -> Result<(), Error> {
    if Cid::parse(&document.cid).is_none() {
        return Err(Error::MalformedDocument);
    }
    text("media-type", &document.media_type, 3, MEDIA_TYPE_BYTES_MAX)?;
    range("size", document.size, 1, u64::MAX)
}
