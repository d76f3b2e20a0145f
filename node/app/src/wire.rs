//! The encoding of messages between nodes: the kinds of frames, and the kind of each message.
//!
//! A number here belongs to one format forever. A message whose content changes gets a new kind, `since` the
//! protocol version that introduces it; older nodes skip it.

use ehb_consensus::ConsensusMessage;
use ehb_network::{Channel, FrameKind};
use ehb_replica::{BLOCKS_BYTES_MAX, Message, OFFERED_MAX};
use ehb_types::{Parameters, decode, encode};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// An upper bound of a vote, proposal, request or status, bytes.
const SMALL_BYTES_MAX: usize = KIB;
/// The largest block with any parameters, bytes.
const BLOCK_BYTES_MAX: usize = 32 * MIB;
/// The size of the ids in one message: a count and the hashes, bytes.
const IDS_BYTES_MAX: usize = 4 + 32 * OFFERED_MAX;
/// The size of an answer with blocks beyond their bodies, bytes: certificates of 256 signatures.
const CERTIFICATES_BYTES_MAX: usize = 4 * MIB;

const fn kind(number: u16, name: &'static str, channel: Channel, bytes_max: usize) -> FrameKind {
    FrameKind { number, name, channel, bytes_max, since: 1 }
}

pub(crate) const PROPOSAL: FrameKind = kind(1, "proposal", Channel::Consensus, SMALL_BYTES_MAX);
pub(crate) const VOTE: FrameKind = kind(2, "vote", Channel::Consensus, SMALL_BYTES_MAX);
pub(crate) const POLKA: FrameKind =
    kind(3, "polka", Channel::Consensus, ConsensusMessage::BYTES_MAX);
pub(crate) const ROUND: FrameKind =
    kind(4, "round", Channel::Consensus, ConsensusMessage::BYTES_MAX);
pub(crate) const BODY: FrameKind = kind(5, "body", Channel::Blocks, BLOCK_BYTES_MAX);
pub(crate) const BODY_REQUEST: FrameKind =
    kind(6, "body request", Channel::Blocks, SMALL_BYTES_MAX);
pub(crate) const STATUS: FrameKind = kind(7, "status", Channel::Sync, SMALL_BYTES_MAX);
pub(crate) const BLOCKS_REQUEST: FrameKind =
    kind(8, "blocks request", Channel::Sync, SMALL_BYTES_MAX);
/// A single block can exceed the usual limit of an answer.
pub(crate) const BLOCKS: FrameKind =
    kind(9, "blocks", Channel::Sync, BLOCK_BYTES_MAX + CERTIFICATES_BYTES_MAX);

pub(crate) const OFFER: FrameKind = kind(10, "offer", Channel::Sync, IDS_BYTES_MAX);
pub(crate) const WANT: FrameKind = kind(11, "want", Channel::Sync, IDS_BYTES_MAX);
pub(crate) const TRANSACTIONS: FrameKind = kind(12, "transactions", Channel::Sync, MIB);
pub(crate) const SEEN: FrameKind = kind(13, "seen", Channel::Sync, SMALL_BYTES_MAX);

/// All kinds that this node knows.
pub(crate) fn kinds() -> Vec<FrameKind> {
    let agreement = [PROPOSAL, VOTE, POLKA, ROUND];
    let blocks = [BODY, BODY_REQUEST, STATUS, BLOCKS_REQUEST, BLOCKS];
    [&agreement[..], &blocks, &[OFFER, WANT, TRANSACTIONS, SEEN]].concat()
}

/// The kinds whose size follows the chain's parameters, with the largest useful content.
pub(crate) fn sizes(parameters: &Parameters) -> [(&'static FrameKind, usize); 2] {
    let block_bytes_max = parameters.block_bytes_max as usize;
    let blocks = block_bytes_max.max(BLOCKS_BYTES_MAX) + CERTIFICATES_BYTES_MAX;
    [(&BODY, block_bytes_max), (&BLOCKS, blocks)]
}

/// The kind of a message.
pub(crate) fn kind_of(message: &Message) -> &'static FrameKind {
    match message {
        Message::Consensus(ConsensusMessage::Proposal(_)) => &PROPOSAL,
        Message::Consensus(ConsensusMessage::Vote(_)) => &VOTE,
        Message::Consensus(ConsensusMessage::Polka(_)) => &POLKA,
        Message::Consensus(ConsensusMessage::Round(_)) => &ROUND,
        Message::Body(_) => &BODY,
        Message::BodyRequest { .. } => &BODY_REQUEST,
        Message::Status { .. } => &STATUS,
        Message::BlocksRequest { .. } => &BLOCKS_REQUEST,
        Message::Blocks(_) => &BLOCKS,
        Message::Offer(_) => &OFFER,
        Message::Want(_) => &WANT,
        Message::Transactions(_) => &TRANSACTIONS,
        Message::Seen { .. } => &SEEN,
    }
}

/// The content of a message's frame.
pub(crate) fn content(message: &Message) -> Vec<u8> {
    match message {
        Message::Consensus(ConsensusMessage::Proposal(it)) => encode(it),
        Message::Consensus(ConsensusMessage::Vote(it)) => encode(it),
        Message::Consensus(ConsensusMessage::Polka(it)) => encode(it),
        Message::Consensus(ConsensusMessage::Round(it)) => encode(it),
        Message::Body(block) => block.encoded().to_vec(),
        Message::BodyRequest { height, block } => encode(&(height, block)),
        Message::Status { height, voting, clock_ms, run } => {
            encode(&(height, voting, clock_ms, run))
        }
        Message::BlocksRequest { from, count } => encode(&(from, count)),
        Message::Blocks(blocks) => encode(blocks),
        Message::Offer(ids) | Message::Want(ids) => encode(ids),
        Message::Transactions(transactions) => encode(transactions),
        Message::Seen { newest, twin, height, reached } => encode(&(newest, twin, height, reached)),
    }
}

/// The message in a frame, or why it is invalid.
pub(crate) fn message(number: u16, content: &[u8]) -> Result<Message, String> {
    let agreement = Message::Consensus;
    let message = match number {
        n if n == PROPOSAL.number => {
            decode(content).map(|it| agreement(ConsensusMessage::Proposal(it)))
        }
        n if n == VOTE.number => decode(content).map(|it| agreement(ConsensusMessage::Vote(it))),
        n if n == POLKA.number => decode(content).map(|it| agreement(ConsensusMessage::Polka(it))),
        n if n == ROUND.number => decode(content).map(|it| agreement(ConsensusMessage::Round(it))),
        n if n == BODY.number => decode(content).map(Message::Body),
        n if n == BODY_REQUEST.number => {
            decode(content).map(|(height, block)| Message::BodyRequest { height, block })
        }
        n if n == STATUS.number => decode(content).map(|(height, voting, clock_ms, run)| {
            Message::Status { height, voting, clock_ms, run }
        }),
        n if n == BLOCKS_REQUEST.number => {
            decode(content).map(|(from, count)| Message::BlocksRequest { from, count })
        }
        n if n == BLOCKS.number => decode(content).map(Message::Blocks),
        n if n == OFFER.number => decode(content).map(Message::Offer),
        n if n == WANT.number => decode(content).map(Message::Want),
        n if n == TRANSACTIONS.number => decode(content).map(Message::Transactions),
        n if n == SEEN.number => decode(content)
            .map(|(newest, twin, height, reached)| Message::Seen { newest, twin, height, reached }),
        _ => return Err(format!("there is no kind of frame with the number {number}")),
    };
    message.map_err(|error| error.to_string())
}
