//! Attestations: issuing and revoking them, and checking that an account has those a posting requires.

use alloc::string::String;

use ehb_contract::common::{Document, Refusal};
use ehb_contract::{Address, Entry, Hash, Host, packed};

use super::{in_time, is_due, parties, removal, take_numbers};
use crate::bindings::ehb::jobs::events::{AttestationEnd, Event};
use crate::bindings::ehb::jobs::types::{Attestation, AttestationState, Error, Requirement};
use crate::checks::{self, KEPT_MS};
use crate::keys::{
    ATTESTATIONS, ATTESTATIONS_OF, ATTESTATIONS_VALID, ATTESTED, DEADLINES, KEYS, Kind, SCHEMA,
};
use crate::states::{ATTESTATION, AttestationAction};

/// See `attestations.issue-attestation`.
pub fn issue_attestation(
    host: &mut Host,
    subject: Address,
    kind: String,
    document: Option<Document>,
    expires_ms: u64,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(subject, kind, document, expires_ms);
    KEYS.run(host, &key, "issue-attestation", &arguments, |host| {
        vouch(host, subject, kind, document, expires_ms)
    })
}

fn vouch(
    host: &mut Host,
    subject: Address,
    kind: String,
    document: Option<Document>,
    expires_ms: u64,
) -> Result<u64, Error> {
    let issuer = host.caller();
    let Some(organisation) =
        host.organisation(issuer).filter(|_| host.has_role(issuer, parties::CERTIFIER))
    else {
        return Err(Error::MissingRole(String::from(parties::CERTIFIER)));
    };
    parties::check_active(host, subject)?;
    checks::attestation_kind(&kind)?;
    document.as_ref().map_or(Ok(()), checks::document)?;
    checks::attestation_expiry(expires_ms, host.time_ms())?;
    let place = valid(host, subject, &organisation);
    let made = place.get(host).unwrap_or(0);
    checks::attestations_valid(made)?;
    place.set(host, &(made + 1));
    SCHEMA.mark(host);
    let id = take_numbers(host, Kind::Attestation, 1);
    let what = digest(host, &organisation, &kind);
    let attestation = Attestation {
        id,
        organisation,
        issuer,
        subject,
        kind,
        document,
        state: AttestationState::Valid,
        deadline_ms: Some(expires_ms),
        ended_ms: None,
    };
    DEADLINES.change(host, Kind::Attestation, id, None, Some(expires_ms));
    ATTESTATIONS.set(host, &id, &attestation);
    ATTESTATIONS_OF.set(host, &(subject, id), &());
    ATTESTED.set(host, &(subject, what), &id);
    host.emit(Event::AttestationIssued(attestation));
    Ok(id)
}

/// See `attestations.revoke-attestation`.
pub fn revoke_attestation(host: &mut Host, id: u64) -> Result<(), Error> {
    let attestation = super::known(host, &ATTESTATIONS, Kind::Attestation, id)?;
    let organisation = Some(attestation.organisation.clone());
    parties::check(host, &organisation, attestation.issuer, parties::CERTIFIER)?;
    let state = find(&attestation, AttestationAction::Revoke)?;
    in_time(host, Kind::Attestation, id, attestation.deadline_ms)?;
    end(host, attestation, state);
    Ok(())
}

/// Takes the default step.
pub(super) fn lapse(host: &mut Host, id: u64) -> Result<(), Error> {
    let attestation = super::known(host, &ATTESTATIONS, Kind::Attestation, id)?;
    if attestation.ended_ms.is_some_and(|ended_ms| ended_ms + KEPT_MS <= host.time_ms()) {
        remove(host, &attestation);
        return Ok(());
    }
    let state = find(&attestation, AttestationAction::Expire)?;
    is_due(host, Kind::Attestation, id, attestation.deadline_ms)?;
    end(host, attestation, state);
    Ok(())
}

/// Removes an attestation that ended long ago.
fn remove(host: &mut Host, attestation: &Attestation) {
    let Attestation { id, subject, organisation, kind, ended_ms, .. } = attestation;
    ATTESTATIONS.remove(host, id);
    ATTESTATIONS_OF.remove(host, &(*subject, *id));
    let latest = ATTESTED.entry(&(*subject, digest(host, organisation, kind)));
    if latest.get(host) == Some(*id) {
        latest.remove(host);
    }
    removal::remove(host, Kind::Attestation, *id, ended_ms.unwrap_or(0) + KEPT_MS);
}

/// How many valid attestations an account has of an organisation: none floods it with them.
fn valid(host: &Host, subject: Address, organisation: &str) -> Entry<u32> {
    ATTESTATIONS_VALID.entry(&(subject, host.sha256(organisation.as_bytes())))
}

/// See `queries.has-attestation`.
pub fn has_attestation(host: &Host, subject: Address, organisation: String, kind: String) -> bool {
    is_attested(host, subject, &organisation, &kind)
}

fn is_attested(host: &Host, subject: Address, organisation: &str, kind: &str) -> bool {
    let what = digest(host, organisation, kind);
    let latest = ATTESTED.get(host, &(subject, what)).and_then(|id| ATTESTATIONS.get(host, &id));
    latest.is_some_and(|latest| {
        latest.state == AttestationState::Valid
            && latest.deadline_ms.is_some_and(|deadline_ms| host.time_ms() < deadline_ms)
    })
}

/// An account must have all that a posting requires.
pub(super) fn check_all(
    host: &Host,
    account: Address,
    requirements: &[Requirement],
) -> Result<(), Error> {
    let missing =
        requirements.iter().find(|it| !is_attested(host, account, &it.organisation, &it.kind));
    match missing {
        Some(missing) => Err(Error::MissingAttestation(missing.clone())),
        None => Ok(()),
    }
}

/// Stands for an organisation and a kind in keys, which are short.
fn digest(host: &Host, organisation: &str, kind: &str) -> Hash {
    host.sha256(&packed!(String::from(organisation), String::from(kind)))
}

fn find(attestation: &Attestation, action: AttestationAction) -> Result<AttestationState, Refusal> {
    ATTESTATION.next(|| Kind::Attestation.item(attestation.id), attestation.state, action)
}

fn end(host: &mut Host, mut attestation: Attestation, state: AttestationState) {
    let id = attestation.id;
    let place = valid(host, attestation.subject, &attestation.organisation);
    match place.get(host).unwrap_or(0) {
        0 | 1 => place.remove(host),
        made => place.set(host, &(made - 1)),
    }
    let ended_ms = host.time_ms();
    let removed_ms = Some(ended_ms + KEPT_MS);
    DEADLINES.change(host, Kind::Attestation, id, attestation.deadline_ms, removed_ms);
    attestation.state = state;
    attestation.deadline_ms = None;
    attestation.ended_ms = Some(ended_ms);
    ATTESTATIONS.set(host, &id, &attestation);
    host.emit(Event::AttestationEnded(AttestationEnd { attestation: id, state }));
}
