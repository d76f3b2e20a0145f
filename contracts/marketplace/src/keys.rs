//! Where the module's state lies, and nowhere else.

use alloc::string::String;

use ehb_contract::{
    Address, Deadlines, Item, Map, Once, Schema, TreasurerBook, kinds, pack_record, pack_variant,
};
use ehb_dispute::types::Dispute;

use crate::bindings::ehb::marketplace::types::{
    Attribute, Category, Escrow, Line, Listing, Location, Opinion, Order, OrderLine, Pieces, Price,
    Product, ProductDetails, Rating, RatingState, RatingSum, ReturnCase, Settings, Shipment, Store,
    StoreState, SubOrder, SubOrderState, Terms, Variant,
};

kinds! {
    /// The kinds of items. Only sub-orders and ratings have deadlines.
    pub enum Kind {
        /// A store.
        Store = "store",
        /// A stock location.
        Location = "location",
        /// A category.
        Category = "category",
        /// A product.
        Product = "product",
        /// A variant.
        Variant = "variant",
        /// An order.
        Order = "order",
        /// A sub-order.
        SubOrder = "sub-order",
        /// A shipment, by its number in its sub-order.
        Shipment = "shipment",
        /// A return, by its sub-order.
        ReturnCase = "return-case",
        /// A dispute, by its sub-order.
        Dispute = "dispute",
        /// The ratings of a sub-order, by its number.
        Rating = "rating",
        /// A line, by its place in its sub-order.
        Line = "line",
    }
}

/// The version of what is stored.
pub const SCHEMA: Schema = Schema::new(&[]);

/// The keys of callers that repeat a call.
pub const KEYS: Once = Once::new(b'i');

/// What the platform decided; nothing until it did.
pub const SETTINGS: Item<Settings> = Item::new(b's');

/// The latest numbers.
pub const LATEST: Item<Latest> = Item::new(b'n');

/// Categories by number.
pub const CATEGORIES: Map<u64, Category> = Map::new(b'c');

/// Stores by number.
pub const STORES: Map<u64, Store> = Map::new(b't');

/// What treasurers may give away, by store and asset, where they have a limit.
pub const TREASURERS: Map<(u64, String), TreasurerBook> = Map::new(b'y');

/// Locations by number.
pub const LOCATIONS: Map<u64, Location> = Map::new(b'l');

/// The locations of each store.
pub const LOCATIONS_OF_STORE: Map<(u64, u64), ()> = Map::new(b'L');

/// Products by number.
pub const PRODUCTS: Map<u64, Product> = Map::new(b'p');

/// The products of each store.
pub const PRODUCTS_OF_STORE: Map<(u64, u64), ()> = Map::new(b'P');

/// The products of each category.
pub const PRODUCTS_OF_CATEGORY: Map<(u64, u64), ()> = Map::new(b'C');

/// Variants by number.
pub const VARIANTS: Map<u64, Variant> = Map::new(b'v');

/// The variant of each store's own number.
pub const SKUS: Map<(u64, String), u64> = Map::new(b'k');

/// What is there of each variant at each location.
pub const STOCK: Map<(u64, u64), Level> = Map::new(b'q');

/// Orders by number.
pub const ORDERS: Map<u64, Order> = Map::new(b'o');

/// The orders of each buyer.
pub const ORDERS_OF_BUYER: Map<(Address, u64), ()> = Map::new(b'b');

/// Sub-orders by number.
pub const SUB_ORDERS: Map<u64, SubOrder> = Map::new(b'u');

/// The sub-orders of each store.
pub const SUB_ORDERS_OF_STORE: Map<(u64, u64), ()> = Map::new(b'U');

/// The shipments of each sub-order, by their number in it.
pub const SHIPMENTS: Map<(u64, u32), Shipment> = Map::new(b'h');

/// Returns by sub-order.
pub const RETURNS: Map<u64, ReturnCase> = Map::new(b'r');

/// Disputes by sub-order.
pub const DISPUTES: Map<u64, Dispute> = Map::new(b'd');

/// Ratings by sub-order.
pub const RATINGS: Map<u64, Rating> = Map::new(b'g');

/// The scores that each store got.
pub const STORE_RATINGS: Map<u64, RatingSum> = Map::new(b'G');

/// The scores that each buyer got.
pub const BUYER_RATINGS: Map<Address, RatingSum> = Map::new(b'B');

/// The deadlines of sub-orders that are not final, and of ratings that are not published.
pub const DEADLINES: Deadlines<Kind> = Deadlines::new(b'w');

/// The latest number of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latest {
    /// Of stores.
    pub store: u64,
    /// Of locations.
    pub location: u64,
    /// Of categories.
    pub category: u64,
    /// Of products.
    pub product: u64,
    /// Of variants.
    pub variant: u64,
    /// Of orders.
    pub order: u64,
    /// Of sub-orders.
    pub sub_order: u64,
}

/// What is there of a variant at a location, pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// What is there.
    pub stocked: u64,
    /// What of it is reserved; at most `stocked`.
    pub reserved: u64,
}

pack_record!(Latest { store, location, category, product, variant, order, sub_order });
pack_record!(Level { stocked, reserved });
pack_record!(Settings {
    fee,
    fee_account,
    rating_commit_window_ms,
    rating_reveal_window_ms,
    disputes,
});
pack_record!(Category { id, parent, depth, name });
pack_variant!(StoreState { 0: Open, 1: Paused, 2: Closed });
pack_record!(Terms {
    accept_window_ms,
    ship_window_ms,
    delivery_window_ms,
    inspection_window_ms,
    answer_window_ms,
    return_window_ms,
    receipt_window_ms,
    cancel_penalty,
    restocking_fee,
    clerk_refund_max,
});
pack_record!(Store { id, organisation, name, payout, state, terms });
pack_record!(Location { id, store, name, place });
pack_variant!(Listing { 0: Draft, 1: Listed, 2: Withdrawn, 3: Retired });
pack_record!(Attribute { name, value });
pack_record!(ProductDetails { category, title, summary, attributes, documents });
pack_record!(Product { id, store, details, state, variants });
pack_record!(Price { asset, amount, from_ms, until_ms });
pack_record!(Variant { id, product, store, sku, attributes, prices, state });
pack_record!(OrderLine { variant, location, quantity });
pack_record!(Order {
    id,
    buyer,
    asset,
    total,
    hold,
    placed_ms,
    sub_orders,
    destination,
    reference
});
pack_variant!(SubOrderState {
    0: Placed,
    1: Accepted,
    2: PartiallyShipped,
    3: Shipped,
    4: Delivered,
    5: ReturnRequested,
    6: ReturnApproved,
    7: ReturnShipped,
    8: ReturnDeclined,
    9: Disputed,
    10: Declined,
    11: Expired,
    12: Cancelled,
    13: Undelivered,
    14: Completed,
    15: Returned,
    16: Resolved,
    17: Lapsed,
});
pack_record!(Line {
    variant,
    location,
    unit_price,
    ordered,
    reserved,
    shipped,
    delivered,
    returned,
    refunded,
});
pack_record!(Escrow { total, refunded, paid, fees });
pack_record!(SubOrder {
    id,
    order,
    store,
    organisation,
    buyer,
    asset,
    hold,
    hold_expires_ms,
    terms,
    fee,
    state,
    deadline_ms,
    escrow,
    lines,
    shipments,
});
pack_record!(Pieces { line, quantity });
pack_record!(Shipment {
    sub_order,
    number,
    pieces,
    carrier,
    carrier_account,
    tracking,
    shipped_ms,
    delivered_ms,
    proof,
});
pack_record!(ReturnCase { sub_order, pieces, reason, documents, carrier, tracking });
pack_variant!(RatingState { 0: Committing, 1: Revealing, 2: Published });
pack_record!(Opinion { commitment, score, comment });
pack_record!(Rating { sub_order, store, buyer, state, deadline_ms, by_buyer, by_seller });
pack_record!(RatingSum { count, sum });
