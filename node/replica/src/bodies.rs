use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehb_executor::Execution;
use ehb_types::{Hash, PublicKey, SharedBlock, SharedTransaction, SignedProposal};

/// How many bodies that nobody announced are taken from one peer for one height. An honest proposer
/// sends one a round just before its proposal, and only after its earlier ones failed.
const BODIES_PER_PEER_MAX: usize = 8;
/// How many proposals are remembered for one height.
const ANNOUNCED_MAX: usize = 64;
/// How many proposals are remembered for one round: one, and one that contradicts it.
const ANNOUNCED_PER_ROUND_MAX: usize = 2;
/// How many bodies and how many proposals of the height to come are kept until the head reaches it.
const EARLY_MAX: usize = 16;
/// How many transactions of undecided bodies go back to the mempool after a height, and how many bytes
/// they have, at the most.
const UNDECIDED_MAX: usize = 8_192;
const UNDECIDED_BYTES_MAX: usize = 8 << 20;

/// What is known of the blocks proposed for the height after the head.
#[derive(Default)]
pub(crate) struct Bodies {
    known: BTreeMap<Hash, Body>,
    /// The transactions of all known bodies.
    ids: BTreeSet<Hash>,
    announced: Vec<SignedProposal>,
    /// How many bodies came from each peer.
    received: BTreeMap<PublicKey, usize>,
    early: Early,
}

/// What came before its parent was committed.
#[derive(Default)]
pub(crate) struct Early {
    pub(crate) bodies: Vec<(PublicKey, SharedBlock)>,
    pub(crate) proposals: Vec<SignedProposal>,
}

/// A proposed block.
pub(crate) struct Body {
    pub(crate) block: SharedBlock,
    /// The ids of its transactions, in order.
    pub(crate) ids: Vec<Hash>,
    pub(crate) verdict: Verdict,
    /// What it does, once that is known.
    pub(crate) execution: Option<Arc<Execution>>,
    /// Whether its execution was asked for.
    pub(crate) executing: bool,
}

/// Whether a block may be voted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Not known yet: its signatures are being verified.
    Pending,
    /// It may.
    Valid,
    /// Not here: its time is too far ahead of this node's clock. Others may see it otherwise.
    Early,
    /// It may not.
    Invalid,
}

impl Bodies {
    pub(crate) fn get(&self, hash: &Hash) -> Option<&Body> {
        self.known.get(hash)
    }

    pub(crate) fn get_mut(&mut self, hash: &Hash) -> Option<&mut Body> {
        self.known.get_mut(hash)
    }

    /// Takes note of a body from this peer; whether it may be kept. What was announced always may:
    /// whom the header calls its proposer proves nothing, and must take no room from that validator.
    pub(crate) fn admit(&mut self, peer: PublicKey, hash: &Hash) -> bool {
        let received = self.received.entry(peer).or_default();
        *received = received.saturating_add(1);
        *received <= BODIES_PER_PEER_MAX
            || self.announced.iter().any(|it| it.proposal.block == *hash)
    }

    pub(crate) fn insert(&mut self, hash: Hash, block: SharedBlock, verdict: Verdict) {
        let ids: Vec<Hash> = block.transactions.iter().map(SharedTransaction::id).collect();
        self.ids.extend(ids.iter().copied());
        let body = Body { block, ids, verdict, execution: None, executing: false };
        self.known.insert(hash, body);
    }

    pub(crate) fn executed(&mut self, hash: &Hash, execution: Arc<Execution>) {
        if let Some(body) = self.known.get_mut(hash) {
            body.execution = Some(execution);
        }
    }

    /// Whether a transaction stands in a body that is known.
    pub(crate) fn holds(&self, id: &Hash) -> bool {
        self.ids.contains(id)
    }

    /// Remembers a proposal, so that its body can be judged for its round when it comes. Where there
    /// are too many, those of the rounds farthest ahead are forgotten.
    pub(crate) fn announce(&mut self, proposal: SignedProposal) {
        let round = proposal.proposal.round;
        let of_round = self.announced.iter().filter(|it| it.proposal.round == round).count();
        if of_round >= ANNOUNCED_PER_ROUND_MAX || self.announced.contains(&proposal) {
            return;
        }
        let place = self.announced.partition_point(|it| it.proposal.round <= round);
        self.announced.insert(place, proposal);
        self.announced.truncate(ANNOUNCED_MAX);
    }

    /// The proposals, ascending by round.
    pub(crate) fn announced(&self) -> &[SignedProposal] {
        &self.announced
    }

    /// Keeps a body that came before its parent was committed.
    pub(crate) fn keep_early_body(&mut self, peer: PublicKey, block: SharedBlock) {
        keep(&mut self.early.bodies, (peer, block));
    }

    /// Keeps a proposal that came before its parent was committed. Consensus keeps it too, and asks
    /// for no verdict when it takes it up.
    pub(crate) fn keep_early_proposal(&mut self, proposal: SignedProposal) {
        keep(&mut self.early.proposals, proposal);
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

    /// Forgets the height, and gives what came early for the next.
    pub(crate) fn next_height(&mut self) -> Early {
        self.known.clear();
        self.ids.clear();
        self.announced.clear();
        self.received.clear();
        std::mem::take(&mut self.early)
    }
}

/// Adds to what is kept; the oldest gives way.
fn keep<T>(early: &mut Vec<T>, it: T) {
    if early.len() >= EARLY_MAX {
        early.remove(0);
    }
    early.push(it);
}
