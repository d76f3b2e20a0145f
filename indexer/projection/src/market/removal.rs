//! Items that left the state of the marketplace, long after they were over: their rows stay, and say so.

use super::order_rows::{Order, Rating, ReturnCase, Shipment, SubOrder};
use crate::cell::Number;
use crate::disputes;
use crate::error::Done;
use crate::event::Event;
use crate::table::key;
use crate::tables::Tables;

pub(super) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    let (kind, id, at) = (event.get::<String>("kind")?, event.get::<Number>("id")?, event.at);
    if kind == "order" {
        let row: Order = tables.known(key![id], key![], at)?;
        tables.put(&Order { removed: true, at, ..row });
        return Ok(());
    }
    // A sub-order leaves with its shipments, return, dispute and ratings.
    let row: SubOrder = tables.known(key![id], key![], at)?;
    tables.put(&SubOrder { removed: true, at, ..row });
    for row in tables.group::<Shipment>(&key![id])? {
        tables.put(&Shipment { removed: true, at, ..row });
    }
    if let Some(row) = tables.get::<ReturnCase>(key![id], key![])? {
        tables.put(&ReturnCase { removed: true, at, ..row });
    }
    if let Some(row) = tables.get::<Rating>(key![id], key![])? {
        tables.put(&Rating { removed: true, at, ..row });
    }
    disputes::remove(tables, event, id)
}
