//! Carries out the actions of a proposal, one after another on the state that the one before left.

use borsh::BorshSerialize;
use ehb_kernel::event::{ChangedOrganisation, KernelEvent};
use ehb_kernel::governance::{self, Action, HeldRole, Invitation, NetworkRole, NewQuota};
use ehb_kernel::organisations::{self, OrganisationStatus};
use ehb_kernel::quota::QuotaUse;
use ehb_kernel::{accounts, chain};
use ehb_types::{
    ADMINISTRATOR, Account, Address, MANAGER, Name, Parameters, ROLES_MAX, RoleName, Roles, Status,
};

use crate::native::gas::Gas;
use crate::native::organisation::{Manager, NewAccount};
use crate::native::{Native, Problem, Refusal};

/// A difference that an action makes, for people.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(in crate::native) struct Change {
    subject: String,
    before: Option<String>,
    after: Option<String>,
}

impl Change {
    pub(in crate::native) fn new(
        subject: String,
        before: Option<String>,
        after: Option<String>,
    ) -> Self {
        Self { subject, before, after }
    }
}

/// An action that does not work, by its position.
pub(super) struct Refused {
    pub(super) action: u32,
    pub(super) refusal: Refusal,
}

impl Native<'_> {
    /// Carries out actions and returns what they changed, or the first that is refused; then the caller undoes those
    /// before it.
    pub(super) fn run(
        &mut self,
        actions: &[Action],
        gas: &mut Gas<'_>,
    ) -> Result<Result<Vec<Change>, Refused>, Problem> {
        let mut changes = Vec::with_capacity(actions.len());
        for (index, action) in actions.iter().enumerate() {
            let mut done = self.carry_out(action, gas);
            if done.is_ok() && index + 1 == actions.len() {
                done = self.check_parameters(gas).and(done);
            }
            match done {
                Ok(change) => changes.push(change),
                Err(Problem::Failed(error)) => return Err(Problem::Failed(error)),
                Err(Problem::Refused(refusal)) => {
                    let action = u32::try_from(index).unwrap_or(u32::MAX);
                    return Ok(Err(Refused { action, refusal }));
                }
            }
        }
        Ok(Ok(changes))
    }

    fn carry_out(&mut self, action: &Action, gas: &mut Gas<'_>) -> Result<Change, Problem> {
        use OrganisationStatus::{Active, Removed, Suspended};
        match action {
            Action::SetParameter(parameter) => self.set_parameter(parameter, gas),
            Action::AddOrganisationRole(role) => self.set_organisation_role(role, true, gas),
            Action::RemoveOrganisationRole(role) => self.set_organisation_role(role, false, gas),
            Action::InviteOrganisation(invitation) => self.invite(invitation, gas),
            Action::SuspendOrganisation(name) => {
                self.set_organisation(name, &[Active], Suspended, gas)
            }
            Action::ReinstateOrganisation(name) => {
                self.set_organisation(name, &[Suspended], Active, gas)
            }
            Action::RemoveOrganisation(name) => {
                self.set_organisation(name, &[Active, Suspended], Removed, gas)
            }
            Action::GrantNetworkRole(role) => self.grant_network_role(role, gas),
            Action::RevokeNetworkRole(role) => self.revoke_network_role(role, gas),
            Action::FreezeAccount(account) => {
                self.freeze(account, &[Status::Active, Status::Suspended], Status::Frozen, gas)
            }
            Action::UnfreezeAccount(account) => {
                self.freeze(account, &[Status::Frozen], Status::Active, gas)
            }
            Action::InstallModule(installation) => self.install_new(installation, gas),
            Action::PauseModule(module) => self.pause(module, true, gas),
            Action::ResumeModule(module) => self.pause(module, false, gas),
            Action::RemoveModule(module) => self.remove(module, gas),
            Action::SetQuota(quota) => self.set_quota(quota, gas),
            Action::AddValidator(new) => self.add_validator(new, gas),
            Action::SetValidatorPower(new) => self.set_validator_power(new, gas),
            Action::RemoveValidator(name) => self.remove_validator(name, gas),
        }
    }

    /// Adds an organisation, and registers its first administrator with its consent.
    fn invite(
        &mut self,
        Invitation { organisation, policy, consents }: &Invitation,
        gas: &mut Gas<'_>,
    ) -> Result<Change, Problem> {
        let taken = || Refusal::OrganisationExists(organisation.clone());
        let name = Name::new(organisation.as_str()).map_err(|_| taken())?;
        gas.pay_read(0)?;
        if organisations::organisation(&self.session.overlay, &name)?.is_some() {
            return Err(taken().into());
        }
        gas.pay_write(0)?;
        organisations::add(&mut self.session.overlay, &name);
        self.emit(&KernelEvent::OrganisationAdded(name.clone()), gas)?;
        let parameters = self.parameters(gas)?;
        let manager = Manager { organisation: name, is_administrator: true };
        let new = NewAccount {
            policy: policy.clone(),
            roles: vec![ADMINISTRATOR.to_owned()],
            consents: consents.clone(),
        };
        let address = self.register(&manager, &parameters, new, gas)?;
        let after = format!("active, administered by {}", self.text(&address)?);
        Ok(Change::new(format!("organisation {organisation}"), None, Some(after)))
    }

    fn set_organisation(
        &mut self,
        organisation: &str,
        from: &[OrganisationStatus],
        to: OrganisationStatus,
        gas: &mut Gas<'_>,
    ) -> Result<Change, Problem> {
        let unknown = || Refusal::UnknownOrganisation(organisation.to_owned());
        let name = Name::new(organisation).map_err(|_| unknown())?;
        gas.pay_read(0)?;
        let known = organisations::organisation(&self.session.overlay, &name)?;
        let before = known.ok_or_else(unknown)?.status;
        if !from.contains(&before) {
            return Err(Refusal::WrongOrganisationStatus(before.as_str().to_owned()).into());
        }
        if to != OrganisationStatus::Active {
            self.check_runs_no_validator(&name, gas)?;
        }
        gas.pay_write(0)?;
        organisations::set_status(&mut self.session.overlay, &name, to)?;
        let event = ChangedOrganisation { name: name.clone(), status: to };
        self.emit(&KernelEvent::OrganisationChanged(event), gas)?;
        if to == OrganisationStatus::Removed {
            self.remove_observers(&name, gas)?;
        }
        let (before, after) = (before.as_str().to_owned(), to.as_str().to_owned());
        Ok(Change::new(format!("organisation {organisation}"), Some(before), Some(after)))
    }

    /// An organisation whose accounts do not act cannot vote with the power of its validators.
    fn check_runs_no_validator(&self, name: &Name, gas: &mut Gas<'_>) -> Result<(), Problem> {
        for _ in chain::validators(&self.session.overlay)?.validators() {
            gas.pay_read(0)?;
        }
        match governance::runs_validators(&self.session.overlay, name)? {
            true => Err(Refusal::RunsValidator(name.to_string()).into()),
            false => Ok(()),
        }
    }

    fn set_quota(&mut self, new: &NewQuota, gas: &mut Gas<'_>) -> Result<Change, Problem> {
        let NewQuota { organisation, kind, limit } = new;
        let unknown = || Refusal::UnknownOrganisation(organisation.clone());
        let name = Name::new(organisation.as_str()).map_err(|_| unknown())?;
        gas.pay_read(0)?;
        let known = organisations::organisation(&self.session.overlay, &name)?;
        let before = known.ok_or_else(unknown)?.limits.get(*kind);
        let what = kind.as_str();
        Refusal::check_range(what, limit.unwrap_or(0), 0, kind.limit_max())?;
        if before == *limit {
            let message = match limit {
                Some(limit) => format!("the limit of {organisation} for {what} is {limit} already"),
                None => format!("{organisation} has no limit of its own for {what}"),
            };
            return Err(Refusal::WrongParameter(message).into());
        }
        gas.pay_write(0)?;
        organisations::set_limit(&mut self.session.overlay, &name, *kind, *limit)?;
        self.emit(&KernelEvent::QuotaChanged(new.clone()), gas)?;
        let parameters = self.parameters(gas)?;
        let QuotaUse { used, .. } = self.quota_use(&parameters, &name, *kind, gas)?;
        let text = |own: Option<u64>| match own {
            Some(limit) => format!("{limit} of its own, {used} used"),
            None => {
                let limit = kind.default_limit(&parameters.quotas);
                format!("{limit} by the parameter, {used} used")
            }
        };
        let subject = format!("quota of {organisation} for {what}");
        Ok(Change::new(subject, Some(text(before)), Some(text(*limit))))
    }

    fn grant_network_role(
        &mut self,
        NetworkRole { account: address, role, until_ms }: &NetworkRole,
        gas: &mut Gas<'_>,
    ) -> Result<Change, Problem> {
        let parameters = self.parameters(gas)?;
        let name = network_role(&parameters, role)?;
        let before = self.account_of(address, gas)?;
        let acting = organisations::acting_account(&self.session.overlay, address)?;
        let status = acting.map_or(before.status, |it| it.status);
        if status != Status::Active {
            return Err(Refusal::WrongStatus(status).into());
        }
        if until_ms.is_some_and(|until_ms| until_ms <= self.session.context.time_ms) {
            return Err(Refusal::WrongEnd.into());
        }
        let mut after = before.clone();
        after.roles.drop_ended(self.session.context.time_ms);
        after.roles.grant(name, *until_ms);
        if after.roles.len() > ROLES_MAX {
            return Err(Refusal::too_many("roles", ROLES_MAX as u32).into());
        }
        let change = self.roles_change(address, &before.roles, &after.roles)?;
        self.change(address, &before, after, gas)?;
        Ok(change)
    }

    fn revoke_network_role(
        &mut self,
        HeldRole { account: address, role }: &HeldRole,
        gas: &mut Gas<'_>,
    ) -> Result<Change, Problem> {
        let parameters = self.parameters(gas)?;
        network_role(&parameters, role)?;
        let before = self.account_of(address, gas)?;
        let mut after = before.clone();
        if !after.roles.revoke(role) {
            return Err(Refusal::RoleNotHeld(role.clone()).into());
        }
        let change = self.roles_change(address, &before.roles, &after.roles)?;
        self.change(address, &before, after, gas)?;
        Ok(change)
    }

    fn freeze(
        &mut self,
        address: &Address,
        from: &[Status],
        to: Status,
        gas: &mut Gas<'_>,
    ) -> Result<Change, Problem> {
        let before = self.account_of(address, gas)?;
        if !from.contains(&before.status) {
            return Err(Refusal::WrongStatus(before.status).into());
        }
        let after = Account { status: to, ..before.clone() };
        let subject = format!("account {}", self.text(address)?);
        let (was, is) = (before.status.as_str().to_owned(), to.as_str().to_owned());
        self.change(address, &before, after, gas)?;
        Ok(Change::new(subject, Some(was), Some(is)))
    }

    fn account_of(&self, address: &Address, gas: &mut Gas<'_>) -> Result<Account, Problem> {
        gas.pay_read(0)?;
        let account = accounts::account(&self.session.overlay, address)?;
        Ok(account.ok_or(Refusal::UnknownAccount(*address))?)
    }

    fn roles_change(
        &self,
        address: &Address,
        before: &Roles,
        after: &Roles,
    ) -> Result<Change, Problem> {
        let text = |roles: &Roles| {
            let role = |(role, until_ms): (&RoleName, Option<u64>)| match until_ms {
                None => role.to_string(),
                Some(until_ms) => format!("{role} until {until_ms}"),
            };
            Some(roles.iter().map(role).collect::<Vec<_>>().join(", "))
        };
        let subject = format!("roles of account {}", self.text(address)?);
        Ok(Change::new(subject, text(before), text(after)))
    }

    fn text(&self, address: &Address) -> Result<String, Problem> {
        Ok(address.to_text(chain::identity(&self.session.overlay)?.network))
    }
}

/// The name of a role that governance grants, in all modules or in one: one that no organisation grants.
fn network_role(parameters: &Parameters, role: &str) -> Result<RoleName, Refusal> {
    let name = RoleName::new(role).map_err(|_| Refusal::UnknownRole(role.to_owned()))?;
    let granted = [ADMINISTRATOR, MANAGER].contains(&name.role())
        || parameters.accounts.organisation_roles.contains(name.role());
    if granted { Err(Refusal::OrganisationRole(role.to_owned())) } else { Ok(name) }
}
