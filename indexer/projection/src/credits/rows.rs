//! The declarations of the tables of credits.

use serde_json::Value;

use crate::cell::Number;
use crate::table::table;

table! {
    /// A programme of credits.
    Programme = current "emo.programme" by (id) index "issuer" {
        id: Number,
        issuer: String,
        /// Where its money goes.
        payout_account: String,
        name: String,
        /// What people call a credit.
        unit: String,
        /// `open`, `closing` or `closed`.
        state: String,
        closes_ms: Option<Number>,
        /// The terms of sale; none when it does not sell.
        sale_terms: Option<Value>,
        default_limits: Value,
        /// Another payout account that is announced, and from when on; it takes effect without an event.
        payout_change: Option<Value>,
    }
}

table! {
    /// A service of a programme's price list.
    Service = current "emo.service" by (programme, id) {
        programme: Number,
        id: String,
        retired_ms: Option<Number>,
    }
}

table! {
    /// A price of a service. It begins at `effective_ms` without an event.
    ServicePrice = current "emo.service_price" by (programme, service; version) {
        programme: Number = "",
        service: String = "",
        version: i64,
        /// Credits for each `per` of the quantity.
        credits: Number,
        per: Number,
        effective_ms: Number,
        /// Whether the module still keeps it.
        listed: bool = "",
    }
}

table! {
    /// An account that reports usage.
    Meter = current "emo.meter" by (programme, account) {
        programme: Number,
        account: String,
        name: String,
        /// Whether it is no longer one.
        removed: bool = "",
    }
}

table! {
    /// Credits that an account can draw.
    Grant = current "emo.grant" by (id) index "programme, account", "account", "state", "deadline_ms" {
        id: Number,
        programme: Number,
        account: String,
        amount: Number,
        used: Number,
        /// What open usage has set aside.
        held: Number,
        /// The lowest is drawn first.
        priority: Number,
        effective_ms: Number,
        expires_ms: Number,
        state: String,
        /// From when on anyone may advance it.
        deadline_ms: Option<Number>,
        buyer: Option<String> = "purchase/buyer",
        hold: Option<Number> = "purchase/hold",
        hold_expires_ms: Option<Number> = "purchase/hold-expires-ms",
        asset: Option<String> = "purchase/asset",
        price: Option<Number> = "purchase/price",
        /// What the issuer got of the price.
        settled: Option<Number> = "purchase/settled",
        /// What the buyer got back of it.
        returned: Option<Number> = "purchase/returned",
        refund_until_ms: Option<Number> = "purchase/refund-until-ms",
        refund_fee: Option<Number> = "purchase/refund-fee",
        breakage: Option<Number> = "purchase/breakage",
        reference: String,
        /// When it was over.
        ended_ms: Option<Number>,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// Something that an account uses or used.
    Usage = current "emo.usage" by (id) index "programme, account", "account", "meter", "state" {
        id: Number,
        programme: Number,
        account: String,
        service: String,
        meter: String,
        price_version: Number = "price/version",
        price_credits: Number = "price/credits",
        price_per: Number = "price/per",
        price_effective_ms: Number = "price/effective-ms",
        quantity_max: Number,
        credits_max: Number,
        quantity: Number,
        credits: Number,
        /// `authorised`, `captured`, `voided` or `timed-out`.
        state: String,
        at_ms: Number,
        expires_ms: Number,
        reference: String,
        /// Whether it is a report that a meter delivered.
        is_reported: bool = "",
        /// Whether its reference left the module's state: then the meter can use it again.
        reference_removed: bool = "",
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// Credits that a usage set aside, in the order in which they are charged.
    UsageDraw = current "emo.usage_draw" by (usage; n) index "grant_id", "credit_line" {
        usage: Number = "",
        /// Counted from 1.
        n: i64 = "",
        /// The grant that they come from,
        grant_id: Option<Number> = "source/grant",
        /// or the credit line.
        credit_line: Option<Number> = "source/credit-line",
        credits: Number,
        /// What of them was charged.
        charged: Number = "",
    }
}

table! {
    /// A quota or rate cap of an account.
    AccountLimit = current "emo.account_limit" by (programme, account; n) {
        programme: Number = "",
        account: String = "",
        /// Counted from 1 for each account and programme.
        n: i64 = "",
        /// `issuer`, `treasurer` or `account`.
        set_by: String,
        /// The only service that it counts; none counts all.
        service: Option<String> = "limit/service",
        /// `credits`, `quantity` or `usages`.
        measure: String = "limit/measure",
        /// How long what is used counts.
        period: Value = "limit/period",
        max: Number = "limit/max",
        since_ms: Number,
        /// The start of the latest window that counted something; of a span, of its latest half.
        window_start_ms: Number,
        /// What that window or half has counted.
        counted: Number,
        /// Of a span, what the half before has counted.
        counted_before: Number,
        /// Of a span, what the half before that one has counted.
        counted_earlier: Number,
        /// Whether it is still in force.
        listed: bool = "",
    }
}

table! {
    /// A credit line: usage now, a bill at the end of each period.
    CreditLine = current "emo.credit_line" by (id) index "programme, account", "account", "state" {
        id: Number,
        programme: Number,
        account: String,
        limit: Number = "terms/limit",
        asset: String = "terms/asset",
        price: Number = "terms/price",
        per: Number = "terms/per",
        /// The billing period.
        period: Value = "terms/cycle",
        payment_window_ms: Number = "terms/payment-window-ms",
        grace_period_ms: Number = "terms/grace-period-ms",
        term_ms: Number = "terms/term-ms",
        state: String,
        offer_expires_ms: Number,
        ends_ms: Option<Number>,
        cycle: Number,
        cycle_from_ms: Option<Number>,
        cycle_ends_ms: Option<Number>,
        held: Number,
        unbilled: Number,
        unbilled_from_ms: Option<Number>,
        bills: Number,
        /// The bill that is not paid yet.
        bill: Option<Number>,
        billed: Number,
        due_ms: Option<Number>,
        written_off: Number,
        /// Whether the issuer stopped draws and did not resume them.
        suspended: bool,
        /// When it was over.
        ended_ms: Option<Number>,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// A bill of a credit line.
    Bill = current "emo.bill" by (id) index "credit_line", "state" {
        id: Number,
        credit_line: Number,
        /// Counted from 1 for each line.
        number: Number,
        from_ms: Number,
        until_ms: Number,
        credits: Number,
        amount: Number,
        paid: Number,
        due_ms: Number,
        /// `due`, `overdue`, `paid`, `written-off` or `recovered`.
        state: String,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// A service on a bill of a line, or on the next one while its period runs.
    BillLine = current "emo.bill_line" by (credit_line, number; service) {
        credit_line: Number = "",
        /// The number of the bill in its line.
        number: Number = "",
        service: String,
        usages: Number,
        quantity: Number,
        credits: Number,
        /// Whether it left the module's state, with its bill or line.
        removed: bool = "",
    }
}

table! {
    /// A month of an account in a programme: `opening` plus `granted` less `used`, `expired`, `revoked` and `refunded` is
    /// `closing`.
    CreditMonth = current "emo.credit_month" by (programme, account; month) index "account" {
        programme: Number = "",
        account: String = "",
        /// Year and month (UTC), such as 202701.
        month: Number,
        /// Credits of grants at its beginning.
        opening: Number,
        /// Granted and bought.
        granted: Number,
        /// Charged to grants.
        used: Number,
        /// Lost by expiry.
        expired: Number,
        /// Taken back by the issuer.
        revoked: Number,
        /// Given back by the buyer.
        refunded: Number,
        /// Credits of grants at its end, or now.
        closing: Number,
        /// Charged to a credit line.
        credit_line_used: Number,
    }
}

table! {
    /// A service that an account used in a month.
    CreditMonthService = current "emo.credit_month_service" by (programme, account, month; service) {
        programme: Number = "",
        account: String = "",
        month: Number = "",
        service: String,
        /// How many usages were charged.
        usages: Number,
        quantity: Number,
        credits: Number,
    }
}

table! {
    /// A payment of a bill.
    BillPayment = history "emo.bill_payment" by (bill; at_height, at_index, at_event) {
        bill: Number,
        payer: String,
        amount: Number,
        /// What was paid of the bill so far, with this.
        paid: Number,
        time_ms: i64,
    }
}
