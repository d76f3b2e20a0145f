//! Gas measurements of calls that meet long queues of closed, due and expired items in the modules.

use ehb_types::Header;
use ehb_workload::{ASSET, document};
use serde_json::{Value, json};

use super::GasLine;
use super::functions::Business;

const DAY_MS: u64 = 86_400_000;

fn allowance(expires_ms: u64) -> Value {
    json!({
        "spender": "@bob", "asset": ASSET, "limit": "1", "period-ms": null,
        "expires-ms": expires_ms.to_string(), "payees": [], "reference": "", "key": "",
    })
}

/// A request that anyone can pay: few of one organisation may name the same payer.
fn request(number: u64, due_ms: u64) -> Value {
    json!({
        "payer": null, "asset": ASSET, "amount": "1", "partial-allowed": true, "due-ms": due_ms.to_string(),
        "reference": number.to_string(), "document": null, "key": "",
    })
}

fn transfer(key: &str) -> Value {
    let line = json!({"to": "@bob", "asset": ASSET, "amount": "1", "reference": ""});
    json!({"lines": [line], "key": key})
}

/// Queues with many closed, many due and many old entries.
pub(super) fn lines(header: &Header) -> anyhow::Result<Vec<GasLine>> {
    let mut lines = closed(header)?;
    lines.extend(due(header)?);
    lines.extend(old_keys(header)?);
    lines.extend(silence(header)?);
    Ok(lines)
}

/// Allowances that were closed long before their deadlines, whose entries are removed in front of all others.
fn closed(header: &Header) -> anyhow::Result<Vec<GasLine>> {
    let mut business = Business::new(header)?;
    let expires_ms = business.time_ms + 1_000;
    business.all("alice", "wallet", "grant-allowance", 2_000, |_| allowance(expires_ms))?;
    let advance_due = json!({"limit": 1});
    let close = |business: &Business, overlay: &mut _, ids: std::ops::Range<u64>| {
        ids.into_iter().try_for_each(|id| {
            let id = json!({"allowance": id.to_string()});
            business.must(overlay, "alice", "wallet", "close-allowance", &id)
        })
    };
    // Two were there before.
    let in_block = business.repeated(
        "wallet.advance-due, 1, after 400 closed in this block",
        "till",
        &advance_due,
        200,
        |overlay| close(&business, overlay, 3..403),
    )?;
    let mut overlay = business.disk.overlay();
    close(&business, &mut overlay, 3..2_003)?;
    business.disk.commit(overlay)?;
    let nothing = |_: &mut _| Ok(());
    let later = "wallet.advance-due, 1, after 2,000 closed in an earlier block";
    let later = business.repeated(later, "till", &advance_due, 200, nothing)?;
    let page = json!({"after": null, "limit": 100});
    let listed = "wallet.list-due, 100, after 2,000 closed in an earlier block";
    let listed = business.repeated(listed, "till", &page, 200, nothing)?;
    Ok(vec![in_block, later, listed])
}

fn due(header: &Header) -> anyhow::Result<Vec<GasLine>> {
    let mut business = Business::new(header)?;
    let due_ms = business.time_ms + 1_000;
    business.all("alice", "wallet", "request-payment", 1_000, |number| request(number, due_ms))?;
    business.all("alice", "wallet", "grant-allowance", 1_000, |_| allowance(due_ms))?;
    business.time_ms += 2_000;
    let nothing = |_: &mut _| Ok(());
    let listed = |function: &str, arguments: Value| {
        let what = format!("wallet.{function}, a page of 100 of 1,000");
        business.repeated(&what, "till", &arguments, 20, nothing)
    };
    let party = json!({"party": "@alice", "after": null, "limit": 100});
    let open = json!({"party": "@alice", "ended": false, "after": null, "limit": 100});
    Ok(vec![
        listed("list-due", json!({"after": null, "limit": 100}))?,
        listed("list-requests", open)?,
        listed("list-allowances", party)?,
        business.repeated(
            "wallet.advance-due, 32 of 2,000 that are due",
            "till",
            &json!({"limit": 32}),
            20,
            nothing,
        )?,
    ])
}

/// Expired idempotency keys: each use of a new one removes some of them, at the front.
fn old_keys(header: &Header) -> anyhow::Result<Vec<GasLine>> {
    let mut business = Business::new(header)?;
    business.all("alice", "wallet", "batch-transfer", 4_000, |number| {
        transfer(&format!("{number:064}"))
    })?;
    business.time_ms += 8 * DAY_MS;
    // Removes 2,000 of them.
    business.all("alice", "wallet", "batch-transfer", 500, |number| {
        transfer(&format!("new-{number}"))
    })?;
    let arguments = transfer("newest");
    let line = "wallet.batch-transfer, with a key, after 2,000 old ones were removed";
    let keyed = business.repeated(line, "alice", &arguments, 1, |_| Ok(()))?;
    let many = json!({
        "lines": vec![json!({"to": "@bob", "asset": ASSET, "amount": "1", "reference": "x".repeat(140)}); 64],
        "key": "",
    });
    let long = "wallet.batch-transfer, 64 lines";
    let long = business.repeated(long, "alice", &many, 10, |_| Ok(()))?;
    Ok(vec![keyed, long])
}

/// Everything expires at once, and each module advances what is due.
fn silence(header: &Header) -> anyhow::Result<Vec<GasLine>> {
    let mut business = Business::new(header)?;
    let order = json!({
        "asset": ASSET,
        "lines": vec![json!({"variant": "1", "location": "1", "quantity": 1}); 16],
        "total-max": "16000", "terms": [{"store": "1", "version": 1}], "settings-version": 1,
        "destination": null, "reference": "", "key": "",
    });
    business.all("alice", "marketplace", "place-order", 64, |_| order.clone())?;
    // An account can have sixteen grants, and each has one.
    for buyer in ["alice", "bob"] {
        business.all(buyer, "credit", "purchase-credits", 15, |_| {
            json!({"programme": "1", "account": null, "credits": "100", "price-max": "50", "key": ""})
        })?;
    }
    let now_ms = business.time_ms;
    business.all("alice", "jobs", "post-job", 64, |_| {
        let details = json!({
            "title": "x", "summary": "", "skills": ["x"], "place": "", "documents": [document()],
            "visibility": "public", "requirements": [], "asset": ASSET, "budget": "5000",
            "positions": 1, "apply-until-ms": (now_ms + 10_000).to_string(),
            "decide-until-ms": (now_ms + 20_000).to_string(),
        });
        json!({"details": details, "key": ""})
    })?;
    business.time_ms += 3_000 * DAY_MS;
    let advanced = |module: &str| {
        let what = format!("{module}.advance_due, 32 after long silence");
        business.repeated(&what, "till", &json!({"limit": 32}), 2, |_| Ok(()))
    };
    ["marketplace", "credit", "jobs", "wallet"].map(advanced).into_iter().collect()
}
