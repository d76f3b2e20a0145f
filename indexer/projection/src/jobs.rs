//! The tables of jobs, from the events of the module `jobs`.

mod contracts;
mod proof;
mod removal;
pub(crate) mod rows;

use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::{Record, Table, key};
use crate::tables::Tables;
use crate::{disputes, settings};
pub(crate) use proof::SUBJECTS;
use rows::{Application, Attestation, Invitation, Offer, Posting, Requirement};

/// The module whose events are about jobs.
pub(crate) const MODULE: &str = "jobs";

pub(crate) const TABLES: &[&Table] = &[
    Posting::TABLE,
    Requirement::TABLE,
    Invitation::TABLE,
    Application::TABLE,
    Offer::TABLE,
    rows::Contract::TABLE,
    rows::Milestone::TABLE,
    rows::MilestoneStep::TABLE,
    rows::Revision::TABLE,
    rows::CancellationProposal::TABLE,
    rows::JobRating::TABLE,
    Attestation::TABLE,
];

pub(crate) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "platform-fee-set" => {
            let (version, effective_ms) =
                (settings::next_version(tables, event, "fee")?, event.time_ms);
            settings::set_all(tables, event, event.value, version, Number(effective_ms.into()))?;
        }
        "job-posted" => {
            let posting: Posting = tables.put_record(event, event.value)?;
            let needed = event.list_of(event.part("details")?, "requirements")?;
            for (needed, n) in needed.iter().zip(1..) {
                tables.put(&Requirement { posting: posting.id, n, ..event.record(needed)? });
            }
        }
        "posting-changed" => {
            let mut row: Posting = named(tables, event, "posting")?;
            row.state = event.get("state")?;
            row.deadline_ms = event.get("deadline-ms")?;
            row.hired = event.get("hired")?;
            row.at = event.at;
            tables.put(&row);
        }
        "applicant-invited" => drop(tables.put_record::<Invitation>(event, event.value)?),
        "application-submitted" => drop(tables.put_record::<Application>(event, event.value)?),
        "application-changed" => {
            let mut row: Application = named(tables, event, "application")?;
            row.state = event.get("state")?;
            row.deadline_ms = event.get("deadline-ms")?;
            row.at = event.at;
            tables.put(&row);
        }
        "offer-made" => drop(tables.put_record::<Offer>(event, event.value)?),
        "offer-ended" => {
            let mut row: Offer = named(tables, event, "offer")?;
            (row.state, row.deadline_ms) = (event.get("state")?, None);
            row.at = event.at;
            tables.put(&row);
        }
        "dispute-opened" | "dispute-changed" => drop(disputes::enter(tables, event)?),
        "rating-minimum-set" => settings::enter_rating_minimum(tables, event)?,
        "arbiter-registered" => disputes::enter_arbiter(tables, event)?,
        "attestation-issued" => drop(tables.put_record::<Attestation>(event, event.value)?),
        "attestation-ended" => {
            let mut row: Attestation = named(tables, event, "attestation")?;
            (row.state, row.deadline_ms) = (event.get("state")?, None);
            row.ended_ms = Some(Number(event.time_ms.into()));
            row.at = event.at;
            tables.put(&row);
        }
        "removed" => removal::enter(tables, event)?,
        _ => contracts::enter(tables, event)?,
    }
    Ok(())
}

/// The row whose number is in a field.
fn named<T: Record>(tables: &mut Tables, event: &Event<'_>, field: &'static str) -> Done<T> {
    let id: Number = event.get(field)?;
    tables.known(key![id], key![], event.at)
}
