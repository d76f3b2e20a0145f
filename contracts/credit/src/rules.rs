//! The rules of each call: who may make it, what it refuses, writes and emits.
//!
//! Every rule is a function over the chain at hand. It returns an error before or after it wrote; the
//! chain undoes what a refused call wrote.

use ehb_contract::Host;
use ehb_contract::common::Party;
use ehb_contract::parties::{acts_for, check_active, share_organisation};

use crate::bindings::ehb::credit::types::{Error, Programme};

mod billing;
mod books;
mod closing;
mod deadlines;
mod ending;
mod grants;
mod limits;
mod line_records;
mod lines;
mod money;
mod payments;
mod prices;
mod programme_records;
mod programmes;
mod purchases;
mod queries;
mod removal;
mod reports;
mod statements;
mod treasurers;
mod usage;
mod usage_records;

pub use closing::*;
pub use deadlines::*;
pub use grants::*;
pub use limits::*;
pub use lines::*;
pub use payments::*;
pub use prices::*;
pub use programmes::*;
pub use purchases::*;
pub use queries::*;
pub use reports::*;
pub use treasurers::*;
pub use usage::*;

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
