//! The live stream: resumption, limits and many clients.

use std::time::Duration;

use ehb_indexer::serve::{Limits, Settings};
use serde_json::Value;
use sqlx::PgConnection;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::chain::TestChain;
use crate::database::{PATIENCE, TestDatabase, execute, index_to};
use crate::http::Site;
use crate::node::TestNode;

const HOST: &str = "host: localhost\r\n";
/// The heights that a real chain filled.
const HEAD: i64 = 8;

async fn indexed(name: &str) -> TestDatabase {
    let test = TestDatabase::new(name).await;
    let chain = TestChain::busy(name, 10);
    index_to(&mut test.database(), &[&TestNode::new("a", &chain)], 8).await.unwrap();
    let mut connection = test.connect().await;
    for table in ["block", "event"] {
        let sql = format!(
            "create table chain.{table}_rest partition of chain.{table} for values from (50) to (1000000)"
        );
        execute(&mut connection, &sql).await;
    }
    test
}

/// Adds blocks up to a height, as an indexer does.
async fn grow(connection: &mut PgConnection, to: i64) {
    let sql = format!(
        "begin;
         insert into chain.block (height, hash, parent, time, timestamp_ms, round, transactions, events, gas_used,
             parent_state_root, parent_receipts_root, transactions_root, validators_hash)
         select g, 'hash ' || g, '', now(), 0, 0, 0, 0, 0, '', '', '', ''
         from generate_series((select height + 1 from chain.cursor), {to}) g;
         update chain.cursor set height = {to};
         commit;"
    );
    execute(connection, &sql).await;
}

/// The heights of the events in a text.
fn heights(text: &str) -> Vec<i64> {
    text.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect()
}

/// Reads until the text has an event of this height; returns all of it.
async fn read_to(stream: &mut TcpStream, height: i64) -> String {
    read_until(stream, &format!("id: {height}\n")).await
}

/// Reads until the text has a part; returns all of it.
pub(crate) async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let (mut text, mut buffer) = (Vec::new(), vec![0; 16 << 10]);
    let reading = async {
        while !String::from_utf8_lossy(&text).contains(end) {
            let count = stream.read(&mut buffer).await.unwrap();
            assert!(count > 0, "the stream ended: {}", String::from_utf8_lossy(&text));
            text.extend(&buffer[..count]);
        }
    };
    timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("{end:?} does not come"));
    String::from_utf8(text).unwrap()
}

/// Reads to the end of the stream; returns all of it.
pub(crate) async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let reading = timeout(PATIENCE, stream.read_to_string(&mut text));
    reading.await.unwrap_or_else(|_| panic!("the stream does not end")).unwrap();
    text
}

#[tokio::test]
async fn a_stream_resumes_after_the_last_height_and_goes_on() {
    let test = indexed("live").await;
    let mut connection = test.connect().await;
    let site = Site::start(&test.options, Settings::default()).await;
    // From the head on.
    let mut fresh = site.open("GET /v1/live", HOST).await;
    let text = read_to(&mut fresh, HEAD).await;
    assert!(text.contains("content-type: text/event-stream"), "{text}");
    assert_eq!(heights(&text), [HEAD]);
    // From a height on, by both ways; the header of a reconnecting browser wins.
    let mut resumed = site.open("GET /v1/live?after=3", HOST).await;
    assert_eq!(heights(&read_to(&mut resumed, HEAD).await), [4, 5, 6, 7, 8]);
    let headers = format!("{HOST}last-event-id: 6\r\n");
    let mut reconnected = site.open("GET /v1/live?after=3", &headers).await;
    assert_eq!(heights(&read_to(&mut reconnected, HEAD).await), [7, 8]);
    grow(&mut connection, 300).await;
    for stream in [&mut fresh, &mut resumed, &mut reconnected] {
        let text = read_to(stream, 300).await;
        assert_eq!(heights(&text), (HEAD + 1..=300).collect::<Vec<_>>());
    }
    let data = "data: ";
    let mut again = site.open("GET /v1/live?after=1", HOST).await;
    let text = read_to(&mut again, 3).await;
    let first = text.lines().find_map(|line| line.strip_prefix(data)).unwrap();
    let first: Value = serde_json::from_str(first).unwrap();
    assert_eq!((first["height"].as_i64(), first["ids"].as_array().unwrap().len()), (Some(2), 3));
    assert!(first["modules"].as_array().unwrap().contains(&"shop".into()), "{first}");
    test.end().await;
}

/// A client that is far behind is served from the database, without a gap at the place where it reaches the ring.
#[tokio::test]
async fn a_client_that_is_behind_catches_up_without_a_gap() {
    let test = indexed("behind").await;
    let mut connection = test.connect().await;
    grow(&mut connection, 2_500).await;
    let site = Site::start(&test.options, Settings::default()).await;
    let mut stream = site.open("GET /v1/live?after=0", HOST).await;
    let text = read_to(&mut stream, 100).await;
    let mut seen = heights(&text);
    grow(&mut connection, 4_000).await;
    seen.extend(heights(&read_to(&mut stream, 4_000).await));
    assert_eq!(seen, (1..=4_000).collect::<Vec<_>>());
    test.end().await;
}

#[tokio::test]
async fn streams_are_limited_and_a_client_that_sleeps_is_dropped() {
    let test = indexed("asleep").await;
    let mut connection = test.connect().await;
    // Messages of 20 KB, which no socket's buffers take for long.
    execute(
        &mut connection,
        "insert into chain.event (height, index, event, call, module, name, time)
         select g, 0, 0, 0, repeat('x', 20000), '', now() from generate_series(50, 2000) g",
    )
    .await;
    grow(&mut connection, 2_000).await;
    let limits = Limits { streams: 2, write_max: Duration::from_millis(500), ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let site = Site::start(&test.options, settings).await;
    let asleep = site.open("GET /v1/live?after=49", HOST).await;
    let mut awake = site.open("GET /v1/live", HOST).await;
    read_to(&mut awake, 2_000).await;
    // The sleeping one holds a place until it is dropped.
    let dropped = async {
        loop {
            let answer = site.get("/metrics").await.body;
            if answer.contains("ehb_indexer_live_streams 1\n") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, dropped).await.unwrap();
    grow(&mut connection, 2_001).await;
    read_to(&mut awake, 2_001).await;
    let third = site.open("GET /v1/live", HOST).await;
    let mut third = third;
    read_to(&mut third, 2_001).await;
    assert_eq!(site.get("/v1/live").await.error(), "503 BUSY");
    drop(asleep);
    test.end().await;
}

/// A client that holds its streams leaves those of others alone, and gets another one when it drops one.
#[tokio::test]
async fn the_streams_of_one_client_are_limited() {
    let test = indexed("few").await;
    let limits = Limits { streams_per_client: 2, ..Limits::default() };
    let site = Site::start(&test.options, Settings { limits, ..Settings::default() }).await;
    let mut streams = Vec::new();
    for _ in 0..2 {
        let mut stream = site.open("GET /v1/live", HOST).await;
        read_to(&mut stream, HEAD).await;
        streams.push(stream);
    }
    let refused = site.get("/v1/live").await;
    assert_eq!(refused.error(), "503 BUSY");
    assert!(refused.body.contains("this client has as many live streams"), "{refused:?}");
    // Other answers are not counted.
    assert_eq!(site.get("/v1/status").await.status, 200);
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = socket.connect(site.address).await.unwrap();
    let request = format!("GET /v1/live HTTP/1.1\r\n{HOST}\r\n");
    tokio::io::AsyncWriteExt::write_all(&mut other, request.as_bytes()).await.unwrap();
    read_to(&mut other, HEAD).await;
    streams.pop();
    let again = async {
        loop {
            let mut stream = site.open("GET /v1/live", HOST).await;
            let text = read_until(&mut stream, "\r\n\r\n").await;
            if text.starts_with("HTTP/1.1 200") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, again).await.unwrap();
    test.end().await;
}

fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4_096
}

/// All of them get each block, and one costs little: server, client and the test's own buffers together.
#[tokio::test]
async fn five_thousand_clients_get_each_block() {
    const CLIENTS: usize = 5_000;
    const BYTES_PER_CLIENT_MAX: u64 = 64 << 10;
    let test = indexed("crowd").await;
    let mut connection = test.connect().await;
    let limits = Limits {
        connections_per_client: CLIENTS + 10,
        streams_per_client: CLIENTS,
        ..Limits::default()
    };
    let site = Site::start(&test.options, Settings { limits, ..Settings::default() }).await;
    let mut streams = Vec::new();
    site.get("/v1/status").await;
    let before = resident_bytes();
    for _ in 0..CLIENTS {
        streams.push(site.open("GET /v1/live", HOST).await);
    }
    for stream in &mut streams {
        read_to(stream, HEAD).await;
    }
    let used = resident_bytes().saturating_sub(before) / CLIENTS as u64;
    assert!(used < BYTES_PER_CLIENT_MAX, "a client takes {used} bytes");
    grow(&mut connection, HEAD + 1).await;
    for stream in &mut streams {
        assert_eq!(heights(&read_to(stream, HEAD + 1).await), [HEAD + 1]);
    }
    test.end().await;
}
