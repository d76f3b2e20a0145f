//! The rules of each call: who may make it, what it refuses, writes and emits.
//!
//! Every rule is a function over the chain at hand. It returns an error before or after it wrote; the
//! chain undoes what a refused call wrote.

use ehb_contract::parties::check_active;
use ehb_contract::{Address, Host, trap};

use crate::bindings::ehb::wallet::events::Event;
use crate::bindings::ehb::wallet::types::Error;
use crate::keys::{AssetId, DEADLINES, Kind, SCHEMA};

mod allowance_use;
mod allowances;
mod assets;
mod balances;
mod deadlines;
mod draws;
mod flags;
mod holds;
mod payments;
mod permits;
mod policies;
mod policy_records;
mod queries;
mod requests;
mod statements;
mod tiers;
mod transaction_limits;
mod transfers;
mod unasked;

pub use allowances::*;
pub use assets::*;
pub use deadlines::*;
pub use draws::*;
pub use holds::*;
pub use payments::*;
pub use permits::*;
pub use policies::*;
pub use queries::*;
pub use requests::*;
pub use statements::*;
pub use transaction_limits::*;
pub use transfers::*;

/// See `upgrade.migrate`.
pub fn migrate(host: &mut Host) -> Result<(), Error> {
    Ok(SCHEMA.migrate(host)?)
}

/// Money that is owed can go to any account there is: freezing a payee must not keep others from
/// what they are owed, or a deal from ending.
fn check_registered(host: &Host, account: Address) -> Result<(), Error> {
    if host.is_registered(account) { Ok(()) } else { Err(Error::UnknownAccount(account)) }
}

/// Notes that an item left the state.
fn removed(host: &mut Host, kind: Kind, id: u64, deadline_ms: u64) {
    DEADLINES.remove(host, kind, id, deadline_ms);
    host.emit(Event::Removed(kind.item(id)));
}

/// The id of an asset that the state names, which was checked before it was stored.
fn asset_of(text: &str) -> AssetId {
    match AssetId::parse(text) {
        Some(asset) => asset,
        None => trap("the state names a malformed asset"),
    }
}
