use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::Context;

/// Free ports on this machine. All are held until the last is found, so that none is given twice.
pub(crate) fn free(count: usize) -> anyhow::Result<Vec<SocketAddr>> {
    let bind = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free");
    let held: Vec<TcpListener> = (0..count).map(bind).collect::<anyhow::Result<_>>()?;
    held.iter().map(|listener| Ok(listener.local_addr()?)).collect()
}
