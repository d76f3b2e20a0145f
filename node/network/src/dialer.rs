//! Schedules the dials of configured peers, with a longer wait after each failure.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ehb_types::PublicKey;

use crate::PeerAddress;

/// Decides which peers to dial and when: peers without a connection, repeatedly, with waits that double up to
/// a limit. It uses no sockets; time and randomness are parameters.
pub(crate) struct Dialer {
    targets: BTreeMap<PublicKey, Target>,
    first: Duration,
    max: Duration,
}

/// A peer counts as unreachable after this many failures in sequence.
const UNREACHABLE_FAILURES: u32 = 4;

struct Target {
    /// The configured addresses of this key, in order.
    addresses: Vec<String>,
    state: State,
    /// Failures since the last session.
    failures: u32,
    /// The problems that were reported since the last session.
    reported: Vec<Problem>,
}

/// Why a peer cannot be dialled, as far as operators must do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Nobody answers, or its name is not known.
    Unreachable,
    /// The node at its address has another key.
    OtherKey,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting { until: Instant },
    Dialing,
    Connected,
}

impl Dialer {
    /// All are due immediately. `first` is the wait after a first failure, `max` the longest.
    pub(crate) fn new(
        peers: Vec<PeerAddress>,
        first: Duration,
        max: Duration,
        now: Instant,
    ) -> Self {
        let mut targets = BTreeMap::new();
        for PeerAddress { key, address } in peers {
            let state = State::Waiting { until: now };
            let target = Target { addresses: Vec::new(), state, failures: 0, reported: Vec::new() };
            targets.entry(key).or_insert(target).addresses.push(address);
        }
        Self { targets, first, max }
    }

    /// The peers to dial now, with their addresses. Each counts as being dialled from now on, until
    /// [`Self::connected`] or [`Self::failed`].
    pub(crate) fn due(
        &mut self,
        now: Instant,
        permitted: impl Fn(&PublicKey) -> bool,
    ) -> Vec<(PublicKey, Vec<String>)> {
        let mut due = Vec::new();
        for (key, target) in &mut self.targets {
            let waited = matches!(target.state, State::Waiting { until } if until <= now);
            if waited && permitted(key) {
                target.state = State::Dialing;
                due.push((*key, target.addresses.clone()));
            }
        }
        due
    }

    /// Whether the peer is configured to be dialled.
    pub(crate) fn knows(&self, key: &PublicKey) -> bool {
        self.targets.contains_key(key)
    }

    /// Records a connection, dialled by either side, and stops dialling.
    pub(crate) fn connected(&mut self, key: &PublicKey) {
        if let Some(target) = self.targets.get_mut(key) {
            target.state = State::Connected;
        }
    }

    /// Records that the connection works: the next failure counts as the first again.
    pub(crate) fn succeeded(&mut self, key: &PublicKey) {
        if let Some(target) = self.targets.get_mut(key) {
            target.failures = 0;
            target.reported.clear();
        }
    }

    /// Whether the problem of a dial that failed is reported: once each until the peer is connected
    /// again, and the first failures to reach a peer are those of any start.
    pub(crate) fn reports(&mut self, key: &PublicKey, problem: Problem) -> bool {
        let Some(target) = self.targets.get_mut(key) else { return false };
        let is_soon = problem == Problem::Unreachable && target.failures + 1 < UNREACHABLE_FAILURES;
        if is_soon || target.reported.contains(&problem) {
            return false;
        }
        target.reported.push(problem);
        true
    }

    /// Records a failed attempt or a lost connection. `jitter` is a random number that spreads the wait over
    /// its upper half, so that nodes do not retry in lockstep.
    pub(crate) fn failed(&mut self, key: &PublicKey, now: Instant, jitter: u32) {
        let Some(target) = self.targets.get_mut(key) else { return };
        let doublings = target.failures.min(16);
        let wait = self.first.saturating_mul(1 << doublings).min(self.max);
        target.failures = target.failures.saturating_add(1);
        target.state = State::Waiting { until: now + spread(wait, jitter) };
    }

    /// Records that the peer was rejected: uses the longest wait at once.
    pub(crate) fn refused(&mut self, key: &PublicKey, now: Instant, jitter: u32) {
        let Some(target) = self.targets.get_mut(key) else { return };
        target.failures = target.failures.saturating_add(1);
        target.state = State::Waiting { until: now + spread(self.max, jitter) };
    }
}

/// Between half of the wait and the whole wait.
fn spread(wait: Duration, jitter: u32) -> Duration {
    let half = wait / 2;
    half + half.mul_f64(f64::from(jitter) / f64::from(u32::MAX))
}
