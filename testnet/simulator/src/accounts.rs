//! Reads the accounts of the chain in a state.

use ehb_kernel::organisations;
use ehb_state::Overlay;
use ehb_types::{Address, Status};

/// Whether an account can send transactions.
pub(crate) fn is_active(state: &Overlay, address: &Address) -> Result<bool, String> {
    let account = organisations::acting_account(state, address);
    let account = account.map_err(|error| error.to_string())?;
    Ok(account.is_some_and(|account| account.status == Status::Active))
}
