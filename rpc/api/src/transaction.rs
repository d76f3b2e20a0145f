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
    #[method(name = "submit", param_kind = map)]
    async fn submit(&self, transaction: Base64) -> RpcResult<Hash>;

    /// Submits up to [`crate::SUBMIT_BATCH_TRANSACTIONS_MAX`] transactions; the results are in
    /// their order. Errors: `LIMIT_EXCEEDED` for too many, and then none is submitted.
    #[method(name = "submitBatch", param_kind = map)]
    async fn submit_batch(&self, transactions: Vec<Base64>) -> RpcResult<Vec<SubmitResult>>;

    /// A transaction that waits in this node's mempool or is final. Errors: `NOT_FOUND`.
    #[method(name = "get", param_kind = map)]
    async fn get(&self, id: Hash) -> RpcResult<TransactionStatus>;

    /// The receipt of a final transaction. Errors: `NOT_FOUND` while it is not final.
    #[method(name = "getReceipt", param_kind = map)]
    async fn receipt(&self, id: Hash) -> RpcResult<LocatedReceipt>;

    /// Waits until a transaction is final and returns its receipt; at once when it already is.
    /// `timeoutMs` is [`crate::WAIT_DEFAULT_MS`] when left out and [`crate::WAIT_MAX_MS`] at most.
    /// Errors: `TIMEOUT`, which leaves the outcome unknown; `LIMIT_EXCEEDED` when too many wait.
    #[method(name = "wait", param_kind = map)]
    async fn wait(
        &self,
        id: Hash,
        #[argument(rename = "timeoutMs")] timeout_ms: Option<u64>,
    ) -> RpcResult<LocatedReceipt>;

    /// Carries out the canonical bytes of an unsigned transaction on the state of the head, and
    /// forgets what it did. Signatures are not asked for, and the sequence may be one that is used:
    /// both are settled last. Gas is counted for one signature, and a limit above the highest
    /// possible one counts as that. Errors: all other ones of `tx_submit` that say something of the
    /// transaction itself, such as `MALFORMED_TRANSACTION`, `UNSUPPORTED_VERSION`, `TRANSACTION_TOO_LARGE`,
    /// `WRONG_CHAIN`, `EXPIRED`, `EXPIRY_TOO_FAR`, `UNKNOWN_SENDER`, `FROZEN_SENDER`, `SEQUENCE_GAP` and `OUT_OF_GAS`.
    #[method(name = "simulate", param_kind = map)]
    async fn simulate(&self, transaction: Base64) -> RpcResult<ReceiptView>;

    /// Proves a final transaction's receipt against the receipts root of the next header. Errors:
    /// `NOT_FOUND`, `PRUNED`.
    #[method(name = "getProof", param_kind = map)]
    async fn proof(&self, id: Hash) -> RpcResult<ReceiptProof>;

    /// Tells receipts as their blocks become final, those after `after` first, from the next block
    /// on when it is left out. Nothing is left out without a gap that says so.
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

/// A transaction and how far it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TransactionStatus {
    /// It waits in this node's mempool.
    Pending {
        /// The transaction.
        transaction: TransactionView,
    },
    /// It stands in a decided block.
    Final {
        /// The transaction.
        transaction: TransactionView,
        /// Where it stands, and what it did.
        #[serde(flatten)]
        receipt: Box<LocatedReceipt>,
    },
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
