use std::time::Duration;

use ehb_types::PublicKey;
use libp2p::core::Multiaddr;
use tokio::net::lookup_host;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::start::multiaddr;

/// A peer and the addresses found for it.
pub(super) type Resolved = (PublicKey, Vec<Multiaddr>);

/// How many addresses of one peer are tried.
const ADDRESSES_MAX: usize = 8;
/// How long looking up one name may take.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(5);

/// Looks up the addresses of a peer, away from the driver because a name server can be slow. The
/// answer always comes, if need be without addresses: the dial then fails and is tried again.
pub(super) async fn resolve(
    peer: PublicKey,
    addresses: Vec<String>,
    answers: mpsc::Sender<Resolved>,
) {
    let mut found = Vec::new();
    for address in addresses {
        match timeout(LOOKUP_TIMEOUT, lookup_host(address.as_str())).await {
            Ok(Ok(looked_up)) => found.extend(looked_up.map(multiaddr)),
            Ok(Err(error)) => tracing::debug!(%peer, address, %error, "cannot look up a peer"),
            Err(_) => tracing::debug!(%peer, address, "looking up a peer took too long"),
        }
    }
    found.truncate(ADDRESSES_MAX);
    // A driver that is gone dials nobody.
    let _ = answers.send((peer, found)).await;
}
