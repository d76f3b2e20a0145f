//! A byzantine node that withholds some or all of its messages.

use ehb_consensus::Message as Vote;
use ehb_replica::Message;

use super::{Conduct, Stage};
use crate::dice::Dice;

/// Withholds messages for the whole run.
#[derive(Clone, Copy)]
pub(super) enum Silent {
    /// Its proposals: the others wait in vain in its turn.
    Proposals,
    /// The bodies of its blocks: the others know only a hash.
    Bodies,
    /// Its votes.
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

impl Conduct for Silent {
    fn says(&mut self, stage: &mut Stage<'_>, to: Option<usize>, message: Message) {
        let said = match self {
            Self::Proposals => !matches!(message, Message::Consensus(Vote::Proposal(_))),
            Self::Bodies => !matches!(message, Message::Body(_)),
            Self::Votes => !matches!(message, Message::Consensus(Vote::Vote(_))),
            Self::Sometimes => {
                let heard = |it: &usize| to.is_none_or(|to| to == *it);
                let mut peers: Vec<usize> = stage.peers().into_iter().filter(heard).collect();
                peers.retain(|_| stage.dice.chance(500));
                stage.send_each(&peers, &message);
                false
            }
            Self::All => false,
        };
        if said {
            stage.send(to, message);
        }
    }
}
