use std::fmt;
use std::str::FromStr;

use ehb_types::{ChainId, Hash, Name, Network, Parameters, PublicKey, Signature};
use jsonrpsee::core::{RpcResult, SubscriptionResult};
use jsonrpsee::proc_macros::rpc;
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{At, Base64, Bytes, Decimal, ReceiptView, TransactionView};

/// The chain: status, blocks, headers.
#[rpc(server, client, namespace = "chain")]
pub trait Chain {
    /// How the chain and this node stand.
    ///
    /// Cost: `light`. Example: `{}`.
    #[method(name = "status")]
    async fn status(&self) -> RpcResult<Status>;

    /// The parameters in the state `at` (the head's when left out), in the genesis file's form. Errors as
    /// `state_getProof`.
    ///
    /// Cost: `read`. Example: `{"at": 1}`.
    #[method(name = "getParameters", param_kind = map)]
    async fn parameters(&self, at: Option<At>) -> RpcResult<Parameters>;

    /// A part of the genesis file's text, from the byte `offset` on, which is 0 when left out; at most
    /// [`crate::GENESIS_PART_BYTES_MAX`] bytes. Whoever has put the parts together checks that the
    /// text's content has the hash of the genesis. Errors: `INVALID_REQUEST` beyond the end.
    ///
    /// Cost: `read`. Example: `{"offset": 0}`.
    #[method(name = "getGenesis", param_kind = map)]
    async fn genesis(&self, offset: Option<u64>) -> RpcResult<GenesisPart>;

    /// A decided block by height or hash, the head when `at` is left out; `detail` is `full` when
    /// left out. Block 0 is genesis. With `full` a large block comes in parts: `fromIndex` is where a part begins,
    /// 0 when left out, and `nextIndex` in the answer where the next one does. Errors: `NOT_FOUND`, `PRUNED`,
    /// `INVALID_REQUEST` where the block has no such index, `LIMIT_EXCEEDED` where a single receipt is too long.
    ///
    /// Cost: `block`. Example: `{"at": 1, "detail": "full", "fromIndex": 0}`.
    #[method(name = "getBlock", param_kind = map)]
    async fn block(
        &self,
        at: Option<BlockId>,
        detail: Option<Detail>,
        #[argument(rename = "fromIndex")] from_index: Option<u32>,
    ) -> RpcResult<BlockView>;

    /// Whole blocks from the height `from` on, as many as fit into an answer: `count` at most, and never
    /// more than [`crate::BLOCKS_PER_ANSWER_MAX`]. `detail` is `full` when left out. The answer names the
    /// height to go on at; a range that begins right after the head is empty. Errors: `INVALID_REQUEST`
    /// for a `count` of 0, `NOT_FOUND` for a range that begins later than that, `PRUNED`,
    /// `LIMIT_EXCEEDED` where the first block alone is longer than an answer.
    ///
    /// Cost: `block`. Example: `{"from": 1, "count": 10, "detail": "canonical"}`.
    #[method(name = "getBlocks", param_kind = map)]
    async fn blocks(
        &self,
        from: u64,
        count: Option<u64>,
        detail: Option<Detail>,
    ) -> RpcResult<BlocksView>;

    /// A header with the certificate that decided it and the validators who signed that. Errors:
    /// `NOT_FOUND`, `PRUNED`.
    ///
    /// Cost: `read`. Example: `{"at": 1}`.
    #[method(name = "getHeader", param_kind = map)]
    async fn header(&self, at: Option<BlockId>) -> RpcResult<SignedHeaderView>;

    /// Notifies of blocks as they become final, from `fromHeight` on, or from the next block on when it
    /// is left out, in the given detail; `header` when left out. No block is left out without a gap
    /// that says so. Errors: `INVALID_REQUEST` for a height that is more than
    /// [`crate::FOLLOW_AHEAD_HEIGHTS_MAX`] above the head.
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

/// A part of the genesis file's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GenesisPart {
    /// The hash of the genesis, over its content.
    pub genesis_hash: Hash,
    /// How long the whole text is, bytes of UTF-8.
    pub bytes: u64,
    /// Where this part begins.
    pub offset: u64,
    /// The part.
    pub data: Base64,
}

/// How the chain and this node stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The chain's id.
    pub chain_id: ChainId,
    /// The class of network, which gives addresses their prefix.
    pub network: Network,
    /// The hash of the genesis.
    pub genesis_hash: Hash,
    /// The last decided height; 0 is genesis.
    pub height: u64,
    /// The hash of the block at that height.
    pub head: Hash,
    /// The first height whose block, receipts and certificate this node keeps.
    pub earliest_height: u64,
    /// The first height whose state this node keeps: `at` of reads and proofs can be from here up to the head.
    pub history_from: u64,
    /// That block's time, milliseconds since 1970 (UTC).
    pub timestamp_ms: u64,
    /// The round in which the next height is being decided, from 0.
    pub round: u32,
    /// The validators that decide the next height, ascending by consensus key.
    pub validators: Vec<ValidatorView>,
    /// The name of the validator that this node is; `null` for an observer.
    pub validator: Option<Name>,
    /// Whether this node votes in the next height.
    pub signing: SigningView,
    /// How far its clock is ahead of the median of the validators' clocks, milliseconds; behind it if
    /// negative. None while that is not known.
    #[serde(default)]
    pub clock_ahead_ms: Option<i64>,
    /// Whether too few validators vote for the chain to go on by itself, because some lost their
    /// records of what they signed: an operator must unlock one of them (`ehb-node unlock --help`).
    pub stalled: bool,
    /// Whether what this node accepts can become final, and what it answers is fresh, as `/readyz` says.
    pub ready: bool,
    /// What keeps this node from doing its work, the most serious first.
    pub conditions: Vec<ConditionView>,
    /// Connected peers.
    pub peers: u32,
    /// Whether the node is catching up with others.
    pub syncing: bool,
    /// What waits to be put into a block.
    pub mempool: MempoolView,
    /// The node's version.
    pub version: String,
}

/// Something that keeps a node from doing its work, and that an operator must act on or wait for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConditionView {
    /// A stable code, such as `NO_QUORUM`, `DISK_FULL` or `HEAD_OLD`.
    pub code: String,
    /// The reason, for people.
    pub message: String,
    /// Since when, milliseconds since 1970 (UTC).
    pub since_ms: u64,
    /// Whether the node is not ready because of it.
    pub unready: bool,
}

/// Whether a node votes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum SigningView {
    /// It is no validator.
    #[default]
    Observes,
    /// It does.
    Signs,
    /// It lost its records of what it signed, and votes from a height on in which it cannot have
    /// voted before.
    #[serde(rename_all = "camelCase")]
    Waits {
        /// The height.
        from_height: u64,
    },
    /// It lost its records of what it signed, and too few validators told how far they are.
    Unknown,
    /// It has just started, and too few validators said yet whether they saw newer votes of its key.
    Asks,
    /// Another node signs with its key: it votes no more until one of the two is stopped and it is
    /// started again.
    KeyUsedElsewhere,
}

/// How full the mempool is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MempoolView {
    /// Waiting transactions.
    pub transactions: u64,
    /// Their encoded size.
    pub bytes: u64,
}

/// A validator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ValidatorView {
    /// What people call it.
    pub name: Name,
    /// The key that signs its votes.
    pub consensus_key: PublicKey,
    /// The key that identifies its node among peers.
    pub node_key: PublicKey,
    /// What its vote counts.
    pub power: Decimal,
}

/// Names a block: its height as a number, or its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockId {
    /// The block at a height.
    Height(u64),
    /// The block with a hash.
    Hash(Hash),
}

/// How much of a block is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Detail {
    /// The header.
    Header,
    /// The header and the transactions' ids.
    Ids,
    /// Everything, with the receipts.
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
    /// How many transactions the block holds.
    pub transaction_count: u32,
    /// The transactions' ids, in order, with [`Detail::Ids`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<Hash>>,
    /// How many receipts the block has: one for each transaction, in their order, and after these those of the
    /// kernel. Block 0 has receipts of the kernel, and then one for each genesis call.
    pub receipt_count: u32,
    /// Where the next part of the block begins, as an index of receipts, with [`Detail::Full`]; none at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_index: Option<u32>,
    /// The transactions of this part, in order, with [`Detail::Full`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transactions: Option<Vec<TransactionView>>,
    /// What they did, in the same order, and then the receipts without a transaction, with [`Detail::Full`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts: Option<Vec<ReceiptView>>,
    /// The certificate of the parent that the block carries, with the first part of [`Detail::Full`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_certificate: Option<CertificateView>,
    /// Misbehaviour that the block reports, with the first part of [`Detail::Full`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Vec<EvidenceView>>,
    /// The canonical bytes, with [`Detail::Canonical`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canonical: Option<CanonicalView>,
}

/// A decided block in canonical bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanonicalView {
    /// The block, an [`ehb_types::Block`].
    pub block: Base64,
    /// What its transactions did: a list of [`ehb_types::Receipt`].
    pub receipts: Base64,
    /// The certificate that decided it, an [`ehb_types::CommitCertificate`]; `null` for genesis.
    pub certificate: Option<Base64>,
}

/// Some blocks in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlocksView {
    /// The blocks, ascending by height, without a hole.
    pub blocks: Vec<BlockView>,
    /// The height at which to go on.
    pub next: u64,
    /// The last decided height when this was read.
    pub head: u64,
}

/// A header, with the meaning that [`ehb_types::Header`] gives its fields.
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

/// A header with what proves it.
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
    /// The consensus key of who misbehaved.
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
    /// A block became final. Subscribing again from its height plus one goes on after it.
    Block {
        /// The block.
        block: Box<BlockView>,
    },
    /// These blocks are left out.
    Gap {
        /// The first height that is missing.
        from_height: u64,
        /// The last height that is missing.
        to_height: u64,
        /// Why they are left out.
        reason: GapReason,
    },
}

/// Why a subscription leaves blocks out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GapReason {
    /// The node does not keep them any more.
    Pruned,
    /// The block is longer than a message in the detail that was asked for: read it in parts, or with
    /// less detail.
    TooLong,
}

impl Serialize for BlockId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Height(height) => serializer.serialize_u64(*height),
            Self::Hash(hash) => hash.serialize(serializer),
        }
    }
}

struct BlockIdVisitor;

impl Visitor<'_> for BlockIdVisitor {
    type Value = BlockId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a block's height as a number, or its hash as 64 hex digits")
    }

    fn visit_u64<E: Error>(self, height: u64) -> Result<BlockId, E> {
        Ok(BlockId::Height(height))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<BlockId, E> {
        match Hash::from_str(text) {
            Ok(hash) => Ok(BlockId::Hash(hash)),
            Err(_) => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

impl<'de> Deserialize<'de> for BlockId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BlockIdVisitor)
    }
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Height(height) => write!(f, "the block at height {height}"),
            Self::Hash(hash) => write!(f, "the block {hash}"),
        }
    }
}
