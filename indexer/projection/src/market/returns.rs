//! Returns of goods.

use super::order_rows::{ReturnCase, ReturnLine};
use super::orders;
use super::stock::Movement;
use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::key;
use crate::tables::Tables;

pub(super) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "return-requested" => {
            let case: ReturnCase = tables.put_record(event, event.value)?;
            for pieces in event.list("lines")? {
                let piece = ReturnLine { sub_order: case.sub_order, ..event.record(pieces)? };
                tables.put(&piece);
            }
        }
        "return-shipped" => {
            let mut case = case(tables, event)?;
            (case.carrier, case.tracking) = (event.get("carrier")?, event.get("tracking")?);
            tables.put(&case);
        }
        "return-received" => {
            let mut case = case(tables, event)?;
            (case.received, case.restocked) = (true, event.get("restocked")?);
            tables.put(&case);
            receive(tables, event, &case)?;
        }
        _ => {}
    }
    Ok(())
}

fn case(tables: &mut Tables, event: &Event<'_>) -> Done<ReturnCase> {
    let mut case: ReturnCase =
        tables.known(key![event.get::<Number>("sub-order")?], key![], event.at)?;
    case.at = event.at;
    Ok(case)
}

fn receive(tables: &mut Tables, event: &Event<'_>, case: &ReturnCase) -> Done {
    for pieces in tables.group::<ReturnLine>(&key![case.sub_order])? {
        let mut line = orders::line(tables, event, case.sub_order, pieces.line)?;
        line.returned += pieces.quantity;
        tables.put(&line);
        if case.restocked {
            let movement = Movement {
                variant: line.variant,
                location: line.location,
                cause: "restocked",
                on_hand: pieces.quantity,
                reserved: Number(0),
                sub_order: Some(case.sub_order),
            };
            movement.enter(tables, event)?;
        }
    }
    Ok(())
}
