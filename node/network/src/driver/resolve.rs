//! Resolves the host names of a peer to dial, outside of the driver's loop and with a time limit.

use std::time::Duration;

use ehb_types::PublicKey;
use libp2p::core::Multiaddr;
use tokio::net::lookup_host;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::address::multiaddr;

/// The result of resolving the address of a peer to dial.
pub(super) struct Resolved {
    pub(super) peer: PublicKey,
    /// Its addresses; none if no name could be resolved.
    pub(super) addresses: Vec<Multiaddr>,
    /// The names that could not be resolved, with the reasons.
    pub(super) problems: Vec<String>,
}

/// The maximum number of addresses of one peer that are tried.
const ADDRESSES_MAX: usize = 8;
/// The time limit for resolving one name.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Resolves the addresses of a peer in a separate task, because a name server can be slow. It always sends an
/// answer, possibly without addresses: then the dial fails and is retried.
pub(super) async fn resolve(
    peer: PublicKey,
    addresses: Vec<String>,
    answers: mpsc::Sender<Resolved>,
) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for address in addresses {
        match timeout(LOOKUP_TIMEOUT, lookup_host(address.as_str())).await {
            Ok(Ok(looked_up)) => found.extend(looked_up.map(multiaddr)),
            Ok(Err(error)) => problems.push(format!("cannot resolve {address}: {error}")),
            Err(_) => {
                problems.push(format!("cannot resolve {address}: no answer in {LOOKUP_TIMEOUT:?}"));
            }
        }
    }
    found.truncate(ADDRESSES_MAX);
    // If the driver has stopped, the answer is not needed.
    let _ = answers.send(Resolved { peer, addresses: found, problems }).await;
}
