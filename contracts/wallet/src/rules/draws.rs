//! Draws: how modules that a transaction calls take an owner's money on an allowance of the sender's.

use ehb_contract::common::{LimitUsage, Party};
use ehb_contract::{Address, Host, check_before};

use super::allowance_use;
use crate::bindings::ehb::wallet::types::Error;
use crate::checks::{self, DRAWS_MAX};
use crate::keys::{DRAWS, Kind};
use crate::records::{DrawLimit, Draws};
use crate::states::AllowanceAction;

/// See `allowances.use-allowance`.
pub fn use_allowance(host: &mut Host, id: u64, amount_max: u64) -> Result<(), Error> {
    let allowance = allowance_use::active(host, id, AllowanceAction::Draw)?;
    let spender = host.sender();
    // A module that is called does not decide whose money later ones take.
    if host.caller() != spender || allowance.spender != spender {
        return Err(Error::WrongParty(Party::account(allowance.spender)));
    }
    check_before(host, || Kind::Allowance.item(id), allowance.expires_ms)?;
    let mut limits = in_force(host).map(|draws| draws.limits).unwrap_or_default();
    limits.retain(|limit| limit.asset != allowance.asset);
    if amount_max > 0 {
        checks::room("draws", limits.len(), DRAWS_MAX)?;
        let asset = allowance.asset;
        limits.push(DrawLimit { allowance: id, asset, amount_max, taken: 0 });
    }
    let transaction = host.transaction_id();
    DRAWS.set(host, &Draws { transaction, spender, limits });
    Ok(())
}

/// Whose money a module's hold of an asset takes: that of the owner on whose allowance the transaction draws, which
/// this counts, or else the sender's own.
pub(super) fn payer(
    host: &mut Host,
    asset: &str,
    amount: u64,
    payee: Address,
) -> Result<Address, Error> {
    let sender = host.sender();
    let Some(mut draws) = in_force(host) else { return Ok(sender) };
    let Some(limit) = draws.limits.iter_mut().find(|limit| limit.asset == asset) else {
        return Ok(sender);
    };
    let taken = limit.taken.checked_add(amount).filter(|taken| *taken <= limit.amount_max);
    let Some(taken) = taken else {
        return Err(Error::OverTransactionLimit(LimitUsage::new(
            limit.amount_max,
            limit.taken,
            amount,
        )));
    };
    limit.taken = taken;
    let allowance = limit.allowance;
    DRAWS.set(host, &draws);
    Ok(allowance_use::draw(host, allowance, amount, payee, sender)?.0)
}

/// The allowances on which the sender draws in this transaction.
fn in_force(host: &Host) -> Option<Draws> {
    let (transaction, spender) = (host.transaction_id(), host.sender());
    DRAWS.get(host).filter(|draws| draws.transaction == transaction && draws.spender == spender)
}
