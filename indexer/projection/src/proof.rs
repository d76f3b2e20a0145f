//! Compares rows with what the modules return for the same ids at the same height.
//!
//! A [`Subject`] says which read returns the record of a row, and which other rows follow from the record. So a test
//! compares tables in memory after each step, and `verify` those of a database with a real chain.

mod compare;

use serde_json::{Value, json};

use crate::cell::{Cell, Kind};
use crate::table::{Key, Table};
use crate::tables::Tables;

pub(crate) use compare::Comparison;
pub use compare::Difference;

/// Rows of a table that are compared with records of a module.
pub struct Subject {
    /// The table.
    pub table: &'static Table,
    /// The module.
    pub module: &'static str,
    /// Its function that returns the record.
    pub function: &'static str,
    /// The function's parameters, and the columns with their values.
    pub(crate) parameters: &'static [(&'static str, &'static str)],
    /// Tables with more rows that follow from the record, and the fields of the record with their lists.
    pub(crate) parts: &'static [(&'static Table, &'static str)],
    /// Whether the module has a record of the row at a time; it always has one if this is left out.
    pub(crate) is_kept: fn(&Row<'_>, i128) -> bool,
    /// Whether a row belongs to the subject; rows of a table can belong to several modules.
    pub(crate) is_of: fn(&Row<'_>, &'static str) -> bool,
    /// The row at a time, if it has become another one without an event.
    pub(crate) turn: fn(&[Cell], i128) -> Option<Vec<Cell>>,
    /// A comparison of its own instead of the one by column.
    pub(crate) own: Option<Own>,
}

/// A comparison of a row and of the rows of its parts with an answer at a time.
pub(crate) type Own = fn(&mut Comparison<'_>, &Row<'_>, &Value, i128);

/// A row of a table.
pub struct Row<'a> {
    pub(crate) table: &'static Table,
    pub(crate) cells: &'a [Cell],
}

impl Row<'_> {
    pub(crate) fn cell(&self, column: &str) -> &Cell {
        self.table.place(column).and_then(|at| self.cells.get(at)).unwrap_or(&Cell::Null)
    }

    pub(crate) fn number(&self, column: &str) -> i128 {
        match self.cell(column) {
            Cell::Number(number) => *number,
            _ => 0,
        }
    }

    pub(crate) fn is(&self, column: &str, text: &str) -> bool {
        matches!(self.cell(column), Cell::Text(it) if it == text)
    }

    pub(crate) fn is_true(&self, column: &str) -> bool {
        *self.cell(column) == Cell::Bool(true)
    }
}

/// Whether the item of a row is still in its module's state.
pub(crate) fn is_kept(row: &Row<'_>, _: i128) -> bool {
    !row.is_true("removed")
}

/// A subject of which only the table, the read and its one parameter matter.
pub(crate) const fn subject(
    table: &'static Table,
    module: &'static str,
    function: &'static str,
    parameters: &'static [(&'static str, &'static str)],
) -> Subject {
    Subject {
        table,
        module,
        function,
        parameters,
        parts: &[],
        is_kept: |_, _| true,
        is_of: |_, _| true,
        turn: |_, _| None,
        own: None,
    }
}

impl Subject {
    pub(crate) const fn with_parts(self, parts: &'static [(&'static Table, &'static str)]) -> Self {
        Self { parts, ..self }
    }

    pub(crate) const fn kept_if(self, is_kept: fn(&Row<'_>, i128) -> bool) -> Self {
        Self { is_kept, ..self }
    }

    /// For a table with rows of several modules.
    pub(crate) const fn of_module(self) -> Self {
        Self { is_of: |row, module| row.is("module", module), ..self }
    }

    /// For a table of which some rows belong to the subject.
    pub(crate) const fn if_row(self, is_of: fn(&Row<'_>, &'static str) -> bool) -> Self {
        Self { is_of, ..self }
    }

    /// For rows that change by time.
    pub(crate) const fn turned_by(self, turn: fn(&[Cell], i128) -> Option<Vec<Cell>>) -> Self {
        Self { turn, ..self }
    }

    pub(crate) const fn compared_by(self, own: Own) -> Self {
        Self { own: Some(own), ..self }
    }

    /// Whether a row of the table belongs to the subject.
    pub fn has(&self, row: &[Cell]) -> bool {
        (self.is_of)(&Row { table: self.table, cells: row }, self.module)
    }

    /// The parameter with the item's number, if the items are counted from 1.
    pub fn number(&self) -> Option<&'static str> {
        match self.parameters {
            [(parameter, "id")] if self.table.group == ["id"] => {
                let id = self.table.columns.first()?;
                (id.kind == Kind::Number).then_some(*parameter)
            }
            _ => None,
        }
    }

    /// Whether the columns of the row are compared one by one with the fields of a record.
    pub fn compares_columns(&self) -> bool {
        self.own.is_none()
    }

    /// The tables whose rows belong to the comparison, and the groups of a row in them.
    pub fn needs(&self, row: &[Cell]) -> Vec<(&'static Table, Key)> {
        let row = Row { table: self.table, cells: row };
        self.parts.iter().map(|(part, _)| (*part, group_of(&row, part))).collect()
    }

    /// The arguments of the read for a row.
    pub fn arguments(&self, row: &[Cell]) -> Value {
        let row = Row { table: self.table, cells: row };
        let value = |column: &str| match row.cell(column) {
            Cell::Number(number) => number.to_string().into(),
            Cell::Text(text) => Value::String(crate::text::unescape(text).into_owned()),
            Cell::Bool(value) => (*value).into(),
            Cell::Json(value) => value.clone(),
            Cell::Null => Value::Null,
        };
        let arguments = self.parameters.iter().map(|(name, column)| {
            // A number of 32 bits is no text in JSON.
            let value = match *name {
                "shipment" | "month" => json!(row.number(column)),
                _ => value(column),
            };
            ((*name).to_owned(), value)
        });
        Value::Object(arguments.collect())
    }

    /// Compares a row and the rows of its parts in `tables` with the answer of the read at a block time. An error of
    /// the module is the answer too.
    pub fn compare(
        &self,
        tables: &Tables,
        row: &[Cell],
        answer: &Result<Value, Value>,
        now_ms: u64,
    ) -> Vec<Difference> {
        let now_ms = i128::from(now_ms);
        let turned = (self.turn)(row, now_ms);
        let row = Row { table: self.table, cells: turned.as_deref().unwrap_or(row) };
        let mut comparison = Comparison::new(self, tables, &row);
        let answer = answer.as_ref().map(|answer| {
            let mut answer = answer.clone();
            crate::text::escape_json(&mut answer);
            answer
        });
        let record = answer.as_ref().ok();
        match (record.filter(|it| !it.is_null()), (self.is_kept)(&row, now_ms), self.own) {
            (Some(record), true, Some(own)) => own(&mut comparison, &row, record, now_ms),
            (Some(record), true, None) => comparison.of_record(&row, record),
            (None, false, _) => {}
            (Some(record), false, _) => {
                comparison.add("the row", "ended", &format!("the record {record}"));
            }
            (None, true, _) => {
                let error = answer.err().map_or("nothing".to_owned(), Value::to_string);
                comparison.add("the row", "in force", &error);
            }
        }
        comparison.differences
    }
}

/// The group of a row's parts: the columns of the part's group are those of the row's key, in their order.
fn group_of(row: &Row<'_>, part: &Table) -> Key {
    let key = row.table.key().take(part.group.len());
    Key(key.map(|name| crate::table::Part::of_cell(row.cell(name))).collect())
}
