use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_executor::Execution;
use ehb_types::{Block, Hash, PublicKey, SignedProposal};

/// How many bodies of one proposer are kept for one height. An honest one builds one a round, and
/// only after its earlier ones failed.
const BODIES_PER_PROPOSER_MAX: usize = 8;
/// How many proposals are remembered for one height.
const ANNOUNCED_MAX: usize = 64;
/// How many bodies and proposals of heights to come are kept until the head reaches them.
const EARLY_MAX: usize = 16;

/// What is known of the blocks proposed for the height after the head.
#[derive(Default)]
pub(crate) struct Bodies {
    known: BTreeMap<Hash, Body>,
    announced: Vec<SignedProposal>,
    early: Vec<(PublicKey, Arc<Block>)>,
}

/// A proposed block.
pub(crate) struct Body {
    pub(crate) block: Arc<Block>,
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

    /// Whether one more body of this proposer may be kept.
    pub(crate) fn has_room(&self, proposer: &PublicKey) -> bool {
        let of_proposer = self.known.values().filter(|b| b.block.header.proposer == *proposer);
        of_proposer.count() < BODIES_PER_PROPOSER_MAX
    }

    pub(crate) fn insert(&mut self, hash: Hash, block: Arc<Block>, verdict: Verdict) {
        let body = Body { block, verdict, execution: None, executing: false };
        self.known.insert(hash, body);
    }

    pub(crate) fn executed(&mut self, hash: &Hash, execution: Arc<Execution>) {
        if let Some(body) = self.known.get_mut(hash) {
            body.execution = Some(execution);
        }
    }

    /// Whether a transaction stands in a body that is known.
    pub(crate) fn holds(&self, id: &Hash) -> bool {
        self.known.values().any(|body| body.holds(id))
    }

    /// Remembers a proposal, so that its body can be judged for its round when it comes.
    pub(crate) fn announce(&mut self, proposal: SignedProposal) {
        if self.announced.len() < ANNOUNCED_MAX && !self.announced.contains(&proposal) {
            self.announced.push(proposal);
        }
    }

    pub(crate) fn announced(&self) -> &[SignedProposal] {
        &self.announced
    }

    /// Keeps a body that came before its parent was committed.
    pub(crate) fn keep_early(&mut self, peer: PublicKey, block: Arc<Block>) {
        if self.early.len() >= EARLY_MAX {
            self.early.remove(0);
        }
        self.early.push((peer, block));
    }

    /// Forgets the height, and gives the bodies that came early.
    pub(crate) fn next_height(&mut self) -> Vec<(PublicKey, Arc<Block>)> {
        self.known.clear();
        self.announced.clear();
        std::mem::take(&mut self.early)
    }
}

impl Body {
    fn holds(&self, id: &Hash) -> bool {
        self.block.transactions.iter().any(|signed| signed.id() == *id)
    }
}
