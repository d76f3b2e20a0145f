//! Records the results of verification in the database, where dashboards find them.

use sqlx::{Connection, PgConnection};

use super::Report;

/// The kind of comparison of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All rows.
    Full,
    /// The rows that changed since the last one, by the indexer itself.
    Automatic,
    /// The rows that somebody asked for.
    Part,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Automatic => "automatic",
            Self::Part => "part",
        }
    }
}

/// Writes a report and its differences.
pub async fn write(
    connection: &mut PgConnection,
    report: &Report,
    kind: Kind,
) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    let number: i64 = sqlx::query_scalar(
        "insert into indexer.verification (height, compared, skipped, sums, differing, kind)
         values ($1, $2, $3, $4, $5, $6) returning number",
    )
    .bind(report.height)
    .bind(i64::try_from(report.compared).unwrap_or(i64::MAX))
    .bind(i64::try_from(report.skipped).unwrap_or(i64::MAX))
    .bind(i64::try_from(report.sums).unwrap_or(i64::MAX))
    .bind(i64::try_from(report.differing).unwrap_or(i64::MAX))
    .bind(kind.as_str())
    .fetch_one(&mut *transaction)
    .await?;
    sqlx::query(
        "insert into indexer.difference (verification, n, difference)
         select $1, n, difference from unnest($2::text[]) with ordinality as t(difference, n)",
    )
    .bind(number)
    .bind(&report.differences)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

/// The height up to which rows were verified without a difference; none before the first time.
pub async fn verified(connection: &mut PgConnection) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "select max(height) from indexer.verification where differing = 0 and skipped = 0
             and kind <> 'part'",
    )
    .fetch_one(connection)
    .await
}
