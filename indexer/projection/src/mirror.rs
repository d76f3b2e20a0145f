//! A mirror of one module in memory: the tables that its events lead to, compared with the module itself. The modules' own
//! tests use it, so that the folding of events is here and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use ehb_types::Network;
use serde_json::Value;

use crate::cell::Cell;
use crate::error::ProjectError;
use crate::subjects::SUBJECTS;
use crate::table::{At, Table};
use crate::text::escape_json;
use crate::{Event, TABLES, Tables, advance};

/// The tables of a module's events.
#[derive(Clone, Debug)]
pub struct Mirror {
    module: &'static str,
    tables: Tables,
    height: i64,
    seen: usize,
}

/// A row: the values by column.
pub type Row = BTreeMap<&'static str, Cell>;

impl Mirror {
    /// Empty tables of a module.
    pub fn new(module: &'static str) -> Self {
        Self { module, tables: Tables::in_memory(), height: 0, seen: 0 }
    }

    /// Applies those of the module's events that are new, all of one block, in the JSON of its WIT: the name of a case, or an
    /// object with it as the only key. `events`: all since the module began.
    pub fn follow(
        &mut self,
        events: impl Iterator<Item = Value>,
        time_ms: u64,
    ) -> Result<(), ProjectError> {
        self.height = self.height.saturating_add(1);
        let named: Vec<(String, Value)> = events.skip(self.seen).map(split).collect();
        self.seen = self.seen.saturating_add(named.len());
        let time_ms = i64::try_from(time_ms).unwrap_or(i64::MAX);
        let events: Vec<Event<'_>> = named
            .iter()
            .zip(0..)
            .map(|((name, value), event)| Event {
                module: self.module,
                name,
                value,
                at: At { height: self.height, index: 0, event },
                time_ms,
                network: Network::Test,
                sender: None,
            })
            .collect();
        advance(&mut self.tables, &events)?;
        self.tables.take_changes();
        Ok(())
    }

    /// Compares each row with the answer of the module's read at a block time, and returns the differences in words. `read`
    /// takes the function and its arguments, and returns none for a function that it does not have.
    pub fn compare(
        &self,
        now_ms: u64,
        mut read: impl FnMut(&str, &Value) -> Option<Result<Value, Value>>,
    ) -> Vec<String> {
        let mut found = Vec::new();
        let subjects = SUBJECTS.iter().copied().flatten().filter(|it| it.module == self.module);
        for subject in subjects {
            for row in self.tables.all(subject.table).into_iter().filter(|row| subject.has(row)) {
                let arguments = subject.arguments(&row);
                let name = subject.table.name;
                let Some(answer) = read(subject.function, &arguments) else {
                    found.push(format!("{name} {arguments}: there is no {}", subject.function));
                    continue;
                };
                let differences = subject.compare(&self.tables, &row, &answer, now_ms);
                found.extend(differences.iter().map(|it| format!("{name} {arguments}: {it:?}")));
            }
        }
        found
    }

    /// Those of some keys, as [`Self::keys`] writes them, that no row has. None if there is no such table.
    pub fn missing(
        &self,
        table: &str,
        columns: &[&str],
        keys: impl IntoIterator<Item = String>,
    ) -> Option<Vec<String>> {
        let rows = self.keys(table, columns)?;
        Some(keys.into_iter().filter(|key| !rows.contains(key)).collect())
    }

    /// Some columns of all rows of a table as texts, with `/` between them. None if there is no such table.
    pub fn keys(&self, table: &str, columns: &[&str]) -> Option<BTreeSet<String>> {
        let text = |row: &Row, column: &&str| row.get(*column).and_then(Cell::to_text);
        let rows = self.rows(table)?;
        let keys = rows.iter().map(|row| {
            let texts = columns.iter().map(|column| text(row, column).unwrap_or_default());
            texts.collect::<Vec<_>>().join("/")
        });
        Some(keys.collect())
    }

    /// The rows of a table by its name, such as `emo.entry`, ascending by their keys. None if there is no such table.
    pub fn rows(&self, table: &str) -> Option<Vec<Row>> {
        let table: &'static Table =
            TABLES.iter().copied().flatten().copied().find(|it| it.name == table)?;
        let names = || table.all_columns().map(|(name, _)| name);
        Some(self.tables.all(table).into_iter().map(|row| names().zip(row).collect()).collect())
    }
}

/// The name of an event's case, and its payload.
fn split(mut event: Value) -> (String, Value) {
    escape_json(&mut event);
    match event {
        Value::Object(cases) => cases.into_iter().next().unwrap_or_default(),
        Value::String(name) => (name, Value::Null),
        other => ("event".to_owned(), other),
    }
}
