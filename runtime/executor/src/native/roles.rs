//! The functions that grant and take the roles of accounts.

use borsh::BorshDeserialize;
use ehb_types::{ADMINISTRATOR, Account, Address, MANAGER, Parameters, ROLES_MAX, RoleName, Roles};

use super::gas::Gas;
use super::organisation::Manager;
use super::{Native, Problem, Refusal};

/// The arguments of `grant-role`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct GrantRole {
    account: Address,
    role: String,
    until_ms: Option<u64>,
}

/// The arguments of `revoke-role`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct RevokeRole {
    account: Address,
    role: String,
}

impl Native<'_> {
    pub(super) fn grant_role(
        &mut self,
        GrantRole { account: address, role, until_ms }: GrantRole,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let manager = self.manager(gas)?;
        let before = self.managed(&manager, &address, gas)?;
        let parameters = self.parameters(gas)?;
        let mut after = before.clone();
        after.roles.drop_ended(self.session.context.time_ms);
        self.add_role(&manager, &parameters, &mut after.roles, (role, until_ms))?;
        self.change(&address, &before, after, gas)
    }

    pub(super) fn revoke_role(
        &mut self,
        RevokeRole { account: address, role }: &RevokeRole,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let manager = self.manager(gas)?;
        manager.check_role(role)?;
        let before = self.managed(&manager, address, gas)?;
        let mut after: Account = before.clone();
        if !after.roles.revoke(role) {
            return Err(Refusal::RoleNotHeld(role.clone()).into());
        }
        let parameters = self.parameters(gas)?;
        let name = RoleName::new(role.as_str()).ok();
        let granted_here =
            |name: &RoleName| parameters.accounts.organisation_roles.contains(name.role());
        // One that only the network grants is lost for good, so a manager does not take it.
        if !manager.is_administrator && !name.is_some_and(|name| granted_here(&name)) {
            return Err(Refusal::MissingRole(ADMINISTRATOR.to_owned()).into());
        }
        self.change(address, &before, after, gas)
    }

    /// Adds a role that the manager grants.
    pub(super) fn add_role(
        &self,
        manager: &Manager,
        parameters: &Parameters,
        roles: &mut Roles,
        (role, until_ms): (String, Option<u64>),
    ) -> Result<(), Refusal> {
        manager.check_role(&role)?;
        // Those that manage accounts count in no module, so they have none.
        let is_granted = |name: &RoleName| {
            [ADMINISTRATOR, MANAGER].contains(&name.as_str())
                || parameters.accounts.organisation_roles.contains(name.role())
        };
        let name = RoleName::new(role.as_str()).ok().filter(is_granted);
        let name = name.ok_or_else(|| Refusal::UnknownRole(role.clone()))?;
        let ends = until_ms.is_some_and(|until_ms| {
            until_ms <= self.session.context.time_ms || role == ADMINISTRATOR
        });
        if ends {
            return Err(Refusal::WrongEnd);
        }
        roles.grant(name, until_ms);
        if roles.len() > ROLES_MAX {
            return Err(Refusal::too_many("roles", ROLES_MAX as u32));
        }
        Ok(())
    }
}
