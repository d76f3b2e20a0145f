//! The declarations of the tables of orders.

use serde_json::Value;

use crate::cell::Number;
use crate::table::table;

table! {
    /// What one buyer ordered at one time. It never changes.
    Order = current "emo.order" by (id) index "buyer" {
        id: Number,
        buyer: String,
        /// The buyer's organisation at that time.
        buyer_organisation: Option<String>,
        asset: String,
        total: Number,
        /// The hold of the wallet with the price.
        hold: Number,
        placed_ms: Number,
        /// The numbers of its sub-orders.
        sub_orders: Value,
        destination: Option<Value>,
        reference: String,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// The part of an order that one store carries out.
    SubOrder = current "emo.sub_order" by (id) index "store, state", "state", "buyer", "organisation", "order_id", "deadline_ms" {
        id: Number,
        order_id: Number = "order",
        store: Number,
        organisation: String,
        buyer: String,
        buyer_organisation: Option<String>,
        asset: String,
        hold: Number,
        hold_expires_ms: Number,
        /// The store's terms when the order was placed.
        terms: Value,
        terms_version: Number,
        /// The version of the platform's settings.
        settings_version: Number,
        /// The platform's fee, basis points.
        fee: Number,
        state: String,
        /// From when on anyone may advance it; none in a final state.
        deadline_ms: Option<Number>,
        /// When it reached its final state.
        ended_ms: Option<Number>,
        /// The escrow: what was set aside.
        funded: Number = "escrow/funded",
        /// What went back to the buyer.
        refunded: Number = "escrow/refunded",
        /// What the store got.
        paid: Number = "escrow/paid",
        /// What the platform got.
        fees: Number = "escrow/fee",
        shipments: i64,
        /// The number of its lines.
        lines: i64 = "",
        /// The number of its steps so far.
        steps: i64 = "",
        /// The number of its pay-outs so far.
        escrow_payments: i64 = "",
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// A line of a sub-order, in pieces.
    OrderLine = current "emo.order_line" by (sub_order; line) index "variant" {
        sub_order: Number = "",
        /// From 0.
        line: i64 = "",
        variant: Number,
        location: Number,
        unit_price: Number,
        ordered: Number,
        reserved: Number,
        shipped: Number,
        delivered: Number,
        returned: Number,
        /// What was refunded for this line alone.
        refunded: Number,
        /// What of it the store gave by goodwill for pieces that were not refunded themselves.
        goodwill: Number,
    }
}

table! {
    /// A change of a sub-order's state.
    OrderStep = history "emo.order_step" by (sub_order; n) {
        sub_order: Number,
        /// Counted from 1.
        n: i64,
        /// The event.
        step: String,
        /// The state afterwards.
        state: String,
        deadline_ms: Option<Number>,
        /// Who moved it; none where the order was placed by its buyer's call.
        by: Option<String>,
        time_ms: i64,
    }
}

table! {
    /// Goods on their way to the buyer.
    Shipment = current "emo.shipment" by (sub_order; number) {
        sub_order: Number,
        /// From 1 in its sub-order.
        number: i64,
        carrier: String,
        carrier_account: Option<String>,
        tracking: String,
        shipped_ms: Number,
        delivered_ms: Option<Number>,
        /// The proof of delivery.
        proof: Option<Value>,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// The pieces of a line in a shipment.
    ShipmentLine = current "emo.shipment_line" by (sub_order, shipment; line) {
        sub_order: Number = "",
        shipment: i64 = "",
        line: i64,
        quantity: Number,
    }
}

table! {
    /// Goods that a buyer wants to give back, or gave back.
    ReturnCase = current "emo.return_case" by (sub_order) {
        sub_order: Number,
        reason: String,
        documents: Value,
        /// Empty until it is sent.
        carrier: String,
        tracking: String,
        /// Whether the goods came back.
        received: bool = "",
        /// Whether they were stocked again.
        restocked: bool = "",
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// The pieces of a line in a return.
    ReturnLine = current "emo.return_line" by (sub_order; line) {
        sub_order: Number = "",
        line: i64,
        quantity: Number,
    }
}

table! {
    /// Money that left the escrow of a sub-order.
    EscrowPayment = history "emo.escrow_payment" by (sub_order; n) {
        sub_order: Number,
        /// Counted from 1.
        n: i64,
        /// To the buyer.
        refunded: Number,
        /// To the store.
        paid: Number,
        /// To the platform.
        fee: Number,
        /// What of the refund was for single lines.
        lines: Value,
        /// What is left in escrow afterwards.
        left: Number,
        time_ms: i64,
    }
}

table! {
    /// The ratings of a sub-order by both sides.
    Rating = current "emo.rating" by (sub_order) index "store", "buyer" {
        sub_order: Number,
        store: Number,
        buyer: String,
        /// `committing`, `revealing` or `published`.
        state: String,
        deadline_ms: Option<Number>,
        buyer_commitment: Option<String> = "by-buyer/commitment",
        buyer_score: Option<Number> = "by-buyer/score",
        buyer_comment: Option<String> = "by-buyer/comment",
        seller_commitment: Option<String> = "by-seller/commitment",
        seller_score: Option<Number> = "by-seller/score",
        seller_comment: Option<String> = "by-seller/comment",
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// The published scores of an organisation in a role; their mean is `sum / count`.
    RatingSum = current "emo.rating_sum" by (organisation, role) {
        organisation: String = "",
        /// `buyer`, `client` or `contractor`.
        role: String = "",
        count: Number,
        sum: Number,
    }
}
