//! Where the module's state is stored, and nowhere else.

use alloc::string::String;

use ehb_contract::{
    Address, Daily, Deadlines, Hash, Item, Map, Named, Once, Pack, Schema, TreasurerBook,
};
use ehb_dispute::Arbiters;
use ehb_dispute::types::Dispute;

use crate::bindings::ehb::marketplace::types::{
    Category, Location, Order, Product, Rating, RatingSum, ReturnCase, Settings, Shipment, Store,
    SubOrder, Variant,
};

/// The kinds of items. Only sub-orders and ratings have deadlines of their own; a dispute has that of its sub-order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named, ehb_contract::Kind)]
pub enum Kind {
    /// A store.
    Store,
    /// A stock location.
    Location,
    /// A category.
    Category,
    /// A product.
    Product,
    /// A variant.
    Variant,
    /// An order.
    Order,
    /// A sub-order.
    SubOrder,
    /// A shipment, by its number in its sub-order.
    Shipment,
    /// A return, by its sub-order.
    ReturnCase,
    /// A dispute, by its sub-order.
    Dispute,
    /// The ratings of a sub-order, by its number.
    Rating,
    /// A line, by its place in its sub-order.
    Line,
    /// The platform's settings, by their version.
    Settings,
}

/// The version of what is stored.
pub const SCHEMA: Schema = Schema::new(&[]);

/// The keys of callers that repeat a call.
pub const KEYS: Once = Once::new(b'i');

/// The platform's settings by version, from 1. Orders keep the version under which they were placed.
pub const SETTINGS: Map<u32, Settings> = Map::new(b'S');

/// Which settings are in force; absent until the platform sets its own.
pub const SETTINGS_VERSIONS: Item<SettingsVersions> = Item::new(b's');

/// The latest numbers.
pub const LATEST: Item<Latest> = Item::new(b'n');

/// Categories by number.
pub const CATEGORIES: Map<u64, Category> = Map::new(b'c');

/// Stores by number.
pub const STORES: Map<u64, Store> = Map::new(b't');

/// The amounts that treasurers may give away, by store and asset, where they have a limit.
pub const TREASURERS: Map<(u64, String), TreasurerBook> = Map::new(b'y');

/// The amounts that clerks may give away, by store and asset, where they have a limit.
pub const CLERKS: Map<(u64, String), TreasurerBook> = Map::new(b'Y');

/// The least that a sub-order must have paid for ratings, by asset. There are none in other assets.
pub const RATING_MINIMUMS: Map<String, u64> = Map::new(b'm');

/// How many pieces of a stock (variant, location) the orders of an organisation reserve that no store has accepted; the
/// hash of its name stands for the organisation.
pub const CLAIMED: Map<(u64, u64, Hash), u64> = Map::new(b'R');

/// How many orders each organisation cancelled for free, by store.
pub const CANCELLED: Map<(u64, String), Daily> = Map::new(b'x');

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

/// The stock of each variant at each location.
pub const STOCK: Map<(u64, u64), Level> = Map::new(b'q');

/// Orders by number.
pub const ORDERS: Map<u64, Order> = Map::new(b'o');

/// The orders of each buyer.
pub const ORDERS_OF_BUYER: Map<(Address, u64), ()> = Map::new(b'b');

/// The orders of each organisation, which the hash of its name stands for.
pub const ORDERS_OF_ORGANISATION: Map<(Hash, u64), ()> = Map::new(b'O');

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

/// The registered arbiters.
pub const ARBITERS: Arbiters = Arbiters::new(b'j');

/// The disputes that wait for an arbiter.
pub const DISPUTES_AWAITING: Map<u64, ()> = Map::new(b'a');

/// Ratings by sub-order.
pub const RATINGS: Map<u64, Rating> = Map::new(b'g');

/// The scores that each store got.
pub const STORE_RATINGS: Map<u64, RatingSum> = Map::new(b'G');

/// The scores that the buyers of each organisation got, which the hash of its name stands for.
pub const BUYER_RATINGS: Map<Hash, RatingSum> = Map::new(b'B');

/// The deadlines of sub-orders that are not final, when those that are leave the state, and the deadlines of ratings
/// that are not published.
pub const DEADLINES: Deadlines<Kind> = Deadlines::new(b'w');

/// Versions of the platform's settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pack)]
pub struct SettingsVersions {
    /// The version in force when it was written; 0 is none of the platform's own.
    pub version: u32,
    /// The version after it, and the time from which on that is in force.
    pub next: Option<(u32, u64)>,
}

impl SettingsVersions {
    /// The version in force at a time.
    pub fn at(&self, time_ms: u64) -> u32 {
        match self.next {
            Some((version, effective_ms)) if effective_ms <= time_ms => version,
            _ => self.version,
        }
    }
}

/// The latest number of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pack)]
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

/// The stock of a variant at a location, pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pack)]
pub struct Level {
    /// All pieces.
    pub on_hand: u64,
    /// The reserved pieces; at most `on-hand`.
    pub reserved: u64,
}
