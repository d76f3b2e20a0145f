//! Keeps the replica's timers in order of expiry for the driver.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use ehb_replica::Timer;

/// The replica's timers. Each runs at most once at a time.
#[derive(Default)]
pub(crate) struct Timers {
    due: BTreeSet<(Instant, Timer)>,
    running: BTreeMap<Timer, Instant>,
}

impl Timers {
    /// Starts or restarts a timer.
    pub(crate) fn set(&mut self, timer: Timer, after_ms: u64, now: Instant) {
        self.cancel(timer);
        // A time beyond the range of the clock never comes.
        if let Some(at) = now.checked_add(Duration::from_millis(after_ms)) {
            self.due.insert((at, timer));
            self.running.insert(timer, at);
        }
    }

    pub(crate) fn cancel(&mut self, timer: Timer) {
        if let Some(at) = self.running.remove(&timer) {
            self.due.remove(&(at, timer));
        }
    }

    /// When the next timer expires.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    pub(crate) fn expired(&mut self, now: Instant) -> Option<Timer> {
        let (at, timer) = *self.due.first()?;
        if at > now {
            return None;
        }
        self.cancel(timer);
        Some(timer)
    }
}
