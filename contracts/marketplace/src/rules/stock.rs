//! Stock: adding, removing and moving it, and reserving, shipping and restocking pieces of orders.

use alloc::string::String;

use ehb_contract::{Entry, Hash, Host, packed, trap};

use super::{WAREHOUSE, owned, variants};
use crate::bindings::ehb::marketplace::events::{Event, StockChange};
use crate::bindings::ehb::marketplace::types::{
    Error, Line, Location, QuantityShortfall, StockExcess, StockLevel, StockShortfall, SubOrder,
};
use crate::checks::{self, BASIS_POINTS, PHRASE_BYTES_MAX};
use crate::keys::{CLAIMED, KEYS, Kind, LOCATIONS, Level, STOCK};

/// See `stock.add-stock`.
pub fn add_stock(
    host: &mut Host,
    variant: u64,
    location: u64,
    quantity: u64,
    reason: String,
    key: String,
) -> Result<(), Error> {
    let arguments = packed!(variant, location, quantity, reason);
    KEYS.run(host, &key, "add-stock", &arguments, |host| {
        check_place(host, variant, &[location])?;
        checks::stock_quantity(quantity)?;
        checks::text("reason", &reason, 0, PHRASE_BYTES_MAX)?;
        put(host, variant, location, quantity, reason)
    })
}

/// See `stock.remove-stock`.
pub fn remove_stock(
    host: &mut Host,
    variant: u64,
    location: u64,
    quantity: u64,
    reason: String,
    key: String,
) -> Result<(), Error> {
    let arguments = packed!(variant, location, quantity, reason);
    KEYS.run(host, &key, "remove-stock", &arguments, |host| {
        check_place(host, variant, &[location])?;
        checks::stock_quantity(quantity)?;
        checks::text("reason", &reason, 1, PHRASE_BYTES_MAX)?;
        take(host, variant, location, quantity, reason)
    })
}

/// See `stock.move-stock`.
pub fn move_stock(
    host: &mut Host,
    variant: u64,
    source: u64,
    target: u64,
    quantity: u64,
    reason: String,
    key: String,
) -> Result<(), Error> {
    let arguments = packed!(variant, source, target, quantity, reason);
    KEYS.run(host, &key, "move-stock", &arguments, |host| {
        check_place(host, variant, &[source, target])?;
        if source == target {
            return Err(Error::WrongLocation(Kind::Location.item(target)));
        }
        checks::stock_quantity(quantity)?;
        checks::text("reason", &reason, 0, PHRASE_BYTES_MAX)?;
        take(host, variant, source, quantity, reason.clone())?;
        put(host, variant, target, quantity, reason)
    })
}

/// The variant and the locations must be of one store, of the caller's organisation.
fn check_place(host: &Host, variant: u64, locations: &[u64]) -> Result<(), Error> {
    let store = variants::find(host, variant)?.store;
    owned::store(host, store, WAREHOUSE)?;
    locations.iter().try_for_each(|id| check_location(host, store, *id))
}

fn check_location(host: &Host, store: u64, id: u64) -> Result<(), Error> {
    if location(host, id)?.store == store {
        return Ok(());
    }
    Err(Error::WrongLocation(Kind::Location.item(id)))
}

pub(super) fn location(host: &Host, id: u64) -> Result<Location, Error> {
    Ok(LOCATIONS.find(host, Kind::Location, id)?)
}

fn put(
    host: &mut Host,
    variant: u64,
    location: u64,
    quantity: u64,
    reason: String,
) -> Result<(), Error> {
    let place = STOCK.entry(&(variant, location));
    let mut level = place.get(host).unwrap_or_default();
    let Some(on_hand) = level.on_hand.checked_add(quantity) else {
        let (on_hand, added) = (level.on_hand, quantity);
        return Err(Error::StockOverflow(StockExcess { variant, location, on_hand, added }));
    };
    level.on_hand = on_hand;
    write(host, &place, variant, location, level, reason);
    Ok(())
}

fn take(
    host: &mut Host,
    variant: u64,
    location: u64,
    quantity: u64,
    reason: String,
) -> Result<(), Error> {
    let place = STOCK.entry(&(variant, location));
    let mut level = place.get(host).unwrap_or_default();
    let available = level.on_hand - level.reserved;
    if quantity > available {
        let shortfall = StockShortfall { variant, location, available, needed: quantity };
        return Err(Error::InsufficientStock(shortfall));
    }
    level.on_hand -= quantity;
    write(host, &place, variant, location, level, reason);
    Ok(())
}

fn write(
    host: &mut Host,
    place: &Entry<Level>,
    variant: u64,
    location: u64,
    level: Level,
    reason: String,
) {
    place.set(host, &level);
    let level = shown(variant, location, level);
    host.emit(Event::StockChanged(StockChange { level, reason }));
}

/// A stock as readers see it.
pub(super) fn shown(variant: u64, location: u64, Level { on_hand, reserved }: Level) -> StockLevel {
    StockLevel { variant, location, on_hand, reserved, available: on_hand - reserved }
}

/// Reserves goods for an order. Only goods that were put at a location of their own store can be there,
/// so that the location is looked at only where there are not enough.
pub(super) fn reserve(
    host: &mut Host,
    store: u64,
    variant: u64,
    location: u64,
    quantity: u32,
) -> Result<Level, Error> {
    let place = STOCK.entry(&(variant, location));
    let level = place.get(host).unwrap_or_default();
    let (available, needed) = (level.on_hand - level.reserved, u64::from(quantity));
    if needed > available {
        check_location(host, store, location)?;
        let shortfall = StockShortfall { variant, location, available, needed };
        return Err(Error::InsufficientStock(shortfall));
    }
    let level = Level { reserved: level.reserved + needed, ..level };
    place.set(host, &level);
    Ok(level)
}

/// Counts what a line reserves of a stock until the store accepts: one organisation does not keep all of it from others.
///
/// - `share_max`: the store's terms. Nothing is counted where that is all of it.
pub(super) fn claim(
    host: &mut Host,
    buyers_organisation: Option<&String>,
    line: &Line,
    level: Level,
    share_max: u16,
) -> Result<(), Error> {
    if share_max == BASIS_POINTS {
        return Ok(());
    }
    let buyer = buyer(host, buyers_organisation);
    let (variant, location, needed) = (line.variant, line.location, u64::from(line.reserved));
    let place = CLAIMED.entry(&(variant, location, buyer));
    let claimed = place.get(host).unwrap_or(0);
    let most = u128::from(level.on_hand) * u128::from(share_max);
    // At most what is stocked, so it fits.
    let most = u64::try_from(most.div_ceil(u128::from(BASIS_POINTS))).unwrap_or(level.on_hand);
    let available = most.saturating_sub(claimed);
    if needed > available {
        let shortfall = StockShortfall { variant, location, available, needed };
        return Err(Error::OverReserveShare(shortfall));
    }
    place.set(host, &(claimed + needed));
    Ok(())
}

/// Counts what an order reserved no more: the store accepted, or the order ended before.
pub(super) fn unclaim(host: &mut Host, order: &SubOrder) {
    if order.terms.reserve_share_max == BASIS_POINTS {
        return;
    }
    let buyer = buyer(host, order.buyer_organisation.as_ref());
    for line in &order.lines {
        let place = CLAIMED.entry(&(line.variant, line.location, buyer));
        match place.get(host).unwrap_or(0).saturating_sub(u64::from(line.reserved)) {
            0 => place.remove(host),
            claimed => place.set(host, &claimed),
        }
    }
}

/// Stands for an organisation in keys, which are short.
fn buyer(host: &Host, organisation: Option<&String>) -> Hash {
    host.sha256(organisation.map_or(&[], |organisation| organisation.as_bytes()))
}

/// Makes available again what is reserved for a line.
pub(super) fn release(host: &mut Host, line: &mut Line) {
    if line.reserved > 0 {
        change(host, line, |level| {
            level.reserved = level.reserved.checked_sub(u64::from(line.reserved))?;
            Some(())
        });
        line.reserved = 0;
    }
}

/// Takes reserved pieces of a line out of the stock: they are shipped.
pub(super) fn ship(host: &mut Host, line: &mut Line, quantity: u32) {
    change(host, line, |level| {
        level.reserved = level.reserved.checked_sub(u64::from(quantity))?;
        level.on_hand = level.on_hand.checked_sub(u64::from(quantity))?;
        Some(())
    });
    line.reserved -= quantity;
    line.shipped += quantity;
}

/// Puts pieces of a line back into the stock from which they came.
pub(super) fn restock(host: &mut Host, line: &Line, quantity: u32) -> Result<(), Error> {
    let (variant, location, needed) = (line.variant, line.location, u64::from(quantity));
    let place = STOCK.entry(&(variant, location));
    let level = place.get(host).unwrap_or_default();
    let Some(on_hand) = level.on_hand.checked_add(needed) else {
        let (on_hand, added) = (level.on_hand, needed);
        return Err(Error::StockOverflow(StockExcess { variant, location, on_hand, added }));
    };
    place.set(host, &Level { on_hand, ..level });
    Ok(())
}

/// Changes the stock of a line by a step that always succeeds: what is reserved for lines is never
/// more than what is reserved, nor that than what is stocked.
fn change(host: &mut Host, line: &Line, step: impl FnOnce(&mut Level) -> Option<()>) {
    let place = STOCK.entry(&(line.variant, line.location));
    let mut level = place.get(host).unwrap_or_default();
    if step(&mut level).is_none() {
        trap("a line reserves more than there is");
    }
    place.set(host, &level);
}

/// A line that has fewer pieces for something than needed.
pub(super) fn insufficient_quantity(line: u32, available: u32, needed: u32) -> Error {
    let (available, needed) = (u64::from(available), u64::from(needed));
    Error::InsufficientQuantity(QuantityShortfall { line, available, needed })
}
