//! An account's usage by month and service.

use alloc::string::String;

use ehb_contract::{Address, Host};

use super::books::add;
use super::limits::Measured;
use crate::keys::{BILL_LINES, STATEMENT_LINES, Totals};

/// Counts a charged usage into its month's service.
pub(super) fn count(
    host: &mut Host,
    programme: u64,
    account: Address,
    month: u32,
    usage: Measured<'_>,
) {
    let service = String::from(usage.service);
    let entry = STATEMENT_LINES.entry(&((programme, account), month, service));
    let mut totals = entry.get(host).unwrap_or_default();
    totals.count(usage);
    entry.set(host, &totals);
}

/// Counts a charged usage into the service of a line's next bill.
pub(super) fn count_for_bill(host: &mut Host, line: u64, number: u32, usage: Measured<'_>) {
    let entry = BILL_LINES.entry(&(line, number, String::from(usage.service)));
    let mut totals = entry.get(host).unwrap_or_default();
    totals.count(usage);
    entry.set(host, &totals);
}

impl Totals {
    fn count(&mut self, usage: Measured<'_>) {
        add(&mut self.usages, usage.usages);
        add(&mut self.quantity, usage.quantity);
        add(&mut self.credits, usage.credits);
    }
}
