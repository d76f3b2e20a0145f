//! The reads of the marketplace that return the records of rows.

use super::MODULE;
use super::order_rows::{
    Order, OrderLine, Rating, RatingSum, ReturnCase, ReturnPiece, Shipment, ShipmentPiece, SubOrder,
};
use super::rows::{
    Category, Location, Price, Product, ProductDocument, Stock, Store, StoreRating, Variant,
};
use crate::disputes::{self, Dispute};
use crate::proof::{Subject, subject};
use crate::settings::{self, Setting, TreasurerLimit};
use crate::table::Record;

const SUB_ORDER: (&str, &str) = ("sub-order", "sub_order");

/// What is compared.
pub(crate) const SUBJECTS: &[Subject] = &[
    subject(Setting::TABLE, MODULE, "get-settings", &[]).of_module().compared_by(settings::compare),
    subject(
        TreasurerLimit::TABLE,
        MODULE,
        "get-treasurer-limit",
        &[("store", "subject"), ("asset", "asset")],
    )
    .of_module()
    .compared_by(settings::compare_treasurers),
    subject(Category::TABLE, MODULE, "get-category", &[("category", "id")]),
    subject(Store::TABLE, MODULE, "get-store", &[("store", "id")]),
    subject(Location::TABLE, MODULE, "get-location", &[("location", "id")]),
    subject(Product::TABLE, MODULE, "get-product", &[("product", "id")])
        .with_parts(&[(ProductDocument::TABLE, "details/documents")]),
    subject(Variant::TABLE, MODULE, "get-variant", &[("variant", "id")])
        .with_parts(&[(Price::TABLE, "prices")]),
    subject(Stock::TABLE, MODULE, "get-stock", &[("variant", "variant"), ("location", "location")]),
    subject(Order::TABLE, MODULE, "get-order", &[("order", "id")]),
    subject(SubOrder::TABLE, MODULE, "get-sub-order", &[("sub-order", "id")])
        .with_parts(&[(OrderLine::TABLE, "lines")]),
    subject(Shipment::TABLE, MODULE, "get-shipment", &[SUB_ORDER, ("shipment", "number")])
        .with_parts(&[(ShipmentPiece::TABLE, "pieces")]),
    subject(ReturnCase::TABLE, MODULE, "get-return", &[SUB_ORDER])
        .with_parts(&[(ReturnPiece::TABLE, "pieces")]),
    subject(Dispute::TABLE, MODULE, "get-dispute", &[("dispute", "id")])
        .of_module()
        .with_parts(disputes::PARTS),
    subject(Rating::TABLE, MODULE, "get-rating", &[SUB_ORDER]),
    subject(StoreRating::TABLE, MODULE, "get-store-rating", &[("store", "store")]),
    subject(RatingSum::TABLE, MODULE, "get-buyer-rating", &[("buyer", "account")])
        .if_row(|row, _| row.is("role", "buyer")),
];
