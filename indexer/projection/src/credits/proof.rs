//! The reads of the credit module that return the records of rows.

use super::MODULE;
use super::rows::{AccountLimit, Bill, Grant, Item, ItemPrice, Line, Programme, Usage, UsageDraw};
use crate::proof::{Subject, subject};
use crate::settings::{self, TreasurerLimit};
use crate::table::Record;

const PROGRAMME: (&str, &str) = ("programme", "programme");

/// What is compared.
pub(crate) const SUBJECTS: &[Subject] = &[
    subject(Programme::TABLE, MODULE, "get-programme", &[("programme", "id")]),
    subject(TreasurerLimit::TABLE, MODULE, "get-treasurer-limit", &[("programme", "subject")])
        .of_module()
        .compared_by(settings::compare_treasurers),
    subject(Item::TABLE, MODULE, "get-item", &[PROGRAMME, ("item", "id")])
        .with_parts(&[(ItemPrice::TABLE, "prices")]),
    subject(Grant::TABLE, MODULE, "get-grant", &[("grant", "id")]),
    subject(Usage::TABLE, MODULE, "get-usage", &[("usage", "id")])
        .with_parts(&[(UsageDraw::TABLE, "draws")]),
    subject(AccountLimit::TABLE, MODULE, "get-position", &[PROGRAMME, ("account", "account")])
        .with_parts(&[(AccountLimit::TABLE, "limits")])
        .compared_by(|comparison, row, position, _| comparison.parts(row, position)),
    subject(Line::TABLE, MODULE, "get-line", &[("line", "id")]),
    subject(Bill::TABLE, MODULE, "get-bill", &[("bill", "id")]),
];
