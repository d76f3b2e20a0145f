use std::fmt;

use ehb_types::AddressError;

/// A value that is not of the expected type, and where in it the problem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    path: String,
    problem: Problem,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The JSON has another form.
    #[error("expected {expected}, got {got}")]
    Expected {
        /// What should stand there.
        expected: String,
        /// The beginning of what stands there.
        got: String,
    },
    /// A field or parameter is not given.
    #[error("is missing")]
    Missing,
    /// A field, parameter, case or flag that the type does not have.
    #[error("is unknown; known are {0}")]
    Unknown(String),
    /// A flag that is given twice.
    #[error("is given twice")]
    Twice,
    /// An address that is none on this network.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Text or a list of more than 2^32 - 1 bytes or elements.
    #[error("is longer than can be encoded")]
    TooLong,
    /// The bytes end within the value.
    #[error("the bytes end within the value: {needed} more are needed, {left} are left")]
    Truncated {
        /// How many bytes the next part takes.
        needed: usize,
        /// How many there are.
        left: usize,
    },
    /// Bytes follow the value.
    #[error("{0} bytes follow after the value")]
    Trailing(usize),
    /// A boolean, option or result tag other than 0 and 1.
    #[error("the byte {0} stands where only 0 and 1 can")]
    Bit(u8),
    /// Not a Unicode scalar value.
    #[error("{0:#x} is no character")]
    Char(u32),
    /// Text that is not UTF-8.
    #[error("the text is not UTF-8")]
    Utf8,
    /// A list that claims more elements than the bytes left can hold.
    #[error("a list of {count} elements does not fit the {left} bytes left")]
    Count {
        /// The claimed number of elements.
        count: u32,
        /// How many bytes there are.
        left: usize,
    },
    /// A case number that the type does not have.
    #[error("the case {got} does not exist; there are {count}")]
    Case {
        /// The number.
        got: u8,
        /// How many cases there are.
        count: usize,
    },
    /// Bits are set that stand for no flag.
    #[error("bits are set that stand for no flag")]
    SpareBits,
    /// A list whose elements take no bytes: its count would be free to claim.
    #[error("a list's elements take no bytes")]
    ZeroSize,
    /// The type nests too deep, or has more cases than a byte can number.
    #[error("the type itself is not allowed; see Type::check")]
    BadType,
}

impl ValueError {
    /// Where the problem is, as `lines[2].amount`; empty for the whole value.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The same problem, seen from the value that holds this one under a name.
    #[must_use]
    pub fn in_field(mut self, name: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{dot}{}", self.path);
        self
    }

    /// The same problem, seen from the list or tuple that holds this value.
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
