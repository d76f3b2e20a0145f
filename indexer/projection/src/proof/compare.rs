//! The comparison of one row, and of the rows of its parts, with a record.

use std::fmt;

use serde_json::Value;

use super::{Row, Subject, group_of};
use crate::cell::Cell;
use crate::table::{At, Table};
use crate::tables::Tables;

/// A value in the tables that is not that of the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// The row's key.
    pub id: String,
    /// The column, or what else differs.
    pub what: String,
    /// The value in the tables.
    pub tables: String,
    /// The value that the module returns.
    pub chain: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, id, what, tables, chain } = self;
        write!(f, "{table} {id}: {what}: the tables have {tables}, the chain has {chain}")
    }
}

/// Collects the differences of one row.
pub(crate) struct Comparison<'a> {
    subject: &'a Subject,
    tables: &'a Tables,
    id: String,
    pub(super) differences: Vec<Difference>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(subject: &'a Subject, tables: &'a Tables, row: &Row<'_>) -> Self {
        let id = row.table.key().map(|name| shown(row.cell(name))).collect::<Vec<_>>().join(", ");
        Self { subject, tables, id, differences: Vec::new() }
    }

    pub(crate) fn add(&mut self, what: &str, tables: &str, chain: &str) {
        self.differences.push(Difference {
            table: self.subject.table.name,
            id: self.id.clone(),
            what: what.to_owned(),
            tables: tables.to_owned(),
            chain: chain.to_owned(),
        });
    }

    /// A single value.
    pub(crate) fn same(&mut self, what: &str, tables: &Cell, chain: &Cell) {
        if tables != chain {
            self.add(what, &shown(tables), &shown(chain));
        }
    }

    /// Compares all columns that the record has, and the rows of the parts.
    pub(crate) fn of_record(&mut self, row: &Row<'_>, record: &Value) {
        match (row.table.read)(record, At::default()) {
            Err((column, reason)) => self.add(column, "a value", reason),
            Ok(expected) => {
                let columns = row.table.columns.iter().zip(row.cells.iter().zip(&expected));
                for (column, (ours, theirs)) in columns.filter(|(it, _)| it.is_of_record()) {
                    self.same(column.name, ours, theirs);
                }
            }
        }
        self.parts(row, record);
    }

    /// Compares the rows of the parts.
    pub(crate) fn parts(&mut self, row: &Row<'_>, record: &Value) {
        for (part, field) in self.subject.parts {
            self.of_list(row, part, field, record);
        }
    }

    /// Compares the rows of a part with a list in the record.
    fn of_list(&mut self, row: &Row<'_>, part: &'static Table, field: &str, record: &Value) {
        let mut names = field.split('/');
        let list = names.try_fold(record, |value, name| value.get(name));
        let records: Vec<&Value> = match list {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(Value::Null) => Vec::new(),
            // What there is one of at most.
            Some(record @ Value::Object(_)) => vec![record],
            _ => return self.add(field, "a list", "no such field"),
        };
        let mut expected = Vec::new();
        for record in records {
            match (part.read)(record, At::default()) {
                Ok(cells) => expected.push(of_record(part, &cells)),
                Err((column, reason)) => return self.add(column, "a value", reason),
            }
        }
        let rows = self.tables.of_group(part, &group_of(row, part));
        let rows = rows.iter().filter(|cells| is_listed(part, cells));
        let mut ours: Vec<String> = rows.map(|cells| of_record(part, cells)).collect();
        // A key that the record has is the order of our rows; the list can have another one.
        let has_key =
            part.columns.iter().any(|it| part.rest.contains(&it.name) && it.is_of_record());
        if has_key {
            ours.sort();
            expected.sort();
        }
        if ours != expected {
            self.add(part.name, &format!("{ours:?}"), &format!("{expected:?}"));
        }
    }

    /// The rows of a part.
    pub(crate) fn rows(&self, row: &Row<'_>, part: &'static Table) -> Vec<Vec<Cell>> {
        self.tables.of_group(part, &group_of(row, part))
    }
}

/// Whether the record still has the row.
fn is_listed(table: &Table, cells: &[Cell]) -> bool {
    let listed = table.place("listed").and_then(|at| cells.get(at));
    listed != Some(&Cell::Bool(false))
}

/// The cells that the record has, as text.
fn of_record(table: &Table, cells: &[Cell]) -> String {
    let cells = table.columns.iter().zip(cells).filter(|(column, _)| column.is_of_record());
    cells
        .map(|(column, cell)| format!("{}={}", column.name, shown(cell)))
        .collect::<Vec<_>>()
        .join(" ")
}

fn shown(cell: &Cell) -> String {
    cell.to_text().unwrap_or_else(|| "nothing".to_owned())
}
