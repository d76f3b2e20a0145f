use std::sync::Arc;

use ehb_executor::{Execution, Parent};
use ehb_types::{CommitCertificate, Hash, PublicKey, Rejection, SharedBlock, SharedTransaction};

use crate::{GossipVerdict, Message, Ticket, Timer};

/// An action that a replica requests.
#[derive(Clone)]
pub enum Effect {
    /// Add an entry to the consensus log of a height; durable after the next [`Self::Sync`].
    Append {
        /// The height.
        height: u64,
        /// The entry.
        entry: Vec<u8>,
    },
    /// Store the body of a proposed block; durable after the next [`Self::Sync`].
    StoreBody(SharedBlock),
    /// Delete the body of a proposed block, which can be fetched again if it is decided; durable after the
    /// next [`Self::Sync`].
    ForgetBody {
        /// The height.
        height: u64,
        /// The block's hash.
        block: Hash,
    },
    /// Store the last-signed record; durable after the next [`Self::Sync`].
    RecordSigned(Vec<u8>),
    /// Make all earlier writes durable before any later effect is performed. If that fails, stop.
    Sync,
    /// Write a decided block with all its changes, in one atomic step; then pass [`crate::Event::Committed`].
    Commit(Arc<Commit>),
    /// Send a message to one peer.
    Send {
        /// The peer.
        peer: PublicKey,
        /// The message.
        message: Message,
    },
    /// Send a message to all connected peers.
    Broadcast(Message),
    /// Gossip transactions to all nodes.
    Gossip(Vec<SharedTransaction>),
    /// Answers [`crate::Event::Gossip`].
    Judge {
        /// The message.
        message: u64,
        /// The verdict on it.
        verdict: GossipVerdict,
    },
    /// Run a timer.
    SetTimer {
        /// The timer.
        timer: Timer,
        /// The duration, milliseconds.
        after_ms: u64,
    },
    /// Stop a timer.
    CancelTimer(Timer),
    /// Verify all signatures of these transactions; answer with [`crate::Event::Verified`].
    Verify {
        /// Identifies the batch.
        batch: u64,
        /// The transactions.
        transactions: Vec<SharedTransaction>,
    },
    /// Execute a block; answer with [`crate::Event::Executed`].
    Execute {
        /// The block's hash.
        hash: Hash,
        /// The block.
        block: SharedBlock,
        /// The state to execute it on.
        parent: Parent,
    },
    /// Send a peer the decided blocks that it requested, as [`Message::Blocks`].
    ServeBlocks {
        /// The peer.
        peer: PublicKey,
        /// The first height.
        from: u64,
        /// The maximum number of blocks.
        count: u16,
    },
    /// Send a peer a stored body, if there is one, as [`Message::Body`].
    ServeBody {
        /// The peer.
        peer: PublicKey,
        /// The height.
        height: u64,
        /// The block's hash.
        block: Hash,
    },
    /// Answer a submission.
    Reply {
        /// The submission.
        ticket: Ticket,
        /// The transaction's id, or why it is rejected.
        result: Result<Hash, Rejection>,
    },
    /// A block is final and durable: notify subscribers and waiting calls.
    Finalized(Arc<Commit>),
    /// A peer broke the rules: disconnect and reject it for a while.
    Penalise {
        /// The peer.
        peer: PublicKey,
        /// The reason.
        reason: String,
    },
    /// Stop, and sign nothing more: continuing could fork the chain.
    Halt(String),
}

/// A decided block with all its changes.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The block's hash.
    pub hash: Hash,
    /// The block.
    pub block: SharedBlock,
    /// The certificate that decided it.
    pub certificate: CommitCertificate,
    /// Its receipts and changes.
    pub execution: Arc<Execution>,
    /// Whether it must be durable before [`crate::Event::Committed`]. A fetched block that is followed by
    /// others does not need to be: if it is lost, it is fetched again.
    pub durable: bool,
}
