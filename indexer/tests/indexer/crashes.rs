//! Interrupted indexers, killed databases and full disks.

use std::fs;
use std::time::Duration;

use ehb_indexer::cluster::Cluster;
use ehb_indexer::database::Database;
use ehb_indexer::index::{self, Settings};
use ehb_indexer::progress::Progress;
use ehb_indexer::schema;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::ConnectOptions;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::chain::TestChain;
use crate::database::{PATIENCE, TestDatabase, checksums, execute, index_to, source};
use crate::node::TestNode;

const HEIGHTS: u64 = 400;

/// Ends the indexer at many moments, without a word to the database, until it has all blocks: the tables are those of an
/// indexer that was never ended.
#[tokio::test(flavor = "multi_thread")]
async fn an_indexer_that_is_cut_off_anywhere_leaves_the_tables_of_a_rebuild() {
    let chain = TestChain::busy("cut", HEIGHTS);
    let whole = TestDatabase::new("cut_whole").await;
    index_to(&mut whole.database(), &[&TestNode::new("a", &chain)], HEIGHTS - 2).await.unwrap();
    let expected = checksums(&mut whole.connect().await).await;
    let test = TestDatabase::new("cut").await;
    let node = TestNode::new("a", &chain);
    // Few blocks at a time, so that there are many transactions to be cut off in.
    node.answers().blocks.truncate(2);
    for round in 2..HEIGHTS {
        if round % 8 == 0 || round == HEIGHTS - 1 {
            let limit = usize::try_from(round + 1).unwrap();
            node.answers().blocks = chain.blocks[..limit].to_vec();
            let mut database = test.database();
            let (_stop, stopped) = watch::channel(false);
            let (settings, progress) = (
                Settings { partition_heights: Some(50), ..Settings::default() },
                Progress::default(),
            );
            let run = index::run(&settings, source(&[&node]), &mut database, &progress, stopped);
            // From before the connection to after the commit.
            let moment = Duration::from_micros((round * 1_237) % 40_000);
            assert!(timeout(moment, run).await.is_err());
        }
    }
    index_to(&mut test.database(), &[&node], HEIGHTS - 2).await.unwrap();
    assert_eq!(checksums(&mut test.connect().await).await, expected);
    test.end().await;
    whole.end().await;
}

/// Kills the server while blocks are written: the indexer starts it again and goes on, with nothing lost or twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_is_killed_is_started_again_and_the_tables_are_right() {
    let chain = TestChain::busy("killed", HEIGHTS);
    let whole = TestDatabase::new("killed_whole").await;
    index_to(&mut whole.database(), &[&TestNode::new("a", &chain)], HEIGHTS - 2).await.unwrap();
    let expected = checksums(&mut whole.connect().await).await;
    let dir = tempfile::Builder::new().prefix("ehb-ix").tempdir().unwrap();
    let mut database = Database::Private(Cluster::new(dir.path()));
    let node = TestNode::new("a", &chain);
    node.answers().blocks.truncate(2);
    let (stop, stopped) = watch::channel(false);
    let (settings, progress) =
        (Settings { partition_heights: Some(50), ..Settings::default() }, Progress::default());
    let pid_file = dir.path().join("data/postmaster.pid");
    let disturb = async {
        for limit in [100, 200, 300, HEIGHTS] {
            node.answers().blocks = chain.blocks[..usize::try_from(limit).unwrap()].to_vec();
            while progress.height().is_none_or(|height| height + 60 < limit) {
                sleep(Duration::from_millis(1)).await;
            }
            if limit < HEIGHTS {
                let text = fs::read_to_string(&pid_file).unwrap();
                let pid = text.lines().next().unwrap().parse().unwrap();
                kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
            }
        }
        while progress.height() != Some(HEIGHTS - 2) {
            sleep(Duration::from_millis(5)).await;
        }
        stop.send(true).unwrap();
    };
    let run = index::run(&settings, source(&[&node]), &mut database, &progress, stopped);
    let (ended, ()) = timeout(PATIENCE, async { tokio::join!(run, disturb) }).await.unwrap();
    ended.unwrap();
    let mut connection = database.connect().await.unwrap();
    assert_eq!(checksums(&mut connection).await, expected);
    drop(connection);
    database.close().await;
    assert!(!pid_file.exists(), "the private server has ended with its last user");
    whole.end().await;
}

/// Two indexers on one database: the second waits, and takes over when the first has ended.
#[tokio::test(flavor = "multi_thread")]
async fn the_second_indexer_of_a_database_waits_for_the_first() {
    let chain = TestChain::busy("two", 30);
    let test = TestDatabase::new("two").await;
    let mut holder = test.options.connect().await.unwrap();
    schema::migrate(&mut holder).await.unwrap();
    let held: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
        .bind(ehb_indexer::write::WRITER_LOCK)
        .fetch_one(&mut holder)
        .await
        .unwrap();
    assert!(held);
    let (_stop, stopped) = watch::channel(false);
    let (settings, progress) = (Settings::default(), Progress::default());
    let node = TestNode::new("b", &chain);
    let mut database = test.database();
    let run = index::run(&settings, source(&[&node]), &mut database, &progress, stopped);
    let release = async {
        while progress.state().problem.is_none() {
            sleep(Duration::from_millis(5)).await;
        }
        assert!(progress.state().problem.unwrap().contains("another ehb-indexer"));
        assert!(!Progress::state(&progress).is_ready());
        drop(holder);
        while progress.height() != Some(28) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        ended = run => panic!("{ended:?}"),
        done = timeout(PATIENCE, release) => done.unwrap(),
    }
    drop(database);
    test.end().await;
}

/// A disk that is full while rows are appended, by `COPY` and by `insert`: nothing of the batch is kept, the indexer says why, and goes
/// on when there is space again.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_nothing_for_good() {
    let chain = TestChain::busy("full", 60);
    let whole = TestDatabase::new("full_whole").await;
    index_to(&mut whole.database(), &[&TestNode::new("a", &chain)], 58).await.unwrap();
    let expected = checksums(&mut whole.connect().await).await;
    for table in ["emo.entry", "chain.event"] {
        let test = TestDatabase::new("full").await;
        let mut connection = test.connect().await;
        schema::migrate(&mut connection).await.unwrap();
        let fails = format!(
            "create function public.fail() returns trigger language plpgsql as $$ begin
                 raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
             end $$;
             create trigger full_disk before insert on {table} for each statement execute function public.fail()"
        );
        execute(&mut connection, &fails).await;
        let (_stop, stopped) = watch::channel(false);
        let (settings, progress) =
            (Settings { partition_heights: Some(50), ..Settings::default() }, Progress::default());
        let node = TestNode::new("a", &chain);
        let mut database = test.database();
        let run = index::run(&settings, source(&[&node]), &mut database, &progress, stopped);
        let free = async {
            while progress.state().problem.is_none() {
                sleep(Duration::from_millis(5)).await;
            }
            let problem = progress.state().problem.unwrap();
            assert!(problem.contains("No space left on device"), "{problem}");
            let written = "select count(*) from chain.block";
            let written: i64 =
                sqlx::query_scalar(written).fetch_one(&mut connection).await.unwrap();
            assert_eq!((written, progress.height()), (0, None));
            execute(&mut connection, &format!("drop trigger full_disk on {table}")).await;
            while progress.height() != Some(58) {
                sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            ended = run => panic!("{ended:?}"),
            done = timeout(PATIENCE, free) => done.unwrap(),
        }
        drop(database);
        assert_eq!(checksums(&mut connection).await, expected, "{table}");
        drop(connection);
        test.end().await;
    }
    whole.end().await;
}
