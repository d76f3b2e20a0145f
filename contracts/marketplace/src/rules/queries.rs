//! Queries of single records, such as stores, products, orders, returns and disputes.

use alloc::string::String;

use ehb_contract::{Hash, Host};
use ehb_dispute::types::Dispute;

use super::{
    catalogue, delivery, disputes, progress, ratings, returns, settings, stock, store_records,
    variants,
};
use crate::bindings::ehb::marketplace::types::{
    Category, Error, Location, Order, Product, Rating, RatingSum, ReturnCase, Settings,
    SettingsStatus, Shipment, Side, StockLevel, Store, SubOrder, Variant,
};
use crate::checks;
use crate::keys::{
    BUYER_RATINGS, Kind, LATEST, ORDERS, RATING_MINIMUMS, SKUS, STOCK, STORE_RATINGS,
};

/// Nobody rated yet.
const UNRATED: RatingSum = RatingSum { count: 0, sum: 0 };

/// See `queries.get-settings`.
pub fn get_settings(host: &Host) -> Result<SettingsStatus, Error> {
    settings::status(host)
}

/// See `queries.get-settings-version`.
pub fn get_settings_version(host: &Host, version: u32) -> Result<Settings, Error> {
    settings::of_version(host, version)
}

/// See `queries.get-rating-minimum`.
pub fn get_rating_minimum(host: &Host, asset: String) -> Result<Option<u64>, Error> {
    checks::asset(&asset)?;
    Ok(RATING_MINIMUMS.get(host, &asset))
}

/// See `queries.get-category`.
pub fn get_category(host: &Host, id: u64) -> Result<Category, Error> {
    catalogue::category(host, id)
}

/// See `queries.get-store`.
pub fn get_store(host: &Host, id: u64) -> Result<Store, Error> {
    store_records::find(host, id)
}

/// See `queries.get-location`.
pub fn get_location(host: &Host, id: u64) -> Result<Location, Error> {
    stock::location(host, id)
}

/// See `queries.get-product`.
pub fn get_product(host: &Host, id: u64) -> Result<Product, Error> {
    catalogue::find(host, id)
}

/// See `queries.get-variant`.
pub fn get_variant(host: &Host, id: u64) -> Result<Variant, Error> {
    variants::find(host, id)
}

/// See `queries.find-variant`.
pub fn find_variant(host: &Host, store: u64, sku: String) -> Result<Option<u64>, Error> {
    checks::sku(&sku)?;
    store_records::find(host, store)?;
    Ok(SKUS.get(host, &(store, sku)))
}

/// See `queries.get-stock`.
pub fn get_stock(host: &Host, variant: u64, location: u64) -> Result<StockLevel, Error> {
    variants::find(host, variant)?;
    stock::location(host, location)?;
    let level = STOCK.get(host, &(variant, location)).unwrap_or_default();
    Ok(stock::shown(variant, location, level))
}

/// See `queries.get-order`.
pub fn get_order(host: &Host, id: u64) -> Result<Order, Error> {
    let latest = |host: &Host| LATEST.get(host).map(|latest| latest.order);
    Ok(ORDERS.find_kept(host, Kind::Order, id, latest)?)
}

/// See `queries.get-sub-order`.
pub fn get_sub_order(host: &Host, id: u64) -> Result<SubOrder, Error> {
    progress::find(host, id)
}

/// See `queries.get-shipment`.
pub fn get_shipment(host: &Host, id: u64, number: u32) -> Result<Shipment, Error> {
    delivery::find(host, id, number)
}

/// See `queries.get-return`.
pub fn get_return(host: &Host, id: u64) -> Result<ReturnCase, Error> {
    returns::find(host, id)
}

/// See `queries.get-dispute`.
pub fn get_dispute(host: &Host, id: u64) -> Result<Dispute, Error> {
    disputes::find(host, id)
}

/// See `queries.get-rating`.
pub fn get_rating(host: &Host, id: u64) -> Result<Rating, Error> {
    ratings::find(host, id)
}

/// See `queries.rating-commitment`.
pub fn rating_commitment(
    host: &Host,
    id: u64,
    by: Side,
    score: u8,
    comment: String,
    salt: Hash,
) -> Result<Hash, Error> {
    ratings::commitment(host, id, by, score, &comment, salt)
}

/// See `queries.get-store-rating`.
pub fn get_store_rating(host: &Host, store: u64) -> Result<RatingSum, Error> {
    store_records::find(host, store)?;
    Ok(STORE_RATINGS.get(host, &store).unwrap_or(UNRATED))
}

/// See `queries.get-buyer-rating`.
pub fn get_buyer_rating(host: &Host, organisation: String) -> Result<RatingSum, Error> {
    let buyer = host.sha256(organisation.as_bytes());
    Ok(BUYER_RATINGS.get(host, &buyer).unwrap_or(UNRATED))
}
