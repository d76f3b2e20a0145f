//! The outcome of a transaction.

use ehb_rpc_api::{FateView, LocatedReceipt, OutcomeView};
use ehb_types::Hash;

use crate::Error;

/// The outcome of a transaction.
///
/// All except [`Outcome::Unknown`] are certain and never change. While it is unknown, only the same
/// transaction can be submitted again safely: another one for the same purpose could take effect in addition.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It is in a decided block and took effect.
    Final(Box<LocatedReceipt>),
    /// It is in a decided block and failed; its receipt has the error.
    Failed(Box<LocatedReceipt>),
    /// It can never be in a block: another transaction used its sequence.
    Superseded {
        /// That transaction, if the node remembers it.
        by: Option<Hash>,
    },
    /// It can never be in a block: a decided block is later than its validity.
    Expired,
    /// Nobody knows whether it becomes final.
    Unknown {
        /// Why the outcome is unknown.
        reason: String,
    },
}

impl Outcome {
    /// Whether this never changes.
    pub fn is_certain(&self) -> bool {
        !matches!(self, Self::Unknown { .. })
    }

    /// The receipt of a transaction that took effect; any other outcome is an error.
    pub fn into_result(self, id: &Hash) -> Result<LocatedReceipt, Error> {
        match self {
            Self::Final(located) => Ok(*located),
            Self::Failed(located) => Err(Error::Failed(located)),
            Self::Superseded { by } => Err(Error::Superseded { id: *id, by }),
            Self::Expired => Err(Error::Expired { id: *id }),
            Self::Unknown { reason } => Err(Error::OutcomeUnknown { id: *id, reason }),
        }
    }

    /// The certain outcome in a node's answer; none if it is open.
    pub fn of_status(status: FateView) -> Option<Self> {
        match status {
            FateView::Final { receipt, .. } => Some(Self::of_receipt(receipt)),
            FateView::Superseded { by, .. } => Some(Self::Superseded { by }),
            FateView::Expired { .. } => Some(Self::Expired),
            FateView::Pending { .. } | FateView::Unknown { .. } => None,
        }
    }

    fn of_receipt(located: Box<LocatedReceipt>) -> Self {
        match located.receipt.outcome {
            OutcomeView::Success { .. } => Self::Final(located),
            OutcomeView::Failure { .. } => Self::Failed(located),
        }
    }
}

/// How a wait that ends at a gap ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// It is known what became of the transaction.
    Outcome(Outcome),
    /// The transaction is pending, and waits for this sequence of its lane, whose transaction expired for certain:
    /// [`Client::settle_as`](crate::Client::settle_as) closes the gap.
    Gap(u64),
}
