//! Categories and products: creating and changing them, and listing products for sale.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::parties::{PLATFORM_ADMIN, check_role};
use ehb_contract::{Host, packed, wrong_state};

use super::{SELLER, number, owned};
use crate::bindings::ehb::marketplace::events::{Event, ListingChange};
use crate::bindings::ehb::marketplace::types::{
    Category, Error, ListingState, Product, ProductDetails,
};
use crate::checks::{self, CATEGORY_DEPTH_MAX, NAME_BYTES_MAX};
use crate::keys::{
    CATEGORIES, KEYS, Kind, PRODUCTS, PRODUCTS_OF_CATEGORY, PRODUCTS_OF_STORE, SCHEMA, VARIANTS,
};
use crate::states::{LISTING, ListingAction};

/// See `catalogue.create-category`.
pub fn create_category(
    host: &mut Host,
    parent: Option<u64>,
    name: String,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(parent, name);
    KEYS.run(host, &key, "create-category", &arguments, |host| {
        check_role(host, &[PLATFORM_ADMIN])?;
        checks::text("name", &name, 1, NAME_BYTES_MAX)?;
        let depth = match parent {
            Some(parent) => category(host, parent)?.depth + 1,
            None => 0,
        };
        checks::range("depth", u64::from(depth), 0, u64::from(CATEGORY_DEPTH_MAX))?;
        SCHEMA.mark(host);
        let id = number(host, |latest| &mut latest.category);
        let category = Category { id, parent, depth, name };
        CATEGORIES.set(host, &id, &category);
        host.emit(Event::CategoryCreated(category));
        Ok(id)
    })
}

/// See `catalogue.rename-category`.
pub fn rename_category(host: &mut Host, id: u64, name: String) -> Result<(), Error> {
    check_role(host, &[PLATFORM_ADMIN])?;
    checks::text("name", &name, 1, NAME_BYTES_MAX)?;
    let category = Category { name, ..category(host, id)? };
    CATEGORIES.set(host, &id, &category);
    host.emit(Event::CategoryRenamed(category));
    Ok(())
}

/// See `catalogue.create-product`.
pub fn create_product(
    host: &mut Host,
    store: u64,
    details: ProductDetails,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(store, details);
    KEYS.run(host, &key, "create-product", &arguments, |host| {
        owned::store(host, store, SELLER)?;
        checks::details(&details)?;
        category(host, details.category)?;
        let id = number(host, |latest| &mut latest.product);
        let variants = Vec::new();
        let product = Product { id, store, details, state: ListingState::Draft, variants };
        PRODUCTS.set(host, &id, &product);
        PRODUCTS_OF_STORE.set(host, &(store, id), &());
        PRODUCTS_OF_CATEGORY.set(host, &(product.details.category, id), &());
        host.emit(Event::ProductCreated(product));
        Ok(id)
    })
}

/// See `catalogue.set-product`.
pub fn set_product(host: &mut Host, id: u64, details: ProductDetails) -> Result<(), Error> {
    let product = owned::product(host, id)?;
    LISTING.next(|| Kind::Product.item(id), product.state, ListingAction::Edit)?;
    checks::details(&details)?;
    category(host, details.category)?;
    PRODUCTS_OF_CATEGORY.remove(host, &(product.details.category, id));
    PRODUCTS_OF_CATEGORY.set(host, &(details.category, id), &());
    let product = Product { details, ..product };
    PRODUCTS.set(host, &id, &product);
    host.emit(Event::ProductChanged(product));
    Ok(())
}

/// See `catalogue.set-listing`. An order looks at its variants only, so each has the product's state.
pub fn set_listing(host: &mut Host, id: u64, state: ListingState) -> Result<(), Error> {
    let product = owned::product(host, id)?;
    let item = || Kind::Product.item(id);
    let Some(action) = ListingAction::toward(state) else {
        return Err(wrong_state(item(), product.state, state).into());
    };
    let state = LISTING.next(item, product.state, action)?;
    for id in &product.variants {
        let mut variant = VARIANTS.find(host, Kind::Variant, *id)?;
        if variant.state != ListingState::Retired {
            variant.state = state;
            VARIANTS.set(host, id, &variant);
        }
    }
    PRODUCTS.set(host, &id, &Product { state, ..product });
    host.emit(Event::ListingChanged(ListingChange { product: id, state }));
    Ok(())
}

pub(super) fn category(host: &Host, id: u64) -> Result<Category, Error> {
    Ok(CATEGORIES.find(host, Kind::Category, id)?)
}

/// A product.
pub(super) fn find(host: &Host, id: u64) -> Result<Product, Error> {
    Ok(PRODUCTS.find(host, Kind::Product, id)?)
}
