use serde_json::{Value, json};

use super::chain::{COMPANY, NOW_MS, person, text};

const HOUR_MS: u64 = 3_600_000;
const HOUR: &str = "3600000";
/// What is metered.
pub(super) const ITEM: &str = "gpt";

fn in_hours(hours: u64) -> String {
    (NOW_MS + hours * HOUR_MS).to_string()
}

pub(super) fn document() -> Value {
    let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    json!({ "cid": cid, "media-type": "image/jpeg", "size": "1000" })
}

/// Rent set aside for nobody in particular.
pub(super) fn hold(place: u64) -> Value {
    json!({
        "asset": "EUR",
        "amount": "100",
        "payee": null,
        "controller": null,
        "expires-ms": in_hours(1),
        "reference": format!("rent {place:010}"),
    })
}

pub(super) fn store() -> Value {
    let terms = json!({
        "accept-window-ms": HOUR,
        "ship-window-ms": HOUR,
        "delivery-window-ms": HOUR,
        "inspection-window-ms": HOUR,
        "answer-window-ms": HOUR,
        "return-window-ms": HOUR,
        "receipt-window-ms": HOUR,
        "cancel-penalty": null,
        "restocking-fee": 0,
        "clerk-refund-max": "100",
    });
    json!({ "name": "Store", "payout": text(COMPANY), "terms": terms, "key": "" })
}

pub(super) fn product() -> Value {
    let details = json!({
        "category": "1", "title": "Hammer", "summary": "", "attributes": [], "documents": [],
    });
    json!({ "store": "1", "details": details, "key": "" })
}

pub(super) fn variant(place: u64) -> Value {
    let price = json!({ "asset": "EUR", "amount": "100", "from-ms": "0", "until-ms": null });
    json!({
        "product": (place + 1).to_string(),
        "sku": format!("H-{place:010}"),
        "attributes": [],
        "prices": [price],
        "key": "",
    })
}

pub(super) fn stock(place: u64, pieces: u64) -> Value {
    json!({
        "variant": (place + 1).to_string(),
        "location": "1",
        "quantity": pieces.to_string(),
        "reason": "",
        "key": "",
    })
}

/// An order of two lines, far apart in the state.
pub(super) fn order(place: u64, size: u64) -> Value {
    let line = |place: u64| json!({ "variant": (place % size + 1).to_string(), "location": "1", "quantity": 1 });
    json!({
        "asset": "EUR",
        "lines": [line(place), line(place + size / 2)],
        "total-max": "200",
        "destination": null,
        "reference": "",
        "key": "",
    })
}

/// Both lines of an order in one parcel.
pub(super) fn shipment(order: &Value) -> Value {
    json!({
        "sub-order": order,
        "pieces": [{ "line": 0, "quantity": 1 }, { "line": 1, "quantity": 1 }],
        "carrier": "Courier",
        "carrier-account": null,
        "tracking": "C-1",
        "key": "",
    })
}

pub(super) fn posting() -> Value {
    let details = json!({
        "title": "Paint the hall",
        "summary": "",
        "skills": ["painting"],
        "place": "",
        "documents": [],
        "visibility": "everybody",
        "requirements": [],
        "asset": "EUR",
        "budget": "5000",
        "positions": 1,
        "apply-until-ms": in_hours(2),
        "decide-until-ms": in_hours(3),
    });
    json!({ "details": details, "key": "" })
}

pub(super) fn application(posting: &Value) -> Value {
    json!({ "posting": posting, "note": "", "price": "5000", "documents": [], "key": "" })
}

/// An offer of one milestone to the next person.
pub(super) fn offer(place: u64, posting: &Value) -> Value {
    let windows = json!({
        "response-ms": HOUR,
        "evidence-ms": HOUR,
        "offer-ms": HOUR,
        "ruling-ms": HOUR,
        "appeal-ms": HOUR,
    });
    let conditions = json!({
        "asset": "EUR",
        "specification": null,
        "review-ms": HOUR,
        "revision-ms": HOUR,
        "release-ms": HOUR,
        "revisions-max": 2,
        "dispute": { "arbiter": "role", "default-to-first": 5000, "windows": windows },
    });
    json!({
        "posting": posting,
        "contractor": text(person(place + 1)),
        "conditions": conditions,
        "milestones": [{ "title": "All of it", "amount": "5000", "due-ms": in_hours(9) }],
        "accept-until-ms": in_hours(1),
        "key": "",
    })
}

pub(super) fn grant(place: u64) -> Value {
    json!({
        "programme": "1",
        "account": text(person(place)),
        "credits": "1000000",
        "effective-ms": null,
        "expires-ms": in_hours(24),
        "priority": 0,
        "reference": "",
        "key": "",
    })
}

pub(super) fn usage(place: u64) -> Value {
    json!({
        "programme": "1",
        "account": text(person(place)),
        "item": ITEM,
        "quantity-max": "100",
        "meter": text(COMPANY),
        "window-ms": HOUR,
        "reference": "",
        "key": "",
    })
}

/// Four receipts of one person's usage.
pub(super) fn receipts(place: u64) -> Value {
    let receipt = |number: u64| {
        json!({
            "account": text(person(place)),
            "item": ITEM,
            "quantity": "50",
            "used-ms": NOW_MS.to_string(),
            "reference": format!("{place:010}-{number}"),
        })
    };
    let receipts: Vec<Value> = (0..4).map(receipt).collect();
    json!({ "programme": "1", "receipts": receipts })
}
