use ehb_types::ConsensusParameters;

use crate::{TimerId, TimerKind};

/// No timer runs longer than this, however many rounds a height needs, milliseconds.
const TIMEOUT_MAX_MS: u64 = 60_000;

/// How long a timer runs, milliseconds: the base of its kind and a growth with each round, so that
/// rounds get long enough in the end, however slow the network is.
///
/// Lost messages are repeated at the pace of a vote, because that is what a lost vote costs.
pub(crate) fn duration_ms(parameters: &ConsensusParameters, id: TimerId) -> u64 {
    let base = match id.kind {
        TimerKind::Propose => parameters.timeout_propose_ms,
        TimerKind::Prevote | TimerKind::Precommit | TimerKind::Rebroadcast => {
            parameters.timeout_vote_ms
        }
    };
    let growth = parameters.timeout_growth_ms.saturating_mul(u64::from(id.round));
    base.saturating_add(growth).min(TIMEOUT_MAX_MS)
}
