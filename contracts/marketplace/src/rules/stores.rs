//! Stores and their locations: creating them, and changing a store's terms, payout account and state.

use alloc::string::String;

use ehb_contract::parties::check_role;
use ehb_contract::{Address, Host, packed, payout};

use super::{OWNER, SELLER, check_account, check_active, number, owned};
use crate::bindings::ehb::marketplace::events::Event;
use crate::bindings::ehb::marketplace::types::{
    Error, Location, NextTerms, Store, StoreState, Terms,
};
use crate::checks::{self, NAME_BYTES_MAX, PHRASE_BYTES_MAX};
use crate::keys::{KEYS, Kind, LOCATIONS, LOCATIONS_OF_STORE, SCHEMA, STORES};
use crate::states::{STORE, StoreAction};

/// See `stores.create-store`.
pub fn create_store(
    host: &mut Host,
    name: String,
    payout_account: Address,
    terms: Terms,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(name, payout_account, terms);
    KEYS.run(host, &key, "create-store", &arguments, |host| {
        check_account(host)?;
        check_role(host, SELLER)?;
        let Some(organisation) = host.organisation(host.caller()) else {
            return Err(Error::InactiveAccount(host.caller()));
        };
        checks::text("name", &name, 1, NAME_BYTES_MAX)?;
        checks::terms(host, &terms)?;
        check_active(host, payout_account)?;
        SCHEMA.mark(host);
        let id = number(host, |latest| &mut latest.store);
        let store = Store {
            id,
            organisation,
            name,
            payout_account,
            payout_change: None,
            state: StoreState::Open,
            terms,
            terms_version: 1,
            next_terms: None,
        };
        STORES.set(host, &id, &store);
        host.emit(Event::StoreCreated(store));
        Ok(id)
    })
}

/// See `stores.set-store`.
pub fn set_store(host: &mut Host, id: u64, name: String, terms: Terms) -> Result<(), Error> {
    let store = owned::store(host, id, SELLER)?;
    checks::text("name", &name, 1, NAME_BYTES_MAX)?;
    checks::terms(host, &terms)?;
    let next_terms = announced(&store, terms, host.time_ms());
    change(host, Store { name, next_terms, ..store })
}

/// Terms that follow those of a store: one version after the latest, after the notice of those in force.
fn announced(store: &Store, terms: Terms, now_ms: u64) -> Option<NextTerms> {
    let latest = store.next_terms.as_ref().map_or(store.terms_version, |next| next.version);
    let effective_ms = now_ms.saturating_add(store.terms.notice_ms);
    (terms != store.terms).then_some(NextTerms { version: latest + 1, terms, effective_ms })
}

/// See `stores.set-payout-account`.
pub fn set_payout_account(host: &mut Host, id: u64, payout_account: Address) -> Result<(), Error> {
    let store = owned::store(host, id, OWNER)?;
    let payout_change = Some(payout::announce(host, payout_account)?);
    change(host, Store { payout_change, ..store })
}

/// See `stores.cancel-payout-change`.
pub fn cancel_payout_change(host: &mut Host, id: u64) -> Result<(), Error> {
    let mut store = owned::store(host, id, OWNER)?;
    payout::cancel(&mut store.payout_change)?;
    change(host, store)
}

/// See `stores.set-store-state`.
pub fn set_store_state(host: &mut Host, id: u64, state: StoreState) -> Result<(), Error> {
    let store = owned::store(host, id, SELLER)?;
    let action = StoreAction::toward(state);
    let state = STORE.next(|| Kind::Store.item(id), store.state, action)?;
    change(host, Store { state, ..store })
}

fn change(host: &mut Host, store: Store) -> Result<(), Error> {
    STORES.set(host, &store.id, &store);
    host.emit(Event::StoreChanged(store));
    Ok(())
}

/// See `stores.create-location`.
pub fn create_location(
    host: &mut Host,
    store: u64,
    name: String,
    place: String,
    key: String,
) -> Result<u64, Error> {
    let arguments = packed!(store, name, place);
    KEYS.run(host, &key, "create-location", &arguments, |host| {
        owned::store(host, store, SELLER)?;
        check_location(&name, &place)?;
        let id = number(host, |latest| &mut latest.location);
        let location = Location { id, store, name, place };
        LOCATIONS.set(host, &id, &location);
        LOCATIONS_OF_STORE.set(host, &(store, id), &());
        host.emit(Event::LocationCreated(location));
        Ok(id)
    })
}

/// See `stores.set-location`.
pub fn set_location(host: &mut Host, id: u64, name: String, place: String) -> Result<(), Error> {
    let known = LOCATIONS.find(host, Kind::Location, id)?;
    owned::store(host, known.store, SELLER)?;
    check_location(&name, &place)?;
    let location = Location { name, place, ..known };
    LOCATIONS.set(host, &id, &location);
    host.emit(Event::LocationChanged(location));
    Ok(())
}

fn check_location(name: &str, place: &str) -> Result<(), Error> {
    checks::text("name", name, 1, NAME_BYTES_MAX)?;
    Ok(checks::text("place", place, 0, PHRASE_BYTES_MAX)?)
}
