use ehb_contract::{Host, Named as _, wrong_state_named};

use super::{applications, attestations, disputes, load, milestones, offers, postings, ratings};
use crate::bindings::ehb::jobs::types::Error;
use crate::keys::{CONTRACTS, DEADLINES, Kind};

/// Moves an item in the index of deadlines; 0 is none.
pub(super) fn set(host: &mut Host, kind: Kind, id: u64, before_ms: u64, after_ms: u64) {
    let some = |deadline_ms: u64| (deadline_ms > 0).then_some(deadline_ms);
    DEADLINES.change(host, kind, id, some(before_ms), some(after_ms));
}

ehb_contract::deadlines!(DEADLINES, step);

/// The default step of an item.
fn step(host: &mut Host, kind: Kind, id: u64) -> Result<(), Error> {
    match kind {
        Kind::Posting => postings::lapse(host, id),
        Kind::Application => applications::lapse(host, id),
        Kind::Offer => offers::lapse(host, id),
        Kind::Contract => {
            let contract = load(host, &CONTRACTS, kind, id)?;
            Err(wrong_state_named(kind.item(id), contract.state.name(), "lapse").into())
        }
        Kind::Milestone => milestones::lapse(host, id),
        Kind::Dispute => disputes::lapse(host, id),
        Kind::Rating => ratings::lapse(host, id),
        Kind::Attestation => attestations::lapse(host, id),
    }
}
