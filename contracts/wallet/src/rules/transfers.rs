//! Transfers: paying another account, alone or in a batch.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::{Address, Host, packed};

use super::balances;
use crate::bindings::ehb::wallet::events::{Event, Transfer};
use crate::bindings::ehb::wallet::types::{Error, TransferLine};
use crate::checks::{self, BATCH_LINES_MAX, REFERENCE_BYTES_MAX};
use crate::keys::KEYS;

/// See `transfers.transfer`.
pub fn transfer(host: &mut Host, to: Address, asset: String, amount: u64) -> Result<(), Error> {
    let from = host.caller();
    pay(host, from, to, asset, amount, None)
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
    let from = host.caller();
    pay(host, from, to, asset, amount, Some(reference))
}

/// See `transfers.batch-transfer`.
pub fn batch_transfer(host: &mut Host, lines: Vec<TransferLine>, key: String) -> Result<(), Error> {
    checks::range("lines", lines.len() as u64, 1, BATCH_LINES_MAX as u64)?;
    KEYS.run(host, &key, "batch-transfer", &packed!(lines), |host| {
        let from = host.caller();
        for TransferLine { to, asset, amount, reference } in lines {
            checks::text("reference", &reference, 0, REFERENCE_BYTES_MAX)?;
            pay(host, from, to, asset, amount, said(reference))?;
        }
        Ok(())
    })
}

/// A reference, unless it is empty.
pub(super) fn said(reference: String) -> Option<String> {
    if reference.is_empty() { None } else { Some(reference) }
}

/// Pays from what `from` can spend, within its policy.
pub(super) fn pay(
    host: &mut Host,
    from: Address,
    to: Address,
    asset: String,
    amount: u64,
    reference: Option<String>,
) -> Result<(), Error> {
    let id = checks::asset_id(&asset)?;
    checks::amount(amount)?;
    if from == to {
        return Err(Error::SameAccount(to));
    }
    super::check_active(host, to)?;
    balances::debit(host, from, id, amount, Some(to))?;
    balances::receive(host, to, id, amount)?;
    host.emit(Event::Transferred(Transfer { asset, from, to, amount, reference }));
    Ok(())
}
