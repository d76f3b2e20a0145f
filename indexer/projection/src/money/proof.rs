//! The reads of the wallet that return the records of rows.

use serde_json::Value;

use super::MODULE;
use super::rows::{
    Allowance, Approval, Asset, Balance, Freeze, Hold, PendingPayment, Permit, PermitApproval,
    Policy, PolicyUse, Request, Supply,
};
use crate::cell::{Cell, Field, Number};
use crate::proof::{Comparison, Row, Subject, is_kept, subject};
use crate::table::Record;

const ASSET: (&str, &str) = ("asset", "asset");
const ACCOUNT: (&str, &str) = ("account", "account");

/// The rows that are compared with the module's reads.
pub(crate) const SUBJECTS: &[Subject] = &[
    subject(Asset::TABLE, MODULE, "get-asset", &[("asset", "id")]),
    subject(Supply::TABLE, MODULE, "get-supply", &[ASSET]),
    subject(Balance::TABLE, MODULE, "get-balance", &[ACCOUNT, ASSET]),
    subject(Hold::TABLE, MODULE, "get-hold", &[("hold", "id")])
        .kept_if(|row, _| row.is("state", "open")),
    subject(Freeze::TABLE, MODULE, "get-freeze", &[ACCOUNT, ASSET])
        .kept_if(|row, now_ms| !row.is_true("unfrozen") && now_ms < row.number("expires_ms")),
    subject(Policy::TABLE, MODULE, "get-policy", &[ACCOUNT, ASSET])
        .with_parts(&[(Policy::TABLE, ""), (PolicyUse::TABLE, "")])
        .compared_by(policies),
    subject(Allowance::TABLE, MODULE, "get-allowance", &[("allowance", "id")])
        .kept_if(|row, _| row.is("state", super::agreements::ACTIVE)),
    subject(PendingPayment::TABLE, MODULE, "get-payment", &[("payment", "id")])
        .with_parts(&[(Approval::TABLE, "approved-by")])
        .kept_if(is_kept),
    subject(Permit::TABLE, MODULE, "get-permit", &[("permit", "id")])
        .with_parts(&[(PermitApproval::TABLE, "approved-by")])
        .kept_if(is_kept),
    subject(Request::TABLE, MODULE, "get-request", &[("request", "id")]).kept_if(is_kept),
];

/// The policy in force, its version and the one that waits follow from all rows of the account and asset.
fn policies(comparison: &mut Comparison<'_>, row: &Row<'_>, status: &Value, now_ms: i128) {
    let rows = comparison.rows(row, Policy::TABLE);
    let kept = rows.iter().filter_map(|row| Policy::of_cells(row)).filter(|it| !it.cancelled);
    let (begun, waiting): (Vec<_>, Vec<_>) = kept.partition(|it| it.effective_ms.0 <= now_ms);
    let field = |name| status.get(name).unwrap_or(&Value::Null);
    let or_null = |value: Option<&Value>| Cell::Json(value.cloned().unwrap_or_default());
    let policy = begun.last().and_then(|it| it.policy.as_ref());
    comparison.same("the policy in force", &or_null(policy), &or_null(status.get("policy")));
    let version = Number::read(status.get("version")).unwrap_or_default();
    comparison.same("version", &Cell::Number(begun.len() as i128), &version.cell());
    let next = waiting.last().map(
        |it| serde_json::json!({"policy": it.policy, "effective-ms": it.effective_ms.to_string()}),
    );
    comparison.same(
        "the policy that waits",
        &or_null(next.as_ref()),
        &Cell::Json(field("next").clone()),
    );
    let used = comparison.rows(row, PolicyUse::TABLE);
    let used = used.first().and_then(|row| PolicyUse::of_cells(row)).unwrap_or_default();
    let is_today = i128::from(used.day) == now_ms / i128::from(super::agreements::DAY_MS);
    let spent = if is_today { used.spent_today } else { Number(0) };
    let theirs = Number::read(status.get("spent-today")).unwrap_or_default();
    comparison.same("spent_today", &spent.cell(), &theirs.cell());
}
