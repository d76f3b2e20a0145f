use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};

use ehb_consensus::Fault;
use ehb_types::PublicKey;

/// How long a validator that is behind is not told so again, milliseconds.
const HINT_MS: u64 = 100;
/// How long a fault is not logged again, milliseconds.
const FAULT_MS: u64 = 10_000;
/// How long it is not logged again that the clock of a validator is wrong, milliseconds.
const CLOCK_MS: u64 = 60_000;
/// In what time a peer's requests for bodies are counted, milliseconds.
const ANSWERS_MS: u64 = 500;
/// How many of a peer's requests for bodies are answered in that time. An honest peer asks for four.
const ANSWERS_MAX: u32 = 8;

/// Bounds how often messages of others make this node say the same thing again.
#[derive(Debug, Default)]
pub(crate) struct Pacing {
    /// When each validator was told last that it is behind.
    hints: BTreeMap<PublicKey, u64>,
    /// When a fault of each kind was logged last, and how many were left out since.
    faults: Vec<(Discriminant<Fault>, u64, u64)>,
    /// When an untimely block was logged last, and how many were left out since.
    untimely: Option<(u64, u64)>,
    /// When it was logged last that the consensus log is full.
    budget: Option<u64>,
    /// When it was logged last that the clock of a validator is wrong.
    clocks: BTreeMap<PublicKey, u64>,
    /// Since when a peer's requests for bodies are counted, and how many were answered.
    answers: BTreeMap<PublicKey, (u64, u32)>,
}

impl Pacing {
    /// Whether a validator may be told now that it is behind. Asked for members of the set only, so
    /// that what is remembered is bounded.
    pub(crate) fn may_hint(&mut self, validator: &PublicKey, now_ms: u64) -> bool {
        let told = self.hints.get(validator);
        let due = told.is_none_or(|told| now_ms.saturating_sub(*told) >= HINT_MS);
        if due {
            self.hints.insert(*validator, now_ms);
        }
        due
    }

    /// Whether a fault is to be logged now: then, how many of its kind were not since the last one.
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

    /// Whether an untimely block is to be logged now: then, how many were not since the last one.
    pub(crate) fn may_log_untimely(&mut self, now_ms: u64) -> Option<u64> {
        match &mut self.untimely {
            Some((logged, left_out)) if now_ms.saturating_sub(*logged) < FAULT_MS => {
                *left_out += 1;
                None
            }
            untimely => Some(untimely.replace((now_ms, 0)).map_or(0, |(_, left_out)| left_out)),
        }
    }

    /// Whether it is to be logged now that the clock of a validator is wrong.
    pub(crate) fn may_log_clock(&mut self, validator: &PublicKey, now_ms: u64) -> bool {
        let logged = self.clocks.get(validator);
        let due = logged.is_none_or(|logged| now_ms.saturating_sub(*logged) >= CLOCK_MS);
        if due {
            self.clocks.insert(*validator, now_ms);
        }
        due
    }

    /// Whether it is to be logged now that the consensus log of the height is full.
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

    /// Forgets a peer that is gone.
    pub(crate) fn disconnected(&mut self, peer: &PublicKey) {
        self.answers.remove(peer);
    }

    /// Forgets validators that are no more.
    pub(crate) fn keep_validators(&mut self, is_validator: impl Fn(&PublicKey) -> bool) {
        self.hints.retain(|validator, _| is_validator(validator));
        self.clocks.retain(|validator, _| is_validator(validator));
    }
}

#[cfg(test)]
mod tests;
