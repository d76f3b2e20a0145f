//! Declarations of tables: one for each, from which follow the row's type, the schema, reading, writing and the
//! documentation of the columns.

use serde_json::Value;

use crate::cell::{Cell, Kind};

/// A position in the chain: the event that changed a row last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// The block's height.
    pub height: i64,
    /// The index of the transaction in the block.
    pub index: i32,
    /// The position of the event in the transaction.
    pub event: i32,
}

/// The columns with the position of the event that changed a row last, at the end of each table.
pub const AT_COLUMNS: [&str; 3] = ["at_height", "at_index", "at_event"];

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether it can be empty.
    pub optional: bool,
    /// Its description, for people; empty where the name says it.
    pub about: &'static str,
    /// Where its value is in the record of the module that the row mirrors, if it is not under the column's name: names
    /// of fields with `/` between them. Empty if the record does not have it, `.` if it is the whole record.
    pub(crate) path: Option<&'static str>,
}

impl Column {
    /// Whether the record of the module has the column's value. Others are computed.
    pub fn is_of_record(&self) -> bool {
        self.path != Some("")
    }

    /// The column's value in a record.
    pub(crate) fn find<'a>(&self, record: &'a Value) -> Option<&'a Value> {
        match self.path {
            None if self.name.contains('_') => record.get(self.name.replace('_', "-")),
            None => record.get(self.name),
            Some("") => None,
            Some(".") => Some(record),
            Some(path) => {
                let mut names = path.split('/');
                names.try_fold(record, |value, name| match value {
                    Value::Null => Some(value),
                    value => value.get(name),
                })
            }
        }
    }
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its schema and name, such as `emo.hold`.
    pub name: &'static str,
    /// The meaning of a row, for people.
    pub about: &'static str,
    /// Whether rows are only appended, never changed.
    pub is_history: bool,
    /// The columns without [`AT_COLUMNS`].
    pub columns: &'static [Column],
    /// The first columns of the key: rows that have the same values there are loaded together.
    pub group: &'static [&'static str],
    /// The other columns of the key.
    pub rest: &'static [&'static str],
    /// The columns of further indexes.
    pub indexes: &'static [&'static str],
    /// The cells of the row of a record of the module: see [`Record::read`].
    pub(crate) read: fn(&Value, At) -> Result<Vec<Cell>, Unfit>,
}

/// The name of a column, and what is wrong with its field in a record.
pub(crate) type Unfit = (&'static str, &'static str);

impl Table {
    /// The schema.
    pub fn schema(&self) -> &'static str {
        self.name.split_once('.').map_or("", |(schema, _)| schema)
    }

    /// The columns of the key.
    pub fn key(&self) -> impl Iterator<Item = &'static str> {
        self.group.iter().chain(self.rest).copied()
    }

    /// The names and types of all columns, those of the position included.
    pub fn all_columns(&self) -> impl Iterator<Item = (&'static str, Kind)> {
        let at = AT_COLUMNS.iter().map(|name| (*name, Kind::Count));
        self.columns.iter().map(|column| (column.name, column.kind)).chain(at)
    }

    /// The number of columns, those of the position included.
    pub fn width(&self) -> usize {
        self.columns.len().saturating_add(AT_COLUMNS.len())
    }

    /// The place of a column among [`Self::all_columns`].
    pub fn place(&self, column: &str) -> Option<usize> {
        self.all_columns().position(|(name, _)| name == column)
    }

    /// Some columns of a row.
    fn parts(&self, names: &[&str], row: &[Cell]) -> Key {
        let cells = names.iter().filter_map(|name| row.get(self.place(name)?));
        Key(cells.map(Part::of_cell).collect())
    }

    /// The two parts of a row's key.
    pub fn key_of(&self, row: &[Cell]) -> (Key, Key) {
        (self.parts(self.group, row), self.parts(self.rest, row))
    }
}

/// A part of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A number.
    Number(i128),
    /// A text.
    Text(String),
}

impl Part {
    /// Key columns have a text or a number.
    pub(crate) fn of_cell(cell: &Cell) -> Self {
        match cell {
            Cell::Number(number) => Self::Number(*number),
            other => Self::Text(other.to_text().unwrap_or_default()),
        }
    }

    /// The text form.
    pub fn to_text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// A key, or a part of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub Vec<Part>);

/// A key of values of its columns.
macro_rules! key {
    ($($part:expr),* $(,)?) => {
        $crate::table::Key(vec![$($crate::table::Part::of_cell(&$crate::cell::Field::cell(&$part))),*])
    };
}

/// The type of a table's rows.
pub(crate) trait Record: Sized {
    const TABLE: &'static Table;

    /// The row of a record of the module, from an event or a read. Columns that the record does not have are empty.
    /// Errors: the name of the column and what is wrong with the field.
    fn read(record: &Value, at: At) -> Result<Self, Unfit>;

    /// The row of its cells; none if they are not those of the table.
    fn of_cells(cells: &[Cell]) -> Option<Self>;

    /// The row's cells, those of the position included.
    fn cells(&self) -> Vec<Cell>;
}

/// Declares a table and the type of its rows.
macro_rules! table {
    (
        $(#[doc = $about:literal])+
        $record:ident = $kind:ident $name:literal by ($($group:ident),* $(; $($rest:ident),+)?)
        $(index $($index:literal),+)?
        {
            $($(#[doc = $doc:literal])* $field:ident: $type:ty $(= $path:literal)?,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, Default, PartialEq)]
        pub(crate) struct $record {
            $($(#[doc = $doc])* pub(crate) $field: $type,)+
            pub(crate) at: $crate::table::At,
        }

        impl $crate::table::Record for $record {
            const TABLE: &'static $crate::table::Table = &$crate::table::Table {
                name: $name,
                about: concat!($($about),+),
                is_history: $crate::table::is_history!($kind),
                columns: &[$($crate::table::Column {
                    name: stringify!($field),
                    kind: <$type as $crate::cell::Field>::KIND,
                    optional: <$type as $crate::cell::Field>::OPTIONAL,
                    about: concat!($($doc),*),
                    path: $crate::table::record_path!($($path)?),
                }),+],
                group: &[$(stringify!($group)),*],
                rest: &[$($(stringify!($rest)),+)?],
                indexes: &[$($($index),+)?],
                read: |record, at| Self::read(record, at).map(|row| row.cells()),
            };

            fn read(
                record: &serde_json::Value,
                at: $crate::table::At,
            ) -> Result<Self, $crate::table::Unfit> {
                let mut columns = Self::TABLE.columns.iter();
                Ok(Self {
                    $($field: match columns.next() {
                        Some(column) if column.is_of_record() => {
                            <$type as $crate::cell::Field>::read(column.find(record))
                                .map_err(|reason| (column.name, reason))?
                        }
                        _ => Default::default(),
                    },)+
                    at,
                })
            }

            fn of_cells(cells: &[$crate::cell::Cell]) -> Option<Self> {
                let mut cells = cells.iter();
                Some(Self {
                    $($field: $crate::cell::Field::of_cell(cells.next()?)?,)+
                    at: $crate::table::At::of_cells(&mut cells)?,
                })
            }

            fn cells(&self) -> Vec<$crate::cell::Cell> {
                let mut cells = vec![$($crate::cell::Field::cell(&self.$field)),+];
                cells.extend(self.at.cells());
                cells
            }
        }
    };
}

macro_rules! is_history {
    (history) => {
        true
    };
    (current) => {
        false
    };
}

macro_rules! record_path {
    () => {
        None
    };
    ($path:literal) => {
        Some($path)
    };
}

pub(crate) use {is_history, key, record_path, table};

impl At {
    /// The cells of [`AT_COLUMNS`].
    pub fn cells(self) -> [Cell; 3] {
        [
            Cell::Number(i128::from(self.height)),
            Cell::Number(i128::from(self.index)),
            Cell::Number(i128::from(self.event)),
        ]
    }

    /// The position in the cells of [`AT_COLUMNS`].
    pub(crate) fn of_cells<'a>(cells: &mut impl Iterator<Item = &'a Cell>) -> Option<Self> {
        let mut number = || match cells.next() {
            Some(Cell::Number(number)) => Some(*number),
            _ => None,
        };
        let (height, index, event) = (number()?, number()?, number()?);
        Some(Self {
            height: i64::try_from(height).ok()?,
            index: i32::try_from(index).ok()?,
            event: i32::try_from(event).ok()?,
        })
    }
}
