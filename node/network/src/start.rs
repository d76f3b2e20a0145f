//! Starts the network: checks the configuration, opens the listening sockets and spawns the driver.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ehb_types::PublicKey;
use futures::StreamExt;
use libp2p::core::transport::ListenerId;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{self, Swarm, SwarmEvent};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::address::multiaddr;
use crate::behaviour::Behaviour;
use crate::dialer::Dialer;
use crate::driver::Driver;
use crate::hello::Hello;
use crate::kind::Kinds;
use crate::peers::NetworkState;
use crate::session::SessionContext;
use crate::{
    Config, Events, Network, NetworkError, PeerAddress, gossip, identity, inbox, transport,
};

/// The maximum number of commands that wait for the driver: messages to gossip and verdicts.
const COMMANDS_MAX: usize = 1_024;
/// The maximum number of reports of sessions that wait for the driver; sessions wait if it is full.
const REPORTS_MAX: usize = 256;
/// The maximum number of streams of one connection that are negotiated at once. An honest peer opens about
/// seven.
const NEGOTIATING_STREAMS_MAX: usize = 16;
/// The time limit for the operating system to open a listening socket.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);

/// Starts the network on the current tokio runtime. When it returns, the node listens.
///
/// # Errors
/// If a key or address is invalid, or an address cannot be listened on.
///
/// # Panics
/// Outside of a tokio runtime.
pub async fn start(config: Config) -> Result<(Network, Events), NetworkError> {
    let keypair = identity::keypair(&config.node_key)
        .map_err(|error| NetworkError::NodeKey(error.to_string()))?;
    let local_key = config.node_key.public_key();
    let limits = Arc::new(config.limits);
    let hello = Arc::new(Hello {
        versions: config.versions,
        chain_id: config.chain_id,
        genesis: config.genesis,
    });
    let kinds = Kinds::new(&config.kinds)?;
    let peers = checked(config.peers, &local_key)?;
    let gossip = gossip::new(&hello, limits.gossip_bytes_max)?;
    let topic = gossip.topic;
    let mut swarm = Swarm::new(
        transport::new(&keypair, &limits)?,
        Behaviour::new(&keypair, &limits, gossip.behaviour),
        keypair.public().to_peer_id(),
        swarm::Config::with_tokio_executor()
            .with_max_negotiating_inbound_streams(NEGOTIATING_STREAMS_MAX),
    );
    // No peer is permitted yet: peers that connect before the driver runs will retry.
    let mut local_addresses = Vec::with_capacity(config.listen.len());
    for address in config.listen {
        local_addresses.push(listen(&mut swarm, address).await?);
    }

    let shared = Arc::new(NetworkState::new(local_key, local_addresses, &limits, kinds));
    let (commands, commanded) = mpsc::channel(COMMANDS_MAX);
    let (reports, reported) = mpsc::channel(REPORTS_MAX);
    let (inbox, events) = inbox::events();
    let dialer = Dialer::new(peers, limits.redial_first, limits.redial_max, Instant::now());
    let context = SessionContext { hello, limits, shared: Arc::clone(&shared), inbox, reports };
    let driver = Driver::new(swarm, topic, context, dialer, config.permitted);
    tokio::spawn(driver.run(commanded, reported));
    Ok((Network { shared, commands }, events))
}

/// The peers to dial, except this node itself.
fn checked(
    peers: Vec<PeerAddress>,
    local_key: &PublicKey,
) -> Result<Vec<PeerAddress>, NetworkError> {
    for PeerAddress { key, address } in &peers {
        let port = address.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        if port.and_then(|(_, port)| port.parse::<u16>().ok()).is_none() {
            return Err(NetworkError::Address { key: *key, address: address.clone() });
        }
    }
    Ok(peers.into_iter().filter(|peer| peer.key != *local_key).collect())
}

/// Listens and waits for the actual port.
async fn listen(
    swarm: &mut Swarm<Behaviour>,
    address: SocketAddr,
) -> Result<SocketAddr, NetworkError> {
    let failed = |reason: String| NetworkError::Listen { address, reason };
    // libp2p shares its port with other processes of the same user (SO_REUSEPORT), but a second node on the
    // port is a mistake: bind it unshared first.
    TcpListener::bind(address).map_err(|error| failed(error.to_string()))?;
    let listener =
        swarm.listen_on(multiaddr(address)).map_err(|error| failed(error.to_string()))?;
    let opened = timeout(LISTEN_TIMEOUT, opened(swarm, listener)).await;
    let port =
        opened.map_err(|_| failed("no listening address was reported".into()))?.map_err(failed)?;
    Ok(SocketAddr::new(address.ip(), port))
}

async fn opened(swarm: &mut Swarm<Behaviour>, listener: ListenerId) -> Result<u16, String> {
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::NewListenAddr { listener_id, address } if listener_id == listener => {
                let port = address.iter().find_map(|part| match part {
                    Protocol::Tcp(port) => Some(port),
                    _ => None,
                });
                return port.ok_or_else(|| format!("{address} has no port"));
            }
            SwarmEvent::ListenerClosed { listener_id, reason, .. } if listener_id == listener => {
                return Err(reason.err().map_or("closed".into(), |error| error.to_string()));
            }
            _ => {}
        }
    }
}
