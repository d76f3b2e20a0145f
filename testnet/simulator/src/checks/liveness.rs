//! A check after the faults: all honest nodes commit new blocks within a time limit.

/// The number of heights that every honest node must commit after the faults.
const HEIGHTS: u64 = 3;
/// The time limit for that, virtual microseconds. Rounds have become longer while faults made them fail.
const PATIENCE_US: u64 = 120_000_000;

/// After the faults stop, the chain makes progress with all honest nodes.
#[derive(Default)]
pub(crate) struct Liveness {
    since_us: u64,
    target: Option<u64>,
}

impl Liveness {
    /// The faults are over; the highest committed height is `height`.
    pub(crate) fn begin(&mut self, now_us: u64, height: u64) {
        self.since_us = now_us;
        self.target = Some(height + HEIGHTS);
    }

    /// Whether every honest node made progress; the lowest has committed `lowest`.
    pub(crate) fn reached(&self, lowest: u64) -> bool {
        self.target.is_some_and(|target| lowest >= target)
    }

    /// Whether the time limit is over.
    pub(crate) fn is_late(&self, now_us: u64) -> bool {
        self.target.is_some() && now_us - self.since_us > PATIENCE_US
    }

    /// The height that all must reach.
    pub(crate) fn target(&self) -> u64 {
        self.target.unwrap_or_default()
    }

    /// The time so far, microseconds.
    pub(crate) fn waited_us(&self, now_us: u64) -> u64 {
        now_us - self.since_us
    }
}
