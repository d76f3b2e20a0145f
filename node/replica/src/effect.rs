use std::sync::Arc;

use ehb_executor::{Execution, Parent};
use ehb_types::{CommitCertificate, Hash, PublicKey, Rejection, SharedBlock, SharedTransaction};

use crate::{GossipVerdict, Message, Ticket, Timer};

/// What a replica wants done.
#[derive(Clone)]
pub enum Effect {
    /// Add an entry to the consensus log of a height; durable after the next [`Self::Sync`].
    Append {
        /// The height.
        height: u64,
        /// The entry.
        entry: Vec<u8>,
    },
    /// Keep the body of a proposed block; durable after the next [`Self::Sync`].
    StoreBody(SharedBlock),
    /// Forget the body of a proposed block that can be fetched again should it be decided; durable
    /// after the next [`Self::Sync`].
    ForgetBody {
        /// The height.
        height: u64,
        /// The block's hash.
        block: Hash,
    },
    /// Keep the last-signed record; durable after the next [`Self::Sync`].
    RecordSigned(Vec<u8>),
    /// Make everything before durable before anything after is done. If that fails, stop.
    Sync,
    /// Write a decided block with all that it does, in one atomic step; then tell
    /// [`crate::Event::Committed`].
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
    /// Spread transactions to all nodes.
    Gossip(Vec<SharedTransaction>),
    /// Answers [`crate::Event::Gossip`].
    Judge {
        /// The message.
        message: u64,
        /// What is to become of it.
        verdict: GossipVerdict,
    },
    /// Run a timer.
    SetTimer {
        /// Which.
        timer: Timer,
        /// For how long, milliseconds.
        after_ms: u64,
    },
    /// Stop a timer.
    CancelTimer(Timer),
    /// Verify all signatures of these transactions; answer with [`crate::Event::Verified`].
    Verify {
        /// Names the batch.
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
        /// What it stands on.
        parent: Parent,
    },
    /// Send a peer the decided blocks it asks for, as [`Message::Blocks`].
    ServeBlocks {
        /// The peer.
        peer: PublicKey,
        /// The first height.
        from: u64,
        /// How many at the most.
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
        /// The transaction's id, or why it is refused.
        result: Result<Hash, Rejection>,
    },
    /// A block is final and durable: tell whoever waits for it.
    Finalized(Arc<Commit>),
    /// A peer broke the rules: cut it off for a while.
    Penalise {
        /// The peer.
        peer: PublicKey,
        /// What it did.
        reason: String,
    },
    /// Stop, and sign nothing more: going on could split the chain.
    Halt(String),
}

/// A decided block with all that it does.
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
    /// Whether it must survive a crash before [`crate::Event::Committed`]. A block that was fetched,
    /// with more behind it, need not: what is lost is asked for again.
    pub durable: bool,
}
