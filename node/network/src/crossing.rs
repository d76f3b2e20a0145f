use std::time::{Duration, Instant};

use libp2p::swarm::ConnectionId;

/// Two connections in opposite directions made within this time have crossed.
const CROSSING: Duration = Duration::from_secs(5);

/// A connection to a peer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    pub(crate) id: ConnectionId,
    /// Whether this node dialled.
    pub(crate) outbound: bool,
    pub(crate) since: Instant,
}

/// Which of two connections to the same peer stays; both sides come to the same answer.
///
/// A node dials only while it has no connection. So a new one means that the peer has lost the old
/// one, and the new one stays, unless both dialled at the same time: then the one stays that the
/// node with the smaller key dialled.
pub(crate) fn new_one_stays(old: &Connection, new: &Connection, smaller_key_is_ours: bool) -> bool {
    let crossed =
        old.outbound != new.outbound && new.since.saturating_duration_since(old.since) < CROSSING;
    !crossed || new.outbound == smaller_key_is_ours
}
