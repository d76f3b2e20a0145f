//! The calls that set the modules up before the business begins. Everything gets the number 1.

use serde_json::{Value, json};

use super::{ASSET, Call, PEOPLE, dispute_terms, under_way};

/// A call by its parts.
pub(super) fn call(
    who: &'static str,
    module: &'static str,
    function: &'static str,
    arguments: Value,
) -> Call {
    Call { who, module, function, arguments }
}

/// The bank issues euros.
pub fn found_asset() -> Call {
    let eur = json!({"asset": ASSET, "name": "Euro", "decimals": 2, "issuer": "@bank"});
    call("bank", "wallet", "create-asset", eur)
}

/// Somebody gets this many cents.
pub fn mint(to: &str, amount: u64) -> Call {
    let mint = json!({"asset": ASSET, "to": format!("@{to}"), "amount": amount.to_string()});
    call("bank", "wallet", "mint", mint)
}

/// The calls of a genesis in which everybody has this much money, base units, and business is under way in all modules.
/// `now_ms` is its time, milliseconds since 1970.
pub fn business(funds: u64, now_ms: u64) -> Vec<Call> {
    let mut calls = vec![found_asset()];
    calls.extend(PEOPLE.iter().map(|person| mint(person.name, funds)));
    calls.extend(open_shop());
    calls.extend(hire(now_ms));
    calls.extend(open_programme());
    calls.extend(under_way(now_ms));
    calls
}

/// Acme sells hammers for 10.00 euros, of which the platform takes 2.5 %. Variant 1 of store 1 is at location
/// 1.
pub fn open_shop() -> Vec<Call> {
    let settings = json!({
        "fee": 250,
        "fee-account": "@plat",
        "rating-commit-window-ms": "50000",
        "rating-reveal-window-ms": "25000",
        "disputes": dispute_terms(0),
        "notice-ms": "60000",
    });
    let terms = json!({
        "accept-window-ms": "10000",
        "ship-window-ms": "20000",
        "delivery-window-ms": "30000",
        "inspection-window-ms": "40000",
        "return-approval-window-ms": "10000",
        "return-shipping-window-ms": "15000",
        "return-receipt-window-ms": "12000",
        "cancellation-fee": 1000,
        "restocking-fee": 500,
        "free-cancellations-max": 3,
        "reserve-share-max": 10_000,
        "notice-ms": "60000",
    });
    let clerks = json!({"single-max": "100", "daily-max": "1000"});
    let details = json!({
        "category": "1",
        "title": "Hammer",
        "summary": "",
        "attributes": [],
        "documents": [],
    });
    let price = json!({"asset": ASSET, "amount": "1000", "from-ms": "0", "until-ms": null});
    let variant =
        json!({"product": "1", "sku": "H-1", "attributes": [], "prices": [price], "key": ""});
    let stock =
        json!({"variant": "1", "location": "1", "quantity": "100", "reason": "", "key": ""});
    let store = json!({"name": "Acme", "payout-account": "@till", "terms": terms, "key": ""});
    let location = json!({"store": "1", "name": "Hall", "place": "", "key": ""});
    let category = json!({"parent": null, "name": "Tools", "key": ""});
    [
        ("admin", "set-settings", json!({"settings": settings})),
        ("admin", "set-rating-minimum", json!({"asset": ASSET, "paid-min": "100"})),
        ("admin", "create-category", category),
        ("sam", "create-store", store),
        ("till", "set-clerk-limit", json!({"store": "1", "asset": ASSET, "limit": clerks})),
        ("sam", "create-location", location),
        ("sam", "create-product", json!({"store": "1", "details": details, "key": ""})),
        ("sam", "create-variant", variant),
        ("sam", "set-listing", json!({"product": "1", "state": "listed"})),
        ("sam", "add-stock", stock),
    ]
    .map(|(who, function, arguments)| call(who, "marketplace", function, arguments))
    .into()
}

/// Alice hires bob for work of one milestone, worth 50.00 euros, of which the platform takes 2.5 %.
/// `now_ms` is the block time, milliseconds since 1970.
pub fn hire(now_ms: u64) -> Vec<Call> {
    hire_for(1, 1, now_ms)
}

/// As [`hire`], the `number`th time, from 1, for the given number of milestones of 50.00 euros each.
pub fn hire_for(number: u64, milestones: usize, now_ms: u64) -> Vec<Call> {
    let fee = json!({"fee": 250, "fee-account": "@plat"});
    let id = number.to_string();
    [
        ("admin", "set-platform-fee", fee),
        ("admin", "set-rating-minimum", json!({"asset": ASSET, "paid-min": "100"})),
        ("alice", "post-job", posting(now_ms)),
        ("bob", "submit-application", application(&id)),
        ("alice", "make-offer", offer(&id, milestones, now_ms)),
        ("bob", "accept-offer", json!({"offer": id, "key": ""})),
    ]
    .map(|(who, function, arguments)| call(who, "jobs", function, arguments))
    .into()
}

fn at(now_ms: u64, after_ms: u64) -> String {
    now_ms.saturating_add(after_ms).to_string()
}

pub(super) fn posting(now_ms: u64) -> Value {
    let details = json!({
        "title": "Paint the hall",
        "summary": "",
        "skills": ["painting"],
        "place": "",
        "documents": [],
        "visibility": "public",
        "requirements": [],
        "asset": ASSET,
        "budget": "5000",
        "positions": 1,
        "apply-until-ms": at(now_ms, 10_000),
        "decide-until-ms": at(now_ms, 20_000),
    });
    json!({"details": details, "key": ""})
}

pub(super) fn application(posting: &str) -> Value {
    json!({"posting": posting, "note": "", "price": "5000", "documents": [], "key": ""})
}

/// An offer of alice's to bob.
pub(super) fn offer(posting: &str, milestones: usize, now_ms: u64) -> Value {
    let terms = json!({
        "asset": ASSET,
        "specification": null,
        "review-window-ms": "10000",
        "revision-window-ms": "10000",
        "payment-window-ms": "10000",
        "idle-window-ms": "10000",
        "revisions-max": 2,
        "dispute": dispute_terms(200),
    });
    let due_ms = at(now_ms, 100_000);
    let milestone = json!({"title": "All of it", "amount": "5000", "due-ms": due_ms});
    json!({
        "posting": posting,
        "contractor": "@bob",
        "terms": terms,
        "milestones": vec![milestone; milestones],
        "accept-until-ms": at(now_ms, 9_000),
        "key": "",
    })
}

/// Cloud sells tokens: 3 credits for 10, and 10 credits for 0.05 euros; its meter is fast.
pub fn open_programme() -> Vec<Call> {
    let programme = json!({"name": "API", "unit": "token", "payout-account": "@cloud", "key": ""});
    let price = json!({"programme": "1", "service": "gpt", "credits": "3", "per": "10", "effective-ms": null});
    let meter = json!({"programme": "1", "meter": "@fast", "name": "eu-1"});
    let sale = json!({
        "asset": ASSET,
        "price": "5",
        "per": "10",
        "credits-min": "10",
        "credits-max": "1000",
        "validity-ms": "2592000000",
        "priority": 0,
        "refund-window-ms": "604800000",
        "refund-fee": 1000,
        "breakage": 5000,
    });
    [
        ("create-programme", programme),
        ("set-price", price),
        ("register-meter", meter),
        ("set-sale-terms", json!({"programme": "1", "sale-terms": sale})),
    ]
    .map(|(function, arguments)| call("cloud", "credit", function, arguments))
    .into()
}
