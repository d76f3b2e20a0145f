//! Items that left the state of jobs, long after they were over: their rows stay, and say so.

use super::rows::{
    Application, Attestation, Contract, Invitation, JobRating, Milestone, Offer, Posting,
};
use crate::cell::{Field, Number};
use crate::disputes;
use crate::error::Done;
use crate::event::Event;
use crate::table::key;
use crate::tables::Tables;

pub(super) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    let (kind, id, at) = (event.get::<String>("kind")?, event.get::<Number>("id")?, event.at);
    match kind.as_str() {
        "posting" => {
            let row: Posting = tables.known(key![id], key![], at)?;
            tables.put(&Posting { removed: true, at, ..row });
            for row in tables.group::<Invitation>(&key![id])? {
                tables.put(&Invitation { removed: true, at, ..row });
            }
        }
        "application" => {
            let row: Application = tables.known(key![id], key![], at)?;
            tables.put(&Application { removed: true, at, ..row });
        }
        "offer" => {
            let row: Offer = tables.known(key![id], key![], at)?;
            tables.put(&Offer { removed: true, at, ..row });
        }
        "contract" => contract(tables, event, id)?,
        _ => {
            let row: Attestation = tables.known(key![id], key![], at)?;
            tables.put(&Attestation { removed: true, at, ..row });
        }
    }
    Ok(())
}

/// A contract leaves with its milestones, their disputes and its ratings.
fn contract(tables: &mut Tables, event: &Event<'_>, id: Number) -> Done {
    let at = event.at;
    let row: Contract = tables.known(key![id], key![], at)?;
    for milestone in row.milestones.as_array().into_iter().flatten() {
        let milestone = Number::read(Some(milestone)).unwrap_or_default();
        let row: Milestone = tables.known(key![milestone], key![], at)?;
        if let Some(dispute) = row.dispute {
            disputes::remove(tables, event, dispute)?;
        }
        tables.put(&Milestone { removed: true, at, ..row });
    }
    if let Some(rating) = tables.get::<JobRating>(key![id], key![])? {
        tables.put(&JobRating { removed: true, at, ..rating });
    }
    tables.put(&Contract { removed: true, at, ..row });
    Ok(())
}
