//! The calls of business and their arguments.

use serde_json::{Value, json};

use super::numbers::Numbers;
use super::opening::{application, offer, posting};
use super::{ASSET, document, order, set_up};

/// The functions that are called, and by whom it makes sense.
pub(super) const CALLS: &[(&str, &str, &str)] = &[
    ("alice", "wallet", "transfer"),
    ("bob", "wallet", "transfer-with-reference"),
    ("till", "wallet", "batch-transfer"),
    ("bob", "wallet", "place-hold"),
    ("bob", "wallet", "pay-out"),
    ("bob", "wallet", "pay-back"),
    ("bob", "wallet", "release-hold"),
    ("sam", "wallet", "expire-hold"),
    ("bank", "wallet", "mint"),
    ("bank", "wallet", "burn"),
    ("alice", "wallet", "grant-allowance"),
    ("bob", "wallet", "transfer-from"),
    ("bob", "wallet", "place-hold-from"),
    ("bob", "wallet", "use-allowance"),
    ("alice", "wallet", "close-allowance"),
    ("cloud", "wallet", "set-policy"),
    ("cloud", "wallet", "cancel-policy-change"),
    ("cloud", "wallet", "propose-payment"),
    ("bank", "wallet", "approve-payment"),
    ("bank", "wallet", "reject-payment"),
    ("cloud", "wallet", "cancel-payment"),
    ("cloud", "wallet", "request-permit"),
    ("cloud", "wallet", "limit-transaction-spending"),
    ("bank", "wallet", "approve-permit"),
    ("bank", "wallet", "reject-permit"),
    ("cloud", "wallet", "cancel-permit"),
    ("sam", "wallet", "request-payment"),
    ("alice", "wallet", "pay-request"),
    ("alice", "wallet", "decline-request"),
    ("sam", "wallet", "cancel-request"),
    ("till", "wallet", "advance"),
    ("till", "wallet", "advance-due"),
    ("till", "wallet", "advance-due"),
    ("till", "wallet", "advance-due"),
    ("alice", "marketplace", "place-order"),
    ("bob", "marketplace", "place-order"),
    ("till", "marketplace", "set-treasurer-limit"),
    ("till", "marketplace", "set-clerk-limit"),
    ("till", "marketplace", "set-payout-account"),
    ("till", "marketplace", "cancel-payout-change"),
    ("sam", "marketplace", "add-stock"),
    ("sam", "marketplace", "remove-stock"),
    ("admin", "marketplace", "rename-category"),
    ("sam", "marketplace", "set-location"),
    ("sam", "marketplace", "set-prices"),
    ("sam", "marketplace", "accept-order"),
    ("sam", "marketplace", "decline-order"),
    ("alice", "marketplace", "cancel-order"),
    ("sam", "marketplace", "ship-order"),
    ("sam", "marketplace", "cancel-unshipped"),
    ("fast", "marketplace", "record-delivery"),
    ("alice", "marketplace", "confirm-order"),
    ("sam", "marketplace", "refund-line"),
    ("alice", "marketplace", "request-return"),
    ("sam", "marketplace", "approve-return"),
    ("sam", "marketplace", "decline-return"),
    ("alice", "marketplace", "ship-return"),
    ("sam", "marketplace", "receive-return"),
    ("alice", "marketplace", "open-dispute"),
    ("sam", "marketplace", "respond-to-dispute"),
    ("alice", "marketplace", "add-evidence"),
    ("alice", "marketplace", "offer-settlement"),
    ("sam", "marketplace", "accept-settlement"),
    ("sam", "marketplace", "finish-phase"),
    ("alice", "marketplace", "request-arbitration"),
    ("sam", "marketplace", "join-arbitration"),
    ("judge", "marketplace", "set-arbiter"),
    ("judge", "marketplace", "rule-dispute"),
    ("sam", "marketplace", "appeal-ruling"),
    ("alice", "marketplace", "commit-rating"),
    ("sam", "marketplace", "commit-rating"),
    ("alice", "marketplace", "reveal-rating"),
    ("till", "marketplace", "advance"),
    ("till", "marketplace", "advance-due"),
    ("till", "marketplace", "advance-due"),
    ("till", "marketplace", "advance-due"),
    ("alice", "jobs", "post-job"),
    ("alice", "jobs", "invite-applicant"),
    ("alice", "jobs", "stop-applications"),
    ("alice", "jobs", "close-posting"),
    ("bob", "jobs", "submit-application"),
    ("alice", "jobs", "shortlist-application"),
    ("alice", "jobs", "reject-application"),
    ("bob", "jobs", "withdraw-application"),
    ("alice", "jobs", "make-offer"),
    ("bob", "jobs", "accept-offer"),
    ("bob", "jobs", "decline-offer"),
    ("alice", "jobs", "withdraw-offer"),
    ("alice", "jobs", "fund-milestone"),
    ("bob", "jobs", "submit-milestone"),
    ("alice", "jobs", "request-revision"),
    ("alice", "jobs", "approve-milestone"),
    ("alice", "jobs", "pay-milestone"),
    ("bob", "jobs", "refund-milestone"),
    ("alice", "jobs", "propose-cancellation"),
    ("bob", "jobs", "accept-cancellation"),
    ("alice", "jobs", "terminate-contract"),
    ("bob", "jobs", "open-dispute"),
    ("alice", "jobs", "respond-to-dispute"),
    ("bob", "jobs", "add-evidence"),
    ("bob", "jobs", "finish-phase"),
    ("bob", "jobs", "offer-settlement"),
    ("alice", "jobs", "accept-settlement"),
    ("bob", "jobs", "request-arbitration"),
    ("alice", "jobs", "join-arbitration"),
    ("judge", "jobs", "set-arbiter"),
    ("judge", "jobs", "rule-dispute"),
    ("bob", "jobs", "appeal-ruling"),
    ("sam", "jobs", "issue-attestation"),
    ("sam", "jobs", "revoke-attestation"),
    ("alice", "jobs", "commit-rating"),
    ("bob", "jobs", "commit-rating"),
    ("bob", "jobs", "reveal-rating"),
    ("till", "jobs", "advance"),
    ("till", "jobs", "advance-due"),
    ("till", "jobs", "advance-due"),
    ("till", "jobs", "advance-due"),
    ("cloud", "credit", "grant-credits"),
    ("cloud", "credit", "revoke-grant"),
    ("cloud", "credit", "set-treasurer-limit"),
    ("cloud", "credit", "set-default-limits"),
    ("cloud", "credit", "set-limit"),
    ("cloud", "credit", "remove-limit"),
    ("alice", "credit", "purchase-credits"),
    ("bob", "credit", "purchase-credits"),
    ("alice", "credit", "authorise-usage"),
    ("fast", "credit", "capture-usage"),
    ("fast", "credit", "void-usage"),
    ("fast", "credit", "report-usage"),
    ("cloud", "credit", "settle-purchase"),
    ("alice", "credit", "refund-purchase"),
    ("cloud", "credit", "offer-credit-line"),
    ("bob", "credit", "accept-credit-line"),
    ("bob", "credit", "decline-credit-line"),
    ("cloud", "credit", "withdraw-credit-line"),
    ("cloud", "credit", "suspend-credit-line"),
    ("cloud", "credit", "resume-credit-line"),
    ("cloud", "credit", "close-credit-line"),
    ("bob", "credit", "pay-bill"),
    ("cloud", "credit", "write-off-credit-line"),
    ("till", "credit", "advance"),
    ("till", "credit", "advance-due"),
    ("till", "credit", "advance-due"),
    ("till", "credit", "advance-due"),
];

/// The arguments of a call.
pub(super) fn arguments(module: &str, function: &str, numbers: Numbers) -> Value {
    if let Some(arguments) = set_up::arguments(module, function, numbers) {
        return arguments;
    }
    let mut arguments = match (module, function) {
        (_, "advance-due") => json!({"limit": 32}),
        (_, "advance") => {
            json!({"item": {"kind": kind(module, numbers.amount), "id": numbers.id()}})
        }
        (_, "commit-rating") => json!({(rated(module)): numbers.id(), "commitment": SALT}),
        (_, "reveal-rating") => json!({
            (rated(module)): numbers.id(), "score": numbers.score(), "comment": "", "salt": SALT,
        }),
        ("wallet", _) => wallet(function, numbers),
        ("marketplace", _) => marketplace(function, numbers),
        ("jobs", _) => jobs(function, numbers),
        _ => credit(function, numbers),
    };
    if module == "credit" && numbers.is_elsewhere() && arguments["programme"].is_string() {
        arguments["programme"] = SIDE_PROGRAMME.into();
    }
    arguments
}

/// The programme that can be closed while the other one goes on.
const SIDE_PROGRAMME: &str = "2";

/// The salt of the ratings; the business has no secret of its own.
const SALT: &str = "5a17000000000000000000000000000000000000000000000000000000000000";

/// The parameter that names the rated item.
fn rated(module: &str) -> &'static str {
    if module == "jobs" { "contract" } else { "sub-order" }
}

/// The arguments with which a module computes somebody's commitment.
pub(super) fn commitment(module: &str, who: &str, numbers: Numbers) -> Value {
    let by = match (module, who) {
        ("jobs", "alice") => "client",
        ("jobs", _) => "contractor",
        (_, "sam") => "seller",
        _ => "buyer",
    };
    let mut arguments = arguments(module, "reveal-rating", numbers);
    arguments["by"] = by.into();
    arguments
}

/// The kinds of items that a module's `advance` takes; sub-orders twice, because most is about them.
pub(super) fn kinds(module: &str) -> &'static [&'static str] {
    match module {
        "wallet" => &["hold", "payment", "request", "allowance", "permit"],
        "marketplace" => &["sub-order", "sub-order", "rating", DISPUTE],
        "jobs" => &[
            "posting",
            "application",
            "offer",
            "contract",
            "milestone",
            DISPUTE,
            "rating",
            "attestation",
        ],
        _ => &["grant", "usage", "credit-line", "programme", "removal"],
    }
}

/// The kind of disputes. Those of the marketplace have the number and the deadline of their sub-order, which is listed.
pub(super) const DISPUTE: &str = "dispute";

/// One of these kinds.
fn kind(module: &str, choice: u64) -> &'static str {
    let kinds = kinds(module);
    let place = choice % (kinds.len() as u64);
    kinds[usize::try_from(place).unwrap_or(0)]
}

fn wallet(function: &str, numbers: Numbers) -> Value {
    let (id, text, small) = (numbers.id(), numbers.amount(), numbers.small());
    match function {
        "transfer" => json!({"to": "@bob", "asset": ASSET, "amount": text}),
        "transfer-with-reference" => {
            json!({"to": "@alice", "asset": ASSET, "amount": small, "reference": "invoice 7"})
        }
        "cancel-policy-change" => json!({"account": "@cloud", "asset": ASSET}),
        "batch-transfer" => {
            let line = |to: &str, amount: &str| json!({"to": to, "asset": ASSET, "amount": amount, "reference": ""});
            json!({"lines": [line("@sam", &small), line("@cloud", &text)], "key": ""})
        }
        "place-hold" => json!({
            "asset": ASSET, "amount": text, "payee": "@sam", "controller": null,
            "expires-ms": numbers.after(5_000 + numbers.amount % 7 * 20_000), "reference": "",
        }),
        "use-allowance" => json!({"allowance": id, "amount-max": text}),
        "pay-back" => json!({"hold": id, "amount": small}),
        "pay-out" => json!({"hold": id, "to": "@sam", "amount": small}),
        "release-hold" | "expire-hold" => json!({"hold": id}),
        "mint" => json!({"asset": ASSET, "to": "@bank", "amount": text}),
        "burn" => json!({"asset": ASSET, "amount": text}),
        "grant-allowance" => json!({
            "spender": "@bob", "asset": ASSET, "limit": text, "period-ms": null,
            "expires-ms": numbers.after(20_000), "payees": [], "reference": "", "key": "",
        }),
        "close-allowance" => json!({"allowance": id}),
        "transfer-from" => json!({
            "allowance": id, "to": "@sam", "amount": small, "reference": "", "key": "",
        }),
        "place-hold-from" => json!({
            "allowance": id, "amount": small, "payee": "@sam", "controller": null,
            "expires-ms": numbers.after(5_000), "reference": "", "key": "",
        }),
        "set-policy" if numbers.amount.is_multiple_of(5) => json!({"asset": ASSET, "policy": null}),
        "set-policy" => {
            // With a notice period, so that a later change is pending and can be cancelled.
            let notice_ms = if numbers.amount.is_multiple_of(2) { "5000" } else { "0" };
            let tier = |above: &str, role: Option<&str>| json!({"above": above, "approvers": ["@bank"], "role": role, "approvals": 1});
            let policy = json!({
                "daily-limit": null, "payees": [],
                "tiers": [tier("10", None), tier("60", Some("treasurer"))], "notice-ms": notice_ms,
            });
            json!({"asset": ASSET, "policy": policy})
        }
        "propose-payment" => json!({
            "payee": "@alice", "asset": ASSET, "amount": small, "reference": "", "request": null,
            "expires-ms": numbers.after(5_000), "key": "",
        }),
        "approve-payment" | "reject-payment" | "cancel-payment" => json!({"payment": id}),
        "limit-transaction-spending" => json!({"asset": ASSET, "amount-max": text}),
        "request-permit" => json!({
            "payee": "@alice", "asset": ASSET, "amount-max": text, "reference": "",
            "expires-ms": numbers.after(5_000), "key": "",
        }),
        "approve-permit" | "reject-permit" | "cancel-permit" => json!({"permit": id}),
        "request-payment" => json!({
            "payer": "@alice", "asset": ASSET, "amount": text, "partial-allowed": true,
            "due-ms": numbers.after(10_000), "reference": "", "document": null, "key": "",
        }),
        "pay-request" => json!({"request": id, "amount": small, "allowance": null, "key": ""}),
        _ => json!({"request": id}),
    }
}

fn marketplace(function: &str, numbers: Numbers) -> Value {
    let (id, amount, small) = (numbers.id(), numbers.amount, numbers.small());
    match function {
        "set-payout-account" => json!({"store": "1", "payout-account": "@till"}),
        "cancel-payout-change" => json!({"store": "1"}),
        "set-treasurer-limit" if amount.is_multiple_of(2) => {
            json!({"store": "1", "asset": ASSET, "limit": null})
        }
        "set-treasurer-limit" | "set-clerk-limit" => {
            let limit = json!({"single-max": "1000", "daily-max": numbers.amount()});
            json!({"store": "1", "asset": ASSET, "limit": limit})
        }
        "place-order" => order(u32::try_from(amount % 4).unwrap_or(0)),
        "add-stock" => {
            json!({"variant": "1", "location": "1", "quantity": small, "reason": "", "key": ""})
        }
        "remove-stock" => {
            // Less than arrives, so that there is stock to sell.
            let few = (1 + amount % 2).to_string();
            json!({"variant": "1", "location": "1", "quantity": few, "reason": "lost", "key": ""})
        }
        "set-location" => json!({"location": "1", "name": format!("Hall {small}"), "place": ""}),
        "rename-category" => json!({"category": "1", "name": format!("Tools {small}")}),
        "add-evidence" => json!({"dispute": id, "document": document(), "note": ""}),
        "set-prices" => {
            // Not above what orders offer.
            let cents = (1 + amount % 1_000).to_string();
            let price =
                json!({"asset": ASSET, "amount": cents, "effective-ms": "0", "until-ms": null});
            json!({"variant": "1", "prices": [price]})
        }
        "ship-order" => json!({
            "sub-order": id, "lines": [{"line": 0, "quantity": 1 + amount % 2}], "carrier": "Fast",
            "carrier-account": "@fast", "tracking": "", "key": "",
        }),
        "record-delivery" => {
            json!({"sub-order": id, "shipment": 1 + amount % 2, "proof": document()})
        }
        "refund-line" => json!({"sub-order": id, "line": 0, "amount": small, "key": ""}),
        "request-return" => json!({
            "sub-order": id, "lines": [{"line": 0, "quantity": 1}], "reason": "why",
            "documents": [], "key": "",
        }),
        "ship-return" => json!({"sub-order": id, "carrier": "Post", "tracking": ""}),
        "receive-return" => json!({"sub-order": id, "restock": true, "key": ""}),
        "open-dispute" => {
            json!({"sub-order": id, "to-payer": 2_500, "reason": "why", "key": ""})
        }
        "respond-to-dispute" | "offer-settlement" => json!({"dispute": id, "to-payer": 5_000}),
        "rule-dispute" => {
            json!({"dispute": id, "to-payer": 2_500, "reasons": null, "key": ""})
        }
        "accept-settlement" | "request-arbitration" | "join-arbitration" => {
            json!({"dispute": id, "key": ""})
        }
        "finish-phase" => json!({"dispute": id}),
        "appeal-ruling" => json!({"dispute": id, "reason": "why", "key": ""}),
        "set-arbiter" => json!({"account": "@judge", "registered": true}),
        "accept-order" | "approve-return" | "decline-return" => json!({"sub-order": id}),
        _ => json!({"sub-order": id, "key": ""}),
    }
}

fn jobs(function: &str, numbers: Numbers) -> Value {
    let id = numbers.id();
    match function {
        "post-job" => posting(numbers.now_ms),
        "invite-applicant" => json!({"posting": id, "account": "@fast"}),
        "stop-applications" | "close-posting" => json!({"posting": id}),
        "shortlist-application" | "reject-application" | "withdraw-application" => {
            json!({"application": id})
        }
        "decline-offer" | "withdraw-offer" => json!({"offer": id}),
        "add-evidence" => json!({"dispute": id, "document": document(), "note": ""}),
        "issue-attestation" => json!({
            "subject": "@bob", "kind": "painter", "document": null,
            "expires-ms": numbers.after(50_000), "key": "",
        }),
        "revoke-attestation" => json!({"attestation": id}),
        "submit-application" => application(&id),
        "make-offer" => offer(&id, 1, numbers.now_ms),
        "accept-offer" => json!({"offer": id, "key": ""}),
        "submit-milestone" => json!({"milestone": id, "deliverable": document()}),
        "request-revision" => json!({"milestone": id, "note": "more"}),
        "approve-milestone" => json!({"milestone": id}),
        "propose-cancellation" => json!({"contract": id, "to-client": 2_500}),
        "accept-cancellation" => json!({"contract": id, "to-client": 2_500, "key": ""}),
        "terminate-contract" => json!({"contract": id}),
        "open-dispute" => {
            json!({"milestone": id, "to-payer": 2_500, "reason": "why", "key": ""})
        }
        "respond-to-dispute" | "offer-settlement" => json!({"dispute": id, "to-payer": 5_000}),
        "accept-settlement" | "request-arbitration" | "join-arbitration" => {
            json!({"dispute": id, "key": ""})
        }
        "finish-phase" => json!({"dispute": id}),
        "rule-dispute" => {
            json!({"dispute": id, "to-payer": 2_500, "reasons": null, "key": ""})
        }
        "appeal-ruling" => json!({"dispute": id, "reason": "why", "key": ""}),
        "set-arbiter" => json!({"account": "@judge", "registered": true}),
        _ => json!({"milestone": id, "key": ""}),
    }
}

fn credit(function: &str, numbers: Numbers) -> Value {
    let (id, amount) = (numbers.id(), numbers.amount);
    match function {
        "grant-credits" => json!({
            "programme": "1", "account": "@bob", "credits": numbers.small(), "effective-ms": null,
            "expires-ms": numbers.after(86_400_000), "priority": 1, "reference": "", "key": "",
        }),
        "purchase-credits" => json!({
            "programme": "1", "account": null, "credits": (10 + amount % 500).to_string(),
            "price-max": "2000", "key": "",
        }),
        "authorise-usage" => json!({
            "programme": "1", "account": "@alice", "service": "gpt",
            "quantity-max": (7 + amount % 40).to_string(), "meter": "@fast", "capture-window-ms": "60000",
            "reference": "", "key": "",
        }),
        "capture-usage" => json!({"usage": id, "quantity": "7", "key": ""}),
        "void-usage" => json!({"usage": id}),
        "report-usage" => {
            let report = json!({
                "account": "@bob", "service": "gpt", "quantity": (1 + amount % 40).to_string(),
                "used-ms": numbers.now_ms.to_string(), "reference": amount.to_string(),
            });
            json!({"programme": "1", "reports": [report]})
        }
        "offer-credit-line" => {
            let terms = json!({
                "limit": "500", "asset": ASSET, "price": "5", "per": "10", "cycle": {"span": "3600000"},
                "payment-window-ms": "3600000", "grace-period-ms": "3600000", "term-ms": "86400000",
            });
            let account = if amount.is_multiple_of(2) { "@bob" } else { "@alice" };
            json!({
                "programme": "1", "account": account, "terms": terms, "offer-window-ms": "3600000", "key": "",
            })
        }
        "accept-credit-line"
        | "decline-credit-line"
        | "withdraw-credit-line"
        | "suspend-credit-line"
        | "resume-credit-line"
        | "close-credit-line"
        | "write-off-credit-line" => json!({"credit-line": id}),
        "set-treasurer-limit" if amount.is_multiple_of(2) => {
            json!({"programme": "1", "limit": null})
        }
        "set-treasurer-limit" => {
            let limit = json!({"single-max": "1000", "daily-max": numbers.amount()});
            json!({"programme": "1", "limit": limit})
        }
        "set-default-limits" => json!({"programme": "1", "limits": [usage_limit(amount)]}),
        "set-limit" | "remove-limit" => {
            json!({"programme": "1", "account": "@alice", "limit": usage_limit(amount)})
        }
        "pay-bill" => json!({"bill": id, "amount": (1 + amount % 5).to_string(), "key": ""}),
        _ => json!({"grant": id, "key": ""}),
    }
}

/// A limit of an account's usage of credits, which allows most usages.
fn usage_limit(amount: u64) -> Value {
    let max = amount.saturating_add(100).to_string();
    json!({"service": null, "measure": "credits", "period": {"span": "60000"}, "max": max})
}
