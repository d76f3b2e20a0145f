//! Limits of items that an organisation puts before accounts that did not ask for them, such as requests for payment,
//! so that nobody's lists are flooded.

use ehb_contract::{Address, Hash, Host, Map};

use crate::bindings::ehb::wallet::types::Error;
use crate::checks;

/// Counts one more item that `from` puts before an account. Returns by what it is counted.
///
/// - `what`: what there can be too many of.
pub(super) fn count(
    host: &mut Host,
    counts: &Map<(Address, Hash), u32>,
    what: &str,
    from: Address,
    account: Address,
) -> Result<Hash, Error> {
    let of = match host.organisation(from) {
        Some(organisation) => host.sha256(organisation.as_bytes()),
        None => host.sha256(&from.to_bytes()),
    };
    let place = counts.entry(&(account, of));
    let open = place.get(host).unwrap_or(0);
    checks::open(what, open)?;
    place.set(host, &(open + 1));
    Ok(of)
}

/// Counts an item that is over no more.
pub(super) fn uncount(
    host: &mut Host,
    counts: &Map<(Address, Hash), u32>,
    account: Address,
    of: Hash,
) {
    let place = counts.entry(&(account, of));
    match place.get(host).unwrap_or(0) {
        0 | 1 => place.remove(host),
        open => place.set(host, &(open - 1)),
    }
}
