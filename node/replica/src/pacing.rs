//! Limits the rate of repeated hints, answers and log lines that the messages of others can cause.

use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};

use ehb_consensus::Fault;
use ehb_types::PublicKey;

/// The minimum interval between notifications to a validator that is behind, milliseconds.
const HINT_MS: u64 = 100;
/// The minimum interval between log lines about a kind of fault, milliseconds.
const FAULT_MS: u64 = 10_000;
/// The period in which a peer's requests for bodies are counted, milliseconds.
const ANSWERS_MS: u64 = 500;
/// The maximum number of a peer's requests for bodies that are answered in that period. An honest peer sends
/// four.
const ANSWERS_MAX: u32 = 8;

/// Limits how often messages of others make this node send or log the same thing again.
#[derive(Debug, Default)]
pub(crate) struct Pacing {
    /// When each validator was last notified that it is behind.
    hints: BTreeMap<PublicKey, u64>,
    /// When a fault of each kind was last logged, and how many were suppressed since.
    faults: Vec<(Discriminant<Fault>, u64, u64)>,
    /// When an untimely block was last logged, and how many were suppressed since.
    untimely: Option<(u64, u64)>,
    /// When a full consensus log was last logged.
    budget: Option<u64>,
    /// The beginning of the current period of a peer's requests for bodies, and the number of answers.
    answers: BTreeMap<PublicKey, (u64, u32)>,
}

impl Pacing {
    /// Whether a validator can be notified now that it is behind. Called only for members of the set, so that
    /// the memory is bounded.
    pub(crate) fn may_hint(&mut self, validator: &PublicKey, now_ms: u64) -> bool {
        let last_ms = self.hints.get(validator);
        let due = last_ms.is_none_or(|last_ms| now_ms.saturating_sub(*last_ms) >= HINT_MS);
        if due {
            self.hints.insert(*validator, now_ms);
        }
        due
    }

    /// If a fault should be logged now, returns how many of its kind were suppressed since the last one.
    pub(crate) fn may_log(&mut self, fault: &Fault, now_ms: u64) -> Option<u64> {
        let kind = discriminant(fault);
        let Some((_, logged, left_out)) = self.faults.iter_mut().find(|it| it.0 == kind) else {
            self.faults.push((kind, now_ms, 0));
            return Some(0);
        };
        if now_ms.saturating_sub(*logged) < FAULT_MS {
            *left_out += 1;
            return None;
        }
        *logged = now_ms;
        Some(std::mem::take(left_out))
    }

    /// If an untimely block should be logged now, returns how many were suppressed since the last one.
    pub(crate) fn may_log_untimely(&mut self, now_ms: u64) -> Option<u64> {
        match &mut self.untimely {
            Some((logged, left_out)) if now_ms.saturating_sub(*logged) < FAULT_MS => {
                *left_out += 1;
                None
            }
            untimely => Some(untimely.replace((now_ms, 0)).map_or(0, |(_, left_out)| left_out)),
        }
    }

    /// Whether a full consensus log should be logged now.
    pub(crate) fn may_log_budget(&mut self, now_ms: u64) -> bool {
        let due = self.budget.is_none_or(|logged| now_ms.saturating_sub(logged) >= FAULT_MS);
        if due {
            self.budget = Some(now_ms);
        }
        due
    }

    /// Whether a peer's request for a body is answered.
    pub(crate) fn may_answer(&mut self, peer: &PublicKey, now_ms: u64) -> bool {
        let (since, count) = self.answers.entry(*peer).or_insert((now_ms, 0));
        if now_ms.saturating_sub(*since) >= ANSWERS_MS {
            (*since, *count) = (now_ms, 0);
        }
        *count += 1;
        *count <= ANSWERS_MAX
    }

    /// Removes a disconnected peer.
    pub(crate) fn disconnected(&mut self, peer: &PublicKey) {
        self.answers.remove(peer);
    }

    /// Removes former validators.
    pub(crate) fn keep_validators(&mut self, is_validator: impl Fn(&PublicKey) -> bool) {
        self.hints.retain(|validator, _| is_validator(validator));
    }
}

#[cfg(test)]
mod tests;
