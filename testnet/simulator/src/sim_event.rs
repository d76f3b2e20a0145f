//! The properties of simulated events, and their texts for the trace.

use ehb_consensus::ConsensusMessage;
use ehb_replica::{Event, Message};
use ehb_types::{Hash, VoteKind};

use crate::world::{Packet, SimEvent};

impl SimEvent {
    /// The node at which it happens, if it can be delayed by a pause.
    pub(crate) fn at_node(&self) -> Option<usize> {
        match self {
            Self::Deliver { to, .. } | Self::Receiving { to, .. } => Some(*to),
            Self::Perform { node, .. }
            | Self::Answer { node, .. }
            | Self::Serve { node, .. }
            | Self::Wake { node, .. }
            | Self::Timer { node, .. } => Some(*node),
            _ => None,
        }
    }

    /// Its urgency for a busy replica, 0 for most urgent; `None` if it is not a step of the replica.
    pub(crate) fn urgency(&self) -> Option<usize> {
        match self {
            Self::Timer { .. } => Some(0),
            Self::Answer { .. } => Some(1),
            Self::Deliver { .. } | Self::Receiving { .. } => Some(2),
            _ => None,
        }
    }

    /// Kind, node and some detail, for the digest.
    pub(crate) fn summary(&self) -> (u64, usize, u64) {
        match self {
            Self::Deliver { from, to, packet, .. } => (1 + *from as u64, *to, packet.detail()),
            Self::Perform { node, life } => (101, *node, *life),
            Self::Answer { node, event, .. } => (102, *node, answer_detail(event)),
            Self::Serve { node, to, .. } => (103, *node, *to as u64),
            Self::Timer { node, set, .. } => (104, *node, *set),
            Self::Start { node } => (105, *node, 0),
            Self::Connect { a, b } => (106, *a, *b as u64),
            Self::Clients => (107, 0, 0),
            Self::Strike { kind, what } => (108, *kind, *what),
            Self::Wake { node, .. } => (109, *node, 0),
            Self::Receiving { from, to, .. } => (110, *to, *from as u64),
            Self::Heal => (111, 0, 0),
        }
    }

    /// A line of the trace; none for events that happen too often to be useful.
    pub(crate) fn line(&self) -> Option<String> {
        match self {
            Self::Deliver { from, to, packet: Packet::Message(message), .. } => {
                Some(format!("{from} -> {to} {}", describe(message)))
            }
            Self::Timer { node, timer, .. } => Some(format!("node {node} timer {timer:?}")),
            Self::Heal => Some("the faults end".into()),
            _ => None,
        }
    }
}

impl Packet {
    fn detail(&self) -> u64 {
        match self {
            Self::Message(message) => detail(message),
            Self::Gossip(transactions) => transactions.len() as u64,
            Self::Unknown => 0,
        }
    }
}

fn prefix(bytes: &[u8]) -> u64 {
    bytes.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn answer_detail(event: &Event) -> u64 {
    match event {
        Event::Committed { height, .. } => *height,
        Event::Executed { block, execution } => {
            prefix(block.as_bytes()) ^ prefix(execution.changes.root.as_bytes())
        }
        Event::Verified { batch, valid } => batch << 16 | valid.len() as u64,
        Event::BodyVerified { block, valid } => prefix(block.as_bytes()) ^ u64::from(*valid),
        _ => 0,
    }
}

fn detail(message: &Message) -> u64 {
    match message {
        Message::Consensus(ConsensusMessage::Vote(it)) => prefix(&it.signature.0),
        Message::Consensus(ConsensusMessage::Proposal(it)) => prefix(&it.signature.0),
        Message::Consensus(ConsensusMessage::Polka(it)) => prefix(it.block.as_bytes()),
        Message::Consensus(ConsensusMessage::Round(it)) => it.height << 16 | u64::from(it.round),
        Message::Body(block) => prefix(block.header.transactions_root.as_bytes()),
        Message::BodyRequest { block, .. } => prefix(block.as_bytes()),
        Message::Status { height, .. } => *height,
        Message::BlocksRequest { from, .. } => *from,
        Message::Blocks(blocks) => blocks.len() as u64,
        Message::Offer(ids) | Message::Want(ids) => {
            ids.iter().fold(ids.len() as u64, |sum, id| sum.rotate_left(1) ^ prefix(id.as_bytes()))
        }
        Message::Transactions(transactions) => transactions.len() as u64,
        Message::Seen { newest, .. } => newest.as_ref().map_or(0, ConsensusMessage::height),
    }
}

fn short(hash: &Hash) -> String {
    hash.to_string().chars().take(8).collect()
}

/// A short description of a message.
pub(crate) fn describe(message: &Message) -> String {
    match message {
        Message::Consensus(ConsensusMessage::Vote(it)) => {
            let it = &it.vote;
            let block = it.block.as_ref().map_or("nil".into(), short);
            match it.kind {
                VoteKind::Prevote => format!("prevote {}/{} {block}", it.height, it.round),
                VoteKind::Precommit => format!("precommit {}/{} {block}", it.height, it.round),
            }
        }
        Message::Consensus(ConsensusMessage::Proposal(it)) => {
            let it = &it.proposal;
            format!("proposal {}/{} {} {:?}", it.height, it.round, short(&it.block), it.valid_round)
        }
        Message::Consensus(ConsensusMessage::Polka(it)) => {
            format!("polka {}/{} {}", it.height, it.round, short(&it.block))
        }
        Message::Consensus(ConsensusMessage::Round(it)) => {
            format!("round {}/{} {:?} {}", it.height, it.round, it.kind, it.votes.len())
        }
        Message::Body(block) => {
            let (count, bytes) = (block.transactions.len(), block.encoded().len());
            let height = block.header.height;
            format!("body {height} {} of {count}, {bytes} bytes", short(&block.hash()))
        }
        Message::BodyRequest { height, block } => format!("wants body {height} {}", short(block)),
        Message::Status { height, voting, .. } => format!("status {height} {voting:?}"),
        Message::BlocksRequest { from, count } => format!("wants {count} blocks from {from}"),
        Message::Blocks(blocks) => {
            let heights: Vec<u64> = blocks.iter().map(|it| it.block.header.height).collect();
            format!("blocks {heights:?}")
        }
        Message::Offer(ids) => format!("offers {} transactions", ids.len()),
        Message::Want(ids) => format!("wants {} transactions", ids.len()),
        Message::Transactions(transactions) => format!("{} transactions", transactions.len()),
        Message::Seen { newest, height, reached, .. } => {
            format!(
                "at {height} {reached:?} has seen {:?}",
                newest.as_ref().and_then(ConsensusMessage::signed)
            )
        }
    }
}
