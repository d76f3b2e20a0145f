//! The methods of the namespace `tx`, and the JSON views of transactions and their status.

use ehb_types::{Hash, Name, PublicKey, Signature};
use jsonrpsee::core::{RpcResult, SubscriptionResult};
use jsonrpsee::proc_macros::rpc;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Base64, Bytes, Decimal, ErrorData, LocatedReceipt, Position, ReceiptFilter, ReceiptNotice,
    ReceiptProof, ReceiptView,
};

/// Submits, awaits and reads transactions.
#[rpc(server, client, namespace = "tx")]
pub trait Transaction {
    /// Submits the canonical bytes of a signed transaction and returns its id once it is in this node's
    /// mempool. It is not final then. Errors, those of admission: `MALFORMED_TRANSACTION`,
    /// `TRANSACTION_TOO_LARGE`, `WRONG_CHAIN`, `BAD_SIGNATURE`, `UNSUPPORTED_VERSION`, `UNKNOWN_SENDER`,
    /// `INACTIVE_SENDER`, `NOT_AUTHORISED`, `EXPIRED`, `EXPIRY_TOO_FAR`, `SEQUENCE_USED`, `SEQUENCE_GAP`,
    /// `SEQUENCE_PENDING`, `GAS_LIMIT_TOO_HIGH`, `OUT_OF_GAS`, `SENDER_QUOTA`, `MEMPOOL_FULL`, `ALREADY_KNOWN`;
    /// `TIMEOUT` if the node stopped before it answered.
    ///
    /// Cost: `light`. Example: `{"transaction": "@first"}`.
    #[method(name = "submit", param_kind = map)]
    async fn submit(&self, transaction: Base64) -> RpcResult<Hash>;

    /// Submits up to [`crate::SUBMIT_BATCH_TRANSACTIONS_MAX`] transactions and returns the results in the
    /// same order, each with its own error. Errors: `LIMIT_EXCEEDED` for too many; then none is submitted.
    ///
    /// Cost: `light`. Example: `{"transactions": ["@second", "@expired"]}`.
    #[method(name = "submitBatch", param_kind = map)]
    async fn submit_batch(&self, transactions: Vec<Base64>) -> RpcResult<Vec<SubmitResult>>;

    /// Returns the status of a transaction as this node knows it. With `transaction`, the canonical bytes of
    /// the signed transaction with that id, every node can report for certain that it is superseded or
    /// expired, even one that never saw it. Errors: `MALFORMED_TRANSACTION`; `WRONG_CHAIN`; `INVALID_REQUEST` when
    /// `transaction` has another id; `NOT_FOUND` for the id of a receipt without a transaction.
    ///
    /// Cost: `read`. Example: `{"id": "@payment"}`.
    #[method(name = "get", param_kind = map)]
    async fn get(&self, id: Hash, transaction: Option<Base64>) -> RpcResult<FateView>;

    /// Returns the receipt of a final transaction. A receipt of genesis or of the kernel, which has no transaction, is
    /// named by its own id. Errors: `NOT_FOUND` while it is not final.
    ///
    /// Cost: `read`. Example: `{"id": "@payment"}`.
    #[method(name = "getReceipt", param_kind = map)]
    async fn receipt(&self, id: Hash) -> RpcResult<LocatedReceipt>;

    /// Waits until a transaction is final, superseded or expired, or dropped by this node (`unknown` with
    /// `dropped`). If `timeoutMs` passes before that, it returns the current status, `pending` or `unknown`:
    /// the outcome is still open then, and only the same transaction can be submitted again safely.
    /// `timeoutMs` is [`crate::WAIT_DEFAULT_MS`] by default and [`crate::WAIT_MAX_MS`] at most; `transaction`
    /// is as in `tx_get`. Errors: `LIMIT_EXCEEDED` if too many calls wait, and those of `tx_get`.
    ///
    /// Cost: `wait`. Example: `{"id": "@payment", "timeoutMs": 0}`.
    #[method(name = "wait", param_kind = map)]
    async fn wait(
        &self,
        id: Hash,
        #[argument(rename = "timeoutMs")] timeout_ms: Option<u64>,
        transaction: Option<Base64>,
    ) -> RpcResult<FateView>;

    /// Executes a transaction on the state of the head and discards its changes. `transaction` is the
    /// canonical encoding of a signed transaction, whose signatures must be valid and authorise it, or of an
    /// unsigned one: then the sender can be any account, gas is counted for one signature, a gas limit above
    /// the maximum counts as the maximum, and calls of `kernel` are rejected. The sequence can be a used one.
    /// A simulation does not upload, install or compile code. Errors: `SIMULATION_UNSIGNED`, and those errors
    /// of `tx_submit` that concern the transaction itself, such as `MALFORMED_TRANSACTION`,
    /// `TRANSACTION_TOO_LARGE`, `WRONG_CHAIN`, `BAD_SIGNATURE`, `UNSUPPORTED_VERSION`, `NOT_AUTHORISED`, `EXPIRED`,
    /// `EXPIRY_TOO_FAR`, `UNKNOWN_SENDER`, `INACTIVE_SENDER`, `SEQUENCE_GAP`, `GAS_LIMIT_TOO_HIGH` and `OUT_OF_GAS`.
    ///
    /// Cost: `execution`. Example: `{"transaction": "@first"}`.
    #[method(name = "simulate", param_kind = map)]
    async fn simulate(&self, transaction: Base64) -> RpcResult<ReceiptView>;

    /// Returns a proof of a receipt against the receipts root of the next header, by the id of its final transaction, or
    /// by its own id if it is one of genesis or of the kernel. The next header comes at the latest `consensus.seal_ms`
    /// after a block with transactions, or with the next heartbeat. Errors: `NOT_FOUND`, `PRUNED`.
    ///
    /// Cost: `block`. Example: `{"id": "@payment"}`.
    #[method(name = "getProof", param_kind = map)]
    async fn proof(&self, id: Hash) -> RpcResult<ReceiptProof>;

    /// Notifies of receipts when their blocks become final, beginning with the one at the position `from`
    /// (default: with the next block); the first one of the chain is at height 0 and index 0. Missing receipts
    /// are always reported as a gap. While blocks come of which nothing matches, the position to continue at is sent at
    /// least every second. Errors: `INVALID_REQUEST` for a `from` that is not a position of this chain or is more than
    /// [`crate::FOLLOW_AHEAD_HEIGHTS_MAX`] above the head, for text that is not an address, and for an event that the
    /// module does not have; `UNKNOWN_MODULE`; `LIMIT_EXCEEDED` for too many ids. The index of a `from` above the head is
    /// checked when its block is final; an impossible one ends the subscription with an error.
    ///
    /// Cost: `subscription`. Example: `{"filter": {"module": "wallet"}, "from": {"height": 0, "index": 0}}`.
    #[subscription(
        name = "subscribeReceipts" => "receipts",
        unsubscribe = "unsubscribeReceipts",
        item = ReceiptNotice,
        param_kind = map,
        with_extensions
    )]
    async fn subscribe_receipts(
        &self,
        filter: Option<ReceiptFilter>,
        from: Option<Position>,
    ) -> SubscriptionResult;
}

/// The result of one transaction of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SubmitResult {
    /// It is in the mempool under this id.
    Id(Hash),
    /// It was rejected.
    Error(ErrorData),
}

/// The status of a transaction, as one node knows it.
///
/// `final`, `superseded` and `expired` are certain and never change, and all nodes agree on them once
/// they have the block. `pending` and `unknown` leave the outcome open: the transaction may become
/// final through another node until it is superseded or expired, so another transaction for the same
/// purpose would act twice. The same transaction can be submitted again at any time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FateView {
    /// It is in this node's mempool.
    Pending {
        /// The transaction.
        transaction: TransactionView,
        /// The sequence for which it waits: the next one of its lane that is in no block and that no transaction
        /// in this node's mempool has; absent if it can be in the next block. A transaction that had that sequence
        /// and expired left a gap, which any other transaction with the sequence closes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        missing_sequence: Option<Decimal>,
    },
    /// It is in a decided block.
    Final {
        /// The transaction.
        transaction: TransactionView,
        /// Its position and result.
        #[serde(flatten)]
        receipt: Box<LocatedReceipt>,
    },
    /// It can never be in a block: another transaction with its sequence is in a decided block.
    Superseded {
        /// The transaction that used the sequence; `null` if this node does not remember it.
        by: Option<Hash>,
        /// The height of the block with the transaction `by` if that is known, otherwise the height of the
        /// decided block after which this is certain.
        height: u64,
    },
    /// It can never be in a block: a decided block is later than its validity, and neither that block nor an
    /// earlier one contains it.
    Expired {
        /// The height of that block.
        height: u64,
        /// The time of that block, milliseconds since 1970 (UTC).
        timestamp_ms: u64,
    },
    /// This node does not have it and does not know its outcome.
    Unknown {
        /// Why this node dropped it, if it did so recently. Submitting the same transaction again is safe.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dropped: Option<ErrorData>,
    },
}

impl FateView {
    /// Whether it is certain and cannot change: final, superseded or expired.
    pub fn is_settled(&self) -> bool {
        match self {
            Self::Final { .. } | Self::Superseded { .. } | Self::Expired { .. } => true,
            Self::Pending { .. } | Self::Unknown { .. } => false,
        }
    }
}

/// A signed transaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransactionView {
    /// The hash of the signed content.
    pub id: Hash,
    /// The format of the content.
    pub version: u8,
    /// The genesis hash of its chain.
    pub chain: Hash,
    /// The sender's account, in bech32m.
    pub sender: String,
    /// One of the sender's independent sequences.
    pub lane: u32,
    /// Its position in the lane.
    pub sequence: Decimal,
    /// The latest time of a block that can contain it, milliseconds since 1970 (UTC).
    pub valid_until_ms: u64,
    /// The maximum gas that it can use.
    pub gas_limit: Decimal,
    /// The calls, executed in order; if one fails, none takes effect.
    pub calls: Vec<CallView>,
    /// A note for people.
    pub memo: String,
    /// The signatures, ascending by key.
    pub signatures: Vec<SignatureView>,
}

/// A call of a module's function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallView {
    /// The module.
    pub module: Name,
    /// The function.
    pub function: Name,
    /// The arguments in canonical bytes.
    pub data: Bytes,
    /// The arguments by name; `null` if this node does not know the function.
    pub arguments: Value,
}

/// A signature of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureView {
    /// The public key that signed.
    pub key: PublicKey,
    /// The signature over the id.
    pub signature: Signature,
}
