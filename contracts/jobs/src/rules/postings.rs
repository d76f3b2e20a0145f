//! Job postings: publishing and closing them, inviting accounts, and filling positions.

use alloc::string::String;

use ehb_contract::common::Refusal;
use ehb_contract::{Address, Host, packed};

use super::{in_time, is_due, parties, removal, take_numbers};
use crate::bindings::ehb::jobs::events::{Event, Invitation, PostingChange};
use crate::bindings::ehb::jobs::types::{Error, Posting, PostingDetails, PostingState, Visibility};
use crate::checks;
use crate::keys::{
    DEADLINES, INVITATIONS, INVITED, KEYS, Kind, POSTINGS, POSTINGS_OF, POSTINGS_OPEN, SCHEMA,
};
use crate::states::{POSTING, PostingAction};

/// See `postings.post-job`.
pub fn post_job(host: &mut Host, details: PostingDetails, key: String) -> Result<u64, Error> {
    let arguments = packed!(details);
    KEYS.run(host, &key, "post-job", &arguments, |host| post(host, details))
}

fn post(host: &mut Host, details: PostingDetails) -> Result<u64, Error> {
    checks::details(&details, host.time_ms())?;
    SCHEMA.mark(host);
    let id = take_numbers(host, Kind::Posting, 1);
    let client = host.caller();
    let deadline_ms = Some(details.apply_until_ms);
    let state = PostingState::Open;
    let client_organisation = host.organisation(client);
    let owner = parties::key(host, client_organisation.as_ref(), client);
    let posting =
        Posting { id, client, client_organisation, details, state, deadline_ms, hired: 0 };
    DEADLINES.change(host, Kind::Posting, id, None, deadline_ms);
    POSTINGS.set(host, &id, &posting);
    POSTINGS_OF.set(host, &(owner, id), &());
    POSTINGS_OPEN.set(host, &id, &());
    host.emit(Event::JobPosted(posting));
    Ok(id)
}

/// See `postings.invite-applicant`.
pub fn invite_applicant(host: &mut Host, id: u64, account: Address) -> Result<(), Error> {
    let posting = for_client(host, id)?;
    find(&posting, PostingAction::Invite)?;
    in_time(host, Kind::Posting, id, posting.details.decide_until_ms)?;
    parties::check_other(account, posting.client)?;
    parties::check_active(host, account)?;
    let place = INVITED.entry(&(id, account));
    if place.get(host).is_none() {
        let made = INVITATIONS.get(host, &id).unwrap_or(0);
        checks::invitations(made)?;
        INVITATIONS.set(host, &id, &(made + 1));
        place.set(host, &());
    }
    host.emit(Event::ApplicantInvited(Invitation { posting: id, account }));
    Ok(())
}

/// See `postings.stop-applications`.
pub fn stop_applications(host: &mut Host, id: u64) -> Result<(), Error> {
    let posting = for_client(host, id)?;
    let state = find(&posting, PostingAction::Stop)?;
    in_time(host, Kind::Posting, id, posting.deadline_ms)?;
    change(host, posting, state);
    Ok(())
}

/// See `postings.close-posting`.
pub fn close_posting(host: &mut Host, id: u64) -> Result<(), Error> {
    let posting = for_client(host, id)?;
    let state = find(&posting, PostingAction::Close)?;
    in_time(host, Kind::Posting, id, posting.details.decide_until_ms)?;
    change(host, posting, state);
    Ok(())
}

/// Takes the default step.
pub(super) fn lapse(host: &mut Host, id: u64) -> Result<(), Error> {
    let posting = super::known(host, &POSTINGS, Kind::Posting, id)?;
    if POSTING.is_end(posting.state) && removal::of_posting(&posting) <= host.time_ms() {
        return removal::posting(host, &posting);
    }
    let state = find(&posting, PostingAction::Expire)?;
    is_due(host, Kind::Posting, id, posting.deadline_ms)?;
    change(host, posting, state);
    Ok(())
}

/// The posting, where the caller acts for its client.
pub(super) fn for_client(host: &Host, id: u64) -> Result<Posting, Error> {
    let posting = super::known(host, &POSTINGS, Kind::Posting, id)?;
    parties::check(host, &posting.client_organisation, posting.client, parties::CLERK)?;
    Ok(posting)
}

/// Where an action leads.
pub(super) fn find(posting: &Posting, action: PostingAction) -> Result<PostingState, Refusal> {
    POSTING.next(|| Kind::Posting.item(posting.id), posting.state, action)
}

/// Fills one of a posting's positions.
pub(super) fn hire(host: &mut Host, id: u64) -> Result<(), Error> {
    let mut posting = super::known(host, &POSTINGS, Kind::Posting, id)?;
    let last = posting.hired.saturating_add(1) >= posting.details.positions;
    let action = if last { PostingAction::HireLast } else { PostingAction::Hire };
    let state = find(&posting, action)?;
    posting.hired += 1;
    change(host, posting, state);
    Ok(())
}

/// Whether a posting is meant for an account.
pub(super) fn check_visible(host: &Host, posting: &Posting, account: Address) -> Result<(), Error> {
    let visible = match posting.details.visibility {
        Visibility::Public => true,
        Visibility::Organisation => {
            let organisation = host.organisation(account);
            organisation.is_some() && organisation == posting.client_organisation
        }
        Visibility::Invited => INVITED.contains(host, &(posting.id, account)),
    };
    if visible { Ok(()) } else { Err(Error::NotVisible(account)) }
}

fn change(host: &mut Host, mut posting: Posting, state: PostingState) {
    let deadline_ms = match state {
        PostingState::Open => Some(posting.details.apply_until_ms),
        PostingState::Deciding => Some(posting.details.decide_until_ms),
        PostingState::Filled | PostingState::Closed | PostingState::Expired => None,
    };
    let next_ms = deadline_ms.unwrap_or_else(|| removal::of_posting(&posting));
    DEADLINES.change(host, Kind::Posting, posting.id, posting.deadline_ms, Some(next_ms));
    if posting.state == PostingState::Open && state != PostingState::Open {
        POSTINGS_OPEN.remove(host, &posting.id);
    }
    posting.state = state;
    posting.deadline_ms = deadline_ms;
    POSTINGS.set(host, &posting.id, &posting);
    let Posting { id, hired, .. } = posting;
    host.emit(Event::PostingChanged(PostingChange { posting: id, state, deadline_ms, hired }));
}
