//! Who acts for whom: accounts act for themselves, and members of an organisation by their roles.

use alloc::string::String;

use crate::common::Refusal;
use crate::{Address, Host};

/// The role that decides for the platform: its fees, its categories, the network's own asset.
pub const PLATFORM_ADMIN: &str = "platform-admin";

/// Passes where the caller has one of the roles, of which the first is the one that says what it is about.
///
/// # Errors
/// `missing-role`, with the first role.
pub fn check_role(host: &Host, roles: &[&str]) -> Result<(), Refusal> {
    let caller = host.caller();
    if roles.iter().any(|role| host.has_role(caller, role)) {
        return Ok(());
    }
    Err(Refusal::missing_role(roles.first().copied().unwrap_or_default()))
}

/// Passes for an active account, or a module: who takes on money or a duty must be one.
///
/// # Errors
/// `inactive-account`.
pub fn check_active(host: &Host, account: Address) -> Result<(), Refusal> {
    if host.is_active(account) { Ok(()) } else { Err(Refusal::InactiveAccount(account)) }
}

/// Whether the caller is the account, or has the role in the account's organisation.
pub fn acts_for(host: &Host, account: Address, role: &str) -> bool {
    let caller = host.caller();
    caller == account || (host.has_role(caller, role) && share_organisation(host, caller, account))
}

/// Whether the caller acts for what an account made in the name of an organisation: the caller is of the
/// organisation now, and is that account or has one of the roles. So an account that leaves takes nothing along.
/// What was made without an organisation, by a module, is that account's alone.
pub fn acts_in(
    host: &Host,
    organisation: Option<&String>,
    account: Address,
    roles: &[&str],
) -> bool {
    let caller = host.caller();
    if host.organisation(caller).as_ref() != organisation {
        return false;
    }
    let has_role = || roles.iter().any(|role| host.has_role(caller, role));
    caller == account || (organisation.is_some() && has_role())
}

/// Whether two accounts belong to one organisation.
pub fn share_organisation(host: &Host, one: Address, other: Address) -> bool {
    let organisation = host.organisation(one);
    organisation.is_some() && organisation == host.organisation(other)
}

#[cfg(test)]
mod tests {
    use super::{acts_for, acts_in, check_active, check_role, share_organisation};
    use crate::common::Refusal;
    use crate::{Address, Host};

    #[test]
    fn an_account_that_leaves_takes_nothing_along() {
        let [boss, clerk, module] = [1, 2, 3].map(|byte| Address::from_bytes(&[byte; 32]));
        let mut host = Host::new();
        host.register(boss, "acme");
        host.register(clerk, "acme");
        let acme = Some("acme".to_owned());
        let mut acts = |caller, roles: &[&str]| {
            host.act_as(caller);
            acts_in(&host, acme.as_ref(), boss, roles)
        };
        assert!(acts(boss, &[]));
        assert!(!acts(clerk, &["buyer"]), "without the role");
        host.grant(clerk, "buyer");
        host.register(boss, "bolt");
        for (caller, account, organisation, expected) in [
            (clerk, boss, &acme, true),
            (boss, boss, &acme, false),
            (boss, clerk, &acme, false),
            (module, module, &None, true),
            (module, boss, &acme, false),
            (clerk, module, &None, false),
        ] {
            host.act_as(caller);
            let acts = acts_in(&host, organisation.as_ref(), account, &["clerk", "buyer"]);
            assert_eq!(acts, expected, "{caller:?} {account:?}");
        }
    }

    #[test]
    fn one_of_the_roles_suffices_and_the_first_is_named() {
        let clerk = Address::from_bytes(&[1; 32]);
        let mut host = Host::new();
        host.register(clerk, "acme");
        host.act_as(clerk);
        let roles = ["seller", "clerk"];
        assert_eq!(check_role(&host, &roles), Err(Refusal::missing_role("seller")));
        host.grant(clerk, "clerk");
        assert_eq!(check_role(&host, &roles), Ok(()));
    }

    /// A role in one module counts there alone.
    #[test]
    fn a_role_in_another_module_does_not_count() {
        let [boss, clerk] = [1, 2].map(|byte| Address::from_bytes(&[byte; 32]));
        for (module, acts) in [("jobs", true), ("marketplace", false)] {
            let mut host = Host::for_module(module);
            host.register(boss, "acme");
            host.register(clerk, "acme");
            host.grant(clerk, "clerk@jobs");
            host.act_as(clerk);
            assert_eq!(acts_for(&host, boss, "clerk"), acts, "{module}");
        }
    }

    #[test]
    fn a_member_with_the_role_acts_for_its_organisation() {
        let [boss, clerk, other, nobody] =
            [1, 2, 3, 4].map(|byte| Address::from_bytes(&[byte; 32]));
        let mut host = Host::new();
        for (account, organisation) in [(boss, "acme"), (clerk, "acme"), (other, "bolt")] {
            host.register(account, organisation);
            host.grant(account, "clerk");
        }
        for (caller, account, role, acts) in [
            (boss, boss, "treasurer", true),
            (clerk, boss, "clerk", true),
            (clerk, boss, "treasurer", false),
            (other, boss, "clerk", false),
            (nobody, boss, "clerk", false),
        ] {
            host.act_as(caller);
            assert_eq!(acts_for(&host, account, role), acts, "{caller:?} {role}");
        }
        assert!(share_organisation(&host, boss, clerk));
        assert!(!share_organisation(&host, nobody, nobody), "strangers have no organisation");
        assert_eq!(check_active(&host, boss), Ok(()));
        host.set_frozen(boss, true);
        assert_eq!(check_active(&host, boss), Err(Refusal::InactiveAccount(boss)));
        assert_eq!(check_active(&host, nobody), Err(Refusal::InactiveAccount(nobody)));
    }
}
