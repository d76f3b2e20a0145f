//! Stores as they are stored, and as they are at the time of a block.

use ehb_contract::{Host, payout};

use crate::bindings::ehb::marketplace::types::{Error, Store};
use crate::keys::{Kind, STORES};

/// A store.
pub(super) fn find(host: &Host, id: u64) -> Result<Store, Error> {
    Ok(now(host, STORES.find(host, Kind::Store, id)?))
}

/// A store as it is at the time of the block: terms and an account whose notice has passed are in force.
pub(super) fn now(host: &Host, mut store: Store) -> Store {
    let now_ms = host.time_ms();
    if let Some(next) = store.next_terms.take_if(|next| next.effective_ms <= now_ms) {
        (store.terms, store.terms_version) = (next.terms, next.version);
    }
    payout::turn(&mut store.payout_account, &mut store.payout_change, now_ms);
    store
}
