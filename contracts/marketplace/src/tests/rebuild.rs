//! Events are complete: the tables that the indexer's projection makes of them are what the module keeps.

use ehb_contract::json::{Arguments, Json, Value, answer};
use ehb_contract::{Address, Hash, Host};
use ehb_projection::mirror::Mirror;

use crate::bindings::ehb::marketplace::events::Event;
use crate::keys::{
    BUYER_RATINGS, CANCELLED, CATEGORIES, CLERKS, DISPUTES, LOCATIONS, ORDERS, PRODUCTS,
    RATING_MINIMUMS, RATINGS, RETURNS, SETTINGS, SHIPMENTS, STOCK, STORE_RATINGS, STORES,
    SUB_ORDERS, TREASURERS, VARIANTS,
};
use crate::rules;

/// Applies the new events, all of this block.
pub(super) fn follow(mirror: &mut Mirror, host: &Host) {
    mirror.follow(host.events::<Event>().iter().map(Json::to_json), host.time_ms()).unwrap();
}

/// The module's answer to a read; none if the read is not known here.
fn read(host: &Host, function: &str, of: Arguments<'_>) -> Option<Result<Value, Value>> {
    let (store, sub_order) = (|| of.number("store"), || of.number("sub-order"));
    Some(match function {
        "get-settings" => answer(rules::get_settings(host)),
        "get-treasurer-limit" => {
            answer(rules::get_treasurer_limit(host, store()?, of.text("asset")?))
        }
        "get-clerk-limit" => answer(rules::get_clerk_limit(host, store()?, of.text("asset")?)),
        "get-category" => answer(rules::get_category(host, of.number("category")?)),
        "get-store" => answer(rules::get_store(host, store()?)),
        "get-location" => answer(rules::get_location(host, of.number("location")?)),
        "get-product" => answer(rules::get_product(host, of.number("product")?)),
        "get-variant" => answer(rules::get_variant(host, of.number("variant")?)),
        "get-stock" => {
            answer(rules::get_stock(host, of.number("variant")?, of.number("location")?))
        }
        "get-order" => answer(rules::get_order(host, of.number("order")?)),
        "get-sub-order" => answer(rules::get_sub_order(host, sub_order()?)),
        "get-shipment" => {
            let number = u32::try_from(of.number("shipment")?).ok()?;
            answer(rules::get_shipment(host, sub_order()?, number))
        }
        "get-return" => answer(rules::get_return(host, sub_order()?)),
        "get-dispute" => answer(rules::get_dispute(host, of.number("dispute")?)),
        "list-arbiters" => Ok(rules::list_arbiters(host).to_json()),
        "get-rating" => answer(rules::get_rating(host, sub_order()?)),
        "get-store-rating" => answer(rules::get_store_rating(host, store()?)),
        "get-buyer-rating" => answer(rules::get_buyer_rating(host, of.text("organisation")?)),
        "get-rating-minimum" => answer(rules::get_rating_minimum(host, of.text("asset")?)),
        _ => return None,
    })
}

/// What the module keeps has rows.
fn kept(mirror: &Mirror, table: &str, columns: &[&str], keys: impl IntoIterator<Item = String>) {
    assert_eq!(mirror.missing(table, columns, keys).unwrap(), Vec::<String>::new(), "{table}");
}

/// Each row is what the module returns for it, and what the module keeps has a row.
pub(super) fn check(mirror: &Mirror, host: &Host) {
    let read = |function: &str, arguments: &Value| read(host, function, Arguments(arguments));
    let found = mirror.compare(host.time_ms(), read);
    assert_eq!(found, Vec::<String>::new());
    let ids = |table: &str, column: &str, map: Vec<u64>| {
        kept(mirror, table, &[column], map.into_iter().map(|id| id.to_string()));
    };
    ids("pss.category", "id", CATEGORIES.keys(host));
    ids("pss.store", "id", STORES.keys(host));
    ids("pss.location", "id", LOCATIONS.keys(host));
    ids("pss.product", "id", PRODUCTS.keys(host));
    ids("pss.variant", "id", VARIANTS.keys(host));
    ids("emo.order", "id", ORDERS.keys(host));
    ids("emo.sub_order", "id", SUB_ORDERS.keys(host));
    ids("emo.return_case", "sub_order", RETURNS.keys(host));
    ids("emo.dispute", "id", DISPUTES.keys(host));
    ids("emo.rating", "sub_order", RATINGS.keys(host));
    ids("pss.store_rating", "store", STORE_RATINGS.keys(host));
    let pairs = |table: &str, columns: [&str; 2], pairs: Vec<(u64, String)>| {
        let pairs = pairs.into_iter().map(|(one, two)| format!("{one}/{two}"));
        kept(mirror, table, &columns, pairs);
    };
    let stock = STOCK.keys(host).into_iter().map(|(one, two)| (one, two.to_string()));
    pairs("pss.stock", ["variant", "location"], stock.collect());
    let shipments = SHIPMENTS.keys(host).into_iter().map(|(one, two)| (one, two.to_string()));
    pairs("emo.shipment", ["sub_order", "number"], shipments.collect());
    pairs("pss.free_cancellation", ["store", "organisation"], CANCELLED.keys(host));
    let limited = |role: &str, books: Vec<(u64, String)>| {
        let keys = books.into_iter().map(|(store, asset)| format!("{role}/{store}/{asset}"));
        kept(mirror, "emo.role_limit", &["role", "subject", "asset"], keys);
    };
    limited("treasurer", TREASURERS.keys(host));
    limited("clerk", CLERKS.keys(host));
    let rated = mirror.keys("emo.rating_sum", &["organisation"]).unwrap();
    let rated: Vec<Hash> = rated.iter().map(|name| host.sha256(name.as_bytes())).collect();
    assert!(BUYER_RATINGS.keys(host).iter().all(|key| rated.contains(key)));
    kept(mirror, "emo.rating_minimum", &["asset"], RATING_MINIMUMS.keys(host));
    let arbiters = rules::list_arbiters(host).into_iter().map(Address::to_hex);
    kept(mirror, "emo.arbiter", &["account"], arbiters);
    let versions = SETTINGS.keys(host).into_iter().map(|version| version.to_string());
    kept(mirror, "emo.setting", &["version"], versions);
    let cancelled = CANCELLED.all(host).into_iter();
    let cancelled = cancelled.map(|((store, organisation), daily)| {
        format!("{store}/{organisation}/{}/{}", daily.day, daily.sum)
    });
    let columns = ["store", "organisation", "day", "cancelled_today"];
    assert_eq!(mirror.keys("pss.free_cancellation", &columns).unwrap(), cancelled.collect());
}
