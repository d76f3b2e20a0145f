//! The counters of calls, rejections, connections and WebSockets, for the node's metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts what the server does; the node shows it among its metrics.
#[derive(Debug, Default)]
pub struct Usage {
    calls: AtomicU64,
    failed: AtomicU64,
    refused: AtomicU64,
    connections: AtomicU64,
    sessions: AtomicU64,
}

/// The values of [`Usage`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageCounts {
    /// Calls answered since the start; batches count by their calls.
    pub calls: u64,
    /// Those of them that were answered with an error.
    pub failed: u64,
    /// Requests and connections rejected before a call could be read.
    pub refused: u64,
    /// Open connections, including WebSockets.
    pub connections: u64,
    /// Open WebSockets.
    pub sessions: u64,
}

impl Usage {
    /// The counts so far.
    pub fn counts(&self) -> UsageCounts {
        UsageCounts {
            calls: self.calls.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            connections: self.connections.load(Ordering::Relaxed),
            sessions: self.sessions.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn count_call(&self, succeeded: bool) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.failed.fetch_add(u64::from(!succeeded), Ordering::Relaxed);
    }

    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn set_connections(&self, connections: usize) {
        self.connections.store(connections as u64, Ordering::Relaxed);
    }

    /// Counts a WebSocket while the guard lives.
    pub(crate) fn begin_session(self: &Arc<Self>) -> SessionGuard {
        self.sessions.fetch_add(1, Ordering::Relaxed);
        SessionGuard(self.clone())
    }
}

/// An open WebSocket.
pub(crate) struct SessionGuard(Arc<Usage>);

impl Drop for SessionGuard {
    fn drop(&mut self) {
        self.0.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}
