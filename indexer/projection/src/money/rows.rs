//! The declarations of the tables of money.

use serde_json::Value;

use crate::cell::Number;
use crate::table::table;

table! {
    /// An asset with its terms.
    Asset = current "emo.asset" by (id) {
        id: String,
        name: String,
        /// Decimal places of its main unit.
        decimals: i64,
        /// Who may mint and burn it.
        issuer: String,
        /// `issued` or `native`.
        kind: String = "terms/kind",
        /// `"unlimited"`, `"closed"` or `{"capped": amount}`.
        supply_policy: Value = "terms/supply",
        /// Whether the issuer may freeze balances.
        freezable: bool = "terms/freezable",
    }
}

table! {
    /// The total ever minted and burned of an asset.
    Supply = current "emo.supply" by (asset) {
        asset: String = "",
        minted: Number,
        burned: Number,
    }
}

table! {
    /// The available and the held amount of an account in an asset.
    Balance = current "emo.balance" by (account, asset) index "asset" {
        account: String = "",
        asset: String,
        /// What the account can spend.
        available: Number,
        /// What open holds and pending payments have set aside.
        held: Number,
        /// The number of entries that led to it.
        entries: i64 = "",
    }
}

table! {
    /// A change of a balance, with the balance after it.
    Entry = history "emo.entry" by (account, asset; n)
        index "account, asset, at_height desc, n desc"
    {
        account: String,
        asset: String,
        /// Counted from 1 for each balance.
        n: i64,
        /// `minted`, `burned`, `paid`, `received`, `hold-placed`, `hold-paid`, `hold-released`, `hold-expired`,
        /// `payment-proposed` or `payment-ended`.
        kind: String,
        /// The other side.
        other: Option<String>,
        available_change: Number,
        held_change: Number,
        /// Afterwards.
        available: Number,
        /// Afterwards.
        held: Number,
        reference: Option<String>,
        /// The hold that it is about.
        hold: Option<Number>,
        /// The pending payment that it is about.
        payment: Option<Number>,
        /// The block's time.
        time_ms: i64,
    }
}

table! {
    /// An amount that its owner has set aside.
    Hold = current "emo.hold" by (id) index "payer", "controller", "state" {
        id: Number,
        /// `open`, `paid`, `released` or `expired`.
        state: String = "",
        payer: String,
        /// Who may pay out.
        controller: String,
        /// Where pay-outs may go; none leaves that to the controller.
        payee: Option<String>,
        asset: String,
        /// What was set aside at first.
        amount: Number,
        /// What is still set aside.
        remaining: Number,
        expires_ms: Number,
        reference: String,
    }
}

table! {
    /// A frozen balance. It ends when it is unfrozen, or at `expires_ms` without an event.
    Freeze = current "emo.freeze" by (account, asset) {
        account: String,
        asset: String,
        expires_ms: Number,
        reason: String,
        /// Whether the issuer ended it.
        unfrozen: bool = "",
    }
}

table! {
    /// A policy of an account for an asset, or its end. In force is the last one by `n` that is not cancelled and has
    /// begun; one begins at `effective_ms` without an event.
    Policy = current "emo.policy" by (account, asset; n) {
        account: String = "",
        asset: String = "",
        /// Counted from 1 for each account and asset.
        n: i64 = "",
        /// The policy; none lifts it.
        policy: Option<Value>,
        effective_ms: Number,
        /// Whether it was cancelled or replaced before it began.
        cancelled: bool = "",
    }
}

table! {
    /// What left an account that has a policy, on the last day on which something did.
    PolicyUse = current "emo.policy_use" by (account, asset) {
        account: String,
        asset: String,
        /// Days since 1970 (UTC).
        day: i64 = "",
        spent_today: Number,
    }
}

table! {
    /// Who may spend from which account.
    Allowance = current "emo.allowance" by (id) index "owner", "spender", "state" {
        id: Number,
        /// `active`, or why it is over: `revoked` by its owner, `renounced` by its spender, or `expired`.
        state: String = "",
        owner: String,
        spender: String,
        asset: String,
        /// The most that is spent in one period.
        limit: Number,
        /// The length of a period; none is the whole time.
        period_ms: Option<Number>,
        /// What was spent in the period that began at `period_start_ms`.
        spent: Number,
        period_start_ms: Number,
        granted_ms: Number,
        expires_ms: Number,
        /// Who may be paid; empty means anyone.
        payees: Value,
        reference: String,
    }
}

table! {
    /// A draw on an allowance.
    AllowanceUse = history "emo.allowance_use" by (allowance; at_height, at_index, at_event) {
        allowance: Number,
        amount: Number,
        /// What was spent in the period, with this.
        spent: Number,
    }
}

table! {
    /// A payment that waits for approval, or waited.
    PendingPayment = current "emo.pending_payment" by (id) index "payer", "payee", "state" {
        id: Number,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
        /// `pending`, `paid`, `rejected`, `cancelled` or `expired`.
        state: String,
        payer: String,
        payee: String,
        asset: String,
        amount: Number,
        reference: String,
        /// The request that it pays.
        request: Option<Number>,
        /// The accounts that may approve it.
        approvers: Value,
        /// The organisation and role whose holders may approve it too.
        role: Option<Value>,
        /// How many approvals it needs.
        approvals: Number,
        /// The version of the payer's policy under which it was proposed.
        policy_version: Number,
        expires_ms: Number,
    }
}

table! {
    /// An approval of a pending payment.
    Approval = history "emo.approval" by (payment; approver) {
        payment: Number = "",
        approver: String = ".",
    }
}

table! {
    /// A payment request: an invoice.
    Request = current "emo.request" by (id) index "payee", "payer", "state" {
        id: Number,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
        /// `open`, `partially-paid`, `paid`, `cancelled`, `declined` or `expired`.
        state: String,
        payee: String,
        /// Who is to pay; none lets anyone pay.
        payer: Option<String>,
        asset: String,
        amount: Number,
        paid: Number,
        /// Whether it can be paid in parts.
        partial_allowed: bool,
        due_ms: Number,
        reference: String,
        document: Option<Value>,
    }
}

table! {
    /// A payment of a request.
    RequestPayment = history "emo.request_payment" by (request; at_height, at_index, at_event) {
        request: Number,
        payer: String,
        amount: Number,
    }
}

table! {
    /// A permission to pay above a policy's bound, which approvers give beforehand.
    Permit = current "emo.permit" by (id) index "payer", "state" {
        id: Number,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
        /// `pending`, `approved`, `used`, `rejected`, `cancelled` or `expired`.
        state: String,
        payer: String,
        payee: String,
        asset: String,
        amount_max: Number,
        reference: String,
        /// The accounts that may approve it.
        approvers: Value,
        /// The organisation and role whose holders may approve it too.
        role: Option<Value>,
        /// How many approvals it needs.
        approvals: Number,
        policy_version: Number,
        expires_ms: Number,
    }
}

table! {
    /// An approval of a permit.
    PermitApproval = history "emo.permit_approval" by (permit; approver) {
        permit: Number = "",
        approver: String = ".",
    }
}
