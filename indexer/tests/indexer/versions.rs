//! The supported versions of PostgreSQL: those of this machine, to which `scripts/bootstrap postgres` adds the newest.

use ehb_indexer::cluster::{Cluster, versions};
use ehb_indexer::database::Database;
use ehb_indexer::index::Settings;
use ehb_indexer::progress::Progress;
use ehb_indexer::source::Source;
use ehb_indexer::verify::Scope;
use ehb_sdk::Client;
use sqlx::PgConnection;

use crate::database::{execute, index_source, one};
use crate::real::{chain, trade, verify};
use crate::reports::{count, queries};

/// The rows of each table as a digest of their texts, which are the same in all versions.
async fn digests(connection: &mut PgConnection) -> Vec<(String, String)> {
    execute(connection, "set timezone = 'UTC'").await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition and n.nspname in ('chain', 'edr', 'emo', 'pss')
         order by 1",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    let mut found = Vec::new();
    for table in tables {
        let sql = format!(
            "select count(*) || ' ' || md5(coalesce(string_agg(t::text, ';' order by t::text collate \"C\"), '')) as digest
             from {table} t"
        );
        let digest = one(connection, &sql).await.unwrap();
        found.push((table, digest));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_and_reports_are_the_same_with_each_version_of_postgres() {
    let net = chain();
    let client = Client::connect(net.url()).await.unwrap();
    let height = trade(&net, &client).await;
    let versions = versions();
    assert!(!versions.is_empty(), "no PostgreSQL is installed");
    let mut expected: Option<Vec<(String, String)>> = None;
    for version in versions {
        let dir = tempfile::Builder::new().prefix("ehb-pg").tempdir().unwrap();
        let mut database = Database::Private(Cluster::new(dir.path()).with_version(version));
        let source = Source::new(&[net.url().to_owned()], None).unwrap();
        let (settings, progress) = (Settings::default(), Progress::default());
        index_source(&mut database, source, &settings, &progress, height).await.unwrap();
        let mut connection = database.connect().await.unwrap();
        let running = "select current_setting('server_version_num')::integer / 10000 as major";
        assert_eq!(one(&mut connection, running).await, Some(version.to_string()));
        let report = verify(&mut connection, &client, Scope::default()).await;
        assert_eq!(report.differences, Vec::<String>::new(), "PostgreSQL {version}");
        assert!(report.compared > 100, "PostgreSQL {version}: {report:?}");
        for query in queries() {
            let ran = count(&mut connection, query).await;
            assert!(ran.is_ok(), "PostgreSQL {version}: {query}: {ran:?}");
        }
        let found = digests(&mut connection).await;
        assert!(found.len() > 80, "{found:?}");
        match &expected {
            Some(expected) => assert_eq!(&found, expected, "PostgreSQL {version}"),
            None => expected = Some(found),
        }
        drop(connection);
        database.close().await;
    }
}
