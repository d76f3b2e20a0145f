use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::{CertificateError, CommitCertificate, Evidence, Hash, PublicKey};

use crate::{LastSigned, LogEntry, Message};

/// A timer of the agreement. The caller owns the clock.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub struct TimerId {
    /// The height.
    pub height: u64,
    /// The round.
    pub round: u32,
    /// What is waited for.
    pub kind: TimerKind,
}

/// What a timer waits for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum TimerKind {
    /// The round's proposal.
    Propose,
    /// More prevotes, once more than two thirds have prevoted differently.
    Prevote,
    /// More precommits, once more than two thirds have precommitted differently.
    Precommit,
    /// Any progress: then the own messages are sent again, since they may have been lost.
    Rebroadcast,
}

/// What the caller has to do, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Append the entry to the height's log.
    ///
    /// All entries of a step come first: append them in one write, together with
    /// [`crate::Consensus::last_signed`]. If [`Output::needs_durable_log`] holds for any output of
    /// the step, make that write durable, and with it all before; then act on the other outputs.
    Log(LogEntry),
    /// Send the message to all other validators.
    Broadcast(Message),
    /// Build a block, make its body durable, send the body to all validators, and answer with
    /// [`crate::Input::Propose`]. To be answered at once, with an empty block if there is nothing:
    /// the others already wait.
    BuildBlock {
        /// The height.
        height: u64,
        /// The round.
        round: u32,
        /// After this long others give up waiting, milliseconds.
        timeout_ms: u64,
    },
    /// Send the body of a block that was sent before, because others may miss it.
    SendBody {
        /// The height.
        height: u64,
        /// The round.
        round: u32,
        /// The block's hash.
        block: Hash,
    },
    /// Start a timer, or start it anew.
    SetTimer {
        /// The timer.
        id: TimerId,
        /// Its duration, milliseconds.
        after_ms: u64,
    },
    /// Stop a timer.
    CancelTimer(TimerId),
    /// A round began.
    RoundStarted {
        /// The height.
        height: u64,
        /// The round.
        round: u32,
        /// Whose turn it is.
        proposer: PublicKey,
    },
    /// The block is decided and its body is here: store block and certificate in one synced batch,
    /// and only then tell anybody. The height rests now; see [`crate::Consensus`] for when to start
    /// the next.
    Decide {
        /// The proof.
        certificate: CommitCertificate,
    },
    /// Others decided this block, but its proposal or body is missing here. Fetch the body by the
    /// hash and feed [`crate::Input::Decided`]. If the body is here and was judged invalid, this
    /// node contradicts two thirds of the network: halt with a report.
    FetchDecided {
        /// The proof.
        certificate: CommitCertificate,
    },
    /// A validator contradicted itself; to be put into a block.
    Evidence(Evidence),
    /// Another validator already works on this height: start it, once the one before is stored.
    HeightWanted {
        /// The height.
        height: u64,
    },
    /// This validator still works on a height that is decided: offer it that block. A hint from
    /// unverified messages, repeated as they come: limit the rate.
    Behind {
        /// The validator.
        validator: PublicKey,
        /// The height it works on.
        height: u64,
    },
    /// The message in hand cannot come from a node that works as it should: it carries a signature that
    /// does not verify, or a certificate that proves nothing. For the peer that sent it.
    Invalid(&'static str),
    /// Something that must not happen happened.
    Fault(Fault),
}

/// What must not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A signature was asked for that could contradict an earlier one.
    #[error(
        "refused to sign {wanted:?}, because this key already signed {last:?}: the directory is an \
         old copy, or another node uses the key"
    )]
    RefusedToSign {
        /// What was asked for.
        wanted: LastSigned,
        /// What the key signed before.
        last: LastSigned,
    },
    /// The height's log is not whole. The node follows this height without signing.
    #[error(
        "the log lacks the newest message that the key signed, {last:?}: the directory is an old \
         copy or damaged; this node does not sign until the chain is past that height"
    )]
    LogIncomplete {
        /// What the log should hold.
        last: LastSigned,
    },
    /// Another node signs with this key, or this one did before it lost its log.
    #[error("a message signed with this node's key, but not by this run, arrived: {signed:?}")]
    KeyUsedElsewhere {
        /// What the message says.
        signed: LastSigned,
    },
    /// The log does not lead back to the messages it holds. The node must stop; this object does
    /// nothing any more.
    #[error("replaying the consensus log led to another message than the log holds: {detail}")]
    ReplayDiverged {
        /// Which.
        detail: String,
    },
    /// A certificate offered as [`crate::Input::Decided`] proves nothing.
    #[error("the certificate offered for height {height} proves nothing: {error}")]
    Certificate {
        /// The height.
        height: u64,
        /// Why.
        error: CertificateError,
    },
    /// The core could not process an input. Nothing was signed because of it; the node goes on.
    #[error("the consensus core failed: {detail}")]
    Core {
        /// What it says.
        detail: String,
    },
}

impl Fault {
    /// Whether the node must stop.
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::ReplayDiverged { .. })
    }
}

impl Output {
    /// Whether all log entries given out before must be durable before this is acted on.
    ///
    /// [`Output::Decide`] is not among them: it is acted on by a batch that is itself synced, and a
    /// crash before that leaves the height undecided here, which the others make up for.
    pub fn needs_durable_log(&self) -> bool {
        match self {
            Self::Broadcast(_) => true,
            Self::RoundStarted { round, .. } => *round > 0,
            _ => false,
        }
    }
}
