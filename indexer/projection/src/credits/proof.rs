//! The reads of the credit module that return the records of rows.

use super::MODULE;
use super::rows::{
    AccountLimit, Bill, CreditLine, CreditMonth, Grant, Programme, Service, ServicePrice, Usage,
    UsageDraw,
};
use crate::cell::{Cell, Field, Number};
use crate::proof::{Subject, is_kept, subject};
use crate::settings::{self, RoleLimit};
use crate::table::Record;

const PROGRAMME: (&str, &str) = ("programme", "programme");

/// The rows that are compared with the module's reads.
pub(crate) const SUBJECTS: &[Subject] = &[
    subject(Programme::TABLE, MODULE, "get-programme", &[("programme", "id")]).turned_by(turn),
    subject(RoleLimit::TABLE, MODULE, "get-treasurer-limit", &[("programme", "subject")])
        .of_module()
        .compared_by(settings::compare_limit),
    subject(Service::TABLE, MODULE, "get-service", &[PROGRAMME, ("service", "id")])
        .with_parts(&[(ServicePrice::TABLE, "prices")]),
    subject(Grant::TABLE, MODULE, "get-grant", &[("grant", "id")]).kept_if(is_kept),
    subject(Usage::TABLE, MODULE, "get-usage", &[("usage", "id")])
        .with_parts(&[(UsageDraw::TABLE, "draws")])
        .kept_if(is_kept),
    subject(AccountLimit::TABLE, MODULE, "get-balance", &[PROGRAMME, ("account", "account")])
        .with_parts(&[(AccountLimit::TABLE, "limits")])
        .compared_by(|comparison, row, balance, _| comparison.parts(row, balance)),
    subject(CreditLine::TABLE, MODULE, "get-credit-line", &[("credit-line", "id")])
        .kept_if(is_kept),
    subject(Bill::TABLE, MODULE, "get-bill", &[("bill", "id")]).kept_if(is_kept),
    subject(
        CreditMonth::TABLE,
        MODULE,
        "get-statement",
        &[PROGRAMME, ("account", "account"), ("month", "month")],
    ),
];

/// Another payout account takes effect without an event.
fn turn(cells: &[Cell], now_ms: i128) -> Option<Vec<Cell>> {
    let mut row = Programme::of_cells(cells)?;
    let change = row.payout_change.as_ref()?;
    if Number::read(change.get("effective-ms")).ok()?.0 > now_ms {
        return None;
    }
    row.payout_account = change.get("account")?.as_str()?.to_owned();
    row.payout_change = None;
    Some(row.cells())
}
