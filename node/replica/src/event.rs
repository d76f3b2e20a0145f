//! Defines the replica's inputs: events, timers, and what it finds on disk when it starts.

use std::sync::Arc;

use ehb_consensus::{LastSigned, LogEntry};
use ehb_executor::Execution;
use ehb_state::StateStore;
use ehb_types::{Block, Hash, PublicKey, SharedTransaction};

use crate::{HeadState, Message};

/// Identifies a submission, so that the answer can be returned to it.
pub type Ticket = u64;

/// The verdict on a gossiped message. If its transactions differ, the greatest verdict counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GossipVerdict {
    /// Useless here, but not a fault: known, expired, or ahead of this node's state.
    Ignore,
    /// It contains a transaction that the mempool accepted: forward it.
    Accept,
    /// Invalid on every node: the forwarding peer did not check it.
    Reject,
}

/// An input of a replica.
pub enum Event {
    /// A timer expired.
    Timer(Timer),
    /// A permitted peer connected.
    Connected(PublicKey),
    /// A peer disconnected.
    Disconnected(PublicKey),
    /// A peer sent a message.
    Message {
        /// The sender.
        peer: PublicKey,
        /// The decoded message, whose content is not checked yet.
        message: Message,
    },
    /// Requested blocks are arriving: some bytes arrived since the last such event.
    Receiving(PublicKey),
    /// Transactions came by gossip; answered by [`crate::Immediate::Judge`] once they are verified.
    Gossip {
        /// Identifies the message in the answer.
        message: u64,
        /// The transactions that it contains, not verified yet.
        transactions: Vec<SharedTransaction>,
    },
    /// Clients submit transactions; each is answered by [`crate::Immediate::Reply`] under its ticket.
    Submit(Vec<(Ticket, SharedTransaction)>),
    /// Answers [`crate::Immediate::Verify`]: whether each signature set is valid.
    Verified {
        /// The number of the batch in the effect.
        batch: u64,
        /// One verdict a transaction.
        valid: Vec<bool>,
    },
    /// Answers [`crate::Immediate::VerifyBody`].
    BodyVerified {
        /// The block's hash.
        block: Hash,
        /// Whether all signature sets are valid.
        valid: bool,
    },
    /// Answers [`crate::Immediate::Execute`].
    Executed {
        /// The block's hash.
        block: Hash,
        /// Its receipts and changes.
        execution: Arc<Execution>,
    },
    /// Answers [`crate::Ordered::Commit`]: the block is durable.
    Committed {
        /// The new height of the chain here.
        height: u64,
        /// The state after it.
        state: Arc<dyn StateStore>,
    },
    /// The disk, or a thread that performs effects, failed: the replica must stop.
    Failed(String),
}

/// A timer of a replica. Setting a running timer restarts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// A timeout of a consensus round.
    Consensus(ehb_consensus::TimerId),
    /// No further transaction arrived after a block with transactions, so an empty block is needed to commit
    /// to its roots.
    Seal,
    /// The heartbeat of an idle chain.
    Heartbeat,
    /// Announces the node's height to peers, and checks whether they are ahead.
    Status,
    /// A peer did not send the requested blocks in time.
    CatchUp,
    /// A requested body did not arrive.
    BodyRequest,
    /// The wait of transactions for others to be verified together is over.
    Gather,
}

/// The records that a replica finds on disk when it starts.
pub struct Recovery {
    /// The last committed block.
    pub head: HeadState,
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

impl Recovery {
    /// The newest message that a key signed, if the log lacks it: the record is kept apart, and this directory is older than
    /// it, or was damaged. The key must not sign up to that height.
    pub fn lacks(&self, key: &PublicKey) -> Option<LastSigned> {
        let last = self.last_signed.filter(|it| it.floor().is_none())?;
        let signed = self.log.iter().filter_map(|entry| match entry {
            LogEntry::Vote(it) if it.vote.validator == *key => Some(LastSigned::of_vote(&it.vote)),
            LogEntry::Proposal(it) if it.proposal.proposer == *key => {
                Some(LastSigned::of_proposal(&it.proposal))
            }
            _ => None,
        });
        let newest = signed.map(|it| it.place()).max();
        let is_lacking =
            last.height > self.head.header.height && newest.is_none_or(|it| it < last.place());
        is_lacking.then_some(last)
    }
}
