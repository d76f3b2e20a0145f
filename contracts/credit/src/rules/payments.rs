//! Bills: paying them in part or in full, which can cure a delinquent credit line or close it.

use alloc::string::String;

use ehb_contract::{Host, packed};

use super::billing::{self, close_if_paid};
use super::line_records::{line, save};
use super::money;
use super::programme_records::programme;
use crate::bindings::ehb::credit::events::{BillPayment, Event};
use crate::bindings::ehb::credit::types::{CreditLine, CreditLineState, Error};
use crate::checks;
use crate::keys::{BILLS, KEYS};
use crate::states::{BillAction, CreditLineAction};

/// The purpose of the wallet's hold of a payment.
const REFERENCE: &str = "credit bill";

/// See `credit-lines.pay-bill`.
///
/// The steps of the line's passed deadlines are taken first, whether somebody advanced it or not.
pub fn pay_bill(host: &mut Host, id: u64, amount: u64, key: String) -> Result<(), Error> {
    KEYS.run(host, &key, "pay-bill", &packed!(id, amount), |host| {
        checks::not_zero(amount)?;
        billing::catch_up(host, billing::bill(host, id)?.credit_line);
        let mut bill = billing::bill(host, id)?;
        let unpaid = bill.amount - bill.paid;
        bill.take(if amount < unpaid { BillAction::Pay } else { BillAction::Settle })?;
        checks::range("amount", amount, 1, unpaid)?;
        let before = line(host, bill.credit_line)?;
        let payout_account = programme(host, before.programme)?.payout_account;
        money::pay(host, &before.terms.asset, amount, payout_account, REFERENCE)?;
        bill.paid += amount;
        BILLS.set(host, &id, &bill);
        let settled = amount == unpaid;
        let mut after = before.clone();
        if settled {
            after.forget_bill();
        }
        let payer = host.sender();
        host.emit(Event::BillPaid(BillPayment { payer, amount, bill, credit_line: after.clone() }));
        if settled {
            cure_or_close(host, &before, after)?;
        }
        Ok(())
    })
}

/// The effects of a bill that is paid in full.
fn cure_or_close(host: &mut Host, before: &CreditLine, mut line: CreditLine) -> Result<(), Error> {
    if line.state == CreditLineState::Delinquent {
        let cure =
            if line.suspended { CreditLineAction::CureSuspended } else { CreditLineAction::Cure };
        line.take(cure)?;
        save(host, Some(before), &line);
        host.emit(Event::CreditLineCured(line));
        return Ok(());
    }
    save(host, Some(before), &line);
    close_if_paid(host, line);
    Ok(())
}
