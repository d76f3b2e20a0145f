//! Pages of lists.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::page::{listed, page, values};
use ehb_contract::{Address, Host, Map};

use super::{catalogue, progress, queries, stock, store_records, variants};
use ehb_dispute::types::DisputePage;

use crate::bindings::ehb::marketplace::types::Error;
use crate::bindings::exports::ehb::marketplace::queries::{
    CategoryPage, LocationPage, OrderPage, ProductPage, ShipmentPage, StockPage, StorePage,
    SubOrderPage,
};
use crate::keys::{
    ARBITERS, CATEGORIES, DISPUTES, DISPUTES_AWAITING, LOCATIONS_OF_STORE, ORDERS, ORDERS_OF_BUYER,
    ORDERS_OF_ORGANISATION, PRODUCTS_OF_CATEGORY, PRODUCTS_OF_STORE, SHIPMENTS, STOCK, STORES,
    SUB_ORDERS_OF_STORE,
};

/// See `queries.list-categories`.
pub fn list_categories(host: &Host, after: Option<u64>, limit: u32) -> Result<CategoryPage, Error> {
    let (found, next) = page(limit, |limit| CATEGORIES.scan(host, after.as_ref(), limit))?;
    Ok(CategoryPage { categories: values(found), next })
}

/// See `queries.list-stores`.
pub fn list_stores(host: &Host, after: Option<u64>, limit: u32) -> Result<StorePage, Error> {
    let (found, next) = page(limit, |limit| STORES.scan(host, after.as_ref(), limit))?;
    let stores = found.into_iter().map(|(_, store)| store_records::now(host, store)).collect();
    Ok(StorePage { stores, next })
}

/// See `queries.list-locations`.
pub fn list_locations(
    host: &Host,
    store: u64,
    after: Option<u64>,
    limit: u32,
) -> Result<LocationPage, Error> {
    store_records::find(host, store)?;
    let (ids, next) = under(host, &LOCATIONS_OF_STORE, store, after, limit)?;
    let locations = ids.into_iter().map(|id| stock::location(host, id));
    Ok(LocationPage { locations: locations.collect::<Result<_, _>>()?, next })
}

/// See `queries.list-products`.
pub fn list_products(
    host: &Host,
    store: u64,
    after: Option<u64>,
    limit: u32,
) -> Result<ProductPage, Error> {
    store_records::find(host, store)?;
    products(host, &PRODUCTS_OF_STORE, store, after, limit)
}

/// See `queries.list-products-of-category`.
pub fn list_products_of_category(
    host: &Host,
    category: u64,
    after: Option<u64>,
    limit: u32,
) -> Result<ProductPage, Error> {
    catalogue::category(host, category)?;
    products(host, &PRODUCTS_OF_CATEGORY, category, after, limit)
}

fn products(
    host: &Host,
    index: &Map<(u64, u64), ()>,
    owner: u64,
    after: Option<u64>,
    limit: u32,
) -> Result<ProductPage, Error> {
    let (ids, next) = under(host, index, owner, after, limit)?;
    let products = ids.into_iter().map(|id| catalogue::find(host, id));
    Ok(ProductPage { products: products.collect::<Result<_, _>>()?, next })
}

/// See `queries.list-stock`.
pub fn list_stock(
    host: &Host,
    variant: u64,
    after: Option<u64>,
    limit: u32,
) -> Result<StockPage, Error> {
    variants::find(host, variant)?;
    let (found, next) =
        page(limit, |limit| STOCK.scan_under(host, &variant, after.as_ref(), limit))?;
    let levels =
        found.into_iter().map(|(location, level)| stock::shown(variant, location, level)).collect();
    Ok(StockPage { levels, next })
}

/// See `queries.list-orders`.
pub fn list_orders(
    host: &Host,
    buyer: Address,
    after: Option<u64>,
    limit: u32,
) -> Result<OrderPage, Error> {
    let (found, next) =
        page(limit, |limit| ORDERS_OF_BUYER.scan_under(host, &buyer, after.as_ref(), limit))?;
    let orders = found.into_iter().map(|(id, ())| queries::get_order(host, id));
    Ok(OrderPage { orders: orders.collect::<Result<_, _>>()?, next })
}

/// See `queries.list-orders-of-organisation`.
pub fn list_orders_of_organisation(
    host: &Host,
    organisation: String,
    after: Option<u64>,
    limit: u32,
) -> Result<OrderPage, Error> {
    let owner = host.sha256(organisation.as_bytes());
    let scan = |limit| ORDERS_OF_ORGANISATION.scan_under(host, &owner, after.as_ref(), limit);
    let (orders, next) = listed(host, &ORDERS, limit, scan)?;
    Ok(OrderPage { orders, next })
}

/// See `queries.list-sub-orders`.
pub fn list_sub_orders(
    host: &Host,
    store: u64,
    after: Option<u64>,
    limit: u32,
) -> Result<SubOrderPage, Error> {
    store_records::find(host, store)?;
    let (ids, next) = under(host, &SUB_ORDERS_OF_STORE, store, after, limit)?;
    let sub_orders = ids.into_iter().map(|id| progress::find(host, id));
    Ok(SubOrderPage { sub_orders: sub_orders.collect::<Result<_, _>>()?, next })
}

/// See `queries.list-arbiters`.
pub fn list_arbiters(host: &Host) -> Vec<Address> {
    ARBITERS.all(host)
}

/// See `queries.list-disputes-awaiting-arbiter`.
pub fn list_disputes_awaiting_arbiter(
    host: &Host,
    after: Option<u64>,
    limit: u32,
) -> Result<DisputePage, Error> {
    let scan = |limit| DISPUTES_AWAITING.scan(host, after.as_ref(), limit);
    let (disputes, next) = listed(host, &DISPUTES, limit, scan)?;
    Ok(DisputePage { disputes, next })
}

/// See `queries.list-shipments`.
pub fn list_shipments(
    host: &Host,
    sub_order: u64,
    after: Option<u32>,
    limit: u32,
) -> Result<ShipmentPage, Error> {
    progress::find(host, sub_order)?;
    let (found, next) =
        page(limit, |limit| SHIPMENTS.scan_under(host, &sub_order, after.as_ref(), limit))?;
    Ok(ShipmentPage { shipments: values(found), next })
}

/// The numbers that an index has under an owner.
fn under(
    host: &Host,
    index: &Map<(u64, u64), ()>,
    owner: u64,
    after: Option<u64>,
    limit: u32,
) -> Result<(Vec<u64>, Option<u64>), Error> {
    let (found, next) = page(limit, |limit| index.scan_under(host, &owner, after.as_ref(), limit))?;
    Ok((found.into_iter().map(|(id, ())| id).collect(), next))
}
