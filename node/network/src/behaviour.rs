//! Combines the libp2p protocols of a connection: admission, limits, our streams, ping, identify and gossip.

use libp2p::allow_block_list::{self, AllowedPeers};
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::identity::Keypair;
use libp2p::swarm::NetworkBehaviour;
use libp2p::{identify, ping};

use crate::{Limits, gossip, pending_limit, streams};

/// One connection is kept for each peer. More are permitted for a moment: simultaneous dials, and old ones
/// that are still closing.
const CONNECTIONS_PER_PEER_MAX: u32 = 4;

/// All protocols on a connection. Those that can reject connections are first.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) pending_limit: pending_limit::Behaviour,
    pub(crate) allowed: allow_block_list::Behaviour<AllowedPeers>,
    limits: connection_limits::Behaviour,
    streams: streams::Behaviour,
    ping: ping::Behaviour,
    identify: identify::Behaviour,
    pub(crate) gossip: gossip::Behaviour,
}

impl Behaviour {
    pub(crate) fn new(keypair: &Keypair, limits: &Limits, gossip: gossip::Behaviour) -> Self {
        let connections = ConnectionLimits::default()
            .with_max_established(Some(limits.connections_max))
            .with_max_pending_outgoing(Some(limits.dials_max))
            .with_max_established_per_peer(Some(CONNECTIONS_PER_PEER_MAX));
        let ping = ping::Config::new()
            .with_interval(limits.ping_interval)
            .with_timeout(limits.ping_timeout);
        // Identify sends this node's version to peers, and none of its addresses.
        let identify = identify::Config::new("/ehb/1".into(), keypair.public())
            .with_agent_version(concat!("ehb/", env!("CARGO_PKG_VERSION")).into())
            .with_hide_listen_addrs(true)
            .with_cache_size(0);
        Self {
            pending_limit: pending_limit::Behaviour::new(
                limits.pending_max,
                limits.pending_per_ip_max,
            ),
            allowed: allow_block_list::Behaviour::default(),
            limits: connection_limits::Behaviour::new(connections),
            streams: streams::Behaviour::new(limits.handshake_timeout),
            ping: ping::Behaviour::new(ping),
            identify: identify::Behaviour::new(identify),
            gossip,
        }
    }
}
