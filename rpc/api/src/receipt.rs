//! The JSON views of receipts and events, and the filter and messages of the receipts subscription.

use ehb_crypto::merkle::InclusionProof;
use ehb_types::{Hash, Name};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Bytes, CallView, Decimal};

/// A value in canonical bytes, and as JSON if its type is known from the module's interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueView {
    /// The canonical bytes.
    pub data: Bytes,
    /// The same value as JSON; `null` if this node does not know the type.
    pub value: Value,
}

/// The result of a transaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptView {
    /// The id of its transaction, or of a receipt without a transaction: `tx_getReceipt` and `tx_getProof` take both.
    pub transaction: Hash,
    /// The call of genesis that it is of; left out for all other receipts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genesis_call: Option<GenesisCallView>,
    /// Whether it took effect.
    pub outcome: OutcomeView,
    /// The gas it used.
    pub gas_used: Decimal,
    /// The events that its calls emitted, in order.
    pub events: Vec<EventView>,
}

/// A call of genesis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GenesisCallView {
    /// The account that genesis made it for, in bech32m.
    pub sender: String,
    /// The call.
    #[serde(flatten)]
    pub call: CallView,
}

/// Whether a transaction took effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum OutcomeView {
    /// All calls were executed.
    Success {
        /// The calls' results, in order.
        results: Vec<ValueView>,
    },
    /// A call failed; nothing changed except the sequence number.
    Failure {
        /// The position of the call that failed; `null` when no call was reached.
        call: Option<u16>,
        /// The stable code.
        code: String,
        /// A description of the error for people.
        message: String,
        /// How to resolve it.
        hint: String,
        /// Whether the same calls can succeed later without a change.
        retryable: bool,
        /// The error that the module's function returned, when it returned one.
        error: Option<TypedErrorView>,
    },
}

/// An error value that a module's function returned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypedErrorView {
    /// The module whose function returned it.
    pub module: Name,
    /// The function.
    pub function: Name,
    /// The error.
    #[serde(flatten)]
    pub value: ValueView,
}

/// An event that a module emitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventView {
    /// The position of the transaction's call during which it was emitted, from 0.
    pub call: u16,
    /// The module that emitted it: the called one, or one that it called.
    pub module: Name,
    /// The event.
    #[serde(flatten)]
    pub value: ValueView,
}

/// A receipt and its place in the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocatedReceipt {
    /// The receipt's place.
    #[serde(flatten)]
    pub position: Position,
    /// The time of its block, milliseconds since 1970 (UTC).
    pub timestamp_ms: u64,
    /// The sender of the transaction or of the call of genesis, in bech32m; left out for a receipt of the kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Its result.
    pub receipt: ReceiptView,
}

impl LocatedReceipt {
    /// The result of the call at a position, from 0, as JSON; none if the transaction failed or had no such
    /// call.
    pub fn result(&self, call: usize) -> Option<&Value> {
        match &self.receipt.outcome {
            OutcomeView::Success { results } => results.get(call).map(|result| &result.value),
            OutcomeView::Failure { .. } => None,
        }
    }

    /// The value at a JSON pointer (RFC 6901) in the first event of a module that has it, for example
    /// `/order-placed/sub-orders/0/id`.
    pub fn event(&self, module: &str, pointer: &str) -> Option<&Value> {
        let mut events = self.receipt.events.iter().filter(|event| event.module.as_str() == module);
        events.find_map(|event| event.value.value.pointer(pointer))
    }
}

/// The position of a receipt in the chain. Positions are ordered like the receipts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// The block's height.
    pub height: u64,
    /// The receipt's index in the block, from 0.
    pub index: u32,
}

impl Position {
    /// The position of a block's first receipt.
    pub fn first_of(height: u64) -> Self {
        Self { height, index: 0 }
    }
}

/// A proof that a receipt is part of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptProof {
    /// The position of the receipt. The header at `height + 1` contains the receipts root.
    #[serde(flatten)]
    pub position: Position,
    /// The receipt's canonical encoding, the proven leaf.
    pub receipt: Bytes,
    /// The path to the receipts root.
    pub proof: InclusionProof,
}

/// Selects the receipts of a subscription: those that match all given conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ReceiptFilter {
    /// Of transactions of this sender, in bech32m.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Of these transactions, at most [`crate::FILTER_IDS_MAX`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<Hash>>,
    /// Of transactions that call this module, or in which it emits an event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<Name>,
    /// Of transactions in which `module`, which must be given, emits an event of this name: a case of its
    /// event type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Of transactions that this account sent, or that have its address, in bech32m, in their arguments,
    /// results, error or events, at a place whose type is `address`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Omits the events, which makes receipts much shorter.
    pub without_events: bool,
}

/// A message of the receipts subscription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ReceiptNotice {
    /// Matching receipts of one block, ascending, at most [`crate::RECEIPTS_PER_MESSAGE_MAX`]. Empty if
    /// nothing matched for a second: then only `next` advances.
    Receipts {
        /// A new subscription with this value as `from` continues where this message ends.
        next: Position,
        /// The receipts.
        receipts: Vec<LocatedReceipt>,
    },
    /// The node no longer keeps these blocks: their receipts are missing.
    Gap {
        /// The first height that is missing.
        from_height: u64,
        /// The last height that is missing.
        to_height: u64,
    },
}
