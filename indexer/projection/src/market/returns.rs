//! Returns of goods.

use super::order_rows::{ReturnCase, ReturnPiece};
use super::orders;
use super::stock::Movement;
use crate::cell::Number;
use crate::event::Event;
use crate::table::key;
use crate::tables::{Done, Tables};

pub(super) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "return-requested" => {
            let case: ReturnCase = tables.put_record(event, event.value)?;
            for pieces in event.list("pieces")? {
                let piece = ReturnPiece { sub_order: case.sub_order, ..event.record(pieces)? };
                tables.put(&piece);
            }
        }
        "return-sent" => {
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
    for pieces in tables.group::<ReturnPiece>(&key![case.sub_order])? {
        let mut line = orders::line(tables, event, case.sub_order, pieces.line)?;
        line.returned += pieces.quantity;
        tables.put(&line);
        if case.restocked {
            let movement = Movement {
                variant: line.variant,
                location: line.location,
                cause: "restocked",
                stocked: pieces.quantity,
                reserved: Number(0),
                sub_order: Some(case.sub_order),
            };
            movement.enter(tables, event)?;
        }
    }
    Ok(())
}
