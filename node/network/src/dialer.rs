use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ehb_types::PublicKey;

use crate::PeerAddress;

/// Decides when to dial whom: peers without a connection, again and again, with waits that double
/// up to a bound. It knows no sockets; time and randomness are given to it.
pub(crate) struct Dialer {
    targets: BTreeMap<PublicKey, Target>,
    first: Duration,
    max: Duration,
}

struct Target {
    /// The addresses given for this key, in order.
    addresses: Vec<String>,
    state: State,
    /// Failures since the last session.
    failures: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting { until: Instant },
    Dialing,
    Connected,
}

impl Dialer {
    /// All are due at once. `first` is the wait after a first failure, `max` the longest.
    pub(crate) fn new(
        peers: Vec<PeerAddress>,
        first: Duration,
        max: Duration,
        now: Instant,
    ) -> Self {
        let mut targets = BTreeMap::new();
        for PeerAddress { key, address } in peers {
            let state = State::Waiting { until: now };
            let target = Target { addresses: Vec::new(), state, failures: 0 };
            targets.entry(key).or_insert(target).addresses.push(address);
        }
        Self { targets, first, max }
    }

    /// The peers to dial now, with their addresses. Each counts as being dialled from here on, until
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

    /// Whether the peer is one of those to dial.
    pub(crate) fn knows(&self, key: &PublicKey) -> bool {
        self.targets.contains_key(key)
    }

    /// There is a connection, from either side: no dialling.
    pub(crate) fn connected(&mut self, key: &PublicKey) {
        if let Some(target) = self.targets.get_mut(key) {
            target.state = State::Connected;
        }
    }

    /// The connection has proven useful: the next failure is the first again.
    pub(crate) fn succeeded(&mut self, key: &PublicKey) {
        if let Some(target) = self.targets.get_mut(key) {
            target.failures = 0;
        }
    }

    /// An attempt failed or the connection is gone. `jitter` is a random number: it spreads the wait
    /// over its upper half, so that nodes do not stay in step.
    pub(crate) fn failed(&mut self, key: &PublicKey, now: Instant, jitter: u32) {
        let Some(target) = self.targets.get_mut(key) else { return };
        let doublings = target.failures.min(16);
        let wait = self.first.saturating_mul(1 << doublings).min(self.max);
        target.failures = target.failures.saturating_add(1);
        target.state = State::Waiting { until: now + spread(wait, jitter) };
    }

    /// The peer was turned away: the longest wait from the start.
    pub(crate) fn refused(&mut self, key: &PublicKey, now: Instant, jitter: u32) {
        let Some(target) = self.targets.get_mut(key) else { return };
        target.failures = target.failures.saturating_add(1);
        target.state = State::Waiting { until: now + spread(self.max, jitter) };
    }
}

/// Between half of the wait and all of it.
fn spread(wait: Duration, jitter: u32) -> Duration {
    let half = wait / 2;
    half + half.mul_f64(f64::from(jitter) / f64::from(u32::MAX))
}
