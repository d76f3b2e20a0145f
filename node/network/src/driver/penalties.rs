use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use ehb_types::PublicKey;

/// For how long an offence makes the next penalty longer, after the penalty for it is over.
const REMEMBERED: Duration = Duration::from_secs(30 * 60);

/// Peers that misbehaved. Each is refused for a while, twice as long each time up to a bound, and may
/// return after that; one that behaves for long enough begins from the start.
pub(crate) struct Penalties {
    /// Permitted peers only, whose number is bounded.
    of: BTreeMap<PublicKey, Penalty>,
    first: Duration,
    max: Duration,
}

struct Penalty {
    until: Instant,
    offences: u32,
    /// Whether it was in force when it was looked at last.
    in_force: bool,
}

impl Penalties {
    pub(crate) fn new(first: Duration, max: Duration) -> Self {
        Self { of: BTreeMap::new(), first, max }
    }

    /// Refuses a peer from now on; returns for how long. Further offences of a refused peer change
    /// nothing.
    pub(crate) fn add(&mut self, peer: PublicKey, now: Instant) -> Duration {
        let penalty =
            self.of.entry(peer).or_insert(Penalty { until: now, offences: 0, in_force: false });
        if !penalty.in_force {
            let doublings = penalty.offences.min(16);
            let refused_for = self.first.saturating_mul(1 << doublings).min(self.max);
            penalty.until = now + refused_for;
            penalty.offences = penalty.offences.saturating_add(1);
            penalty.in_force = true;
        }
        penalty.until.saturating_duration_since(now)
    }

    pub(crate) fn is_refused(&self, peer: &PublicKey) -> bool {
        self.of.get(peer).is_some_and(|penalty| penalty.in_force)
    }

    /// Ends what is over; returns whether a penalty ended.
    pub(crate) fn end_old(&mut self, now: Instant) -> bool {
        let mut ended = false;
        for penalty in self.of.values_mut() {
            if penalty.in_force && penalty.until <= now {
                penalty.in_force = false;
                ended = true;
            }
        }
        self.of.retain(|_, penalty| penalty.until + REMEMBERED > now);
        ended
    }

    /// Forgets peers that are no longer permitted.
    pub(crate) fn keep(&mut self, permitted: &BTreeSet<PublicKey>) {
        self.of.retain(|peer, _| permitted.contains(peer));
    }
}
