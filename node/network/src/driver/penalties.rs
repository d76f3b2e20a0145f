//! Tracks which peers the driver rejects for misbehaviour, and when each penalty expires.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use ehb_types::PublicKey;

use crate::CutOff;

/// How long after a penalty another offence leads to a longer one.
const REMEMBERED: Duration = Duration::from_secs(30 * 60);

/// Peers that misbehaved. Each is rejected for a while, twice as long each time up to a limit, and may return
/// after that; for a peer that behaves for long enough the duration starts from the beginning.
pub(crate) struct Penalties {
    /// Only permitted peers, whose number is bounded.
    of: BTreeMap<PublicKey, Penalty>,
    first: Duration,
    max: Duration,
}

struct Penalty {
    until: Instant,
    offences: u32,
    /// Whether it was in force at the last check.
    in_force: bool,
    /// The offence that it is for.
    reason: String,
}

/// The maximum length of a reason that is kept, characters: a peer can influence the text.
const REASON_CHARS_MAX: usize = 200;

impl Penalties {
    pub(crate) fn new(first: Duration, max: Duration) -> Self {
        Self { of: BTreeMap::new(), first, max }
    }

    /// Rejects a peer from now on; returns for how long. Further offences during a penalty change nothing.
    pub(crate) fn add(&mut self, peer: PublicKey, reason: &str, now: Instant) -> Duration {
        let penalty = self.of.entry(peer).or_insert(Penalty {
            until: now,
            offences: 0,
            in_force: false,
            reason: String::new(),
        });
        if !penalty.in_force {
            penalty.reason = reason.chars().take(REASON_CHARS_MAX).collect();
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

    /// The peers that are rejected now, with the reasons.
    pub(crate) fn in_force(&self) -> Vec<CutOff> {
        let in_force = self.of.iter().filter(|(_, penalty)| penalty.in_force);
        in_force.map(|(peer, it)| CutOff { peer: *peer, reason: it.reason.clone() }).collect()
    }

    /// Removes expired penalties; returns whether one expired.
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

    /// Removes peers that are no longer permitted.
    pub(crate) fn keep(&mut self, permitted: &BTreeSet<PublicKey>) {
        self.of.retain(|peer, _| permitted.contains(peer));
    }
}
