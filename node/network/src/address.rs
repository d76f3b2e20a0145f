//! Addresses in libp2p's format.

use std::net::{IpAddr, SocketAddr};

use libp2p::core::Multiaddr;
use libp2p::multiaddr::Protocol;

/// The address in libp2p's format.
pub(crate) fn multiaddr(address: SocketAddr) -> Multiaddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) => Protocol::Ip4(ip),
        IpAddr::V6(ip) => Protocol::Ip6(ip),
    };
    Multiaddr::empty().with(ip).with(Protocol::Tcp(address.port()))
}
