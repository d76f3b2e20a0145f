//! Resolves simultaneous dials: both nodes keep the same one of two connections.

use std::time::{Duration, Instant};

use libp2p::swarm::ConnectionId;

/// Two connections in opposite directions within this time are simultaneous dials.
const CROSSING: Duration = Duration::from_secs(5);
/// For how long a connection is not replaced by another one that the same side dialled. Where two nodes use one key,
/// each then keeps its connection for long enough to be heard, and their peers notice that there are two.
pub(crate) const HELD: Duration = Duration::from_secs(3);

/// A connection to a peer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    /// Whether this node dialled.
    pub(crate) outbound: bool,
    pub(crate) since: Instant,
}

/// Decides which of two connections to the same peer is kept; both sides decide the same.
///
/// A node dials only while it has no connection. So a new one means that the peer has lost the old one, and
/// the new one is kept. If both dialled at the same time, the one that the node with the smaller key dialled
/// is kept. A peer that loses a connection right after it was made dials again.
pub(crate) fn new_one_stays(old: &Connection, new: &Connection, smaller_key_is_ours: bool) -> bool {
    let age = new.since.saturating_duration_since(old.since);
    if old.outbound == new.outbound {
        return age >= HELD;
    }
    age >= CROSSING || new.outbound == smaller_key_is_ours
}
