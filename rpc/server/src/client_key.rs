//! The key of a client: by what the requests of one client are counted together.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;

/// The key of a client, whose requests count together.
///
/// Today that is an address. A token in a request can become a second kind: limits of a client apply to its
/// key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ClientKey {
    /// An IPv4 address, or the first 64 bits of an IPv6 address: a provider assigns each customer at least a
    /// /64.
    Address(IpAddr),
}

impl ClientKey {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl fmt::Display for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => fmt::Display::fmt(address, f),
        }
    }
}

/// The client of a trusted proxy: the last address in `X-Forwarded-For` that is not a proxy's. The addresses
/// before it are only claims of the client.
pub(crate) fn forwarded(headers: &HeaderMap, proxies: &[IpAddr]) -> Option<IpAddr> {
    let values: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().map(|it| it.to_str().unwrap_or("")).collect();
    let mut addresses = values.iter().flat_map(|value| value.split(',')).rev();
    addresses.find_map(|text| match address(text.trim()) {
        Some(address) if proxies.contains(&address.to_canonical()) => None,
        // An invalid address ends the search: the ones before it are even less reliable.
        parsed => Some(parsed),
    })?
}

/// An address in `X-Forwarded-For`; some proxies add the port.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || Some(text.parse::<SocketAddr>().ok()?.ip());
    text.parse().ok().or_else(with_port).or_else(bracketed)
}
