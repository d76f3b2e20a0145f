use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::usage::Usage;

/// The open connections, a bounded number.
///
/// When all places are taken, a connection that has no request under way makes room: first one that
/// never sent a whole request, the oldest of them, then the oldest that rests. So thousands of
/// connections that are opened and left do not keep others out.
pub(crate) struct Connections {
    open: Mutex<Open>,
    connections_max: usize,
    usage: Arc<Usage>,
}

#[derive(Default)]
struct Open {
    places: BTreeMap<u64, Place>,
    next_number: u64,
}

struct Place {
    /// Requests being answered; a WebSocket counts as one.
    busy: usize,
    /// Whether a whole request ever came.
    proven: bool,
    close: Arc<Notify>,
}

/// An open connection. It leaves its place when dropped.
pub(crate) struct Connection {
    connections: Arc<Connections>,
    number: u64,
    /// Told when the connection must make room.
    pub(crate) close: Arc<Notify>,
}

/// A request under way on a connection.
pub(crate) struct Busy {
    connections: Arc<Connections>,
    number: u64,
}

impl Connections {
    pub(crate) fn new(connections_max: usize, usage: Arc<Usage>) -> Self {
        Self { open: Mutex::default(), connections_max, usage }
    }

    /// Takes a place; none when all are busy.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Connection> {
        let mut open = self.lock();
        if open.places.len() >= self.connections_max {
            let idle = open.places.iter().filter(|(_, place)| place.busy == 0);
            let (number, _) = idle.min_by_key(|(number, place)| (place.proven, **number))?;
            let number = *number;
            let place = open.places.remove(&number)?;
            place.close.notify_one();
        }
        let number = open.next_number;
        open.next_number += 1;
        let close = Arc::new(Notify::new());
        open.places.insert(number, Place { busy: 0, proven: false, close: close.clone() });
        self.usage.set_connections(open.places.len());
        Some(Connection { connections: self.clone(), number, close })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Marks that a whole request came in, until the guard is dropped.
    pub(crate) fn busy(&self) -> Busy {
        if let Some(place) = self.connections.lock().places.get_mut(&self.number) {
            place.busy += 1;
            place.proven = true;
        }
        Busy { connections: self.connections.clone(), number: self.number }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(place) = self.connections.lock().places.get_mut(&self.number) {
            place.busy = place.busy.saturating_sub(1);
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        open.places.remove(&self.number);
        self.connections.usage.set_connections(open.places.len());
    }
}
