//! The values of columns: what a cell holds, and how a field of an event becomes one.

use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use serde_json::Value;

/// A number of base units, or another 64-bit number of an event. Wide enough for the difference of two of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub i128);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Add for Number {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Number {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Number {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl AddAssign for Number {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Number {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

/// The value of a column in a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Number(i128),
    /// A text without U+0000.
    Text(String),
    /// A value of several parts.
    Json(Value),
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A truth value.
    Bool,
    /// A position or a count, which fits into 63 bits.
    Count,
    /// A 64-bit number or an amount in base units.
    Number,
    /// A text.
    Text,
    /// JSON.
    Json,
}

impl Cell {
    /// The text form that a database reads and writes; none for nothing.
    pub fn to_text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Bool(value) => Some(value.to_string()),
            Self::Number(value) => Some(value.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Json(value) => Some(value.to_string()),
        }
    }

    /// The cell that [`Self::to_text`] wrote; none if the text is not of the kind.
    pub fn from_text(kind: Kind, text: Option<&str>) -> Option<Self> {
        let Some(text) = text else { return Some(Self::Null) };
        match kind {
            Kind::Bool => Some(Self::Bool(matches!(text, "true" | "t"))),
            Kind::Count | Kind::Number => text.parse().ok().map(Self::Number),
            Kind::Text => Some(Self::Text(text.to_owned())),
            Kind::Json => serde_json::from_str(text).ok().map(Self::Json),
        }
    }
}

/// A type that a column can have.
pub trait Field: Sized {
    /// The column's type.
    const KIND: Kind;
    /// Whether the column can be empty.
    const OPTIONAL: bool = false;

    /// Reads a field of an event or of a record, none if the field is missing. Errors: the field has another type.
    fn read(value: Option<&Value>) -> Result<Self, &'static str>;

    /// The cell with the value.
    fn cell(&self) -> Cell;

    /// The value of a cell; none if the cell has another type.
    fn of_cell(cell: &Cell) -> Option<Self>;
}

const MISSING: &str = "it is missing";

impl Field for String {
    const KIND: Kind = Kind::Text;

    fn read(value: Option<&Value>) -> Result<Self, &'static str> {
        let text = value.ok_or(MISSING)?.as_str();
        text.map(str::to_owned).ok_or("it is no text")
    }

    fn cell(&self) -> Cell {
        Cell::Text(self.clone())
    }

    fn of_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text.clone()),
            _ => None,
        }
    }
}

impl Field for Number {
    const KIND: Kind = Kind::Number;

    fn read(value: Option<&Value>) -> Result<Self, &'static str> {
        let value = value.ok_or(MISSING)?;
        let number = match value {
            Value::String(text) => text.parse().ok(),
            value => value.as_u64().map(i128::from).or_else(|| value.as_i64().map(i128::from)),
        };
        number.map(Self).ok_or("it is no whole number")
    }

    fn cell(&self) -> Cell {
        Cell::Number(self.0)
    }

    fn of_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Number(number) => Some(Self(*number)),
            _ => None,
        }
    }
}

impl Field for i64 {
    const KIND: Kind = Kind::Count;

    fn read(value: Option<&Value>) -> Result<Self, &'static str> {
        Self::try_from(Number::read(value)?.0).map_err(|_| "it is larger than 9223372036854775807")
    }

    fn cell(&self) -> Cell {
        Cell::Number(i128::from(*self))
    }

    fn of_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Number(number) => Self::try_from(*number).ok(),
            _ => None,
        }
    }
}

impl Field for bool {
    const KIND: Kind = Kind::Bool;

    fn read(value: Option<&Value>) -> Result<Self, &'static str> {
        value.ok_or(MISSING)?.as_bool().ok_or("it is neither true nor false")
    }

    fn cell(&self) -> Cell {
        Cell::Bool(*self)
    }

    fn of_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Bool(value) => Some(*value),
            _ => None,
        }
    }
}

impl Field for Value {
    const KIND: Kind = Kind::Json;

    fn read(value: Option<&Value>) -> Result<Self, &'static str> {
        value.cloned().ok_or(MISSING)
    }

    fn cell(&self) -> Cell {
        Cell::Json(self.clone())
    }

    fn of_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Json(value) => Some(value.clone()),
            _ => None,
        }
    }
}

impl<T: Field> Field for Option<T> {
    const KIND: Kind = T::KIND;
    const OPTIONAL: bool = true;

    fn read(value: Option<&Value>) -> Result<Self, &'static str> {
        match value {
            None | Some(Value::Null) => Ok(None),
            value => T::read(value).map(Some),
        }
    }

    fn cell(&self) -> Cell {
        self.as_ref().map_or(Cell::Null, T::cell)
    }

    fn of_cell(cell: &Cell) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            cell => T::of_cell(cell).map(Some),
        }
    }
}
