//! What the modules need before their stories begin.

use serde_json::{Value, json};

use super::stage::{Stage, dispute_terms};

/// Acme sells hammers for 10.00 euros, of which the platform takes 2.5 %. Variant 1 of store 1 lies at
/// location 1.
pub(super) fn open_shop(stage: &mut Stage) {
    let settings = json!({
        "fee": 250,
        "fee-account": "@plat",
        "rating-commit-window-ms": "50000",
        "rating-reveal-window-ms": "25000",
        "disputes": dispute_terms(),
    });
    let terms = json!({
        "accept-window-ms": "10000",
        "ship-window-ms": "20000",
        "delivery-window-ms": "30000",
        "inspection-window-ms": "40000",
        "answer-window-ms": "5000",
        "return-window-ms": "15000",
        "receipt-window-ms": "6000",
        "cancel-penalty": 1000,
        "restocking-fee": 500,
        "clerk-refund-max": "100",
    });
    let details = json!({
        "category": "1",
        "title": "Hammer",
        "summary": "",
        "attributes": [],
        "documents": [],
    });
    let price = json!({"asset": "EUR", "amount": "1000", "from-ms": "0", "until-ms": null});
    for (who, function, arguments) in [
        ("admin", "set-settings", json!({"settings": settings})),
        ("admin", "create-category", json!({"parent": null, "name": "Tools", "key": ""})),
        (
            "sam",
            "create-store",
            json!({"name": "Acme", "payout": "@till", "terms": terms, "key": ""}),
        ),
        ("sam", "create-location", json!({"store": "1", "name": "Hall", "place": "", "key": ""})),
        ("sam", "create-product", json!({"store": "1", "details": details, "key": ""})),
        (
            "sam",
            "create-variant",
            json!({"product": "1", "sku": "H-1", "attributes": [], "prices": [price], "key": ""}),
        ),
        ("sam", "set-listing", json!({"product": "1", "state": "listed"})),
        (
            "sam",
            "add-stock",
            json!({
                "variant": "1", "location": "1", "quantity": "100", "reason": "", "key": "",
            }),
        ),
    ] {
        stage.done(who, "marketplace", function, arguments);
    }
}

/// Alice's order of hammers.
pub(super) fn order(quantity: u32) -> Value {
    json!({
        "asset": "EUR",
        "lines": [{"variant": "1", "location": "1", "quantity": quantity}],
        "total-max": (1_000 * u64::from(quantity)).to_string(),
        "destination": null,
        "reference": "PO 7",
        "key": "",
    })
}

/// Alice hires bob for work of one milestone, worth 50.00 euros; gives the contract and the milestone.
/// The platform takes 2.5 %.
pub(super) fn hire(stage: &mut Stage) -> (Value, Value) {
    let (contract, milestones) = hire_for(stage, 1);
    (contract, milestones[0].clone())
}

/// As [`hire`], for so many milestones.
pub(super) fn hire_for(stage: &mut Stage, milestones: usize) -> (Value, Vec<Value>) {
    let fee = json!({"fee": 250, "collector": "@plat"});
    stage.done("admin", "jobs", "set-platform-fee", fee);
    let now = stage.time_ms;
    let at = |after: u64| (now + after).to_string();
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
        "apply-until-ms": at(10_000),
        "decide-until-ms": at(20_000),
    });
    let posting = stage.done("alice", "jobs", "post-job", json!({"details": details, "key": ""}));
    let application =
        json!({"posting": posting, "note": "", "price": "5000", "documents": [], "key": ""});
    stage.done("bob", "jobs", "apply", application);
    let conditions = json!({
        "asset": "EUR",
        "specification": null,
        "review-ms": "10000",
        "revision-ms": "10000",
        "release-ms": "10000",
        "revisions-max": 2,
        "dispute": dispute_terms(),
    });
    let milestone = json!({"title": "All of it", "amount": "5000", "due-ms": at(100_000)});
    let offer = json!({
        "posting": posting,
        "contractor": "@bob",
        "conditions": conditions,
        "milestones": vec![milestone; milestones],
        "accept-until-ms": at(9_000),
        "key": "",
    });
    let offer = stage.done("alice", "jobs", "make-offer", offer);
    let contract = stage.done("bob", "jobs", "accept-offer", json!({"offer": offer, "key": ""}));
    let described = stage.done("alice", "jobs", "get-contract", json!({"contract": contract}));
    let milestones = described["milestones"].as_array().cloned();
    (contract, milestones.unwrap_or_default())
}

/// Cloud sells tokens: 3 credits for 10, and 10 credits for 0.05 euros; its meter is fast.
pub(super) fn open_programme(stage: &mut Stage) -> Value {
    let programme = json!({"name": "API", "unit": "token", "treasury": "@cloud", "key": ""});
    let programme = stage.done("cloud", "credit", "create-programme", programme);
    let sale = json!({
        "asset": "EUR",
        "price": "5",
        "per": "10",
        "credits-min": "10",
        "credits-max": "1000",
        "lasts-ms": "2592000000",
        "priority": 0,
        "refund-ms": "604800000",
        "refund-fee": 1000,
        "breakage": 5000,
    });
    for (function, arguments) in [
        (
            "set-price",
            json!({
                "programme": programme, "item": "gpt", "credits": "3", "per": "10", "from-ms": null,
            }),
        ),
        ("register-meter", json!({"programme": programme, "meter": "@fast", "name": "eu-1"})),
        ("set-sale", json!({"programme": programme, "sale": sale})),
    ] {
        stage.done("cloud", "credit", function, arguments);
    }
    programme
}
