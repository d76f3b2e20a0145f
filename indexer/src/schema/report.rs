//! The views of the schema `report`, and the roles that see nothing else.

use sqlx::{AssertSqlSafe, PgConnection};

use super::extension::quote;
use super::short_hash;

/// The definition of all views.
const VIEWS: &str = include_str!("report.sql");

/// Whether the views must be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outdated(bool);

/// Drops the views if their definition has changed, or if tables will change. Fails if objects outside of `report` depend
/// on one of them, with the name of the object: they are not dropped silently.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    tables_change: bool,
) -> Result<Outdated, sqlx::Error> {
    let known: Option<String> = sqlx::query_scalar(
        "select obj_description(to_regnamespace('report')::oid, 'pg_namespace')",
    )
    .fetch_one(&mut *connection)
    .await?;
    if !tables_change && known.as_deref() == Some(fingerprint().as_str()) {
        return Ok(Outdated(false));
    }
    let objects: Vec<(String, String)> = sqlx::query_as(
        "select 'view', quote_ident(n.nspname) || '.' || quote_ident(c.relname) from pg_class c
         join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'report' and c.relkind = 'v'
         union all
         select 'function', p.oid::regprocedure::text from pg_proc p
         join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'report'",
    )
    .fetch_all(&mut *connection)
    .await?;
    for kind in ["function", "view"] {
        let names = objects.iter().filter(|it| it.0 == kind).map(|it| it.1.as_str());
        let names = names.collect::<Vec<_>>().join(", ");
        if !names.is_empty() {
            run(connection, format!("drop {kind} {names}")).await?;
        }
    }
    Ok(Outdated(true))
}

/// Makes the views if they are outdated. Returns whether they were.
pub(super) async fn install(
    connection: &mut PgConnection,
    outdated: Outdated,
) -> Result<bool, sqlx::Error> {
    if outdated == Outdated(false) {
        return Ok(false);
    }
    run(connection, VIEWS.to_owned()).await?;
    run(connection, "revoke all on all functions in schema report from public".to_owned()).await?;
    run(connection, format!("comment on schema report is '{}'", fingerprint())).await?;
    Ok(true)
}

/// Lets a role read the views, and nothing else of the indexer; creates the role if it does not exist. Views that a later
/// version adds are included.
pub async fn grant(
    connection: &mut PgConnection,
    role: &str,
    password: Option<&str>,
) -> Result<(), sqlx::Error> {
    let name = quote(role);
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
            .bind(role)
            .fetch_one(&mut *connection)
            .await?;
    if !exists {
        run(connection, format!("create role {name} login nosuperuser nocreatedb nocreaterole"))
            .await?;
    }
    if let Some(password) = password {
        let password = password.replace('\'', "''");
        run(connection, format!("alter role {name} password '{password}'")).await?;
    }
    let grants = format!(
        "alter role {name} set default_transaction_read_only = on;
         alter role {name} set statement_timeout = '60s';
         grant usage on schema report to {name};
         grant select on all tables in schema report to {name};
         grant execute on all functions in schema report to {name};
         alter default privileges in schema report grant select on tables to {name};
         alter default privileges in schema report grant execute on functions to {name};"
    );
    run(connection, grants).await
}

/// A short hash of the definition.
fn fingerprint() -> String {
    format!("views of ehb-indexer {:016x}", short_hash(VIEWS))
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}
