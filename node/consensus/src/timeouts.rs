//! Computes how long each timer runs, from the chain's parameters, the round and the proposer's last turn.

use ehb_types::ConsensusParameters;

use crate::{TimerId, TimerKind};

/// The maximum duration of a timer, however many rounds a height needs, milliseconds.
const TIMEOUT_MAX_MS: u64 = 60_000;
/// The proposal timeout for a proposer that was silent in its last turn is divided by this.
const SILENT_SHARE: u64 = 8;
/// The minimum duration of round 1 once no block can be decided in it, milliseconds; it doubles with each
/// later round, up to the usual timeout.
const PAUSE_MS: u64 = 20;
/// After this many doublings the pause is longer than any timeout.
const DOUBLINGS_MAX: u32 = 16;

/// The duration of a timer, milliseconds: a base for its kind plus an increase with each round, so that
/// rounds become long enough, however slow the network is. A `silent` proposer did not propose in its last
/// turn.
///
/// Messages are repeated after the timeout of a vote, because a lost vote costs that much time.
pub(crate) fn duration_ms(parameters: &ConsensusParameters, id: TimerId, silent: bool) -> u64 {
    let base = match id.kind {
        TimerKind::Propose if silent => parameters.timeout_propose_ms / SILENT_SHARE,
        TimerKind::Propose => parameters.timeout_propose_ms,
        TimerKind::Prevote | TimerKind::Precommit | TimerKind::Rebroadcast => {
            parameters.timeout_vote_ms
        }
    };
    let growth = parameters.timeout_growth_ms.saturating_mul(u64::from(id.round));
    base.saturating_add(growth).min(TIMEOUT_MAX_MS)
}

/// The pause of a round that precommitted nil, milliseconds: none in round 0, which usually failed because of
/// a silent proposer and has waited for it; it doubles with each later round.
pub(crate) fn pause_ms(parameters: &ConsensusParameters, height: u64, round: u32) -> u64 {
    let Some(doublings) = round.checked_sub(1) else { return 0 };
    let usual = TimerId { height, round, kind: TimerKind::Precommit };
    (PAUSE_MS << doublings.min(DOUBLINGS_MAX)).min(duration_ms(parameters, usual, false))
}
