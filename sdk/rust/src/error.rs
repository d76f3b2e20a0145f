//! The errors of the client, with their codes and hints, and whether a repeat is safe.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use ehb_rpc_api::{ErrorData, LocatedReceipt, OutcomeView, TypedErrorView};
use ehb_types::{Code, Hash};
use jsonrpsee::core::ClientError;

use crate::ProofError;
use crate::status;

/// The errors of this library.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A text that is not the address of a node.
    #[error("{0:?} is no address of a node: write http://host:port or https://host:port")]
    Url(String),
    /// The node cannot be reached; nothing was changed.
    #[error("cannot reach the node at {url}: {reason}")]
    Unreachable {
        /// The node's address.
        url: String,
        /// The reason.
        reason: String,
    },
    /// The node, or this library on its behalf, rejected the request; nothing was changed.
    #[error("{}: {}", .0.code, .0.message)]
    Refused(Box<ErrorData>),
    /// The transaction is final and failed; its receipt has the error.
    #[error("the transaction {} failed: {}", .0.receipt.transaction, failure_text(.0))]
    Failed(Box<LocatedReceipt>),
    /// The transaction may become final or not: query it by its id.
    #[error("the outcome of the transaction {id} is unknown: {reason}")]
    OutcomeUnknown {
        /// The transaction's id.
        id: Hash,
        /// Why the outcome is unknown.
        reason: String,
    },
    /// The transaction can never take effect: another transaction of the account used its sequence.
    #[error("the transaction {id} can never act: {} used its sequence", superseder(.by))]
    Superseded {
        /// The transaction's id.
        id: Hash,
        /// The transaction that used the sequence, if the node remembers it.
        by: Option<Hash>,
    },
    /// The transaction can never take effect: a decided block is later than its validity.
    #[error("the transaction {id} can never act: it expired before it was in a block")]
    Expired {
        /// The transaction's id.
        id: Hash,
    },
    /// This version cannot parse the node's answer.
    #[error("the node's answer is not understood: {0}")]
    Protocol(String),
    /// The node's answer is not proven.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// This machine failed; nothing was changed.
    #[error("the system gave no randomness: {0}")]
    Random(String),
}

impl Error {
    /// A rejection by this library, with a code of the catalogue.
    pub(crate) fn refused(code: Code, message: impl Into<String>) -> Self {
        Self::Refused(Box::new(ErrorData::new(code, message)))
    }

    /// A node that did not answer in time.
    pub(crate) fn silent(url: &str, silence: Duration) -> Self {
        let reason = format!("no answer within {} ms", silence.as_millis());
        Self::Unreachable { url: url.to_owned(), reason }
    }

    /// The stable code, such as `SEQUENCE_GAP`, if there is one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused(data) => Some(&data.code),
            Self::Failed(located) => match &located.receipt.outcome {
                OutcomeView::Failure { code, .. } => Some(code),
                OutcomeView::Success { .. } => None,
            },
            Self::OutcomeUnknown { .. } => Some(Code::Timeout.as_str()),
            Self::Superseded { .. } => Some(Code::SequenceUsed.as_str()),
            Self::Expired { .. } => Some(Code::Expired.as_str()),
            _ => None,
        }
    }

    /// Whether the code is this one.
    pub fn is(&self, code: Code) -> bool {
        self.code() == Some(code.as_str())
    }

    /// Whether it is certain that another transaction of the sender took the sequence. Then this one never
    /// takes effect, but it can be built again with the lane's next sequence.
    pub fn is_sequence_taken(&self) -> bool {
        self.is(Code::SequenceUsed) || self.is(Code::SequencePending)
    }

    /// Whether a node may have accepted the transaction despite this answer: the answer is not from a node
    /// (for example from a proxy), or says that the node itself does not know.
    pub(crate) fn leaves_open(&self) -> bool {
        matches!(self, Self::Protocol(_)) || self.is(Code::Internal) || self.is(Code::Timeout)
    }

    /// How to resolve it.
    pub fn hint(&self) -> &str {
        match self {
            Self::Refused(data) => &data.hint,
            Self::Failed(located) => match &located.receipt.outcome {
                OutcomeView::Failure { hint, .. } => hint,
                OutcomeView::Success { .. } => "",
            },
            Self::OutcomeUnknown { .. } => {
                "it may still act: ask for it, or send the same transaction again, not another one"
            }
            Self::Superseded { .. } | Self::Expired { .. } => "build it again: nothing was changed",
            Self::Url(_) => "give the address that the node prints when it starts",
            Self::Unreachable { .. } => "check that the node runs and the address is right",
            Self::Protocol(_) => "use versions of node and client that belong together",
            Self::Proof(_) => "do not rely on this answer, and ask another node",
            Self::Random(_) => "check that the system's random generator can be read",
        }
    }

    /// Whether repeating the request is safe and can succeed. Never true for an unknown outcome: the first
    /// transaction may still take effect.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Refused(data) => data.retryable,
            Self::Unreachable { .. } | Self::Superseded { .. } | Self::Expired { .. } => true,
            Self::OutcomeUnknown { .. }
            | Self::Failed(_)
            | Self::Url(_)
            | Self::Protocol(_)
            | Self::Proof(_)
            | Self::Random(_) => false,
        }
    }

    /// The error value that a module's function returned.
    pub fn module_error(&self) -> Option<&TypedErrorView> {
        match self {
            Self::Refused(data) => data.error.as_ref(),
            Self::Failed(located) => match &located.receipt.outcome {
                OutcomeView::Failure { error, .. } => error.as_ref(),
                OutcomeView::Success { .. } => None,
            },
            _ => None,
        }
    }

    /// The error of a call to the node at `url`.
    pub(crate) fn of_call(url: &str, error: ClientError) -> Self {
        match error {
            ClientError::Call(object) => {
                let data = object.data().and_then(|data| serde_json::from_str(data.get()).ok());
                match data {
                    Some(data) => Self::Refused(Box::new(data)),
                    None => Self::Protocol(object.message().to_owned()),
                }
            }
            ClientError::ParseError(error) => Self::Protocol(error.to_string()),
            ClientError::Custom(reason) => Self::Protocol(reason),
            other => {
                let reason = status::reason(&other).unwrap_or_else(|| status::chain_text(&other));
                Self::Unreachable { url: url.to_owned(), reason }
            }
        }
    }
}

/// Whether an error shows that nothing was sent, because the connection was not made.
pub(crate) fn was_never_sent(error: &ClientError) -> bool {
    let mut cause: Option<&(dyn StdError + 'static)> = match error {
        ClientError::Transport(error) => Some(&**error),
        _ => None,
    };
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return error.kind() == io::ErrorKind::ConnectionRefused;
        }
        cause = error.source();
    }
    false
}

fn superseder(by: &Option<Hash>) -> String {
    by.map_or_else(|| "another one of the account".to_owned(), |by| by.to_string())
}

fn failure_text(located: &LocatedReceipt) -> String {
    match &located.receipt.outcome {
        OutcomeView::Failure { code, message, .. } => format!("{code}: {message}"),
        OutcomeView::Success { .. } => "it succeeded".to_owned(),
    }
}
