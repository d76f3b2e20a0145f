use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::{CommitCertificate, Hash, SharedBlock, SharedTransaction};

/// How many blocks one answer to [`Message::BlocksRequest`] can hold.
pub const BLOCKS_MAX: u16 = 256;
/// How many bytes of blocks one answer holds at the most, unless a single block is larger.
pub const BLOCKS_BYTES_MAX: usize = 4 << 20;
/// How many transactions one gossiped batch can hold.
pub const TRANSACTIONS_MAX: usize = 1_024;

/// How many transactions can be offered, or asked for, in one message.
pub const OFFERED_MAX: usize = 1_024;

/// What nodes say to each other directly. A new kind is added at the end.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Message {
    /// A vote, a proposal, or what consensus needs to recover from loss.
    Consensus(ehb_consensus::Message),
    /// The body of a proposed block.
    Body(SharedBlock),
    /// Asks for the body of a block that is being decided, or was.
    BodyRequest {
        /// The block's height.
        height: u64,
        /// Its hash.
        block: Hash,
    },
    /// How far the sender is.
    Status {
        /// The height up to which it has committed.
        height: u64,
        /// How it takes part in consensus.
        voting: Voting,
        /// The sender's clock, milliseconds since 1970.
        clock_ms: u64,
        /// Tells apart the runs of nodes with the sender's key: its clock when it started.
        run: u64,
    },
    /// Asks for decided blocks.
    BlocksRequest {
        /// The first height.
        from: u64,
        /// How many, at most [`BLOCKS_MAX`].
        count: u16,
    },
    /// Decided blocks, ascending by height without a gap; empty when the sender has none of them.
    Blocks(Vec<DecidedBlock>),
    /// The ids of transactions that wait in the sender's mempool, at most [`OFFERED_MAX`].
    Offer(Vec<Hash>),
    /// Asks for offered transactions, by their ids, at most [`OFFERED_MAX`].
    Want(Vec<Hash>),
    /// Transactions that were asked for: not always all of them.
    Transactions(Vec<SharedTransaction>),
    /// What the sender saw of the receiver's keys.
    Seen {
        /// The newest vote or proposal of its consensus key, if any is known. By this a validator knows
        /// whether its own records are the newest.
        newest: Option<ehb_consensus::Message>,
        /// Whether two nodes with its node key connect in turns.
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
    /// It has just started, and hears first what others saw of its key.
    Asks,
    /// It does not: it is no validator, it lost its records, or another node uses its key.
    Silent,
}

/// A block with the certificate that decided it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct DecidedBlock {
    /// The block.
    pub block: SharedBlock,
    /// Its certificate.
    pub certificate: CommitCertificate,
}
