//! The database schema: generated views, versions and rejected databases.

use ehb_indexer::schema::{self, SchemaError, extension};
use expect_test::expect;

use crate::chain::shop;
use crate::database::{TestDatabase, execute, one};

#[test]
fn a_view_has_a_typed_column_for_each_field() {
    let views = extension::views("corner-shop", &shop());
    let text: Vec<String> = views
        .iter()
        .map(|view| format!("{}.{}: {}", view.schema, view.name, view.definition))
        .collect();
    expect![[r#"
        ext_corner_shop.sold: select height as at_height, index as at_index, event as at_event, call as at_call, time as at_time, ((value -> 'buyer') #>> '{}') as "buyer", ((value -> 'item') #>> '{}') as "item", ((value -> 'amount') #>> '{}')::numeric(20) as "amount", ((value -> 'count') #>> '{}')::bigint as "count", ((value -> 'change') #>> '{}')::numeric(20) as "change", (value -> 'tags') as "tags", ((value -> 'photo') #>> '{}') as "photo", ((value -> 'height') #>> '{}')::boolean as "height", (((value -> 'terms') -> 'until-ms') #>> '{}')::numeric(20) as "terms_until_ms", (((value -> 'terms') -> 'note') #>> '{}') as "terms_note" from chain.event where module = 'corner-shop' and name = 'sold'
        ext_corner_shop.closed: select height as at_height, index as at_index, event as at_event, call as at_call, time as at_time from chain.event where module = 'corner-shop' and name = 'closed'
        ext_corner_shop.counted: select height as at_height, index as at_index, event as at_event, call as at_call, time as at_time, (value #>> '{}')::numeric(20) as "value" from chain.event where module = 'corner-shop' and name = 'counted'"#]]
    .assert_eq(&text.join("\n"));
}

/// Names that Postgres would cut off at the same place.
#[test]
fn long_names_stay_apart() {
    let mut interface = shop();
    let Some(ehb_abi::Type::Variant(cases)) = &mut interface.event else { panic!() };
    cases[0].name = format!("{}-one", "a".repeat(80));
    cases[1].name = format!("{}-two", "a".repeat(80));
    let views = extension::views(&"m".repeat(64), &interface);
    assert_ne!(views[0].name, views[1].name);
    assert!(views.iter().all(|view| view.name.len() <= 63 && view.schema.len() <= 63));
    let other = extension::views(&format!("{}n", "m".repeat(63)), &interface);
    assert_ne!(views[0].schema, other[0].schema);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let test = TestDatabase::new("newer").await;
    let mut connection = test.connect().await;
    assert_eq!(schema::migrate(&mut connection).await.unwrap().first(), Some(&"chain"));
    assert_eq!(schema::migrate(&mut connection).await.unwrap(), Vec::<&str>::new());
    execute(&mut connection, "insert into indexer.migration values (999, 'later')").await;
    let error = schema::migrate(&mut connection).await.unwrap_err();
    assert!(matches!(error, SchemaError::Newer { found: 999, .. }), "{error}");
    execute(
        &mut connection,
        "update indexer.migration set number = 1, name = 'x' where number = 1",
    )
    .await;
    execute(&mut connection, "delete from indexer.migration where number = 999").await;
    let error = schema::check(&mut connection).await.unwrap_err();
    assert!(matches!(error, SchemaError::Other { number: 1, .. }), "{error}");
    test.end().await;
}

/// Their views would need tables that they lack, so the reason comes first.
#[tokio::test]
async fn tables_of_another_projection_are_not_migrated() {
    let test = TestDatabase::new("other_projection").await;
    let mut connection = test.connect().await;
    schema::migrate(&mut connection).await.unwrap();
    let sql = "insert into chain.cursor (genesis_hash, network, projection, block_hash, next_validators, partition_heights)
        values ('a', 'ehbt', 1, 'b', '', 50);
        drop table edr.vote cascade; comment on schema report is 'an older version'";
    execute(&mut connection, sql).await;
    let error = schema::migrate(&mut connection).await.unwrap_err();
    assert!(matches!(error, SchemaError::Projection { found: 1 }), "{error}");
    assert!(error.to_string().contains("run 'ehb-indexer rebuild'"), "{error}");
    let there = "select count(*) > 20 from pg_views where schemaname = 'report'";
    assert_eq!(one(&mut connection, there).await.unwrap(), "t");
    test.end().await;
}

/// A migration that fails in its middle leaves nothing, and somebody else's schema is never touched.
#[tokio::test]
async fn a_schema_of_another_program_is_refused_and_kept() {
    let test = TestDatabase::new("foreign").await;
    let mut connection = test.connect().await;
    execute(&mut connection, "create schema chain; create table chain.mine as select 1 as a").await;
    let error = schema::migrate(&mut connection).await.unwrap_err();
    assert!(matches!(&error, SchemaError::Foreign(name) if name == "chain"), "{error}");
    assert!(schema::reset(&mut connection).await.is_err());
    assert_eq!(one(&mut connection, "select a from chain.mine").await.unwrap(), "1");
    let there = "select to_regnamespace('indexer') is null";
    assert_eq!(one(&mut connection, there).await.unwrap(), "t");
    test.end().await;
}

#[tokio::test]
async fn a_read_only_database_is_refused_with_the_reason() {
    let test = TestDatabase::new("read_only").await;
    let mut connection = test.connect().await;
    execute(&mut connection, "set default_transaction_read_only = on").await;
    let error = schema::migrate(&mut connection).await.unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
    test.end().await;
}

/// A database at an earlier step is not served, and says what to do; migrating makes the steps that lack.
#[tokio::test]
async fn a_half_migrated_database_is_not_served_until_it_is_migrated() {
    let test = TestDatabase::new("half").await;
    let mut connection = test.connect().await;
    schema::migrate(&mut connection).await.unwrap();
    let sql = "drop table indexer.difference, indexer.verification cascade;
        delete from indexer.migration where number = 3";
    execute(&mut connection, sql).await;
    let error = schema::check(&mut connection).await.unwrap_err();
    assert!(matches!(error, SchemaError::Behind { found: 2, known: 3 }), "{error}");
    assert!(error.to_string().contains("run 'ehb-indexer migrate'"), "{error}");
    assert_eq!(schema::migrate(&mut connection).await.unwrap(), ["verification", "report"]);
    schema::check(&mut connection).await.unwrap();
    let there = "select to_regclass('indexer.difference') is not null";
    assert_eq!(one(&mut connection, there).await.unwrap(), "t");
    test.end().await;
}
