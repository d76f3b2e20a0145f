use std::sync::Arc;

use ehb_consensus::{LastSigned, LogEntry};
use ehb_executor::Execution;
use ehb_state::StateStore;
use ehb_types::{Block, Hash, PublicKey, SharedTransaction};

use crate::{Head, Message};

/// Names a submission, so that the answer finds its way back.
pub type Ticket = u64;

/// What is to become of a gossiped message. Where its transactions differ, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GossipVerdict {
    /// Of no use here, but nobody's fault: known, expired, or ahead of this node's state.
    Ignore,
    /// It holds a transaction that the mempool took: forward it.
    Accept,
    /// Invalid on every node: whoever forwarded it did not look.
    Reject,
}

/// What happens to a replica.
pub enum Event {
    /// A timer ran out.
    Timer(Timer),
    /// A permitted peer connected.
    Connected(PublicKey),
    /// A peer's connection is gone.
    Disconnected(PublicKey),
    /// A peer said something.
    Message {
        /// Who.
        peer: PublicKey,
        /// What.
        message: Message,
    },
    /// Blocks that a peer was asked for are on their way: some of them arrived since the last time.
    Receiving(PublicKey),
    /// Transactions came by gossip; answered by [`crate::Effect::Judge`] once they are verified.
    Gossip {
        /// Names the message in the answer.
        message: u64,
        /// What it holds.
        transactions: Vec<SharedTransaction>,
    },
    /// Clients submit transactions; each is answered by [`crate::Effect::Reply`] under its ticket.
    Submit(Vec<(Ticket, SharedTransaction)>),
    /// Answers [`crate::Effect::Verify`]: whether each signature set is valid.
    Verified {
        /// The batch.
        batch: u64,
        /// One verdict a transaction.
        valid: Vec<bool>,
    },
    /// Answers [`crate::Effect::Execute`].
    Executed {
        /// The block.
        block: Hash,
        /// What it does.
        execution: Arc<Execution>,
    },
    /// Answers [`crate::Effect::Commit`]: the block is durable.
    Committed {
        /// Its height.
        height: u64,
        /// The state after it.
        state: Arc<dyn StateStore>,
    },
    /// The disk, or a thread that performs effects, failed: the replica must stop.
    Failed(String),
}

/// What a replica waits for. Setting a timer that runs starts it anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// A timeout of a consensus round.
    Consensus(ehb_consensus::TimerId),
    /// No transaction came that could seal the block before.
    Seal,
    /// The idle chain rested long enough.
    Heartbeat,
    /// Time to tell peers the own height, and to look whether they are ahead.
    Status,
    /// A peer did not send the blocks asked for.
    CatchUp,
    /// Nobody sent the body asked for.
    BodyRequest,
    /// Transactions waited for others to be verified with.
    Gather,
}

/// What a replica finds on disk when it starts.
pub struct Recovery {
    /// The last committed block.
    pub head: Head,
    /// The consensus log of the height after it, in order.
    pub log: Vec<LogEntry>,
    /// The last-signed record. `None` if nobody knows what the key signed: the directory was emptied,
    /// or the key comes from another one. A new key has the record [`LastSigned::below`] height 1.
    pub last_signed: Option<LastSigned>,
    /// Whether that record was written in another directory: this one is a copy, and the key may have signed
    /// more since the copy was made.
    pub copied: bool,
    /// The stored bodies of the height after the head. They were valid when they were stored.
    pub bodies: Vec<Block>,
}
