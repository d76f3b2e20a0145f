//! Peers on slow lines.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::harness::{Node, config, kind, public};
use crate::{Bytes, Channel, Config, Event, PeerAddress};

/// The number of bytes that pass at a time.
const PIECE_BYTES: usize = 4 << 10;

/// Forwards bytes in one direction at this rate.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, bytes_per_second: usize) {
    let mut piece = [0; PIECE_BYTES];
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        if to.write_all(&piece[..count]).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_secs_f64(count as f64 / bytes_per_second as f64)).await;
    }
}

/// A proxy to an address with a limited rate in each direction, bits a second.
async fn slow_way(to: SocketAddr, bits_per_second: usize) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((incoming, _)) = listener.accept().await {
            let outgoing = TcpStream::connect(to).await.unwrap();
            let (from_client, to_client) = incoming.into_split();
            let (from_node, to_node) = outgoing.into_split();
            tokio::spawn(carry(from_client, to_node, bits_per_second / 8));
            tokio::spawn(carry(from_node, to_client, bits_per_second / 8));
        }
    });
    address
}

/// A large frame on a line of 1 Mbit/s takes seconds: its progress is reported to the application, votes pass
/// meanwhile, and it arrives complete.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_on_a_slow_line_is_reported_while_it_arrives() {
    const BYTES: usize = 400_000;
    let mut near = Node::start(config(1)).await;
    let address = slow_way(near.socket(), 1_000_000).await.to_string();
    let peers = vec![PeerAddress { key: public(1), address }];
    let mut far = Node::start(Config { peers, ..config(2) }).await;
    near.connected(public(2)).await;
    far.connected(public(1)).await;
    let content: Bytes = vec![7; BYTES].into();
    near.network.send(&public(2), kind(Channel::Sync), content.clone()).unwrap();
    let (mut reports, mut votes) = (Vec::new(), 0);
    far.until(|event| match event {
        Event::Receiving { peer, kind: 3, received, bytes: BYTES } => {
            assert_eq!(peer, public(1));
            reports.push(received);
            near.network.send(&public(2), kind(Channel::Consensus), &b"vote"[..]).unwrap();
            None
        }
        Event::Frame { channel: Channel::Consensus, .. } => {
            votes += 1;
            None
        }
        Event::Frame { channel: Channel::Sync, bytes, .. } => {
            assert!(bytes == content);
            Some(())
        }
        _ => None,
    })
    .await;
    assert!(reports.len() >= 3 && reports.is_sorted(), "{reports:?}");
    assert!(reports.iter().all(|received| *received < BYTES));
    assert!(votes > 0, "no vote passed the frame");
}
