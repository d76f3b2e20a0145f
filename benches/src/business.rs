//! The arguments of the module calls in loads and micro-benchmarks. Times are milliseconds since 1970; all
//! windows are long enough that nothing expires.

use serde_json::{Value, json};

const HOUR_MS: u64 = 3_600_000;
const HOUR: &str = "3600000";
/// The metered service.
const SERVICE: &str = "gpt";

/// Some hours after a time.
pub(crate) fn hours_after(time_ms: u64, hours: u64) -> String {
    time_ms.saturating_add(hours.saturating_mul(HOUR_MS)).to_string()
}

/// A document that is stored nowhere (a valid CID without content).
pub(crate) fn document() -> Value {
    let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    json!({ "cid": cid, "media-type": "image/jpeg", "size": "1000" })
}

pub(crate) fn store(name: &str, payout_account: &str) -> Value {
    let terms = json!({
        "accept-window-ms": HOUR,
        "ship-window-ms": HOUR,
        "delivery-window-ms": HOUR,
        "inspection-window-ms": HOUR,
        "return-approval-window-ms": HOUR,
        "return-shipping-window-ms": HOUR,
        "return-receipt-window-ms": HOUR,
        "cancellation-fee": null,
        "restocking-fee": 0,
        "free-cancellations-max": 10,
        "reserve-share-max": 10_000,
        "notice-ms": HOUR,
    });
    json!({ "name": name, "payout-account": payout_account, "terms": terms, "key": "" })
}

pub(crate) fn product(store: &Value, title: &str) -> Value {
    let details = json!({
        "category": "1", "title": title, "summary": "", "attributes": [], "documents": [],
    });
    json!({ "store": store, "details": details, "key": "" })
}

/// A variant with a price in cents.
pub(crate) fn variant(product: &Value, sku: &str, cents: u64) -> Value {
    let amount = cents.to_string();
    let price = json!({ "asset": "EUR", "amount": amount, "effective-ms": "0", "until-ms": null });
    json!({ "product": product, "sku": sku, "attributes": [], "prices": [price], "key": "" })
}

pub(crate) fn stock(variant: &Value, location: &Value, pieces: u64) -> Value {
    json!({
        "variant": variant,
        "location": location,
        "quantity": pieces.to_string(),
        "reason": "",
        "key": "",
    })
}

/// An order of two lines of a store, one piece each, with a maximum price in cents, under the store's first terms
/// and the platform's settings of a version.
pub(crate) fn order(
    store: &Value,
    settings_version: &Value,
    variants: [&Value; 2],
    location: &Value,
    cents_max: u64,
) -> Value {
    let line = |variant| json!({ "variant": variant, "location": location, "quantity": 1 });
    json!({
        "asset": "EUR",
        "lines": variants.map(line),
        "total-max": cents_max.to_string(),
        "terms": [{ "store": store, "version": 1 }],
        "settings-version": settings_version,
        "destination": null,
        "reference": "",
        "key": "",
    })
}

/// Both lines of an order in one parcel.
pub(crate) fn shipment(order: &Value) -> Value {
    json!({
        "sub-order": order,
        "lines": [{ "line": 0, "quantity": 1 }, { "line": 1, "quantity": 1 }],
        "carrier": "Courier",
        "carrier-account": null,
        "tracking": "C-1",
        "key": "",
    })
}

pub(crate) fn posting(now_ms: u64) -> Value {
    let details = json!({
        "title": "Paint the hall",
        "summary": "",
        "skills": ["painting"],
        "place": "",
        "documents": [],
        "visibility": "public",
        "requirements": [],
        "asset": "EUR",
        "budget": "5000",
        "positions": 1,
        "apply-until-ms": hours_after(now_ms, 2),
        "decide-until-ms": hours_after(now_ms, 3),
    });
    json!({ "details": details, "key": "" })
}

pub(crate) fn application(posting: &Value) -> Value {
    json!({ "posting": posting, "note": "", "price": "5000", "documents": [], "key": "" })
}

/// An offer with one milestone, without a named arbiter.
pub(crate) fn offer(posting: &Value, contractor: &str, now_ms: u64) -> Value {
    let windows = json!({
        "response-ms": HOUR,
        "evidence-ms": HOUR,
        "offer-ms": HOUR,
        "ruling-ms": HOUR,
        "appeal-ms": HOUR,
    });
    let terms = json!({
        "asset": "EUR",
        "specification": null,
        "review-window-ms": HOUR,
        "revision-window-ms": HOUR,
        "payment-window-ms": HOUR,
        "idle-window-ms": HOUR,
        "revisions-max": 2,
        "dispute": { "arbiter": "registered", "fee": 100, "default-to-payer": 5000, "windows": windows },
    });
    let due_ms = hours_after(now_ms, 9);
    json!({
        "posting": posting,
        "contractor": contractor,
        "terms": terms,
        "milestones": [{ "title": "All of it", "amount": "5000", "due-ms": due_ms }],
        "accept-until-ms": hours_after(now_ms, 1),
        "key": "",
    })
}

/// A price of 3 credits for 10 metered units.
pub(crate) fn price(programme: &Value) -> Value {
    json!({ "programme": programme, "service": SERVICE, "credits": "3", "per": "10", "effective-ms": null })
}

pub(crate) fn grant(programme: &Value, account: &str, credits: u64, expires_ms: &str) -> Value {
    json!({
        "programme": programme,
        "account": account,
        "credits": credits.to_string(),
        "effective-ms": null,
        "expires-ms": expires_ms,
        "priority": 0,
        "reference": "",
        "key": "",
    })
}

pub(crate) fn usage(programme: &Value, account: &str, meter: &str) -> Value {
    json!({
        "programme": programme,
        "account": account,
        "service": SERVICE,
        "quantity-max": "100",
        "meter": meter,
        "capture-window-ms": HOUR,
        "reference": "",
        "key": "",
    })
}

/// Four reports of one account's usage, with references that begin with `reference`.
pub(crate) fn reports(programme: &Value, account: &str, used_ms: u64, reference: &str) -> Value {
    let report = |number: u32| {
        json!({
            "account": account,
            "service": SERVICE,
            "quantity": "50",
            "used-ms": used_ms.to_string(),
            "reference": format!("{reference}-{number}"),
        })
    };
    let reports = [0, 1, 2, 3].map(report);
    json!({ "programme": programme, "reports": reports })
}
