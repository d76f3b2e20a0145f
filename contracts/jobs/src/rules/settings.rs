//! Sets and returns the platform fee, which each new offer copies.

use alloc::string::String;

use ehb_contract::{Address, Host};

use super::parties;
use crate::bindings::ehb::jobs::events::Event;
use crate::bindings::ehb::jobs::types::{Error, PlatformFee};
use crate::checks;
use crate::keys::{PLATFORM_FEE, SCHEMA};

/// The role that runs the platform.
const ADMIN: &str = "admin";

/// See `settings.set-platform-fee`.
pub fn set_platform_fee(host: &mut Host, fee: u16, collector: Address) -> Result<(), Error> {
    if !host.has_role(host.caller(), ADMIN) {
        return Err(Error::MissingRole(String::from(ADMIN)));
    }
    checks::platform_fee(fee)?;
    parties::check_active(host, collector)?;
    SCHEMA.mark(host);
    let platform_fee = PlatformFee { fee, collector };
    PLATFORM_FEE.set(host, &platform_fee);
    host.emit(Event::PlatformFeeSet(platform_fee));
    Ok(())
}

/// See `settings.get-platform-fee`.
pub fn get_platform_fee(host: &Host) -> Option<PlatformFee> {
    PLATFORM_FEE.get(host)
}
