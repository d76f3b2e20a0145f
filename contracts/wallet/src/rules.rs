//! What each call does: who may, what is refused, what is written and told.
//!
//! Every rule is a function over the chain at hand. It returns an error before or after it wrote; the
//! chain undoes what a refused call wrote.

use ehb_contract::{Address, Host, trap};

use crate::bindings::ehb::wallet::types::Error;
use crate::keys::{AssetId, SCHEMA};

mod allowances;
mod assets;
mod balances;
mod deadlines;
mod holds;
mod payments;
mod policies;
mod queries;
mod requests;
mod statements;
mod transfers;

pub use allowances::{close_allowance, grant_allowance, place_hold_from, transfer_from};
pub use assets::{
    burn, create_asset, create_asset_with_terms, freeze_balance, mint, restrict_supply, set_issuer,
    thaw_balance,
};
pub use deadlines::{advance, list_due, sweep};
pub use holds::{expire_hold, pay_out, place_hold, release_hold};
pub use payments::{approve_payment, cancel_payment, propose_payment, reject_payment};
pub use policies::{cancel_policy_change, set_policy};
pub use queries::{
    get_allowance, get_asset, get_balance, get_freeze, get_hold, get_native_asset, get_payment,
    get_policy, get_request, get_supply, list_allowances, list_assets, list_balances, list_holds,
    list_owned, list_payments, list_requests,
};
pub use requests::{cancel_request, decline_request, pay_request, request_payment};
pub use statements::{get_statement, list_statements};
pub use transfers::{batch_transfer, transfer, transfer_with_reference};

/// See `upgrade.migrate`.
pub fn migrate(host: &mut Host) -> Result<(), Error> {
    Ok(SCHEMA.migrate(host)?)
}

/// Whoever takes on money or a duty must be an active account, or a module.
fn check_active(host: &Host, account: Address) -> Result<(), Error> {
    if host.is_active(account) { Ok(()) } else { Err(Error::InactiveAccount(account)) }
}

/// Money that is owed can go to any account there is: freezing a payee must not keep others from
/// what they are owed, or a deal from ending.
fn check_registered(host: &Host, account: Address) -> Result<(), Error> {
    if host.is_registered(account) { Ok(()) } else { Err(Error::UnknownAccount(account)) }
}

/// The id of an asset that the state names, which was checked before it was stored.
fn asset_of(text: &str) -> AssetId {
    match AssetId::parse(text) {
        Some(asset) => asset,
        None => trap("the state names a malformed asset"),
    }
}
