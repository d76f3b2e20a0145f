//! Compares rows with the records that the modules return.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use serde_json::json;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{Reads, Report, Scope, VerifyError};
use crate::project::cell::Cell;
use crate::project::proof::Subject;
use crate::project::table::{Key, Table};
use crate::project::{SUBJECTS, Tables};
use crate::schema::declared;
use crate::write::business;

/// The number of rows in memory at a time.
const PAGE: usize = 500;
/// The number of reads in flight.
const READS_MAX: usize = 16;

fn subjects() -> Vec<&'static Subject> {
    SUBJECTS.iter().copied().flatten().collect()
}

/// Compares the rows in scope.
pub(super) async fn compare(
    snapshot: &mut PgConnection,
    reads: &dyn Reads,
    scope: Scope,
    now_ms: u64,
    report: &mut Report,
) -> Result<(), VerifyError> {
    for subject in subjects() {
        let table = subject.table;
        let sql = pages_sql(table, scope);
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *snapshot).await?;
        loop {
            let fetch = AssertSqlSafe(format!("fetch {PAGE} from page"));
            let page = sqlx::raw_sql(fetch).fetch_all(&mut *snapshot).await?;
            let rows = page.iter().map(|row| business::read(table, row));
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            let is_last = rows.len() < PAGE;
            let rows: Vec<_> = rows.into_iter().filter(|row| subject.has(row)).collect();
            page_of(snapshot, reads, subject, rows, now_ms, report).await?;
            if is_last {
                break;
            }
        }
        sqlx::raw_sql("close page").execute(&mut *snapshot).await?;
    }
    Ok(())
}

fn pages_sql(table: &Table, scope: Scope) -> String {
    let texts = table.all_columns().map(|(name, _)| format!("\"{name}\"::text"));
    format!(
        "declare page no scroll cursor for select {} from {} where at_height > {}",
        texts.collect::<Vec<_>>().join(", "),
        declared::name(table),
        scope.since.unwrap_or(-1),
    )
}

async fn page_of(
    snapshot: &mut PgConnection,
    reads: &dyn Reads,
    subject: &Subject,
    rows: Vec<Vec<Cell>>,
    now_ms: u64,
    report: &mut Report,
) -> Result<(), VerifyError> {
    let mut needs: BTreeMap<&str, (&'static Table, BTreeSet<Key>)> = BTreeMap::new();
    for (part, group) in rows.iter().flat_map(|row| subject.needs(row)) {
        needs.entry(part.name).or_insert_with(|| (part, BTreeSet::new())).1.insert(group);
    }
    let mut tables = Tables::default();
    for (part, groups) in needs.into_values() {
        business::load(snapshot, part, groups, &mut tables).await?;
    }
    let later = |row: &Vec<Cell>| {
        let parts = subject.needs(row);
        let parts = parts.iter().flat_map(|(part, group)| {
            tables.of_group(part, group).into_iter().map(|row| at_height(part, &row))
        });
        parts.chain([at_height(subject.table, row)]).any(|at| at > report.height)
    };
    let (later, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(later);
    report.skipped = report.skipped.saturating_add(later.len() as u64);
    let mut answers = Vec::with_capacity(rows.len());
    for some in rows.chunks(READS_MAX) {
        let read =
            |row: &Vec<Cell>| reads.read(subject.module, subject.function, subject.arguments(row));
        let some: Vec<_> = some.iter().map(read).collect();
        answers.extend(try_join_all(some).await?);
    }
    for (row, answer) in rows.iter().zip(answers) {
        report.compared = report.compared.saturating_add(1);
        for difference in subject.compare(&tables, row, &answer, now_ms) {
            report.differs(difference.to_string());
        }
    }
    Ok(())
}

fn at_height(table: &Table, row: &[Cell]) -> i64 {
    match table.place("at_height").and_then(|at| row.get(at)) {
        Some(Cell::Number(height)) => i64::try_from(*height).unwrap_or(i64::MAX),
        _ => i64::MAX,
    }
}

/// Finds items of the chain that the tables lack. Items are counted from 1, so there must be one for each number up to
/// the largest, and none after it.
pub(super) async fn find_missing(
    snapshot: &mut PgConnection,
    reads: &dyn Reads,
    is_head: bool,
    report: &mut Report,
) -> Result<(), VerifyError> {
    for subject in subjects() {
        let Some(parameter) = subject.number() else { continue };
        let sql = format!(
            "select count(*), coalesce(max(id), 0)::bigint from {}",
            declared::name(subject.table)
        );
        let (count, last): (i64, i64) =
            sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&mut *snapshot).await?;
        let name = subject.table.name;
        if count != last {
            report
                .differs(format!("{name}: the last number is {last}, and there are {count} rows"));
        }
        // Nothing is known about later numbers in an earlier state, or of a module that is not installed.
        if !is_head || count == 0 {
            continue;
        }
        let next = last.saturating_add(1);
        let arguments = json!({ parameter: next.to_string() });
        let answer = reads.read(subject.module, subject.function, arguments).await?;
        if answer.is_ok() {
            report.differs(format!("{name} {next}: the chain has it, the tables do not"));
        }
    }
    Ok(())
}
