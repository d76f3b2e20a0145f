//! The calls that change what business is done with: assets, stores, products, programmes and their terms. What the rest
//! of the business needs is changed for a while only; others like it can end.

use serde_json::{Value, json};

use super::numbers::Numbers;
use super::opening::{price, product_details, programme, sale_terms, settings, terms};
use super::{ASSET, SIDE_ASSET, document};

/// The functions that are called, and by whom it makes sense.
pub(super) const CALLS: &[(&str, &str, &str)] = &[
    ("bank", "wallet", "create-asset"),
    ("bank", "wallet", "create-asset-with-terms"),
    ("bank", "wallet", "restrict-supply"),
    ("bank", "wallet", "set-issuer"),
    ("bank", "wallet", "freeze-balance"),
    ("bank", "wallet", "unfreeze-balance"),
    ("bank", "wallet", "unfreeze-balance"),
    ("admin", "marketplace", "set-settings"),
    ("admin", "marketplace", "set-rating-minimum"),
    ("admin", "marketplace", "create-category"),
    ("sam", "marketplace", "create-store"),
    ("sam", "marketplace", "set-store"),
    ("sam", "marketplace", "set-store-state"),
    ("sam", "marketplace", "create-location"),
    ("sam", "marketplace", "create-product"),
    ("sam", "marketplace", "set-product"),
    ("sam", "marketplace", "set-listing"),
    ("sam", "marketplace", "create-variant"),
    ("sam", "marketplace", "retire-variant"),
    ("sam", "marketplace", "move-stock"),
    ("admin", "jobs", "set-platform-fee"),
    ("admin", "jobs", "set-rating-minimum"),
    ("cloud", "credit", "create-programme"),
    ("cloud", "credit", "close-programme"),
    ("cloud", "credit", "set-payout-account"),
    ("cloud", "credit", "cancel-payout-change"),
    ("cloud", "credit", "set-sale-terms"),
    ("cloud", "credit", "set-price"),
    ("cloud", "credit", "retire-service"),
    ("cloud", "credit", "register-meter"),
    ("cloud", "credit", "remove-meter"),
];

/// The arguments of a call; none where the function is not one of these.
pub(super) fn arguments(module: &str, function: &str, numbers: Numbers) -> Option<Value> {
    match (module, function) {
        (_, "set-rating-minimum") => {
            let paid_min = (!numbers.amount.is_multiple_of(16)).then(|| some(numbers));
            Some(json!({"asset": ASSET, "paid-min": paid_min}))
        }
        ("jobs", "set-platform-fee") => {
            Some(json!({"fee": numbers.amount % 500, "fee-account": "@plat"}))
        }
        ("wallet", _) => wallet(function, numbers),
        ("marketplace", _) => marketplace(function, numbers),
        ("credit", _) => credit(function, numbers),
        _ => None,
    }
}

/// A small amount, at least 1.
fn some(numbers: Numbers) -> String {
    (1 + numbers.amount % 40).to_string()
}

/// A cap of the asset that leaves room for everything that is minted.
const CAP_MIN: u64 = 1_000_000_000_000_000;

fn wallet(function: &str, numbers: Numbers) -> Option<Value> {
    let id = numbers.id();
    Some(match function {
        "create-asset" => json!({
            "asset": format!("C{id}"), "name": "Points", "decimals": 0, "issuer": "@bank",
        }),
        "create-asset-with-terms" => json!({
            "asset": format!("T{id}"), "name": "Bonds", "decimals": 2, "issuer": "@bank", "key": "",
            "terms": {"kind": "issued", "supply": {"capped": some(numbers)}, "freezable": true},
        }),
        "restrict-supply" if numbers.amount.is_multiple_of(8) => {
            json!({"asset": SIDE_ASSET, "supply": "closed"})
        }
        "restrict-supply" => {
            // Refused where it is not below the last one.
            let cap = CAP_MIN + CAP_MIN / (1 + numbers.amount % 3_000);
            json!({"asset": ASSET, "supply": {"capped": cap.to_string()}})
        }
        "set-issuer" => {
            let issuer = if numbers.amount.is_multiple_of(2) { "@cloud" } else { "@bank" };
            json!({"asset": SIDE_ASSET, "issuer": issuer})
        }
        "freeze-balance" => json!({
            "asset": ASSET, "account": frozen(numbers.id), "expires-ms": numbers.after(3_000),
            "reason": "court order",
        }),
        "unfreeze-balance" => json!({"asset": ASSET, "account": frozen(numbers.id)}),
        _ => return None,
    })
}

/// An account whose balance is frozen at times: a buyer, a contractor, or where a store's money goes.
fn frozen(id: u64) -> &'static str {
    match id % 3 {
        0 => "@alice",
        1 => "@bob",
        _ => "@till",
    }
}

fn marketplace(function: &str, numbers: Numbers) -> Option<Value> {
    let (amount, small) = (numbers.amount, numbers.small());
    let (store, product) = if numbers.is_elsewhere() { ("2", "2") } else { ("1", "1") };
    Some(match function {
        "set-settings" => {
            let fee = u16::try_from(amount % 500).unwrap_or(0);
            json!({"settings": settings(fee, notice_ms(amount))})
        }
        "create-category" => json!({"parent": "1", "name": format!("Saws {small}"), "key": ""}),
        "create-store" => json!({
            "name": format!("Acme {small}"), "payout-account": "@till", "terms": terms(10_000), "key": "",
        }),
        "set-store" => json!({"store": store, "name": "Acme", "terms": terms(notice_ms(amount))}),
        "set-store-state" => {
            let state = match (numbers.is_elsewhere(), amount % 8) {
                (true, 0) => "closed",
                (true, 1..4) | (false, 0 | 1) => "paused",
                _ => "open",
            };
            json!({"store": store, "state": state})
        }
        "create-location" => json!({
            "store": store, "name": format!("Yard {small}"), "place": "", "key": "",
        }),
        "create-product" => json!({
            "store": store, "details": product_details(&format!("Saw {small}")), "key": "",
        }),
        "set-product" => {
            let mut details = product_details(&format!("Hammer {small}"));
            details["documents"] = (0..amount % 3).map(|_| document()).collect();
            json!({"product": product, "details": details})
        }
        "set-listing" => {
            let state = match (numbers.is_elsewhere(), amount % 8) {
                (true, 0) => "retired",
                (true, 1..4) | (false, 0 | 1) => "withdrawn",
                _ => "listed",
            };
            json!({"product": product, "state": state})
        }
        "create-variant" => json!({
            "product": product, "sku": format!("S-{}-{small}", numbers.id), "attributes": [],
            "prices": [price(1 + amount % 1_000)], "key": "",
        }),
        "retire-variant" => json!({"variant": (2 + numbers.id % 3).to_string()}),
        "move-stock" => {
            let (source, target) = if amount.is_multiple_of(2) { ("1", "2") } else { ("2", "1") };
            json!({
                "variant": "1", "source": source, "target": target,
                "quantity": (1 + amount % 4).to_string(), "reason": "", "key": "",
            })
        }
        _ => return None,
    })
}

/// The notice of a change, milliseconds.
fn notice_ms(amount: u64) -> u64 {
    10_000 + amount % 8_000
}

fn credit(function: &str, numbers: Numbers) -> Option<Value> {
    let amount = numbers.amount;
    let of = if numbers.is_elsewhere() { "2" } else { "1" };
    // Mostly a service that nobody uses, and a meter that measures nothing, so that usage goes on.
    let service = if amount.is_multiple_of(4) { "gpt" } else { "ocr" };
    let meter = if amount.is_multiple_of(4) { "@fast" } else { "@judge" };
    Some(match function {
        "create-programme" => programme(),
        "close-programme" => json!({
            "programme": (2 + numbers.id % 2).to_string(), "closes-ms": numbers.after(amount % 5_000),
        }),
        "set-payout-account" => {
            let account = if amount.is_multiple_of(2) { "@plat" } else { "@cloud" };
            json!({"programme": of, "payout-account": account})
        }
        "cancel-payout-change" => json!({"programme": of}),
        "set-sale-terms" => {
            json!({"programme": of, "sale-terms": (!amount.is_multiple_of(8)).then(sale_terms)})
        }
        "set-price" => json!({
            "programme": of, "service": service, "credits": (1 + amount % 5).to_string(),
            "per": "10", "effective-ms": amount.is_multiple_of(3).then(|| numbers.after(1_000)),
        }),
        "retire-service" => json!({"programme": of, "service": service}),
        "register-meter" => json!({"programme": of, "meter": meter, "name": "eu-2"}),
        "remove-meter" => json!({"programme": of, "meter": meter}),
        _ => return None,
    })
}
