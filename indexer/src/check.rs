//! Verifies blocks before anything of them is written.
//!
//! A block's receipts are proven by the header of the next block, so a block leaves the checker when its
//! successor has arrived.

use ehb_sdk::{ProofError, Trust};
use ehb_types::{Hash, ValidatorSet};

use crate::block::FetchedBlock;
use crate::project::ProvenBlock;

/// A block whose header, body and receipts are proven.
#[derive(Clone, Debug)]
pub struct CheckedBlock {
    /// The fetched block, which is now known to be the chain's.
    pub block: FetchedBlock,
    /// The hash of its header, which the certificate signs.
    pub hash: Hash,
    /// The validators that decided its parent; none for genesis.
    pub parent_validators: Option<ValidatorSet>,
    /// The validators that decided it.
    pub validators: ValidatorSet,
    /// The validators that decide the next height.
    pub next_validators: ValidatorSet,
}

impl CheckedBlock {
    /// The part that the projection reads.
    pub fn proven(&self) -> ProvenBlock<'_> {
        ProvenBlock {
            header: &self.block.header,
            hash: self.hash,
            transactions: &self.block.transactions,
            receipts: &self.block.receipts,
            parent_certificate: self.block.parent_certificate.as_ref(),
            parent_validators: self.parent_validators.as_ref(),
            validators: &self.validators,
            next_validators: &self.next_validators,
        }
    }
}

/// Why a block is rejected. Except for [`CheckError::Fork`], the endpoint that sent it is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// Not the expected next block.
    #[error("the endpoint sent the block at height {got}, expected height {expected}")]
    Order {
        /// The expected height.
        expected: u64,
        /// The received height.
        got: u64,
    },
    /// A block of another chain.
    #[error("the block belongs to the chain with genesis {got}, not {expected}")]
    Chain {
        /// The genesis hash of this chain.
        expected: Hash,
        /// The genesis hash in the header.
        got: Hash,
    },
    /// A header that no quorum decided.
    #[error("the certificate of the header at height {height} is not valid: {reason}")]
    Header {
        /// Its height.
        height: u64,
        /// The reason.
        reason: ProofError,
    },
    /// A block without the certificate that decided it.
    #[error("the endpoint sent the block at height {0} without the certificate that decided it")]
    NoCertificate(u64),
    /// A block that the validators decided, but that does not follow our last block.
    #[error(
        "the chain has forked: the validators decided a block at height {height} whose parent is {parent}, and \
         the block that was indexed at height {} is {ours}",
        height.saturating_sub(1)
    )]
    Fork {
        /// The height of the decided block.
        height: u64,
        /// Its parent.
        parent: Hash,
        /// Our block at the parent's height.
        ours: Hash,
    },
    /// Transactions, parent certificate or evidence that the header does not commit to.
    #[error("the body of the block at height {0} is not the one that its header commits to")]
    Body(u64),
    /// Receipts that the next header does not commit to.
    #[error(
        "the receipts of the block at height {0} are not those that the next header commits to"
    )]
    Receipts(u64),
    /// Receipts that do not belong to the block's transactions.
    #[error("receipt {index} of the block at height {height} is that of another transaction")]
    OtherTransaction {
        /// The block's height.
        height: u64,
        /// The receipt's index.
        index: usize,
    },
    /// Genesis as the node sends it has another hash than the genesis file.
    #[error("the block at height 0 does not belong to the genesis: {0}")]
    Genesis(String),
}

/// Checks blocks in the order of their heights.
pub struct Checker {
    chain: Hash,
    trust: Trust,
    /// The last verified block, which must be the parent of the next one; its receipts are not yet proven.
    tip: Tip,
    waiting: Option<CheckedBlock>,
}

/// The known facts about the last block.
#[derive(Clone, Debug)]
pub struct Tip {
    /// Its height; none before genesis.
    pub height: Option<u64>,
    /// Its hash; zero before genesis.
    pub hash: Hash,
    /// The validators that decided it; none before genesis.
    pub validators: Option<ValidatorSet>,
}

impl Tip {
    /// Before genesis.
    pub fn none() -> Self {
        Self { height: None, hash: Hash::ZERO, validators: None }
    }
}

impl Checker {
    /// Continues after the block `tip`, whose successor `validators` decide.
    pub fn new(chain: Hash, validators: ValidatorSet, tip: Tip) -> Self {
        Self { chain, trust: Trust::of_set(chain, validators), tip, waiting: None }
    }

    /// The height of the block that must come next.
    pub fn next_height(&self) -> u64 {
        self.tip.height.map_or(0, |height| height.saturating_add(1))
    }

    /// Drops the block whose receipts are not yet proven, because the endpoint that sent it was wrong.
    /// `tip` is the last block that left the checker.
    pub fn restart(&mut self, tip: Tip) {
        if let Some(waiting) = self.waiting.take() {
            self.trust = Trust::of_set(self.chain, waiting.validators);
        }
        self.tip = tip;
    }

    /// The hash of the validator set that [`Self::accept`] needs with a block, where it changes the set.
    pub fn needs_validators(&self, block: &FetchedBlock) -> Option<Hash> {
        let next = block.header.next_validators;
        (next != self.trust.validators().hash()).then_some(next)
    }

    /// Checks the next block, and returns the one before it, whose receipts the new header proves.
    /// `next_validators` is the set that [`Self::needs_validators`] asked for.
    pub fn accept(
        &mut self,
        block: FetchedBlock,
        next_validators: Option<ValidatorSet>,
    ) -> Result<Option<CheckedBlock>, CheckError> {
        let height = block.height();
        let expected = self.next_height();
        if height != expected {
            return Err(CheckError::Order { expected, got: height });
        }
        if block.header.chain != self.chain {
            return Err(CheckError::Chain { expected: self.chain, got: block.header.chain });
        }
        let hash = self.decided(&block)?;
        if height > 0 && block.header.parent != self.tip.hash {
            let parent = block.header.parent;
            if self.waiting.as_ref().is_some_and(|it| it.block.height() == 0) {
                return Err(CheckError::Genesis("block 1 has another parent".to_owned()));
            }
            return Err(CheckError::Fork { height, parent, ours: self.tip.hash });
        }
        if !block.body_matches_header() {
            return Err(CheckError::Body(height));
        }
        let ids = block.transactions.iter().zip(&block.receipts);
        if let Some(index) =
            ids.into_iter().position(|(it, receipt)| it.id() != receipt.transaction)
        {
            return Err(CheckError::OtherTransaction { height, index });
        }
        if block.receipts.len() < block.transactions.len() {
            return Err(CheckError::Receipts(height));
        }
        self.check_waiting(&block)?;
        let validators = self.trust.validators().clone();
        if let Some(next) = next_validators {
            let followed = self.trust.follow(&block.header, next);
            followed.map_err(|reason| CheckError::Header { height, reason })?;
        } else if self.needs_validators(&block).is_some() {
            let reason = ProofError::NextValidators;
            return Err(CheckError::Header { height, reason });
        }
        let next_validators = self.trust.validators().clone();
        let tip = Tip { height: Some(height), hash, validators: Some(validators.clone()) };
        let parent_validators = std::mem::replace(&mut self.tip, tip).validators;
        let checked = CheckedBlock { block, hash, parent_validators, validators, next_validators };
        Ok(self.waiting.replace(checked))
    }

    /// The hash of a block that the validators decided, or of genesis.
    fn decided(&self, block: &FetchedBlock) -> Result<Hash, CheckError> {
        let height = block.height();
        if height == 0 {
            return self.genesis(block);
        }
        let certificate = block.certificate.as_ref().ok_or(CheckError::NoCertificate(height))?;
        let decided = self.trust.decided(&block.header, certificate);
        decided.map_err(|reason| CheckError::Header { height, reason })
    }

    /// Genesis has no certificate: its hash is proven by the header of height 1, which names it as parent.
    fn genesis(&self, block: &FetchedBlock) -> Result<Hash, CheckError> {
        let header = &block.header;
        let wrong = |what: &str| Err(CheckError::Genesis(what.to_owned()));
        if header.parent != self.chain {
            return wrong("its parent is not the hash of the genesis");
        }
        if header.validators != self.trust.validators().hash() {
            return wrong("its validators are not those of the genesis");
        }
        if block.certificate.is_some() || !block.transactions.is_empty() {
            return wrong("it has a certificate or transactions");
        }
        Ok(header.hash())
    }

    fn check_waiting(&self, next: &FetchedBlock) -> Result<(), CheckError> {
        let Some(waiting) = &self.waiting else { return Ok(()) };
        let named = (u64::from(next.header.receipts_count), next.header.receipts_root);
        if waiting.block.receipts_commitment() != named {
            return Err(CheckError::Receipts(waiting.block.height()));
        }
        Ok(())
    }
}
