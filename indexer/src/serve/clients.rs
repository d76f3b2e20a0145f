//! How much each client of the server holds.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// What each client holds: connections, or live streams.
#[derive(Default)]
pub(crate) struct Clients(Mutex<HashMap<IpAddr, usize>>);

impl Clients {
    /// Counts one more of a client, unless it has the maximum.
    pub(crate) fn enter(self: &Arc<Self>, address: IpAddr, max: usize) -> Option<Share> {
        let client = client_of(address);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(client).or_default();
        if *count >= max {
            return None;
        }
        *count += 1;
        Some(Share { clients: self.clone(), client })
    }
}

/// What is counted until it is dropped.
pub(crate) struct Share {
    clients: Arc<Clients>,
    client: IpAddr,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut counts = self.clients.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.client);
            }
        }
    }
}

/// An IPv4 address, or the /64 of an IPv6 address.
fn client_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
        address => address,
    }
}
