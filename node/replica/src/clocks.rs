//! The use of clocks: the proposer's clock sets the time of a block, the others' clocks decide whether it is
//! plausible.
//!
//! Proposer-based time. A block is timely in a round if its time is at most `drift_max_ms` ahead of a
//! validator's clock and not too old, where the permitted age grows with the round and is unlimited from
//! [`LAG_ROUNDS`] on. So while less than a third of the power has wrong clocks, block time follows correct
//! clocks within these limits; and the chain makes progress with any clocks, because the validator with the
//! slowest clock can propose a block that all consider timely after some rounds.

use ehb_types::{Proposal, PublicKey};

use crate::Replica;

/// In round 0 a block can be this many times `drift_max_ms` old at its verdict: it was built, sent and
/// checked meanwhile.
const LAG_DRIFTS: u64 = 2;
/// The factor by which the permitted age grows with each further round.
const LAG_GROWTH: u64 = 8;
/// From this round on a block can have any age.
const LAG_ROUNDS: u32 = 3;
/// The difference to the other clocks from which a clock is considered wrong, as a fraction of
/// `drift_max_ms`.
const WRONG_SHARE: u64 = 2;
/// The difference between the last statuses of a peer up to which they agree on its clock, as a fraction of `drift_max_ms`.
const SPREAD_SHARE: u64 = 8;

const FROM_THE_FUTURE: &str = "refused a block from the future: this node's clock is behind, or the proposer's is \
                               ahead; if one is, the status says which";
const TOO_OLD: &str = "refused a block that is old for its round: it waited, as after a pause of the network, or the \
                       proposer's clock is behind; later rounds permit older blocks";

/// A longer time between two steps means that this node was held up, milliseconds: it takes steps at least
/// twice a second.
const HELD_UP_MS: u64 = 1_500;
/// The number of status rounds after which messages that waited meanwhile have been processed.
const CAUGHT_UP_ROUNDS: u32 = 2;

/// The time of a proposer's block after a parent with this time.
pub(crate) fn block_time(clock_ms: u64, parent_ms: u64) -> u64 {
    clock_ms.max(parent_ms.saturating_add(1))
}

/// Whether a validator accepts a block's time in a round.
pub(crate) fn is_timely(
    timestamp_ms: u64,
    (clock_ms, parent_ms): (u64, u64),
    round: u32,
    drift_max_ms: u64,
) -> bool {
    // A block must be later than its parent, however far ahead that is: no proposer can do better.
    let latest = block_time(clock_ms.saturating_add(drift_max_ms), parent_ms);
    let lag_ms = match round {
        0..LAG_ROUNDS => drift_max_ms.saturating_mul(LAG_DRIFTS * LAG_GROWTH.pow(round)),
        _ => u64::MAX,
    };
    (clock_ms.saturating_sub(lag_ms)..=latest).contains(&timestamp_ms)
}

/// The known clocks: how far each validator's clock is ahead of this node's, milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clocks {
    /// How far this node's clock is ahead of the median of the validators' (negative if it is slow). `None`
    /// while too few validators have reported theirs.
    pub ahead_ms: Option<i64>,
    /// The validators whose clocks are far from that median, with the difference.
    pub wrong: Vec<(PublicKey, i64)>,
}

/// Whether this node was recently kept from taking steps, for instance because it got no processor time. Then
/// the statuses of others waited, and their clocks seem slow.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct HeldUp {
    rounds_left: u32,
}

impl HeldUp {
    /// A step begins, this long after the last one.
    pub(crate) fn step(&mut self, since_last_ms: u64) {
        if since_last_ms > HELD_UP_MS {
            self.rounds_left = CAUGHT_UP_ROUNDS;
        }
    }

    /// A status round has ended.
    pub(crate) fn round(&mut self) {
        self.rounds_left = self.rounds_left.saturating_sub(1);
    }
}

impl Replica {
    /// Whether the time of a proposed block is acceptable. A block that returns from an earlier round was
    /// considered timely by a quorum then.
    pub(crate) fn is_timely(&mut self, proposal: &Proposal, timestamp_ms: u64) -> bool {
        let clocks = (self.clock_ms, self.head.header.timestamp_ms);
        let drift_max_ms = self.rules.parameters.consensus.drift_max_ms;
        let timely = proposal.valid_round.is_some()
            || is_timely(timestamp_ms, clocks, proposal.round, drift_max_ms);
        if !timely {
            self.untimely = self.untimely.saturating_add(1);
            if let Some(left_out) = self.pacing.may_log_untimely(self.now_ms) {
                let why = match timestamp_ms > self.clock_ms {
                    true => FROM_THE_FUTURE,
                    false => TOO_OLD,
                };
                tracing::warn!(
                    height = proposal.height,
                    round = proposal.round,
                    proposer = %proposal.proposer,
                    block_ms = timestamp_ms,
                    clock_ms = self.clock_ms,
                    left_out,
                    "{why}"
                );
            }
        }
        timely
    }

    /// The differences between the clocks of validators; unknown while the delays are this node's own.
    pub(crate) fn clocks(&self) -> Clocks {
        if self.held_up.rounds_left > 0 {
            return Clocks::default();
        }
        let validators = self.rules.validators.validators();
        let drift_max_ms = self.rules.parameters.consensus.drift_max_ms;
        let mut offsets: Vec<(PublicKey, i64)> = validators
            .iter()
            .filter_map(|it| {
                let own = Some(it.consensus_key) == self.public_key;
                let offset = match own {
                    true => Some(0),
                    false => self.peers.clock_offset(&it.node_key, drift_max_ms / SPREAD_SHARE),
                };
                Some((it.consensus_key, offset?))
            })
            .collect();
        if offsets.len() * 2 <= validators.len() {
            return Clocks::default();
        }
        offsets.sort_by_key(|(_, offset)| *offset);
        // Of two in the middle the slower one: the chain's time follows it.
        let median = offsets[(offsets.len() - 1) / 2].1;
        let far = |offset: &i64| offset.abs_diff(median) > drift_max_ms / WRONG_SHARE;
        let wrong = offsets.iter().filter(|(_, offset)| far(offset));
        let wrong = wrong.map(|(key, offset)| (*key, offset.saturating_sub(median))).collect();
        Clocks { ahead_ms: Some(median.saturating_neg()), wrong }
    }
}

#[cfg(test)]
mod tests;
