//! What is refused without looking at the state.

use alloc::string::String;

use crate::bindings::ehb::wallet::types::Error;
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
pub(crate) const HOLD_DURATION_MS_MAX: u64 = 1_830 * 24 * 60 * 60 * 1_000;

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
