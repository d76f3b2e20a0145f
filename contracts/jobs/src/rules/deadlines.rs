//! Takes the default step of items whose deadline has passed, such as postings, offers and milestones.

use ehb_contract::{Host, Named as _, wrong_state_named};

use super::{applications, attestations, disputes, milestones, offers, postings, ratings, removal};
use crate::bindings::ehb::jobs::types::Error;
use crate::checks::KEPT_MS;
use crate::keys::{CONTRACTS, DEADLINES, Kind};

ehb_contract::deadlines!(DEADLINES, step);

/// The default step of an item.
fn step(host: &mut Host, kind: Kind, id: u64) -> Result<(), Error> {
    match kind {
        Kind::Posting => postings::lapse(host, id),
        Kind::Application => applications::lapse(host, id),
        Kind::Offer => offers::lapse(host, id),
        Kind::Contract => {
            let contract = super::known(host, &CONTRACTS, kind, id)?;
            if contract.ended_ms.is_some_and(|ended_ms| ended_ms + KEPT_MS <= host.time_ms()) {
                return removal::contract(host, contract);
            }
            Err(wrong_state_named(kind.item(id), contract.state.name(), "advance").into())
        }
        Kind::Milestone => milestones::lapse(host, id),
        Kind::Dispute => disputes::lapse(host, id),
        Kind::Rating => ratings::lapse(host, id),
        Kind::Attestation => attestations::lapse(host, id),
    }
}
