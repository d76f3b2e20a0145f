//! Decides whether one validator set can follow another: how much power may change at once.

use std::collections::BTreeSet;

use ehb_types::{Name, PublicKey, ValidatorSet, ValidatorSetError};

/// Why a set cannot follow another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// They are no set.
    #[error(transparent)]
    Set(#[from] ValidatorSetError),
    /// No validator would be left.
    #[error("the last validator cannot be removed")]
    Last,
    /// Too much of the power would move from some validators to others.
    #[error("more than a third of the voting power would move at once")]
    Third,
    /// The validators that decide now would be no quorum: the chain would depend on those that join.
    #[error("the validators of now would have {kept} of {total} votes, which is no quorum")]
    Newcomers {
        /// Their power.
        kept: u64,
        /// The power of all.
        total: u64,
    },
    /// Without the validators that were silent in their last turns there would be no quorum.
    #[error(
        "without the validators that were silent in their last turn, {active} of {total} votes are left, which is no quorum"
    )]
    Silent {
        /// The power of the others.
        active: u64,
        /// The power of all.
        total: u64,
    },
}

/// Checks that `next` can decide the height after one that `now` decides. `silent` are the validators that missed their last
/// turn.
pub fn check_step(
    now: &ValidatorSet,
    next: &ValidatorSet,
    silent: &BTreeSet<PublicKey>,
) -> Result<(), StepError> {
    let (total, total_next) = (u128::from(now.total_power()), u128::from(next.total_power()));
    // The share of power that each keeps, over the common denominator `total * total_next`, which is below 2^124.
    let (mut shared, mut kept, mut active) = (0u128, 0u64, 0u64);
    for validator in next.validators() {
        if !silent.contains(&validator.consensus_key) {
            active = active.saturating_add(validator.power);
        }
        let before = now.index_of(&validator.consensus_key).and_then(|index| now.get(index));
        if let Some(before) = before {
            kept = kept.saturating_add(validator.power);
            let (was, is) = (u128::from(before.power), u128::from(validator.power));
            shared = shared.saturating_add((was * total_next).min(is * total));
        }
    }
    let total_power = next.total_power();
    if shared * 3 < total * total_next * 2 {
        Err(StepError::Third)
    } else if !next.is_quorum(kept) {
        Err(StepError::Newcomers { kept, total: total_power })
    } else if !next.is_quorum(active) {
        Err(StepError::Silent { active, total: total_power })
    } else {
        Ok(())
    }
}

/// The set in which a validator has another power. `None` if the set has no validator of that name.
pub fn with_power(
    set: &ValidatorSet,
    name: &Name,
    power: u64,
) -> Option<Result<ValidatorSet, StepError>> {
    let mut validators = set.validators().to_vec();
    let validator = validators.iter_mut().find(|it| it.name == *name)?;
    validator.power = power;
    Some(ValidatorSet::new(validators).map_err(StepError::from))
}

/// The set without a validator. `None` if the set has no validator of that name.
pub fn without(set: &ValidatorSet, name: &Name) -> Option<Result<ValidatorSet, StepError>> {
    let mut validators = set.validators().to_vec();
    let index = validators.iter().position(|it| it.name == *name)?;
    validators.remove(index);
    if validators.is_empty() {
        return Some(Err(StepError::Last));
    }
    Some(ValidatorSet::new(validators).map_err(StepError::from))
}

/// The power nearest to `wanted` that is possible, starting at `from`, which is. `possible` holds between the two up to some
/// power, and not beyond it.
pub fn nearest_power(from: u64, wanted: u64, possible: impl Fn(u64) -> bool) -> u64 {
    let (mut possible_at, mut beyond) = (from, wanted);
    while possible_at.abs_diff(beyond) > 1 {
        let middle = possible_at.min(beyond) + possible_at.abs_diff(beyond) / 2;
        if possible(middle) { possible_at = middle } else { beyond = middle }
    }
    possible_at
}

#[cfg(test)]
mod tests;
