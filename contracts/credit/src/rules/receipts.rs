//! Receipts of past usage: a meter delivers them in batches, and each is charged or refused by itself.

use alloc::vec::Vec;

use ehb_contract::{Address, Host};

use super::books::OpenBook;
use super::limits::Measured;
use super::prices::{cost, price_at};
use super::programmes::programme;
use super::usage;
use crate::bindings::ehb::credit::events::Event;
use crate::bindings::ehb::credit::types::{
    Charge, Error, Programme, Receipt, ReceiptResult, Usage, UsageState,
};
use crate::checks::{self, RECEIPT_AGE_MS_MAX, RECEIPTS_PER_BATCH_MAX};
use crate::keys::{METERS, RECEIPTS, USAGES};
use crate::states::ProgrammeAction;

/// See `metering.deliver-receipts`.
pub fn deliver_receipts(
    host: &mut Host,
    programme: u64,
    receipts: Vec<Receipt>,
) -> Result<Vec<ReceiptResult>, Error> {
    checks::range("receipts", receipts.len() as u64, 1, RECEIPTS_PER_BATCH_MAX as u64)?;
    let programme = self::programme(host, programme)?;
    programme.check(host, ProgrammeAction::Charge)?;
    let meter = host.caller();
    if !METERS.contains(host, &(programme.id, meter)) {
        return Err(Error::UnknownMeter(meter));
    }
    let mut results = Vec::with_capacity(receipts.len());
    for receipt in receipts {
        results.push(match deliver(host, &programme, meter, receipt) {
            Ok(result) => result,
            Err(refusal) => ReceiptResult::Refused(refusal),
        });
    }
    Ok(results)
}

/// Charges a receipt. Whatever refuses it does so before anything is written, since the other receipts of
/// the batch go on.
fn deliver(
    host: &mut Host,
    programme: &Programme,
    meter: Address,
    receipt: Receipt,
) -> Result<ReceiptResult, Error> {
    let Receipt { account, service, quantity, used_ms, reference } = receipt;
    checks::service(&service)?;
    checks::quantity("quantity", quantity)?;
    checks::usage_reference(&reference, 1)?;
    let at_ms = host.time_ms();
    checks::range("used-ms", used_ms, at_ms.saturating_sub(RECEIPT_AGE_MS_MAX), at_ms)?;
    let entry = RECEIPTS.entry(&(programme.id, meter, reference.clone()));
    if let Some(usage) = entry.get(host) {
        return Ok(ReceiptResult::Duplicate(usage));
    }
    let price = price_at(host, programme.id, &service, used_ms)?;
    let credits = cost(price, quantity)?;
    let mut open = OpenBook::open(host, programme, account)?;
    let measured = Measured { service: &service, quantity, credits, uses: 1 };
    let draws = usage::set_aside(host, &mut open, account, measured)?;

    let id = usage::next_id(host);
    entry.set(host, &id);
    let usage = Usage {
        id,
        programme: programme.id,
        account,
        service,
        meter,
        price,
        quantity_max: quantity,
        credits_max: credits,
        quantity,
        credits,
        draws,
        state: UsageState::Captured,
        at_ms,
        expires_ms: at_ms,
        reference,
    };
    USAGES.set(host, &id, &usage);
    usage::charge(host, open, &usage, Event::ReceiptCharged(usage.clone()))?;
    Ok(ReceiptResult::Charged(Charge { usage: id, credits }))
}
