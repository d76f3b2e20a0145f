//! The rules of each call: who may make it, what it refuses, writes and emits.
//!
//! Every rule is a function over the chain at hand. It returns an error before or after it wrote; the
//! chain undoes what a refused call wrote. Calls are checked in one order: is there such a thing, is the
//! caller its party, does the state know the action, is it in time, and then the rest.

use ehb_contract::common::Refusal;
use ehb_contract::{Host, Map, Pack, check_before, check_due};

use crate::bindings::ehb::jobs::types::Error;
use crate::keys::{Kind, LATEST, SCHEMA};

mod applications;
mod attestations;
mod contract_records;
mod contracts;
mod deadlines;
mod disputes;
mod escrow;
mod milestones;
mod offers;
mod parties;
mod postings;
mod queries;
mod ratings;
mod removal;
mod settings;

pub use applications::*;
pub use attestations::*;
pub use contracts::*;
pub use deadlines::*;
pub use disputes::*;
pub use milestones::*;
pub use offers::*;
pub use postings::*;
pub use queries::*;
pub use ratings::*;
pub use settings::*;

/// See `upgrade.migrate`.
pub fn migrate(host: &mut Host) -> Result<(), Error> {
    Ok(SCHEMA.migrate(host)?)
}

/// Takes a number of numbers of a kind and returns the first.
fn take_numbers(host: &mut Host, kind: Kind, count: u64) -> u64 {
    let entry = LATEST.entry(&(kind as u8));
    let latest = entry.get(host).unwrap_or(0);
    entry.set(host, &(latest + count));
    latest + 1
}

/// The item of a number, whatever became of it, until it leaves the state.
fn known<V: Pack>(host: &Host, items: &Map<u64, V>, kind: Kind, id: u64) -> Result<V, Refusal> {
    items.find_kept(host, kind, id, |host| LATEST.get(host, &(kind as u8)))
}

/// Until its deadline the parties act.
fn in_time(
    host: &Host,
    kind: Kind,
    id: u64,
    deadline_ms: impl Into<Option<u64>>,
) -> Result<(), Refusal> {
    check_before(host, || kind.item(id), deadline_ms)
}

/// From its deadline on anyone takes the default step.
fn is_due(
    host: &Host,
    kind: Kind,
    id: u64,
    deadline_ms: impl Into<Option<u64>>,
) -> Result<(), Refusal> {
    check_due(host, || kind.item(id), deadline_ms)
}
