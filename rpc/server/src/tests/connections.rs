//! Which connection makes room when all slots are taken.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, duplex};
use tokio::time::timeout;

use super::client::{client, numbered_client, other_client};
use crate::connections::{Connection, Connections};
use crate::guarded::GuardedStream;
use crate::limits::HELD_SECONDS_MIN;
use crate::pool::Full;
use crate::usage::Usage;

/// Whether the connection was ended.
async fn closed(connection: &Connection) -> bool {
    let (server, _client) = duplex(1);
    let mut guard = GuardedStream::new(server, connection.wire().clone());
    let read = timeout(Duration::from_millis(1), async { guard.read(&mut [0; 1]).await }).await;
    matches!(read, Ok(Ok(0)))
}

#[tokio::test]
async fn the_unproven_make_room_before_the_resting_and_never_the_busy() {
    let usage = Arc::new(Usage::default());
    let connections = Connections::new(100, 3, usage.clone());
    let busy_one = connections.enter(Some(client())).unwrap();
    let resting = connections.enter(Some(client())).unwrap();
    let silent = connections.enter(Some(client())).unwrap();
    let _busy = busy_one.busy();
    drop(resting.busy());
    assert_eq!(usage.counts().connections, 3);

    let second = connections.enter(Some(client())).unwrap();
    assert!(closed(&silent).await && !closed(&resting).await && !closed(&busy_one).await);
    let _second_busy = second.busy();
    let third = connections.enter(Some(client())).unwrap();
    assert!(closed(&resting).await && !closed(&busy_one).await);
    let _third_busy = third.busy();
    assert_eq!(connections.enter(Some(client())).err(), Some(Full::Client));
    assert!(connections.enter(Some(other_client())).is_ok());
    assert_eq!(usage.counts().connections, 3);

    drop(busy_one);
    // Those that were closed let go of nothing that is not theirs.
    drop((silent, resting));
    assert_eq!(usage.counts().connections, 2);
    assert!(connections.enter(Some(client())).is_ok());
}

#[tokio::test]
async fn who_has_most_makes_room_for_who_has_less_even_with_busy_ones() {
    let usage = Arc::new(Usage::default());
    let connections = Connections::new(10, 10, usage);
    let greedy: Vec<_> = (0..10).map(|_| connections.enter(Some(client())).unwrap()).collect();
    let _busy: Vec<_> = greedy.iter().map(Connection::busy).collect();
    // Its own newcomers do not push each other out.
    assert_eq!(connections.enter(Some(client())).err(), Some(Full::Client));
    let mut others = Vec::new();
    while let Ok(connection) = connections.enter(Some(other_client())) {
        others.push(connection);
        std::mem::forget(others.last().unwrap().busy());
        assert!(others.len() <= 5);
    }
    assert_eq!(others.len(), 5);
    let mut open = 0;
    for connection in &greedy {
        open += usize::from(!closed(connection).await);
    }
    assert_eq!(open, 5);
}

/// More addresses than slots, each with one request that takes long: a newcomer gets the slot of the oldest one.
#[tokio::test(start_paused = true)]
async fn the_longest_request_gives_way_where_all_clients_are_busy_with_one() {
    let connections = Connections::new(4, 4, Arc::new(Usage::default()));
    let enter = |client| connections.enter(Some(numbered_client(client)));
    let open: Vec<_> = (0..4).map(|client| enter(client).unwrap()).collect();
    let _websocket = open[0].websocket();
    let mut busy = Vec::new();
    for connection in &open[1..] {
        busy.push(connection.busy());
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    // A request that takes no longer than most is finished.
    assert_eq!(enter(4).err(), Some(Full::All));
    tokio::time::advance(Duration::from_secs(HELD_SECONDS_MIN)).await;
    // One that has a connection gets no second one for it.
    assert_eq!(enter(2).err(), Some(Full::All));
    let newcomer = enter(4).unwrap();
    assert!(closed(&open[1]).await);
    for connection in [&open[0], &open[2], &open[3], &newcomer] {
        assert!(!closed(connection).await);
    }
}

#[tokio::test]
async fn a_proxys_connections_are_no_clients() {
    let usage = Arc::new(Usage::default());
    let connections = Connections::new(10, 2, usage);
    let proxied: Vec<_> = (0..5).map(|_| connections.enter(None).unwrap()).collect();
    for connection in &proxied {
        assert!(!closed(connection).await);
    }
}

#[tokio::test]
async fn all_can_be_ended() {
    let connections = Connections::new(10, 10, Arc::new(Usage::default()));
    let open = [connections.enter(Some(client())).unwrap(), connections.enter(None).unwrap()];
    connections.close_all();
    assert!(closed(&open[0]).await && closed(&open[1]).await);
    drop(open);
    timeout(Duration::from_secs(10), connections.all_left()).await.unwrap();
}

/// Behind a proxy each request counts for its client: the one with the most makes room, and none has more than its share.
#[tokio::test(start_paused = true)]
async fn a_client_behind_a_proxy_has_no_more_than_others() {
    let connections = Connections::new(8, 4, Arc::new(Usage::default()));
    let proxied: Vec<_> = (0..8).map(|_| connections.enter(None).unwrap()).collect();
    let mut busy = Vec::new();
    for (number, connection) in proxied.iter().enumerate() {
        let one = if number < 4 { client() } else { other_client() };
        connection.pass_to(one).unwrap();
        busy.push(connection.busy());
    }
    let newcomer = connections.enter(None).unwrap();
    assert!(closed(&proxied[0]).await && !closed(&proxied[1]).await, "one makes room");
    assert_eq!(newcomer.pass_to(other_client()).unwrap_err(), Full::Client);
    // An answered request counts for nobody.
    drop(busy.pop());
    newcomer.pass_to(other_client()).unwrap();
}
