//! What each call does: who may, what is refused, what is written and told.
//!
//! Every rule is a function over the chain at hand. It returns an error before or after it wrote; the
//! chain undoes what a refused call wrote.

use ehb_contract::common::Party;
use ehb_contract::{Address, Host};

use crate::bindings::ehb::credit::types::{Error, Programme};

mod billing;
mod books;
mod closing;
mod deadlines;
mod grants;
mod limits;
mod lines;
mod payments;
mod prices;
mod programmes;
mod purchases;
mod queries;
mod receipts;
mod statements;
mod treasurers;
mod usage;

pub use closing::{refund_purchase, revoke_grant, settle_purchase};
pub use deadlines::{advance, list_due, sweep};
pub use grants::grant_credits;
pub use limits::{remove_limit, set_limit};
pub use lines::{
    accept_line, close_line, decline_line, offer_line, resume_line, suspend_line, withdraw_line,
    write_off_line,
};
pub use payments::pay_bill;
pub use prices::{retire_item, set_price};
pub use programmes::{
    close_programme, create_programme, register_meter, remove_meter, set_default_limits, set_sale,
    set_treasury,
};
pub use purchases::purchase;
pub use queries::{
    get_bill, get_grant, get_item, get_line, get_position, get_programme, get_receipt,
    get_statement, get_usage, list_bill_lines, list_bills, list_grants, list_items, list_lines,
    list_meters, list_programmes, list_statement_lines,
};
pub use receipts::deliver_receipts;
pub use treasurers::{get_treasurer_limit, set_treasurer_limit};
pub use usage::{authorise_usage, capture_usage, void_usage};

/// See `upgrade.migrate`.
pub fn migrate(host: &mut Host) -> Result<(), Error> {
    crate::keys::SCHEMA.migrate(host).map_err(Error::from)
}

/// The role of those who run a programme's prices and meters for its issuer.
const SELLER: &str = "seller";

/// The role of those who deal with money and credit, for an issuer or an account.
const TREASURER: &str = "treasurer";

/// The role of those who use credits for an account.
const CLERK: &str = "clerk";

/// Whoever takes on money or a duty must be an active account, or a module.
fn check_active(host: &Host, account: Address) -> Result<(), Error> {
    if host.is_active(account) { Ok(()) } else { Err(Error::InactiveAccount(account)) }
}

/// Whether the caller is the account, or has the role in the account's organisation.
fn acts_for(host: &Host, account: Address, role: &str) -> bool {
    let caller = host.caller();
    caller == account || (host.has_role(caller, role) && same_organisation(host, caller, account))
}

/// Whether two accounts belong to one organisation.
fn same_organisation(host: &Host, one: Address, other: Address) -> bool {
    let organisation = host.organisation(one);
    organisation.is_some() && organisation == host.organisation(other)
}

/// Only the programme's issuer, or a seller of its organisation.
fn check_seller(host: &Host, programme: &Programme) -> Result<(), Error> {
    if acts_for(host, programme.issuer, SELLER) {
        return Ok(());
    }
    Err(Error::WrongParty(Party::member(programme.issuer, SELLER)))
}

/// Only the programme's issuer, or a treasurer of its organisation.
fn check_treasurer(host: &Host, programme: &Programme) -> Result<(), Error> {
    if acts_for(host, programme.issuer, TREASURER) {
        return Ok(());
    }
    Err(Error::WrongParty(Party::member(programme.issuer, TREASURER)))
}
