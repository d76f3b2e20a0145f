//! The methods of the namespace `chain`, and the JSON views of blocks, headers, certificates and status.

use ehb_types::{ChainId, Hash, Name, Network, Parameters, PublicKey, Signature};
use jsonrpsee::core::{RpcResult, SubscriptionResult};
use jsonrpsee::proc_macros::rpc;
use serde::{Deserialize, Serialize};

use crate::{At, Base64, Bytes, Decimal, ReceiptView, TransactionView};

/// Queries about the chain: status, blocks, headers, parameters.
#[rpc(server, client, namespace = "chain")]
pub trait Chain {
    /// Returns the status of the chain and of this node.
    ///
    /// Cost: `light`. Example: `{}`.
    #[method(name = "status")]
    async fn status(&self) -> RpcResult<Status>;

    /// Returns the parameters in the state `at` (default: the head), in the format of the genesis file, and the
    /// height of that state. Errors as in `state_getProof`.
    ///
    /// Cost: `read`. Example: `{"at": 1}`.
    #[method(name = "getParameters", param_kind = map)]
    async fn parameters(&self, at: Option<At>) -> RpcResult<ParametersView>;

    /// Returns a part of the genesis file's text, beginning at the byte `offset` (default: 0); at most
    /// [`crate::GENESIS_PART_BYTES_MAX`] bytes. A client that has joined the parts should check that the
    /// content has the genesis hash. Errors: `INVALID_REQUEST` beyond the end.
    ///
    /// Cost: `read`. Example: `{"offset": 0}`.
    #[method(name = "getGenesis", param_kind = map)]
    async fn genesis(&self, offset: Option<u64>) -> RpcResult<GenesisPart>;

    /// Returns a decided block by height, hash or time (default: the head); `detail` is `full` by default. Block 0
    /// is genesis. With `full` and `canonical` a large block is returned in parts: a part begins at `fromIndex`
    /// (default: 0), and `nextIndex` in the answer is the beginning of the next part. With `full` an index counts
    /// receipts; with `canonical` it counts the bytes of the block followed by those of its receipts, and a part has
    /// at most [`crate::CANONICAL_PART_BYTES_MAX`] of them. Errors: `NOT_FOUND`, `PRUNED`, `INVALID_REQUEST` if the
    /// block has no such index, or no parts in this detail, `LIMIT_EXCEEDED` if a single receipt is too long.
    ///
    /// Cost: `block`. Example: `{"at": 1, "detail": "full", "fromIndex": 0}`.
    #[method(name = "getBlock", param_kind = map)]
    async fn block(
        &self,
        at: Option<At>,
        detail: Option<Detail>,
        #[argument(rename = "fromIndex")] from_index: Option<u32>,
    ) -> RpcResult<BlockView>;

    /// Returns whole blocks from the height `from` on, as many as fit into an answer: at most `count`, and
    /// never more than [`crate::BLOCKS_PER_ANSWER_MAX`]. `detail` is `full` by default. The answer contains
    /// the height to continue at; a range that begins at the height after the head is empty. Errors:
    /// `INVALID_REQUEST` for a `count` of 0, `NOT_FOUND` for a range that begins later, `PRUNED`,
    /// `LIMIT_EXCEEDED` if the first block alone is too long for an answer.
    ///
    /// Cost: `block`. Example: `{"from": 1, "count": 10, "detail": "canonical"}`.
    #[method(name = "getBlocks", param_kind = map)]
    async fn blocks(
        &self,
        from: u64,
        count: Option<u64>,
        detail: Option<Detail>,
    ) -> RpcResult<BlocksView>;

    /// Returns a header, by height, hash or time (default: the head), with a certificate that decided it and the
    /// validators of its height. Nodes can have different certificates of a block; the one whose hash is in the next
    /// header is `parentCertificate` of the next block (`chain_getBlock`). Errors: `NOT_FOUND`, `PRUNED`.
    ///
    /// Cost: `read`. Example: `{"at": 1}`.
    #[method(name = "getHeader", param_kind = map)]
    async fn header(&self, at: Option<At>) -> RpcResult<SignedHeaderView>;

    /// Notifies of blocks when they become final, beginning with `fromHeight` (default: the next block), in
    /// the given detail (default: `header`). Missing blocks are always reported as a gap. Errors:
    /// `INVALID_REQUEST` for a height that is more than [`crate::FOLLOW_AHEAD_HEIGHTS_MAX`] above the head.
    ///
    /// Cost: `subscription`. Example: `{"fromHeight": 1, "detail": "ids"}`.
    #[subscription(
        name = "subscribeBlocks" => "blocks",
        unsubscribe = "unsubscribeBlocks",
        item = BlockNotice,
        param_kind = map,
        with_extensions
    )]
    async fn subscribe_blocks(
        &self,
        #[argument(rename = "fromHeight")] from_height: Option<u64>,
        detail: Option<Detail>,
    ) -> SubscriptionResult;
}

/// The parameters of a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParametersView {
    /// The height of the block after which the state was read.
    pub height: u64,
    /// The parameters, in the format of the genesis file.
    pub parameters: Parameters,
}

/// A part of the genesis file's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GenesisPart {
    /// The hash of the genesis, over its content.
    pub genesis_hash: Hash,
    /// The length of the whole text, bytes of UTF-8.
    pub bytes: u64,
    /// The offset of this part in the text, bytes.
    pub offset: u64,
    /// The text of this part.
    pub data: Base64,
}

/// The status of the chain and of this node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The chain's id.
    pub chain_id: ChainId,
    /// The class of network, which determines the prefix of addresses.
    pub network: Network,
    /// The hash of the genesis.
    pub genesis_hash: Hash,
    /// The last decided height; 0 is genesis.
    pub height: u64,
    /// The hash of the block at that height.
    pub head: Hash,
    /// The first height whose block, receipts and certificate this node keeps.
    pub earliest_height: u64,
    /// The first height whose state this node keeps: `at` of reads and proofs can be from this height up to
    /// the head.
    pub history_from: u64,
    /// The time of the head block, milliseconds since 1970 (UTC).
    pub timestamp_ms: u64,
    /// The time that a block would have that was proposed now, milliseconds since 1970 (UTC): the node's clock,
    /// corrected by `clockAheadMs`, and later than the head in any case. The validity of transactions counts from it.
    pub chain_time_ms: u64,
    /// The round in which the next height is being decided, from 0.
    pub round: u32,
    /// The validators that decide the next height, ascending by consensus key.
    pub validators: Vec<ValidatorView>,
    /// The name of this validator; `null` for an observer.
    pub validator: Option<Name>,
    /// Whether this node votes in the next height.
    pub signing: SigningView,
    /// How far its clock is ahead of the median of the validators' clocks, milliseconds; negative if it is
    /// slow. None while unknown.
    #[serde(default)]
    pub clock_ahead_ms: Option<i64>,
    /// Whether too few validators vote for the chain to make progress, because some lost their signing
    /// records: an operator must unlock one of them (`ehb-node unlock --help`).
    pub stalled: bool,
    /// Whether transactions that this node accepts can become final, and its answers are up to date; the same
    /// as `/readyz`.
    pub ready: bool,
    /// The conditions that impair this node, most serious first.
    pub conditions: Vec<ConditionView>,
    /// Connected peers.
    pub peers: u32,
    /// Whether the node is catching up with others.
    pub syncing: bool,
    /// The size of the mempool.
    pub mempool: MempoolView,
    /// The node's version.
    pub version: String,
}

/// A condition that impairs a node, until it passes or an operator resolves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionView {
    /// A stable code, such as `NO_QUORUM`, `DISK_FULL` or `HEAD_OLD`.
    pub code: String,
    /// The reason, for people.
    pub message: String,
    /// When it began, milliseconds since 1970 (UTC).
    pub since_ms: u64,
    /// Whether it makes the node unready.
    pub unready: bool,
}

/// Whether a node votes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum SigningView {
    /// It is not a validator.
    #[default]
    Observes,
    /// It votes.
    Signs,
    /// It lost its signing records, and votes again from a height in which it cannot have voted before.
    #[serde(rename_all = "camelCase")]
    Waits {
        /// The height.
        from_height: u64,
    },
    /// It lost its signing records, and too few validators have answered which height they reached.
    Unknown,
    /// It has just started, and too few validators have answered whether they saw newer votes of its key.
    Asks,
    /// Another node signs with the same key: this node does not vote until a minute after the last sign of it.
    KeyUsedElsewhere,
}

/// How full the mempool is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MempoolView {
    /// The number of pending transactions.
    pub transactions: u64,
    /// Their encoded size, bytes.
    pub bytes: u64,
}

/// A validator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidatorView {
    /// Its name.
    pub name: Name,
    /// The key that signs its votes.
    pub consensus_key: PublicKey,
    /// The key that identifies its node among peers.
    pub node_key: PublicKey,
    /// Its voting power.
    pub power: Decimal,
}

/// How much of a block is returned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Detail {
    /// The header.
    Header,
    /// The header and the transactions' ids.
    Ids,
    /// Everything, including the receipts.
    #[default]
    Full,
    /// The header, and the canonical bytes of the block, its receipts and its certificate.
    Canonical,
}

/// A decided block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockView {
    /// The header's hash.
    pub hash: Hash,
    /// The header.
    pub header: HeaderView,
    /// The number of transactions in the block.
    pub transaction_count: u32,
    /// The transactions' ids, in order, with [`Detail::Ids`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<Hash>>,
    /// The number of receipts of the block: one for each transaction, in order, followed by those of the
    /// kernel. Block 0 has receipts of the kernel, followed by one for each genesis call.
    pub receipt_count: u32,
    /// The index with which the next part of the block begins, of a receipt with [`Detail::Full`], of a byte with
    /// [`Detail::Canonical`]; none at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_index: Option<u32>,
    /// The transactions of this part, in order, with [`Detail::Full`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transactions: Option<Vec<TransactionView>>,
    /// Their receipts in the same order, followed by receipts without a transaction, with [`Detail::Full`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts: Option<Vec<ReceiptView>>,
    /// The certificate of the parent, which the block contains, with the first part of [`Detail::Full`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_certificate: Option<CertificateView>,
    /// Misbehaviour that the block reports, with the first part of [`Detail::Full`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Vec<EvidenceView>>,
    /// The canonical bytes, with [`Detail::Canonical`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical: Option<CanonicalView>,
}

/// A decided block in canonical bytes. Of a block in parts, each part has the next bytes of `block`, then of `receipts`:
/// join those of all parts, then decode them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanonicalView {
    /// The block, an [`ehb_types::Block`], or the bytes of it in this part.
    pub block: Base64,
    /// Its receipts: a list of [`ehb_types::Receipt`], or the bytes of it in this part.
    pub receipts: Base64,
    /// The certificate that decided it, an [`ehb_types::CommitCertificate`]; `null` for genesis.
    pub certificate: Option<Base64>,
}

/// Consecutive blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlocksView {
    /// The blocks, ascending by height, without a gap.
    pub blocks: Vec<BlockView>,
    /// The height to continue at.
    pub next: u64,
    /// The last decided height when this was read.
    pub head: u64,
}

/// A header; the fields are those of the canonical one, which `docs/formats.md` describes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the fields are those of the canonical header")]
pub struct HeaderView {
    pub version: u16,
    pub chain: Hash,
    pub height: u64,
    pub timestamp_ms: u64,
    pub parent: Hash,
    pub round: u32,
    pub proposer: PublicKey,
    pub transactions_count: u32,
    pub transactions_root: Hash,
    pub state_root: Hash,
    pub receipts_count: u32,
    pub receipts_root: Hash,
    pub validators: Hash,
    pub next_validators: Hash,
    pub certificate: Hash,
    pub evidence: Hash,
}

/// A header with its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedHeaderView {
    /// The header's hash.
    pub hash: Hash,
    /// The header.
    pub header: HeaderView,
    /// The certificate that decided it; `null` for genesis.
    pub certificate: Option<CertificateView>,
    /// The validators of its height, ascending by consensus key.
    pub validators: Vec<ValidatorView>,
}

/// Proof that a block was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateView {
    /// The decided height.
    pub height: u64,
    /// The round in which it was decided.
    pub round: u32,
    /// The decided block's hash.
    pub block: Hash,
    /// Precommit signatures, ascending by validator.
    pub signatures: Vec<CommitSignatureView>,
}

/// One precommit of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommitSignatureView {
    /// The validator's index in the height's set.
    pub validator: u16,
    /// Its signature.
    pub signature: Signature,
}

/// Misbehaviour that a block reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EvidenceView {
    /// The consensus key of the validator that misbehaved.
    pub validator: PublicKey,
    /// The height at which it happened.
    pub height: u64,
    /// The evidence's canonical encoding.
    pub data: Bytes,
}

/// A message of the blocks subscription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum BlockNotice {
    /// A block became final. A new subscription from its height plus one continues after it.
    Block {
        /// The block.
        block: Box<BlockView>,
    },
    /// These blocks are missing.
    Gap {
        /// The first height that is missing.
        from_height: u64,
        /// The last height that is missing.
        to_height: u64,
        /// Why they are missing.
        reason: GapReason,
    },
}

/// Why a subscription skips blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GapReason {
    /// The node no longer keeps them.
    Pruned,
    /// The block is too long for a message in the requested detail: read it in parts, or with less detail.
    TooLong,
}
