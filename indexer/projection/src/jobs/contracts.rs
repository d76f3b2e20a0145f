//! Contracts, milestones and ratings.

use serde_json::Value;

use super::named;
use super::rows::{CancellationProposal, Contract, JobRating, Milestone, MilestoneStep, Revision};
use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::market::add_score;
use crate::tables::Tables;

pub(super) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "contract-started" => {
            tables.put_record::<Contract>(event, event.part("contract")?)?;
            for milestone in event.list("milestones")? {
                put_milestone(tables, event, event.record(milestone)?);
            }
        }
        "contract-changed" => change_contract(tables, event)?,
        "milestone-changed" => {
            let before: Milestone = named(tables, event, "id")?;
            let row: Milestone = event.record(event.value)?;
            let (steps, revision_requests) = (before.steps, before.revision_requests);
            put_milestone(tables, event, Milestone { steps, revision_requests, ..row });
        }
        "revision-requested" => {
            let mut row: Milestone = named(tables, event, "milestone")?;
            row.revision_requests = row.revision_requests.saturating_add(1);
            row.at = event.at;
            tables.append(&Revision {
                milestone: row.id,
                n: row.revision_requests,
                note: event.get("note")?,
                time_ms: event.time_ms,
                at: event.at,
            });
            tables.put(&row);
        }
        "rating-changed" => rate(tables, event)?,
        _ => {}
    }
    Ok(())
}

fn change_contract(tables: &mut Tables, event: &Event<'_>) -> Done {
    let mut row: Contract = named(tables, event, "contract")?;
    row.state = event.get("state")?;
    row.open_milestones = event.get("open-milestones")?;
    row.paid = event.get("paid")?;
    let cancellation: Option<Value> = event.get("cancellation")?;
    if let Some(proposed) =
        cancellation.as_ref().filter(|it| row.cancellation.as_ref() != Some(*it))
    {
        row.cancellations = row.cancellations.saturating_add(1);
        let (contract, n) = (row.id, row.cancellations);
        tables.append(&CancellationProposal { contract, n, ..event.record(proposed)? });
    }
    row.cancellation = cancellation;
    row.ended_ms = (row.open_milestones == Number(0)).then_some(Number(event.time_ms.into()));
    row.at = event.at;
    tables.put(&row);
    Ok(())
}

/// Writes a milestone, and appends the step that led to it.
fn put_milestone(tables: &mut Tables, event: &Event<'_>, mut row: Milestone) {
    row.steps = row.steps.saturating_add(1);
    tables.append(&MilestoneStep {
        milestone: row.id,
        n: row.steps,
        state: row.state.clone(),
        deadline_ms: row.deadline_ms,
        funded: row.funded,
        paid: row.paid,
        fee: row.fee,
        refunded: row.refunded,
        time_ms: event.time_ms,
        at: event.at,
    });
    tables.put(&row);
}

/// When ratings are published, the scores count for the other party.
fn rate(tables: &mut Tables, event: &Event<'_>) -> Done {
    let row: JobRating = tables.put_record(event, event.value)?;
    if row.state == "published" {
        if let Some(score) = row.client_score {
            add_score(tables, event.at, &row.contractor_organisation, "contractor", score)?;
        }
        if let Some(score) = row.contractor_score {
            add_score(tables, event.at, &row.client_organisation, "client", score)?;
        }
    }
    Ok(())
}
