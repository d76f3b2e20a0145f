use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehb_executor::Execution;
use ehb_types::{Hash, PublicKey, SharedBlock, SharedTransaction, SignedProposal};

/// How many proposals are remembered for one round: one, and one that contradicts it.
const PROPOSALS_PER_ROUND_MAX: usize = 2;
/// How many transactions of undecided bodies go back to the mempool after a height, and how many bytes
/// they have, at the most.
const UNDECIDED_MAX: usize = 8_192;
const UNDECIDED_BYTES_MAX: usize = 8 << 20;

/// How much peers can make a node remember of the height after its head, and of the one after that.
/// What is beyond a bound is refused, or asked for again should it be needed; nothing else changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Proposals are remembered for so many rounds above the one in progress: as many as consensus
    /// accepts.
    pub rounds_ahead: u32,
    /// Proposals are remembered for so many rounds below the one in progress. A block that is decided
    /// in an older round is fetched by its hash.
    pub rounds_behind: u32,
    /// So many bodies that nobody announced are kept for one peer. An honest proposer sends its body
    /// just before its proposal.
    pub bodies_per_peer: usize,
    /// These bodies have at most so many times the size of the largest block together.
    pub body_sizes_per_peer: usize,
    /// So many bodies that came before their parent was committed are kept for one peer.
    pub early_bodies_per_peer: usize,
    /// So many proposals that came before their parent was committed are kept for one peer.
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
    /// How many bodies are kept at the most, with `peers` connected: two for each remembered round,
    /// those that nobody announced, and the two that consensus may be locked on.
    pub fn bodies_max(&self, peers: usize) -> usize {
        let rounds = self.rounds_ahead.saturating_add(self.rounds_behind).saturating_add(1);
        let announced = PROPOSALS_PER_ROUND_MAX.saturating_mul(rounds as usize);
        let others = self.bodies_per_peer.saturating_mul(peers.saturating_add(1));
        announced.saturating_add(others).saturating_add(2)
    }
}

/// What is known of the blocks proposed for the height after the head.
#[derive(Default)]
pub(crate) struct Bodies {
    bounds: Bounds,
    known: BTreeMap<Hash, Body>,
    /// The transactions of all known bodies.
    ids: BTreeSet<Hash>,
    announced: Vec<SignedProposal>,
    /// How often missing bodies were asked for in this height.
    turn: usize,
    early: Early,
}

/// What came before its parent was committed, by the peer that sent it.
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
    /// What it does, once that is known.
    pub(crate) execution: Option<Arc<Execution>>,
    /// Whether its execution was asked for, and it is stored.
    pub(crate) executing: bool,
    /// Whether this node's clock found its time true in some round.
    pub(crate) timely: bool,
    /// Who sent it; `None` for a block built here, or found on the disk.
    source: Option<PublicKey>,
    /// Whether a proposal named it.
    announced: bool,
}

/// Whether a block may be voted for, its time aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not known yet: its signatures are being verified.
    Pending,
    /// It may.
    Valid,
    /// It may not.
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

    /// Whether a body of `bytes` from this peer may be kept, where no block may have more than
    /// `block_bytes_max`. What was announced always may: whom the header calls its proposer proves
    /// nothing, and must take no room from that validator.
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
        self.ids.extend(ids.iter().copied());
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
        self.known.insert(hash, body);
    }

    /// Takes note that a block's time was found true: no clock contradicts it later.
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

    /// Whether a transaction is in a body that is known.
    pub(crate) fn holds(&self, id: &Hash) -> bool {
        self.ids.contains(id)
    }

    /// Whether a proposal of a round would be remembered, which is worth verifying its signature.
    pub(crate) fn is_near(&self, round: u32, current: u32) -> bool {
        round <= current.saturating_add(self.bounds.rounds_ahead)
            && round.saturating_add(self.bounds.rounds_behind) >= current
    }

    /// Remembers a proposal, so that its body can be judged for its round when it comes.
    pub(crate) fn announce(&mut self, proposal: SignedProposal) {
        let round = proposal.proposal.round;
        let of_round = self.announced.iter().filter(|it| it.proposal.round == round).count();
        if of_round >= PROPOSALS_PER_ROUND_MAX || self.announced.contains(&proposal) {
            return;
        }
        if let Some(body) = self.known.get_mut(&proposal.proposal.block) {
            body.announced = true;
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

    /// Forgets proposals of rounds long over, and the bodies that only they named. Those that `held`
    /// holds for stay: consensus may be locked on them. Returns the forgotten ones.
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
            self.ids = self.known.values().flat_map(|body| body.ids.iter().copied()).collect();
        }
        forgotten
    }

    /// Keeps a body that came before its parent was committed; the peer's oldest gives way.
    pub(crate) fn keep_early_body(&mut self, peer: PublicKey, block: SharedBlock) {
        keep(&mut self.early.bodies, peer, block, self.bounds.early_bodies_per_peer);
    }

    /// Keeps a proposal that came before its parent was committed. Consensus keeps it too, and asks
    /// for no verdict when it takes it up.
    pub(crate) fn keep_early_proposal(&mut self, peer: PublicKey, proposal: SignedProposal) {
        keep(&mut self.early.proposals, peer, proposal, self.bounds.early_proposals_per_peer);
    }

    /// The transactions of all known bodies but the decided one, those of valid bodies first, within
    /// bounds: nobody else may have them.
    pub(crate) fn undecided(&self, decided: &Hash) -> Vec<SharedTransaction> {
        let of = |valid: bool| {
            let bodies = self.known.iter().filter(move |(hash, body)| {
                *hash != decided && (body.verdict == Verdict::Valid) == valid
            });
            bodies.flat_map(|(_, body)| &body.block.transactions)
        };
        let mut bytes = 0;
        let within = |signed: &&SharedTransaction| {
            bytes += signed.encoded().len();
            bytes <= UNDECIDED_BYTES_MAX
        };
        of(true).chain(of(false)).take(UNDECIDED_MAX).take_while(within).cloned().collect()
    }

    /// Forgets what a peer sent early that is gone.
    pub(crate) fn disconnected(&mut self, peer: &PublicKey) {
        self.early.bodies.remove(peer);
        self.early.proposals.remove(peer);
    }

    /// Whose turn it is to be asked for missing bodies.
    pub(crate) fn next_turn(&mut self) -> usize {
        self.turn += 1;
        self.turn - 1
    }

    /// Forgets the height, and returns what came early for the next.
    pub(crate) fn next_height(&mut self) -> Early {
        self.turn = 0;
        self.known.clear();
        self.ids.clear();
        self.announced.clear();
        std::mem::take(&mut self.early)
    }
}

/// Adds to what is kept for a peer; the oldest gives way.
fn keep<T>(early: &mut BTreeMap<PublicKey, Vec<T>>, peer: PublicKey, it: T, max: usize) {
    let kept = early.entry(peer).or_default();
    if kept.len() >= max {
        kept.remove(0);
    }
    kept.push(it);
}
