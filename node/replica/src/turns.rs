//! Remembers which proposers were silent in their last turn, so that consensus waits less for them.

use std::collections::BTreeSet;

use ehb_types::PublicKey;

use crate::head::Rules;

/// The validators without a decided proposal in their last turn. Their next turn has a shorter timeout: a
/// validator that was down most likely still is.
///
/// This is local to the node and decides only how long it waits.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    silent: BTreeSet<PublicKey>,
}

impl Turns {
    /// Records the round in which a height was decided, and its rules.
    pub(crate) fn decided(&mut self, rules: &Rules, height: u64, round: u32) {
        let set = &rules.validators;
        let proposer = |round| set.proposer(&rules.passed_over, height, round).consensus_key;
        let rounds = round.min(u32::try_from(set.validators().len()).unwrap_or(u32::MAX));
        self.silent.extend((0..rounds).map(proposer));
        self.silent.remove(&proposer(round));
    }

    /// Records the rules of the next height.
    pub(crate) fn next_height(&mut self, rules: &Rules) {
        self.silent.extend(rules.passed_over.iter().copied());
        self.silent.retain(|validator| rules.validators.index_of(validator).is_some());
    }

    /// The validators with a shorter timeout.
    pub(crate) fn silent(&self) -> BTreeSet<PublicKey> {
        self.silent.clone()
    }
}
