//! The roles of an account, and the time at which each ends.

use std::collections::BTreeMap;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::{Name, RoleName};

/// The role whose holders manage the accounts of their organisation and grant all of its roles, this one and
/// [`MANAGER`] included. Its keys should be kept offline.
pub const ADMINISTRATOR: &str = "administrator";
/// The role whose holders manage the accounts of their organisation, except its administrators and managers, and
/// grant its other roles.
pub const MANAGER: &str = "manager";

/// The maximum number of roles of an account.
pub const ROLES_MAX: usize = 32;

/// The roles of an account, ascending by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Roles(BTreeMap<RoleName, Option<u64>>);

impl Roles {
    /// Whether the account has the role at a time in milliseconds since 1970: in all modules, not in one alone.
    pub fn hold(&self, role: &str, now_ms: u64) -> bool {
        self.0.get(role).is_some_and(|until_ms| until_ms.is_none_or(|until_ms| now_ms < until_ms))
    }

    /// As [`Self::hold`], in a module: also where the account has the role in this module alone, `role@module`.
    pub fn hold_in(&self, module: &str, role: &str, now_ms: u64) -> bool {
        // Not a role with its module: a module asks for its own.
        !role.contains('@')
            && (self.hold(role, now_ms) || self.hold(&format!("{role}@{module}"), now_ms))
    }

    /// Adds a role, or changes when it ends: never, or at a time in milliseconds since 1970.
    pub fn grant(&mut self, role: RoleName, until_ms: Option<u64>) {
        self.0.insert(role, until_ms);
    }

    /// Removes a role. Returns whether it was there, possibly ended.
    pub fn revoke(&mut self, role: &str) -> bool {
        self.0.remove(role).is_some()
    }

    /// Removes the roles that have ended at a time.
    pub fn drop_ended(&mut self, now_ms: u64) {
        self.0.retain(|_, until_ms| until_ms.is_none_or(|until_ms| now_ms < until_ms));
    }

    /// Each role, and when it ends.
    pub fn iter(&self) -> impl Iterator<Item = (&RoleName, Option<u64>)> {
        self.0.iter().map(|(role, until_ms)| (role, *until_ms))
    }

    /// The number of roles.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Name> for Roles {
    /// Roles without an end.
    fn from_iter<I: IntoIterator<Item = Name>>(roles: I) -> Self {
        Self(roles.into_iter().map(|role| (role.into(), None)).collect())
    }
}

impl<const N: usize> From<[Name; N]> for Roles {
    fn from(roles: [Name; N]) -> Self {
        roles.into_iter().collect()
    }
}
