//! A byzantine node whose blocks have transactions with wrong signatures.

use ehb_consensus::Message as Vote;
use ehb_replica::Message;
use ehb_types::{Block, Proposal, SharedTransaction, Signature, SignedTransaction};

use super::{Conduct, Stage, twin};

/// For how many rounds it announces such a block at once.
const ROUNDS: u32 = 4;

/// Signs headers of blocks in which a signature of a transaction is wrong, and announces them for this round and the next ones:
/// others should verify them for nothing, and take their transactions into their mempools.
pub(super) struct WrongSigner;

impl Conduct for WrongSigner {
    fn says(&mut self, stage: &mut Stage<'_>, to: Option<usize>, message: Message) {
        let Message::Body(block) = &message else {
            // Its own good proposal would contradict the others.
            if !matches!(&message, Message::Consensus(Vote::Proposal(_))) {
                stage.send(to, message);
            }
            return;
        };
        if block.transactions.is_empty() || block.header.proposer != stage.key.public_key() {
            return stage.send(to, message);
        }
        for round in block.header.round..block.header.round + ROUNDS {
            let wrong = with_wrong_signature(stage, block, round);
            let (height, proposer) = (wrong.header.height, wrong.header.proposer);
            let proposal =
                Proposal { height, round, block: wrong.hash(), valid_round: None, proposer };
            let proposal = stage.signed_proposal(proposal);
            stage.send(None, proposal);
            stage.send(None, Message::Body(wrong.into()));
        }
    }
}

/// The block with a wrong signature in its last transaction, which is found last.
fn with_wrong_signature(stage: &Stage<'_>, block: &Block, round: u32) -> Block {
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
    twin::signed(wrong, stage.key)
}
