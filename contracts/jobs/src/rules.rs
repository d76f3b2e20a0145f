//! What each call does: who may, what is refused, what is written and told.
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
mod settings;

pub use applications::{apply, reject_application, shortlist, withdraw_application};
pub use attestations::{attest, has_attestation, revoke_attestation};
pub use contracts::{accept_cancellation, propose_cancellation, terminate_contract};
pub use deadlines::{advance, list_due, sweep};
pub use disputes::{
    accept_settlement, add_evidence, appeal_ruling, offer_settlement, open_dispute,
    respond_to_dispute, rest_in_dispute, rule_dispute,
};
pub use milestones::{
    approve_milestone, fund_milestone, give_up_milestone, release_milestone, request_revision,
    submit_milestone,
};
pub use offers::{accept_offer, decline_offer, make_offer, withdraw_offer};
pub use postings::{close_posting, invite, post_job, stop_applications};
pub use queries::{
    get_application, get_attestation, get_contract, get_dispute, get_milestone, get_offer,
    get_posting, get_rating, is_invited, list_applications, list_attestations, list_contracts,
    list_offers, list_postings,
};
pub use ratings::{commit_rating, get_reputation, rating_commitment, reveal_rating};
pub use settings::{get_platform_fee, set_platform_fee};

/// See `upgrade.migrate`.
pub fn migrate(host: &mut Host) -> Result<(), Error> {
    Ok(SCHEMA.migrate(host)?)
}

/// The thing of a number.
fn load<T: Pack>(host: &Host, map: &Map<u64, T>, kind: Kind, id: u64) -> Result<T, Error> {
    map.get(host, &id).ok_or_else(|| kind.unknown(id).into())
}

/// Takes a number of numbers of a kind and returns the first.
fn take_numbers(host: &mut Host, kind: Kind, count: u64) -> u64 {
    let entry = LATEST.entry(&(kind as u8));
    let latest = entry.get(host).unwrap_or(0);
    entry.set(host, &(latest + count));
    latest + 1
}

/// Until its deadline the parties act.
fn in_time(host: &Host, kind: Kind, id: u64, deadline_ms: u64) -> Result<(), Refusal> {
    check_before(host, || kind.item(id), deadline_ms)
}

/// From its deadline on anyone takes the default step.
fn is_due(host: &Host, kind: Kind, id: u64, deadline_ms: u64) -> Result<(), Refusal> {
    check_due(host, || kind.item(id), deadline_ms)
}
