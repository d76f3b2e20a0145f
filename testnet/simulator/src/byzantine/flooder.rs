//! A byzantine node that floods others with messages for heights and rounds far ahead.

use ehb_consensus::{ConsensusMessage, PolkaCertificate, RoundCertificate, RoundCertificateKind};
use ehb_replica::Message;
use ehb_types::{Hash, Proposal, VoteKind};

use super::{Context, Interceptor, twin};

/// The number of messages that follow each vote. Others must verify a signature for each that they do not
/// drop before.
const FLOOD_MESSAGES: u64 = 6;

/// Sends votes, proposals and certificates for rounds and heights far ahead, up to the largest numbers, all
/// with valid signatures where possible; and blocks of the next height.
pub(super) struct Flooder;

impl Interceptor for Flooder {
    fn on_send(&mut self, context: &mut Context<'_>, to: Option<usize>, message: Message) {
        if let Message::Consensus(ConsensusMessage::Vote(signed)) = &message {
            for _ in 0..FLOOD_MESSAGES {
                let to = context.dice.index(context.nodes);
                if to != context.own {
                    let flood = ahead(context, &signed.vote);
                    context.send(Some(to), flood);
                }
            }
        }
        if let Message::Body(block) = &message {
            let mut next = ehb_types::Block::clone(block);
            next.header.height += context.dice.between(0, 2);
            next.header.timestamp_ms += context.dice.below(1_000);
            next.header.proposer = context.key.public_key();
            context.send(None, Message::Body(twin::signed(next, context.key).into()));
        }
        context.send(to, message);
    }
}

fn ahead(context: &mut Context<'_>, vote: &ehb_types::Vote) -> Message {
    let far = [1, 2, 5, 11, 1_000, 1 << 31, u64::from(u32::MAX)];
    let by = context.dice.pick(&far).unwrap_or(1);
    let is_round = context.dice.chance(500);
    let more = u32::try_from(by).unwrap_or(u32::MAX);
    let round = if is_round { vote.round.saturating_add(more) } else { vote.round };
    let height = match (is_round, context.dice.chance(100)) {
        (true, _) => vote.height,
        (false, true) => u64::MAX,
        (false, false) => vote.height.saturating_add(by),
    };
    let block = Hash([u8::try_from(context.dice.below(256)).unwrap_or(0); 32]);
    let kind = if context.dice.chance(500) { VoteKind::Prevote } else { VoteKind::Precommit };
    let validator = context.key.public_key();
    match context.dice.below(7) {
        0 => {
            let valid_round = context.dice.chance(500).then_some(round.saturating_sub(1));
            let proposer = validator;
            context.signed_proposal(Proposal { height, round, block, valid_round, proposer })
        }
        1 => Message::Consensus(ConsensusMessage::Polka(PolkaCertificate {
            height,
            round,
            block,
            signatures: Vec::new(),
        })),
        2 => {
            // In the name of any validator; the signature is this node's.
            let proposer = ehb_types::PublicKey([round as u8; 32]);
            let block = Hash([1; 32]);
            context.signed_proposal(Proposal { height, round, block, valid_round: None, proposer })
        }
        3 => Message::Consensus(ConsensusMessage::Round(RoundCertificate {
            height,
            round,
            kind: RoundCertificateKind::Skip,
            votes: Vec::new(),
        })),
        4 => context.signed_vote(ehb_types::Vote { kind, height, round, block: None, validator }),
        _ => context.signed_vote(ehb_types::Vote {
            kind,
            height,
            round,
            block: Some(block),
            validator,
        }),
    }
}
