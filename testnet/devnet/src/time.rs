//! The chain's clock: the machine's, or one that tests move.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use ehb_replica::Timer;

use crate::Clock;

/// The clock of the machine, milliseconds since 1970.
pub(crate) fn machine_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// The network's clock, which the driver sets and the server reads.
pub(crate) struct NetClock {
    kind: Clock,
    /// The time of a virtual clock; how far a real one is ahead of the machine's.
    ms: AtomicU64,
}

impl NetClock {
    pub(crate) fn new(kind: Clock, genesis_ms: u64) -> Self {
        let ms = match kind {
            Clock::Virtual => genesis_ms,
            Clock::Real => genesis_ms.saturating_sub(machine_ms()),
        };
        Self { kind, ms: AtomicU64::new(ms) }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        let ms = self.ms.load(Ordering::Relaxed);
        match self.kind {
            Clock::Virtual => ms,
            Clock::Real => machine_ms().saturating_add(ms),
        }
    }

    fn advance_to(&self, time_ms: u64) {
        self.ms.fetch_add(time_ms.saturating_sub(self.now_ms()), Ordering::Relaxed);
    }
}

/// The replica's timers by the network's clock.
pub(crate) struct Time {
    clock: Arc<NetClock>,
    due: BTreeSet<(u64, Timer)>,
    running: BTreeMap<Timer, u64>,
}

impl Time {
    pub(crate) fn new(clock: Arc<NetClock>) -> Self {
        Self { clock, due: BTreeSet::new(), running: BTreeMap::new() }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Lets time pass up to a moment.
    pub(crate) fn advance_to(&self, time_ms: u64) {
        self.clock.advance_to(time_ms);
    }

    pub(crate) fn set(&mut self, timer: Timer, after_ms: u64) {
        self.cancel(timer);
        // Nothing gathers while time stands still.
        let is_pointless = self.clock.kind == Clock::Virtual && timer == Timer::Gather;
        let at = if is_pointless { 0 } else { self.now_ms().saturating_add(after_ms) };
        self.due.insert((at, timer));
        self.running.insert(timer, at);
    }

    pub(crate) fn cancel(&mut self, timer: Timer) {
        if let Some(at) = self.running.remove(&timer) {
            self.due.remove(&(at, timer));
        }
    }

    /// When the next timer runs out.
    pub(crate) fn next_ms(&self) -> Option<u64> {
        self.due.first().map(|(at, _)| *at)
    }

    /// How long to wait for the next timer, milliseconds; `None` while the clock stands still.
    pub(crate) fn wait_ms(&self) -> Option<u64> {
        let next = self.next_ms().filter(|_| self.clock.kind == Clock::Real)?;
        Some(next.saturating_sub(self.now_ms()))
    }

    /// A timer that has run out by now.
    pub(crate) fn expired(&mut self) -> Option<Timer> {
        let (at, timer) = *self.due.first()?;
        if at > self.now_ms() {
            return None;
        }
        self.cancel(timer);
        Some(timer)
    }
}
