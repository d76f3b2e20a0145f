//! Defines the direct messages between nodes, and the maximum that one of them carries.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::{CommitCertificate, Hash, SharedBlock, SharedTransaction};

/// The maximum number of blocks in one answer to [`Message::BlocksRequest`].
pub const BLOCKS_MAX: u16 = 256;
/// The maximum size of the blocks in one answer, bytes, unless a single block is larger.
pub const BLOCKS_BYTES_MAX: usize = 4 << 20;
/// The maximum number of transactions in one gossiped batch.
pub const TRANSACTIONS_MAX: usize = 1_024;

/// The maximum number of transactions that are offered or requested in one message.
pub const OFFERED_MAX: usize = 1_024;

/// A direct message between nodes. New kinds are added at the end.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Message {
    /// A consensus message: a vote, a proposal, or a certificate to recover from loss.
    Consensus(ehb_consensus::ConsensusMessage),
    /// The body of a proposed block.
    Body(SharedBlock),
    /// Requests the body of a block that is being decided, or was decided.
    BodyRequest {
        /// The block's height.
        height: u64,
        /// Its hash.
        block: Hash,
    },
    /// The sender's status.
    Status {
        /// The height up to which it has committed.
        height: u64,
        /// How it takes part in consensus.
        voting: Voting,
        /// The sender's clock, milliseconds since 1970.
        clock_ms: u64,
        /// Distinguishes the runs of nodes with the sender's key: its clock when it started.
        run: u64,
    },
    /// Requests decided blocks.
    BlocksRequest {
        /// The first height.
        from: u64,
        /// The number of blocks, at most [`BLOCKS_MAX`].
        count: u16,
    },
    /// Decided blocks, ascending by height without a gap; empty if the sender has none of them.
    Blocks(Vec<CertifiedBlock>),
    /// The ids of transactions in the sender's mempool, at most [`OFFERED_MAX`].
    Offer(Vec<Hash>),
    /// Requests offered transactions by id, at most [`OFFERED_MAX`].
    Want(Vec<Hash>),
    /// Requested transactions, possibly not all of them.
    Transactions(Vec<SharedTransaction>),
    /// The messages of the receiver's key that the sender saw.
    Seen {
        /// The newest vote or proposal of its consensus key, if any is known. It shows a validator whether
        /// its own records are the newest.
        newest: Option<ehb_consensus::ConsensusMessage>,
        /// Whether two nodes with its node key connect alternately.
        twin: bool,
        /// The height up to which the sender has committed.
        height: u64,
        /// The height up to which the sender may have helped to decide, committed or not; `None` if it lost
        /// its records.
        reached: Option<u64>,
    },
}

/// How a node takes part in consensus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Voting {
    /// It votes. It may have helped to decide up to this height, committed or not.
    Votes(u64),
    /// It has just started, and first asks what others saw of its key.
    Asks,
    /// It does not vote: it is not a validator, it lost its records, or another node uses its key.
    Silent,
}

/// A block with the certificate that decided it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CertifiedBlock {
    /// The block with its transactions.
    pub block: SharedBlock,
    /// The precommits that decided it.
    pub certificate: CommitCertificate,
}
