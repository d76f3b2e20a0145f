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

macro_rules! checked_text {
    ($type:ident, $kind:literal, $bytes_max:expr) => {
        impl $type {
            /// Checks the text.
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                check($kind, $bytes_max, &text)?;
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

checked_text!(Name, "name", NAME_BYTES_MAX);
checked_text!(ChainId, "chain id", CHAIN_ID_BYTES_MAX);
