//! Hostile peers: garbage, half-open handshakes and giant lengths.

use std::net::SocketAddr;
use std::time::Duration;

use futures::future::poll_fn;
use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use libp2p::core::Endpoint;
use libp2p::core::muxing::{StreamMuxerBox, StreamMuxerExt};
use libp2p::core::transport::{DialOpts, PortUse, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::harness::{
    DEADLINE, Node, RawPeer, config, eventually, hello, kind, mesh, public, raw_swarm,
};
use crate::address::multiaddr;
use crate::{Bytes, Channel, Config, Event, Limits, PROTOCOL_VERSIONS, Rates, Refusal, SendError};

/// Connects as a permitted peer and greets as one.
async fn greeted(seed: u8, node: &mut Node) -> RawPeer {
    let mut raw = RawPeer::connect(seed, node.socket()).await;
    raw.greet(hello(PROTOCOL_VERSIONS).encode()).await;
    node.connected(public(seed)).await;
    raw
}

/// Two nodes that must keep exchanging frames whatever happens to the first.
async fn talk(nodes: &mut [Node]) {
    let [left, right] = <&mut [Node; 2]>::try_from(nodes).unwrap();
    left.reaches(right, b"still").await;
    right.reaches(left, b"here").await;
}

async fn closed_by_node(mut stream: TcpStream) {
    let read = timeout(DEADLINE, async {
        let mut buffer = [0; 1_024];
        while stream.read(&mut buffer).await.is_ok_and(|bytes| bytes > 0) {}
    });
    read.await.expect("the node did not hang up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_on_a_socket_closes_the_connection() {
    let mut nodes = mesh(2).await;
    for garbage in [
        &[0; 4_096][..],
        &[0xff; 4_096],
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x13/multistream/1.0.0\n\xff\xff\xff\xff",
    ] {
        let mut stream = TcpStream::connect(nodes[0].socket()).await.unwrap();
        // The node may close the connection during the write.
        let _ = stream.write_all(garbage).await;
        closed_by_node(stream).await;
    }
    talk(&mut nodes).await;
}

async fn idle_connections(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    let mut idle = Vec::new();
    for _ in 0..count {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    idle
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_handshakes_are_bounded_and_time_out() {
    let limits = Limits {
        pending_per_ip_max: 16,
        handshake_timeout: Duration::from_secs(2),
        ..Limits::default()
    };
    let mut first = Node::start(Config { limits, ..config(1) }).await;
    let mut second = Node::start(Config { peers: vec![first.address()], ..config(2) }).await;
    first.connected(public(2)).await;
    second.connected(public(1)).await;

    let idle = idle_connections(first.socket(), 300).await;
    first.reaches(&mut second, b"during the flood").await;
    // No connection is accepted while all slots of this address are taken, but outgoing dials continue, and
    // the slots become free when the handshakes have timed out.
    let mut third = Node::start(Config { peers: vec![first.address()], ..config(3) }).await;
    third.connected(public(1)).await;
    for stream in idle {
        closed_by_node(stream).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_giant_length_is_rejected_before_any_allocation() {
    let mut nodes = mesh(2).await;
    let mut raw = greeted(3, &mut nodes[0]).await;
    let stream = raw.outbound(Channel::Blocks);
    stream.write_all(&[255, 255, 255, 255, 0, 2]).await.unwrap();
    stream.flush().await.unwrap();
    let reason = nodes[0]
        .until(|event| match event {
            Event::Refused { peer, reason: Refusal::Misbehaved(why) } if peer == public(3) => {
                Some(why)
            }
            _ => None,
        })
        .await;
    assert_eq!(
        reason,
        "a frame of kind 2 on blocks has 4294967295 bytes, more than the maximum of 34603008"
    );
    raw.until_closed().await;
    talk(&mut nodes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incomplete_frame_ends_the_connection() {
    let limits = Limits { frame_patience: Duration::from_secs(2), ..Limits::default() };
    let mut node = Node::start(Config { limits, ..config(1) }).await;
    let halves: [&[u8]; 2] = [&[0, 0], &[0, 0, 0, 100, 0, 1, 1, 2, 3]];
    for (seed, half) in [2, 3].into_iter().zip(halves) {
        let mut raw = greeted(seed, &mut node).await;
        let stream = raw.outbound(Channel::Consensus);
        stream.write_all(half).await.unwrap();
        stream.flush().await.unwrap();
        node.disconnected(public(seed)).await;
        raw.until_closed().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permitted_peer_without_streams_or_greeting_is_disconnected() {
    let limits = Limits { handshake_timeout: Duration::from_secs(3), ..Limits::default() };
    let node = Node::start(Config { limits, ..config(1) }).await;
    // Opens its streams, but does not greet.
    let silent = RawPeer::connect(2, node.socket()).await;
    silent.until_closed().await;
    // Does not even accept the node's streams.
    let keypair = crate::identity::keypair(&super::harness::key(3)).unwrap();
    let mut mute = libp2p::Swarm::new(
        crate::transport::new(&keypair, &Limits::default()).unwrap(),
        libp2p::swarm::dummy::Behaviour,
        keypair.public().to_peer_id(),
        libp2p::swarm::Config::with_tokio_executor().with_idle_connection_timeout(DEADLINE),
    );
    mute.dial(multiaddr(node.socket())).unwrap();
    let closed = timeout(DEADLINE, async {
        use futures::StreamExt;
        use libp2p::swarm::SwarmEvent;
        while !matches!(mute.select_next_some().await, SwarmEvent::ConnectionClosed { .. }) {}
    });
    closed.await.unwrap();
    assert!(node.network.peers().is_empty());
}

/// A peer that reads nothing: its queue is bounded, and others are not affected.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_does_not_read_fills_only_its_own_queue() {
    let mut nodes = mesh(2).await;
    let raw = greeted(3, &mut nodes[0]).await;
    let frame = Bytes::from(vec![5; 4 << 20]);
    let network = nodes[0].network.clone();
    let mut taken = 0;
    let refused = loop {
        match network.send(&public(3), kind(Channel::Sync), frame.clone()) {
            Ok(()) => taken += 1,
            Err(refused) => break refused,
        }
        assert!(taken < 100, "the queue has no bound");
    };
    assert_eq!(refused, SendError::QueueFull);
    assert!(network.is_connected(&public(3)), "a full sync queue is no reason to disconnect");
    assert!(network.stats().channels.get(Channel::Sync).frames_dropped >= 1);
    talk(&mut nodes).await;
    drop(raw);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_does_not_read_its_votes_is_disconnected() {
    let mut nodes = mesh(2).await;
    let raw = greeted(3, &mut nodes[0]).await;
    let vote = Bytes::from(vec![5; 16 << 10]);
    let network = nodes[0].network.clone();
    let mut sent = 0_usize;
    while network.send(&public(3), kind(Channel::Consensus), vote.clone())
        != Err(SendError::QueueFull)
    {
        sent += 1;
        assert!(sent < 10_000, "the queue has no bound");
    }
    nodes[0].disconnected(public(3)).await;
    raw.until_closed().await;
    talk(&mut nodes).await;
}

/// A busy application slows down its peers; nothing is lost, and memory is bounded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_application_slows_down_its_peers() {
    let mut nodes = mesh(3).await;
    let (sender, slow) = (nodes[0].network.clone(), nodes[1].network.clone());
    let frame = Bytes::from(vec![9; 4 << 20]);
    let mut sent = 0_u64;
    while let Ok(()) = sender.send(&public(2), kind(Channel::Blocks), frame.clone()) {
        sent += 1;
    }
    let read_ahead = Channel::Blocks.inbound_bytes_max() as u64;
    eventually("the queue is still", || {
        slow.stats().channels.get(Channel::Blocks).bytes_received > read_ahead - (5 << 20)
    })
    .await;
    assert!(slow.stats().channels.get(Channel::Blocks).bytes_received <= read_ahead);
    let mut third = nodes.pop().unwrap();
    nodes[0].reaches(&mut third, b"the third is well").await;
    for _ in 0..sent {
        let (_, _, bytes) = nodes[1].frame().await;
        assert!(bytes == frame);
    }
}

/// A peer that reconnects repeatedly affects only itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_connections_of_one_peer_leave_one() {
    let mut nodes = mesh(2).await;
    let address = nodes[0].socket();
    let mut swarms = Vec::new();
    for _ in 0..20 {
        let mut swarm = raw_swarm(3);
        swarm.dial(multiaddr(address)).unwrap();
        swarms.push(tokio::spawn(async move {
            use futures::StreamExt;
            loop {
                swarm.select_next_some().await;
            }
        }));
    }
    talk(&mut nodes).await;
    for swarm in swarms {
        swarm.abort();
    }
    let mut raw = greeted(3, &mut nodes[0]).await;
    let mut greeting = [0; 4];
    let (_, stream) = &mut raw.streams.inbound[0];
    timeout(DEADLINE, stream.read_exact(&mut greeting)).await.unwrap().unwrap();
    assert_eq!(nodes[0].network.peers().len(), 2);
}

/// Opens thousands of streams on one connection, each with garbage, until the connection or the time ends.
async fn flood_with_streams(mut connection: StreamMuxerBox) -> usize {
    const STREAMS: usize = 5_000;
    let mut streams = Vec::new();
    let flood = poll_fn(|context| {
        while streams.len() < STREAMS {
            match connection.poll_outbound_unpin(context) {
                std::task::Poll::Ready(Ok(mut stream)) => {
                    let rubbish = std::pin::Pin::new(&mut stream);
                    let _ = futures::AsyncWrite::poll_write(rubbish, context, &[0x55; 60_000]);
                    streams.push(stream);
                }
                std::task::Poll::Ready(Err(_)) => return std::task::Poll::Ready(()),
                std::task::Poll::Pending => break,
            }
        }
        match connection.poll_unpin(context) {
            std::task::Poll::Ready(Err(_)) => std::task::Poll::Ready(()),
            _ => std::task::Poll::Pending,
        }
    });
    let _ = timeout(Duration::from_secs(2), flood).await;
    streams.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_streams_does_not_affect_others() {
    let mut nodes = mesh(2).await;
    let keypair = crate::identity::keypair(&super::harness::key(3)).unwrap();
    let mut transport = crate::transport::new(&keypair, &Limits::default()).unwrap();
    let dial = DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };
    let dialled = transport.dial(multiaddr(nodes[0].socket()), dial).unwrap();
    let (_, connection) = timeout(DEADLINE, dialled).await.unwrap().unwrap();
    let flood = tokio::spawn(flood_with_streams(connection));
    while !flood.is_finished() {
        talk(&mut nodes).await;
    }
    assert!(flood.await.unwrap() > 0);
    talk(&mut nodes).await;
}

/// The application does not receive while a peer gossips: messages above the limit are dropped, and votes
/// come first when the application resumes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_gossip_is_bounded_and_delays_no_votes() {
    let mut nodes = mesh(2).await;
    let mut receiver = nodes.pop().unwrap();
    for n in 0..100u8 {
        nodes[0].network.gossip(vec![n; 100 << 10]).unwrap();
    }
    let stats = receiver.network.clone();
    eventually("messages above the limit are dropped", || stats.stats().gossip.dropped > 10).await;
    assert!(stats.stats().gossip.received <= 41);
    nodes[0].network.send(&public(2), kind(Channel::Consensus), &b"vote"[..]).unwrap();
    eventually("the vote has arrived", || {
        stats.stats().channels.get(Channel::Consensus).frames_received == 1
    })
    .await;
    let first = timeout(DEADLINE, receiver.events.recv()).await.unwrap().unwrap();
    assert!(matches!(first, Event::Frame { channel: Channel::Consensus, .. }), "{first:?}");
}

/// A peer that gossips too much is ignored first, and then disconnected. Its budget is so small that any machine exceeds it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_gossips_too_much_is_disconnected() {
    let rates = Rates { bytes_per_second: 1 << 10, ..Limits::default().rates };
    let limits = Limits { rates, ..Limits::default() };
    let mut node = Node::start(Config { limits, ..config(1) }).await;
    let peers = vec![node.address()];
    let mut honest = Node::start(Config { peers: peers.clone(), ..config(2) }).await;
    let mut flooder = Node::start(Config { peers, ..config(3) }).await;
    honest.connected(public(1)).await;
    flooder.connected(public(1)).await;
    let flood = async {
        for number in 0_u64.. {
            let mut message = vec![0; 256];
            message[..8].copy_from_slice(&number.to_be_bytes());
            // What does not fit is retried with the next.
            let _ = flooder.network.gossip(message);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let mut heard = 0;
    let refused = node.until(|event| match event {
        Event::Gossip { peer, .. } if peer == public(3) => {
            heard += 1;
            None
        }
        Event::Refused { peer, reason } if peer == public(3) => Some(reason),
        _ => None,
    });
    let reason = tokio::select! {
        reason = refused => reason,
        () = flood => unreachable!("it has no end"),
    };
    assert_eq!(reason, Refusal::Misbehaved("it gossips too much".into()));
    assert!(heard > 1, "what is within the budget arrives");
    talk(&mut [node, honest]).await;
}

/// A peer sends votes at full speed: its queue delays neither another peer's vote nor a block.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_votes_does_not_delay_others() {
    let mut nodes = mesh(3).await;
    let flooder = nodes.pop().unwrap().network;
    let network = nodes[0].network.clone();
    let waiting = || network.stats().channels.get(Channel::Consensus).frames_received;
    while waiting() < 400 {
        // Few enough at once that the flooder does not consider the node dead.
        for _ in 0..100 {
            let _ = flooder.send(&public(1), kind(Channel::Consensus), vec![1; 200]);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for channel in [Channel::Consensus, Channel::Blocks] {
        nodes[1].network.send(&public(1), kind(channel), &b"honest"[..]).unwrap();
    }
    let arrived = || {
        let peers = network.peers();
        let honest = peers.iter().find(|it| it.peer == public(2)).unwrap();
        honest.channels.iter().map(|(_, it)| it.frames_received).sum::<u64>() == 2
    };
    eventually("the honest frames have arrived", arrived).await;
    let mut before = [0, 0];
    for passed in &mut before {
        loop {
            let (peer, _, bytes) = nodes[0].frame().await;
            if peer == public(2) {
                assert_eq!(&bytes[..], b"honest");
                break;
            }
            *passed += 1;
        }
    }
    assert!(before.iter().sum::<u32>() < 64, "{before:?} frames of the flood came first");
}

/// Peers that announce large frames and send nothing use up the shared memory: votes and small frames still
/// pass, and the blocking peers are disconnected.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shared_memory_is_bounded_and_no_peer_can_hold_it() {
    const MIB: usize = 1 << 20;
    let limits = Limits { inbound_bytes_max: 4 * MIB, ..Limits::default() };
    let mut node = Node::start(Config { limits, ..config(1) }).await;
    let mut second = Node::start(Config { peers: vec![node.address()], ..config(2) }).await;
    node.connected(public(2)).await;
    second.connected(public(1)).await;
    let mut hostile = Vec::new();
    for seed in [3, 4] {
        let mut raw = greeted(seed, &mut node).await;
        let stream = raw.outbound(Channel::Blocks);
        let length = u32::try_from(4 * MIB).unwrap().to_be_bytes();
        stream.write_all(&[&length[..], &[0, 2], &[9; 100]].concat()).await.unwrap();
        stream.flush().await.unwrap();
        hostile.push(raw);
    }
    let taken = || node.network.stats().inbound_bytes;
    eventually("the room is taken", || taken() == 4 * MIB).await;
    second.reaches(&mut node, b"a vote").await;
    second.network.send(&public(1), kind(Channel::Sync), &b"a request"[..]).unwrap();
    assert_eq!(node.frame().await.1, Channel::Sync);

    let body: Bytes = vec![7; MIB].into();
    second.network.send(&public(1), kind(Channel::Blocks), body.clone()).unwrap();
    assert!(node.frame().await == (public(2), Channel::Blocks, body));
    assert!(node.network.stats().inbound_bytes <= 4 * MIB);
    drop(hostile);
}
