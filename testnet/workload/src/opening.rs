//! The calls that set the modules up before the business begins. Everything gets the number 1.

use serde_json::{Value, json};

use super::{ASSET, Call, dispute_terms};

/// A call by its parts.
pub(super) fn call(
    who: &'static str,
    module: &'static str,
    function: &'static str,
    arguments: Value,
) -> Call {
    Call { who, module, function, arguments }
}

/// The bank issues euros, and can freeze balances of them.
pub fn found_asset() -> Call {
    let terms = json!({"kind": "issued", "supply": "unlimited", "freezable": true});
    let eur = json!({
        "asset": ASSET, "name": "Euro", "decimals": 2, "issuer": "@bank", "terms": terms, "key": "",
    });
    call("bank", "wallet", "create-asset-with-terms", eur)
}

/// Somebody gets this many cents.
pub fn mint(to: &str, amount: u64) -> Call {
    let mint = json!({"asset": ASSET, "to": format!("@{to}"), "amount": amount.to_string()});
    call("bank", "wallet", "mint", mint)
}

/// The platform's settings: its fee in basis points, and the notice of a change, milliseconds.
pub(super) fn settings(fee: u16, notice_ms: u64) -> Value {
    json!({
        "fee": fee,
        "fee-account": "@plat",
        "rating-commit-window-ms": "50000",
        "rating-reveal-window-ms": "25000",
        "disputes": dispute_terms(0),
        "notice-ms": notice_ms.to_string(),
    })
}

/// A store's terms, with the notice of a change, milliseconds.
pub(super) fn terms(notice_ms: u64) -> Value {
    json!({
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
        "notice-ms": notice_ms.to_string(),
    })
}

pub(super) fn product_details(title: &str) -> Value {
    json!({"category": "1", "title": title, "summary": "", "attributes": [], "documents": []})
}

/// A price of a piece, cents.
pub(super) fn price(amount: u64) -> Value {
    json!({"asset": ASSET, "amount": amount.to_string(), "effective-ms": "0", "until-ms": null})
}

/// A variant of hammers.
pub(super) fn variant(sku: &str) -> Value {
    json!({"product": "1", "sku": sku, "attributes": [], "prices": [price(1_000)], "key": ""})
}

/// Acme sells hammers for 10.00 euros, of which the platform takes 2.5 %. Variant 1 of store 1 is at location
/// 1; location 2 is empty.
pub fn open_shop() -> Vec<Call> {
    let clerks = json!({"single-max": "100", "daily-max": "1000"});
    let variant = variant("H-1");
    let stock =
        json!({"variant": "1", "location": "1", "quantity": "100", "reason": "", "key": ""});
    let store =
        json!({"name": "Acme", "payout-account": "@till", "terms": terms(60_000), "key": ""});
    let location = |name| json!({"store": "1", "name": name, "place": "", "key": ""});
    let category = json!({"parent": null, "name": "Tools", "key": ""});
    [
        ("admin", "set-settings", json!({"settings": settings(250, 60_000)})),
        ("admin", "set-rating-minimum", json!({"asset": ASSET, "paid-min": "100"})),
        ("admin", "create-category", category),
        ("sam", "create-store", store),
        ("till", "set-clerk-limit", json!({"store": "1", "asset": ASSET, "limit": clerks})),
        ("sam", "create-location", location("Hall")),
        ("sam", "create-location", location("Yard")),
        (
            "sam",
            "create-product",
            json!({"store": "1", "details": product_details("Hammer"), "key": ""}),
        ),
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

/// The arguments of `create-programme`.
pub(super) fn programme() -> Value {
    json!({"name": "API", "unit": "token", "payout-account": "@cloud", "key": ""})
}

/// 10 credits for 0.05 euros.
pub(super) fn sale_terms() -> Value {
    json!({
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
    })
}

/// Cloud sells tokens: 3 credits for 10, and 10 credits for 0.05 euros; its meter is fast.
pub fn open_programme() -> Vec<Call> {
    open_programme_number("1")
}

/// As [`open_programme`], for the programme that gets this number.
pub(super) fn open_programme_number(programme: &str) -> Vec<Call> {
    let price = json!({
        "programme": programme, "service": "gpt", "credits": "3", "per": "10", "effective-ms": null,
    });
    let meter = json!({"programme": programme, "meter": "@fast", "name": "eu-1"});
    [
        ("create-programme", self::programme()),
        ("set-price", price),
        ("register-meter", meter),
        ("set-sale-terms", json!({"programme": programme, "sale-terms": sale_terms()})),
    ]
    .map(|(function, arguments)| call("cloud", "credit", function, arguments))
    .into()
}
