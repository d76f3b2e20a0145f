//! A peer in the configuration: `KEY@HOST:PORT`.

use std::fmt;
use std::net::Ipv6Addr;
use std::num::NonZeroU16;
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
        let wrong = |why: &str| format!("{text:?} is no peer: {why}");
        let no_form = || wrong("write KEY@HOST:PORT");
        let (key, address) = text.split_once('@').ok_or_else(no_form)?;
        let key = key.parse::<PublicKey>().map_err(|error| wrong(&error.to_string()))?;
        // Digits that are no key would be found only when the peer is dialled, which then never succeeds.
        key.check().map_err(|error| wrong(&error.to_string()))?;
        let (host, port) = address.rsplit_once(':').ok_or_else(no_form)?;
        port.parse::<NonZeroU16>().map_err(|_| no_form())?;
        let in_brackets = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        match in_brackets {
            Some(host) => {
                host.parse::<Ipv6Addr>().map_err(|_| wrong("in [] is an IPv6 address"))?;
            }
            None if host.parse::<Ipv6Addr>().is_ok() => {
                return Err(wrong("write an IPv6 address in []"));
            }
            None => {
                ehb_console::host_name(host).map_err(|error| wrong(&error))?;
            }
        }
        Ok(Self { key, address: address.to_owned() })
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
