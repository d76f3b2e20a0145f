//! Stock and its movements.

use super::rows::{Stock, StockMovement};
use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::key;
use crate::tables::Tables;

/// A change of a stock.
pub(super) struct Movement {
    pub(super) variant: Number,
    pub(super) location: Number,
    pub(super) cause: &'static str,
    pub(super) on_hand: Number,
    pub(super) reserved: Number,
    pub(super) sub_order: Option<Number>,
}

impl Movement {
    pub(super) fn enter(&self, tables: &mut Tables, event: &Event<'_>) -> Done {
        let key = key![self.variant, self.location];
        let mut stock: Stock = tables.known(key, key![], event.at)?;
        stock.on_hand += self.on_hand;
        stock.reserved += self.reserved;
        write(tables, event, stock, self, None)
    }
}

/// A clerk counted, added, took or moved goods: the event has the stock afterwards.
pub(super) fn change_by_clerk(tables: &mut Tables, event: &Event<'_>) -> Done {
    let mut stock: Stock = event.record(event.part("level")?)?;
    let before = tables.get::<Stock>(key![stock.variant, stock.location], key![])?;
    let before = before.unwrap_or_default();
    stock.movements = before.movements;
    let movement = Movement {
        variant: stock.variant,
        location: stock.location,
        cause: "changed",
        on_hand: stock.on_hand - before.on_hand,
        reserved: stock.reserved - before.reserved,
        sub_order: None,
    };
    write(tables, event, stock, &movement, Some(event.get("reason")?))
}

fn write(
    tables: &mut Tables,
    event: &Event<'_>,
    mut stock: Stock,
    movement: &Movement,
    reason: Option<String>,
) -> Done {
    stock.movements = stock.movements.saturating_add(1);
    stock.available = stock.on_hand - stock.reserved;
    stock.at = event.at;
    tables.put(&stock);
    tables.append(&StockMovement {
        variant: stock.variant,
        location: stock.location,
        n: stock.movements,
        cause: movement.cause.to_owned(),
        on_hand_change: movement.on_hand,
        reserved_change: movement.reserved,
        on_hand: stock.on_hand,
        reserved: stock.reserved,
        sub_order: movement.sub_order,
        reason,
        time_ms: event.time_ms,
        at: event.at,
    });
    Ok(())
}
