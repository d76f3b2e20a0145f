//! Actions that change parameters.

use ehb_kernel::chain;
use ehb_kernel::governance::NewParameter;
use ehb_types::{ADMINISTRATOR, MANAGER, Name, encoded_len};

use super::actions::Change;
use crate::native::gas::Gas;
use crate::native::{Native, Problem, Refusal};

impl Native<'_> {
    pub(super) fn set_parameter(
        &mut self,
        NewParameter { name, value }: &NewParameter,
        gas: &mut Gas<'_>,
    ) -> Result<Change, Problem> {
        let mut parameters = self.parameters(gas)?;
        let before = parameters.set(name, *value);
        let before = before.map_err(|error| Refusal::WrongParameter(error.to_string()))?;
        if before == *value {
            let message = format!("the parameter {name} is {value} already");
            return Err(Refusal::WrongParameter(message).into());
        }
        gas.pay_write(encoded_len(&parameters))?;
        chain::put_parameters(&mut self.session.overlay, &parameters);
        let subject = format!("parameter {name}");
        Ok(Change::new(subject, Some(before.to_string()), Some(value.to_string())))
    }

    /// Lets organisations grant a role, or not any more.
    pub(super) fn set_organisation_role(
        &mut self,
        role: &str,
        granted: bool,
        gas: &mut Gas<'_>,
    ) -> Result<Change, Problem> {
        let name = Name::new(role).map_err(|error| Refusal::WrongParameter(error.to_string()))?;
        if [ADMINISTRATOR, MANAGER].contains(&role) {
            return Err(Refusal::OrganisationRole(role.to_owned()).into());
        }
        let mut parameters = self.parameters(gas)?;
        let roles = &mut parameters.accounts.organisation_roles;
        let changed = if granted { roles.insert(name) } else { roles.remove(role) };
        if !changed {
            return Err(match granted {
                true => Refusal::OrganisationRole(role.to_owned()),
                false => Refusal::UnknownRole(role.to_owned()),
            }
            .into());
        }
        gas.pay_write(encoded_len(&parameters))?;
        chain::put_parameters(&mut self.session.overlay, &parameters);
        let (listed, missing) = (Some("granted by organisations".to_owned()), None);
        let subject = format!("role {role}");
        Ok(match granted {
            true => Change::new(subject, missing, listed),
            false => Change::new(subject, listed, missing),
        })
    }

    /// Checks the parameters after all actions: some values are possible only together.
    pub(super) fn check_parameters(&self, gas: &mut Gas<'_>) -> Result<(), Problem> {
        let checked = self.parameters(gas)?.check();
        Ok(checked.map_err(|error| Refusal::WrongParameter(error.to_string()))?)
    }
}
