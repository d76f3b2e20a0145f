//! Decides whether one validator set can follow another: how much power may change at once.

use std::collections::BTreeSet;

use ehb_types::{Name, PublicKey, Validator, ValidatorSet, ValidatorSetError};

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

/// Checks that the validators in `next` can decide the height after one that `now` decides. `silent` are the validators that
/// missed their last turn. Keys and names are checked by [`ValidatorSet::new`], which costs more.
pub fn check_step(
    now: &ValidatorSet,
    next: &[Validator],
    silent: &BTreeSet<PublicKey>,
) -> Result<(), StepError> {
    if next.is_empty() {
        return Err(StepError::Last);
    }
    let mut total = 0u64;
    for validator in next {
        if validator.power == 0 {
            return Err(ValidatorSetError::ZeroPower(validator.name.clone()).into());
        }
        let sum = total.checked_add(validator.power).filter(|sum| *sum <= ValidatorSet::POWER_MAX);
        total = sum.ok_or(ValidatorSetError::PowerOverflow)?;
    }
    let (before, after) = (u128::from(now.total_power()), u128::from(total));
    // The share of power that each keeps, over the common denominator `before * after`, which is at most 2^124.
    let (mut shared, mut kept, mut active) = (0u128, 0u64, 0u64);
    for validator in next {
        if !silent.contains(&validator.consensus_key) {
            active = active.saturating_add(validator.power);
        }
        let known = now.index_of(&validator.consensus_key).and_then(|index| now.get(index));
        if let Some(known) = known {
            kept = kept.saturating_add(validator.power);
            let (was, is) = (u128::from(known.power), u128::from(validator.power));
            shared = shared.saturating_add((was * after).min(is * before));
        }
    }
    let is_quorum = |power: u64| u128::from(power) * 3 > after * 2;
    if shared * 3 < before * after * 2 {
        Err(StepError::Third)
    } else if !is_quorum(kept) {
        Err(StepError::Newcomers { kept, total })
    } else if !is_quorum(active) {
        Err(StepError::Silent { active, total })
    } else {
        Ok(())
    }
}

/// The validators with another power of one of them. `None` if none has that name.
pub fn with_power(validators: &[Validator], name: &Name, power: u64) -> Option<Vec<Validator>> {
    let mut validators = validators.to_vec();
    validators.iter_mut().find(|it| it.name == *name)?.power = power;
    Some(validators)
}

/// The validators without one of them. `None` if none has that name.
pub fn without(validators: &[Validator], name: &Name) -> Option<Vec<Validator>> {
    let index = validators.iter().position(|it| it.name == *name)?;
    let mut validators = validators.to_vec();
    validators.remove(index);
    Some(validators)
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
