//! Partitions of old blocks are dropped, and nothing else.

use std::time::Duration;

use ehb_indexer::hook::{self, NewWebhook};
use ehb_indexer::index::Settings;
use ehb_indexer::progress::Progress;
use ehb_indexer::retention::drop_old;
use ehb_indexer::serve;
use sqlx::{Connection, PgConnection};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::chain::TestChain;
use crate::database::{
    PARTITION_HEIGHTS, PATIENCE, TestDatabase, checksums, execute, index_source, one, source,
};
use crate::http::Site;
use crate::node::TestNode;

/// The number of blocks of the tests' chains.
const HEIGHTS: u64 = 170;

/// Indexes up to a height, and drops what is older than the last `keep` heights.
async fn index(test: &TestDatabase, chain: &TestChain, keep: Option<u64>, height: u64) {
    let settings = Settings {
        partition_heights: Some(PARTITION_HEIGHTS),
        keep_heights: keep,
        ..Settings::default()
    };
    let source = source(&[&TestNode::at_height("a", chain, height)]);
    let progress = Progress::default();
    index_source(&mut test.database(), source, &settings, &progress, height).await.unwrap();
}

/// The first height in each partitioned table.
async fn first_heights(connection: &mut PgConnection) -> Vec<i64> {
    let mut found = Vec::new();
    for table in ehb_indexer::schema::PARTITIONED {
        let sql = format!("select min(height) from chain.{table}");
        found.push(one(connection, &sql).await.unwrap().parse().unwrap());
    }
    found
}

#[tokio::test]
async fn old_partitions_are_dropped_and_business_is_kept() {
    let chain = TestChain::busy("retention", HEIGHTS);
    let all = TestDatabase::new("retention_all").await;
    index(&all, &chain, None, HEIGHTS - 2).await;
    let test = TestDatabase::new("retention").await;
    index(&test, &chain, None, 100).await;
    let mut connection = test.connect().await;
    // Of the heights 0 to 100, those below 41 are old, which no partition wholly is.
    assert_eq!(drop_old(&mut connection, 60).await.unwrap(), None);
    let settings = Settings { keep_heights: Some(60), ..Settings::default() };
    let (source, progress) = (source(&[&TestNode::new("a", &chain)]), Progress::default());
    let (_stop, stopped) = watch::channel(false);
    let mut database = test.database();
    let dropped = async {
        while first_heights(&mut connection).await != [100; 5] {
            sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        ended = ehb_indexer::index::run(&settings, source, &mut database, &progress, stopped) => {
            panic!("indexing ended: {ended:?}");
        }
        dropped = timeout(PATIENCE, dropped) => dropped.unwrap(),
    }
    assert_eq!(drop_old(&mut connection, 60).await.unwrap(), None);
    // The other tables are those of an index that keeps all.
    let partitioned =
        |name: &str| ehb_indexer::schema::PARTITIONED.contains(&name.trim_start_matches("chain."));
    let (mut ours, mut theirs) =
        (checksums(&mut connection).await, checksums(&mut all.connect().await).await);
    ours.retain(|(name, _)| !partitioned(name));
    theirs.retain(|(name, _)| !partitioned(name));
    assert!(ours.len() > 60);
    assert_eq!(ours, theirs);
    // What was dropped is not found, and what refers to it is still listed.
    let site = Site::start(&test.options, serve::Settings::default()).await;
    assert_eq!(site.get("/v1/blocks/99").await.error(), "404 NOT_FOUND");
    assert_eq!(site.get("/v1/blocks/100").await.status, 200);
    let entries = site.get("/v1/entries?limit=200&to=99").await.json();
    let entries = entries["data"].as_array().unwrap();
    assert!(!entries.is_empty() && entries.iter().all(|it| it["transaction"].is_null()));
    let blocks = site.get("/v1/blocks?limit=200&format=csv").await.body;
    assert_eq!(blocks.lines().count() as u64, 1 + (HEIGHTS - 1 - 100));
    test.end().await;
    all.end().await;
}

#[tokio::test]
async fn partitions_wait_for_their_readers_and_for_webhooks() {
    let chain = TestChain::busy("retention-waits", HEIGHTS);
    let test = TestDatabase::new("retention_waits").await;
    index(&test, &chain, None, 120).await;
    let (mut connection, mut reader) = (test.connect().await, test.connect().await);
    let new = NewWebhook {
        url: "https://shop.example/events".to_owned(),
        from_height: Some(60),
        ..NewWebhook::default()
    };
    let (id, _) = hook::add(&mut connection, &new).await.unwrap().unwrap();
    // Of the two old partitions, the webhook has not queued the events of the second.
    assert_eq!(drop_old(&mut connection, 10).await.unwrap(), Some(50));
    assert!(hook::remove(&mut connection, id).await.unwrap());
    // Somebody reads the second one: indexing goes on, and it is dropped later.
    let mut reading = reader.begin().await.unwrap();
    execute(&mut reading, "select count(*) from chain.event_1").await;
    index(&test, &chain, Some(10), HEIGHTS - 2).await;
    assert_eq!(first_heights(&mut connection).await, [50; 5]);
    reading.rollback().await.unwrap();
    assert_eq!(drop_old(&mut connection, 10).await.unwrap(), Some(150));
    assert_eq!(first_heights(&mut connection).await, [150; 5]);
    test.end().await;
}
