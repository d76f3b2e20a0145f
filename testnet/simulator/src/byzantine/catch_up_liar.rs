//! A byzantine node that deceives nodes that are catching up.

use std::collections::BTreeMap;

use ehb_replica::{CertifiedBlock, Message, Voting};
use ehb_types::{Hash, SharedBlock, Signature};

use super::{Context, Interceptor, twin};

/// How many bodies it remembers to falsify.
const BODIES_MAX: usize = 32;

/// Lies about its height, and sends wrong blocks to nodes that are catching up: with another body, another
/// header, a forged or incomplete certificate, a gap, old blocks, or none. If a body is requested, or is just
/// being sent by another node, it offers the same header with another body.
#[derive(Default)]
pub(super) struct CatchUpLiar {
    bodies: BTreeMap<(u64, Hash), SharedBlock>,
}

impl Interceptor for CatchUpLiar {
    fn on_send(&mut self, context: &mut Context<'_>, to: Option<usize>, message: Message) {
        match message {
            Message::Status { height, voting, clock_ms, run } => {
                let height = lie(context, height);
                let voting = match voting {
                    Voting::Votes(reached) => Voting::Votes(lie(context, reached)),
                    other => other,
                };
                context.send(to, Message::Status { height, voting, clock_ms, run });
            }
            Message::Blocks(blocks) => {
                if !context.dice.chance(100) {
                    let blocks = falsify(context, blocks);
                    context.send(to, Message::Blocks(blocks));
                }
            }
            other => context.send(to, other),
        }
    }

    fn on_receive(&mut self, context: &mut Context<'_>, from: usize, message: &Message) {
        match message {
            Message::Body(block) => {
                let place = (block.header.height, block.hash());
                // Two of them would answer each other forever.
                let is_new = self.bodies.insert(place, block.clone()).is_none();
                while self.bodies.len() > BODIES_MAX {
                    self.bodies.pop_first();
                }
                if is_new {
                    let hollow = twin::hollow(context.dice, block);
                    context.send(None, Message::Body(hollow));
                }
            }
            Message::BodyRequest { height, block } => {
                if let Some(known) = self.bodies.get(&(*height, *block)) {
                    let hollow = twin::hollow(context.dice, known);
                    context.send(Some(from), Message::Body(hollow));
                }
            }
            _ => {}
        }
    }
}

fn lie(context: &mut Context<'_>, height: u64) -> u64 {
    match context.dice.below(7) {
        0 => height,
        1 => 0,
        2 => height + 1,
        3 => height + 3,
        4 => height + 1_000,
        5 => u64::MAX - 1,
        _ => u64::MAX,
    }
}

fn falsify(context: &mut Context<'_>, mut blocks: Vec<CertifiedBlock>) -> Vec<CertifiedBlock> {
    let at = context.dice.index(blocks.len());
    let kind = context.dice.below(10);
    let Some(wrong) = blocks.get_mut(at) else { return blocks };
    match kind {
        0 => wrong.block = twin::hollow(context.dice, &wrong.block),
        1 => {
            let round = wrong.block.header.round;
            wrong.block = twin::valid(context.dice, &wrong.block, round, context.key).into();
        }
        2 => {
            wrong.block = twin::invalid(context.dice, &wrong.block, context.key).into();
            wrong.certificate.block = wrong.block.hash();
        }
        3 => wrong.certificate.signatures.truncate(1),
        4 => {
            for it in &mut wrong.certificate.signatures {
                it.signature = Signature([1; 64]);
            }
        }
        5 => wrong.certificate.round = u32::MAX,
        6 => {
            blocks.remove(at);
        }
        7 => blocks.reverse(),
        8 => blocks.clear(),
        _ => {}
    }
    blocks
}
