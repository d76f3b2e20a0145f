//! Variants of products: creating and retiring them, and setting and reading their prices.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::{Host, packed};

use super::{number, owned};
use crate::bindings::ehb::marketplace::events::{Event, PriceChange};
use crate::bindings::ehb::marketplace::types::{Attribute, Error, Price, UnpricedVariant, Variant};
use crate::checks::{self, VARIANTS_MAX};
use crate::keys::{KEYS, Kind, PRODUCTS, SKUS, VARIANTS};
use crate::states::{LISTING, ListingAction};

/// See `catalogue.create-variant`.
pub fn create_variant(
    host: &mut Host,
    product: u64,
    sku: String,
    attributes: Vec<Attribute>,
    prices: Vec<Price>,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(product, sku, attributes, prices);
    KEYS.run(host, &key, "create-variant", &arguments, |host| {
        let mut product = owned::product(host, product)?;
        LISTING.next(|| Kind::Product.item(product.id), product.state, ListingAction::Edit)?;
        checks::sku(&sku)?;
        checks::attributes(&attributes)?;
        checks::prices(&prices)?;
        checks::room("variants", product.variants.len(), VARIANTS_MAX)?;
        let place = SKUS.entry(&(product.store, sku.clone()));
        if place.get(host).is_some() {
            return Err(Error::SkuExists(sku));
        }
        let id = number(host, |latest| &mut latest.variant);
        place.set(host, &id);
        product.variants.push(id);
        PRODUCTS.set(host, &product.id, &product);
        let (store, state, product) = (product.store, product.state, product.id);
        let variant = Variant { id, product, store, sku, attributes, prices, state };
        VARIANTS.set(host, &id, &variant);
        host.emit(Event::VariantCreated(variant));
        Ok(id)
    })
}

/// See `catalogue.retire-variant`.
pub fn retire_variant(host: &mut Host, id: u64) -> Result<(), Error> {
    let mut variant = owned::variant(host, id)?;
    variant.state =
        LISTING.next(|| Kind::Variant.item(id), variant.state, ListingAction::Retire)?;
    VARIANTS.set(host, &id, &variant);
    host.emit(Event::VariantRetired(id));
    Ok(())
}

/// See `catalogue.set-prices`.
pub fn set_prices(host: &mut Host, id: u64, prices: Vec<Price>) -> Result<(), Error> {
    let mut variant = owned::variant(host, id)?;
    LISTING.next(|| Kind::Variant.item(id), variant.state, ListingAction::Edit)?;
    checks::prices(&prices)?;
    variant.prices.clone_from(&prices);
    VARIANTS.set(host, &id, &variant);
    host.emit(Event::PricesSet(PriceChange { variant: id, prices }));
    Ok(())
}

/// A variant.
pub(super) fn find(host: &Host, id: u64) -> Result<Variant, Error> {
    Ok(VARIANTS.find(host, Kind::Variant, id)?)
}

/// The current price of a piece: of the prices in force, the one that began last.
pub(super) fn price(variant: &Variant, asset: &str, now_ms: u64) -> Result<u64, Error> {
    let counts = |price: &&Price| {
        price.asset == asset
            && price.effective_ms <= now_ms
            && price.until_ms.is_none_or(|until_ms| now_ms < until_ms)
    };
    let latest = variant.prices.iter().filter(counts).max_by_key(|price| price.effective_ms);
    let none =
        || Error::NoPrice(UnpricedVariant { variant: variant.id, asset: String::from(asset) });
    latest.map(|price| price.amount).ok_or_else(none)
}
