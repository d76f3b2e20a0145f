//! The reads of the marketplace that return the records of rows.

use serde_json::Value;

use super::MODULE;
use super::order_rows::{
    Order, OrderLine, Rating, RatingSum, ReturnCase, ReturnLine, Shipment, ShipmentLine, SubOrder,
};
use super::rows::{
    Category, Location, Price, Product, ProductDocument, Stock, Store, StoreRating, Variant,
};
use crate::cell::{Cell, Field, Number};
use crate::disputes::{self, Arbiter, Dispute};
use crate::proof::{Subject, is_kept, subject};
use crate::settings::{self, RatingMinimum, RoleLimit, Setting};
use crate::table::Record;

const SUB_ORDER: (&str, &str) = ("sub-order", "sub_order");

const LIMIT: &[(&str, &str)] = &[("store", "subject"), ("asset", "asset")];

/// The rows that are compared with the module's reads.
pub(crate) const SUBJECTS: &[Subject] = &[
    subject(Setting::TABLE, MODULE, "get-settings", &[])
        .of_module()
        .with_parts(&[(Setting::TABLE, "")])
        .compared_by(settings::compare_versions),
    subject(RoleLimit::TABLE, MODULE, "get-treasurer-limit", LIMIT)
        .if_row(|row, module| row.is("module", module) && row.is("role", "treasurer"))
        .compared_by(settings::compare_limit),
    subject(RoleLimit::TABLE, MODULE, "get-clerk-limit", LIMIT)
        .if_row(|row, module| row.is("module", module) && row.is("role", "clerk"))
        .compared_by(settings::compare_limit),
    subject(Category::TABLE, MODULE, "get-category", &[("category", "id")]),
    subject(Store::TABLE, MODULE, "get-store", &[("store", "id")]).turned_by(turn),
    subject(Location::TABLE, MODULE, "get-location", &[("location", "id")]),
    subject(Product::TABLE, MODULE, "get-product", &[("product", "id")])
        .with_parts(&[(ProductDocument::TABLE, "details/documents")]),
    subject(Variant::TABLE, MODULE, "get-variant", &[("variant", "id")])
        .with_parts(&[(Price::TABLE, "prices")]),
    subject(Stock::TABLE, MODULE, "get-stock", &[("variant", "variant"), ("location", "location")]),
    subject(Order::TABLE, MODULE, "get-order", &[("order", "id")]).kept_if(is_kept),
    subject(SubOrder::TABLE, MODULE, "get-sub-order", &[("sub-order", "id")])
        .with_parts(&[(OrderLine::TABLE, "lines")])
        .kept_if(is_kept),
    subject(Shipment::TABLE, MODULE, "get-shipment", &[SUB_ORDER, ("shipment", "number")])
        .with_parts(&[(ShipmentLine::TABLE, "lines")])
        .kept_if(is_kept),
    subject(ReturnCase::TABLE, MODULE, "get-return", &[SUB_ORDER])
        .with_parts(&[(ReturnLine::TABLE, "lines")])
        .kept_if(is_kept),
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
    subject(Rating::TABLE, MODULE, "get-rating", &[SUB_ORDER]).kept_if(is_kept),
    subject(StoreRating::TABLE, MODULE, "get-store-rating", &[("store", "store")]),
    subject(RatingSum::TABLE, MODULE, "get-buyer-rating", &[("organisation", "organisation")])
        .if_row(|row, _| row.is("role", "buyer")),
];

/// Announced terms and another account take effect without an event.
fn turn(cells: &[Cell], now_ms: i128) -> Option<Vec<Cell>> {
    let mut row = Store::of_cells(cells)?;
    let is_due =
        |next: &Value, from: &str| Number::read(next.get(from)).is_ok_and(|at| at.0 <= now_ms);
    if let Some(next) = row.next_terms.take_if(|next| is_due(next, "effective-ms")) {
        row.terms = next.get("terms")?.clone();
        row.terms_version = Number::read(next.get("version")).ok()?;
    }
    if let Some(next) = row.payout_change.take_if(|next| is_due(next, "effective-ms")) {
        row.payout_account = next.get("account")?.as_str()?.to_owned();
    }
    Some(row.cells())
}
