//! The tables: their migrations, their partitions, and the views that are generated from interfaces.

pub mod declared;
pub mod extension;
pub mod organisation;
pub mod report;

use sqlx::{Connection, PgConnection};

use crate::project::VERSION;

/// A migration step.
struct Migration {
    number: i32,
    name: &'static str,
    sql: Sql,
}

/// The statements of a step.
enum Sql {
    Written(&'static str),
    /// Those of the business tables.
    Declared,
}

/// All steps, in order. A step that was released is never edited.
const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "chain",
        sql: Sql::Written(include_str!("schema/0001_chain.sql")),
    },
    Migration { number: 2, name: "business", sql: Sql::Declared },
    Migration {
        number: 3,
        name: "verification",
        sql: Sql::Written(include_str!("schema/0003_verification.sql")),
    },
];

/// Schemas that the indexer creates besides those of extensions.
const SCHEMAS: [&str; 6] = ["report", "chain", "edr", "emo", "pss", "indexer"];

/// Besides the tables: what the HTTP API needs.
const SERVICE: &str = include_str!("schema/service.sql");

/// The schemas whose tables follow from the blocks alone.
const ROW_SCHEMAS: [&str; 4] = ["chain", "edr", "emo", "pss"];

/// The number of heights in a partition.
pub const PARTITION_HEIGHTS: i64 = 2_000_000;

/// The tables that are partitioned by height.
pub const PARTITIONED: [&str; 5] = ["block", "transaction", "call", "event", "mention"];

/// Oldest version of PostgreSQL that is supported, as in `server_version_num`.
const SERVER_MIN: i32 = 150_000;

/// Why the tables cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// An error of Postgres.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// Tables of a newer program.
    #[error(
        "the database was migrated to step {found} by a newer ehb-indexer, and this one knows {known} steps: use the \
         newer one, or another database"
    )]
    Newer {
        /// The last step in the database.
        found: i32,
        /// The steps that this program knows.
        known: i32,
    },
    /// A step in the database that is not the one of this program.
    #[error(
        "step {number} of the database is {found:?}, and this ehb-indexer has {expected:?}: use another database"
    )]
    Other {
        /// The step.
        number: i32,
        /// Its name in the database.
        found: String,
        /// Its name here.
        expected: &'static str,
    },
    /// Tables that another program created.
    #[error(
        "the database has a schema {0:?} that ehb-indexer did not create: use another database"
    )]
    Foreign(String),
    /// The Postgres server is too old.
    #[error("the database server is PostgreSQL {0}; 15 or newer is needed")]
    Server(String),
    /// The tables were written by another projection.
    #[error(
        "the tables were written by version {found} of the projection, and this ehb-indexer has version {VERSION}: \
         run 'ehb-indexer rebuild', which builds new tables beside them"
    )]
    Projection {
        /// The version in the database.
        found: i32,
    },
    /// The tables do not exist, or have another version.
    #[error("the database is at step {found} of {known}: run 'ehb-indexer migrate'")]
    Behind {
        /// The last step in the database.
        found: i32,
        /// The steps that this program knows.
        known: i32,
    },
}

/// Migrates the tables to the newest schema, all steps in one transaction. Returns the performed steps.
pub async fn migrate(connection: &mut PgConnection) -> Result<Vec<&'static str>, SchemaError> {
    check_server(connection).await?;
    let mut transaction = connection.begin().await?;
    let done = applied(&mut transaction).await?;
    if done > 0 {
        check_projection(&mut transaction).await?;
    }
    let mut names = Vec::new();
    if done == 0 {
        refuse_foreign(&mut transaction).await?;
        sqlx::raw_sql(
            "create schema indexer;
             create table indexer.migration (
                 number integer primary key, name text not null, time timestamptz not null default now()
             );",
        )
        .execute(&mut *transaction)
        .await?;
    }
    // A step can change tables only if no view depends on them.
    let views = report::prepare(&mut transaction, done < newest()).await?;
    for migration in MIGRATIONS.iter().filter(|it| it.number > done) {
        match migration.sql {
            Sql::Written(sql) => sqlx::raw_sql(sql).execute(&mut *transaction).await?,
            Sql::Declared => {
                let sql = sqlx::AssertSqlSafe(declared::create());
                sqlx::raw_sql(sql).execute(&mut *transaction).await?
            }
        };
        sqlx::query("insert into indexer.migration (number, name) values ($1, $2)")
            .bind(migration.number)
            .bind(migration.name)
            .execute(&mut *transaction)
            .await?;
        names.push(migration.name);
    }
    sqlx::raw_sql(SERVICE).execute(&mut *transaction).await?;
    organisation::refresh(&mut transaction, done < newest()).await?;
    if report::install(&mut transaction, views).await? {
        names.push("report");
    }
    transaction.commit().await?;
    Ok(names)
}

/// Checks that the tables exist and have this version.
pub async fn check(connection: &mut PgConnection) -> Result<(), SchemaError> {
    check_server(connection).await?;
    let (found, known) = (applied(connection).await?, newest());
    if found < known { Err(SchemaError::Behind { found, known }) } else { Ok(()) }
}

/// Drops everything that the indexer created, including generated views.
pub async fn reset(connection: &mut PgConnection) -> Result<(), SchemaError> {
    let mut transaction = connection.begin().await?;
    if applied(&mut transaction).await? == 0 {
        refuse_foreign(&mut transaction).await?;
        return Ok(());
    }
    let generated: Vec<String> =
        sqlx::query_scalar("select distinct schema_name from indexer.extension_view")
            .fetch_all(&mut *transaction)
            .await?;
    let schemas = SCHEMAS.iter().map(|it| (*it).to_owned()).chain(generated);
    for schema in schemas {
        let drop = format!("drop schema if exists {} cascade", extension::quote(&schema));
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop)).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Creates the partitions that begin in a range of heights.
pub async fn make_partitions(
    connection: &mut PgConnection,
    first: i64,
    last: i64,
    heights: i64,
) -> Result<(), sqlx::Error> {
    // The partition of the previous height was created with its first block.
    let first = first.saturating_add(heights - 1).div_euclid(heights);
    for number in first..=last.div_euclid(heights) {
        let from = number.saturating_mul(heights);
        let to = from.saturating_add(heights);
        for table in PARTITIONED {
            let sql = format!(
                "create table chain.{table}_{number} partition of chain.{table} \
                 for values from ({from}) to ({to})"
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *connection).await?;
        }
    }
    Ok(())
}

/// A checksum over all rows of each table, by name, independent of the order of rows. Two databases with the
/// same blocks have the same checksums.
pub async fn checksums(
    connection: &mut PgConnection,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let tables: Vec<(String, String)> = sqlx::query_as(
        "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition and n.nspname = any($1) order by 1, 2",
    )
    .bind(ROW_SCHEMAS.map(str::to_owned).to_vec())
    .fetch_all(&mut *connection)
    .await?;
    let mut sums = Vec::with_capacity(tables.len());
    for (schema, table) in tables {
        let sql = format!(
            "select count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from {}.{} t",
            extension::quote(&schema),
            extension::quote(&table)
        );
        let sum = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *connection).await?;
        sums.push((format!("{schema}.{table}"), sum));
    }
    Ok(sums)
}

/// FNV-1a, 64 bits: whether a definition is the one that was installed.
fn short_hash(text: &str) -> u64 {
    let mixed = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, mixed)
}

fn newest() -> i32 {
    MIGRATIONS.last().map_or(0, |it| it.number)
}

async fn check_server(connection: &mut PgConnection) -> Result<(), SchemaError> {
    let number: i32 = sqlx::query_scalar("select current_setting('server_version_num')::integer")
        .fetch_one(&mut *connection)
        .await?;
    if number >= SERVER_MIN {
        return Ok(());
    }
    let version = sqlx::query_scalar("select current_setting('server_version')");
    Err(SchemaError::Server(version.fetch_one(connection).await?))
}

/// Tables of another projection stay as they are: views of this one can need tables that they lack.
async fn check_projection(connection: &mut PgConnection) -> Result<(), SchemaError> {
    let found: Option<i32> = sqlx::query_scalar("select projection from chain.cursor")
        .fetch_optional(connection)
        .await?;
    match found {
        Some(found) if found != VERSION => Err(SchemaError::Projection { found }),
        _ => Ok(()),
    }
}

/// The last step in the database; 0 if there is none.
async fn applied(connection: &mut PgConnection) -> Result<i32, SchemaError> {
    let there: bool = sqlx::query_scalar("select to_regclass('indexer.migration') is not null")
        .fetch_one(&mut *connection)
        .await?;
    if !there {
        return Ok(0);
    }
    let rows: Vec<(i32, String)> =
        sqlx::query_as("select number, name from indexer.migration order by number")
            .fetch_all(&mut *connection)
            .await?;
    for (number, found) in &rows {
        let Some(known) = MIGRATIONS.iter().find(|it| it.number == *number) else {
            return Err(SchemaError::Newer { found: *number, known: newest() });
        };
        if known.name != found {
            let (number, found) = (*number, found.clone());
            return Err(SchemaError::Other { number, found, expected: known.name });
        }
    }
    Ok(rows.last().map_or(0, |(number, _)| *number))
}

async fn refuse_foreign(connection: &mut PgConnection) -> Result<(), SchemaError> {
    for schema in SCHEMAS {
        let found: bool = sqlx::query_scalar("select to_regnamespace($1) is not null")
            .bind(schema)
            .fetch_one(&mut *connection)
            .await?;
        if found {
            return Err(SchemaError::Foreign(schema.to_owned()));
        }
    }
    Ok(())
}
