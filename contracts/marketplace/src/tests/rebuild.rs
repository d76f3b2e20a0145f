//! Rebuilds all of the module's tables from events alone.

use std::collections::BTreeMap;

use ehb_contract::TreasurerBook;
use ehb_contract::{Address, Daily, Host, Key, Map, Pack};
use ehb_dispute::types::Dispute;

use super::books::ENTRIES_MAX;
use crate::bindings::ehb::marketplace::events::{
    Event, Gift, Move, Payout, RatingPhase, SettingsChange, TreasurerSetting,
};
use crate::bindings::ehb::marketplace::types::{
    Category, Listing, Location, Opinion, Order, Product, Rating, RatingState, RatingSum,
    ReturnCase, Settings, Shipment, Side, Store, SubOrder, Variant,
};
use crate::keys::{
    BUYER_RATINGS, CANCELLED, CATEGORIES, CLERKS, DISPUTES, LOCATIONS, Level, ORDERS, PRODUCTS,
    RATINGS, RETURNS, SETTINGS, SETTINGS_VERSIONS, SHIPMENTS, STOCK, STORE_RATINGS, STORES,
    SUB_ORDERS, SettingsVersions, TREASURERS, VARIANTS,
};
use crate::states::SUB_ORDER;

/// A day, milliseconds.
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// What treasurers or clerks may give, by store and asset.
type Books = BTreeMap<(u64, String), TreasurerBook>;

/// Everything that the module keeps, without its indexes.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tables {
    settings: BTreeMap<u32, Settings>,
    settings_versions: Option<SettingsVersions>,
    categories: BTreeMap<u64, Category>,
    stores: BTreeMap<u64, Store>,
    treasurers: Books,
    clerks: Books,
    cancelled: BTreeMap<(u64, String), Daily>,
    locations: BTreeMap<u64, Location>,
    products: BTreeMap<u64, Product>,
    variants: BTreeMap<u64, Variant>,
    stock: BTreeMap<(u64, u64), Level>,
    orders: BTreeMap<u64, Order>,
    sub_orders: BTreeMap<u64, SubOrder>,
    shipments: BTreeMap<(u64, u32), Shipment>,
    returns: BTreeMap<u64, ReturnCase>,
    disputes: BTreeMap<u64, Dispute>,
    ratings: BTreeMap<u64, Rating>,
    store_ratings: BTreeMap<u64, RatingSum>,
    buyer_ratings: BTreeMap<Address, RatingSum>,
}

fn all<K: Key + Ord, V: Pack>(host: &Host, map: &Map<K, V>) -> BTreeMap<K, V> {
    map.scan(host, None, ENTRIES_MAX).into_iter().collect()
}

impl Tables {
    pub(super) fn of_state(host: &Host) -> Self {
        Self {
            settings: all(host, &SETTINGS),
            settings_versions: SETTINGS_VERSIONS.get(host),
            categories: all(host, &CATEGORIES),
            stores: all(host, &STORES),
            treasurers: all(host, &TREASURERS),
            clerks: all(host, &CLERKS),
            cancelled: all(host, &CANCELLED),
            locations: all(host, &LOCATIONS),
            products: all(host, &PRODUCTS),
            variants: all(host, &VARIANTS),
            stock: all(host, &STOCK),
            orders: all(host, &ORDERS),
            sub_orders: all(host, &SUB_ORDERS),
            shipments: all(host, &SHIPMENTS),
            returns: all(host, &RETURNS),
            disputes: all(host, &DISPUTES),
            ratings: all(host, &RATINGS),
            store_ratings: all(host, &STORE_RATINGS),
            buyer_ratings: all(host, &BUYER_RATINGS),
        }
    }

    pub(super) fn of_events(events: &[Event]) -> Self {
        let mut tables = Self::default();
        for event in events {
            tables.sell(event);
            tables.order(event);
            tables.give_back(event);
            tables.rate(event);
        }
        tables
    }

    fn part(&mut self, id: u64) -> &mut SubOrder {
        self.sub_orders.get_mut(&id).unwrap()
    }

    fn sell(&mut self, event: &Event) {
        match event.clone() {
            Event::SettingsChanged(change) => {
                let SettingsChange { version, settings, from_ms, in_force } = change;
                self.settings.insert(version, settings);
                let next = (version != in_force).then_some((version, from_ms));
                self.settings_versions = Some(SettingsVersions { version: in_force, next });
            }
            Event::CategoryCreated(category) | Event::CategoryRenamed(category) => {
                self.categories.insert(category.id, category);
            }
            Event::StoreCreated(store) | Event::StoreChanged(store) => {
                self.stores.insert(store.id, store);
            }
            Event::TreasurerLimitSet(set) => limit(&mut self.treasurers, set),
            Event::TreasurerGave(gift) => give(&mut self.treasurers, gift),
            Event::ClerkLimitSet(set) => limit(&mut self.clerks, set),
            Event::ClerkGave(gift) => give(&mut self.clerks, gift),
            Event::CancellationCounted(counted) => {
                let daily = Daily { day: counted.at_ms / DAY_MS, sum: counted.cancelled_today };
                self.cancelled.insert((counted.store, counted.organisation), daily);
            }
            Event::LocationCreated(location) => {
                self.locations.insert(location.id, location);
            }
            Event::ProductCreated(product) | Event::ProductChanged(product) => {
                self.products.insert(product.id, product);
            }
            Event::ListingChanged(change) => {
                let product = self.products.get_mut(&change.product).unwrap();
                product.state = change.state;
                for id in &product.variants {
                    let variant = self.variants.get_mut(id).unwrap();
                    if variant.state != Listing::Retired {
                        variant.state = change.state;
                    }
                }
            }
            Event::VariantCreated(variant) => {
                self.products.get_mut(&variant.product).unwrap().variants.push(variant.id);
                self.variants.insert(variant.id, variant);
            }
            Event::VariantRetired(id) => {
                self.variants.get_mut(&id).unwrap().state = Listing::Retired;
            }
            Event::PricesSet(change) => {
                self.variants.get_mut(&change.variant).unwrap().prices = change.prices;
            }
            Event::StockChanged(change) => {
                let level =
                    Level { stocked: change.level.stocked, reserved: change.level.reserved };
                self.stock.insert((change.level.variant, change.level.location), level);
            }
            _ => {}
        }
    }

    fn order(&mut self, event: &Event) {
        match event.clone() {
            Event::OrderPlaced(placement) => {
                for part in placement.sub_orders {
                    for line in &part.lines {
                        let level = self.stock.get_mut(&(line.variant, line.location)).unwrap();
                        level.reserved += u64::from(line.ordered);
                    }
                    self.sub_orders.insert(part.id, part);
                }
                self.orders.insert(placement.order.id, placement.order);
            }
            Event::OrderShipped(shipment) => {
                let part = self.sub_orders.get_mut(&shipment.sub_order).unwrap();
                for pieces in &shipment.pieces {
                    let line = &mut part.lines[pieces.line as usize];
                    line.reserved -= pieces.quantity;
                    line.shipped += pieces.quantity;
                    let level = self.stock.get_mut(&(line.variant, line.location)).unwrap();
                    level.reserved -= u64::from(pieces.quantity);
                    level.stocked -= u64::from(pieces.quantity);
                }
                part.shipments = shipment.number;
                self.shipments.insert((shipment.sub_order, shipment.number), shipment);
            }
            Event::DeliveryRecorded(delivery) => {
                let key = (delivery.sub_order, delivery.shipment);
                let shipment = self.shipments.get_mut(&key).unwrap();
                shipment.delivered_ms = Some(delivery.delivered_ms);
                shipment.proof = Some(delivery.proof);
                let part = self.sub_orders.get_mut(&delivery.sub_order).unwrap();
                for pieces in &shipment.pieces {
                    part.lines[pieces.line as usize].delivered += pieces.quantity;
                }
            }
            Event::PaidOut(payout) => self.pay(&payout),
            Event::RestCancelled(moved) => {
                self.release(moved.sub_order);
                self.go(&moved);
            }
            Event::OrderAccepted(moved)
            | Event::OrderDeclined(moved)
            | Event::OrderCancelled(moved)
            | Event::ShippingMoved(moved)
            | Event::OrderDelivered(moved)
            | Event::OrderConfirmed(moved)
            | Event::ReturnMoved(moved)
            | Event::DisputeState(moved)
            | Event::DeadlinePassed(moved) => self.go(&moved),
            _ => {}
        }
    }

    fn go(&mut self, moved: &Move) {
        let part = self.part(moved.sub_order);
        part.state = moved.state;
        part.deadline_ms = moved.deadline_ms;
        if SUB_ORDER.is_end(moved.state) {
            self.release(moved.sub_order);
        }
    }

    /// Pieces that were still reserved are available again.
    fn release(&mut self, id: u64) {
        for line in &mut self.sub_orders.get_mut(&id).unwrap().lines {
            let level = self.stock.get_mut(&(line.variant, line.location)).unwrap();
            level.reserved -= u64::from(line.reserved);
            line.reserved = 0;
        }
    }

    fn pay(&mut self, payout: &Payout) {
        let part = self.part(payout.sub_order);
        part.escrow.refunded += payout.refunded;
        part.escrow.paid += payout.paid;
        part.escrow.fees += payout.fee;
        for refund in &payout.lines {
            let line = &mut part.lines[refund.line as usize];
            line.refunded += refund.amount;
            line.goodwill = refund.goodwill;
        }
    }

    fn give_back(&mut self, event: &Event) {
        match event.clone() {
            Event::ReturnRequested(case) => {
                self.returns.insert(case.sub_order, case);
            }
            Event::ReturnSent(transport) => {
                let case = self.returns.get_mut(&transport.sub_order).unwrap();
                case.carrier = transport.carrier;
                case.tracking = transport.tracking;
            }
            Event::ReturnReceived(receipt) => {
                let part = self.sub_orders.get_mut(&receipt.sub_order).unwrap();
                for pieces in &self.returns[&receipt.sub_order].pieces {
                    let line = &mut part.lines[pieces.line as usize];
                    line.returned += pieces.quantity;
                    if receipt.restocked {
                        let level = self.stock.get_mut(&(line.variant, line.location)).unwrap();
                        level.stocked += u64::from(pieces.quantity);
                    }
                }
            }
            Event::DisputeOpened(dispute) => {
                self.disputes.insert(dispute.id, dispute);
            }
            Event::DisputeMoved(step) => {
                let dispute = self.disputes.get_mut(&step.dispute).unwrap();
                ehb_dispute::replay(dispute, &step);
                if dispute.outcome.is_none() {
                    let part = self.part(step.dispute);
                    part.deadline_ms = step.deadline_ms.min(part.hold_expires_ms);
                }
            }
            _ => {}
        }
    }

    fn rate(&mut self, event: &Event) {
        match event.clone() {
            Event::RatingCommitted(committed) => {
                let (id, deadline_ms) = (committed.sub_order, committed.deadline_ms);
                let part = &self.sub_orders[&id];
                let rating = self.ratings.entry(id).or_insert_with(|| Rating {
                    sub_order: id,
                    store: part.store,
                    buyer: part.buyer,
                    state: RatingState::Committing,
                    deadline_ms,
                    by_buyer: None,
                    by_seller: None,
                });
                let commitment = committed.commitment;
                let opinion = Opinion { commitment, score: None, comment: String::new() };
                *side(rating, committed.by) = Some(opinion);
            }
            Event::RatingRevealing(phase) => self.phase(&phase, RatingState::Revealing),
            Event::RatingRevealed(revealed) => {
                let rating = self.ratings.get_mut(&revealed.sub_order).unwrap();
                let opinion = side(rating, revealed.by).as_mut().unwrap();
                opinion.score = Some(revealed.score);
                opinion.comment = revealed.comment;
            }
            Event::RatingPublished(phase) => {
                self.phase(&phase, RatingState::Published);
                let rating = self.ratings[&phase.sub_order].clone();
                if let Some(score) = rating.by_buyer.and_then(|opinion| opinion.score) {
                    add(self.store_ratings.entry(rating.store), score);
                }
                if let Some(score) = rating.by_seller.and_then(|opinion| opinion.score) {
                    add(self.buyer_ratings.entry(rating.buyer), score);
                }
            }
            _ => {}
        }
    }

    fn phase(&mut self, phase: &RatingPhase, state: RatingState) {
        let rating = self.ratings.get_mut(&phase.sub_order).unwrap();
        rating.state = state;
        rating.deadline_ms = phase.deadline_ms;
    }
}

fn limit(books: &mut Books, set: TreasurerSetting) {
    let key = (set.store, set.asset);
    let known = books.remove(&key);
    let given = known.map_or_else(Daily::default, |book| book.given);
    if let Some(limit) = set.limit {
        books.insert(key, TreasurerBook { limit, given });
    }
}

fn give(books: &mut Books, gift: Gift) {
    let book = books.get_mut(&(gift.store, gift.asset)).unwrap();
    book.given = Daily { day: gift.at_ms / DAY_MS, sum: gift.given_today };
}

fn side(rating: &mut Rating, by: Side) -> &mut Option<Opinion> {
    match by {
        Side::Buyer => &mut rating.by_buyer,
        Side::Seller => &mut rating.by_seller,
    }
}

fn add<K: Ord>(entry: std::collections::btree_map::Entry<'_, K, RatingSum>, score: u8) {
    let sum = entry.or_insert(RatingSum { count: 0, sum: 0 });
    sum.count += 1;
    sum.sum += u64::from(score);
}
