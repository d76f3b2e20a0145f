use ehb_types::{Hash, Name, PublicKey, Signature};
use jsonrpsee::core::{RpcResult, SubscriptionResult};
use jsonrpsee::proc_macros::rpc;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Base64, Bytes, Decimal, ErrorData, LocatedReceipt, Position, ReceiptFilter, ReceiptNotice,
    ReceiptProof, ReceiptView,
};

/// Transactions: submitting, awaiting, reading.
#[rpc(server, client, namespace = "tx")]
pub trait Transaction {
    /// Submits the canonical bytes of a signed transaction and returns its id, once it waits in
    /// this node's mempool. It is not final yet. Errors: all of admission's, each under its code.
    ///
    /// Cost: `light`. Example: `{"transaction": "AQID"}`.
    #[method(name = "submit", param_kind = map)]
    async fn submit(&self, transaction: Base64) -> RpcResult<Hash>;

    /// Submits up to [`crate::SUBMIT_BATCH_TRANSACTIONS_MAX`] transactions; the results are in
    /// their order. Errors: `LIMIT_EXCEEDED` for too many, and then none is submitted.
    ///
    /// Cost: `light`. Example: `{"transactions": ["AQID"]}`.
    #[method(name = "submitBatch", param_kind = map)]
    async fn submit_batch(&self, transactions: Vec<Base64>) -> RpcResult<Vec<SubmitResult>>;

    /// The fate of a transaction as this node knows it. With `transaction`, the canonical bytes of
    /// the signed transaction with that id, every node can say for certain that it is superseded or
    /// expired, even one that never saw it. Errors: `MALFORMED_TRANSACTION`; `INVALID_REQUEST` when
    /// `transaction` has another id.
    ///
    /// Cost: `read`. Example: `{"id": "abababababababababababababababababababababababababababababababab"}`.
    #[method(name = "get", param_kind = map)]
    async fn get(&self, id: Hash, transaction: Option<Base64>) -> RpcResult<FateView>;

    /// The receipt of a final transaction. Errors: `NOT_FOUND` while it is not final.
    ///
    /// Cost: `read`. Example: `{"id": "abababababababababababababababababababababababababababababababab"}`.
    #[method(name = "getReceipt", param_kind = map)]
    async fn receipt(&self, id: Hash) -> RpcResult<LocatedReceipt>;

    /// Waits until the fate of a transaction is settled: final, superseded or expired, or dropped by
    /// this node (`unknown` with `dropped`). When `timeoutMs` passes before that, the answer is the
    /// present status, `pending` or `unknown`: the outcome is open then, and nothing but the same
    /// transaction can be submitted again safely. `timeoutMs` is [`crate::WAIT_DEFAULT_MS`] when left
    /// out and [`crate::WAIT_MAX_MS`] at most; `transaction` is as for `tx_get`. Errors:
    /// `LIMIT_EXCEEDED` when too many wait, and those of `tx_get`.
    ///
    /// Cost: `wait`. Example: `{"id": "abababababababababababababababababababababababababababababababab", "timeoutMs": 0}`.
    #[method(name = "wait", param_kind = map)]
    async fn wait(
        &self,
        id: Hash,
        #[argument(rename = "timeoutMs")] timeout_ms: Option<u64>,
        transaction: Option<Base64>,
    ) -> RpcResult<FateView>;

    /// Carries out a transaction on the state of the head, and forgets what it did. The bytes are the
    /// canonical ones of a signed transaction, whose signatures must be valid and authorise it, or of one
    /// that is not signed: then any sender can be named, gas is counted for one signature, a gas limit
    /// above the highest possible one counts as that, and calls of `kernel` are refused. The sequence may
    /// be one that is used. Code is neither uploaded nor installed by a simulation, nor compiled. Errors:
    /// `SIMULATION_UNSIGNED`, and those of `tx_submit` that say something of the transaction itself, such
    /// as `MALFORMED_TRANSACTION`, `TRANSACTION_TOO_LARGE`, `WRONG_CHAIN`, `EXPIRED`, `UNKNOWN_SENDER`,
    /// `FROZEN_SENDER`, `SEQUENCE_GAP` and `OUT_OF_GAS`.
    ///
    /// Cost: `execution`. Example: `{"transaction": "AQID"}`.
    #[method(name = "simulate", param_kind = map)]
    async fn simulate(&self, transaction: Base64) -> RpcResult<ReceiptView>;

    /// Proves a final transaction's receipt against the receipts root of the next header. Errors:
    /// `NOT_FOUND`, `PRUNED`.
    ///
    /// Cost: `block`. Example: `{"id": "abababababababababababababababababababababababababababababababab"}`.
    #[method(name = "getProof", param_kind = map)]
    async fn proof(&self, id: Hash) -> RpcResult<ReceiptProof>;

    /// Notifies of receipts as their blocks become final, those after `after` first, from the next block
    /// on when it is left out. Nothing is left out without a gap that says so, and while nothing matches,
    /// the position that was reached is sent every second. Errors: `INVALID_REQUEST` for an `after` that
    /// is no position of this chain, or more than [`crate::FOLLOW_AHEAD_HEIGHTS_MAX`] above the head, and
    /// for an event that the module does not have; `UNKNOWN_MODULE`; `LIMIT_EXCEEDED` for too many ids.
    ///
    /// Cost: `subscription`. Example: `{"filter": {"module": "wallet"}, "after": {"height": 0, "index": 4294967295}}`.
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
        after: Option<Position>,
    ) -> SubscriptionResult;
}

/// What became of one transaction of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SubmitResult {
    /// It waits in the mempool under this id.
    Id(Hash),
    /// It was refused.
    Error(ErrorData),
}

/// The view of a transaction's fate, as one node knows it.
///
/// `final`, `superseded` and `expired` are certain and never change, and all nodes agree on them once
/// they have the block. `pending` and `unknown` leave the outcome open: the transaction may become
/// final through another node until it is superseded or expired, so another transaction for the same
/// purpose would act twice. The same transaction can be submitted again at any time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FateView {
    /// It waits in this node's mempool.
    Pending {
        /// The transaction.
        transaction: TransactionView,
    },
    /// It is in a decided block.
    Final {
        /// The transaction.
        transaction: TransactionView,
        /// Where it is, and what it did.
        #[serde(flatten)]
        receipt: Box<LocatedReceipt>,
    },
    /// It can never be in a block: a decided block used its sequence for another transaction.
    Superseded {
        /// The transaction that used the sequence; `null` when this node does not remember which.
        by: Option<Hash>,
        /// The height of the block that used the sequence where `by` is known, else the height of
        /// the decided block after which this is certain.
        height: u64,
    },
    /// It can never be in a block: a decided block, which does not hold it and neither does any
    /// before it, is later than its validity.
    Expired {
        /// The height of that block.
        height: u64,
        /// The time of that block, milliseconds since 1970 (UTC).
        timestamp_ms: u64,
    },
    /// This node does not have it, and cannot say what becomes of it.
    Unknown {
        /// Why this node dropped it, where it did lately. Submitting the same transaction again is
        /// safe.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        dropped: Option<ErrorData>,
    },
}

impl FateView {
    /// Whether it is settled for ever: final, superseded or expired.
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
    /// The genesis hash of the chain that it is for.
    pub chain: Hash,
    /// The account that acts, in bech32m.
    pub sender: String,
    /// One of the sender's independent sequences.
    pub lane: u32,
    /// Its position in the lane.
    pub sequence: Decimal,
    /// The last block time at which a block may hold it, milliseconds since 1970 (UTC).
    pub valid_until_ms: u64,
    /// The most gas it may use.
    pub gas_limit: Decimal,
    /// What is to be done.
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
    /// The arguments in canonical form.
    pub data: Bytes,
    /// The arguments by name; `null` where this node does not know the function.
    pub arguments: Value,
}

/// A signature of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureView {
    /// Who signed.
    pub key: PublicKey,
    /// The signature over the id.
    pub signature: Signature,
}
