//! Reports of past usage: a meter delivers them in batches, and each is charged or refused by itself.

use alloc::vec::Vec;

use ehb_contract::{Address, Host};

use super::books::OpenBook;
use super::limits::Measured;
use super::prices::{cost, price_at};
use super::programme_records::programme;
use super::{usage, usage_records};
use crate::bindings::ehb::credit::events::Event;
use crate::bindings::ehb::credit::types::{
    Charge, Error, Programme, ReportResult, Usage, UsageReport, UsageState,
};
use crate::checks::{self, REPORT_AGE_MS_MAX, REPORTS_PER_BATCH_MAX};
use crate::keys::{METERS, REPORTS, USAGES};
use crate::states::ProgrammeAction;

/// See `metering.report-usage`.
pub fn report_usage(
    host: &mut Host,
    programme: u64,
    reports: Vec<UsageReport>,
) -> Result<Vec<ReportResult>, Error> {
    checks::range("reports", reports.len() as u64, 1, REPORTS_PER_BATCH_MAX as u64)?;
    let programme = self::programme(host, programme)?;
    programme.check(host, ProgrammeAction::Charge)?;
    let meter = host.caller();
    if !METERS.contains(host, &(programme.id, meter)) {
        return Err(Error::UnknownMeter(meter));
    }
    let mut results = Vec::with_capacity(reports.len());
    for report in reports {
        results.push(match deliver(host, &programme, meter, report) {
            Ok(result) => result,
            Err(refusal) => ReportResult::Refused(refusal),
        });
    }
    Ok(results)
}

/// Charges a report. Whatever refuses it does so before anything is written, since the other reports of
/// the batch go on.
fn deliver(
    host: &mut Host,
    programme: &Programme,
    meter: Address,
    report: UsageReport,
) -> Result<ReportResult, Error> {
    let UsageReport { account, service, quantity, used_ms, reference } = report;
    checks::service(&service)?;
    checks::quantity("quantity", quantity)?;
    checks::usage_reference(&reference, 1)?;
    let at_ms = host.time_ms();
    checks::range("used-ms", used_ms, at_ms.saturating_sub(REPORT_AGE_MS_MAX), at_ms)?;
    let entry = REPORTS.entry(&(programme.id, meter, reference.clone()));
    if let Some(usage) = entry.get(host) {
        return Ok(ReportResult::Duplicate(usage));
    }
    let price = price_at(host, programme.id, &service, used_ms)?;
    let credits = cost(price, quantity)?;
    let mut open = OpenBook::open(host, programme, account)?;
    let measured = Measured { service: &service, quantity, credits, usages: 1 };
    let draws = usage::set_aside(host, &mut open, account, measured)?;

    let id = usage_records::next_id(host);
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
    usage::charge(host, open, &usage, Event::UsageReported(usage.clone()))?;
    Ok(ReportResult::Charged(Charge { usage: id, credits }))
}
