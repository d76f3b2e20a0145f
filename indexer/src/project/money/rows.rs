//! The rows of the tables in the schema `emo`; each field has the name of its column.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Amount;

/// The event that changed a row last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns, which docs/indexer.md describes")]
pub struct At {
    pub at_height: i64,
    pub at_index: i32,
    pub at_event: i32,
}

macro_rules! row {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[expect(missing_docs, reason = "the columns, which docs/indexer.md describes")]
        pub struct $name {
            $(pub $field: $kind,)*
            #[serde(flatten)]
            pub at: At,
        }
    };
}

row!(/// A row of `emo.asset`.
AssetRow { id: String, name: String, precision: i32, issuer: String, kind: String, supply_policy: String,
    supply_cap: Option<Amount>, freezable: bool });
row!(/// A row of `emo.supply`.
SupplyRow { asset: String, issued: Amount, redeemed: Amount });
row!(/// A row of `emo.balance`.
BalanceRow { account: String, asset: String, available: Amount, held: Amount, entries: i64 });
row!(/// A row of `emo.entry`.
EntryRow { account: String, asset: String, n: i64, kind: String, other: Option<String>, available_change: Amount,
    held_change: Amount, available: Amount, held: Amount, reference: Option<String>, hold: Option<Amount>,
    payment: Option<Amount>, time_ms: i64 });
row!(/// A row of `emo.hold`.
HoldRow { id: Amount, state: String, payer: String, controller: String, payee: Option<String>, asset: String,
    amount: Amount, remaining: Amount, expires_ms: Amount, reference: String });
row!(/// A row of `emo.freeze`.
FreezeRow { account: String, asset: String, until_ms: Amount, reason: String, thawed: bool });
row!(/// A row of `emo.allowance`.
AllowanceRow { id: Amount, closed: bool, owner: String, spender: String, asset: String, limit: Amount,
    period_ms: Option<Amount>, spent: Amount, period_start_ms: Amount, granted_ms: Amount, expires_ms: Amount,
    payees: Value, reference: String });
row!(/// A row of `emo.allowance_use`.
AllowanceUseRow { allowance: Amount, amount: Amount, spent: Amount });
row!(/// A row of `emo.pending_payment`.
PendingPaymentRow { id: Amount, state: String, payer: String, payee: String, asset: String, amount: Amount,
    reference: String, request: Option<Amount>, approvers: Value, expires_ms: Amount });
row!(/// A row of `emo.approval`.
ApprovalRow { payment: Amount, approver: String });
row!(/// A row of `emo.request`.
RequestRow { id: Amount, state: String, payee: String, payer: Option<String>, asset: String, amount: Amount,
    paid: Amount, parts: bool, due_ms: Amount, reference: String, document: Option<Value> });
row!(/// A row of `emo.request_payment`.
RequestPaymentRow { request: Amount, payer: String, amount: Amount });
