use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::Host;

use super::{applications, attestations, disputes, load, milestones, offers, postings, ratings};
use crate::bindings::ehb::jobs::types::{DueItem, Error, Item, Kind, WrongState};
use crate::checks;
use crate::keys::{CONTRACTS, DUE};
use crate::states::Word;

/// Moves a thing in the index of deadlines; 0 is none.
pub(super) fn set(host: &mut Host, kind: Kind, id: u64, before_ms: u64, after_ms: u64) {
    if before_ms == after_ms {
        return;
    }
    if before_ms > 0 {
        DUE.remove(host, &(before_ms, kind as u8, id));
    }
    if after_ms > 0 {
        DUE.set(host, &(after_ms, kind as u8, id), &());
    }
}

/// See `deadlines.advance`.
pub fn advance(host: &mut Host, kind: Kind, id: u64) -> Result<(), Error> {
    match kind {
        Kind::Posting => postings::lapse(host, id),
        Kind::Application => applications::lapse(host, id),
        Kind::Offer => offers::lapse(host, id),
        Kind::Contract => {
            let contract = load(host, &CONTRACTS, kind, id)?;
            let state = String::from(contract.state.word());
            let item = Item { kind, id };
            Err(Error::WrongState(WrongState { item, state, action: String::from("lapse") }))
        }
        Kind::Milestone => milestones::lapse(host, id),
        Kind::Dispute => disputes::lapse(host, id),
        Kind::Rating => ratings::lapse(host, id),
        Kind::Attestation => attestations::lapse(host, id),
    }
}

/// See `deadlines.sweep`.
pub fn sweep(host: &mut Host, limit: u32) -> Result<Vec<DueItem>, Error> {
    checks::sweep(limit)?;
    let now_ms = host.time_ms();
    let mut due = scan(host, None, limit);
    due.retain(|item| item.deadline_ms <= now_ms);
    for item in &due {
        advance(host, item.kind, item.id)?;
    }
    Ok(due)
}

/// See `deadlines.list-due`.
pub fn list_due(host: &Host, after: Option<DueItem>, limit: u32) -> Result<Vec<DueItem>, Error> {
    checks::page(limit)?;
    Ok(scan(host, after, limit))
}

fn scan(host: &Host, after: Option<DueItem>, limit: u32) -> Vec<DueItem> {
    let after = after.map(|item| (item.deadline_ms, item.kind as u8, item.id));
    let found = DUE.scan(host, after.as_ref(), limit);
    let item =
        |((deadline_ms, kind, id), ())| Some(DueItem { deadline_ms, kind: kind_of(kind)?, id });
    found.into_iter().filter_map(item).collect()
}

/// The kind under which a thing stands in the index.
fn kind_of(number: u8) -> Option<Kind> {
    [
        Kind::Posting,
        Kind::Application,
        Kind::Offer,
        Kind::Contract,
        Kind::Milestone,
        Kind::Dispute,
        Kind::Rating,
        Kind::Attestation,
    ]
    .into_iter()
    .find(|kind| *kind as u8 == number)
}
