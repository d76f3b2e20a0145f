use std::collections::BTreeMap;
use std::mem::{Discriminant, discriminant};

use ehb_consensus::Fault;
use ehb_types::PublicKey;

/// How long a validator that is behind is not told so again, milliseconds.
const HINT_MS: u64 = 100;
/// How long a fault is not logged again, milliseconds.
const FAULT_MS: u64 = 10_000;

/// Bounds how often messages of others make this node say the same thing again.
#[derive(Debug, Default)]
pub(crate) struct Pacing {
    /// When each validator was told last that it is behind.
    hints: BTreeMap<PublicKey, u64>,
    /// When a fault of each kind was logged last, and how many were left out since.
    faults: Vec<(Discriminant<Fault>, u64, u64)>,
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
}

#[cfg(test)]
mod tests;
