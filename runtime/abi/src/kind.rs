//! The types that values can have, and the limits on which all encodings rely.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The maximum nesting depth of a type. No handwritten type reaches it, and it bounds every recursion here.
pub const DEPTH_MAX: usize = 32;
/// The maximum number of fields in a record or tuple.
pub const FIELDS_MAX: usize = 256;
/// The maximum number of cases in a variant or enum, whose case number is one byte.
pub const CASES_MAX: usize = 256;
/// The maximum number of flags in a `flags` type, as in the component model.
pub const FLAGS_MAX: usize = 32;

/// A WIT type. Floats, resources, futures and streams do not exist in the rules.
///
/// Component types are structural, so [`Type::Address`] and [`Type::Hash`] are records of four `u64` named
/// `a` to `d` with the names `ehb:host/types.{address, hash}` in the component; a record with the same fields
/// under another name is an ordinary record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the simple types have the names of WIT")]
pub enum Type {
    Bool,
    U8,
    U16,
    U32,
    U64,
    S8,
    S16,
    S32,
    S64,
    Char,
    String,
    /// The address of an account or module.
    Address,
    /// A SHA-256 hash.
    Hash,
    /// Any number of values of one type.
    List(Box<Self>),
    /// A value, or none.
    Option(Box<Self>),
    /// Success or error, each with or without a value.
    Result {
        ok: Option<Box<Self>>,
        err: Option<Box<Self>>,
    },
    /// Values by position.
    Tuple(Vec<Self>),
    /// Values by name.
    Record(Vec<Field>),
    /// One of several cases, some with a payload.
    Variant(Vec<Case>),
    /// One of several names.
    Enum(Vec<String>),
    /// Any of several names.
    Flags(Vec<String>),
}

/// A named value: a record's field or a function's parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name, in kebab-case.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Type,
}

/// A case of a variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name, in kebab-case.
    pub name: String,
    /// The type of its payload, if it has one.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Type>,
}

/// A type whose values could not be encoded, or not unambiguously.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypeError {
    /// The nesting is too deep.
    #[error("the type nests deeper than {DEPTH_MAX}")]
    Depth,
    /// A record, tuple, variant, enum or flags type that is empty or too large.
    #[error("a {kind} has {count} members; 1 to {max} are possible")]
    Members {
        /// The kind of type.
        kind: &'static str,
        /// The number of its members.
        count: usize,
        /// The maximum number of members.
        max: usize,
    },
    /// Two members with one name.
    #[error("the name {0:?} is used twice in one type")]
    NameTwice(String),
}

impl Type {
    /// Checks the limits that the encodings rely on.
    pub fn check(&self) -> Result<(), TypeError> {
        self.check_at(1)
    }

    fn check_at(&self, depth: usize) -> Result<(), TypeError> {
        if depth > DEPTH_MAX {
            return Err(TypeError::Depth);
        }
        let inner = |kind: &Self| kind.check_at(depth + 1);
        match self {
            Self::List(kind) | Self::Option(kind) => inner(kind),
            Self::Result { ok, err } => {
                ok.as_deref().map_or(Ok(()), inner)?;
                err.as_deref().map_or(Ok(()), inner)
            }
            Self::Tuple(kinds) => {
                members("tuple", kinds.len(), FIELDS_MAX)?;
                kinds.iter().try_for_each(inner)
            }
            Self::Record(fields) => {
                members("record", fields.len(), FIELDS_MAX)?;
                distinct(fields.iter().map(|field| field.name.as_str()))?;
                fields.iter().try_for_each(|field| inner(&field.kind))
            }
            Self::Variant(cases) => {
                members("variant", cases.len(), CASES_MAX)?;
                distinct(cases.iter().map(|case| case.name.as_str()))?;
                cases.iter().filter_map(|case| case.kind.as_ref()).try_for_each(inner)
            }
            Self::Enum(names) => {
                members("enum", names.len(), CASES_MAX)?;
                distinct(names.iter().map(String::as_str))
            }
            Self::Flags(names) => {
                members("flags", names.len(), FLAGS_MAX)?;
                distinct(names.iter().map(String::as_str))
            }
            _ => Ok(()),
        }
    }

    /// The minimum number of bytes of a value; never 0 for a type that passes [`Type::check`].
    pub fn bytes_min(&self) -> usize {
        match self {
            Self::Bool | Self::U8 | Self::S8 | Self::Option(_) | Self::Enum(_) => 1,
            Self::U16 | Self::S16 => 2,
            Self::U32 | Self::S32 | Self::Char | Self::String | Self::List(_) => 4,
            Self::U64 | Self::S64 => 8,
            Self::Address | Self::Hash => 32,
            Self::Tuple(kinds) => kinds.iter().map(Self::bytes_min).sum(),
            Self::Record(fields) => fields.iter().map(|field| field.kind.bytes_min()).sum(),
            Self::Result { ok, err } => {
                let bytes = |kind: &Option<Box<Self>>| kind.as_ref().map_or(0, |k| k.bytes_min());
                1 + bytes(ok).min(bytes(err))
            }
            Self::Variant(cases) => {
                let bytes = |case: &Case| case.kind.as_ref().map_or(0, Self::bytes_min);
                1 + cases.iter().map(bytes).min().unwrap_or(0)
            }
            Self::Flags(names) => names.len().div_ceil(8),
        }
    }

    /// The name of a value of this type in a message, with its article.
    pub(crate) fn described(&self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::U8 => "an integer from 0 to 255",
            Self::U16 => "an integer from 0 to 65535",
            Self::U32 => "an integer from 0 to 4294967295",
            Self::U64 => "an integer from 0 to 18446744073709551615 as decimal text",
            Self::S8 => "an integer from -128 to 127",
            Self::S16 => "an integer from -32768 to 32767",
            Self::S32 => "an integer from -2147483648 to 2147483647",
            Self::S64 => {
                "an integer from -9223372036854775808 to 9223372036854775807 as decimal text"
            }
            Self::Char => "text of one character",
            Self::String => "text",
            Self::Address => "an address",
            Self::Hash => "a hash of 64 hexadecimal digits in lower case",
            Self::List(kind) if **kind == Self::U8 => {
                "bytes as \"0x\" and hexadecimal digits in lower case"
            }
            Self::List(_) | Self::Tuple(_) => "an array",
            Self::Option(_) => "a value or null",
            Self::Result { .. } => "an object with \"ok\" or \"err\"",
            Self::Record(_) => "an object",
            Self::Variant(_) => "the name of a case, or an object with it as the only key",
            Self::Enum(_) => "one of the names",
            Self::Flags(_) => "an array of names",
        }
    }
}

fn members(kind: &'static str, count: usize, max: usize) -> Result<(), TypeError> {
    if (1..=max).contains(&count) { Ok(()) } else { Err(TypeError::Members { kind, count, max }) }
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), TypeError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(TypeError::NameTwice(name.to_owned()));
        }
    }
    Ok(())
}
