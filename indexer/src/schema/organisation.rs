//! Limits the rows that a signed-in client reads to those of its organisation, by the row security of Postgres: a mistake in
//! a query of the API can then show nobody the rows of others.
//!
//! The server reads as [`ROLE`], which has the organisation in a setting. Other roles see what they saw before.

mod rules;
#[cfg(test)]
mod tests;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::extension::quote;
use super::{SchemaError, short_hash};
use rules::{BUSINESS, CHAIN, Seen};

/// The role as which rows are read for a client. It cannot log in.
pub const ROLE: &str = "ehb_organisation";

/// The setting with the organisation.
pub const SETTING: &str = "ehb.organisation";

/// Selects rows of a table.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// All rows.
    Everybody,
    /// Rows in which one of these columns is an account of the organisation.
    Accounts(&'static [&'static str]),
    /// Rows in which one of these columns is the organisation.
    Organisations(&'static [&'static str]),
    /// Rows in which this column is a store of the organisation.
    Store(&'static str),
    /// Rows in which this column is a programme of credits that an account of the organisation issues.
    Programme(&'static str),
    /// Rows that belong to a visible row of another table: its name, and each column with the other's.
    With(&'static str, &'static [(&'static str, &'static str)]),
    /// A condition, with `{organisation}` and `{accounts}`.
    Sql(&'static str),
}

/// The organisation, and its accounts.
const ORGANISATION: &str = "current_setting('ehb.organisation')";
const ACCOUNTS: &str = "array(select a.address from edr.account a where a.organisation = current_setting('ehb.organisation'))";

impl Rule {
    /// The condition for a table.
    fn sql(self, table: &str) -> String {
        let any = |columns: &[&str], condition: &str| {
            let each = columns.iter().map(|column| format!("{} {condition}", quote(column)));
            each.collect::<Vec<_>>().join(" or ")
        };
        match self {
            Self::Everybody => "true".to_owned(),
            Self::Accounts(columns) => any(columns, &format!("= any({ACCOUNTS})")),
            Self::Organisations(columns) => any(columns, &format!("= {ORGANISATION}")),
            Self::Store(column) => format!(
                "{} in (select s.id from pss.store s where s.organisation = {ORGANISATION})",
                quote(column)
            ),
            Self::Programme(column) => format!(
                "{} in (select p.id from emo.programme p where p.issuer = any({ACCOUNTS}))",
                quote(column)
            ),
            Self::With(other, columns) => {
                let name = table.split_once('.').map_or(table, |(_, name)| name);
                let same = columns.iter().map(|(column, theirs)| {
                    format!("o.{} = {}.{}", quote(theirs), quote(name), quote(column))
                });
                let same = same.collect::<Vec<_>>().join(" and ");
                format!("exists (select from {} o where {same})", quoted(other))
            }
            Self::Sql(text) => {
                text.replace("{organisation}", ORGANISATION).replace("{accounts}", ACCOUNTS)
            }
        }
    }
}

/// The quoted name of a table.
fn quoted(table: &str) -> String {
    let (schema, name) = table.split_once('.').unwrap_or(("public", table));
    format!("{}.{}", quote(schema), quote(name))
}

/// Two tables of which each would refer to the other are read by functions that see all rows.
const FUNCTIONS: &str = "
create or replace function service.sees_dispute(of_module text, of_dispute numeric) returns boolean
language sql stable security definer set search_path = '' as $$
    select exists (
        select from emo.dispute d where d.module = of_module and d.id = of_dispute
            and current_setting('ehb.organisation') in (d.payer_organisation, d.payee_organisation)
    ) or exists (
        select from edr.account a where a.organisation = current_setting('ehb.organisation')
            and (
                exists (select from emo.dispute d where d.module = of_module and d.id = of_dispute
                    and a.address in (d.payer, d.payee))
                or exists (select from emo.assignment s where s.module = of_module and s.dispute = of_dispute
                    and s.arbiter = a.address)
            )
    )
$$;
create or replace function service.has_posting(of_posting numeric) returns boolean
language sql stable security definer set search_path = '' as $$
    select exists (select from emo.posting p where p.id = of_posting
        and p.client_organisation = current_setting('ehb.organisation'))
$$;
revoke all on all functions in schema service from public;
";

/// The name of the setting in the database that rows are limited; its value is the fingerprint of the installed policies.
const LIMITED: &str = "rows-by-organisation";

/// Limits the rows of all tables; creates the role if it does not exist. Each migration does the same from then on.
pub async fn limit(connection: &mut PgConnection) -> Result<(), SchemaError> {
    let mut transaction = connection.begin().await?;
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
            .bind(ROLE)
            .fetch_one(&mut *transaction)
            .await?;
    if !exists {
        run(&mut transaction, format!("create role {ROLE} nologin")).await?;
    }
    // The server becomes this role, so its own role must be a member.
    run(&mut transaction, format!("grant {ROLE} to current_user")).await?;
    install(&mut transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Makes the policies again if rows are limited, and the policies or the tables have changed.
pub(super) async fn refresh(
    connection: &mut PgConnection,
    tables_change: bool,
) -> Result<(), sqlx::Error> {
    let installed: Option<String> =
        sqlx::query_scalar("select value #>> '{}' from service.setting where name = $1")
            .bind(LIMITED)
            .fetch_optional(&mut *connection)
            .await?;
    match installed {
        Some(installed) if tables_change || installed != fingerprint() => install(connection).await,
        _ => Ok(()),
    }
}

async fn install(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    run(connection, definition()).await?;
    sqlx::query(
        "insert into service.setting (name, value) values ($1, to_jsonb($2))
         on conflict (name) do update set value = excluded.value",
    )
    .bind(LIMITED)
    .bind(fingerprint())
    .execute(connection)
    .await
    .map(drop)
}

fn fingerprint() -> String {
    format!("{:016x}", short_hash(&definition()))
}

/// The statements for all tables.
fn definition() -> String {
    let grants = format!(
        "grant usage on schema chain, edr, emo, pss, service to {ROLE};
         grant execute on function service.sees_dispute, service.has_posting to {ROLE};\n"
    );
    let policies = CHAIN.iter().chain(BUSINESS).map(policies);
    [FUNCTIONS.to_owned(), grants].into_iter().chain(policies).collect()
}

/// The statements for one table.
fn policies((table, rules): &Seen) -> String {
    let name = quoted(table);
    let rules: Vec<String> = rules.iter().map(|rule| format!("({})", rule.sql(table))).collect();
    format!(
        "drop policy if exists {ROLE} on {name};
         drop policy if exists others on {name};
         create policy {ROLE} on {name} for select to {ROLE} using ({});
         create policy others on {name} to public using (current_user <> '{ROLE}');
         alter table {name} enable row level security;
         grant select on {name} to {ROLE};\n",
        rules.join(" or ")
    )
}

/// From here to the end of the transaction, the connection reads only what the organisation sees.
pub async fn read_as(connection: &mut PgConnection, organisation: &str) -> Result<(), sqlx::Error> {
    sqlx::query("select set_config($1, $2, true)")
        .bind(SETTING)
        .bind(organisation)
        .execute(&mut *connection)
        .await?;
    run(connection, format!("set local role {ROLE}")).await
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.map(drop)
}
