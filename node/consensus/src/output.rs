//! Defines what the caller must do after a step: each output, the timers, and the faults to report.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::{CertificateError, CommitCertificate, Evidence, Hash, PublicKey};

use crate::{ConsensusMessage, LastSigned, LogEntry};

/// A consensus timer. The caller owns the clock.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub struct TimerId {
    /// The height in which it runs.
    pub height: u64,
    /// The round whose event it waits for.
    pub round: u32,
    /// The event that it waits for.
    pub kind: TimerKind,
}

/// The event that a timer waits for.
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
    /// Any progress; when it expires, our messages are sent again, because they may have been lost.
    Rebroadcast,
}

/// An action for the caller, to be performed in the returned order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Append the entry to the height's log.
    ///
    /// All entries of a step come first: append them in one write, together with
    /// [`crate::Consensus::last_signed`]. If [`Output::needs_durable_log`] is true for any output of the
    /// step, make that write and all earlier ones durable; then perform the other outputs.
    Log(LogEntry),
    /// Send the message to all other validators.
    Broadcast(ConsensusMessage),
    /// Build a block, make its body durable, send the body to all validators, and answer with
    /// [`crate::Input::Propose`]. Answer at once, with an empty block if there are no transactions: the other
    /// validators are already waiting.
    BuildBlock {
        /// The height to build for.
        height: u64,
        /// The round in which this node proposes.
        round: u32,
        /// The others stop waiting after this time, milliseconds.
        timeout_ms: u64,
    },
    /// Send the body of a block again, because others may lack it.
    SendBody {
        /// The height of which it is a proposed block.
        height: u64,
        /// The round in which it is proposed again.
        round: u32,
        /// The block's hash.
        block: Hash,
    },
    /// Start or restart a timer.
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
        /// The height in progress.
        height: u64,
        /// The new round, from 0.
        round: u32,
        /// Whose turn it is.
        proposer: PublicKey,
    },
    /// The block is decided and its body is here: store block and certificate in one synced batch, and only
    /// then notify others. See [`crate::Consensus`] for when to start the next height.
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
    /// A validator signed contradicting messages; include the evidence in a block.
    Evidence(Evidence),
    /// Another validator already works on this height: start it once the previous one is stored.
    HeightWanted {
        /// The height that the other validator works on.
        height: u64,
    },
    /// This validator still works on a height that is decided: offer it that block. This is only a hint from
    /// unverified messages and is repeated with each of them: limit the rate.
    Behind {
        /// The validator that sent a message of a decided height.
        validator: PublicKey,
        /// The height it works on.
        height: u64,
    },
    /// A correct node cannot have sent the current message: it contains an invalid signature or certificate.
    /// Count it against the peer that sent it.
    Invalid(&'static str),
    /// A fault that must not happen.
    Fault(Fault),
}

/// A fault that must not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A requested signature could contradict an earlier one.
    #[error(
        "refused to sign {wanted:?}, because this key already signed {last:?}: the directory is an \
         old copy, or another node uses the key"
    )]
    RefusedToSign {
        /// The requested message.
        wanted: LastSigned,
        /// The newest message that the key signed before.
        last: LastSigned,
    },
    /// The height's log is incomplete. The node follows this height without signing.
    #[error(
        "the log lacks the newest message that the key signed, {last:?}: the directory is an old \
         copy or damaged; this node does not sign until the chain is past that height"
    )]
    LogIncomplete {
        /// The message that the log should contain.
        last: LastSigned,
    },
    /// Another node signs with this key, or this one did before it lost its log.
    #[error(
        "received a message that is signed with this node's key but that this node did not send: {signed:?}"
    )]
    KeyUsedElsewhere {
        /// The content of the message.
        signed: LastSigned,
    },
    /// Replaying the log does not reproduce the messages in it. The node must stop; this object does nothing
    /// from now on.
    #[error("replaying the consensus log produced another message than the log contains: {detail}")]
    ReplayDiverged {
        /// Which.
        detail: String,
    },
    /// A certificate passed as [`crate::Input::Decided`] is invalid.
    #[error("the certificate for height {height} is invalid: {error}")]
    Certificate {
        /// The height that it claims to decide.
        height: u64,
        /// Why.
        error: CertificateError,
    },
    /// The core could not process an input. Nothing was signed because of it; the node continues.
    #[error("the consensus core failed: {detail}")]
    Core {
        /// The core's own text.
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
    /// Whether all log entries returned before must be durable before this output is performed.
    ///
    /// [`Output::Decide`] does not need it: it is performed with a synced batch, and after a crash before
    /// that the node fetches the decided block from the others.
    pub fn needs_durable_log(&self) -> bool {
        match self {
            Self::Broadcast(_) => true,
            Self::RoundStarted { round, .. } => *round > 0,
            _ => false,
        }
    }
}
