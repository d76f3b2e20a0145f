//! The declarations of the tables of stores, products and stock.

use serde_json::Value;

use crate::cell::Number;
use crate::table::table;

table! {
    /// A category of products.
    Category = current "pss.category" by (id) {
        id: Number,
        /// The category above it; none at the top.
        parent: Option<Number>,
        depth: i64,
        name: String,
    }
}

table! {
    /// A store.
    Store = current "pss.store" by (id) index "organisation" {
        id: Number,
        organisation: String,
        name: String,
        /// Where its money goes.
        payout_account: String,
        /// `open`, `paused` or `closed`.
        state: String,
        /// Its terms for new orders.
        terms: Value,
        terms_version: Number,
        /// Terms that are announced: version, terms and from when on. They take effect without an event.
        next_terms: Option<Value>,
        /// Another account that is announced, and from when on. It takes effect without an event.
        payout_change: Option<Value>,
    }
}

table! {
    /// A place where a store keeps goods.
    Location = current "pss.location" by (id) index "store" {
        id: Number,
        store: Number,
        name: String,
        place: String,
    }
}

table! {
    /// A product of a store.
    Product = current "pss.product" by (id) index "store", "category" {
        id: Number,
        store: Number,
        category: Number = "details/category",
        title: String = "details/title",
        summary: String = "details/summary",
        attributes: Value = "details/attributes",
        /// `draft`, `listed`, `withdrawn` or `retired`.
        state: String,
        /// The numbers of its variants.
        variants: Value,
    }
}

table! {
    /// A picture, manual or certificate of a product.
    ProductDocument = current "pss.product_document" by (product; n) {
        product: Number = "",
        /// Its place in the list, from 1.
        n: i64 = "",
        cid: String,
        media_type: String,
        size: Number,
        /// Whether the product still has it.
        listed: bool = "",
    }
}

table! {
    /// A kind of a product that is kept, priced and sold on its own.
    Variant = current "pss.variant" by (id) index "product", "store, sku" {
        id: Number,
        product: Number,
        store: Number,
        sku: String,
        attributes: Value,
        /// `draft`, `listed`, `withdrawn` or `retired`.
        state: String,
    }
}

table! {
    /// A price of a variant. Of several listed ones that have begun for an asset, the one that began last counts.
    Price = current "pss.price" by (variant; asset, effective_ms) {
        variant: Number = "",
        asset: String,
        /// It begins at this time without an event.
        effective_ms: Number,
        amount: Number,
        /// When it ends, if another does not follow it.
        until_ms: Option<Number>,
        /// Whether the variant still has it.
        listed: bool = "",
    }
}

table! {
    /// What a store has of a variant at a location, in pieces.
    Stock = current "pss.stock" by (variant, location) index "location" {
        variant: Number,
        location: Number,
        on_hand: Number,
        /// What of it is reserved for orders.
        reserved: Number,
        available: Number,
        /// The number of movements that led to it.
        movements: i64 = "",
    }
}

table! {
    /// A change of a stock, with the stock after it.
    StockMovement = history "pss.stock_movement" by (variant, location; n)
        index "sub_order"
    {
        variant: Number,
        location: Number,
        /// Counted from 1 for each stock.
        n: i64,
        /// `changed` by a clerk, `reserved`, `shipped`, `released` or `restocked`.
        cause: String,
        on_hand_change: Number,
        reserved_change: Number,
        /// Afterwards.
        on_hand: Number,
        /// Afterwards.
        reserved: Number,
        sub_order: Option<Number>,
        /// The words of the clerk.
        reason: Option<String>,
        time_ms: i64,
    }
}

table! {
    /// The published scores of a store; their mean is `sum / count`.
    StoreRating = current "pss.store_rating" by (store) {
        store: Number = "",
        count: Number,
        sum: Number,
    }
}

table! {
    /// What an organisation cancelled before acceptance at a store, on the last day on which it did.
    FreeCancellation = current "pss.free_cancellation" by (store, organisation) {
        store: Number,
        organisation: String,
        /// Days since 1970 (UTC).
        day: i64 = "",
        cancelled_today: Number,
    }
}
