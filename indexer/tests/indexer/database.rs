//! One private Postgres for all tests, and a database for each.

use std::time::Duration;

use ehb_indexer::cluster::Cluster;
use ehb_indexer::database::Database;
use ehb_indexer::index::{self, IndexError, Settings};
use ehb_indexer::progress::Progress;
use ehb_indexer::schema;
use ehb_indexer::source::{Node, Source};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::node::TestNode;

/// How long a test waits for what must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// How many heights a partition holds here.
pub(crate) const PARTITION_HEIGHTS: i64 = 50;

/// A database of one test, in the server that the tests share.
pub(crate) struct TestDatabase {
    cluster: Cluster,
    pub(crate) options: PgConnectOptions,
    name: String,
}

impl TestDatabase {
    pub(crate) async fn new(test: &str) -> Self {
        let dir =
            std::env::temp_dir().join(format!("ehb-indexer-tests-{}", nix::unistd::geteuid()));
        let mut cluster = Cluster::new(&dir);
        cluster.start().await.unwrap();
        let name = format!("test_{test}");
        let mut admin = cluster.options().connect().await.unwrap();
        // Only a power cut would show the difference.
        execute(&mut admin, "alter system set fsync = off").await;
        execute(&mut admin, "select pg_reload_conf()").await;
        execute(&mut admin, &format!("drop database if exists {name} with (force)")).await;
        execute(&mut admin, &format!("create database {name}")).await;
        admin.close().await.unwrap();
        let options = cluster.options().database(&name);
        Self { cluster, options, name }
    }

    pub(crate) fn database(&self) -> Database {
        Database::Url(self.name.clone(), Box::new(self.options.clone()))
    }

    pub(crate) async fn connect(&self) -> PgConnection {
        self.options.connect().await.unwrap()
    }

    pub(crate) async fn end(mut self) {
        let mut admin = self.cluster.options().connect().await.unwrap();
        execute(&mut admin, &format!("drop database {} with (force)", self.name)).await;
        admin.close().await.unwrap();
        self.cluster.stop().await;
    }
}

pub(crate) async fn execute(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(connection).await.unwrap();
}

/// The first column of a query's first row, as text.
pub(crate) async fn one(connection: &mut PgConnection, sql: &str) -> Option<String> {
    let sql = format!("select (q.*)::text from ({sql}) q");
    let row: String =
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(connection).await.unwrap();
    Some(row.trim_start_matches('(').trim_end_matches(')').to_owned())
}

pub(crate) fn source(nodes: &[&TestNode]) -> Source {
    let nodes = nodes.iter().map(|node| Box::new((*node).clone()) as Box<dyn Node>);
    Source::of_nodes(nodes.collect(), None).unwrap()
}

/// Indexes until the block at `height` is in the tables.
pub(crate) async fn index_to(
    database: &mut Database,
    nodes: &[&TestNode],
    height: u64,
) -> Result<(), IndexError> {
    let settings = Settings { partition_heights: Some(PARTITION_HEIGHTS), ..Settings::default() };
    index_source(database, source(nodes), &settings, &Progress::default(), height).await
}

/// Indexes from a source until the block at `height` is in the tables.
pub(crate) async fn index_source(
    database: &mut Database,
    source: Source,
    settings: &Settings,
    progress: &Progress,
    height: u64,
) -> Result<(), IndexError> {
    let (stop, stopped) = watch::channel(false);
    let until = async {
        let deadline = Instant::now() + PATIENCE;
        while progress.height() != Some(height) {
            assert!(Instant::now() < deadline, "height {height} was not reached: {progress:?}");
            sleep(Duration::from_millis(5)).await;
        }
        stop.send(true).unwrap();
    };
    let run = index::run(settings, source, database, progress, stopped);
    tokio::select! {
        ended = run => ended,
        () = async { until.await; std::future::pending().await } => unreachable!(),
    }
}

pub(crate) async fn checksums(connection: &mut PgConnection) -> Vec<(String, String)> {
    schema::checksums(connection).await.unwrap()
}
