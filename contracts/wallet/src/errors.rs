//! How the refusals that all modules share become this module's.

use alloc::string::String;

use ehb_contract::common::LimitUsage;

use crate::bindings::ehb::wallet::types::{Error, Shortfall};

ehb_contract::refusals!(Error {});

/// An available balance that is too small.
pub(crate) fn insufficient(asset: String, available: u64, needed: u64) -> Error {
    Error::InsufficientBalance(Shortfall { asset, available, needed })
}

/// A limit that `used` and `needed` together would pass.
pub(crate) fn limit_usage(limit: u64, used: u64, needed: u64) -> LimitUsage {
    LimitUsage { limit, used, needed }
}
