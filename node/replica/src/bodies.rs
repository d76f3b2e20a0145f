//! Keeps the blocks proposed for the next height, with limits on what each peer can make the node store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehb_executor::Execution;
use ehb_types::{Hash, PublicKey, SharedBlock, SharedTransaction, SignedProposal};

/// The maximum number of proposals that are remembered for one round: one, and one that contradicts it.
const PROPOSALS_PER_ROUND_MAX: usize = 2;
/// The maximum number and size of transactions of undecided bodies that return to the mempool after a height.
const UNDECIDED_MAX: usize = 8_192;
const UNDECIDED_BYTES_MAX: usize = 8 << 20;

/// The limits of what peers can make a node remember about the height after its head, and the one after that.
/// Input above a limit is rejected, or requested again if it is needed; nothing else changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Proposals are remembered for this many rounds above the one in progress: as many as consensus accepts.
    pub rounds_ahead: u32,
    /// Proposals are remembered for this many rounds below the one in progress. A block that is decided
    /// in an older round is fetched by its hash.
    pub rounds_behind: u32,
    /// The maximum number of unannounced bodies that are kept for one peer. An honest proposer sends its body
    /// just before its proposal.
    pub bodies_per_peer: usize,
    /// The maximum total size of these bodies, as a multiple of the largest block.
    pub body_sizes_per_peer: usize,
    /// The maximum number of bodies kept for one peer that arrived before their parent was committed.
    pub early_bodies_per_peer: usize,
    /// The maximum number of proposals kept for one peer that arrived before their parent was committed.
    pub early_proposals_per_peer: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            rounds_ahead: ehb_consensus::ROUNDS_AHEAD_MAX,
            rounds_behind: 4,
            bodies_per_peer: 8,
            body_sizes_per_peer: 2,
            early_bodies_per_peer: 2,
            early_proposals_per_peer: 4,
        }
    }
}

impl Bounds {
    /// The maximum number of bodies with `peers` connected: two for each remembered round, the unannounced
    /// ones, and the two that consensus may be locked on.
    pub fn bodies_max(&self, peers: usize) -> usize {
        let rounds = self.rounds_ahead.saturating_add(self.rounds_behind).saturating_add(1);
        let announced = PROPOSALS_PER_ROUND_MAX.saturating_mul(rounds as usize);
        let others = self.bodies_per_peer.saturating_mul(peers.saturating_add(1));
        announced.saturating_add(others).saturating_add(2)
    }
}

/// The blocks proposed for the height after the head.
#[derive(Default)]
pub(crate) struct Bodies {
    bounds: Bounds,
    known: BTreeMap<Hash, Body>,
    /// The transactions of all announced bodies that are valid.
    ids: BTreeSet<Hash>,
    announced: Vec<SignedProposal>,
    early: Early,
}

/// Proposals and bodies that arrived before their parent was committed, by sender.
#[derive(Default)]
pub(crate) struct Early {
    pub(crate) bodies: BTreeMap<PublicKey, Vec<SharedBlock>>,
    pub(crate) proposals: BTreeMap<PublicKey, Vec<SignedProposal>>,
}

/// A proposed block.
pub(crate) struct Body {
    pub(crate) block: SharedBlock,
    /// The ids of its transactions, in order.
    pub(crate) ids: Vec<Hash>,
    pub(crate) verdict: Verdict,
    /// The result of its execution, once known.
    pub(crate) execution: Option<Arc<Execution>>,
    /// Whether its execution was requested, and it is stored.
    pub(crate) executing: bool,
    /// Whether this node's clock accepted its time in some round.
    pub(crate) timely: bool,
    /// The sender; `None` for a block built here, or found on the disk.
    pub(crate) source: Option<PublicKey>,
    /// Whether a proposal announced it.
    announced: bool,
}

impl Body {
    /// The transactions that return to the mempool if it is not decided: those of a valid body. Of others nothing is
    /// proven, and they are admitted when clients or peers send them.
    pub(crate) fn to_take_back(&self) -> &[SharedTransaction] {
        if self.verdict == Verdict::Valid { &self.block.transactions } else { &[] }
    }

    /// Whether its transactions need no other way into the mempool while it can be decided.
    fn holds_transactions(&self) -> bool {
        self.announced && self.verdict == Verdict::Valid
    }
}

/// The verdict on a block, apart from its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Unknown yet: its signatures are being verified.
    Pending,
    /// It can be voted for.
    Valid,
    /// It must not be voted for.
    Invalid,
}

impl Bodies {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, ..Self::default() }
    }

    pub(crate) fn get(&self, hash: &Hash) -> Option<&Body> {
        self.known.get(hash)
    }

    pub(crate) fn get_mut(&mut self, hash: &Hash) -> Option<&mut Body> {
        self.known.get_mut(hash)
    }

    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// The encoded size of all known bodies.
    pub(crate) fn bytes(&self) -> usize {
        self.known.values().map(|body| body.block.encoded().len()).sum()
    }

    /// Whether a body of `bytes` from this peer can be kept, if blocks have at most `block_bytes_max`.
    /// Announced ones always can: the proposer in the header is not proven, and must not use up the slots of
    /// that validator.
    pub(crate) fn has_room(
        &self,
        peer: &PublicKey,
        hash: &Hash,
        bytes: usize,
        block_bytes_max: usize,
    ) -> bool {
        if self.is_announced(hash) {
            return true;
        }
        let of_peer = self.known.values().filter(|it| it.source == Some(*peer) && !it.announced);
        let (mut count, mut sum) = (0, bytes);
        for body in of_peer {
            count += 1;
            sum += body.block.encoded().len();
        }
        count < self.bounds.bodies_per_peer
            && sum <= self.bounds.body_sizes_per_peer.saturating_mul(block_bytes_max)
    }

    pub(crate) fn insert(
        &mut self,
        hash: Hash,
        block: SharedBlock,
        verdict: Verdict,
        source: Option<PublicKey>,
    ) {
        let ids: Vec<Hash> = block.transactions.iter().map(SharedTransaction::id).collect();
        let announced = self.is_announced(&hash);
        let body = Body {
            block,
            ids,
            verdict,
            execution: None,
            executing: false,
            timely: false,
            source,
            announced,
        };
        if body.holds_transactions() {
            self.ids.extend(body.ids.iter().copied());
        }
        self.known.insert(hash, body);
    }

    /// Records the verdict on a body. Returns whether it had none before.
    pub(crate) fn judge(&mut self, hash: &Hash, verdict: Verdict) -> bool {
        let pending = |it: &&mut Body| it.verdict == Verdict::Pending;
        let Some(body) = self.known.get_mut(hash).filter(pending) else { return false };
        body.verdict = verdict;
        if body.holds_transactions() {
            self.ids.extend(body.ids.iter().copied());
        }
        true
    }

    /// The bodies without a verdict that a proposal announced for a round up to `last`, those of the rounds next to
    /// `current` first.
    pub(crate) fn to_verify(&self, current: u32, last: u32) -> Vec<Hash> {
        let due = self.announced.iter().filter(|it| it.proposal.round <= last);
        let mut due: Vec<(u32, Hash)> = due
            .map(|it| (it.proposal.round.abs_diff(current), it.proposal.block))
            .filter(|(_, block)| {
                self.known.get(block).is_some_and(|body| body.verdict == Verdict::Pending)
            })
            .collect();
        due.sort();
        due.into_iter().map(|(_, block)| block).collect()
    }

    /// Records that a block's time was accepted: no clock contradicts it later.
    pub(crate) fn found_timely(&mut self, hash: &Hash) {
        if let Some(body) = self.known.get_mut(hash) {
            body.timely = true;
        }
    }

    pub(crate) fn executed(&mut self, hash: &Hash, execution: Arc<Execution>) {
        if let Some(body) = self.known.get_mut(hash) {
            body.execution = Some(execution);
        }
    }

    /// Whether a transaction is in an announced body that is valid.
    pub(crate) fn holds(&self, id: &Hash) -> bool {
        self.ids.contains(id)
    }

    /// Whether a proposal of a round would be remembered. Only then is its signature verified.
    pub(crate) fn is_near(&self, round: u32, current: u32) -> bool {
        round <= current.saturating_add(self.bounds.rounds_ahead)
            && round.saturating_add(self.bounds.rounds_behind) >= current
    }

    /// Records a proposal, so that its body can be judged for its round when it arrives.
    pub(crate) fn announce(&mut self, proposal: SignedProposal) {
        let round = proposal.proposal.round;
        let of_round = self.announced.iter().filter(|it| it.proposal.round == round).count();
        if of_round >= PROPOSALS_PER_ROUND_MAX || self.announced.contains(&proposal) {
            return;
        }
        if let Some(body) = self.known.get_mut(&proposal.proposal.block) {
            body.announced = true;
            if body.holds_transactions() {
                self.ids.extend(body.ids.iter().copied());
            }
        }
        let place = self.announced.partition_point(|it| it.proposal.round <= round);
        self.announced.insert(place, proposal);
    }

    /// The proposals, ascending by round.
    pub(crate) fn announced(&self) -> &[SignedProposal] {
        &self.announced
    }

    fn is_announced(&self, hash: &Hash) -> bool {
        self.announced.iter().any(|it| it.proposal.block == *hash)
    }

    /// Removes proposals of old rounds, and the bodies that only they announced. Bodies for which `held` is
    /// true stay: consensus may be locked on them. Returns the removed ones.
    pub(crate) fn at_round(
        &mut self,
        current: u32,
        held: impl Fn(&Hash) -> bool,
    ) -> Vec<(Hash, Body)> {
        let behind = self.bounds.rounds_behind;
        self.announced.retain(|it| it.proposal.round.saturating_add(behind) >= current);
        let announced = &self.announced;
        let named = |hash: &Hash| announced.iter().any(|it| it.proposal.block == *hash);
        let over: Vec<Hash> = self
            .known
            .iter()
            .filter(|(hash, body)| body.announced && !named(hash) && !held(hash))
            .map(|(hash, _)| *hash)
            .collect();
        let forgotten: Vec<(Hash, Body)> =
            over.iter().filter_map(|hash| self.known.remove_entry(hash)).collect();
        if !forgotten.is_empty() {
            let holding = self.known.values().filter(|body| body.holds_transactions());
            self.ids = holding.flat_map(|body| body.ids.iter().copied()).collect();
        }
        forgotten
    }

    /// Keeps a body that arrived before its parent was committed; it replaces the peer's oldest.
    pub(crate) fn keep_early_body(&mut self, peer: PublicKey, block: SharedBlock) {
        keep(&mut self.early.bodies, peer, block, self.bounds.early_bodies_per_peer);
    }

    /// Keeps a proposal that arrived before its parent was committed. Consensus keeps it too, and does not
    /// request a verdict when it processes it.
    pub(crate) fn keep_early_proposal(&mut self, peer: PublicKey, proposal: SignedProposal) {
        keep(&mut self.early.proposals, peer, proposal, self.bounds.early_proposals_per_peer);
    }

    /// The transactions of all valid bodies except the decided one, within limits: perhaps no other node has them.
    pub(crate) fn undecided(&self, decided: &Hash) -> Vec<SharedTransaction> {
        let others = self.known.iter().filter(|(hash, _)| *hash != decided);
        let transactions = others.flat_map(|(_, body)| body.to_take_back());
        let mut bytes = 0;
        let within = |signed: &&SharedTransaction| {
            bytes += signed.encoded().len();
            bytes <= UNDECIDED_BYTES_MAX
        };
        transactions.take(UNDECIDED_MAX).take_while(within).cloned().collect()
    }

    /// Removes early messages of a disconnected peer.
    pub(crate) fn disconnected(&mut self, peer: &PublicKey) {
        self.early.bodies.remove(peer);
        self.early.proposals.remove(peer);
    }

    /// Removes the height, and returns the early messages for the next.
    pub(crate) fn next_height(&mut self) -> Early {
        self.known.clear();
        self.ids.clear();
        self.announced.clear();
        std::mem::take(&mut self.early)
    }
}

/// Adds an entry for a peer; it replaces the oldest.
fn keep<T>(early: &mut BTreeMap<PublicKey, Vec<T>>, peer: PublicKey, it: T, max: usize) {
    let kept = early.entry(peer).or_default();
    if kept.len() >= max {
        kept.remove(0);
    }
    kept.push(it);
}
