use alloc::string::String;

use ehb_contract::{Address, Host};

use super::balances;
use crate::bindings::ehb::wallet::events::{Event, Payment};
use crate::bindings::ehb::wallet::types::Error;
use crate::checks::{self, REFERENCE_BYTES_MAX};

/// See `transfers.transfer`.
pub fn transfer(host: &mut Host, to: Address, asset: String, amount: u64) -> Result<(), Error> {
    pay(host, to, asset, amount, None)
}

/// See `transfers.transfer-with-reference`.
pub fn transfer_with_reference(
    host: &mut Host,
    to: Address,
    asset: String,
    amount: u64,
    reference: String,
) -> Result<(), Error> {
    checks::text("reference", &reference, 1, REFERENCE_BYTES_MAX)?;
    pay(host, to, asset, amount, Some(reference))
}

fn pay(
    host: &mut Host,
    to: Address,
    asset: String,
    amount: u64,
    reference: Option<String>,
) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    checks::amount(amount)?;
    let from = host.caller();
    if from == to {
        return Err(Error::SameAccount(to));
    }
    super::check_active(host, to)?;
    balances::debit(host, from, id, amount)?;
    balances::credit(host, to, id, amount);
    host.emit(Event::Transferred(Payment { asset, from, to, amount, reference }));
    Ok(())
}
