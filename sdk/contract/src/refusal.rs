//! The refusals that mean the same in every module, and how they become cases of a module's own error.

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
        Self::OverDailyLimit(LimitUsage { limit, used, needed })
    }
}

/// Converts between [`Refusal`] and a module's own error, which begins with the same cases. Cases of the
/// module alone become [`Refusal::Other`] under the names given here; those that are not listed become
/// `other`.
///
/// ```ignore
/// ehb_contract::refusals!(Error { Wallet(_) => "wallet" });
/// ```
#[macro_export]
macro_rules! refusals {
    ($error:ident { $($own:ident $(($any:tt))? => $name:literal),* $(,)? }) => {
        $crate::refusals! { @cases $error, [$($own $(($any))? => $name,)*],
            UnknownItem, WrongState, TooEarly, TooLate, OutOfRange, MalformedCid, MalformedMediaType,
            MissingRole, WrongParty, InactiveAccount, AboveLimit, OverDailyLimit, UnknownVersion;
            ZeroAmount, KeyReused, NotKernel
        }
    };
    (@cases $error:ident, [$($own:ident $(($any:tt))? => $name:literal,)*],
        $($with:ident),*; $($without:ident),*
    ) => {
        impl From<$crate::common::Refusal> for $error {
            // Where it is called is nearly everywhere: one copy keeps the component small.
            #[inline(never)]
            fn from(refusal: $crate::common::Refusal) -> Self {
                match refusal {
                    $($crate::common::Refusal::$with(content) => Self::$with(content),)*
                    $($crate::common::Refusal::$without => Self::$without,)*
                    // Only `deadlines` returns it, and no rule calls that.
                    $crate::common::Refusal::Other(_) => $crate::trap("a refusal without a case"),
                }
            }
        }

        impl From<$error> for $crate::common::Refusal {
            #[inline(never)]
            fn from(error: $error) -> Self {
                let other = match error {
                    $($error::$with(content) => return Self::$with(content),)*
                    $($error::$without => return Self::$without,)*
                    $($error::$own $(($any))? => $name,)*
                    _ => "other",
                };
                Self::Other(other.into())
            }
        }
    };
}
