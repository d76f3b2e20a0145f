//! The flow of an order of a shop, and the shop itself.

use std::sync::Arc;

use ehb_sdk::api::LocatedReceipt;
use serde_json::{Value, json};

use super::{Step, event_field, result, step};
use crate::business::{self, document};

/// A store that sells two variants from one location.
pub(crate) struct Shop {
    /// The account that runs it.
    pub(crate) seller: usize,
    /// The store's number.
    pub(crate) store: Value,
    /// The version of the platform's settings when it opened.
    pub(crate) settings_version: Value,
    pub(crate) location: Value,
    pub(crate) variants: [Value; 2],
    /// The price of a piece, cents.
    pub(crate) price: u64,
}

/// An order of two lines, placed, accepted, shipped, delivered and confirmed.
pub(crate) struct Order {
    shop: Arc<Shop>,
    buyer: usize,
    done: u32,
    sub_order: Value,
    shipment: Value,
}

impl Order {
    pub(crate) fn new(shop: Arc<Shop>, buyer: usize) -> Self {
        Self { shop, buyer, done: 0, sub_order: Value::Null, shipment: Value::Null }
    }

    pub(super) fn step(&self) -> Option<Step> {
        let sub_order = &self.sub_order;
        let (by, function, arguments) = match self.done {
            0 => (self.buyer, "place-order", self.placing()),
            1 => (self.shop.seller, "accept-order", json!({ "sub-order": sub_order })),
            2 => (self.shop.seller, "ship-order", business::shipment(sub_order)),
            3 => {
                let delivery = json!({
                    "sub-order": sub_order, "shipment": self.shipment, "proof": document(),
                });
                (self.shop.seller, "record-delivery", delivery)
            }
            4 => (self.buyer, "confirm-order", json!({ "sub-order": sub_order, "key": "" })),
            _ => return None,
        };
        Some(step(by, "marketplace", function, arguments))
    }

    fn placing(&self) -> Value {
        let Shop { store, settings_version, location, variants, price, .. } = &*self.shop;
        business::order(store, settings_version, variants.each_ref(), location, 2 * price)
    }

    pub(super) fn go_on(&mut self, located: &LocatedReceipt) {
        match self.done {
            0 => {
                self.sub_order =
                    event_field(located, "marketplace", "/order-placed/sub-orders/0/id")
            }
            2 => self.shipment = result(located),
            _ => {}
        }
        self.done += 1;
    }
}
