//! Sets and returns the platform fee, which each new offer copies.

use alloc::string::String;

use ehb_contract::{Address, Host};

use super::parties;
use crate::bindings::ehb::jobs::events::{Event, RatingMinimum};
use crate::bindings::ehb::jobs::types::{Error, PlatformFee};
use crate::checks;
use crate::keys::{PLATFORM_FEE, RATING_MINIMUMS, SCHEMA};

/// The role that runs the platform.
const PLATFORM_ADMIN: &str = "platform-admin";

/// See `settings.set-platform-fee`.
pub fn set_platform_fee(host: &mut Host, fee: u16, fee_account: Address) -> Result<(), Error> {
    if !host.has_role(host.caller(), PLATFORM_ADMIN) {
        return Err(Error::MissingRole(String::from(PLATFORM_ADMIN)));
    }
    checks::platform_fee(fee)?;
    parties::check_active(host, fee_account)?;
    SCHEMA.mark(host);
    let platform_fee = PlatformFee { fee, fee_account };
    PLATFORM_FEE.set(host, &platform_fee);
    host.emit(Event::PlatformFeeSet(platform_fee));
    Ok(())
}

/// See `settings.set-rating-minimum`.
pub fn set_rating_minimum(
    host: &mut Host,
    asset: String,
    paid_min: Option<u64>,
) -> Result<(), Error> {
    if !host.has_role(host.caller(), PLATFORM_ADMIN) {
        return Err(Error::MissingRole(String::from(PLATFORM_ADMIN)));
    }
    checks::asset(&asset)?;
    paid_min.map_or(Ok(()), checks::amount)?;
    SCHEMA.mark(host);
    match paid_min {
        Some(paid_min) => RATING_MINIMUMS.set(host, &asset, &paid_min),
        None => RATING_MINIMUMS.remove(host, &asset),
    }
    host.emit(Event::RatingMinimumSet(RatingMinimum { asset, paid_min }));
    Ok(())
}

/// See `queries.get-rating-minimum`.
pub fn get_rating_minimum(host: &Host, asset: String) -> Result<Option<u64>, Error> {
    checks::asset(&asset)?;
    Ok(RATING_MINIMUMS.get(host, &asset))
}

/// Enough must have been paid in an asset for the parties to rate each other.
pub(super) fn check_worth(host: &Host, asset: &String, paid: u64) -> Result<(), Error> {
    let minimum = RATING_MINIMUMS.get(host, asset);
    if minimum.is_some_and(|paid_min| paid >= paid_min) {
        return Ok(());
    }
    Err(Error::BelowRatingMinimum(minimum))
}

/// See `queries.get-platform-fee`.
pub fn get_platform_fee(host: &Host) -> Option<PlatformFee> {
    PLATFORM_FEE.get(host)
}
