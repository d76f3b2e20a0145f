//! The rows that the projection reads and changes: those that were loaded, and the changes by events.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cell::Cell;
use crate::error::{Done, Halt, ProjectError};
use crate::event::Event;
use crate::table::{At, Key, Part, Record, Table};

/// The rows of a table by the two parts of their keys.
type Groups = BTreeMap<Key, BTreeMap<Key, Vec<Cell>>>;

/// The rows that must be loaded: the tables by name, and the first part of the keys.
pub type Needs = BTreeMap<&'static str, (&'static Table, BTreeSet<Key>)>;

/// The changes by some events, by table.
pub type Changes = BTreeMap<&'static str, (&'static Table, Vec<Vec<Cell>>)>;

/// Rows of tables in memory.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Whether rows that were not loaded do not exist.
    complete: bool,
    loaded: BTreeMap<&'static str, Groups>,
    changed: BTreeMap<&'static str, (&'static Table, Groups)>,
    appended: Changes,
    needs: Needs,
}

impl Tables {
    /// Tables that are in memory as a whole, and empty.
    pub fn in_memory() -> Self {
        Self { complete: true, ..Self::default() }
    }

    /// Rows that were loaded: all of a table whose keys begin with `group`.
    pub fn load(&mut self, table: &'static Table, group: Key, rows: Vec<Vec<Cell>>) {
        let rows = rows.into_iter().map(|row| (table.key_of(&row).1, row)).collect();
        self.loaded.entry(table.name).or_default().insert(group, rows);
    }

    /// The rows that are missing, which [`Self::load`] takes next.
    pub(crate) fn take_needs(&mut self) -> Needs {
        std::mem::take(&mut self.needs)
    }

    pub(crate) fn lacks_rows(&self) -> bool {
        !self.needs.is_empty()
    }

    /// Forgets the changes, not what was loaded.
    pub(crate) fn forget_changes(&mut self) {
        self.changed.clear();
        self.appended.clear();
    }

    /// Takes the changes, which belong to what was loaded from then on.
    pub fn take_changes(&mut self) -> Changes {
        let mut changes = std::mem::take(&mut self.appended);
        if self.complete {
            for (name, (table, rows)) in &changes {
                let loaded = self.loaded.entry(name).or_default();
                for row in rows {
                    let (group, rest) = table.key_of(row);
                    loaded.entry(group).or_default().insert(rest, row.clone());
                }
            }
        }
        for (name, (table, groups)) in std::mem::take(&mut self.changed) {
            let loaded = self.loaded.entry(name).or_default();
            let rows = &mut changes.entry(name).or_insert_with(|| (table, Vec::new())).1;
            for (group, changed) in groups {
                rows.extend(changed.values().cloned());
                loaded.entry(group).or_default().extend(changed);
            }
        }
        changes
    }

    /// All rows of a table in memory.
    pub fn all(&self, table: &'static Table) -> Vec<Vec<Cell>> {
        let groups = self.loaded.get(table.name).into_iter().flatten();
        groups.flat_map(|(_, rows)| rows.values()).cloned().collect()
    }

    /// The rows in memory whose keys begin with `group`, ascending by the rest of their keys.
    pub fn of_group(&self, table: &'static Table, group: &Key) -> Vec<Vec<Cell>> {
        let rows = self.loaded.get(table.name).and_then(|it| it.get(group));
        rows.into_iter().flatten().map(|(_, row)| row.clone()).collect()
    }

    /// Whether the rows of a group are known; if not, they are needed.
    fn is_known(&mut self, table: &'static Table, group: &Key) -> bool {
        let is_in = |groups: Option<&Groups>| groups.is_some_and(|it| it.contains_key(group));
        if self.complete || is_in(self.loaded.get(table.name)) {
            return true;
        }
        let needed = self.needs.entry(table.name).or_insert_with(|| (table, BTreeSet::new()));
        needed.1.insert(group.clone());
        false
    }

    /// Says that a row will be needed, so that rows are loaded together.
    pub(crate) fn want<T: Record>(&mut self, group: &Key) {
        self.is_known(T::TABLE, group);
    }

    fn find(&self, table: &'static Table, group: &Key, rest: &Key) -> Option<&Vec<Cell>> {
        let changed = self.changed.get(table.name).map(|(_, groups)| groups);
        let of = |groups: &Groups| groups.get(group).and_then(|rows| rows.get(rest)).is_some();
        let groups = changed.filter(|it| of(it)).or_else(|| self.loaded.get(table.name))?;
        groups.get(group)?.get(rest)
    }

    /// A row; none if there is none.
    pub(crate) fn get<T: Record>(&mut self, group: Key, rest: Key) -> Done<Option<T>> {
        if !self.is_known(T::TABLE, &group) {
            return Err(Halt::NotLoaded);
        }
        Ok(self.find(T::TABLE, &group, &rest).and_then(|row| T::of_cells(row)))
    }

    /// A row that an earlier event created.
    pub(crate) fn known<T: Record>(&mut self, group: Key, rest: Key, at: At) -> Done<T> {
        if let Some(row) = self.get::<T>(group.clone(), rest.clone())? {
            return Ok(row);
        }
        let parts = [&group, &rest].into_iter().flat_map(|key| &key.0);
        let id = parts.map(Part::to_text).collect::<Vec<_>>().join(", ");
        Err(ProjectError::MissingRow { table: T::TABLE.name, id, at }.into())
    }

    /// All rows whose keys begin with `group`, ascending by the rest of their keys.
    pub(crate) fn group<T: Record>(&mut self, group: &Key) -> Done<Vec<T>> {
        if !self.is_known(T::TABLE, group) {
            return Err(Halt::NotLoaded);
        }
        let loaded = self.loaded.get(T::TABLE.name).and_then(|it| it.get(group));
        let changed = self.changed.get(T::TABLE.name).and_then(|(_, it)| it.get(group));
        let mut rows: BTreeMap<&Key, &Vec<Cell>> = loaded.into_iter().flatten().collect();
        rows.extend(changed.into_iter().flatten());
        Ok(rows.values().filter_map(|row| T::of_cells(row)).collect())
    }

    /// Writes a row of a current table.
    pub(crate) fn put<T: Record>(&mut self, row: &T) {
        let cells = row.cells();
        let (group, rest) = T::TABLE.key_of(&cells);
        let table = self.changed.entry(T::TABLE.name);
        let groups = &mut table.or_insert_with(|| (T::TABLE, Groups::new())).1;
        groups.entry(group).or_default().insert(rest, cells);
    }

    /// Appends a row to a history.
    pub(crate) fn append<T: Record>(&mut self, row: &T) {
        let table = self.appended.entry(T::TABLE.name);
        table.or_insert_with(|| (T::TABLE, Vec::new())).1.push(row.cells());
    }

    /// Writes the row of a record in an event. Returns it.
    pub(crate) fn put_record<T: Record>(&mut self, event: &Event<'_>, record: &Value) -> Done<T> {
        let row = event.record::<T>(record)?;
        self.put(&row);
        Ok(row)
    }
}
