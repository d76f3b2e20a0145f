//! Updates the business tables by the events of a batch, in the database transaction that writes the blocks.

use std::collections::{BTreeMap, BTreeSet};

use ehb_types::Network;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::WriteError;
use crate::project::cell::Cell;
use crate::project::table::{Key, Part, Table};
use crate::project::{Rows, Tables, advance, events};
use crate::schema::declared;

/// Loads the rows that the events change, applies the events and writes the rows. Returns the number of rows written.
pub(super) async fn apply(
    to: &mut PgConnection,
    rows: &Rows,
    network: Network,
) -> Result<usize, WriteError> {
    let events = events(rows, network);
    let mut tables = Tables::default();
    loop {
        let needs = advance(&mut tables, &events)?;
        if needs.is_empty() {
            break;
        }
        for (table, groups) in needs.into_values() {
            load(to, table, groups, &mut tables).await?;
        }
    }
    let mut written = 0;
    for (table, rows) in tables.take_changes().into_values() {
        if table.is_history {
            copy(to, table, &rows).await?;
        } else {
            upsert(to, table, &rows).await?;
        }
        written = rows.len().saturating_add(written);
    }
    Ok(written)
}

/// Loads all rows of some groups of a table.
pub(crate) async fn load(
    from: &mut PgConnection,
    table: &'static Table,
    groups: BTreeSet<Key>,
    into: &mut Tables,
) -> Result<(), WriteError> {
    let mut query = sqlx::query(AssertSqlSafe(load_sql(table)));
    for place in 0..table.group.len() {
        query = query.bind(key_column(&groups, place));
    }
    let mut found: BTreeMap<Key, Vec<Vec<Cell>>> =
        groups.into_iter().map(|group| (group, Vec::new())).collect();
    for row in query.fetch_all(from).await? {
        let cells = read(table, &row)?;
        found.entry(table.key_of(&cells).0).or_default().push(cells);
    }
    found.into_iter().for_each(|(group, rows)| into.load(table, group, rows));
    Ok(())
}

/// One column of some keys, as text.
fn key_column(groups: &BTreeSet<Key>, place: usize) -> Vec<String> {
    groups.iter().filter_map(|key| key.0.get(place)).map(Part::to_text).collect()
}

fn load_sql(table: &Table) -> String {
    let kind = |name: &str| {
        let of = table.all_columns().find(|(column, _)| *column == name);
        of.map_or("text", |(name, of)| declared::kind(name, of))
    };
    let cast = table.group.iter().map(|name| format!("\"{name}\"::{}", kind(name)));
    let arrays: Vec<String> = (1..=table.group.len()).map(|n| format!("${n}::text[]")).collect();
    let names = declared::columns(table.group.iter().copied());
    let texts = table.all_columns().map(|(name, _)| format!("t.\"{name}\"::text"));
    format!(
        "select {} from (select {} from unnest({}) as u({names})) as k({names}) join {} t using ({names})",
        texts.collect::<Vec<_>>().join(", "),
        cast.collect::<Vec<_>>().join(", "),
        arrays.join(", "),
        declared::name(table),
    )
}

/// The cells of a row whose columns were selected as text.
pub(crate) fn read(table: &Table, row: &PgRow) -> Result<Vec<Cell>, WriteError> {
    let cells = table.all_columns().enumerate().map(|(place, (name, kind))| {
        let text: Option<&str> = row.try_get(place)?;
        Cell::from_text(kind, text).ok_or_else(|| {
            WriteError::Damaged(format!("{}.{name} has the value {text:?}", table.name))
        })
    });
    cells.collect()
}

async fn upsert(
    to: &mut PgConnection,
    table: &Table,
    rows: &[Vec<Cell>],
) -> Result<(), WriteError> {
    let mut query = sqlx::query(AssertSqlSafe(upsert_sql(table)));
    for place in 0..table.width() {
        let column = rows.iter().map(|row| row.get(place).and_then(Cell::to_text));
        query = query.bind(column.collect::<Vec<Option<String>>>());
    }
    query.execute(to).await?;
    Ok(())
}

fn upsert_sql(table: &Table) -> String {
    let names = declared::columns(table.all_columns().map(|(name, _)| name));
    let cast =
        table.all_columns().map(|(name, of)| format!("\"{name}\"::{}", declared::kind(name, of)));
    let arrays: Vec<String> = (1..=table.width()).map(|n| format!("${n}::text[]")).collect();
    let is_key = |name: &str| table.key().any(|key| key == name);
    let set = table.all_columns().filter(|(name, _)| !is_key(name));
    let set = set.map(|(name, _)| format!("\"{name}\" = excluded.\"{name}\""));
    format!(
        "insert into {} ({names}) select {} from unnest({}) as u({names}) on conflict ({}) do update set {}",
        declared::name(table),
        cast.collect::<Vec<_>>().join(", "),
        arrays.join(", "),
        declared::columns(table.key()),
        set.collect::<Vec<_>>().join(", "),
    )
}

/// Appends rows to a history.
async fn copy(to: &mut PgConnection, table: &Table, rows: &[Vec<Cell>]) -> Result<(), WriteError> {
    let (sql, text) = copy_of(table, rows);
    let mut copy = to.copy_in_raw(&sql).await?;
    if let Err(error) = copy.send(text.into_bytes()).await {
        copy.abort("the rows could not be sent").await?;
        return Err(error.into());
    }
    copy.finish().await?;
    Ok(())
}

/// The statement, and the rows in the text format of COPY.
fn copy_of(table: &Table, rows: &[Vec<Cell>]) -> (String, String) {
    let names = declared::columns(table.all_columns().map(|(name, _)| name));
    let sql = format!("copy {} ({names}) from stdin", declared::name(table));
    let mut text = String::new();
    for row in rows {
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                text.push('\t');
            }
            match cell.to_text() {
                None => text.push_str("\\N"),
                Some(value) => escape_copy(&value, &mut text),
            }
        }
        text.push('\n');
    }
    (sql, text)
}

/// Escapes a value as the text format of COPY requires.
fn escape_copy(value: &str, into: &mut String) {
    for character in value.chars() {
        match character {
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            other => into.push(other),
        }
    }
}
