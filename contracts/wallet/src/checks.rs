//! Checks of arguments, which do not read the state.

use alloc::string::String;

use ehb_contract::Address;
pub(crate) use ehb_contract::calendar::KEPT_MS;
use ehb_contract::calendar::{DAY_MS, HOLD_MS_MAX, HOUR_MS};
use ehb_contract::checks::malformed_asset_id;
pub(crate) use ehb_contract::checks::{amount, count, document, future, range, room, text};
use ehb_contract::common::Refusal;

use crate::bindings::ehb::wallet::types::Error;
use crate::keys::AssetId;

/// The longest name of an asset, bytes.
pub(crate) const NAME_BYTES_MAX: usize = 64;

/// The longest reference text, bytes: as long as that of a SEPA credit transfer.
pub(crate) const REFERENCE_BYTES_MAX: usize = 140;

/// The most decimal places of an asset.
pub(crate) const DECIMALS_MAX: u8 = 12;

/// How long a hold can last, milliseconds: 1,830 days, about five years.
pub(crate) const HOLD_DURATION_MS_MAX: u64 = HOLD_MS_MAX;

/// How long a hold that an account controls can last, milliseconds.
pub(crate) const ACCOUNT_HOLD_MS_MAX: u64 = 90 * DAY_MS;

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

/// The most open requests of one organisation that name one payer, allowances that it grants one spender, and payments
/// and permits that it has wait for one approver of another organisation.
const OPEN_MAX: u32 = 100;

/// One more of what an organisation puts before an account that did not ask.
pub(crate) fn open(what: &str, open: u32) -> Result<(), Refusal> {
    room(what, open as usize, OPEN_MAX as usize)
}

/// How long a request can be paid, milliseconds.
pub(crate) const REQUEST_DURATION_MS_MAX: u64 = 366 * DAY_MS;

/// The longest notice of a policy's change, milliseconds.
pub(crate) const NOTICE_MS_MAX: u64 = 30 * DAY_MS;

/// The most payees of a policy.
pub(crate) const POLICY_PAYEES_MAX: usize = 32;

/// The most tiers of a policy.
pub(crate) const TIERS_MAX: usize = 4;

/// The most approvers of a tier.
pub(crate) const APPROVERS_MAX: usize = 8;

/// The longest name of a role, bytes.
pub(crate) const ROLE_BYTES_MAX: usize = 64;

/// The most payees of an allowance.
pub(crate) const ALLOWANCE_PAYEES_MAX: usize = 16;

/// The most assets of which a transaction draws on an allowance.
pub(crate) const DRAWS_MAX: usize = 4;

/// The most lines of a batch.
pub(crate) const BATCH_LINES_MAX: usize = 64;

/// Reads an asset's id.
pub(crate) fn asset_id(text: &str) -> Result<AssetId, Error> {
    AssetId::parse(text).ok_or_else(|| malformed_asset_id(text).into())
}

/// Reads the id after which a page starts.
pub(crate) fn cursor(after: Option<String>) -> Result<Option<AssetId>, Error> {
    after.as_deref().map(asset_id).transpose()
}

/// A list of accounts is not too long and names none twice.
pub(crate) fn accounts(parameter: &str, list: &[Address], max: usize) -> Result<(), Error> {
    count(parameter, list, 0, max)?;
    for (place, account) in list.iter().enumerate() {
        if list[..place].contains(account) {
            return Err(Refusal::duplicate(parameter, place).into());
        }
    }
    Ok(())
}
