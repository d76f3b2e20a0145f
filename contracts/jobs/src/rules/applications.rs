//! Applications: submitting, shortlisting, rejecting and withdrawing them, and hiring the applicant.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::common::{Document, Refusal};
use ehb_contract::{Address, Hash, Host, packed};

use super::{attestations, in_time, is_due, parties, postings, removal, take_numbers};
use crate::bindings::ehb::jobs::events::{ApplicationChange, Event};
use crate::bindings::ehb::jobs::types::{Application, ApplicationState, Error};
use crate::checks;
use crate::keys::{
    APPLICATIONS, APPLICATIONS_FOR, APPLICATIONS_FROM, APPLICATIONS_OF, APPLIED, DEADLINES, KEYS,
    Kind, POSTINGS,
};
use crate::states::{APPLICATION, ApplicationAction, PostingAction};

/// See `applications.submit-application`.
pub fn submit_application(
    host: &mut Host,
    posting: u64,
    note: String,
    price: u64,
    documents: Vec<Document>,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(posting, note, price, documents);
    KEYS.run(host, &key, "submit-application", &arguments, |host| {
        submit(host, posting, note, price, documents)
    })
}

fn submit(
    host: &mut Host,
    posting: u64,
    note: String,
    price: u64,
    documents: Vec<Document>,
) -> Result<u64, Error> {
    let posting = super::known(host, &POSTINGS, Kind::Posting, posting)?;
    postings::find(&posting, PostingAction::Apply)?;
    in_time(host, Kind::Posting, posting.id, posting.details.apply_until_ms)?;
    let applicant = host.caller();
    parties::check_other(applicant, posting.client)?;
    postings::check_visible(host, &posting, applicant)?;
    attestations::check_all(host, applicant, &posting.details.requirements)?;
    checks::application(&note, price, &documents)?;
    if let Some(before) = latest_of(host, posting.id, applicant)
        && before.state != ApplicationState::Withdrawn
    {
        return Err(Error::AlreadyApplied(before.id));
    }
    let applicant_organisation = host.organisation(applicant);
    let owner = parties::key(host, applicant_organisation.as_ref(), applicant);
    count(host, posting.id, owner)?;
    let id = take_numbers(host, Kind::Application, 1);
    let application = Application {
        id,
        posting: posting.id,
        applicant,
        applicant_organisation,
        note,
        price,
        documents,
        state: ApplicationState::Submitted,
        deadline_ms: Some(posting.details.decide_until_ms),
    };
    DEADLINES.change(host, Kind::Application, id, None, application.deadline_ms);
    APPLICATIONS.set(host, &id, &application);
    APPLICATIONS_FOR.set(host, &(posting.id, id), &());
    APPLIED.set(host, &(posting.id, applicant), &id);
    APPLICATIONS_OF.set(host, &(owner, id), &());
    host.emit(Event::ApplicationSubmitted(application));
    Ok(id)
}

/// Counts an application: an organisation does not flood a posting with applications, nor by withdrawing them.
fn count(host: &mut Host, posting: u64, owner: Hash) -> Result<(), Error> {
    let place = APPLICATIONS_FROM.entry(&(posting, owner));
    let made = place.get(host).unwrap_or(0);
    checks::applications_from(made)?;
    place.set(host, &(made + 1));
    Ok(())
}

/// See `applications.shortlist-application`.
pub fn shortlist_application(host: &mut Host, id: u64) -> Result<(), Error> {
    by_client(host, id, ApplicationAction::Shortlist)
}

/// See `applications.reject-application`.
pub fn reject_application(host: &mut Host, id: u64) -> Result<(), Error> {
    by_client(host, id, ApplicationAction::Reject)
}

fn by_client(host: &mut Host, id: u64, action: ApplicationAction) -> Result<(), Error> {
    let application = super::known(host, &APPLICATIONS, Kind::Application, id)?;
    postings::for_client(host, application.posting)?;
    let state = find(&application, action)?;
    in_time(host, Kind::Application, id, application.deadline_ms)?;
    change(host, application, state);
    Ok(())
}

/// See `applications.withdraw-application`.
pub fn withdraw_application(host: &mut Host, id: u64) -> Result<(), Error> {
    let application = super::known(host, &APPLICATIONS, Kind::Application, id)?;
    parties::check(
        host,
        &application.applicant_organisation,
        application.applicant,
        parties::CONTRACTOR,
    )?;
    let state = find(&application, ApplicationAction::Withdraw)?;
    in_time(host, Kind::Application, id, application.deadline_ms)?;
    change(host, application, state);
    Ok(())
}

/// Takes the default step.
pub(super) fn lapse(host: &mut Host, id: u64) -> Result<(), Error> {
    let application = super::known(host, &APPLICATIONS, Kind::Application, id)?;
    let state = find(&application, ApplicationAction::Expire)?;
    is_due(host, Kind::Application, id, application.deadline_ms)?;
    change(host, application, state);
    Ok(())
}

/// Removes an application, with its posting, which is over: nobody can be hired by it.
pub(super) fn remove(host: &mut Host, id: u64) -> Result<(), Error> {
    let open = super::known(host, &APPLICATIONS, Kind::Application, id)?;
    if !APPLICATION.is_end(open.state) {
        lapse(host, id)?;
    }
    let Application { posting, applicant, applicant_organisation, .. } = open;
    let owner = parties::key(host, applicant_organisation.as_ref(), applicant);
    APPLICATIONS.remove(host, &id);
    APPLICATIONS_FOR.remove(host, &(posting, id));
    APPLICATIONS_OF.remove(host, &(owner, id));
    APPLICATIONS_FROM.remove(host, &(posting, owner));
    APPLIED.remove(host, &(posting, applicant));
    removal::note(host, Kind::Application, id);
    Ok(())
}

/// The latest application of an account for a posting.
pub(super) fn latest_of(host: &Host, posting: u64, applicant: Address) -> Option<Application> {
    APPLICATIONS.get(host, &APPLIED.get(host, &(posting, applicant))?)
}

/// Hires an applicant whose application is still open.
pub(super) fn hire(host: &mut Host, id: u64) {
    if let Some(application) = APPLICATIONS.get(host, &id)
        && let Ok(state) = find(&application, ApplicationAction::Hire)
    {
        change(host, application, state);
    }
}

fn find(application: &Application, action: ApplicationAction) -> Result<ApplicationState, Refusal> {
    APPLICATION.next(|| Kind::Application.item(application.id), application.state, action)
}

fn change(host: &mut Host, mut application: Application, state: ApplicationState) {
    let before_ms = application.deadline_ms;
    application.state = state;
    if state != ApplicationState::Shortlisted {
        application.deadline_ms = None;
    }
    let Application { id, deadline_ms, .. } = application;
    DEADLINES.change(host, Kind::Application, id, before_ms, deadline_ms);
    APPLICATIONS.set(host, &id, &application);
    let change = ApplicationChange { application: id, state, deadline_ms };
    host.emit(Event::ApplicationChanged(change));
}
