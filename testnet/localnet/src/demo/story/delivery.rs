//! The second part of the story: a courier takes a job and delivers the goods.

use serde_json::{Value, json};

use super::{HOUR_MS, Part, Step, dispute_terms, document};

/// A courier is hired through a job, carries the goods, and is paid.
pub(super) fn steps() -> Vec<Step> {
    let keyed = json!({ "milestone": "$milestone", "key": "" });
    vec![
        Step::new(
            "treasury",
            ("jobs", "set-platform-fee"),
            json!({ "fee": 250, "fee-account": "@treasury" }),
            "sets the platform's fee: 2.5 % of what contractors get",
        ),
        Step::new(
            "alice",
            ("jobs", "post-job"),
            json!({ "details": details(), "key": "" }),
            "posts a job: carry 40 hammers to Globex, 25.00 EUR",
        )
        .keep("posting", Part::Result),
        Step::new(
            "dave",
            ("jobs", "submit-application"),
            json!({
                "posting": "$posting", "note": "Today", "price": "2500", "documents": [], "key": "",
            }),
            "applies for it",
        ),
        Step::new("alice", ("jobs", "make-offer"), offer(), "offers him the contract")
            .keep("offer", Part::Result),
        Step::new(
            "dave",
            ("jobs", "accept-offer"),
            json!({ "offer": "$offer", "key": "" }),
            "accepts it",
        )
        .keep("milestone", Part::Event("/contract-started/milestones/0/id")),
        Step::new(
            "alice",
            ("jobs", "fund-milestone"),
            keyed.clone(),
            "puts 25.00 EUR for him into escrow",
        ),
        Step::new(
            "alice",
            ("marketplace", "ship-order"),
            shipment(),
            "hands him the hammers: the order is shipped",
        )
        .keep("shipment", Part::Result),
        Step::new(
            "dave",
            ("marketplace", "record-delivery"),
            json!({
                "sub-order": "$order", "shipment": "$shipment", "proof": document("image/jpeg"),
            }),
            "records the delivery, with a signed slip",
        ),
        Step::new(
            "dave",
            ("jobs", "submit-milestone"),
            json!({ "milestone": "$milestone", "deliverable": document("image/jpeg") }),
            "submits his work",
        ),
        Step::new(
            "alice",
            ("jobs", "approve-milestone"),
            json!({ "milestone": "$milestone" }),
            "approves it",
        ),
        Step::new(
            "alice",
            ("jobs", "pay-milestone"),
            keyed,
            "pays him: 24.38 EUR to dave, 0.62 EUR to the platform",
        )
        .moves(&[("alice", "dave", 2_438), ("alice", "treasury", 62)]),
    ]
}

fn details() -> Value {
    json!({
        "title": "Carry 40 hammers from Graz to Globex",
        "summary": "",
        "skills": ["courier"],
        "place": "Graz",
        "documents": [],
        "visibility": "public",
        "requirements": [],
        "asset": "EUR",
        "budget": "2500",
        "positions": 1,
        "apply-until-ms": "+3600000",
        "decide-until-ms": "+7200000",
    })
}

fn offer() -> Value {
    let terms = json!({
        "asset": "EUR",
        "specification": null,
        "review-window-ms": HOUR_MS,
        "revision-window-ms": HOUR_MS,
        "payment-window-ms": HOUR_MS,
        "idle-window-ms": HOUR_MS,
        "revisions-max": 1,
        "dispute": dispute_terms(),
    });
    let milestone = json!({ "title": "Delivered", "amount": "2500", "due-ms": "+36000000" });
    json!({
        "posting": "$posting",
        "contractor": "@dave",
        "terms": terms,
        "milestones": [milestone],
        "accept-until-ms": "+3600000",
        "key": "",
    })
}

fn shipment() -> Value {
    json!({
        "sub-order": "$order",
        "lines": [{ "line": 0, "quantity": 40 }],
        "carrier": "Dave's Couriers",
        "carrier-account": "@dave",
        "tracking": "D-1042",
        "key": "",
    })
}
