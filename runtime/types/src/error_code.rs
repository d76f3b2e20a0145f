//! The stable error codes with their texts and hints, and the rejection of a request.

use borsh::{BorshDeserialize, BorshSerialize};

/// The catalogue of errors: stable codes that programs can rely on.
///
/// One list serves receipts, the mempool and RPC. A code never changes its meaning.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
#[expect(missing_docs, reason = "each code is described by its hint")]
pub enum Code {
    // Checks that need no state.
    MalformedTransaction = 0,
    TransactionTooLarge = 1,
    WrongChain = 2,
    BadSignature = 3,
    UnsupportedVersion = 4,
    // Checks that need the sender's account.
    UnknownSender = 10,
    InactiveSender = 11,
    NotAuthorised = 12,
    Expired = 13,
    ExpiryTooFar = 14,
    SequenceUsed = 15,
    SequenceGap = 16,
    SequencePending = 17,
    GasLimitTooHigh = 18,
    SenderQuota = 19,
    MempoolFull = 20,
    AlreadyKnown = 21,
    // Errors during execution.
    UnknownModule = 30,
    UnknownFunction = 31,
    BadArguments = 32,
    OutOfGas = 33,
    Trap = 34,
    ModuleError = 35,
    PermissionDenied = 36,
    CallDepth = 37,
    Reentrancy = 38,
    StateLimit = 39,
    ReadOnly = 40,
    ModulePaused = 41,
    // Errors of a node or its RPC interface.
    NotFound = 60,
    Pruned = 61,
    NotReady = 62,
    Timeout = 63,
    InvalidRequest = 64,
    LimitExceeded = 65,
    Halted = 66,
    Internal = 67,
    SimulationUnsigned = 68,
}

impl Code {
    /// Every code.
    pub const ALL: &[Self] = &[
        Self::MalformedTransaction,
        Self::TransactionTooLarge,
        Self::WrongChain,
        Self::BadSignature,
        Self::UnsupportedVersion,
        Self::UnknownSender,
        Self::InactiveSender,
        Self::NotAuthorised,
        Self::Expired,
        Self::ExpiryTooFar,
        Self::SequenceUsed,
        Self::SequenceGap,
        Self::SequencePending,
        Self::GasLimitTooHigh,
        Self::SenderQuota,
        Self::MempoolFull,
        Self::AlreadyKnown,
        Self::UnknownModule,
        Self::UnknownFunction,
        Self::BadArguments,
        Self::OutOfGas,
        Self::Trap,
        Self::ModuleError,
        Self::PermissionDenied,
        Self::CallDepth,
        Self::Reentrancy,
        Self::StateLimit,
        Self::ReadOnly,
        Self::ModulePaused,
        Self::NotFound,
        Self::Pruned,
        Self::NotReady,
        Self::Timeout,
        Self::InvalidRequest,
        Self::LimitExceeded,
        Self::Halted,
        Self::Internal,
        Self::SimulationUnsigned,
    ];

    /// The code's text, which programs can compare.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MalformedTransaction => "MALFORMED_TRANSACTION",
            Self::TransactionTooLarge => "TRANSACTION_TOO_LARGE",
            Self::WrongChain => "WRONG_CHAIN",
            Self::BadSignature => "BAD_SIGNATURE",
            Self::UnsupportedVersion => "UNSUPPORTED_VERSION",
            Self::UnknownSender => "UNKNOWN_SENDER",
            Self::InactiveSender => "INACTIVE_SENDER",
            Self::NotAuthorised => "NOT_AUTHORISED",
            Self::Expired => "EXPIRED",
            Self::ExpiryTooFar => "EXPIRY_TOO_FAR",
            Self::SequenceUsed => "SEQUENCE_USED",
            Self::SequenceGap => "SEQUENCE_GAP",
            Self::SequencePending => "SEQUENCE_PENDING",
            Self::GasLimitTooHigh => "GAS_LIMIT_TOO_HIGH",
            Self::SenderQuota => "SENDER_QUOTA",
            Self::MempoolFull => "MEMPOOL_FULL",
            Self::AlreadyKnown => "ALREADY_KNOWN",
            Self::UnknownModule => "UNKNOWN_MODULE",
            Self::UnknownFunction => "UNKNOWN_FUNCTION",
            Self::BadArguments => "BAD_ARGUMENTS",
            Self::OutOfGas => "OUT_OF_GAS",
            Self::Trap => "TRAP",
            Self::ModuleError => "MODULE_ERROR",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::CallDepth => "CALL_DEPTH",
            Self::Reentrancy => "REENTRANCY",
            Self::StateLimit => "STATE_LIMIT",
            Self::ReadOnly => "READ_ONLY",
            Self::ModulePaused => "MODULE_PAUSED",
            Self::NotFound => "NOT_FOUND",
            Self::Pruned => "PRUNED",
            Self::NotReady => "NOT_READY",
            Self::Timeout => "TIMEOUT",
            Self::InvalidRequest => "INVALID_REQUEST",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::Halted => "HALTED",
            Self::Internal => "INTERNAL",
            Self::SimulationUnsigned => "SIMULATION_UNSIGNED",
        }
    }

    /// How to resolve the error.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::MalformedTransaction => {
                "encode the transaction canonically: no trailing bytes, signatures ascending by key"
            }
            Self::TransactionTooLarge => "split the transaction, or shorten its texts",
            Self::WrongChain => "sign for the genesis hash that the node's status shows",
            Self::BadSignature => "sign the transaction's id with the key that the signature names",
            Self::UnsupportedVersion => {
                "use a release of the SDK or the CLI that writes the version that the node reads"
            }
            Self::UnknownSender => "let an organisation on the chain register the account first",
            Self::InactiveSender => {
                "ask the account's organisation why it is suspended or closed, or the network why it is frozen"
            }
            Self::NotAuthorised => {
                "sign with keys of the account whose weights reach its threshold"
            }
            Self::Expired => {
                "sign again with a later valid_until_ms; count it from chainTimeMs of the node's status, because the clock of a machine can be slow"
            }
            Self::ExpiryTooFar => {
                "choose an earlier valid_until_ms, counted from chainTimeMs of the node's status; the parameter validity_ms_max is the longest validity"
            }
            Self::SequenceUsed => "read the account's next sequence and sign again",
            Self::SequenceGap => "send the missing sequences of the lane first",
            Self::SequencePending => "wait for the pending transaction, or use another lane",
            Self::GasLimitTooHigh => "lower gas_limit to what a block allows",
            Self::SenderQuota => "wait until some of the sender's pending transactions are final",
            Self::MempoolFull => "wait a little and submit again",
            Self::AlreadyKnown => "wait for the transaction: it was submitted before",
            Self::UnknownModule => "list the installed modules and check the name",
            Self::UnknownFunction => "read the module's interface and check the name",
            Self::BadArguments => "read the function's parameters in the module's interface",
            Self::OutOfGas => "simulate the transaction and raise gas_limit",
            Self::Trap => "report it to the module's author: its code trapped",
            Self::ModuleError => {
                "a rule of the module rejects the call: the error value has the details, and module_describe documents what the function requires"
            }
            Self::PermissionDenied => "act with an account that has the needed role",
            Self::CallDepth => "reduce the depth of calls between modules",
            Self::Reentrancy => {
                "report it to the module's author: a module called back into itself"
            }
            Self::StateLimit => "use shorter keys and values, or fewer of them",
            Self::ReadOnly => "submit a transaction: this call changes the state",
            Self::ModulePaused => "wait until the module is resumed by governance",
            Self::NotFound => "check the id, height or time; what is not final yet is found later",
            Self::Pruned => "ask an archive node",
            Self::NotReady => "wait a little and ask again, or ask another node",
            Self::Timeout => "the outcome is unknown: ask for the transaction by its id",
            Self::InvalidRequest => "read the method's description and correct the request",
            Self::LimitExceeded => "request less at once",
            Self::Halted => "read the node's log: it stopped to protect the chain",
            Self::Internal => "report it with the node's log",
            Self::SimulationUnsigned => {
                "sign the transaction and simulate it signed, or leave out the calls of the kernel"
            }
        }
    }

    /// Whether it is safe to repeat the same request, and it can succeed later. Never true for an unknown
    /// outcome.
    pub const fn retryable(self) -> bool {
        matches!(
            self,
            Self::SenderQuota
                | Self::MempoolFull
                | Self::SequenceGap
                | Self::SequencePending
                | Self::InactiveSender
                | Self::ModulePaused
                | Self::NotReady
        )
    }
}

/// Why a request is rejected: a code for programs and a message for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// The stable code.
    pub code: Code,
    /// What was wrong, with the values that show it.
    pub message: String,
}

impl Rejection {
    /// A rejection with a code and a message.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
