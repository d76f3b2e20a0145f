//! Receipts: the outcome, gas and events of a transaction, or of the kernel's own changes.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{Domain, Hash, hash};

use crate::{Code, Name, encode};

/// The result of a transaction, of a genesis call, or of changes by the kernel itself. Its canonical encoding
/// is a leaf of the receipts tree.
///
/// A block has one receipt for each of its transactions, in their order, and after these one or more of the
/// kernel if it changed something that no transaction requested. Genesis, as block 0, has receipts of the
/// kernel and then one for each of its calls.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Receipt {
    /// The transaction's id, or [`Self::id_without_transaction`] if there is no transaction.
    pub transaction: Hash,
    /// Whether it took effect.
    pub outcome: Outcome,
    /// The gas it used, at most its limit.
    pub gas_used: u64,
    /// The events of its calls, in order; empty if it failed.
    pub events: Vec<Event>,
}

/// Whether a transaction took effect.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Outcome {
    /// All calls were executed; each call's result in the canonical encoding of its WIT type.
    Success(Vec<Vec<u8>>),
    /// A call failed; nothing changed except the sequence number.
    Failure(Failure),
}

/// Why a transaction had no effect.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Failure {
    /// The position of the call that failed; `None` when no call was reached.
    pub call: Option<u16>,
    /// The stable code.
    pub code: Code,
    /// A description of the error for people; at most [`Failure::MESSAGE_BYTES_MAX`] bytes.
    pub message: String,
    /// The error that the module's function returned, when it returned one.
    pub error: Option<TypedError>,
}

/// An error value that a module's function returned.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TypedError {
    /// The module whose function returned it.
    pub module: Name,
    /// The function, whose WIT signature defines the error's type.
    pub function: Name,
    /// The error in the canonical encoding of that type.
    pub data: Vec<u8>,
}

/// An event, emitted by a module or by the kernel (as module `kernel`).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Event {
    /// The position of the transaction's call during which it was emitted, from 0. A call from one module to
    /// another has the same position: [`Self::module`] distinguishes them.
    pub call: u16,
    /// The module that emitted it.
    pub module: Name,
    /// The event in the canonical encoding of the module's `event` type.
    pub data: Vec<u8>,
}

impl Receipt {
    /// The maximum number of event bytes in a receipt of the kernel; for more it has several receipts.
    pub const KERNEL_EVENT_BYTES_MAX: usize = 64 << 10;

    /// The id of a receipt without a transaction, at an index of a block's receipts. `chain` is the genesis
    /// hash.
    pub fn id_without_transaction(chain: &Hash, height: u64, index: u32) -> Hash {
        hash(Domain::Receipt, &encode(&(chain, height, index)))
    }
}

impl Failure {
    /// The maximum length of a message, bytes.
    pub const MESSAGE_BYTES_MAX: usize = 512;

    /// A failure; a longer message is truncated at a character boundary.
    pub fn new(call: Option<u16>, code: Code, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > Self::MESSAGE_BYTES_MAX {
            let end = message.floor_char_boundary(Self::MESSAGE_BYTES_MAX);
            message.truncate(end);
        }
        Self { call, code, message, error: None }
    }
}
