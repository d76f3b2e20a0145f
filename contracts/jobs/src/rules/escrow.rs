//! The money of milestones: everything that goes into the wallet's holds and out of them.

use alloc::string::String;

use ehb_contract::{Host, trap};

use crate::bindings::ehb::jobs::types::WalletError;
use crate::bindings::ehb::jobs::types::{Contract, Error, Milestone, MilestoneEscrow};
use crate::checks::ESCROW_MS;
use crate::wallet;

/// Sets a milestone's money aside from what the transaction's sender has.
pub(super) fn fund(
    host: &mut Host,
    contract: &Contract,
    milestone: &Milestone,
) -> Result<MilestoneEscrow, Error> {
    let amount = milestone.plan.amount;
    let hold_expires_ms = host.time_ms().saturating_add(ESCROW_MS);
    let asset = contract.terms.asset.clone();
    let reference = reference(milestone.id);
    let hold = wallet::place_hold(host, asset, amount, None, None, hold_expires_ms, reference)?;
    let payer = host.sender();
    Ok(MilestoneEscrow {
        funded: amount,
        paid: 0,
        fee: 0,
        refunded: 0,
        payer,
        hold,
        hold_expires_ms,
    })
}

/// When an escrow was funded.
pub(super) fn funded_ms(escrow: &MilestoneEscrow) -> u64 {
    escrow.hold_expires_ms.saturating_sub(ESCROW_MS)
}

/// Empties a milestone's escrow: the contractor's part goes to the contractor, less the platform's
/// fee, and all the rest back. Returns false where the hold has expired, and everything went back.
pub(super) fn settle(
    host: &mut Host,
    contract: &Contract,
    escrow: &mut MilestoneEscrow,
    to_contractor: u64,
) -> Result<bool, Error> {
    let hold = escrow.hold;
    if host.time_ms() >= escrow.hold_expires_ms {
        return_expired(host, hold)?;
        escrow.refunded = escrow.funded;
        return Ok(false);
    }
    let Some(back) = escrow.funded.checked_sub(to_contractor) else {
        trap("a milestone would pay more than it holds")
    };
    if let Some(platform) = contract.platform_fee {
        escrow.fee = ehb_dispute::split(to_contractor, platform.fee).to_payer;
        if escrow.fee > 0 {
            wallet::pay_out(host, hold, platform.fee_account, escrow.fee)?;
        }
    }
    escrow.paid = to_contractor - escrow.fee;
    if escrow.paid > 0 {
        wallet::pay_out(host, hold, contract.contractor, escrow.paid)?;
    }
    if back > 0 {
        wallet::release_hold(host, hold)?;
    }
    escrow.refunded = back;
    Ok(true)
}

/// Returns an expired hold's money, unless somebody else did that before.
fn return_expired(host: &mut Host, hold: u64) -> Result<(), Error> {
    match wallet::expire_hold(host, hold) {
        Ok(()) | Err(WalletError::WrongState(_)) => Ok(()),
        Err(refusal) => Err(refusal.into()),
    }
}

/// The purpose of a hold, in the payer's statement.
fn reference(milestone: u64) -> String {
    let mut digits = String::new();
    let mut rest = milestone;
    while rest > 0 {
        digits.insert(0, char::from(b'0' + (rest % 10) as u8));
        rest /= 10;
    }
    let mut text = String::from("milestone ");
    text.push_str(&digits);
    text
}
