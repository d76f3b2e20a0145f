//! Settings, categories, stores, locations, products, variants and prices.

use serde_json::Value;

use super::rows::{
    Category, FreeCancellation, Location, Price, Product, ProductDocument, Store, Variant,
};
use super::stock;
use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::settings;
use crate::table::key;
use crate::tables::Tables;

const RETIRED: &str = "retired";
/// A day, milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

pub(super) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "settings-changed" => {
            let (version, effective_ms) = (event.get("version")?, event.get("effective-ms")?);
            settings::set_all(tables, event, event.part("settings")?, version, effective_ms)?;
        }
        "cancellation-counted" => {
            let row: FreeCancellation = event.record(event.value)?;
            tables.put(&FreeCancellation { day: event.time_ms / DAY_MS, ..row });
        }
        "category-created" | "category-renamed" => {
            drop(tables.put_record::<Category>(event, event.value)?);
        }
        "store-created" | "store-changed" => {
            drop(tables.put_record::<Store>(event, event.value)?);
        }
        "location-created" | "location-changed" => {
            drop(tables.put_record::<Location>(event, event.value)?);
        }
        "product-created" | "product-changed" => put_product(tables, event)?,
        "listing-changed" => change_listing(tables, event)?,
        "variant-created" => {
            let variant: Variant = tables.put_record(event, event.value)?;
            set_prices(tables, event, variant.id, event.list("prices")?)?;
            let mut product: Product = tables.known(key![variant.product], key![], event.at)?;
            if let Value::Array(ids) = &mut product.variants {
                ids.push(variant.id.to_string().into());
            }
            product.at = event.at;
            tables.put(&product);
        }
        "variant-retired" => {
            let id: Number = event.payload()?;
            let mut variant: Variant = tables.known(key![id], key![], event.at)?;
            RETIRED.clone_into(&mut variant.state);
            variant.at = event.at;
            tables.put(&variant);
        }
        "prices-set" => {
            set_prices(tables, event, event.get("variant")?, event.list("prices")?)?;
        }
        "stock-changed" => stock::change_by_clerk(tables, event)?,
        _ => {}
    }
    Ok(())
}

fn put_product(tables: &mut Tables, event: &Event<'_>) -> Done {
    let product: Product = tables.put_record(event, event.value)?;
    let known = tables.group::<ProductDocument>(&key![product.id])?;
    let documents = event.list_of(event.part("details")?, "documents")?;
    for (document, n) in documents.iter().zip(1..) {
        let row =
            ProductDocument { product: product.id, n, listed: true, ..event.record(document)? };
        tables.put(&row);
    }
    let gone = known.into_iter().skip(documents.len()).filter(|it| it.listed);
    gone.for_each(|it| tables.put(&ProductDocument { listed: false, at: event.at, ..it }));
    Ok(())
}

/// The variants follow their product, except for those that are retired.
fn change_listing(tables: &mut Tables, event: &Event<'_>) -> Done {
    let id: Number = event.get("product")?;
    let mut product: Product = tables.known(key![id], key![], event.at)?;
    (product.state, product.at) = (event.get("state")?, event.at);
    tables.put(&product);
    let ids = product.variants.as_array().into_iter().flatten();
    let ids: Vec<Number> = ids.filter_map(|id| id.as_str()?.parse().ok().map(Number)).collect();
    ids.iter().for_each(|id| tables.want::<Variant>(&key![*id]));
    for id in ids {
        let mut variant: Variant = tables.known(key![id], key![], event.at)?;
        if variant.state != RETIRED {
            (variant.state, variant.at) = (product.state.clone(), event.at);
            tables.put(&variant);
        }
    }
    Ok(())
}

fn set_prices(tables: &mut Tables, event: &Event<'_>, variant: Number, prices: &[Value]) -> Done {
    for old in tables.group::<Price>(&key![variant])?.into_iter().filter(|it| it.listed) {
        tables.put(&Price { listed: false, at: event.at, ..old });
    }
    for price in prices {
        tables.put(&Price { variant, listed: true, ..event.record(price)? });
    }
    Ok(())
}
