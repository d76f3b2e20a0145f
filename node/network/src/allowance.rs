//! The budget of one peer on one channel: frames, bytes and processor time, each with a steady rate and a
//! burst. A peer that exceeds it is not read until it is within its budget again, which slows down that peer
//! and no other.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::{Channel, Rates};

/// The longest sleep before the balance is checked again.
const LOOK_AGAIN_MAX: Duration = Duration::from_millis(500);

/// A steady rate a second, and the size of a burst.
#[derive(Clone, Copy)]
struct Rate {
    per_second: f64,
    burst: f64,
}

/// The budget of a peer on a channel.
struct ChannelRates {
    frames: Rate,
    bytes: Rate,
    /// Microseconds.
    processor_us: Rate,
}

const fn rate(per_second: u32, burst: u32) -> Rate {
    Rate { per_second: per_second as f64, burst: burst as f64 }
}

const MIB: u32 = 1 << 20;

/// Honest validators send three messages a height, and heights pass at some hundreds a second. A
/// frame of a vote costs about 60 µs.
const CONSENSUS: ChannelRates = ChannelRates {
    frames: rate(4_000, 8_000),
    bytes: rate(2 * MIB, 8 * MIB),
    processor_us: rate(300_000, 600_000),
};
/// A burst of bytes has room for two of the largest frames, whatever the rate.
const BURST_BYTES_MIN: f64 = (72 * MIB) as f64;
/// How long a peer can use a whole processor in a burst, seconds.
const PROCESSOR_BURST_S: f64 = 2.0;

/// Blocks, requests, status messages, and the requests of a node that is catching up.
fn bulk(rates: &Rates) -> ChannelRates {
    let bytes = f64::from(rates.bytes_per_second);
    ChannelRates {
        frames: rate(1_000, 2_000),
        bytes: Rate { per_second: bytes, burst: bytes.max(BURST_BYTES_MIN) },
        processor_us: processor(rates),
    }
}

/// Batches of transactions. A peer cannot be slowed down here, only ignored.
fn gossip(rates: &Rates) -> ChannelRates {
    let bytes = f64::from(rates.bytes_per_second) / 2.0;
    ChannelRates {
        frames: rate(2_000, 8_000),
        bytes: Rate { per_second: bytes, burst: bytes * 2.0 },
        processor_us: processor(rates),
    }
}

fn processor(rates: &Rates) -> Rate {
    let per_second = f64::from(rates.processor_percent) * 1e4;
    Rate { per_second, burst: PROCESSOR_BURST_S * 1e6 }
}

/// The remaining budget of one peer, on each channel and for gossip.
pub(crate) struct Allowances {
    channels: [Allowance; Channel::COUNT],
    pub(crate) gossip: Allowance,
}

/// The remaining budget of one peer on one channel.
pub(crate) struct Allowance(Mutex<Left>);

struct Left {
    frames: Bucket,
    bytes: Bucket,
    processor_us: Bucket,
    updated: Instant,
}

/// A balance that grows with time up to the burst, and can be negative by the same amount.
struct Bucket {
    rate: Rate,
    balance: f64,
}

impl Allowances {
    pub(crate) fn new(rates: &Rates, now: Instant) -> Self {
        let channels = Channel::ALL.map(|channel| match channel {
            Channel::Consensus => Allowance::new(&CONSENSUS, now),
            Channel::Blocks | Channel::Sync => Allowance::new(&bulk(rates), now),
        });
        Self { channels, gossip: Allowance::new(&gossip(rates), now) }
    }

    pub(crate) fn of(&self, channel: Channel) -> &Allowance {
        &self.channels[channel.index()]
    }
}

impl Allowance {
    fn new(rates: &ChannelRates, now: Instant) -> Self {
        Self(Mutex::new(Left {
            frames: Bucket::full(rates.frames),
            bytes: Bucket::full(rates.bytes),
            processor_us: Bucket::full(rates.processor_us),
            updated: now,
        }))
    }

    /// Waits until the peer is within its budget.
    pub(crate) async fn ready(&self) {
        loop {
            let wait = self.wait(Instant::now());
            if wait.is_zero() {
                return;
            }
            sleep(wait.min(LOOK_AGAIN_MAX)).await;
        }
    }

    /// The time until the peer is within its budget.
    pub(crate) fn wait(&self, now: Instant) -> Duration {
        let left = self.refilled(now);
        let seconds = left.frames.wait().max(left.bytes.wait()).max(left.processor_us.wait());
        Duration::from_secs_f64(seconds)
    }

    /// Whether the peer has reached the maximum debt.
    pub(crate) fn is_exhausted(&self, now: Instant) -> bool {
        let left = self.refilled(now);
        left.frames.is_exhausted() || left.bytes.is_exhausted()
    }

    /// Charges an arrived frame.
    pub(crate) fn frame(&self, bytes: usize, now: Instant) {
        let mut left = self.refilled(now);
        left.frames.spend(1.0);
        left.bytes.spend(bytes as f64);
    }

    /// Charges processor time that the application spent on messages of the peer.
    pub(crate) fn processor(&self, spent: Duration, now: Instant) {
        self.refilled(now).processor_us.spend(spent.as_secs_f64() * 1e6);
    }

    fn refilled(&self, now: Instant) -> MutexGuard<'_, Left> {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = now.saturating_duration_since(left.updated).as_secs_f64();
        left.updated = left.updated.max(now);
        left.frames.refill(seconds);
        left.bytes.refill(seconds);
        left.processor_us.refill(seconds);
        left
    }
}

impl Bucket {
    fn full(rate: Rate) -> Self {
        Self { rate, balance: rate.burst }
    }

    fn refill(&mut self, seconds: f64) {
        self.balance = (self.balance + self.rate.per_second * seconds).min(self.rate.burst);
    }

    fn spend(&mut self, amount: f64) {
        self.balance = (self.balance - amount).max(-self.rate.burst);
    }

    fn is_exhausted(&self) -> bool {
        self.balance <= -self.rate.burst
    }

    /// Seconds until the balance is not negative.
    fn wait(&self) -> f64 {
        if self.balance > 0.0 { 0.0 } else { (1.0 - self.balance) / self.rate.per_second }
    }
}
