//! Removal from the state after a time, with all that belongs to the item. The events keep it, and the scores of
//! organisations stay.
//!
//! A posting is kept until long after offers for it could be accepted, with its applications, offers and invitations; a
//! contract until long after it ended, with its milestones, their disputes and its ratings; an attestation until
//! long after it ended. All that could still happen to them is over then.

use ehb_contract::Host;

use super::{applications, offers, parties, ratings};
use crate::bindings::ehb::jobs::events::Event;
use crate::bindings::ehb::jobs::types::{Contract, Error, Posting, Side};
use crate::checks::{INVITATIONS_MAX, KEPT_MS};
use crate::keys::{
    APPLICATIONS_FOR, CONTRACTS, CONTRACTS_OF, DEADLINES, DISPUTES, INVITATIONS, INVITED, Kind,
    MILESTONES, OFFERS_FOR, POSTINGS, POSTINGS_OF,
};

/// How many applications and offers each one step removes.
const REMOVED_PER_STEP: u32 = 8;

/// When a posting that is over leaves the state.
pub(super) fn of_posting(posting: &Posting) -> u64 {
    posting.details.decide_until_ms + KEPT_MS
}

/// Removes some of what belongs to a posting that is over, and the posting itself with the rest of it.
pub(super) fn posting(host: &mut Host, posting: &Posting) -> Result<(), Error> {
    let (id, due_ms) = (posting.id, of_posting(posting));
    let applications = APPLICATIONS_FOR.scan_under(host, &id, None, REMOVED_PER_STEP);
    let offers = OFFERS_FOR.scan_under(host, &id, None, REMOVED_PER_STEP);
    let is_last = applications.len().max(offers.len()) < REMOVED_PER_STEP as usize;
    for (application, ()) in applications {
        applications::remove(host, application)?;
    }
    for (offer, ()) in offers {
        offers::remove(host, offer)?;
    }
    if !is_last {
        // More can be left. It is set again, so that `advance-due` finds it again.
        DEADLINES.remove(host, Kind::Posting, id, due_ms);
        DEADLINES.add(host, Kind::Posting, id, due_ms);
        return Ok(());
    }
    let owner = parties::key(host, posting.client_organisation.as_ref(), posting.client);
    for (account, ()) in INVITED.scan_under(host, &id, None, INVITATIONS_MAX) {
        INVITED.remove(host, &(id, account));
    }
    INVITATIONS.remove(host, &id);
    POSTINGS.remove(host, &id);
    POSTINGS_OF.remove(host, &(owner, id));
    remove(host, Kind::Posting, id, due_ms);
    Ok(())
}

/// Removes a contract that ended long ago, with all that belongs to it.
pub(super) fn contract(host: &mut Host, contract: Contract) -> Result<(), Error> {
    let id = contract.id;
    ratings::remove(host, id)?;
    for id in &contract.milestones {
        let milestone = MILESTONES.get(host, id);
        if let Some(dispute) = milestone.and_then(|milestone| milestone.dispute) {
            DISPUTES.remove(host, &dispute);
        }
        MILESTONES.remove(host, id);
    }
    let client = parties::key(host, contract.client_organisation.as_ref(), contract.client);
    let organisation = contract.contractor_organisation.as_ref();
    let contractor = parties::key(host, organisation, contract.contractor);
    CONTRACTS_OF.remove(host, &(client, Side::Client as u8, id));
    CONTRACTS_OF.remove(host, &(contractor, Side::Contractor as u8, id));
    CONTRACTS.remove(host, &id);
    remove(host, Kind::Contract, id, contract.ended_ms.unwrap_or(0) + KEPT_MS);
    Ok(())
}

/// Removes the deadline of an item that left the state, and notes that.
pub(super) fn remove(host: &mut Host, kind: Kind, id: u64, due_ms: u64) {
    DEADLINES.remove(host, kind, id, due_ms);
    note(host, kind, id);
}

/// Notes that an item left the state.
pub(super) fn note(host: &mut Host, kind: Kind, id: u64) {
    host.emit(Event::Removed(kind.item(id)));
}
