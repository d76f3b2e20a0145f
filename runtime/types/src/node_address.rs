//! The address at which the other nodes reach a node: `HOST:PORT`.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use borsh::BorshSerialize;
use serde::{Deserialize, Deserializer, Serialize};

/// Where a node is reached: `node.acme.example:7400`, `192.0.2.7:7400` or `[2001:db8::7]:7400`. One address has one
/// text: lower case, no leading zeros.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, Serialize)]
pub struct NodeAddress(String);

/// The text is not an address that other machines can dial.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{got:?} is not the address of a node: {reason}")]
pub struct NodeAddressError {
    got: String,
    reason: &'static str,
}

/// The maximum length of a host name (RFC 1035, section 2.3.4), and of each of its labels.
const HOST_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;
/// The maximum length of a rejected text in an error.
const SHOWN_CHARS_MAX: usize = 80;

impl NodeAddress {
    /// Checks the text.
    pub fn new(text: impl Into<String>) -> Result<Self, NodeAddressError> {
        let text = text.into();
        match check(&text) {
            Ok(()) => Ok(Self(text)),
            Err(reason) => {
                Err(NodeAddressError { got: text.chars().take(SHOWN_CHARS_MAX).collect(), reason })
            }
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check(text: &str) -> Result<(), &'static str> {
    let (host, port) = text.rsplit_once(':').ok_or("write HOST:PORT")?;
    let is_port = port.parse::<u16>().is_ok_and(|it| it > 0 && it.to_string() == port);
    if !is_port {
        return Err("the port is a number from 1 to 65535");
    }
    if let Some(inside) = host.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        let address: Ipv6Addr =
            inside.parse().map_err(|_| "there is no IPv6 address in the brackets")?;
        if address.to_string() != inside {
            return Err("write the IPv6 address in its shortest form, in lower case");
        }
        return check_reachable(address.into());
    }
    // A text that looks like numbers is an address: otherwise resolvers differ in what they make of it.
    if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        let address: Ipv4Addr = host.parse().map_err(|_| "the host is not an IPv4 address")?;
        return check_reachable(address.into());
    }
    let is_label = |label: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A name that ends in a number is a mistake in an IPv4 address.
    let ends_in_number =
        host.rsplit('.').next().is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
    if host.len() > HOST_BYTES_MAX || !host.split('.').all(is_label) || ends_in_number {
        return Err("the host is a name in lower case, an IPv4 address, or an IPv6 address in [ ]");
    }
    Ok(())
}

fn check_reachable(address: IpAddr) -> Result<(), &'static str> {
    if address.is_unspecified() || address.is_multicast() {
        return Err(
            "no other machine can dial it; write the one under which others reach the node",
        );
    }
    Ok(())
}

impl FromStr for NodeAddress {
    type Err = NodeAddressError;

    fn from_str(text: &str) -> Result<Self, NodeAddressError> {
        Self::new(text)
    }
}

impl fmt::Display for NodeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for NodeAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text: Cow<'de, str> = Deserialize::deserialize(deserializer)?;
        Self::new(text).map_err(serde::de::Error::custom)
    }
}
