//! Byzantine nodes: nodes that break the rules.
//!
//! A byzantine node runs a real replica with a real key; its messages pass through an [`Interceptor`], which can
//! change, withhold or add messages. Each interceptor has its own file.

mod amnesiac;
mod body_flooder;
mod catch_up_liar;
mod claimer;
mod double_voter;
mod equivocator;
mod flooder;
mod forged_proposer;
mod miser;
mod silent;
mod twin;
mod wrong_signer;

use std::fmt;
use std::str::FromStr;

use ehb_consensus::ConsensusMessage;
use ehb_replica::Message;
use ehb_types::{Hash, Proposal, SecretKey};

use crate::dice::Dice;

/// A way to break the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Behaviour {
    /// Proposes two blocks in one round, and votes for both.
    Equivocator,
    /// Votes twice in one round.
    DoubleVoter,
    /// Votes against its own lock, and proposes new blocks when it must repeat an old one.
    Amnesiac,
    /// Withholds its proposals, its bodies, its votes, or everything.
    Silent,
    /// Sends many messages for heights and rounds far ahead.
    Flooder,
    /// Lies about its height and answers requests for blocks with wrong ones.
    CatchUpLiar,
    /// Names another validator as the builder of its blocks.
    ForgedProposer,
    /// Sends as many blocks as its key permits.
    BodyFlooder,
    /// Claims to be far ahead, and sends no block when asked.
    Claimer,
    /// Claims to be ahead, and sends a single block when asked.
    Miser,
    /// Makes blocks in which a transaction has a wrong signature.
    WrongSigner,
}

impl Behaviour {
    /// All behaviours, in the order in which the help lists them.
    pub const ALL: [Self; 11] = [
        Self::Equivocator,
        Self::DoubleVoter,
        Self::Amnesiac,
        Self::Silent,
        Self::Flooder,
        Self::CatchUpLiar,
        Self::ForgedProposer,
        Self::BodyFlooder,
        Self::Claimer,
        Self::Miser,
        Self::WrongSigner,
    ];

    /// The name on the command line and in outcomes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Equivocator => "equivocator",
            Self::DoubleVoter => "double-voter",
            Self::Amnesiac => "amnesiac",
            Self::Silent => "silent",
            Self::Flooder => "flooder",
            Self::CatchUpLiar => "catch-up-liar",
            Self::ForgedProposer => "forged-proposer",
            Self::BodyFlooder => "body-flooder",
            Self::Claimer => "claimer",
            Self::Miser => "miser",
            Self::WrongSigner => "wrong-signer",
        }
    }

    /// A node's interceptor. If there are several variants, one is chosen at random.
    pub(crate) fn interceptor(self, dice: &mut Dice) -> Box<dyn Interceptor> {
        match self {
            Self::Equivocator => Box::new(equivocator::Equivocator::default()),
            Self::DoubleVoter => Box::new(double_voter::DoubleVoter::default()),
            Self::Amnesiac => Box::new(amnesiac::Amnesiac::default()),
            Self::Silent => Box::new(silent::Silent::any(dice)),
            Self::Flooder => Box::new(flooder::Flooder),
            Self::CatchUpLiar => Box::new(catch_up_liar::CatchUpLiar::default()),
            Self::ForgedProposer => Box::new(forged_proposer::ForgedProposer::default()),
            Self::BodyFlooder => Box::new(body_flooder::BodyFlooder::default()),
            Self::Claimer => Box::new(claimer::Claimer),
            Self::Miser => Box::new(miser::Miser),
            Self::WrongSigner => Box::new(wrong_signer::WrongSigner),
        }
    }
}

impl fmt::Display for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Behaviour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = Self::ALL.map(Self::name).join(", ");
        let found = Self::ALL.into_iter().find(|it| it.name() == text);
        found.ok_or_else(|| format!("there is no behaviour {text}; there are: {names}"))
    }
}

/// Handles the messages of a byzantine node.
pub(crate) trait Interceptor {
    /// The node's replica sends a message, to one peer or (`None`) to all.
    fn on_send(&mut self, context: &mut Context<'_>, to: Option<usize>, message: Message);

    /// The node receives a message, before its replica does.
    fn on_receive(&mut self, _context: &mut Context<'_>, _from: usize, _message: &Message) {}
}

/// The context of a byzantine node.
pub(crate) struct Context<'a> {
    pub(crate) dice: &'a mut Dice,
    pub(crate) own: usize,
    pub(crate) nodes: usize,
    pub(crate) key: &'a SecretKey,
    /// The genesis hash.
    pub(crate) chain: &'a Hash,
    /// The messages to send, with their recipients.
    pub(crate) posts: Vec<(usize, Message)>,
}

impl Context<'_> {
    /// Sends to one peer, or to all.
    fn send(&mut self, to: Option<usize>, message: Message) {
        match to {
            Some(to) => self.posts.push((to, message)),
            None => self.posts.extend(self.peers().into_iter().map(|to| (to, message.clone()))),
        }
    }

    /// Sends to each of some peers.
    fn send_each(&mut self, to: &[usize], message: &Message) {
        self.posts.extend(to.iter().map(|to| (*to, message.clone())));
    }

    fn peers(&self) -> Vec<usize> {
        (0..self.nodes).filter(|node| *node != self.own).collect()
    }

    /// Two groups of peers that together are all of them; some may be in both.
    fn halves(&mut self) -> (Vec<usize>, Vec<usize>) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for peer in self.peers() {
            let side = self.dice.below(5);
            if side != 0 {
                if side.is_multiple_of(2) { left.push(peer) } else { right.push(peer) }
            } else {
                left.push(peer);
                right.push(peer);
            }
        }
        (left, right)
    }

    fn signed_vote(&self, vote: ehb_types::Vote) -> Message {
        Message::Consensus(ConsensusMessage::Vote(vote.sign(self.chain, self.key)))
    }

    fn signed_proposal(&self, proposal: Proposal) -> Message {
        Message::Consensus(ConsensusMessage::Proposal(proposal.sign(self.chain, self.key)))
    }

    /// Whether a vote or proposal is the node's own.
    fn is_own(&self, message: &ConsensusMessage) -> bool {
        let own = self.key.public_key();
        match message {
            ConsensusMessage::Vote(it) => it.vote.validator == own,
            ConsensusMessage::Proposal(it) => it.proposal.proposer == own,
            ConsensusMessage::Polka(_) | ConsensusMessage::Round(_) => false,
        }
    }
}
