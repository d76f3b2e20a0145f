//! What left the state of credit, long after it was over: its rows stay, and say so. Usages are in `usage`.

use super::rows::{Bill, BillLine, CreditLine, Grant};
use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::key;
use crate::tables::Tables;

pub(super) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    let (kind, id, at) = (event.get::<String>("kind")?, event.get::<Number>("id")?, event.at);
    match kind.as_str() {
        "grant" => {
            let row: Grant = tables.known(key![id], key![], at)?;
            tables.put(&Grant { removed: true, at, ..row });
        }
        "bill" => {
            let row: Bill = tables.known(key![id], key![], at)?;
            services(tables, event, row.credit_line, row.number)?;
            tables.put(&Bill { removed: true, at, ..row });
        }
        _ => {
            let row: CreditLine = tables.known(key![id], key![], at)?;
            // What was written off with the last bill is on none.
            services(tables, event, id, row.bills + Number(1))?;
            tables.put(&CreditLine { removed: true, at, ..row });
        }
    }
    Ok(())
}

/// The services of a bill leave with it.
fn services(tables: &mut Tables, event: &Event<'_>, line: Number, number: Number) -> Done {
    for row in tables.group::<BillLine>(&key![line, number])? {
        tables.put(&BillLine { removed: true, at: event.at, ..row });
    }
    Ok(())
}
