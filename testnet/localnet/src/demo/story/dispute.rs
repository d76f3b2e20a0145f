//! The third part of the story: an arbiter rules a dispute about damaged goods.

use serde_json::{Value, json};

use super::{Step, document};

/// The buyer complains, the parties do not come to terms, and an arbiter rules.
pub(super) fn steps() -> Vec<Step> {
    // A dispute has the number of its sub-order.
    let dispute = || json!({ "dispute": "$order" });
    let rest =
        |who, description| Step::new(who, ("marketplace", "finish-phase"), dispute(), description);
    vec![
        Step::new(
            "bob",
            ("marketplace", "open-dispute"),
            json!({
                "sub-order": "$order", "to-payer": 4_000,
                "reason": "16 of the hammers have cracked handles", "key": "",
            }),
            "opens a dispute: he wants 40 % back, 160.00 EUR",
        ),
        Step::new(
            "alice",
            ("marketplace", "respond-to-dispute"),
            split(1_000),
            "would give back 10 %",
        ),
        Step::new(
            "bob",
            ("marketplace", "add-evidence"),
            json!({
                "dispute": "$order", "document": document("image/jpeg"), "note": "ten of them",
            }),
            "hands in photos",
        ),
        rest("alice", "has no evidence"),
        rest("bob", "has nothing more"),
        Step::new(
            "bob",
            ("marketplace", "offer-settlement"),
            split(3_000),
            "would settle for 30 %",
        ),
        Step::new(
            "erin",
            ("marketplace", "set-arbiter"),
            json!({ "account": "@erin", "registered": true }),
            "registers as an arbiter",
        ),
        Step::new(
            "alice",
            ("marketplace", "request-arbitration"),
            json!({ "dispute": "$order", "key": "" }),
            "does not want that: she asks for arbitration, and deposits 10.00 EUR for two rulings",
        ),
        Step::new(
            "bob",
            ("marketplace", "join-arbitration"),
            json!({ "dispute": "$order", "key": "" }),
            "deposits as much: erin is assigned",
        ),
        Step::new(
            "erin",
            ("marketplace", "rule-dispute"),
            json!({
                "dispute": "$order",
                "to-payer": 2_500,
                "reasons": document("application/pdf"),
                "key": "",
            }),
            "rules: 25 % go back to the buyer",
        ),
        rest("alice", "does not appeal"),
        // He offered 30 % and gets 25 %, she offered 10 %: he lost a quarter of what they argued about.
        rest(
            "bob",
            "does not appeal: 292.50 EUR to alice, 7.50 fee, 100.00 back; erin gets 5.00 of both",
        )
        .moves(&[
            ("bob", "alice", 29_250),
            ("bob", "treasury", 750),
            ("bob", "erin", 125),
            ("alice", "erin", 375),
        ]),
    ]
}

fn split(to_payer: u16) -> Value {
    json!({ "dispute": "$order", "to-payer": to_payer })
}
