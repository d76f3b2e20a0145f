//! The last part of the story: an AI service sells credits and is paid by usage.

use serde_json::{Value, json};

use super::{HOUR_MS, Part, Step};

/// Credits are bought, used and settled, and the rest is returned.
pub(super) fn steps() -> Vec<Step> {
    let settled = json!({ "grant": "$grant", "key": "" });
    vec![
        Step::new(
            "carol",
            ("credit", "create-programme"),
            json!({ "name": "Vision API", "unit": "credit", "payout-account": "@carol", "key": "" }),
            "opens the programme Vision API",
        )
        .keep("programme", Part::Result),
        Step::new(
            "carol",
            ("credit", "set-price"),
            json!({
                "programme": "$programme",
                "service": "vision/image",
                "credits": "1",
                "per": "1",
                "effective-ms": null,
            }),
            "prices an image: 1 credit",
        ),
        Step::new(
            "carol",
            ("credit", "set-sale-terms"),
            json!({ "programme": "$programme", "sale-terms": sale() }),
            "sells credits at 0.05 EUR, to be returned for 90 %",
        ),
        Step::new(
            "carol",
            ("credit", "register-meter"),
            json!({ "programme": "$programme", "meter": "@carol", "name": "eu-1" }),
            "registers her meter",
        ),
        Step::new(
            "bob",
            ("credit", "purchase-credits"),
            json!({
                "programme": "$programme",
                "account": null,
                "credits": "1000",
                "price-max": "5000",
                "key": "",
            }),
            "buys 1,000 credits: 50.00 EUR are set aside",
        )
        .keep("grant", Part::Result),
        Step::new(
            "bob",
            ("credit", "authorise-usage"),
            usage(),
            "lets the service look at up to 400 photos of hammers",
        )
        .keep("usage", Part::Result),
        Step::new(
            "carol",
            ("credit", "capture-usage"),
            json!({ "usage": "$usage", "quantity": "300", "key": "" }),
            "charges 300 images: 300 credits",
        )
        .keep("used-ms", Part::BlockMs),
        Step::new(
            "carol",
            ("credit", "report-usage"),
            reports(),
            "delivers two metered reports: 100 credits",
        ),
        Step::new(
            "carol",
            ("credit", "settle-purchase"),
            settled.clone(),
            "is paid for the 400 that were used: 20.00 EUR",
        )
        .moves(&[("bob", "carol", 2_000)]),
        Step::new(
            "bob",
            ("credit", "refund-purchase"),
            settled,
            "returns the other 600: 27.00 EUR back, 3.00 EUR to carol",
        )
        .moves(&[("bob", "carol", 300)]),
    ]
}

fn sale() -> Value {
    json!({
        "asset": "EUR",
        "price": "5",
        "per": "1",
        "credits-min": "1",
        "credits-max": "100000",
        "validity-ms": "2592000000",
        "priority": 0,
        "refund-window-ms": "604800000",
        "refund-fee": 1000,
        "breakage": 5000,
    })
}

fn usage() -> Value {
    json!({
        "programme": "$programme",
        "account": "@bob",
        "service": "vision/image",
        "quantity-max": "400",
        "meter": "@carol",
        "capture-window-ms": HOUR_MS,
        "reference": "batch 7",
        "key": "",
    })
}

fn reports() -> Value {
    let report = |reference: &str| {
        json!({
            "account": "@bob",
            "service": "vision/image",
            "quantity": "50",
            "used-ms": "$used-ms",
            "reference": reference,
        })
    };
    json!({ "programme": "$programme", "reports": [report("r-1"), report("r-2")] })
}
