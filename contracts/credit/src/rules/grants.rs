//! Grants: granting credits to an account, and reading a grant with what is used and held of it.

use alloc::string::String;

use ehb_contract::{Address, Host, packed};

use super::books::OpenBook;
use super::programme_records::programme;
use super::treasurers;
use crate::bindings::ehb::credit::events::Event;
use crate::bindings::ehb::credit::types::{Error, Grant, GrantState, Programme, Purchase};
use crate::checks::{self, AHEAD_MS_MAX, GRANT_MS_MAX};
use crate::keys::{BOOKS, BookedGrant, DEADLINES, GRANTS, GRANTS_OF, KEYS, Kind, LATEST_GRANT};
use crate::states::ProgrammeAction;

/// The terms of a new grant.
pub(super) struct NewGrant {
    pub(super) account: Address,
    pub(super) amount: u64,
    pub(super) priority: u8,
    pub(super) effective_ms: u64,
    pub(super) expires_ms: u64,
    pub(super) purchase: Option<Purchase>,
    pub(super) reference: String,
}

/// See `grants.grant-credits`.
#[expect(clippy::too_many_arguments, reason = "they are those of the interface")]
pub fn grant_credits(
    host: &mut Host,
    programme: u64,
    account: Address,
    credits: u64,
    effective_ms: Option<u64>,
    expires_ms: u64,
    priority: u8,
    reference: String,
    key: String,
) -> Result<u64, Error> {
    let arguments =
        packed!(programme, account, credits, effective_ms, expires_ms, priority, reference);
    KEYS.run(host, &key, "grant-credits", &arguments, |host| {
        checks::credits("credits", credits)?;
        checks::grant_reference(&reference)?;
        let now_ms = host.time_ms();
        let effective_ms = effective_ms.unwrap_or(now_ms);
        checks::ahead("effective-ms", effective_ms, now_ms, AHEAD_MS_MAX)?;
        checks::range("expires-ms", expires_ms, effective_ms + 1, effective_ms + GRANT_MS_MAX)?;
        let programme = self::programme(host, programme)?;
        super::check_treasurer(host, &programme)?;
        programme.check(host, ProgrammeAction::Grant)?;
        super::check_active(host, account)?;
        treasurers::give(host, &programme, credits)?;
        let (amount, purchase) = (credits, None);
        let new =
            NewGrant { account, amount, priority, effective_ms, expires_ms, purchase, reference };
        let grant = create(host, &programme, new)?;
        let id = grant.id;
        host.emit(Event::CreditsGranted(grant));
        Ok(id)
    })
}

/// Writes a new grant into its account's book.
pub(super) fn create(
    host: &mut Host,
    programme: &Programme,
    new: NewGrant,
) -> Result<Grant, Error> {
    let id = LATEST_GRANT.get(host).unwrap_or(0) + 1;
    let NewGrant { account, amount, priority, effective_ms, expires_ms, purchase, reference } = new;
    let (used, held, state) = (0, 0, GrantState::Open);
    let booked = BookedGrant { id, priority, effective_ms, expires_ms, amount, used, held, state };
    let mut open = OpenBook::open(host, programme, account)?;
    open.book.insert(booked)?;
    open.save(host);
    let grant = Grant {
        id,
        programme: programme.id,
        account,
        amount,
        used,
        used_removed: 0,
        held,
        priority,
        effective_ms,
        expires_ms,
        state,
        deadline_ms: Some(expires_ms),
        purchase,
        reference,
        ended_ms: None,
    };
    LATEST_GRANT.set(host, &id);
    GRANTS.set(host, &id, &grant);
    GRANTS_OF.set(host, &(programme.id, account, id), &());
    DEADLINES.add(host, Kind::Grant, id, expires_ms);
    Ok(grant)
}

/// A grant, with what its account's book says of it.
pub(super) fn grant(host: &Host, id: u64) -> Result<Grant, Error> {
    let latest = |host: &Host| LATEST_GRANT.get(host);
    let mut grant = GRANTS.find_kept(host, Kind::Grant, id, latest)?;
    let book = BOOKS.get(host, &(grant.programme, grant.account));
    if let Some(booked) = book.as_ref().and_then(|book| book.grant(id)) {
        grant.used = booked.used;
        grant.held = booked.held;
    }
    Ok(grant)
}
