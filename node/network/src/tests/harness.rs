//! Nodes on loopback with real sockets, and a peer that authenticates and then sends arbitrary data.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use ehb_types::{ChainId, Hash, PublicKey, SecretKey};
use futures::StreamExt;
use libp2p::swarm::{self, Swarm, SwarmEvent};
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::address::multiaddr;
use crate::frame::{Frame, write_all};
use crate::hello::Hello;
use crate::kind::HELLO_KIND;
use crate::streams::{self, Opened, Streams};
use crate::{
    Bytes, Channel, Config, Event, Events, FrameKind, Limits, Network, PROTOCOL_VERSIONS,
    PeerAddress, Versions, identity, start, transport,
};

/// The deadline for any expected event, on a busy machine.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);

pub(super) fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

pub(super) fn public(seed: u8) -> PublicKey {
    key(seed).public_key()
}

const fn kind_of(number: u16, channel: Channel) -> FrameKind {
    let bytes_max = channel.frame_bytes_max();
    FrameKind { number, name: channel.name(), channel, bytes_max, since: 1 }
}

/// One kind of frames for each channel, as large as the channel allows.
pub(super) static KINDS: [FrameKind; 3] =
    [kind_of(1, Channel::Consensus), kind_of(2, Channel::Blocks), kind_of(3, Channel::Sync)];

/// The kind of the frames on a channel.
pub(super) fn kind(channel: Channel) -> &'static FrameKind {
    KINDS.iter().find(|kind| kind.channel == channel).unwrap()
}

pub(super) fn hello(versions: Versions) -> Hello {
    let chain_id = ChainId::new("test-chain").unwrap();
    Hello { versions, chain_id, genesis: genesis() }
}

pub(super) fn genesis() -> Hash {
    Hash([7; 32])
}

/// The configuration of node `seed`: listens on a free port, permits 1 to 9, dials nobody.
pub(super) fn config(seed: u8) -> Config {
    Config {
        listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
        node_key: key(seed),
        versions: PROTOCOL_VERSIONS,
        kinds: KINDS.to_vec(),
        chain_id: ChainId::new("test-chain").unwrap(),
        genesis: genesis(),
        permitted: (1..10).map(public).collect(),
        peers: Vec::new(),
        limits: Limits::default(),
    }
}

pub(super) struct Node {
    pub(super) network: Network,
    pub(super) events: Events,
}

impl Node {
    pub(super) async fn start(config: Config) -> Self {
        let (network, events) = start(config).await.unwrap();
        Self { network, events }
    }

    pub(super) fn key(&self) -> PublicKey {
        self.network.local_key()
    }

    pub(super) fn socket(&self) -> SocketAddr {
        self.network.local_addresses()[0]
    }

    pub(super) fn address(&self) -> PeerAddress {
        PeerAddress { key: self.key(), address: self.socket().to_string() }
    }

    /// The next event that `wanted` accepts; others are dropped.
    pub(super) async fn until<T>(&mut self, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
        let found = timeout(DEADLINE, async {
            loop {
                let event = self.events.recv().await.expect("the network has stopped");
                if let Some(found) = wanted(event) {
                    return found;
                }
            }
        });
        found.await.expect("the awaited event did not come")
    }

    pub(super) async fn connected(&mut self, peer: PublicKey) {
        self.until(|event| (event == Event::Connected(peer)).then_some(())).await;
    }

    pub(super) async fn disconnected(&mut self, peer: PublicKey) {
        self.until(|event| (event == Event::Disconnected(peer)).then_some(())).await;
    }

    pub(super) async fn frame(&mut self) -> (PublicKey, Channel, Bytes) {
        self.until(|event| match event {
            Event::Frame { peer, channel, bytes, .. } => Some((peer, channel, bytes)),
            _ => None,
        })
        .await
    }

    /// Checks that frames pass from here to `other`.
    pub(super) async fn reaches(&self, other: &mut Self, content: &'static [u8]) {
        self.network.send(&other.key(), kind(Channel::Consensus), content).unwrap();
        let frame = other.frame().await;
        assert_eq!(frame, (self.key(), Channel::Consensus, Bytes::from_static(content)));
    }
}

/// Nodes 1 to `count`, each connected to all others; each later one dials those before it.
pub(super) async fn mesh(count: u8) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for seed in 1..=count {
        let peers = nodes.iter().map(Node::address).collect();
        nodes.push(Node::start(Config { peers, ..config(seed) }).await);
    }
    for seed in 1..=count {
        let node = &mut nodes[usize::from(seed) - 1];
        for _ in 1..count {
            node.until(|event| matches!(event, Event::Connected(_)).then_some(())).await;
        }
    }
    nodes
}

/// A port that is free for now, for tests where both sides must know where to dial. It belongs to a loopback
/// address that only this process uses: concurrent tests cannot take it.
pub(super) fn free_address() -> SocketAddr {
    let [.., high, middle, low] = std::process::id().to_be_bytes();
    let own = Ipv4Addr::new(127, high | 128, middle, low);
    TcpListener::bind((own, 0)).unwrap().local_addr().unwrap()
}

/// Waits until a condition holds.
pub(super) async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let waited = timeout(DEADLINE, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "did not happen in time: {what}");
}

/// A peer with a real key and connection whose streams are controlled by the test.
pub(super) struct RawPeer {
    pub(super) streams: Streams,
    /// Completes when the other side has closed the connection.
    pub(super) closed: oneshot::Receiver<()>,
}

impl RawPeer {
    pub(super) async fn connect(seed: u8, address: SocketAddr) -> Self {
        let (opened, streams) = oneshot::channel();
        let (close, closed) = oneshot::channel();
        tokio::spawn(drive(raw_swarm(seed), address, opened, close));
        let streams = timeout(DEADLINE, streams).await.unwrap().unwrap();
        Self { streams, closed }
    }

    pub(super) fn outbound(&mut self, channel: Channel) -> &mut libp2p::Stream {
        let found = self.streams.outbound.iter_mut().find(|(other, _)| *other == channel);
        &mut found.unwrap().1
    }

    /// Sends this as the first frame on all streams. A node that refuses the first one may have closed the others meanwhile.
    pub(super) async fn greet(&mut self, content: Vec<u8>) {
        let greeting = [Frame { kind: HELLO_KIND, content: content.into() }];
        for (place, (_, stream)) in self.streams.outbound.iter_mut().enumerate() {
            let written = write_all(stream, &greeting, &mut Vec::new(), DEADLINE).await;
            assert!(written.is_ok() || place > 0, "{written:?}");
        }
    }

    /// Writes a frame.
    pub(super) async fn write(&mut self, channel: Channel, kind: u16, content: Vec<u8>) {
        let frame = [Frame { kind, content: content.into() }];
        write_all(self.outbound(channel), &frame, &mut Vec::new(), DEADLINE).await.unwrap();
    }

    pub(super) async fn until_closed(self) {
        // Open streams do not keep the connection alive once the other side closes it.
        timeout(DEADLINE, self.closed)
            .await
            .expect("was not disconnected")
            .expect("was disconnected");
    }
}

pub(super) fn raw_swarm(seed: u8) -> Swarm<streams::Behaviour> {
    let keypair = identity::keypair(&key(seed)).unwrap();
    Swarm::new(
        transport::new(&keypair, &Limits::default()).unwrap(),
        streams::Behaviour::new(DEADLINE),
        keypair.public().to_peer_id(),
        swarm::Config::with_tokio_executor(),
    )
}

async fn drive(
    mut swarm: Swarm<streams::Behaviour>,
    address: SocketAddr,
    opened: oneshot::Sender<Streams>,
    close: oneshot::Sender<()>,
) {
    swarm.dial(multiaddr(address)).unwrap();
    let mut opened = Some(opened);
    loop {
        match swarm.select_next_some().await {
            SwarmEvent::Behaviour(Opened { streams, .. }) => {
                let _ = opened.take().unwrap().send(streams);
            }
            SwarmEvent::ConnectionClosed { .. } | SwarmEvent::OutgoingConnectionError { .. } => {
                let _ = close.send(());
                return;
            }
            _ => {}
        }
    }
}
