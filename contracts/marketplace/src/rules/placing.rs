//! Places an order: reserves the stock, holds the price, and creates a sub-order for each store.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::{Document, PriceAboveMax, TermsVersion};
use ehb_contract::{Host, packed};

use super::{check_account, settings, stock, store_records, variants};
use crate::bindings::ehb::marketplace::events::{Event, PlacedOrder};
use crate::bindings::ehb::marketplace::types::{
    Error, Line, ListingState, Order, OrderLine, Store, StoreState, StoreTerms, SubOrder,
    SubOrderEscrow, SubOrderState, Variant,
};
use crate::checks::{self, HOLD_MS, ORDER_STORES_MAX, PHRASE_BYTES_MAX};
use crate::keys::{
    DEADLINES, KEYS, Kind, LATEST, ORDERS, ORDERS_OF_BUYER, ORDERS_OF_ORGANISATION, SUB_ORDERS,
    SUB_ORDERS_OF_STORE,
};
use crate::wallet;

/// See `orders.place-order`.
#[expect(clippy::too_many_arguments, reason = "they are the function's parameters in the WIT")]
pub fn place_order(
    host: &mut Host,
    asset: String,
    lines: Vec<OrderLine>,
    total_max: u64,
    terms: Vec<StoreTerms>,
    settings_version: u32,
    destination: Option<Document>,
    reference: String,
    key: String,
) -> Result<u64, Error> {
    let arguments =
        packed!(asset, lines, total_max, terms, settings_version, destination, reference);
    KEYS.run(host, &key, "place-order", &arguments, |host| {
        check_account(host)?;
        checks::asset(&asset)?;
        checks::order_lines(&lines)?;
        destination.as_ref().map_or(Ok(()), checks::document)?;
        checks::text("reference", &reference, 0, PHRASE_BYTES_MAX)?;
        let now_ms = host.time_ms();
        let parts = reserve(host, &asset, &lines, &terms, now_ms)?;
        let fee = settings::check_in_force(host, settings_version)?.fee;
        let total = total(&parts)?;
        if total > total_max {
            return Err(Error::PriceAboveMax(PriceAboveMax { price: total, price_max: total_max }));
        }
        let expires_ms = now_ms.saturating_add(HOLD_MS);
        let hold = wallet::place_hold(
            host,
            asset.clone(),
            total,
            None,
            None,
            expires_ms,
            reference.clone(),
        )?;
        let order = Order {
            id: 0,
            buyer: host.caller(),
            buyer_organisation: host.organisation(host.caller()),
            asset,
            total,
            hold,
            placed_ms: now_ms,
            sub_orders: Vec::with_capacity(parts.len()),
            destination,
            reference,
        };
        store(host, order, parts, expires_ms, (settings_version, fee))
    })
}

/// One store's part of an order.
struct Part {
    store: Store,
    lines: Vec<Line>,
    total: u64,
}

/// Reserves every line, and sorts them by store.
fn reserve(
    host: &mut Host,
    asset: &str,
    lines: &[OrderLine],
    agreed: &[StoreTerms],
    now_ms: u64,
) -> Result<Vec<Part>, Error> {
    let buyers_organisation = host.organisation(host.caller());
    let mut parts: Vec<Part> = Vec::new();
    let mut latest: Option<Variant> = None;
    for OrderLine { variant, location, quantity } in lines {
        // Lines of one variant at several locations mostly follow each other.
        let known = latest.take().filter(|known| known.id == *variant);
        let known = known.map_or_else(|| variants::find(host, *variant), Ok)?;
        if known.state != ListingState::Listed {
            return Err(Error::NotForSale(Kind::Variant.item(*variant)));
        }
        let unit_price = variants::price(&known, asset, now_ms)?;
        let level = stock::reserve(host, known.store, *variant, *location, *quantity)?;
        let price = unit_price.checked_mul(u64::from(*quantity)).ok_or(Error::AmountOverflow)?;
        let line = Line {
            variant: *variant,
            location: *location,
            unit_price,
            ordered: *quantity,
            reserved: *quantity,
            shipped: 0,
            delivered: 0,
            returned: 0,
            refunded: 0,
            goodwill: 0,
        };
        let place = match parts.iter().position(|part| part.store.id == known.store) {
            Some(place) => place,
            None => {
                let store = seller(host, known.store, buyers_organisation.as_ref(), agreed)?;
                parts.push(Part { store, lines: Vec::new(), total: 0 });
                parts.len() - 1
            }
        };
        let part = &mut parts[place];
        let share_max = part.store.terms.reserve_share_max;
        stock::claim(host, buyers_organisation.as_ref(), &line, level, share_max)?;
        part.total = part.total.checked_add(price).ok_or(Error::AmountOverflow)?;
        part.lines.push(line);
        latest = Some(known);
    }
    let stores = parts.len() as u64;
    checks::range("stores", stores, 1, ORDER_STORES_MAX as u64)?;
    checks::range("terms", agreed.len() as u64, stores, stores)?;
    Ok(parts)
}

/// A store that sells to somebody of an organisation, under terms to which the buyer agrees.
fn seller(
    host: &Host,
    id: u64,
    buyers_organisation: Option<&String>,
    agreed: &[StoreTerms],
) -> Result<Store, Error> {
    let store = store_records::find(host, id)?;
    if store.state != StoreState::Open {
        return Err(Error::NotForSale(Kind::Store.item(id)));
    }
    if buyers_organisation == Some(&store.organisation) {
        return Err(Error::OwnStore(id));
    }
    let version = store.terms_version;
    if !agreed.contains(&StoreTerms { store: id, version }) {
        let of = Kind::Store.item(id);
        return Err(Error::StaleTerms(TermsVersion { of, version }));
    }
    Ok(store)
}

fn total(parts: &[Part]) -> Result<u64, Error> {
    let add = |sum: u64, part: &Part| sum.checked_add(part.total);
    parts.iter().try_fold(0, add).ok_or(Error::AmountOverflow)
}

/// Stores the order and a sub-order for each store.
fn store(
    host: &mut Host,
    mut order: Order,
    parts: Vec<Part>,
    hold_expires_ms: u64,
    (settings_version, fee): (u32, u16),
) -> Result<u64, Error> {
    let mut latest = LATEST.get(host).unwrap_or_default();
    latest.order += 1;
    order.id = latest.order;
    let mut sub_orders = Vec::with_capacity(parts.len());
    for Part { store, lines, total } in parts {
        latest.sub_order += 1;
        let window_end_ms = order.placed_ms.saturating_add(store.terms.accept_window_ms);
        let sub_order = SubOrder {
            id: latest.sub_order,
            order: order.id,
            store: store.id,
            organisation: store.organisation,
            buyer: order.buyer,
            buyer_organisation: order.buyer_organisation.clone(),
            asset: order.asset.clone(),
            hold: order.hold,
            hold_expires_ms,
            terms: store.terms,
            terms_version: store.terms_version,
            settings_version,
            fee,
            state: SubOrderState::Placed,
            deadline_ms: Some(window_end_ms.min(hold_expires_ms)),
            ended_ms: None,
            escrow: SubOrderEscrow { funded: total, refunded: 0, paid: 0, fee: 0 },
            lines,
            shipments: 0,
        };
        SUB_ORDERS.set(host, &sub_order.id, &sub_order);
        SUB_ORDERS_OF_STORE.set(host, &(store.id, sub_order.id), &());
        DEADLINES.change(host, Kind::SubOrder, sub_order.id, None, sub_order.deadline_ms);
        order.sub_orders.push(sub_order.id);
        sub_orders.push(sub_order);
    }
    LATEST.set(host, &latest);
    ORDERS.set(host, &order.id, &order);
    ORDERS_OF_BUYER.set(host, &(order.buyer, order.id), &());
    if let Some(organisation) = &order.buyer_organisation {
        let organisation = host.sha256(organisation.as_bytes());
        ORDERS_OF_ORGANISATION.set(host, &(organisation, order.id), &());
    }
    let id = order.id;
    host.emit(Event::OrderPlaced(PlacedOrder { order, sub_orders }));
    Ok(id)
}
