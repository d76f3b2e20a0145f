//! Finds free ports for the nodes of a new network.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;

use anyhow::Context;

use crate::error_code::{self, coded};

/// Below the range for outgoing connections (Linux from 32,768 on, IANA's from 49,152), of which one could
/// take the port of a temporarily stopped node.
const PORTS: Range<u16> = 20_000..32_000;

/// Free ports on this machine. All are held until the last is found, so that none is returned twice; the
/// search begins at a random port, so that networks created at the same time get different ones.
pub fn free(count: usize) -> anyhow::Result<Vec<SocketAddr>> {
    let first = RandomState::new().hash_one(count) % u64::from(PORTS.end - PORTS.start);
    let first = PORTS.start + u16::try_from(first)?;
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok();
    let held: Vec<TcpListener> =
        (first..PORTS.end).chain(PORTS.start..first).filter_map(bind).take(count).collect();
    let found = held.len();
    if found < count {
        let text = format!("{count} free ports are needed from {PORTS:?}, and {found} were found");
        return Err(coded(error_code::SYSTEM, text));
    }
    held.iter().map(|listener| listener.local_addr().context("a free port")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_free_distinct_and_not_for_outgoing_connections() {
        let mut ports: Vec<u16> = free(30).unwrap().iter().map(SocketAddr::port).collect();
        let held: Vec<TcpListener> =
            ports.iter().map(|port| TcpListener::bind(("127.0.0.1", *port)).unwrap()).collect();
        assert!(ports.iter().all(|port| PORTS.contains(port)));
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 30);
        drop(held);
    }
}
