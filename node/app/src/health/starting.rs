//! Whether a node that has just started knows enough of the others to judge itself.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ehb_replica::Voting;
use ehb_types::{PublicKey, ValidatorSet};

/// The time after which a node no longer waits for what others have to say, but reports that they are missing.
const STARTING_MAX: Duration = Duration::from_secs(5);

/// Before a node has heard what others have decided, it seems to be behind nobody.
pub(crate) struct Starting {
    since: Instant,
    is_over: bool,
}

/// A node's knowledge of the others.
pub(crate) struct Known<'a> {
    /// The validators; none if the state cannot be read.
    pub(crate) set: Option<&'a ValidatorSet>,
    /// This node's consensus key.
    pub(crate) own: PublicKey,
    /// The last status of each connected peer.
    pub(crate) said: &'a BTreeMap<PublicKey, Voting>,
    /// How many peers are connected and not silent.
    pub(crate) peers: usize,
    /// Whether a peer claims blocks that the node neither has nor counts as missing.
    pub(crate) is_height_unsure: bool,
}

impl Starting {
    pub(crate) fn new(now: Instant) -> Self {
        Self { since: now, is_over: false }
    }

    /// Returns what the node does not know yet, in words. Once it knew enough, it has started for good.
    pub(crate) fn look(&mut self, known: &Known<'_>, now: Instant) -> Option<String> {
        if self.is_over {
            return None;
        }
        let is_late = now.saturating_duration_since(self.since) >= STARTING_MAX;
        let unknown = known.lacks(is_late);
        self.is_over = unknown.is_none();
        unknown
    }
}

impl Known<'_> {
    /// The lack, in words; once it is late, only one that no other condition reports.
    fn lacks(&self, is_late: bool) -> Option<String> {
        let set = self.set?;
        let Some(own) = set.index_of(&self.own).and_then(|at| set.get(at)) else {
            return self.observer_lacks(is_late);
        };
        let others = set.validators().iter().filter(|it| it.consensus_key != own.consensus_key);
        // One that has just started, too, cannot say yet whether it will vote.
        let has_said = |it: &ehb_types::Validator| {
            matches!(self.said.get(&it.node_key), Some(Voting::Votes(_) | Voting::Silent))
        };
        let power = others.filter(|it| has_said(it)).map(|it| it.power).sum::<u64>() + own.power;
        if is_late || (set.is_quorum(power) && !self.is_height_unsure) {
            return None;
        }
        Some(format!(
            "the node has just started: validators with {power} of {} votes, with itself, have said which height they \
             reached and whether they vote",
            set.total_power()
        ))
    }

    /// An observer is as good as the peers that it has: it need not be connected to a quorum.
    fn observer_lacks(&self, is_late: bool) -> Option<String> {
        // Where no peer is there, that is reported; one that is there and says nothing is no source of fresh answers.
        let is_enough = match is_late {
            true => self.peers == 0 || !self.said.is_empty(),
            false => !self.said.is_empty() && !self.is_height_unsure,
        };
        (!is_enough).then(|| {
            "the node has just started: its peers have not said yet which height they reached"
                .to_owned()
        })
    }
}
