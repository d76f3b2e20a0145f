//! Tables are built again beside those in use and take their place, with what is not made from blocks.

use ehb_indexer::hook::{self, NewWebhook};
use ehb_indexer::index::Settings;
use ehb_indexer::progress::Progress;
use ehb_indexer::rebuild::{self, RebuildError};
use ehb_indexer::schema::{organisation, report};
use ehb_indexer::serve;
use sqlx::ConnectOptions;
use tokio::sync::watch;

use crate::chain::TestChain;
use crate::database::{PARTITION_HEIGHTS, TestDatabase, checksums, execute, index_to, one, source};
use crate::http::Site;
use crate::node::TestNode;

async fn rebuild(test: &TestDatabase, node: &TestNode) -> Result<(), RebuildError> {
    let settings = Settings { partition_heights: Some(PARTITION_HEIGHTS), ..Settings::default() };
    let (_stop, stopped) = watch::channel(false);
    let mut database = test.database();
    rebuild::run(&settings, source(&[node]), &mut database, &Progress::default(), stopped).await
}

#[tokio::test]
async fn tables_are_built_again_and_take_the_place_of_wrong_ones() {
    let chain = TestChain::busy("rebuild", 60);
    let node = TestNode::new("a", &chain);
    let test = TestDatabase::new("rebuild").await;
    index_to(&mut test.database(), &[&node], 58).await.unwrap();
    let mut owner = test.connect().await;
    let right = checksums(&mut owner).await;
    // Tables of another version, with a wrong row; and what is not made from blocks.
    execute(&mut owner, "update emo.balance set available = available + 1").await;
    execute(&mut owner, "update chain.cursor set projection = projection - 1").await;
    let new = NewWebhook { url: "https://shop.example/events".to_owned(), ..NewWebhook::default() };
    let (id, secret) = hook::add(&mut owner, &new).await.unwrap().unwrap();
    execute(&mut owner, "insert into service.read_to values ('ehbt1x', 7)").await;
    report::grant(&mut owner, "reader_rebuild", None).await.unwrap();
    organisation::limit(&mut owner).await.unwrap();
    let site = Site::start(&test.options, serve::Settings::default()).await;
    let page = site.get("/v1/events?limit=3").await.json();

    rebuild(&test, &node).await.unwrap();
    // Sessions were ended: clients connect again.
    assert!(sqlx::query("select 1").execute(&mut owner).await.is_err());
    let mut owner = test.connect().await;
    assert_eq!(checksums(&mut owner).await, right);
    let hooks = hook::list(&mut owner).await.unwrap();
    assert_eq!((hooks.len(), hooks[0].id, hooks[0].next_height), (1, id, 59));
    let kept = one(&mut owner, "select secret from service.webhook").await.unwrap();
    assert_eq!(kept, secret);
    let (second, _) = hook::add(&mut owner, &new).await.unwrap().unwrap();
    assert!(second > id);
    assert_eq!(one(&mut owner, "select height from service.read_to").await.unwrap(), "7");
    let limited = "select relrowsecurity from pg_class where oid = 'emo.balance'::regclass";
    assert_eq!(one(&mut owner, limited).await.unwrap(), "t");
    let mut reader = test.options.clone().username("reader_rebuild").connect().await.unwrap();
    assert_ne!(one(&mut reader, "select count(*) from report.balances").await.unwrap(), "0");
    // The server has the same secret: a page goes on, and its first query connects again.
    let next = format!("/v1/events?limit=3&cursor={}", page["next"].as_str().unwrap());
    let mut answer = site.get(&next).await;
    if answer.status == 503 {
        answer = site.get(&next).await;
    }
    assert_eq!(answer.status, 200, "{answer:?}");
    // The old tables are there until somebody drops them.
    let mut old = test.options.clone().database("test_rebuild_old").connect().await.unwrap();
    assert_eq!(one(&mut old, "select height from chain.cursor").await.unwrap(), "58");
    let again = rebuild(&test, &node).await.unwrap_err();
    assert!(again.to_string().contains("db drop-old"), "{again}");
    assert!(rebuild::drop_old(&mut test.database()).await.unwrap());
    assert!(!rebuild::drop_old(&mut test.database()).await.unwrap());
    drop((owner, reader, old));
    let mut owner = test.connect().await;
    execute(&mut owner, "drop owned by reader_rebuild; drop role reader_rebuild").await;
    test.end().await;
}

/// A rebuild that was killed goes on where it was; one of another version begins again.
#[tokio::test]
async fn a_rebuild_that_was_broken_off_goes_on() {
    let chain = TestChain::busy("rebuild-again", 60);
    let node = TestNode::new("a", &chain);
    let test = TestDatabase::new("rebuild_again").await;
    let first = TestNode::at_height("a", &chain, 20);
    index_to(&mut test.database(), &[&node], 58).await.unwrap();
    let mut owner = test.connect().await;
    let right = checksums(&mut owner).await;
    for change in ["delete from chain.missed_vote", "update chain.cursor set projection = 1"] {
        execute(&mut owner, "drop database if exists test_rebuild_again_next").await;
        execute(&mut owner, "create database test_rebuild_again_next").await;
        let next = test.options.clone().database("test_rebuild_again_next");
        let mut database =
            ehb_indexer::database::Database::Url(String::new(), Box::new(next.clone()));
        index_to(&mut database, &[&first], 20).await.unwrap();
        let mut connection = next.connect().await.unwrap();
        execute(&mut connection, change).await;
        drop(connection);
        rebuild(&test, &node).await.unwrap();
        owner = test.connect().await;
        let found = checksums(&mut owner).await;
        // What was there is not written again, unless it is of another version.
        assert_eq!(found == right, change.contains("projection"), "{change}");
        assert!(rebuild::drop_old(&mut test.database()).await.unwrap());
    }
    test.end().await;
}
