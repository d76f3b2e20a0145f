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

/// What [`Usage`] has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageCounts {
    /// Calls answered since the start, batches counted by their calls.
    pub calls: u64,
    /// Those of them that were answered with an error.
    pub failed: u64,
    /// Requests and connections refused before a call could be read.
    pub refused: u64,
    /// Open connections, those with a WebSocket among them.
    pub connections: u64,
    /// Open WebSockets.
    pub sessions: u64,
}

impl Usage {
    /// What has been counted.
    pub fn counts(&self) -> UsageCounts {
        UsageCounts {
            calls: self.calls.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            connections: self.connections.load(Ordering::Relaxed),
            sessions: self.sessions.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn count_calls(&self, calls: u64, failed: u64) {
        self.calls.fetch_add(calls, Ordering::Relaxed);
        self.failed.fetch_add(failed, Ordering::Relaxed);
    }

    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn set_connections(&self, connections: usize) {
        self.connections.store(connections as u64, Ordering::Relaxed);
    }

    /// Counts a WebSocket while the guard lives; none when there are `sessions_max` already.
    pub(crate) fn begin_session(self: &Arc<Self>, sessions_max: u64) -> Option<SessionGuard> {
        let begun = self.sessions.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sessions| {
            (sessions < sessions_max).then_some(sessions + 1)
        });
        begun.ok().map(|_| SessionGuard(self.clone()))
    }
}

/// An open WebSocket.
pub(crate) struct SessionGuard(Arc<Usage>);

impl Drop for SessionGuard {
    fn drop(&mut self) {
        self.0.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}
