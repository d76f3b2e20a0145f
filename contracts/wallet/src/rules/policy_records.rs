//! Policies as they are stored, and as they are at the time of a block.

use ehb_contract::{Address, Host};

use crate::keys::{AssetId, POLICIES};
use crate::records::Rulebook;

/// An account's policies for an asset at the block's time.
pub(super) fn rulebook(host: &Host, account: Address, asset: AssetId) -> Rulebook {
    let mut rules = POLICIES.get(host, &(account, asset)).unwrap_or_default();
    rules.turn(host.time_ms());
    rules
}
