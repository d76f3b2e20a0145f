//! A byzantine node that floods others with different valid blocks.

use ehb_consensus::ConsensusMessage;
use ehb_replica::Message;
use ehb_types::{Block, Proposal};

use super::{Context, Interceptor, twin};

/// How often it floods.
const FLOODS: u32 = 2;
/// The number of blocks that it sends each time: more than others can keep.
const BLOCKS: u32 = 120;

/// Makes others remember as much as its key permits: different valid blocks, some announced for its turns in
/// rounds far ahead, the last of them first, some not announced at all, some of the next height.
#[derive(Default)]
pub(super) struct BodyFlooder {
    floods: u32,
}

impl Interceptor for BodyFlooder {
    fn on_send(&mut self, context: &mut Context<'_>, to: Option<usize>, message: Message) {
        if let Message::Body(block) = &message
            && self.floods < FLOODS
        {
            self.floods += 1;
            for round in (0..BLOCKS).rev() {
                let variant = variant(context, block, round);
                let height = variant.header.height;
                let (block, proposer) = (variant.hash(), context.key.public_key());
                let announced = context.dice.chance(700);
                if announced {
                    let proposal = Proposal { height, round, block, valid_round: None, proposer };
                    let proposal = context.signed_proposal(proposal);
                    context.send(None, proposal);
                }
                context.send(None, Message::Body(variant.into()));
            }
        }
        if let Message::Consensus(ConsensusMessage::Proposal(_)) = &message
            && context.dice.chance(500)
        {
            // It skips its own turn, so that the others stay in this height for longer.
            return;
        }
        context.send(to, message);
    }
}

/// Another block like the given one, for one of its own turns.
fn variant(context: &Context<'_>, block: &Block, round: u32) -> Block {
    let mut variant = block.clone();
    variant.header.timestamp_ms += u64::from(round) + 1;
    (variant.header.round, variant.header.proposer) = (round, context.key.public_key());
    twin::signed(variant, context.key)
}
