//! The reads of the jobs module that return the records of rows.

use serde_json::Value;

use super::MODULE;
use super::rows::{
    Application, Attestation, Contract, Invitation, JobRating, Milestone, Offer, Posting,
    Requirement,
};
use crate::cell::{Cell, Field, Number};
use crate::disputes::{self, Arbiter, Dispute};
use crate::market::order_rows::RatingSum;
use crate::proof::{Comparison, Row, Subject, is_kept, subject};
use crate::settings::{self, RatingMinimum, Setting};
use crate::table::Record;

/// The rows that are compared with the module's reads.
pub(crate) const SUBJECTS: &[Subject] = &[
    subject(Setting::TABLE, MODULE, "get-platform-fee", &[])
        .of_module()
        .with_parts(&[(Setting::TABLE, "")])
        .compared_by(settings::compare_latest),
    subject(Posting::TABLE, MODULE, "get-posting", &[("posting", "id")])
        .with_parts(&[(Requirement::TABLE, "details/requirements")])
        .kept_if(is_kept),
    subject(
        Invitation::TABLE,
        MODULE,
        "is-invited",
        &[("posting", "posting"), ("account", "account")],
    )
    .compared_by(invitation),
    subject(Application::TABLE, MODULE, "get-application", &[("application", "id")])
        .kept_if(is_kept),
    subject(Offer::TABLE, MODULE, "get-offer", &[("offer", "id")]).kept_if(is_kept),
    subject(Contract::TABLE, MODULE, "get-contract", &[("contract", "id")]).kept_if(is_kept),
    subject(Milestone::TABLE, MODULE, "get-milestone", &[("milestone", "id")]).kept_if(is_kept),
    subject(Dispute::TABLE, MODULE, "get-dispute", &[("dispute", "id")])
        .of_module()
        .with_parts(disputes::PARTS)
        .kept_if(is_kept),
    subject(RatingMinimum::TABLE, MODULE, "get-rating-minimum", &[("asset", "asset")])
        .of_module()
        .kept_if(|row, _| *row.cell("paid_min") != Cell::Null)
        .compared_by(settings::compare_rating_minimum),
    subject(Arbiter::TABLE, MODULE, "list-arbiters", &[])
        .of_module()
        .compared_by(disputes::compare_arbiter),
    subject(JobRating::TABLE, MODULE, "get-rating", &[("contract", "contract")]).kept_if(is_kept),
    subject(
        RatingSum::TABLE,
        MODULE,
        "get-organisation-rating",
        &[("organisation", "organisation")],
    )
    .if_row(|row, _| !row.is("role", "buyer"))
    .compared_by(scores),
    subject(Attestation::TABLE, MODULE, "get-attestation", &[("attestation", "id")])
        .kept_if(is_kept),
];

fn invitation(comparison: &mut Comparison<'_>, row: &Row<'_>, answer: &Value, _: i128) {
    let answer = answer.as_bool().map_or(Cell::Null, Cell::Bool);
    comparison.same("invited", &Cell::Bool(!row.is_true("removed")), &answer);
}

/// Both roles of an organisation are in one record.
fn scores(comparison: &mut Comparison<'_>, row: &Row<'_>, record: &Value, _: i128) {
    let field = if row.is("role", "client") { "as-client" } else { "as-contractor" };
    let sums = record.get(field).unwrap_or(&Value::Null);
    for column in ["count", "sum"] {
        let theirs = Number::read(sums.get(column)).unwrap_or_default();
        comparison.same(column, row.cell(column), &theirs.cell());
    }
}
