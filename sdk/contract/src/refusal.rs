//! The refusals that mean the same in every module.

use alloc::string::String;

use crate::Address;
use crate::common::{AboveLimit, Deadline, Item, LimitUsage, Party, Range, Refusal};

impl Party {
    /// The account itself, and nobody else.
    pub const fn account(account: Address) -> Self {
        Self { account, role: None }
    }

    /// The account itself, or a member of its organisation with the role.
    pub fn member(account: Address, role: &str) -> Self {
        Self { account, role: Some(String::from(role)) }
    }
}

impl LimitUsage {
    /// A limit that `used` and `needed` together pass.
    pub const fn new(limit: u64, used: u64, needed: u64) -> Self {
        Self { limit, used, needed }
    }
}

impl Refusal {
    /// A number that is not between `min` and `max`.
    pub fn out_of_range(parameter: &str, given: u64, min: u64, max: u64) -> Self {
        Self::OutOfRange(Range { parameter: String::from(parameter), given, min, max })
    }

    /// A deadline that has passed.
    pub fn too_late(item: Item, deadline_ms: u64, now_ms: u64) -> Self {
        Self::TooLate(Deadline { item, deadline_ms, now_ms })
    }

    /// A deadline that has not passed yet.
    pub fn too_early(item: Item, deadline_ms: u64, now_ms: u64) -> Self {
        Self::TooEarly(Deadline { item, deadline_ms, now_ms })
    }

    /// A caller without a role.
    pub fn missing_role(role: &str) -> Self {
        Self::MissingRole(String::from(role))
    }

    /// An amount above what the caller may give away at a time.
    pub const fn above_limit(given: u64, max: u64) -> Self {
        Self::AboveLimit(AboveLimit { given, max })
    }

    /// A daily limit that `used` and `needed` together would pass.
    pub const fn over_daily_limit(limit: u64, used: u64, needed: u64) -> Self {
        Self::OverDailyLimit(LimitUsage::new(limit, used, needed))
    }
}
