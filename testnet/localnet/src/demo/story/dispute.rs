use serde_json::{Value, json};

use super::{Step, document};

/// The buyer complains, the parties do not come to terms, and an arbiter rules.
pub(super) fn steps() -> Vec<Step> {
    let order = || json!({ "sub-order": "$order" });
    let rest = |who, told| Step::new(who, ("marketplace", "rest-in-dispute"), order(), told);
    vec![
        Step::new(
            "bob",
            ("marketplace", "open-dispute"),
            split(4_000, Some("16 of the hammers have cracked handles")),
            "opens a dispute: he wants 40 % back, 160.00 EUR",
        ),
        Step::new(
            "alice",
            ("marketplace", "respond-to-dispute"),
            split(1_000, None),
            "would give back 10 %",
        ),
        Step::new(
            "bob",
            ("marketplace", "add-evidence"),
            json!({
                "sub-order": "$order", "document": document("image/jpeg"), "note": "ten of them",
            }),
            "hands in photos",
        ),
        rest("alice", "has no evidence"),
        rest("bob", "has nothing more"),
        Step::new(
            "bob",
            ("marketplace", "offer-settlement"),
            split(3_000, None),
            "would settle for 30 %",
        ),
        rest("alice", "does not want that: an arbiter is to rule"),
        Step::new(
            "erin",
            ("marketplace", "rule-dispute"),
            json!({
                "sub-order": "$order",
                "to-buyer": 2_500,
                "reasons": document("application/pdf"),
            }),
            "rules: 25 % go back to the buyer",
        ),
        rest("alice", "does not appeal"),
        rest("bob", "does not appeal: 100.00 EUR to bob, 292.50 to alice, 7.50 fee")
            .moves(&[("bob", "alice", 29_250), ("bob", "treasury", 750)]),
        Step::new(
            "treasury",
            ("wallet", "transfer-with-reference"),
            json!({
                "to": "@erin", "asset": "EUR", "amount": "500", "reference": "ruling, PO 2026-7",
            }),
            "pays erin 5.00 EUR for the ruling",
        )
        .moves(&[("treasury", "erin", 500)]),
    ]
}

fn split(to_buyer: u16, reason: Option<&str>) -> Value {
    let mut arguments = json!({ "sub-order": "$order", "to-buyer": to_buyer });
    if let Some(reason) = reason {
        arguments["reason"] = reason.into();
    }
    arguments
}
