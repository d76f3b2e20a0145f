//! Names and chain ids: texts that are checked when they are created or decoded.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::io::{Error, ErrorKind, Read};
use std::str::FromStr;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Deserializer, Serialize};

/// A name of a module, function, role or organisation: kebab-case, 1 to 64 bytes of `a-z`, `0-9`
/// and `-`, starting with a letter.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, Serialize)]
pub struct Name(String);

/// A role of an account: a [`Name`] such as `clerk`, which counts in all modules, or `clerk@marketplace`, which counts
/// in that module alone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, Serialize)]
pub struct RoleName(String);

/// The chain's id, for people: like [`Name`], at most 32 bytes. Signatures cover the genesis hash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, Serialize)]
pub struct ChainId(String);

/// The text is not a valid name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{got:?} is not a {kind}: 1 to {bytes_max} of a-z, 0-9 and -, starting with a letter")]
pub struct NameError {
    kind: &'static str,
    bytes_max: usize,
    got: String,
}

const NAME_BYTES_MAX: usize = 64;
const CHAIN_ID_BYTES_MAX: usize = 32;

fn check(kind: &'static str, bytes_max: usize, text: &str) -> Result<(), NameError> {
    let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let starts = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    if letters && starts && text.len() <= bytes_max {
        return Ok(());
    }
    Err(NameError { kind, bytes_max, got: text.chars().take(bytes_max + 8).collect() })
}

fn check_role(kind: &'static str, bytes_max: usize, text: &str) -> Result<(), NameError> {
    let (role, module) = text.split_once('@').map_or((text, None), |(it, at)| (it, Some(at)));
    let whole = |_| NameError { kind, bytes_max, got: text.chars().take(2 * bytes_max).collect() };
    check(kind, bytes_max, role).map_err(whole)?;
    module.map_or(Ok(()), |module| check(kind, bytes_max, module).map_err(whole))
}

impl RoleName {
    /// The role without the module in which it counts.
    pub fn role(&self) -> &str {
        self.0.split_once('@').map_or(&self.0, |(role, _)| role)
    }

    /// The module in which it counts; none is all of them.
    pub fn module(&self) -> Option<&str> {
        self.0.split_once('@').map(|(_, module)| module)
    }
}

impl From<Name> for RoleName {
    fn from(name: Name) -> Self {
        Self(name.0)
    }
}

macro_rules! checked_text {
    ($type:ident, $kind:literal, $bytes_max:expr, $check:ident) => {
        impl $type {
            /// Checks the text.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                $check($kind, $bytes_max, &text)?;
                Ok(Self(text))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }

        impl Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl BorshDeserialize for $type {
            fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self, Error> {
                let text = String::deserialize_reader(reader)?;
                Self::new(text).map_err(|error| Error::new(ErrorKind::InvalidData, error))
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text: Cow<'de, str> = Deserialize::deserialize(deserializer)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    };
}

checked_text!(Name, "name", NAME_BYTES_MAX, check);
checked_text!(RoleName, "role or role@module", NAME_BYTES_MAX, check_role);
checked_text!(ChainId, "chain id", CHAIN_ID_BYTES_MAX, check);
