//! Formats types and functions in WIT notation, for messages and documentation.

use std::fmt::{self, Display, Formatter};

use crate::{Field, Function, Type};

/// WIT notation, with records and variants written out.
impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::U8 => f.write_str("u8"),
            Self::U16 => f.write_str("u16"),
            Self::U32 => f.write_str("u32"),
            Self::U64 => f.write_str("u64"),
            Self::S8 => f.write_str("s8"),
            Self::S16 => f.write_str("s16"),
            Self::S32 => f.write_str("s32"),
            Self::S64 => f.write_str("s64"),
            Self::Char => f.write_str("char"),
            Self::String => f.write_str("string"),
            Self::Address => f.write_str("address"),
            Self::Hash => f.write_str("hash"),
            Self::List(kind) => write!(f, "list<{kind}>"),
            Self::Option(kind) => write!(f, "option<{kind}>"),
            Self::Result { ok: None, err: None } => f.write_str("result"),
            Self::Result { ok: Some(ok), err: None } => write!(f, "result<{ok}>"),
            Self::Result { ok: None, err: Some(err) } => write!(f, "result<_, {err}>"),
            Self::Result { ok: Some(ok), err: Some(err) } => write!(f, "result<{ok}, {err}>"),
            Self::Tuple(kinds) => {
                f.write_str("tuple<")?;
                joined(f, kinds, |kind, f| kind.fmt(f))?;
                f.write_str(">")
            }
            Self::Record(fields) => {
                f.write_str("record { ")?;
                joined(f, fields, Field::fmt)?;
                f.write_str(" }")
            }
            Self::Variant(cases) => {
                f.write_str("variant { ")?;
                joined(f, cases, |case, f| match &case.kind {
                    Some(kind) => write!(f, "{}({kind})", case.name),
                    None => f.write_str(&case.name),
                })?;
                f.write_str(" }")
            }
            Self::Enum(names) => {
                f.write_str("enum { ")?;
                joined(f, names, |name, f| f.write_str(name))?;
                f.write_str(" }")
            }
            Self::Flags(names) => {
                f.write_str("flags { ")?;
                joined(f, names, |name, f| f.write_str(name))?;
                f.write_str(" }")
            }
        }
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.kind)
    }
}

/// The function's type in WIT notation, such as `func(to: address, amount: u64) -> result`.
impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("func(")?;
        joined(f, &self.parameters, Field::fmt)?;
        f.write_str(")")?;
        self.result.as_ref().map_or(Ok(()), |kind| write!(f, " -> {kind}"))
    }
}

fn joined<T>(
    f: &mut Formatter<'_>,
    parts: &[T],
    write: impl Fn(&T, &mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write(part, f)?;
    }
    Ok(())
}
