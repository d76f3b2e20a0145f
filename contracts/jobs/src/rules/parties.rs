//! Who acts for whom: by the organisation in whose name an account became a party, and the roles there now.

use alloc::string::String;

use ehb_contract::common::Party;
use ehb_contract::parties::acts_in;
pub(super) use ehb_contract::parties::check_active;
use ehb_contract::{Address, Hash, Host};

use crate::bindings::ehb::jobs::types::{Contract, Error, Side};
use crate::keys::Kind;

/// Decides about postings, applications, offers and the work on the client's side.
pub(super) const CLERK: &str = "clerk";

/// Decides about money on the client's side.
pub(super) const TREASURER: &str = "treasurer";

/// Acts on the contractor's side.
pub(super) const CONTRACTOR: &str = "contractor";

/// Issues the attestations of its organisation, and takes them back.
pub(super) const CERTIFIER: &str = "certifier";

/// The caller must be of the organisation in whose name an account became a party, and be that account or have
/// the role.
pub(super) fn check(
    host: &Host,
    organisation: &Option<String>,
    party: Address,
    role: &str,
) -> Result<(), Error> {
    if acts_in(host, organisation.as_ref(), party, &[role]) {
        return Ok(());
    }
    Err(Error::WrongParty(Party::member(party, role)))
}

/// The side of a contract for which the caller acts. Who is a party itself acts for itself; where both
/// parties are of one organisation, its clerks and treasurers act for the client.
pub(super) fn side(host: &Host, contract: &Contract, client_role: &str) -> Result<Side, Error> {
    let client = |roles: &[&str]| {
        acts_in(host, contract.client_organisation.as_ref(), contract.client, roles)
    };
    let contractor = |roles: &[&str]| {
        acts_in(host, contract.contractor_organisation.as_ref(), contract.contractor, roles)
    };
    if client(&[]) {
        Ok(Side::Client)
    } else if contractor(&[]) {
        Ok(Side::Contractor)
    } else if client(&[client_role]) {
        Ok(Side::Client)
    } else if contractor(&[CONTRACTOR]) {
        Ok(Side::Contractor)
    } else {
        Err(Error::NotAParty(Kind::Contract.item(contract.id)))
    }
}

/// Stands for a party in keys: its organisation, or itself where it is of none, as modules are.
pub(super) fn key(host: &Host, organisation: Option<&String>, account: Address) -> Hash {
    match organisation {
        Some(organisation) => host.sha256(organisation.as_bytes()),
        None => host.sha256(&account.to_bytes()),
    }
}

/// Nobody hires itself.
pub(super) fn check_other(account: Address, client: Address) -> Result<(), Error> {
    if account == client { Err(Error::SameAccount(account)) } else { Ok(()) }
}
