//! Queries of programmes, prices, grants, usages, credit lines, bills and statements.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::page::{page, values};
use ehb_contract::{Address, Host};

use super::line_records::line;
use super::programme_records::programme;
use super::usage_records::usage;
use super::{billing, grants, prices};
use crate::bindings::ehb::credit::types::{
    Bill, CreditLine, Error, Grant, GrantState, Meter, PricedService, Programme, Statement,
    StatementLine, Usage,
};
use crate::bindings::exports::ehb::credit::queries::{
    BillPage, CreditBalance, CreditLinePage, CustomerPage, GrantPage, MeterPage, ProgrammePage,
    ServicePage, StatementLinePage,
};
use crate::checks;
use crate::keys::{
    BILL_LINES, BILLS_OF, BOOKS, BookedGrant, GRANTS_OF, LINES_OF, METERS, PROGRAMMES, REPORTS,
    SERVICES, STATEMENT_LINES, STATEMENTS, Totals,
};

/// See `queries.get-programme`.
pub fn get_programme(host: &Host, id: u64) -> Result<Programme, Error> {
    programme(host, id)
}

/// See `queries.list-programmes`.
pub fn list_programmes(
    host: &Host,
    after: Option<u64>,
    limit: u32,
) -> Result<ProgrammePage, Error> {
    let (mut found, next) = page(limit, |limit| PROGRAMMES.scan(host, after.as_ref(), limit))?;
    found.iter_mut().for_each(|(_, programme)| programme.turn(host.time_ms()));
    Ok(ProgrammePage { programmes: values(found), next })
}

/// See `queries.get-service`.
pub fn get_service(host: &Host, programme: u64, service: String) -> Result<PricedService, Error> {
    checks::service(&service)?;
    prices::service(host, programme, service)
}

/// See `queries.list-services`.
pub fn list_services(
    host: &Host,
    programme: u64,
    after: Option<String>,
    limit: u32,
) -> Result<ServicePage, Error> {
    check_cursor(after.as_ref())?;
    let (found, next) =
        page(limit, |limit| SERVICES.scan_under(host, &programme, after.as_ref(), limit))?;
    Ok(ServicePage { services: values(found), next })
}

/// See `queries.list-meters`.
pub fn list_meters(
    host: &Host,
    programme: u64,
    after: Option<Address>,
    limit: u32,
) -> Result<MeterPage, Error> {
    let (found, next) =
        page(limit, |limit| METERS.scan_under(host, &programme, after.as_ref(), limit))?;
    let meter = |(account, name)| Meter { programme, account, name };
    Ok(MeterPage { meters: found.into_iter().map(meter).collect(), next })
}

/// See `queries.get-balance`.
pub fn get_balance(host: &Host, programme: u64, account: Address) -> Result<CreditBalance, Error> {
    self::programme(host, programme)?;
    let mut balance = CreditBalance {
        available: 0,
        available_later: 0,
        held: 0,
        grants: Vec::new(),
        limits: Vec::new(),
        credit_line: None,
        credit_line_available: 0,
    };
    let Some(book) = BOOKS.get(host, &(programme, account)) else { return Ok(balance) };
    let now_ms = host.time_ms();
    let open = || book.grants.iter().filter(|grant| grant.state == GrantState::Open);
    balance.available = book.free(now_ms);
    let later = open().filter(|grant| grant.effective_ms > now_ms);
    balance.available_later = later.map(BookedGrant::rest).sum();
    balance.held = book.grants.iter().map(|grant| grant.held).sum();
    balance.grants = open().map(|grant| grant.id).collect();
    if let Some(id) = book.line {
        let line = line(host, id)?;
        if line.deadline().is_some() {
            balance.credit_line = Some(id);
            // A line that is behind its deadlines is not drawn from before it is advanced.
            let behind = line.deadline().is_some_and(|at_ms| at_ms <= now_ms);
            balance.credit_line_available = if behind { 0 } else { line.free() };
        }
    }
    balance.limits = book.limits;
    Ok(balance)
}

/// See `queries.list-customers`.
pub fn list_customers(
    host: &Host,
    programme: u64,
    after: Option<Address>,
    limit: u32,
) -> Result<CustomerPage, Error> {
    let scan = |limit| BOOKS.scan_under(host, &programme, after.as_ref(), limit);
    let (found, next) = page(limit, scan)?;
    Ok(CustomerPage { customers: found.into_iter().map(|(account, _)| account).collect(), next })
}

/// See `queries.get-grant`.
pub fn get_grant(host: &Host, id: u64) -> Result<Grant, Error> {
    grants::grant(host, id)
}

/// See `queries.list-grants`.
pub fn list_grants(
    host: &Host,
    programme: u64,
    account: Address,
    after: Option<u64>,
    limit: u32,
) -> Result<GrantPage, Error> {
    let (found, next) = page(limit, |limit| {
        GRANTS_OF.scan_under(host, &(programme, account), after.as_ref(), limit)
    })?;
    let grants = found.iter().map(|(id, ())| grants::grant(host, *id)).collect::<Result<_, _>>()?;
    Ok(GrantPage { grants, next })
}

/// See `queries.get-usage`.
pub fn get_usage(host: &Host, id: u64) -> Result<Usage, Error> {
    usage(host, id)
}

/// See `queries.get-reported-usage`.
pub fn get_reported_usage(
    host: &Host,
    programme: u64,
    meter: Address,
    reference: String,
) -> Result<Usage, Error> {
    checks::usage_reference(&reference, 1)?;
    let id = REPORTS.get(host, &(programme, meter, reference)).unwrap_or(0);
    usage(host, id)
}

/// See `queries.get-credit-line`.
pub fn get_credit_line(host: &Host, id: u64) -> Result<CreditLine, Error> {
    line(host, id)
}

/// See `queries.list-credit-lines`.
pub fn list_credit_lines(
    host: &Host,
    programme: u64,
    account: Address,
    after: Option<u64>,
    limit: u32,
) -> Result<CreditLinePage, Error> {
    let (found, next) = page(limit, |limit| {
        LINES_OF.scan_under(host, &(programme, account), after.as_ref(), limit)
    })?;
    let lines = found.iter().map(|(id, ())| line(host, *id)).collect::<Result<_, _>>()?;
    Ok(CreditLinePage { credit_lines: lines, next })
}

/// See `queries.get-bill`.
pub fn get_bill(host: &Host, id: u64) -> Result<Bill, Error> {
    billing::bill(host, id)
}

/// See `queries.list-bills`.
pub fn list_bills(
    host: &Host,
    line: u64,
    after: Option<u64>,
    limit: u32,
) -> Result<BillPage, Error> {
    let (found, next) =
        page(limit, |limit| BILLS_OF.scan_under(host, &line, after.as_ref(), limit))?;
    let bills = found.iter().map(|(id, ())| get_bill(host, *id)).collect::<Result<_, _>>()?;
    Ok(BillPage { bills, next })
}

/// See `queries.list-bill-lines`.
pub fn list_bill_lines(
    host: &Host,
    bill: u64,
    after: Option<String>,
    limit: u32,
) -> Result<StatementLinePage, Error> {
    check_cursor(after.as_ref())?;
    let bill = get_bill(host, bill)?;
    let key = (bill.credit_line, bill.number);
    statement_page(limit, |limit| BILL_LINES.scan_under(host, &key, after.as_ref(), limit))
}

/// See `queries.get-statement`.
pub fn get_statement(
    host: &Host,
    programme: u64,
    account: Address,
    month: u32,
) -> Result<Statement, Error> {
    if let Some(past) = STATEMENTS.get(host, &(programme, account, month)) {
        return Ok(past);
    }
    match BOOKS.get(host, &(programme, account)) {
        Some(book) if book.month.month == month => Ok(book.month),
        _ => Err(Error::UnknownStatement(month)),
    }
}

/// See `queries.list-statement-lines`.
pub fn list_statement_lines(
    host: &Host,
    programme: u64,
    account: Address,
    month: u32,
    after: Option<String>,
    limit: u32,
) -> Result<StatementLinePage, Error> {
    check_cursor(after.as_ref())?;
    let key = ((programme, account), month);
    statement_page(limit, |limit| STATEMENT_LINES.scan_under(host, &key, after.as_ref(), limit))
}

fn statement_page(
    limit: u32,
    scan: impl FnOnce(u32) -> Vec<(String, Totals)>,
) -> Result<StatementLinePage, Error> {
    let (found, next) = page(limit, scan)?;
    let line = |(service, Totals { usages, quantity, credits })| StatementLine {
        service,
        usages,
        quantity,
        credits,
    };
    Ok(StatementLinePage { lines: found.into_iter().map(line).collect(), next })
}

fn check_cursor(after: Option<&String>) -> Result<(), Error> {
    after.map_or(Ok(()), |service| checks::service(service))
}
