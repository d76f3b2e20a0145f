//! The errors of decoding and encoding values, each with the path to the wrong part.

use std::fmt;

use ehb_types::AddressError;

/// An error in a value: the problem and its path in the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    path: String,
    problem: Problem,
}

/// The problem with a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The JSON has another type.
    #[error("expected {expected}, got {got}")]
    Expected {
        /// What was expected.
        expected: String,
        /// The beginning of the actual value.
        got: String,
    },
    /// A field or parameter is missing.
    #[error("is missing")]
    Missing,
    /// A field, parameter, case or flag that the type does not have.
    #[error("is unknown; known are {0}")]
    Unknown(String),
    /// A flag that is given twice.
    #[error("is given twice")]
    Twice,
    /// A text that is not an address of this network.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Text or a list of more than 2^32 - 1 bytes or elements.
    #[error("is longer than can be encoded")]
    TooLong,
    /// The bytes end inside the value.
    #[error("the bytes end inside the value: {needed} more are needed, {left} are left")]
    Truncated {
        /// The number of bytes that the next part needs.
        needed: usize,
        /// How many there are.
        left: usize,
    },
    /// Bytes follow the value.
    #[error("{0} bytes follow the value")]
    Trailing(usize),
    /// A boolean, option or result tag other than 0 and 1.
    #[error("the byte is {0}, expected 0 or 1")]
    Bit(u8),
    /// Not a Unicode scalar value.
    #[error("{0:#x} is no character")]
    Char(u32),
    /// Text that is not UTF-8.
    #[error("the text is not UTF-8")]
    Utf8,
    /// A list with a larger element count than the remaining bytes can contain.
    #[error("a list of {count} elements does not fit into the {left} remaining bytes")]
    Count {
        /// The claimed number of elements.
        count: u32,
        /// The number of remaining bytes.
        left: usize,
    },
    /// A case number that the type does not have.
    #[error("the case {got} does not exist; the type has {count}")]
    Case {
        /// The number.
        got: u8,
        /// The number of cases.
        count: usize,
    },
    /// Bits that belong to no flag are set.
    #[error("bits that belong to no flag are set")]
    SpareBits,
    /// A list whose elements take no bytes: its count could be arbitrarily large.
    #[error("the elements of a list take no bytes")]
    ZeroSize,
    /// The type nests too deep, or has more cases than a byte can number.
    #[error("the type itself is not allowed; see Type::check")]
    BadType,
}

impl ValueError {
    /// The path of the problem, such as `lines[2].amount`; empty for the whole value.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The problem.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Prepends the name of a field or case to the path.
    #[must_use]
    pub fn in_field(mut self, name: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{dot}{}", self.path);
        self
    }

    /// Prepends the index of a list or tuple to the path.
    #[must_use]
    pub fn in_element(self, index: usize) -> Self {
        self.in_field(&format!("[{index}]"))
    }
}

impl From<Problem> for ValueError {
    fn from(problem: Problem) -> Self {
        Self { path: String::new(), problem }
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        self.problem.fmt(f)
    }
}

impl std::error::Error for ValueError {}
