//! Reports the status of the replica: height, progress, signing, clocks and memory use.

use std::collections::BTreeMap;

use ehb_types::PublicKey;

use crate::replica::Phase;
use crate::signing::STALLED_ROUNDS;
use crate::{Clocks, Replica, Signing, Voting};

/// The status of a replica, for people and metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The last committed height.
    pub height: u64,
    /// The round of the height being decided; 0 between heights.
    pub round: u32,
    /// The number of pending transactions.
    pub pending: usize,
    /// The highest height that a peer announced. A single peer can announce any height.
    pub best_peer_height: u64,
    /// Whether the node is catching up with its peers: blocks above the next are announced by more than a
    /// third of the voting power, or by a peer that has sent requested blocks.
    pub catching_up: bool,
    /// Whether the node signs in the next height.
    pub signing: Signing,
    /// The time until this validator votes although its records may be old, if nothing is decided meanwhile,
    /// milliseconds. `None` if it votes, or if no time is set.
    pub votes_within_ms: Option<u64>,
    /// How each connected peer takes part in consensus, as its last status said, by node key. A peer that has just
    /// connected has said nothing yet.
    pub said: BTreeMap<PublicKey, Voting>,
    /// Whether another node uses this node's keys.
    pub key_used_elsewhere: bool,
    /// Whether too few validators sign for the chain to make progress, because some lost their signing
    /// records, and this has lasted for some seconds or cannot pass by itself.
    pub stalled: bool,
    /// The differences between clocks, and which are wrong.
    pub clocks: Clocks,
    /// The number of blocks rejected since the start because this node's clock contradicts their time.
    pub untimely_blocks: u64,
    /// The memory use caused by peers.
    pub usage: Usage,
    /// Why the node stopped, if it did.
    pub halted: Option<String>,
}

/// The data about the height after its head that peers make a replica remember.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Proposed blocks.
    pub bodies: usize,
    /// The maximum of proposed blocks.
    pub bodies_max: usize,
    /// Their encoded size, bytes.
    pub body_bytes: usize,
    /// Entries of the consensus log.
    pub log_entries: usize,
}

impl Replica {
    /// The present state of the replica, for operators and metrics.
    pub fn status(&self) -> Status {
        let next = self.head.next_height();
        Status {
            height: self.head.header.height,
            round: self.round,
            pending: self.mempool.read().len(),
            best_peer_height: self.peers.best_height(),
            catching_up: self.announced_height() > next,
            signing: self.signing(),
            votes_within_ms: self.votes_within_ms(),
            said: self.peers.said(),
            key_used_elsewhere: self.is_key_used_elsewhere(),
            stalled: self.is_stalled_for_good()
                || (self.is_stalled() && self.stalled_rounds >= STALLED_ROUNDS),
            clocks: self.clocks(),
            untimely_blocks: self.untimely,
            usage: self.usage(),
            halted: match &self.phase {
                Phase::Halted(reason) => Some(reason.clone()),
                _ => None,
            },
        }
    }

    /// The number of the last transaction that the mempool lost.
    pub fn last_lost(&self) -> u64 {
        self.mempool.read().lost_since(u64::MAX).0
    }

    /// The memory use caused by peers.
    pub fn usage(&self) -> Usage {
        Usage {
            bodies: self.bodies.len(),
            bodies_max: self.bounds.bodies_max(self.peers.count()),
            body_bytes: self.bodies.bytes(),
            log_entries: self.budget.entries(),
        }
    }

    /// The highest height with a trusted announcement: by more than a third of the voting power, or, where less of it is
    /// heard, by a peer that sent what it announced.
    pub(crate) fn announced_height(&self) -> u64 {
        let set = &self.rules.validators;
        let mut announced: Vec<(u64, u64)> = set
            .validators()
            .iter()
            .map(|it| (self.peers.height_of(&it.node_key), it.power))
            .collect();
        announced.sort_by_key(|(height, _)| std::cmp::Reverse(*height));
        let mut rest = set.total_power();
        let believed = announced.into_iter().find(|(_, power)| {
            rest = rest.saturating_sub(*power);
            !set.is_quorum(rest)
        });
        match believed {
            Some((height, _)) if height > 0 => height,
            _ => self.peers.best_proved_height(),
        }
    }
}
