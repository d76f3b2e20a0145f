//! What each call does: who may, what is refused, what is written and told.
//!
//! Every rule is a function over the chain at hand. It returns an error before or after it wrote; the
//! chain undoes what a refused call wrote.

use ehb_contract::{Address, Host};

use crate::bindings::ehb::wallet::types::Error;

mod assets;
mod balances;
mod holds;
mod queries;
mod transfers;

pub use assets::{burn, create_asset, mint, set_issuer};
pub use holds::{expire_hold, pay_out, place_hold, release_hold};
pub use queries::{
    get_asset, get_balance, get_hold, get_supply, list_assets, list_balances, list_holds,
};
pub use transfers::{transfer, transfer_with_reference};

/// Whoever takes on money or a duty must be an active account, or a module.
fn check_active(host: &Host, account: Address) -> Result<(), Error> {
    if host.is_active(account) { Ok(()) } else { Err(Error::InactiveAccount(account)) }
}

/// Money that is owed can go to any account there is: freezing a payee must not keep others from
/// what they are owed, or a deal from ending.
fn check_registered(host: &Host, account: Address) -> Result<(), Error> {
    if host.is_registered(account) { Ok(()) } else { Err(Error::UnknownAccount(account)) }
}
