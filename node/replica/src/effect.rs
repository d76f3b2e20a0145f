//! Defines the actions that a step returns: those performed in order, and those carried out at once.

use std::sync::Arc;

use ehb_executor::{Execution, Parent};
use ehb_types::{CommitCertificate, Hash, PublicKey, Rejection, SharedBlock, SharedTransaction};

use crate::{GossipVerdict, Message, Ticket, Timer};

/// An action that a replica requests: in order, or at once. Its type says which, so the code that performs effects
/// does not decide that.
#[derive(Clone)]
pub enum Effect {
    /// For the queue that is performed strictly in order.
    Ordered(Ordered),
    /// To be carried out at once.
    Immediate(Immediate),
}

/// Effects on disk and peers. They are performed one after the other, in the order of all steps, so that what
/// comes before an [`Self::Sync`] is durable before anything after it leaves the node. After one that failed,
/// none is performed any more.
#[derive(Clone)]
pub enum Ordered {
    /// Add an entry to the consensus log of a height; durable after the next [`Self::Sync`].
    Append {
        /// The height to whose log it belongs.
        height: u64,
        /// The encoded [`ehb_consensus::LogEntry`].
        entry: Vec<u8>,
    },
    /// Store the body of a proposed block; durable after the next [`Self::Sync`].
    StoreBody(SharedBlock),
    /// Delete the body of a proposed block, which can be fetched again if it is decided; durable after the
    /// next [`Self::Sync`].
    ForgetBody {
        /// The height for which it was proposed.
        height: u64,
        /// The block's hash.
        block: Hash,
    },
    /// Store the last-signed record; durable after the next [`Self::Sync`].
    RecordSigned(Vec<u8>),
    /// Make all earlier writes durable before any later effect is performed. If that fails, stop.
    Sync,
    /// Write a decided block with all its changes, in one atomic step; then answer with
    /// [`crate::Event::Committed`].
    Commit(Arc<Commit>),
    /// Send a message to one peer.
    Send {
        /// The recipient, which may be gone by now.
        peer: PublicKey,
        /// The message to encode.
        message: Message,
    },
    /// Send a message to all connected peers.
    Broadcast(Message),
    /// Gossip transactions to all nodes.
    Gossip(Vec<SharedTransaction>),
    /// A peer broke the rules: disconnect and reject it for a while.
    Penalise {
        /// The peer that sent what no correct node sends.
        peer: PublicKey,
        /// The offence, for the log.
        reason: String,
    },
}

/// Effects that wait for nothing: timers, work for other threads, and answers. Each takes effect as soon as the
/// step is done, also before an ordered effect that was returned ahead of it, and none reads what an ordered
/// effect of the same step writes.
#[derive(Clone)]
pub enum Immediate {
    /// Run a timer.
    SetTimer {
        /// Which one; if it runs, it begins again.
        timer: Timer,
        /// The duration, milliseconds.
        after_ms: u64,
    },
    /// Stop a timer.
    CancelTimer(Timer),
    /// Verify all signatures of these transactions, which are for the mempool; answer with [`crate::Event::Verified`].
    /// The next batch follows the answer.
    Verify {
        /// Identifies the batch.
        batch: u64,
        /// Transactions that passed admission, each with all its signatures.
        transactions: Vec<SharedTransaction>,
    },
    /// Verify all signatures of these transactions of a proposed block, beside those for the mempool; answer with
    /// [`crate::Event::BodyVerified`]. The first wrong one ends it. The next block follows the answer.
    VerifyBody {
        /// The block's hash.
        block: Hash,
        /// All transactions of the block, in order.
        transactions: Vec<SharedTransaction>,
        /// The peer that sent it.
        source: Option<PublicKey>,
    },
    /// Execute a block; answer with [`crate::Event::Executed`].
    Execute {
        /// The block's hash.
        hash: Hash,
        /// The block, which was checked against its parent.
        block: SharedBlock,
        /// The state to execute it on.
        parent: Parent,
    },
    /// Send a peer the decided blocks that it requested, as [`Message::Blocks`].
    ServeBlocks {
        /// The peer that requested them.
        peer: PublicKey,
        /// The first height.
        from: u64,
        /// The maximum number of blocks.
        count: u16,
    },
    /// Send a peer a stored body, if there is one, as [`Message::Body`].
    ServeBody {
        /// The peer that requested it.
        peer: PublicKey,
        /// The height for which it was proposed.
        height: u64,
        /// The block's hash.
        block: Hash,
    },
    /// Answers [`crate::Event::Gossip`].
    Judge {
        /// The number that the event gave the message.
        message: u64,
        /// Whether to forward it, and whether its sender did wrong.
        verdict: GossipVerdict,
    },
    /// Answer a submission.
    Reply {
        /// The submission.
        ticket: Ticket,
        /// The transaction's id, or why it is rejected.
        result: Result<Hash, Rejection>,
    },
    /// A block is final and durable, as [`crate::Event::Committed`] said: notify subscribers and waiting calls.
    Finalized(Arc<Commit>),
    /// Stop, and sign nothing more: continuing could fork the chain.
    Halt(String),
}

impl From<Ordered> for Effect {
    fn from(effect: Ordered) -> Self {
        Self::Ordered(effect)
    }
}

impl From<Immediate> for Effect {
    fn from(effect: Immediate) -> Self {
        Self::Immediate(effect)
    }
}

/// A decided block with all its changes.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The block's hash.
    pub hash: Hash,
    /// The block with its transactions.
    pub block: SharedBlock,
    /// The certificate that decided it.
    pub certificate: CommitCertificate,
    /// Its receipts and changes.
    pub execution: Arc<Execution>,
    /// Whether it must be durable before [`crate::Event::Committed`]. A fetched block that is followed by
    /// others does not need to be: if it is lost, it is fetched again.
    pub durable: bool,
}
