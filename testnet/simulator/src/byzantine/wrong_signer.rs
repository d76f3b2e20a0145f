//! A byzantine node whose blocks have transactions with wrong signatures.

use ehb_consensus::ConsensusMessage;
use ehb_replica::Message;
use ehb_types::{Block, Proposal, SharedTransaction, Signature, SignedTransaction};

use super::{Context, Interceptor, twin};

/// For how many rounds it announces such a block at once.
const ROUNDS: u32 = 4;

/// Signs headers of blocks in which a signature of a transaction is wrong, and announces them for this round and the next ones:
/// others should verify them for nothing, and take their transactions into their mempools.
pub(super) struct WrongSigner;

impl Interceptor for WrongSigner {
    fn on_send(&mut self, context: &mut Context<'_>, to: Option<usize>, message: Message) {
        let Message::Body(block) = &message else {
            // Its own good proposal would contradict the others.
            if !matches!(&message, Message::Consensus(ConsensusMessage::Proposal(_))) {
                context.send(to, message);
            }
            return;
        };
        if block.transactions.is_empty() || block.header.proposer != context.key.public_key() {
            return context.send(to, message);
        }
        for round in block.header.round..block.header.round + ROUNDS {
            let wrong = with_wrong_signature(context, block, round);
            let (height, proposer) = (wrong.header.height, wrong.header.proposer);
            let proposal =
                Proposal { height, round, block: wrong.hash(), valid_round: None, proposer };
            let proposal = context.signed_proposal(proposal);
            context.send(None, proposal);
            context.send(None, Message::Body(wrong.into()));
        }
    }
}

/// The block with a wrong signature in its last transaction, which is found last.
fn with_wrong_signature(context: &Context<'_>, block: &Block, round: u32) -> Block {
    let mut wrong = block.clone();
    if let Some(last) = wrong.transactions.last_mut() {
        let mut signed = SignedTransaction::clone(last);
        if let Some(it) = signed.signatures.last_mut() {
            it.signature = Signature([7; 64]);
        }
        *last = SharedTransaction::from(signed);
    }
    wrong.header.round = round;
    wrong.header.transactions_root = Block::transactions_root(&wrong.transactions);
    twin::signed(wrong, context.key)
}
