//! A byzantine node that withholds some or all of its messages.

use ehb_consensus::ConsensusMessage;
use ehb_replica::Message;

use super::{Context, Interceptor};
use crate::dice::Dice;

/// Withholds messages for the whole run.
#[derive(Clone, Copy)]
pub(super) enum Silent {
    /// Its proposals: the others wait in vain in its turn.
    Proposals,
    /// The bodies of its blocks: the others know only a hash.
    Bodies,
    Votes,
    /// All messages to some peers, which it chooses again each time.
    Sometimes,
    /// Everything.
    All,
}

impl Silent {
    pub(super) fn any(dice: &mut Dice) -> Self {
        let kinds = [Self::Proposals, Self::Bodies, Self::Votes, Self::Sometimes, Self::All];
        dice.pick(&kinds).unwrap_or(Self::All)
    }
}

impl Interceptor for Silent {
    fn on_send(&mut self, context: &mut Context<'_>, to: Option<usize>, message: Message) {
        let said = match self {
            Self::Proposals => {
                !matches!(message, Message::Consensus(ConsensusMessage::Proposal(_)))
            }
            Self::Bodies => !matches!(message, Message::Body(_)),
            Self::Votes => !matches!(message, Message::Consensus(ConsensusMessage::Vote(_))),
            Self::Sometimes => {
                let heard = |it: &usize| to.is_none_or(|to| to == *it);
                let mut peers: Vec<usize> = context.peers().into_iter().filter(heard).collect();
                peers.retain(|_| context.dice.chance(500));
                context.send_each(&peers, &message);
                false
            }
            Self::All => false,
        };
        if said {
            context.send(to, message);
        }
    }
}
