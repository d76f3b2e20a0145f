//! The parameter `at` of methods that read a block or the state after it, and its three forms in JSON.

use std::fmt;
use std::str::FromStr;

use ehb_types::Hash;
use serde::de::{Error, MapAccess, Unexpected, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A block, or the state after it: the block's height as a number, its hash as text, or a time as
/// `{"timestampMs": 1790000000000}`, which selects the last block whose time is not later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The block at a height.
    Height(u64),
    /// The block with a hash.
    Hash(Hash),
    /// The last block at a time, milliseconds since 1970 (UTC).
    Time(u64),
}

/// The key of [`At::Time`].
const TIME: &str = "timestampMs";

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Height(height) => serializer.serialize_u64(*height),
            Self::Hash(hash) => hash.serialize(serializer),
            Self::Time(time_ms) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry(TIME, time_ms)?;
                map.end()
            }
        }
    }
}

struct AtVisitor;

impl<'de> Visitor<'de> for AtVisitor {
    type Value = At;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a height as a number, a block's hash as 64 hex digits, or a time as {\"timestampMs\": number}",
        )
    }

    fn visit_u64<E: Error>(self, height: u64) -> Result<At, E> {
        Ok(At::Height(height))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<At, E> {
        match Hash::from_str(text) {
            Ok(hash) => Ok(At::Hash(hash)),
            Err(_) => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<At, A::Error> {
        let Some(key) = map.next_key::<String>()? else {
            return Err(A::Error::missing_field(TIME));
        };
        if key != TIME {
            return Err(A::Error::unknown_field(&key, &[TIME]));
        }
        let time_ms = map.next_value()?;
        match map.next_key::<String>()? {
            None => Ok(At::Time(time_ms)),
            Some(other) if other == TIME => Err(A::Error::duplicate_field(TIME)),
            Some(other) => Err(A::Error::unknown_field(&other, &[TIME])),
        }
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AtVisitor)
    }
}
