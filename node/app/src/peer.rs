//! A peer in the configuration: `KEY@HOST:PORT`.

use std::fmt;
use std::str::FromStr;

use ehb_types::PublicKey;
use serde::{Deserialize, Serialize};

/// A peer: its node key and address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) key: PublicKey,
    pub(crate) address: String,
}

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, address) = text
            .split_once('@')
            .ok_or_else(|| format!("{text:?} is no peer: write KEY@HOST:PORT"))?;
        let key = key.parse().map_err(|error| format!("{text:?} is no peer: {error}"))?;
        let port = address.rsplit_once(':').and_then(|(host, port)| {
            let named = !host.is_empty();
            port.parse::<u16>().ok().filter(|_| named)
        });
        match port {
            Some(_) => Ok(Self { key, address: address.to_owned() }),
            None => Err(format!("{text:?} is no peer: write KEY@HOST:PORT")),
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.key, self.address)
    }
}

impl Serialize for Peer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Peer {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
