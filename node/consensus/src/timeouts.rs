use ehb_types::ConsensusParameters;

use crate::{TimerId, TimerKind};

/// No timer runs longer than this, however many rounds a height needs, milliseconds.
const TIMEOUT_MAX_MS: u64 = 60_000;
/// A proposer that was silent in its last turn is waited for this much less.
const SILENT_SHARE: u64 = 8;
/// How long round 1 lasts at least once no block can be decided in it; each round after it lasts
/// twice as long, up to its usual timeout. Milliseconds.
const PAUSE_MS: u64 = 20;
/// After so many doublings the pause is longer than any timeout.
const DOUBLINGS_MAX: u32 = 16;

/// How long a timer runs, milliseconds: the base of its kind and a growth with each round, so that
/// rounds get long enough in the end, however slow the network is. A `silent` proposer is one that
/// proposed nothing in its last turn.
///
/// Lost messages are repeated at the pace of a vote, because that is what a lost vote costs.
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

/// How long a round waits that precommitted nil, milliseconds: nothing in round 0, where a silent
/// proposer is the usual reason and was waited for; later twice as long with each round.
pub(crate) fn pause_ms(parameters: &ConsensusParameters, height: u64, round: u32) -> u64 {
    let Some(doublings) = round.checked_sub(1) else { return 0 };
    let usual = TimerId { height, round, kind: TimerKind::Precommit };
    (PAUSE_MS << doublings.min(DOUBLINGS_MAX)).min(duration_ms(parameters, usual, false))
}
