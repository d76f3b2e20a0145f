//! One client takes all that it can get: what is left to another one. Addresses of this machine stand for clients.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::Ordering;
use std::time::Duration;

use ehb_rpc_api::Base64;
use ehb_rpc_server::Limits;
use ehb_types::Hash;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

use crate::fake::{ALICE, BOB, transfer};
use crate::raw::{Running, STATUS, start_with};

const GREEDY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 1);
const OTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// A test fails by this, and never depends on less.
const LONG: Duration = Duration::from_secs(60);

fn small() -> Limits {
    Limits {
        connections_max: 64,
        client_connections_max: 48,
        websockets_max: 32,
        client_websockets_max: 24,
        subscriptions_max: 100,
        client_subscriptions_max: 60,
        waits_max: 30,
        client_waits_max: 20,
        ..Limits::default()
    }
}

async fn connect(from: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

fn request(path: &str, lines: &str, body: &str) -> String {
    let method = if body.is_empty() { "GET" } else { "POST" };
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{lines}\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

const UPGRADE: &str = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Sends a request on a connection of its own; the connection, and what came first.
async fn begin(from: Ipv4Addr, server: &Running, request: &str) -> (TcpStream, String) {
    let mut stream = connect(from, server.address).await;
    let _ = stream.write_all(request.as_bytes()).await;
    let mut first = vec![0; 64 << 10];
    let count = stream.read(&mut first).await.unwrap_or(0);
    first.truncate(count);
    (stream, String::from_utf8_lossy(&first).into_owned())
}

/// The answer to one request, within a long time.
async fn ask(from: Ipv4Addr, server: &Running, text: &str) -> String {
    timeout(LONG, begin(from, server, text)).await.unwrap().1
}

fn call(method: &str, params: Value) -> String {
    json!({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}).to_string()
}

fn wait(number: u8) -> String {
    call("tx_wait", json!([Hash([number; 32]), 60_000]))
}

async fn assert_served(server: &Running, who: Ipv4Addr) {
    let health = ask(who, server, &request("/health", "", "")).await;
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    let status = ask(who, server, &request("/", "", STATUS)).await;
    assert!(status.contains("chainId"), "{status}");
    let upgraded = ask(who, server, &request("/", UPGRADE, "")).await;
    assert!(upgraded.starts_with("HTTP/1.1 101"), "{upgraded}");
    let waited = call("tx_wait", json!([Hash([99; 32]), 0]));
    let waited = ask(who, server, &request("/", "", &waited)).await;
    assert!(waited.contains("TIMEOUT") || waited.contains("unknown"), "{waited}");
}

#[tokio::test]
async fn websockets_and_waits_of_one_client_keep_no_other_out() {
    let server = start_with(|config| config.limits = small()).await;
    let mut held = Vec::new();
    let mut upgraded = 0;
    for _ in 0..100 {
        let (stream, first) = begin(GREEDY, &server, &request("/", UPGRADE, "")).await;
        upgraded += usize::from(first.starts_with("HTTP/1.1 101"));
        held.push(stream);
    }
    assert_eq!(upgraded, 24);
    for number in 0..100 {
        let mut stream = connect(GREEDY, server.address).await;
        let _ = stream.write_all(request("/", "", &wait(number)).as_bytes()).await;
        held.push(stream);
    }
    assert_served(&server, OTHER).await;
    drop(held);
}

#[tokio::test]
async fn the_waits_of_one_client_leave_some_to_others() {
    let server = start_with(|config| config.limits = small()).await;
    let mut socket = server.socket().await;
    for number in 0..20 {
        socket.send(&wait(number)).await;
    }
    let refused = socket.ask(&wait(20)).await.unwrap();
    assert_eq!(crate::raw::error_text(&refused), "-32065 LIMIT_EXCEEDED");
    assert_served(&server, OTHER).await;
    // As soon as one ends, there is room again.
    drop(socket);
    loop {
        let waited = call("tx_wait", json!([Hash([1; 32]), 0]));
        let answer = ask(GREEDY, &server, &request("/", "", &waited)).await;
        if !answer.contains("LIMIT_EXCEEDED") {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn when_all_places_are_taken_the_one_with_most_makes_room() {
    let limits =
        Limits { client_connections_max: 64, waits_max: 200, client_waits_max: 100, ..small() };
    let server = start_with(|config| config.limits = limits).await;
    let mut held = Vec::new();
    for number in 0..64 {
        let mut stream = connect(GREEDY, server.address).await;
        stream.write_all(request("/", "", &wait(number)).as_bytes()).await.unwrap();
        held.push(stream);
    }
    assert_served(&server, OTHER).await;
    drop(held);
}

/// Blocks that are read take long here: all of one client's calls are under way, or wait.
#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::await_holding_lock,
    clippy::readonly_write_lock,
    reason = "holding it is what makes reads of blocks slow here"
)]
async fn batches_of_blocks_delay_no_other_client() {
    let server = start_with(|_| {}).await;
    let node = server.node.clone();
    let stalled = node.blocks_held.write().unwrap();
    let block = json!({"jsonrpc": "2.0", "method": "chain_getBlock", "params": [0], "id": 1});
    let batch = request("/", "", &json!(vec![block; 50]).to_string());
    let mut held = Vec::new();
    for _ in 0..200 {
        let mut stream = connect(GREEDY, server.address).await;
        stream.write_all(batch.as_bytes()).await.unwrap();
        held.push(stream);
    }
    let begun = || node.blocks_begun.load(Ordering::Relaxed);
    let until_begun = async |count| {
        while begun() < count {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, until_begun(1)).await.unwrap();
    for method in ["chain_getHeader", "chain_status", "module_describe", "module_call"] {
        let params = match method {
            "module_describe" => json!(["wallet"]),
            "module_call" => json!(["wallet", "balance", [crate::fake::text(BOB)]]),
            _ => json!([]),
        };
        for who in [OTHER, GREEDY] {
            let answer = ask(who, &server, &request("/", "", &call(method, params.clone()))).await;
            assert!(answer.contains("\"result\""), "{method}: {answer}");
        }
    }
    // The other one's block is read next, while those of the first still wait.
    assert_eq!(begun(), 1);
    let mut other = connect(OTHER, server.address).await;
    let one = request("/", "", &call("chain_getBlock", json!([0])));
    other.write_all(one.as_bytes()).await.unwrap();
    timeout(LONG, until_begun(2)).await.unwrap();
    assert_eq!(begun(), 2);
    drop(stalled);
    let mut answer = [0; 12];
    timeout(LONG, other.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    drop(held);
}

#[tokio::test]
async fn subscriptions_of_one_client_are_bounded_over_all_its_websockets() {
    let server = start_with(|config| config.limits = small()).await;
    let subscribe = call("chain_subscribeBlocks", json!([]));
    let mut sockets = vec![server.socket().await, server.socket().await, server.socket().await];
    let mut accepted = 0;
    for socket in &mut sockets {
        for _ in 0..30 {
            accepted += usize::from(socket.ask(&subscribe).await.unwrap().get("result").is_some());
        }
    }
    assert_eq!(accepted, 60);
    // Those of a WebSocket that ends are free again.
    drop(sockets.remove(0));
    loop {
        let answer = sockets[1].ask(&subscribe).await.unwrap();
        if answer.get("result").is_some() {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_trusted_proxy_names_its_clients() {
    let server = start_with(|config| {
        config.limits = small();
        config.trusted_proxies = vec![IpAddr::V4(GREEDY)];
    })
    .await;
    let forwarded = |client: &str| format!("x-forwarded-for: 6.6.6.6, {client}\r\n");
    let mut held = Vec::new();
    for number in 0..20 {
        let text = request("/", &forwarded("203.0.113.1"), &wait(number));
        let mut stream = connect(GREEDY, server.address).await;
        stream.write_all(text.as_bytes()).await.unwrap();
        held.push(stream);
    }
    let waited = call("tx_wait", json!([Hash([50; 32]), 0]));
    let of = async |from, client: &str| {
        ask(from, &server, &request("/", &forwarded(client), &waited)).await
    };
    loop {
        if of(GREEDY, "203.0.113.1").await.contains("LIMIT_EXCEEDED") {
            break;
        }
        sleep(Duration::from_millis(10)).await;
    }
    assert!(!of(GREEDY, "203.0.113.2").await.contains("LIMIT_EXCEEDED"));
    // Who is no proxy cannot speak for others.
    assert!(!of(OTHER, "203.0.113.1").await.contains("LIMIT_EXCEEDED"));
    drop(held);
}

/// Messages without an answer to wait for, faster than they are answered: what is under way stays bounded, and
/// the server goes on serving.
#[tokio::test]
async fn a_flood_of_small_messages_is_read_no_faster_than_it_is_answered() {
    let server = start_with(|_| {}).await;
    let mut stream = connect(GREEDY, server.address).await;
    stream.write_all(request("/", UPGRADE, "").as_bytes()).await.unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 101");
    // A masked text frame of two bytes that is no call: its answer is far longer.
    let frames = [0x81, 0x82, 0, 0, 0, 0, b'{', b'}'].repeat(64 << 10);
    // The client never reads, so that the server stops reading; far more than buffers hold is sent.
    let mut sent = 0;
    while let Ok(Ok(count)) =
        timeout(Duration::from_secs(2), stream.write(&frames[..frames.len()])).await
    {
        sent += count;
        assert!(sent < 256 << 20, "the server reads without end");
    }
    assert_served(&server, OTHER).await;
}

/// Two clients hold all WebSockets and waits that there are: a third one is served all the same.
#[tokio::test]
async fn a_few_clients_that_hold_everything_make_room() {
    let limits = Limits { client_connections_max: 40, connections_max: 200, ..small() };
    let server = start_with(|config| config.limits = limits).await;
    let mut held = Vec::new();
    for greedy in [Ipv4Addr::new(127, 0, 0, 5), Ipv4Addr::new(127, 0, 0, 6)] {
        for number in 0..20 {
            held.push(begin(greedy, &server, &request("/", UPGRADE, "")).await.0);
            let mut stream = connect(greedy, server.address).await;
            stream.write_all(request("/", "", &wait(number)).as_bytes()).await.unwrap();
            held.push(stream);
        }
    }
    assert_served(&server, OTHER).await;
    drop(held);
}

/// Requests that are announced and never sent hold memory: who holds the most makes room.
#[tokio::test]
async fn announced_bodies_of_a_few_clients_keep_nobody_from_reading() {
    let limits = Limits { memory_mib: 136, client_memory_mib: 68, ..Limits::default() };
    let server = start_with(|config| config.limits = limits).await;
    let announced = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
        content-length: 2097152\r\n\r\n{";
    let mut held = Vec::new();
    for greedy in [Ipv4Addr::new(127, 0, 0, 5), Ipv4Addr::new(127, 0, 0, 6)] {
        for _ in 0..34 {
            let mut stream = connect(greedy, server.address).await;
            stream.write_all(announced.as_bytes()).await.unwrap();
            held.push(stream);
        }
    }
    for method in ["chain_getHeader", "chain_getBlock"] {
        let answer = ask(OTHER, &server, &request("/", "", &call(method, json!([])))).await;
        assert!(answer.contains("\"result\""), "{method}: {answer}");
    }
    drop(held);
}

/// The node takes its time to look at transactions, such as those of a client with many bad signatures.
#[tokio::test(flavor = "multi_thread")]
async fn submissions_of_one_client_leave_some_to_others() {
    let limits = Limits { submissions_max: 40, client_submissions_max: 20, ..Limits::default() };
    let server = start_with(|config| config.limits = limits).await;
    let stalled = server.node.submissions_held.clone().write_owned().await;
    let submit = |sequence| {
        let signed = transfer(ALICE, BOB, 1, sequence);
        assert!(signed.encoded().len() <= Limits::SUBMISSION_BYTES);
        let bytes = Base64(signed.encoded().to_vec());
        request("/", "", &call("tx_submit", json!([bytes])))
    };
    let mut held = Vec::new();
    for sequence in 0..30 {
        let mut stream = connect(GREEDY, server.address).await;
        stream.write_all(submit(sequence).as_bytes()).await.unwrap();
        held.push(stream);
    }
    let submitted = || server.node.submitted.load(Ordering::Relaxed);
    let until_submitted = async |count| {
        while submitted() < count {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(LONG, until_submitted(20)).await.unwrap();
    assert_eq!(submitted(), 20);
    // Those of the first client wait, and the other client's is checked.
    let mut other = connect(OTHER, server.address).await;
    other.write_all(submit(30).as_bytes()).await.unwrap();
    timeout(LONG, until_submitted(21)).await.unwrap();
    assert_eq!(submitted(), 21);
    drop(stalled);
    timeout(LONG, until_submitted(31)).await.unwrap();
    let mut answer = [0; 12];
    timeout(LONG, other.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    drop(held);
}
