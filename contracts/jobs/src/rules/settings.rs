//! Sets and returns the platform fee, which each new offer copies.

use alloc::string::String;

use ehb_contract::parties::{PLATFORM_ADMIN, check_role};
use ehb_contract::{Address, Host, ratings};

use super::parties;
use crate::bindings::ehb::jobs::events::Event;
use crate::bindings::ehb::jobs::types::{Error, PlatformFee};
use crate::checks;
use crate::keys::{PLATFORM_FEE, RATING_MINIMUMS, SCHEMA};

/// See `settings.set-platform-fee`.
pub fn set_platform_fee(host: &mut Host, fee: u16, fee_account: Address) -> Result<(), Error> {
    check_role(host, &[PLATFORM_ADMIN])?;
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
    ratings::check_minimum(host, &asset, paid_min)?;
    SCHEMA.mark(host);
    let minimum = ratings::set_minimum(&RATING_MINIMUMS, host, asset, paid_min);
    host.emit(Event::RatingMinimumSet(minimum));
    Ok(())
}

/// See `queries.get-rating-minimum`.
pub fn get_rating_minimum(host: &Host, asset: String) -> Result<Option<u64>, Error> {
    checks::asset(&asset)?;
    Ok(RATING_MINIMUMS.get(host, &asset))
}

/// See `queries.get-platform-fee`.
pub fn get_platform_fee(host: &Host) -> Option<PlatformFee> {
    PLATFORM_FEE.get(host)
}
