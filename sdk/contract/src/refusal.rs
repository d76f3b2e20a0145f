//! The refusals that mean the same in every module.

use alloc::string::String;

use crate::Address;
use crate::common::{
    Bound, Deadline, Item, LimitUsage, ListEntry, OverSingleLimit, Party, Range, Refusal,
};

impl Party {
    /// The account itself, and nobody else.
    pub const fn account(account: Address) -> Self {
        Self { account: Some(account), organisation: None, role: None }
    }

    /// The account itself, or a member of its organisation with the role.
    pub fn member(account: Address, role: &str) -> Self {
        let role = Some(String::from(role));
        Self { account: Some(account), organisation: None, role }
    }

    /// A member of the organisation with the role.
    pub fn of_organisation(organisation: &str, role: &str) -> Self {
        let organisation = Some(String::from(organisation));
        Self { account: None, organisation, role: Some(String::from(role)) }
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

    /// A list that names something twice; `position` is that of the second.
    pub fn duplicate(list: &str, position: usize) -> Self {
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        Self::Duplicate(ListEntry { list: String::from(list), position })
    }

    /// As many of something as are possible.
    pub fn too_many(what: &str, max: usize) -> Self {
        let max = u32::try_from(max).unwrap_or(u32::MAX);
        Self::TooMany(Bound { what: String::from(what), max })
    }

    /// A caller without a role.
    pub fn missing_role(role: &str) -> Self {
        Self::MissingRole(String::from(role))
    }

    /// An amount above what the caller may give away at a time.
    pub const fn over_single_limit(amount: u64, max: u64) -> Self {
        Self::OverSingleLimit(OverSingleLimit { amount, max })
    }

    /// A daily limit that `used` and `needed` together would pass.
    pub const fn over_daily_limit(limit: u64, used: u64, needed: u64) -> Self {
        Self::OverDailyLimit(LimitUsage::new(limit, used, needed))
    }
}
