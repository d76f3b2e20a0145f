//! The first part of the story: a company orders from a store.

use serde_json::{Value, json};

use super::{HOUR_MS, Part, Step, dispute_terms};

/// A store is opened, and a company orders 40 hammers of it.
pub(super) fn steps() -> Vec<Step> {
    let settings = json!({
        "fee": 250,
        "fee-account": "@treasury",
        "rating-commit-window-ms": HOUR_MS,
        "rating-reveal-window-ms": HOUR_MS,
        "disputes": dispute_terms(),
        "notice-ms": HOUR_MS,
    });
    vec![
        Step::new(
            "treasury",
            ("marketplace", "set-settings"),
            json!({ "settings": settings }),
            "sets the platform's fee: 2.5 % of what sellers get",
        ),
        Step::new(
            "alice",
            ("marketplace", "create-store"),
            json!({ "name": "Acme Tools", "payout-account": "@alice", "terms": terms(), "key": "" }),
            "opens the store Acme Tools",
        )
        .keep("store", Part::Result),
        Step::new(
            "alice",
            ("marketplace", "create-location"),
            json!({ "store": "$store", "name": "Hall 3", "place": "Graz", "key": "" }),
            "adds the warehouse Hall 3",
        )
        .keep("location", Part::Result),
        Step::new(
            "alice",
            ("marketplace", "create-product"),
            json!({ "store": "$store", "details": product(), "key": "" }),
            "describes a hammer",
        )
        .keep("product", Part::Result),
        Step::new(
            "alice",
            ("marketplace", "create-variant"),
            variant(),
            "prices it: 10.00 EUR a piece",
        )
        .keep("variant", Part::Result),
        Step::new(
            "alice",
            ("marketplace", "set-listing"),
            json!({ "product": "$product", "state": "listed" }),
            "lists it",
        ),
        Step::new("alice", ("marketplace", "add-stock"), stock(), "stocks 100 hammers"),
        Step::new(
            "bob",
            ("marketplace", "place-order"),
            order(),
            "orders 40 hammers: 400.00 EUR are set aside",
        )
        .keep("order", Part::Event("/order-placed/sub-orders/0/id")),
        Step::new(
            "alice",
            ("marketplace", "accept-order"),
            json!({ "sub-order": "$order" }),
            "accepts the order",
        ),
    ]
}

fn terms() -> Value {
    json!({
        "accept-window-ms": HOUR_MS,
        "ship-window-ms": HOUR_MS,
        "delivery-window-ms": HOUR_MS,
        "inspection-window-ms": HOUR_MS,
        "return-approval-window-ms": HOUR_MS,
        "return-shipping-window-ms": HOUR_MS,
        "return-receipt-window-ms": HOUR_MS,
        "cancellation-fee": 1000,
        "restocking-fee": 500,
        "free-cancellations-max": 10,
        "reserve-share-max": 10_000,
        "notice-ms": HOUR_MS,
    })
}

fn product() -> Value {
    json!({
        "category": "1",
        "title": "Hammer",
        "summary": "500 g, ash",
        "attributes": [{ "name": "weight", "value": "500 g" }],
        "documents": [],
    })
}

fn variant() -> Value {
    let price = json!({ "asset": "EUR", "amount": "1000", "effective-ms": "0", "until-ms": null });
    json!({
        "product": "$product", "sku": "H-500", "attributes": [], "prices": [price], "key": "",
    })
}

fn stock() -> Value {
    json!({
        "variant": "$variant",
        "location": "$location",
        "quantity": "100",
        "reason": "first delivery",
        "key": "",
    })
}

fn order() -> Value {
    json!({
        "asset": "EUR",
        "lines": [{ "variant": "$variant", "location": "$location", "quantity": 40 }],
        "total-max": "40000",
        "terms": [{ "store": "$store", "version": 1 }],
        "settings-version": 1,
        "destination": null,
        "reference": "PO 2026-7",
        "key": "",
    })
}
