//! The events of the module `wallet`, as its WIT names them: the one place that spells these names.

use serde::Deserialize;
use serde_json::Value;

use super::Amount;

/// The module whose events are about money.
pub const MODULE: &str = "wallet";

/// An event that changes the tables of money.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Event {
    AssetCreated(Asset),
    IssuerChanged(IssuerChange),
    SupplyRestricted(SupplyRestriction),
    Minted(Issuance),
    Burned(Issuance),
    Transferred(Payment),
    HoldPlaced(Hold),
    HoldPaid(HoldPayment),
    HoldReleased(HoldReturn),
    HoldExpired(HoldReturn),
    BalanceFrozen(Freeze),
    BalanceThawed(Owner),
    AllowanceGranted(Allowance),
    AllowanceUsed(Draw),
    AllowanceClosed(Amount),
    PaymentProposed(PendingPayment),
    PaymentApproved(Approval),
    PaymentEnded(PaymentEnd),
    PaymentRequested(Request),
    RequestPaid(RequestPaid),
    RequestEnded(RequestEnd),
}

/// The names of [`Event`]'s cases. Other events of the module change no table of money.
pub(super) const NAMES: [&str; 21] = [
    "asset-created",
    "issuer-changed",
    "supply-restricted",
    "minted",
    "burned",
    "transferred",
    "hold-placed",
    "hold-paid",
    "hold-released",
    "hold-expired",
    "balance-frozen",
    "balance-thawed",
    "allowance-granted",
    "allowance-used",
    "allowance-closed",
    "payment-proposed",
    "payment-approved",
    "payment-ended",
    "payment-requested",
    "request-paid",
    "request-ended",
];

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Asset {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) precision: i32,
    pub(super) issuer: String,
    pub(super) terms: Terms,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Terms {
    pub(super) kind: String,
    pub(super) supply: SupplyPolicy,
    pub(super) freezable: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SupplyPolicy {
    Unlimited,
    Capped(Amount),
    Closed,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct IssuerChange {
    pub(super) asset: String,
    pub(super) after: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct SupplyRestriction {
    pub(super) asset: String,
    pub(super) supply: SupplyPolicy,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Issuance {
    pub(super) asset: String,
    pub(super) account: String,
    pub(super) amount: Amount,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Payment {
    pub(super) asset: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) amount: Amount,
    pub(super) reference: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Hold {
    pub(super) id: Amount,
    pub(super) payer: String,
    pub(super) controller: String,
    pub(super) payee: Option<String>,
    pub(super) asset: String,
    pub(super) amount: Amount,
    pub(super) remaining: Amount,
    pub(super) expires_ms: Amount,
    pub(super) reference: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct HoldPayment {
    pub(super) hold: Amount,
    pub(super) to: String,
    pub(super) amount: Amount,
    pub(super) remaining: Amount,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct HoldReturn {
    pub(super) hold: Amount,
    pub(super) amount: Amount,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Freeze {
    pub(super) account: String,
    pub(super) asset: String,
    pub(super) until_ms: Amount,
    pub(super) reason: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Owner {
    pub(super) account: String,
    pub(super) asset: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Allowance {
    pub(super) id: Amount,
    pub(super) owner: String,
    pub(super) spender: String,
    pub(super) asset: String,
    pub(super) limit: Amount,
    pub(super) period_ms: Option<Amount>,
    pub(super) spent: Amount,
    pub(super) period_start_ms: Amount,
    pub(super) granted_ms: Amount,
    pub(super) expires_ms: Amount,
    pub(super) payees: Value,
    pub(super) reference: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Draw {
    pub(super) allowance: Amount,
    pub(super) amount: Amount,
    pub(super) spent: Amount,
    pub(super) period_start_ms: Amount,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct PendingPayment {
    pub(super) id: Amount,
    pub(super) state: String,
    pub(super) payer: String,
    pub(super) to: String,
    pub(super) asset: String,
    pub(super) amount: Amount,
    pub(super) reference: String,
    pub(super) request: Option<Amount>,
    pub(super) approvers: Value,
    pub(super) expires_ms: Amount,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Approval {
    pub(super) payment: Amount,
    pub(super) approver: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct PaymentEnd {
    pub(super) payment: Amount,
    pub(super) state: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Request {
    pub(super) id: Amount,
    pub(super) state: String,
    pub(super) payee: String,
    pub(super) payer: Option<String>,
    pub(super) asset: String,
    pub(super) amount: Amount,
    pub(super) paid: Amount,
    pub(super) parts: bool,
    pub(super) due_ms: Amount,
    pub(super) reference: String,
    pub(super) document: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct RequestPaid {
    pub(super) request: Amount,
    pub(super) payer: String,
    pub(super) amount: Amount,
    pub(super) state: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct RequestEnd {
    pub(super) request: Amount,
    pub(super) state: String,
}
