//! Lookups of records that the caller's organisation owns.

use ehb_contract::Host;

use super::{SELLER, check_member, store_records};
use crate::bindings::ehb::marketplace::types::{Error, Product, Store, Variant};
use crate::keys::{Kind, PRODUCTS, VARIANTS};

/// A store, for a caller with one of the roles.
pub(super) fn store(host: &Host, id: u64, roles: &[&str]) -> Result<Store, Error> {
    let store = store_records::find(host, id)?;
    check_member(host, &store.organisation, roles)?;
    Ok(store)
}

/// A product, for a seller.
pub(super) fn product(host: &Host, id: u64) -> Result<Product, Error> {
    let product = PRODUCTS.find(host, Kind::Product, id)?;
    store(host, product.store, SELLER)?;
    Ok(product)
}

/// A variant, for a seller.
pub(super) fn variant(host: &Host, id: u64) -> Result<Variant, Error> {
    let variant = VARIANTS.find(host, Kind::Variant, id)?;
    store(host, variant.store, SELLER)?;
    Ok(variant)
}
