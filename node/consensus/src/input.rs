//! Defines what the caller passes in: the configuration, the parameters of a height, and every input.

use std::collections::BTreeSet;
use std::sync::Arc;

use ehb_types::{CommitCertificate, ConsensusParameters, Hash, PublicKey, SecretKey, ValidatorSet};

use crate::{ConsensusMessage, LastSigned, LogEntry, TimerId};

/// The node's key, the validators and the height of the chain when the process starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// The id of the chain; every signature covers it.
    pub chain: Hash,
    /// The consensus key. `None` for an observer, which follows without voting.
    pub key: Option<SecretKey>,
    /// The newest stored height; 0 is genesis.
    pub height: u64,
    /// The validators of the next height, from which early messages for it are accepted.
    pub validators: Arc<ValidatorSet>,
    /// Those of the height after it.
    pub next_validators: Arc<ValidatorSet>,
    /// The newest message that the key signed in earlier runs: the stored [`crate::Consensus::last_signed`].
    /// `None` if it never signed.
    pub last_signed: Option<LastSigned>,
}

/// The parameters of a height, all from the chain's state.
#[derive(Clone, Debug)]
pub struct HeightStart {
    /// The height to decide: the newest stored one plus 1.
    pub height: u64,
    /// The set that decides this height, which the state after its parent has.
    pub validators: Arc<ValidatorSet>,
    /// Those of the height after it, from which early messages for it are accepted.
    pub next_validators: Arc<ValidatorSet>,
    /// Proposers that are skipped for a while because they were silent in their turn.
    pub passed_over: BTreeSet<PublicKey>,
    /// Validators that did not propose in their last turn: their rounds have a shorter proposal timeout.
    pub silent: BTreeSet<PublicKey>,
    /// The timeouts.
    pub parameters: ConsensusParameters,
    /// Whether the key can sign in this height. It is false for a validator that lost its directory, until
    /// the chain is past every height in which it may have voted before.
    pub sign: bool,
    /// The height's log from an earlier run, in order; empty if there is none. Entries of other heights are
    /// skipped.
    pub log: Vec<LogEntry>,
}

/// An input of [`crate::Consensus::step`].
#[derive(Clone, Debug)]
pub enum Input {
    /// The previous height is stored: decide this one. Ignored unless it is above the last started one;
    /// heights can be skipped, for example after catching up from a snapshot.
    Start(HeightStart),
    /// Everything up to this height is stored, whether decided here or not: a height in progress ends, and
    /// messages are accepted for later heights. Ignored if already known.
    Committed {
        /// The newest stored height.
        height: u64,
        /// The validators of the next one.
        validators: Arc<ValidatorSet>,
        /// Those of the height after that.
        next_validators: Arc<ValidatorSet>,
    },
    /// A message of another validator, from any peer.
    Message(ConsensusMessage),
    /// A block body was received, stored durably and checked, for the height in progress or one of the next.
    Value {
        /// The height of which it is a proposed block.
        height: u64,
        /// The round in which the body was sent.
        round: u32,
        /// The block's hash.
        block: Hash,
        /// Whether the block is acceptable on top of its parent. It can become acceptable in a later round.
        /// After that, or in the same round, another verdict is ignored, also after a restart.
        valid: bool,
    },
    /// The answer to [`crate::Output::BuildBlock`]: the block is built and its body durable. Late
    /// answers are ignored.
    Propose {
        /// The requested height.
        height: u64,
        /// The requested round.
        round: u32,
        /// The block's hash.
        block: Hash,
    },
    /// A timer expired. Timers that were cancelled or replaced meanwhile are ignored.
    Timeout(TimerId),
    /// Others decided the height in progress, and the block's body is stored durably and valid. The answer to
    /// [`crate::Output::FetchDecided`]. (Catching up needs no consensus: check certificates with
    /// [`CommitCertificate::verify`], store the blocks, and pass [`Input::Committed`].)
    Decided {
        /// The certificate; it is verified here.
        certificate: CommitCertificate,
    },
}
