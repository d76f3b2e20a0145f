//! The read that answers whether an account may do something, and why.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_kernel::accounts;
use ehb_kernel::organisations::{self, OrganisationStatus};
use ehb_types::{ADMINISTRATOR, Account, Address, MANAGER, Status, encode};

use super::gas::Gas;
use super::{Native, Problem};

/// The arguments of `check-permission`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct CheckPermission {
    account: Address,
    permission: Permission,
}

/// The permissions, in the order of the WIT's cases.
#[derive(Clone, Debug, PartialEq, Eq, BorshDeserialize)]
enum Permission {
    Send,
    Act(String),
    Manage(Address),
    Grant { account: Address, role: String },
    Vote,
}

/// The result of `check-permission`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
struct Verdict {
    allowed: bool,
    why: String,
}

/// Why something is allowed, or why not.
type Answer = Result<String, String>;

impl Native<'_> {
    pub(super) fn check_permission(
        &self,
        CheckPermission { account: address, permission }: &CheckPermission,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let answer = match self.sender(address, gas)? {
            Err(why) => Err(why),
            Ok(account) => match permission {
                Permission::Send => Ok("the account is active".to_owned()),
                Permission::Act(role) => self.acts(&account, role, gas)?,
                Permission::Manage(other) => self.manages(&account, other, gas)?,
                Permission::Grant { account: other, role } => {
                    self.grants(&account, other, role, gas)?
                }
                Permission::Vote => self.votes(&account, gas)?,
            },
        };
        let (allowed, why) = match answer {
            Ok(why) => (true, why),
            Err(why) => (false, why),
        };
        Ok(encode(&Verdict { allowed, why }))
    }

    /// An account that can send transactions, or why it cannot.
    fn sender(
        &self,
        address: &Address,
        gas: &mut Gas<'_>,
    ) -> Result<Result<Account, String>, Problem> {
        gas.pay_read(0)?;
        gas.pay_read(0)?;
        let state = &self.session.overlay;
        let Some(account) = accounts::account(state, address)? else {
            return Ok(Err("no account is registered at the address".to_owned()));
        };
        let organisation = &account.organisation;
        let known = organisations::organisation(state, organisation)?.unwrap_or_default();
        Ok(match (account.status, known.status) {
            (Status::Active, OrganisationStatus::Active) => Ok(account),
            (Status::Active, status) => {
                Err(format!("the network has the organisation {organisation} {}", status.as_str()))
            }
            (Status::Frozen, _) => Err("the network froze the account".to_owned()),
            (status, _) => {
                Err(format!("its organisation {organisation} has it {}", status.as_str()))
            }
        })
    }

    fn acts(&self, account: &Account, role: &str, gas: &mut Gas<'_>) -> Result<Answer, Problem> {
        let now_ms = self.session.context.time_ms;
        let held = account.roles.iter().find(|(name, _)| name.as_str() == role);
        let giver = if self.is_of_organisations(role, gas)? {
            format!("its organisation {} grants it", account.organisation)
        } else {
            "the network grants it, by a proposal".to_owned()
        };
        Ok(match held {
            Some((_, None)) => Ok(format!("it has the role {role}")),
            Some((_, Some(until_ms))) if now_ms < until_ms => {
                Ok(format!("it has the role {role} until {until_ms}"))
            }
            Some((_, Some(until_ms))) => {
                Err(format!("its role {role} ended at {until_ms}; {giver}"))
            }
            None => Err(format!("it does not have the role {role}; {giver}")),
        })
    }

    fn manages(
        &self,
        account: &Account,
        other: &Address,
        gas: &mut Gas<'_>,
    ) -> Result<Answer, Problem> {
        let now_ms = self.session.context.time_ms;
        let is_administrator = account.roles.hold(ADMINISTRATOR, now_ms);
        if !is_administrator && !account.roles.hold(MANAGER, now_ms) {
            let why = "it has neither the role manager nor the role administrator";
            return Ok(Err(why.to_owned()));
        }
        gas.pay_read(0)?;
        let Some(managed) = accounts::account(&self.session.overlay, other)? else {
            return Ok(Err("no account is registered at the address to manage".to_owned()));
        };
        if managed.organisation != account.organisation {
            let (own, foreign) = (&account.organisation, &managed.organisation);
            return Ok(Err(format!("it is of {own}, the other account is of {foreign}")));
        }
        if !matches!(managed.status, Status::Active | Status::Suspended) {
            return Ok(Err(format!("the other account is {}", managed.status.as_str())));
        }
        let above = [ADMINISTRATOR, MANAGER].into_iter().find(|it| managed.roles.hold(it, now_ms));
        Ok(match above {
            _ if is_administrator => {
                Ok(format!("it administers the organisation {} of both", account.organisation))
            }
            Some(role) => {
                Err(format!("the other account has the role {role}: only administrators manage it"))
            }
            None => Ok(format!("it manages accounts of the organisation {}", account.organisation)),
        })
    }

    fn grants(
        &self,
        account: &Account,
        other: &Address,
        role: &str,
        gas: &mut Gas<'_>,
    ) -> Result<Answer, Problem> {
        let manages = self.manages(account, other, gas)?;
        let is_administrator = account.roles.hold(ADMINISTRATOR, self.session.context.time_ms);
        Ok(match manages {
            Err(why) => Err(why),
            Ok(why) if [ADMINISTRATOR, MANAGER].contains(&role) => match is_administrator {
                true => Ok(why),
                false => Err(format!("only administrators grant the role {role}")),
            },
            Ok(why) if self.is_of_organisations(role, gas)? => Ok(why),
            Ok(_) => Err(format!("organisations do not grant the role {role}: the network does")),
        })
    }

    fn votes(&self, account: &Account, gas: &mut Gas<'_>) -> Result<Answer, Problem> {
        let organisation = &account.organisation;
        if !account.roles.hold(ADMINISTRATOR, self.session.context.time_ms) {
            return Ok(Err(format!("it does not administer its organisation {organisation}")));
        }
        let powers = self.powers(gas)?;
        Ok(match powers.get(organisation) {
            Some(power) => Ok(format!("its organisation {organisation} has the power {power}")),
            None => Err(format!("its organisation {organisation} runs no validator")),
        })
    }

    fn is_of_organisations(&self, role: &str, gas: &mut Gas<'_>) -> Result<bool, Problem> {
        let parameters = self.parameters(gas)?;
        // In all modules, or in the one after it.
        let alone = role.split_once('@').map_or(role, |(alone, _)| alone);
        Ok([ADMINISTRATOR, MANAGER].contains(&role)
            || parameters.accounts.organisation_roles.contains(alone))
    }
}
