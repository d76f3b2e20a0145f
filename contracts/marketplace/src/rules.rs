//! The rules of each call: who may make it, what it refuses, writes and emits.
//!
//! Every rule is a function over the chain at hand. It returns an error before or after it wrote; the
//! chain undoes what a refused call wrote.
//!
//! `progress` moves a sub-order from state to state, `money` pays out of its escrow, `stock` keeps what
//! is reserved for it; the other files are the calls, topic by topic.

use ehb_contract::common::{Party, Refusal};
use ehb_contract::parties::{acts_in, check_active};
use ehb_contract::{Host, Map, Pack};

use crate::bindings::ehb::marketplace::types::{Error, SubOrder};
use crate::keys::{Kind, LATEST, Latest, SCHEMA, SUB_ORDERS};

mod catalogue;
mod deadlines;
mod delivery;
mod disputes;
mod lists;
mod money;
mod orders;
mod owned;
mod placing;
mod progress;
mod queries;
mod ratings;
mod removal;
mod returns;
mod settings;
mod shipping;
mod stock;
mod store_records;
mod stores;
mod treasurers;
mod variants;

pub use catalogue::*;
pub use deadlines::*;
pub use delivery::*;
pub use disputes::*;
pub use lists::*;
pub use orders::*;
pub use placing::*;
pub use queries::*;
pub use ratings::*;
pub use returns::*;
pub use settings::*;
pub use shipping::*;
pub use stock::*;
pub use stores::*;
pub use treasurers::*;
pub use variants::*;

/// See `upgrade.migrate`.
pub fn migrate(host: &mut Host) -> Result<(), Error> {
    Ok(SCHEMA.migrate(host)?)
}

/// The roles that manage stores, products and prices.
const SELLER: &[&str] = &["seller"];

/// The roles that manage stock and orders.
const CLERK: &[&str] = &["clerk", "seller"];

/// The roles that keep stock, ship and record deliveries.
const WAREHOUSE: &[&str] = &["clerk", "seller", "warehouse"];

/// The role that acts for the organisation that ordered.
const BUYER: &[&str] = &["buyer"];

/// The roles that send its goods back.
const RECEIVER: &[&str] = &["buyer", "receiver"];

/// The roles that act for it in disputes.
const BUYERS_TREASURER: &[&str] = &["buyer", "treasurer", "owner"];

/// The roles that decide about money; treasurers within their limits.
const TREASURER: &[&str] = &["treasurer", "owner"];

/// The roles that set those limits, and decide without them.
const OWNER: &[&str] = &["owner"];

/// The caller must be of an organisation and have one of the roles, of which the first is the one that says what it is
/// about.
fn check_member(host: &Host, organisation: &str, roles: &[&str]) -> Result<(), Error> {
    if is_member(host, organisation, roles) {
        return Ok(());
    }
    let role = roles.first().copied().unwrap_or_default();
    Err(Error::WrongParty(Party::of_organisation(organisation, role)))
}

/// Whether the caller is of an organisation and has one of the roles.
fn is_member(host: &Host, organisation: &str, roles: &[&str]) -> bool {
    let caller = host.caller();
    host.organisation(caller).as_deref() == Some(organisation)
        && roles.iter().any(|role| host.has_role(caller, role))
}

/// Whether the caller acts for the organisation that ordered: the account that ordered, or another with one of the
/// roles.
fn acts_for_buyer(host: &Host, order: &SubOrder, roles: &[&str]) -> bool {
    acts_in(host, order.buyer_organisation.as_ref(), order.buyer, roles)
}

/// The caller must act for the organisation that ordered.
fn check_buyer(host: &Host, order: &SubOrder, roles: &[&str]) -> Result<(), Error> {
    if acts_for_buyer(host, order, roles) {
        return Ok(());
    }
    let role = roles.first().copied().unwrap_or_default();
    Err(Error::WrongParty(Party::member(order.buyer, role)))
}

/// Only an account may act, in a transaction of its own: a module could spend its money otherwise.
fn check_account(host: &Host) -> Result<(), Error> {
    host.caller_module().map_or(Ok(()), |module| Err(Error::ModuleCaller(module)))
}

/// The next number of a kind.
fn number(host: &mut Host, of_kind: impl FnOnce(&mut Latest) -> &mut u64) -> u64 {
    let mut latest = LATEST.get(host).unwrap_or_default();
    let number = of_kind(&mut latest);
    *number += 1;
    let number = *number;
    LATEST.set(host, &latest);
    number
}

/// A part of a sub-order that is stored under its number, until it leaves the state with the sub-order.
fn part<V: Pack>(host: &Host, parts: &Map<u64, V>, kind: Kind, id: u64) -> Result<V, Refusal> {
    parts.find_kept(host, kind, id, |host| match SUB_ORDERS.contains(host, &id) {
        true => None,
        false => LATEST.get(host).map(|latest| latest.sub_order),
    })
}

/// A part of an amount, rounded down.
fn share(amount: u64, basis_points: u16) -> u64 {
    ehb_dispute::split(amount, basis_points).to_payer
}
