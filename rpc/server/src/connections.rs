//! Limits the open connections, and decides which one is closed when a limit is reached.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::client_key::ClientKey;
use crate::limits::HELD_SECONDS_MIN;
use crate::pool::{Full, Holder as _};
use crate::usage::Usage;
use crate::wire::Wire;

/// The open connections: limited for all clients together and for each.
///
/// When all slots of a client are taken, one of its own connections without a request in progress is closed:
/// first the oldest that never sent a whole request, then the oldest idle one. When all slots of the server
/// are taken, the client with the most connections loses one, even a busy one, to a client with fewer; if all
/// have about the same number and all are busy, the HTTP request that takes longest is closed for a client
/// without a connection. So neither abandoned nor busy connections lock out other clients.
pub(crate) struct Connections {
    open: Mutex<Open>,
    connections_max: usize,
    client_max: usize,
    usage: Arc<Usage>,
    left: Notify,
}

#[derive(Default)]
struct Open {
    places: BTreeMap<u64, Place>,
    by_client: HashMap<Owner, usize>,
    next_number: u64,
}

/// The owner of a connection. One of a proxy, which carries requests of many clients, is owned by a client while it answers
/// that client's request, and counted separately in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Owner {
    Client(ClientKey),
    Proxied(u64),
}

struct Place {
    owner: Owner,
    /// Whether it is one of a proxy.
    is_proxied: bool,
    /// Requests being answered; a WebSocket counts as one.
    busy: usize,
    /// The time since which there are any.
    busy_since: Instant,
    is_websocket: bool,
    /// Whether a whole request was ever received.
    proven: bool,
    wire: Arc<Wire>,
}

/// An open connection. It releases its slot when dropped.
pub(crate) struct Connection {
    connections: Arc<Connections>,
    number: u64,
    wire: Arc<Wire>,
}

/// A request in progress on a connection.
pub(crate) struct Busy {
    connections: Arc<Connections>,
    number: u64,
}

impl Connections {
    pub(crate) fn new(connections_max: usize, client_max: usize, usage: Arc<Usage>) -> Arc<Self> {
        let (open, left) = (Mutex::default(), Notify::new());
        Arc::new(Self { open, connections_max, client_max, usage, left })
    }

    /// Takes a slot for a client's connection, or for one of a trusted proxy, which has no client.
    pub(crate) fn enter(self: &Arc<Self>, client: Option<ClientKey>) -> Result<Connection, Full> {
        let mut open = self.lock();
        let number = open.next_number;
        let owner = client.map_or(Owner::Proxied(number), Owner::Client);
        let own = open.by_client.get(&owner).copied().unwrap_or(0);
        if own >= self.client_max {
            let idle = open.first(|place| place.owner == owner && place.busy == 0);
            let idle = idle.ok_or(Full::Client)?;
            open.close(idle);
        } else if open.places.len() >= self.connections_max {
            let chosen = open.to_close(owner, own).ok_or(Full::All)?;
            open.close(chosen);
        }
        open.next_number += 1;
        let wire = Arc::new(Wire::default());
        let place = Place {
            owner,
            is_proxied: client.is_none(),
            busy: 0,
            busy_since: Instant::now(),
            is_websocket: false,
            proven: false,
            wire: wire.clone(),
        };
        open.places.insert(number, place);
        *open.by_client.entry(owner).or_default() += 1;
        self.usage.set_connections(open.places.len());
        Ok(Connection { connections: self.clone(), number, wire })
    }

    pub(crate) fn close_all(&self) {
        let wires: Vec<_> = self.lock().places.values().map(|place| place.wire.clone()).collect();
        wires.iter().for_each(|wire| wire.close());
    }

    /// Waits until no connection is open.
    pub(crate) async fn all_left(&self) {
        loop {
            let left = self.left.notified();
            if self.lock().places.is_empty() {
                return;
            }
            left.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// The least valuable of such connections.
    fn first(&self, such: impl Fn(&Place) -> bool) -> Option<u64> {
        let such = self.places.iter().filter(|(_, place)| such(place));
        such.min_by_key(|(number, place)| (place.busy > 0, place.proven, **number))
            .map(|(number, _)| *number)
    }

    /// The connection to close for a client that has `own` of them.
    fn to_close(&self, owner: Owner, own: usize) -> Option<u64> {
        let most = self.by_client.values().copied().max().unwrap_or(0);
        if most > own + 1 {
            return self.first(|place| self.by_client.get(&place.owner) == Some(&most));
        }
        // All have about the same number.
        self.first(|place| place.busy == 0 && (place.owner == owner || !place.proven))
            .or_else(|| self.first(|place| place.busy == 0))
            .or_else(|| self.longest_request().filter(|_| own == 0))
    }

    /// The connection whose HTTP request takes longest, if it takes long. WebSockets are meant to stay open,
    /// and leave slots to others: their number is limited separately.
    fn longest_request(&self) -> Option<u64> {
        let takes_long = |place: &Place| {
            !place.is_websocket
                && place.busy_since.elapsed() >= Duration::from_secs(HELD_SECONDS_MIN)
        };
        let requests = self.places.iter().filter(|(_, place)| takes_long(place));
        requests.min_by_key(|(_, place)| place.busy_since).map(|(number, _)| *number)
    }

    fn close(&mut self, number: u64) {
        if let Some(wire) = self.leave(number) {
            wire.close();
        }
    }

    fn leave(&mut self, number: u64) -> Option<Arc<Wire>> {
        let place = self.places.remove(&number)?;
        self.release(place.owner);
        Some(place.wire)
    }

    fn release(&mut self, owner: Owner) {
        if let Some(count) = self.by_client.get_mut(&owner) {
            *count -= 1;
            if *count == 0 {
                self.by_client.remove(&owner);
            }
        }
    }

    /// Changes the owner of a connection.
    fn pass(&mut self, number: u64, owner: Owner) {
        let Some(place) = self.places.get_mut(&number) else { return };
        let before = std::mem::replace(&mut place.owner, owner);
        self.release(before);
        *self.by_client.entry(owner).or_default() += 1;
    }
}

impl Connection {
    /// Its bytes.
    pub(crate) fn wire(&self) -> &Arc<Wire> {
        &self.wire
    }

    /// Counts a proxy's connection as one of the client whose request came with it, until that is answered. Errors: the
    /// client has its share of connections already.
    pub(crate) fn pass_to(&self, client: ClientKey) -> Result<(), Full> {
        let mut open = self.connections.lock();
        let owner = Owner::Client(client);
        if !open.places.get(&self.number).is_some_and(|it| it.is_proxied && it.owner != owner) {
            return Ok(());
        }
        if open.by_client.get(&owner).is_some_and(|own| *own >= self.connections.client_max) {
            return Err(Full::Client);
        }
        open.pass(self.number, owner);
        Ok(())
    }

    /// Marks that a request is in progress, until the guard is dropped.
    pub(crate) fn busy(&self) -> Busy {
        self.serve(false)
    }

    /// Marks that the connection is a WebSocket, until the guard is dropped.
    pub(crate) fn websocket(&self) -> Busy {
        self.serve(true)
    }

    fn serve(&self, is_websocket: bool) -> Busy {
        if let Some(place) = self.connections.lock().places.get_mut(&self.number) {
            if place.busy == 0 {
                place.busy_since = Instant::now();
            }
            place.busy += 1;
            place.is_websocket = is_websocket;
            place.proven = true;
        }
        Busy { connections: self.connections.clone(), number: self.number }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        let Some(place) = open.places.get_mut(&self.number) else { return };
        place.busy = place.busy.saturating_sub(1);
        if place.busy == 0 && place.is_proxied {
            open.pass(self.number, Owner::Proxied(self.number));
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        open.leave(self.number);
        self.connections.usage.set_connections(open.places.len());
        drop(open);
        self.connections.left.notify_waiters();
    }
}
