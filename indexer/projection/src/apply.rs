//! Applies events to the business tables.

use std::collections::BTreeMap;

use ehb_types::Network;
use serde_json::Value;

use crate::decode::KERNEL;
use crate::error::{Done, Halt, ProjectError};
use crate::event::Event;
use crate::rows::Rows;
use crate::table::{At, Table};
use crate::tables::{Needs, Tables};
use crate::{credits, disputes, governance, jobs, market, members, money, settings};

/// All business tables.
pub const TABLES: &[&[&Table]] = &[
    members::TABLES,
    governance::TABLES,
    money::TABLES,
    settings::TABLES,
    disputes::TABLES,
    market::TABLES,
    jobs::TABLES,
    credits::TABLES,
];

/// The payload of an event without one.
const NOTHING: &Value = &Value::Null;

/// The events in the rows of some blocks of a network.
pub fn events(rows: &Rows, network: Network) -> Vec<Event<'_>> {
    let senders: BTreeMap<(i64, i32), &str> = rows
        .transactions
        .iter()
        .filter_map(|row| Some(((row.height, row.index), row.sender.as_deref()?)))
        .collect();
    rows.events
        .iter()
        .map(|row| Event {
            module: &row.module,
            name: &row.name,
            value: row.value.as_ref().unwrap_or(NOTHING),
            at: At { height: row.height, index: row.index, event: row.event },
            time_ms: row.timestamp_ms,
            network,
            sender: senders.get(&(row.height, row.index)).copied(),
        })
        .collect()
}

/// Applies events to tables, of which the rows that the events change need not be loaded yet. Returns the rows
/// to load before the next attempt; none when the changes are complete.
pub fn advance(tables: &mut Tables, events: &[Event<'_>]) -> Result<Needs, ProjectError> {
    tables.forget_changes();
    for event in events {
        match enter(tables, event) {
            Ok(()) | Err(Halt::NotLoaded) => {}
            // Rows that are not loaded can be the reason.
            Err(Halt::Failed(_)) if tables.lacks_rows() => {}
            Err(Halt::Failed(error)) => return Err(error),
        }
    }
    Ok(tables.take_needs())
}

/// Applies events to tables that are in memory as a whole.
pub fn apply(tables: &mut Tables, events: &[Event<'_>]) -> Result<(), ProjectError> {
    advance(tables, events).map(drop)
}

fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.module {
        KERNEL => {
            members::enter(tables, event)?;
            governance::enter(tables, event)
        }
        money::MODULE => money::enter(tables, event),
        market::MODULE => market::enter(tables, event),
        jobs::MODULE => jobs::enter(tables, event),
        credits::MODULE => credits::enter(tables, event),
        _ => Ok(()),
    }
}
