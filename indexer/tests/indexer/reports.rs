//! The views for people: each is described, each described query runs, and the reader sees nothing else.

use std::collections::BTreeSet;

use sqlx::{ConnectOptions, PgConnection};

use crate::chain::TestChain;
use crate::database::{TestDatabase, execute, index_to, one};
use crate::node::TestNode;

const PAGE: &str = include_str!("../../../docs/reports.md");
const PANELS: &str = include_str!("../../../docs/grafana/ehb.json");

async fn indexed(name: &str) -> TestDatabase {
    let test = TestDatabase::new(name).await;
    let chain = TestChain::busy(&name.replace('_', "-"), 60);
    index_to(&mut test.database(), &[&TestNode::new("a", &chain)], 58).await.unwrap();
    test
}

/// Runs a query and returns its number of rows.
pub(crate) async fn count(connection: &mut PgConnection, sql: &str) -> Result<i64, sqlx::Error> {
    let sql = format!("select count(*) from ({}\n) q", sql.trim().trim_end_matches(';'));
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(connection).await
}

/// The queries of the page: the blocks of SQL, of which each can have several.
pub(crate) fn queries() -> Vec<&'static str> {
    let blocks = PAGE.split("```sql\n").skip(1).map(|it| it.split("```").next().unwrap());
    blocks.flat_map(|it| it.split_inclusive(";\n")).filter(|it| !it.trim().is_empty()).collect()
}

/// Makes a role that reads the views, and connects as it.
async fn reader(test: &TestDatabase, role: &str) -> PgConnection {
    let mut connection = test.connect().await;
    ehb_indexer::schema::report::grant(&mut connection, role, None).await.unwrap();
    test.options.clone().username(role).connect().await.unwrap()
}

async fn drop_role(test: &TestDatabase, role: &str) {
    let mut connection = test.connect().await;
    execute(&mut connection, &format!("drop owned by {role}; drop role {role}")).await;
}

#[tokio::test]
async fn each_query_of_the_page_runs_for_a_reader() {
    let test = indexed("queries").await;
    let mut connection = reader(&test, "reader_queries").await;
    let queries = queries();
    assert!(queries.len() >= 10, "{}", queries.len());
    for query in queries {
        let ran = count(&mut connection, query).await;
        assert!(ran.is_ok(), "{query}: {ran:?}");
    }
    drop(connection);
    drop_role(&test, "reader_queries").await;
    test.end().await;
}

#[tokio::test]
async fn each_query_of_the_panels_runs_for_a_reader() {
    let test = indexed("panels").await;
    let mut connection = reader(&test, "reader_panels").await;
    let dashboard: serde_json::Value = serde_json::from_str(PANELS).unwrap();
    let mut queries = 0;
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let sql = target["rawSql"].as_str().unwrap();
            // What Grafana fills in.
            let sql = sql
                .replace("$__timeFrom()", "'2020-01-01T00:00:00Z'::timestamptz")
                .replace("$__timeTo()", "'2040-01-01T00:00:00Z'::timestamptz")
                .replace("$account", "ehbt1xyz");
            assert!(!sql.contains("$__"), "{sql}");
            let ran = count(&mut connection, &sql).await;
            assert!(ran.is_ok(), "{}: {ran:?}", panel["title"]);
            queries += 1;
        }
    }
    assert!(queries >= 8, "{queries}");
    drop(connection);
    drop_role(&test, "reader_panels").await;
    test.end().await;
}

/// The page has a section for each view, with exactly its columns.
#[tokio::test]
async fn the_page_describes_each_view_with_its_columns() {
    let test = indexed("described").await;
    let mut connection = test.connect().await;
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select table_name::text, string_agg(column_name::text, ', ' order by ordinal_position)
         from information_schema.columns where table_schema = 'report' group by table_name
         union all
         select proname::text, array_to_string(proargnames[2:], ', ') from pg_proc
         where pronamespace = 'report'::regnamespace",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(columns.len() >= 13, "{columns:?}");
    let mut described = BTreeSet::new();
    for section in PAGE.split("\n### `").skip(1) {
        let name = section.split(['`', '(']).next().unwrap();
        let table = section.split("\n| ").skip(2);
        let listed: Vec<String> = table
            .take_while(|row| row.starts_with('`'))
            .flat_map(|row| {
                row.split(" | ").next().unwrap().split(", ").map(|it| it.replace('`', ""))
            })
            .collect();
        described.insert((name.to_owned(), listed.join(", ")));
    }
    let expected: BTreeSet<(String, String)> = columns.into_iter().collect();
    assert_eq!(described, expected);
    test.end().await;
}

#[tokio::test]
async fn views_agree_with_the_tables() {
    let test = indexed("views_agree").await;
    let mut connection = test.connect().await;
    let mut ask = async |sql: &str| one(&mut connection, sql).await.unwrap();
    assert_eq!(ask("select height from report.freshness").await, "58");
    let totals = "select bool_and(total = available + held and total_main * 100 = total) from report.balances";
    assert_eq!(ask(totals).await, "t");
    // After the last block, the balances of the past are those of the present.
    let differ = "select count(*) from report.balances b
        full join report.balance_asof('2040-01-01') p using (account, asset)
        where b.available is distinct from p.available or b.held is distinct from p.held";
    assert_eq!(ask(differ).await, "0");
    let before = "select count(*) from report.balance_asof('2020-01-01')";
    assert_eq!(ask(before).await, "0");
    // The last line of each statement is the balance.
    let last = "select count(*) from (select distinct on (account, asset) * from report.statement
        order by account, asset, n desc) s join report.balances b using (account, asset)
        where s.available <> b.available or s.held <> b.held or s.transaction is null";
    assert_eq!(ask(last).await, "0");
    let flow =
        "select count(*) from (select account, asset, sum(net) as net from report.cash_flow_monthly
        group by 1, 2) f join report.balances b using (account, asset) where f.net <> b.total";
    assert_eq!(ask(flow).await, "0");
    let exposure = "select (select coalesce(sum(amount), 0) from report.escrow_exposure)
        = (select coalesce(sum(remaining), 0) from emo.hold where state = 'open')";
    assert_eq!(ask(exposure).await, "t");
    let daily = "select sum(transactions) = (select count(*) from chain.transaction where kind = 'transaction')
        and sum(blocks) = 58 from report.network_daily";
    assert_eq!(ask(daily).await, "t");
    // Three of four sign each block of this chain.
    let uptime =
        "select string_agg(distinct uptime_percent::text, ' ' order by uptime_percent::text)
        from report.validator_uptime where blocks = 57";
    assert_eq!(ask(uptime).await, "\"0.00 100.00\"");
    test.end().await;
}

/// Three of four validators are of one organisation, and an organisation without validators has no power.
#[tokio::test]
async fn votes_count_with_the_power_of_the_validators_of_an_organisation() {
    let test = indexed("proposals").await;
    let mut connection = test.connect().await;
    execute(
        &mut connection,
        "insert into edr.node (key, name, organisation, permitted, at_height, at_index, at_event)
         select node_key, name, case name when 'validator-3' then 'club' else 'acme' end, true, 0, 0, 0 from chain.validator;
         insert into edr.proposal (id, by, organisation, reason, actions, percent, lock_ms, voting_ms, made_ms, until_ms, state,
             at_height, at_index, at_event)
         select n, 'x', 'acme', '', '[]', 51, 0, 0, 1000, until_ms, state, 1, 0, 0
         from (values (1, 18446744073709551615, 'voting'), (2, 5000, 'accepted'), (3, 18446744073709551615, 'executed'))
             p(n, until_ms, state);
         insert into edr.vote (proposal, organisation, by, accepts, time_ms, at_height, at_index, at_event)
         values (1, 'acme', 'x', true, 0, 1, 0, 0), (1, 'club', 'y', false, 0, 1, 0, 0), (1, 'shop', 'z', false, 0, 1, 0, 0)",
    )
    .await;
    let found = "select string_agg(concat_ws(' ', proposal, is_open, percent_for, percent_against, votes_for, votes_against),
        ', ' order by proposal) from report.proposals";
    assert_eq!(
        one(&mut connection, found).await.unwrap(),
        "\"1 t 75.00 25.00 1 2, 2 f 0 0 0 0, 3 f 0 0 0 0\""
    );
    test.end().await;
}

/// Roles from the kernel's events: each change once, from what an account had before.
#[tokio::test]
async fn role_changes_are_the_differences_of_an_account() {
    let test = indexed("roles").await;
    let mut connection = test.connect().await;
    execute(
        &mut connection,
        "insert into chain.event (height, index, event, call, module, name, time, value)
         select 5, 90 + n, 0, 0, 'kernel', 'account-changed', now(),
             jsonb_build_object('address', a, 'organisation', 'acme', 'roles', r::jsonb)
         from (values
             (1, 'x', '[{\"role\": \"buyer\", \"until-ms\": null}]'),
             (2, 'x', '[{\"role\": \"buyer\", \"until-ms\": null}, {\"role\": \"seller\", \"until-ms\": null}]'),
             (3, 'y', '[]'),
             (4, 'x', '[{\"role\": \"seller\", \"until-ms\": \"1800000000000\"}]')
         ) v(n, a, r)",
    )
    .await;
    let changes = "select string_agg(account || ' ' || change || ' ' || role, ', ' order by height, account, change, role)
        from report.role_changes";
    let found = one(&mut connection, changes).await.unwrap();
    assert_eq!(
        found,
        "\"x end-changed seller, x granted buyer, x granted seller, x revoked buyer\""
    );
    test.end().await;
}

#[tokio::test]
async fn a_reader_sees_the_views_and_nothing_else_and_cannot_write() {
    let test = indexed("reader").await;
    let mut connection = reader(&test, "reader_only").await;
    assert!(count(&mut connection, "select * from report.balances").await.unwrap() > 0);
    assert!(
        count(&mut connection, "select * from report.balance_asof('2040-01-01')").await.unwrap()
            > 0
    );
    for table in ["chain.block", "emo.balance", "indexer.migration", "service.secret"] {
        let error = count(&mut connection, &format!("select * from {table}")).await.unwrap_err();
        assert!(error.to_string().contains("permission denied"), "{table}: {error}");
    }
    for sql in [
        "create table public.mine (a integer)",
        "create view report.mine as select 1",
        "set default_transaction_read_only = off; create table public.mine (a integer)",
        "set default_transaction_read_only = off; delete from report.balances",
        "set default_transaction_read_only = off; drop view report.balances",
    ] {
        let ran = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await;
        assert!(ran.is_err(), "{sql}");
    }
    // A later version's views are included, without granting again.
    let mut owner = test.connect().await;
    execute(&mut owner, "comment on schema report is 'an older version'").await;
    let done = ehb_indexer::schema::migrate(&mut owner).await.unwrap();
    assert_eq!(done, ["report"]);
    assert!(ehb_indexer::schema::migrate(&mut owner).await.unwrap().is_empty());
    assert!(count(&mut connection, "select * from report.balances").await.unwrap() > 0);
    drop(connection);
    drop_role(&test, "reader_only").await;
    test.end().await;
}

/// What somebody built on a view is not dropped silently: the migration names it and changes nothing.
#[tokio::test]
async fn views_that_others_built_on_stop_a_migration_with_their_name() {
    let test = indexed("built_on").await;
    let mut owner = test.connect().await;
    execute(&mut owner, "create view public.mine as select * from report.balances").await;
    execute(&mut owner, "comment on schema report is 'an older version'").await;
    let error = ehb_indexer::schema::migrate(&mut owner).await.unwrap_err();
    let sqlx::Error::Database(details) = (match error {
        ehb_indexer::schema::SchemaError::Database(error) => error,
        other => panic!("{other}"),
    }) else {
        panic!("another error")
    };
    let details =
        details.downcast_ref::<sqlx::postgres::PgDatabaseError>().detail().unwrap().to_owned();
    assert!(details.contains("view mine depends on view report.balances"), "{details}");
    assert_eq!(one(&mut owner, "select count(*) > 0 from mine").await.unwrap(), "t");
    test.end().await;
}
