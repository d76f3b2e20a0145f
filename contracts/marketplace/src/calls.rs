//! The exported functions: each is its rule over the chain at hand.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::{
    Document, DueItem, DuePage, Item, Refusal, TreasurerLimit, TreasurerStatus,
};
use ehb_contract::{Address, Hash, Host, answer};
use ehb_dispute::types::Dispute;

use crate::bindings::ehb::marketplace::errors::Error;
use crate::bindings::ehb::marketplace::types::{
    Attribute, Category, Listing, Location, Order, OrderLine, Pieces, Price, Product,
    ProductDetails, Rating, RatingSum, ReturnCase, Settings, Shipment, Side, StockLevel, Store,
    StoreState, SubOrder, Terms, Variant,
};
use crate::bindings::exports::ehb::common::deadlines;
use crate::bindings::exports::ehb::marketplace::queries::{
    CategoryPage, LocationPage, OrderPage, ProductPage, ShipmentPage, StockPage, StorePage,
    SubOrderPage,
};
use crate::bindings::exports::ehb::marketplace::{
    catalogue, disputes, orders, queries, ratings, returns, settings, stock, stores, upgrade,
};
use crate::rules;

/// The component.
pub struct Marketplace;

impl settings::Guest for Marketplace {
    fn set_settings(settings: Settings) -> Result<(), Error> {
        answer(rules::set_settings(&mut Host::new(), settings))
    }
}

impl stores::Guest for Marketplace {
    fn create_store(
        name: String,
        payout: Address,
        terms: Terms,
        key: String,
    ) -> Result<u64, Error> {
        answer(rules::create_store(&mut Host::new(), name, payout, terms, key))
    }

    fn set_store(id: u64, name: String, terms: Terms) -> Result<(), Error> {
        answer(rules::set_store(&mut Host::new(), id, name, terms))
    }

    fn set_payout(id: u64, payout: Address) -> Result<(), Error> {
        answer(rules::set_payout(&mut Host::new(), id, payout))
    }

    fn set_treasurer_limit(
        id: u64,
        asset: String,
        limit: Option<TreasurerLimit>,
    ) -> Result<(), Error> {
        answer(rules::set_treasurer_limit(&mut Host::new(), id, asset, limit))
    }

    fn set_store_state(id: u64, state: StoreState) -> Result<(), Error> {
        answer(rules::set_store_state(&mut Host::new(), id, state))
    }

    fn create_location(store: u64, name: String, place: String, key: String) -> Result<u64, Error> {
        answer(rules::create_location(&mut Host::new(), store, name, place, key))
    }
}

impl catalogue::Guest for Marketplace {
    fn create_category(parent: Option<u64>, name: String, key: String) -> Result<u64, Error> {
        answer(rules::create_category(&mut Host::new(), parent, name, key))
    }

    fn rename_category(id: u64, name: String) -> Result<(), Error> {
        answer(rules::rename_category(&mut Host::new(), id, name))
    }

    fn create_product(store: u64, details: ProductDetails, key: String) -> Result<u64, Error> {
        answer(rules::create_product(&mut Host::new(), store, details, key))
    }

    fn set_product(id: u64, details: ProductDetails) -> Result<(), Error> {
        answer(rules::set_product(&mut Host::new(), id, details))
    }

    fn set_listing(id: u64, state: Listing) -> Result<(), Error> {
        answer(rules::set_listing(&mut Host::new(), id, state))
    }

    fn create_variant(
        product: u64,
        sku: String,
        attributes: Vec<Attribute>,
        prices: Vec<Price>,
        key: String,
    ) -> Result<u64, Error> {
        answer(rules::create_variant(&mut Host::new(), product, sku, attributes, prices, key))
    }

    fn retire_variant(id: u64) -> Result<(), Error> {
        answer(rules::retire_variant(&mut Host::new(), id))
    }

    fn set_prices(id: u64, prices: Vec<Price>) -> Result<(), Error> {
        answer(rules::set_prices(&mut Host::new(), id, prices))
    }
}

impl stock::Guest for Marketplace {
    fn add_stock(
        variant: u64,
        location: u64,
        quantity: u64,
        reason: String,
        key: String,
    ) -> Result<(), Error> {
        answer(rules::add_stock(&mut Host::new(), variant, location, quantity, reason, key))
    }

    fn remove_stock(
        variant: u64,
        location: u64,
        quantity: u64,
        reason: String,
        key: String,
    ) -> Result<(), Error> {
        answer(rules::remove_stock(&mut Host::new(), variant, location, quantity, reason, key))
    }

    fn move_stock(
        variant: u64,
        source: u64,
        target: u64,
        quantity: u64,
        reason: String,
        key: String,
    ) -> Result<(), Error> {
        answer(rules::move_stock(&mut Host::new(), variant, source, target, quantity, reason, key))
    }
}

impl orders::Guest for Marketplace {
    fn place_order(
        asset: String,
        lines: Vec<OrderLine>,
        total_max: u64,
        destination: Option<Document>,
        reference: String,
        key: String,
    ) -> Result<u64, Error> {
        answer(rules::place_order(
            &mut Host::new(),
            asset,
            lines,
            total_max,
            destination,
            reference,
            key,
        ))
    }

    fn accept_order(id: u64) -> Result<(), Error> {
        answer(rules::accept_order(&mut Host::new(), id))
    }

    fn decline_order(id: u64, key: String) -> Result<(), Error> {
        answer(rules::decline_order(&mut Host::new(), id, key))
    }

    fn cancel_order(id: u64, key: String) -> Result<(), Error> {
        answer(rules::cancel_order(&mut Host::new(), id, key))
    }

    fn ship_order(
        id: u64,
        pieces: Vec<Pieces>,
        carrier: String,
        carrier_account: Option<Address>,
        tracking: String,
        key: String,
    ) -> Result<u32, Error> {
        answer(rules::ship_order(
            &mut Host::new(),
            id,
            pieces,
            carrier,
            carrier_account,
            tracking,
            key,
        ))
    }

    fn cancel_rest(id: u64, key: String) -> Result<(), Error> {
        answer(rules::cancel_rest(&mut Host::new(), id, key))
    }

    fn record_delivery(id: u64, number: u32, proof: Document) -> Result<(), Error> {
        answer(rules::record_delivery(&mut Host::new(), id, number, proof))
    }

    fn confirm_order(id: u64, key: String) -> Result<(), Error> {
        answer(rules::confirm_order(&mut Host::new(), id, key))
    }

    fn refund_line(id: u64, line: u32, amount: u64, key: String) -> Result<(), Error> {
        answer(rules::refund_line(&mut Host::new(), id, line, amount, key))
    }
}

impl returns::Guest for Marketplace {
    fn request_return(
        id: u64,
        pieces: Vec<Pieces>,
        reason: String,
        documents: Vec<Document>,
        key: String,
    ) -> Result<(), Error> {
        answer(rules::request_return(&mut Host::new(), id, pieces, reason, documents, key))
    }

    fn approve_return(id: u64) -> Result<(), Error> {
        answer(rules::approve_return(&mut Host::new(), id))
    }

    fn decline_return(id: u64) -> Result<(), Error> {
        answer(rules::decline_return(&mut Host::new(), id))
    }

    fn send_return(id: u64, carrier: String, tracking: String) -> Result<(), Error> {
        answer(rules::send_return(&mut Host::new(), id, carrier, tracking))
    }

    fn receive_return(id: u64, restock: bool, key: String) -> Result<(), Error> {
        answer(rules::receive_return(&mut Host::new(), id, restock, key))
    }
}

impl disputes::Guest for Marketplace {
    fn open_dispute(id: u64, to_buyer: u16, reason: String) -> Result<(), Error> {
        answer(rules::open_dispute(&mut Host::new(), id, to_buyer, reason))
    }

    fn respond_to_dispute(id: u64, to_buyer: u16) -> Result<(), Error> {
        answer(rules::respond_to_dispute(&mut Host::new(), id, to_buyer))
    }

    fn add_evidence(id: u64, document: Document, note: String) -> Result<(), Error> {
        answer(rules::add_evidence(&mut Host::new(), id, document, note))
    }

    fn offer_settlement(id: u64, to_buyer: u16) -> Result<(), Error> {
        answer(rules::offer_settlement(&mut Host::new(), id, to_buyer))
    }

    fn accept_settlement(id: u64, key: String) -> Result<(), Error> {
        answer(rules::accept_settlement(&mut Host::new(), id, key))
    }

    fn rest_in_dispute(id: u64) -> Result<(), Error> {
        answer(rules::rest_in_dispute(&mut Host::new(), id))
    }

    fn rule_dispute(id: u64, to_buyer: u16, reasons: Option<Document>) -> Result<(), Error> {
        answer(rules::rule_dispute(&mut Host::new(), id, to_buyer, reasons))
    }

    fn appeal_ruling(id: u64, reason: String) -> Result<(), Error> {
        answer(rules::appeal_ruling(&mut Host::new(), id, reason))
    }
}

impl ratings::Guest for Marketplace {
    fn commit_rating(id: u64, commitment: Hash) -> Result<(), Error> {
        answer(rules::commit_rating(&mut Host::new(), id, commitment))
    }

    fn reveal_rating(id: u64, score: u8, comment: String, salt: Hash) -> Result<(), Error> {
        answer(rules::reveal_rating(&mut Host::new(), id, score, comment, salt))
    }
}

impl deadlines::Guest for Marketplace {
    fn advance(item: Item) -> Result<(), Refusal> {
        rules::advance(&mut Host::new(), &item)
    }

    fn sweep(limit: u32) -> Result<Vec<DueItem>, Refusal> {
        rules::sweep(&mut Host::new(), limit)
    }

    fn list_due(after: Option<DueItem>, limit: u32) -> Result<DuePage, Refusal> {
        rules::list_due(&Host::new(), after.as_ref(), limit)
    }
}

impl queries::Guest for Marketplace {
    fn get_settings() -> Result<Settings, Error> {
        answer(rules::get_settings(&Host::new()))
    }

    fn get_category(id: u64) -> Result<Category, Error> {
        answer(rules::get_category(&Host::new(), id))
    }

    fn list_categories(after: Option<u64>, limit: u32) -> Result<CategoryPage, Error> {
        answer(rules::list_categories(&Host::new(), after, limit))
    }

    fn get_store(id: u64) -> Result<Store, Error> {
        answer(rules::get_store(&Host::new(), id))
    }

    fn get_treasurer_limit(store: u64, asset: String) -> Result<TreasurerStatus, Error> {
        answer(rules::get_treasurer_limit(&Host::new(), store, asset))
    }

    fn list_stores(after: Option<u64>, limit: u32) -> Result<StorePage, Error> {
        answer(rules::list_stores(&Host::new(), after, limit))
    }

    fn get_location(id: u64) -> Result<Location, Error> {
        answer(rules::get_location(&Host::new(), id))
    }

    fn list_locations(store: u64, after: Option<u64>, limit: u32) -> Result<LocationPage, Error> {
        answer(rules::list_locations(&Host::new(), store, after, limit))
    }

    fn get_product(id: u64) -> Result<Product, Error> {
        answer(rules::get_product(&Host::new(), id))
    }

    fn list_products(store: u64, after: Option<u64>, limit: u32) -> Result<ProductPage, Error> {
        answer(rules::list_products(&Host::new(), store, after, limit))
    }

    fn list_products_of_category(
        category: u64,
        after: Option<u64>,
        limit: u32,
    ) -> Result<ProductPage, Error> {
        answer(rules::list_products_of_category(&Host::new(), category, after, limit))
    }

    fn get_variant(id: u64) -> Result<Variant, Error> {
        answer(rules::get_variant(&Host::new(), id))
    }

    fn find_variant(store: u64, sku: String) -> Result<Option<u64>, Error> {
        answer(rules::find_variant(&Host::new(), store, sku))
    }

    fn get_stock(variant: u64, location: u64) -> Result<StockLevel, Error> {
        answer(rules::get_stock(&Host::new(), variant, location))
    }

    fn list_stock(variant: u64, after: Option<u64>, limit: u32) -> Result<StockPage, Error> {
        answer(rules::list_stock(&Host::new(), variant, after, limit))
    }

    fn get_order(id: u64) -> Result<Order, Error> {
        answer(rules::get_order(&Host::new(), id))
    }

    fn list_orders(buyer: Address, after: Option<u64>, limit: u32) -> Result<OrderPage, Error> {
        answer(rules::list_orders(&Host::new(), buyer, after, limit))
    }

    fn get_sub_order(id: u64) -> Result<SubOrder, Error> {
        answer(rules::get_sub_order(&Host::new(), id))
    }

    fn list_sub_orders(store: u64, after: Option<u64>, limit: u32) -> Result<SubOrderPage, Error> {
        answer(rules::list_sub_orders(&Host::new(), store, after, limit))
    }

    fn get_shipment(id: u64, number: u32) -> Result<Shipment, Error> {
        answer(rules::get_shipment(&Host::new(), id, number))
    }

    fn list_shipments(
        sub_order: u64,
        after: Option<u32>,
        limit: u32,
    ) -> Result<ShipmentPage, Error> {
        answer(rules::list_shipments(&Host::new(), sub_order, after, limit))
    }

    fn get_return(id: u64) -> Result<ReturnCase, Error> {
        answer(rules::get_return(&Host::new(), id))
    }

    fn get_dispute(id: u64) -> Result<Dispute, Error> {
        answer(rules::get_dispute(&Host::new(), id))
    }

    fn get_rating(id: u64) -> Result<Rating, Error> {
        answer(rules::get_rating(&Host::new(), id))
    }

    fn rating_commitment(
        id: u64,
        by: Side,
        score: u8,
        comment: String,
        salt: Hash,
    ) -> Result<Hash, Error> {
        answer(rules::rating_commitment(&Host::new(), id, by, score, comment, salt))
    }

    fn get_store_rating(store: u64) -> Result<RatingSum, Error> {
        answer(rules::get_store_rating(&Host::new(), store))
    }

    fn get_buyer_rating(buyer: Address) -> Result<RatingSum, Error> {
        answer(rules::get_buyer_rating(&Host::new(), buyer))
    }
}

impl upgrade::Guest for Marketplace {
    fn migrate() -> Result<(), Error> {
        rules::migrate(&mut Host::new())
    }
}
