//! The outbox with three servers of NATS JetStream, of which one is killed.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::stream::Stream;
use ehb_indexer::outbox::{self, Settings};
use ehb_indexer::progress::Progress;
use serde_json::Value;
use sqlx::PgConnection;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::chain::TestChain;
use crate::database::{PATIENCE, TestDatabase, execute, index_to};
use crate::node::TestNode;

const STREAM: &str = "shop";
const SERVERS: usize = 3;

/// A cluster of servers that end with their owner.
struct Servers {
    children: Vec<Child>,
    urls: Vec<String>,
    _dir: TempDir,
}

impl Drop for Servers {
    fn drop(&mut self) {
        for child in &mut self.children {
            // One that was killed has ended already.
            drop(child.kill());
            child.wait().unwrap();
        }
    }
}

/// The program: where it is in the path, or where Debian has it.
fn program() -> Command {
    let debian = Path::new("/usr/sbin/nats-server");
    Command::new(if debian.exists() { debian } else { Path::new("nats-server") })
}

impl Servers {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        // All are held until the last is found, so that they differ, and free when the servers begin.
        let held: Vec<TcpListener> =
            (0..2 * SERVERS).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = held.iter().map(|it| it.local_addr().unwrap().port()).collect();
        drop(held);
        let (clients, routes) = ports.split_at(SERVERS);
        let routes: Vec<String> =
            routes.iter().map(|it| format!("nats://127.0.0.1:{it}")).collect();
        let start = |number: usize| {
            program()
                .args([
                    "--addr",
                    "127.0.0.1",
                    "--port",
                    &clients[number].to_string(),
                    "--jetstream",
                ])
                .args(["--server_name", &format!("n{number}"), "--cluster_name", "test"])
                .args(["--cluster", &routes[number], "--routes", &routes.join(",")])
                .arg("--store_dir")
                .arg(dir.path().join(number.to_string()))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap_or_else(|error| panic!("nats-server: {error}: run scripts/bootstrap"))
        };
        let children = (0..SERVERS).map(start).collect();
        let urls = clients.iter().map(|it| format!("nats://127.0.0.1:{it}")).collect();
        Self { children, urls, _dir: dir }
    }

    /// Kills a server by its name.
    fn kill(&mut self, name: &str) {
        let number: usize = name.trim_start_matches('n').parse().unwrap();
        self.children[number].kill().unwrap();
    }

    /// The stream, as soon as somebody has created it and the cluster answers.
    async fn stream(&self) -> Stream {
        let opening = async {
            loop {
                if let Ok(client) = async_nats::connect(&self.urls).await {
                    let context = async_nats::jetstream::new(client);
                    if let Ok(stream) = context.get_stream(STREAM).await {
                        return stream;
                    }
                }
                sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(PATIENCE, opening).await.unwrap_or_else(|_| panic!("there is no stream"))
    }
}

/// Publishes until it is aborted.
fn publish(test: &TestDatabase, servers: &Servers, progress: &Progress) -> JoinHandle<()> {
    let settings = Settings {
        servers: servers.urls.clone(),
        stream: STREAM.to_owned(),
        replicas: SERVERS,
        from_height: Some(0),
    };
    tokio::spawn(outbox::run(test.options.clone(), settings, progress.clone()))
}

/// Waits until the stream has a number of messages.
async fn wait_for(stream: &Stream, messages: u64) {
    let waiting = async {
        // While the servers elect a leader, they do not answer.
        while stream.get_info().await.map_or(0, |it| it.state.last_sequence) < messages {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = timeout(PATIENCE, waiting).await;
    assert!(waited.is_ok(), "there are not {messages} messages: {:?}", stream.get_info().await);
}

/// The ids and subjects that the messages of all events have.
async fn events(connection: &mut PgConnection) -> Vec<(String, String)> {
    sqlx::query_as(
        "select height || '-' || index || '-' || event, 'shop.' || module || '.' || name
         from chain.event order by height, index, event",
    )
    .fetch_all(connection)
    .await
    .unwrap()
}

/// The ids and subjects of the messages in a stream.
async fn messages(stream: &Stream) -> Vec<(String, String)> {
    let last = stream.get_info().await.unwrap().state.last_sequence;
    let mut found = Vec::new();
    for sequence in 1..=last {
        let message = stream.get_raw_message(sequence).await.unwrap();
        let id = message.headers.get(NATS_MESSAGE_ID).unwrap().as_str().to_owned();
        found.push((id, message.subject.to_string()));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_has_each_event_once_and_in_order_though_a_server_is_killed() {
    let chain = TestChain::busy("outbox", 260);
    let test = TestDatabase::new("outbox").await;
    let node = |height| TestNode::at_height("a", &chain, height);
    index_to(&mut test.database(), &[&node(100)], 100).await.unwrap();
    let mut connection = test.connect().await;
    let mut servers = Servers::start();
    let progress = Progress::default();
    let publishing = publish(&test, &servers, &progress);
    let stream = servers.stream().await;
    wait_for(&stream, events(&mut connection).await.len() as u64).await;
    // The leader is killed while events of further blocks are published.
    let leader = stream.get_info().await.unwrap().cluster.unwrap().leader.unwrap();
    let mut database = test.database();
    let further = node(200);
    let nodes = [&further];
    let indexing = index_to(&mut database, &nodes, 200);
    let killing = async {
        sleep(Duration::from_millis(100)).await;
        servers.kill(&leader);
    };
    let (indexed, ()) = tokio::join!(indexing, killing);
    indexed.unwrap();
    let stream = servers.stream().await;
    let expected = events(&mut connection).await;
    wait_for(&stream, expected.len() as u64).await;
    assert_eq!(messages(&stream).await, expected);
    let first = stream.get_raw_message(1).await.unwrap();
    let first: Value = serde_json::from_slice(&first.payload).unwrap();
    assert_eq!(first["id"], expected[0].0.as_str());
    let subject =
        format!("shop.{}.{}", first["module"].as_str().unwrap(), first["name"].as_str().unwrap());
    assert_eq!(subject, expected[0].1);
    assert!(first["value"].is_object() && first["transaction"].is_string(), "{first}");
    publishing.abort();
    assert!(publishing.await.unwrap_err().is_cancelled());
    // What the stream has is not published again, even if the database does not know about it.
    let sql = "update service.outbox set height = 1, index = 0, event = 0, sequence = 0";
    execute(&mut connection, sql).await;
    index_to(&mut test.database(), &[&node(240)], 240).await.unwrap();
    let publishing = publish(&test, &servers, &progress);
    let expected = events(&mut connection).await;
    wait_for(&stream, expected.len() as u64).await;
    assert_eq!(messages(&stream).await, expected);
    let noted = async {
        while progress.state().published_height != Some(240) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, noted).await.unwrap();
    assert_eq!(progress.state().outbox_problem, None);
    let published = outbox::list(&mut connection).await.unwrap();
    assert_eq!((published.len(), published[0].next_height), (1, 241), "{published:?}");
    assert_eq!(published[0].sequence, expected.len().to_string());
    // Tables that are filled again are behind the stream for a while.
    ehb_indexer::schema::reset(&mut connection).await.unwrap();
    index_to(&mut test.database(), &[&node(100)], 100).await.unwrap();
    index_to(&mut test.database(), &[&node(258)], 258).await.unwrap();
    let expected = events(&mut connection).await;
    wait_for(&stream, expected.len() as u64).await;
    assert_eq!(messages(&stream).await, expected);
    publishing.abort();
    drop(publishing.await);
    assert!(outbox::remove(&mut connection, STREAM).await.unwrap());
    assert!(!outbox::remove(&mut connection, STREAM).await.unwrap());
    test.end().await;
}

/// Old blocks stay until the stream has their events.
#[tokio::test]
async fn blocks_that_a_stream_lacks_are_not_dropped() {
    let chain = TestChain::busy("outbox-keeps", 170);
    let test = TestDatabase::new("outbox_keeps").await;
    let node = TestNode::at_height("a", &chain, 168);
    index_to(&mut test.database(), &[&node], 168).await.unwrap();
    let mut connection = test.connect().await;
    execute(&mut connection, "insert into service.outbox values ('shop', 60, 0, 0, 0)").await;
    let dropped = ehb_indexer::retention::drop_old(&mut connection, 10).await.unwrap();
    assert_eq!(dropped, Some(50));
    execute(&mut connection, "delete from service.outbox").await;
    let dropped = ehb_indexer::retention::drop_old(&mut connection, 10).await.unwrap();
    assert_eq!(dropped, Some(150));
    test.end().await;
}
