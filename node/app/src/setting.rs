//! What the groups of settings have in common: addresses of this machine, and bounds.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::bail;

/// A port of this machine that no other machine reaches.
pub(crate) fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Checks that a number is within its limits: name, value, minimum and maximum.
pub(crate) fn check_bound((name, value, min, max): (&str, u64, u64, u64)) -> anyhow::Result<()> {
    if value < min || value > max {
        bail!("{name} is {value}; it must be between {min} and {max}");
    }
    Ok(())
}
