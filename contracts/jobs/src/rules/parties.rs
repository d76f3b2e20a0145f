//! Who acts for whom.

use ehb_contract::common::Party;
use ehb_contract::parties::acts_for;
pub(super) use ehb_contract::parties::check_active;
use ehb_contract::{Address, Host};

use crate::bindings::ehb::jobs::types::{Contract, Error, Side};
use crate::keys::Kind;

/// Decides about postings, applications, offers and the work on the client's side, and attests.
pub(super) const CLERK: &str = "clerk";

/// Decides about money on the client's side.
pub(super) const TREASURER: &str = "treasurer";

/// Acts on the contractor's side.
pub(super) const SELLER: &str = "seller";

/// The caller must be the party, or a member of its organisation with the role.
pub(super) fn check(host: &Host, party: Address, role: &str) -> Result<(), Error> {
    if acts_for(host, party, role) {
        return Ok(());
    }
    Err(Error::WrongParty(Party::member(party, role)))
}

/// The side of a contract for which the caller acts. Who is a party itself acts for itself; where both
/// parties are of one organisation, its clerks and treasurers act for the client.
pub(super) fn side(host: &Host, contract: &Contract, client_role: &str) -> Result<Side, Error> {
    let caller = host.caller();
    if caller == contract.client {
        Ok(Side::Client)
    } else if caller == contract.contractor {
        Ok(Side::Contractor)
    } else if acts_for(host, contract.client, client_role) {
        Ok(Side::Client)
    } else if acts_for(host, contract.contractor, SELLER) {
        Ok(Side::Contractor)
    } else {
        Err(Error::NotAParty(Kind::Contract.item(contract.id)))
    }
}

/// Nobody hires itself.
pub(super) fn check_other(account: Address, client: Address) -> Result<(), Error> {
    if account == client { Err(Error::SameAccount(account)) } else { Ok(()) }
}
