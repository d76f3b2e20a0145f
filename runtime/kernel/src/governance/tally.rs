//! Counts votes by the power of the validators that organisations run.

use std::collections::BTreeMap;

use ehb_types::Name;

use super::{Ballot, Rule};

/// The result of counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// Neither enough power is for it, nor too much against it.
    Undecided,
    /// Enough power is for it.
    Accepted,
    /// The power that is not against it is not enough.
    Rejected,
}

/// Counts the votes with the powers that organisations have now: the vote of one that runs no validator any more counts
/// nothing. Without any power nothing is decided.
pub fn tally(rule: &Rule, ballots: &[Ballot], powers: &BTreeMap<Name, u64>) -> Tally {
    let sum = |accepts: bool| -> u128 {
        let side = ballots.iter().filter(|it| it.accepts == accepts);
        side.filter_map(|it| powers.get(&it.organisation)).map(|power| u128::from(*power)).sum()
    };
    let total: u128 = powers.values().map(|power| u128::from(*power)).sum();
    let needed = total.saturating_mul(rule.percent.into());
    let reaches = |power: u128| power > 0 && power.saturating_mul(100) >= needed;
    match total {
        0 => Tally::Undecided,
        _ if reaches(sum(true)) => Tally::Accepted,
        _ if !reaches(total.saturating_sub(sum(false))) => Tally::Rejected,
        _ => Tally::Undecided,
    }
}
