use std::collections::BTreeSet;
use std::sync::Arc;

use ehb_types::{CommitCertificate, ConsensusParameters, Hash, PublicKey, SecretKey, ValidatorSet};

use crate::{LastSigned, LogEntry, Message, TimerId};

/// Who takes part, and where the chain stands when the process starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// The chain; bound by every signature.
    pub chain: Hash,
    /// The consensus key. `None` is an observer, which follows without voting.
    pub key: Option<SecretKey>,
    /// The newest stored height; 0 is genesis.
    pub height: u64,
    /// The validators of the next height, from which early messages for it are accepted.
    pub validators: Arc<ValidatorSet>,
    /// The newest message that the key signed in earlier runs, from the place where
    /// [`crate::Consensus::last_signed`] is kept. `None` if it never signed.
    pub last_signed: Option<LastSigned>,
}

/// What decides a height, all of it from the chain's state.
#[derive(Clone, Debug)]
pub struct HeightStart {
    /// The height to decide: the newest stored one plus 1.
    pub height: u64,
    /// Its validators.
    pub validators: Arc<ValidatorSet>,
    /// Proposers that are passed over for a while because they were silent in their turn.
    pub passed_over: BTreeSet<PublicKey>,
    /// Validators that proposed nothing in their last turn: their rounds wait less for a proposal.
    pub silent: BTreeSet<PublicKey>,
    /// The timeouts.
    pub parameters: ConsensusParameters,
    /// Whether the key may sign in this height. A validator that lost its directory sets it to
    /// false until the chain is past every height in which it may have voted before.
    pub sign: bool,
    /// The height's log from an earlier run, in its order; empty if there is none. Entries of
    /// other heights are skipped.
    pub log: Vec<LogEntry>,
}

/// What [`crate::Consensus::step`] reacts to.
#[derive(Clone, Debug)]
pub enum Input {
    /// The previous height is stored: decide this one. Ignored unless it is above the one that was
    /// started last; heights may be left out, as after catching up from a snapshot.
    Start(HeightStart),
    /// Everything up to this height is stored, with or without this machine's part: a height in
    /// progress ends, and messages are taken for the heights after it. Ignored where that is known.
    Committed {
        /// The newest stored height.
        height: u64,
        /// The validators of the next one.
        validators: Arc<ValidatorSet>,
    },
    /// A message of another validator, from wherever it comes.
    Message(Message),
    /// A block's body was received, is durable, and was judged. The answer to a body that arrives,
    /// for the height in progress or one of the next.
    Value {
        /// The height.
        height: u64,
        /// The round in which the body was sent.
        round: u32,
        /// The block's hash.
        block: Hash,
        /// Whether the block is acceptable on top of its parent. In a later round it may become so. Once
        /// it is, or in the same round, another verdict is ignored, also after a restart.
        valid: bool,
    },
    /// The answer to [`crate::Output::BuildBlock`]: the block is built and its body durable. Late
    /// answers are ignored.
    Propose {
        /// The height asked for.
        height: u64,
        /// The round asked for.
        round: u32,
        /// The block's hash.
        block: Hash,
    },
    /// A timer ran out. Timers that were cancelled or replaced meanwhile are ignored.
    Timeout(TimerId),
    /// Others decided the height in progress, and the block's body is here, durable and valid. The
    /// answer to [`crate::Output::FetchDecided`]. (Catching up needs no consensus: check certificates
    /// with [`CommitCertificate::verify`], store the blocks, and tell [`Input::Committed`].)
    Decided {
        /// The proof; it is verified here.
        certificate: CommitCertificate,
    },
}
