//! Receives messages: processes them now, keeps early ones, collects late ones, or rejects them.

use ehb_types::PublicKey;

use super::{Consensus, MESSAGE_SIGNATURES_MAX, precommitted, signed_by};
use crate::core_effects::{BAD_SIGNATURE, message_in};
use crate::decided::Late;
use crate::{ConsensusMessage, Fault, Output};

impl Consensus {
    pub(super) fn receive(&mut self, message: ConsensusMessage) {
        if message.signatures() > MESSAGE_SIGNATURES_MAX {
            self.effects.invalid("a certificate with more signatures than there are validators");
            return;
        }
        let current = self.height();
        if message.height() > current {
            self.receive_early(message);
        } else if message.height() < current || self.resting {
            self.receive_late(&message);
        } else {
            self.deliver(message, false);
        }
    }

    /// Keeps a message for a height that was not started.
    fn receive_early(&mut self, message: ConsensusMessage) {
        let Some((place, sender, _)) = signed_by(&message) else { return };
        if !self.may_be_early(message.height(), &sender)
            || !self.inbox.has_room(self.height(), &place, sender)
        {
            return;
        }
        if !self.is_signed(&message) {
            self.effects.invalid(BAD_SIGNATURE);
            return;
        }
        self.inbox.insert(&place, sender, message);
        self.want_next_height();
    }

    /// Whether a key is that of a validator of a height that was not started, as far as its validators are known.
    fn may_be_early(&self, height: u64, sender: &PublicKey) -> bool {
        let [next, later] = &self.upcoming;
        let is_next = height == self.height().saturating_add(1);
        next.index_of(sender).is_some() || (!is_next && later.index_of(sender).is_some())
    }

    pub(super) fn want_next_height(&mut self) {
        let next = self.height().saturating_add(1);
        if self.resting && self.wanted < next && self.inbox.has_messages(next) {
            self.wanted = next;
            self.effects.outputs.push(Output::HeightWanted { height: next });
        }
    }

    pub(super) fn receive_late(&mut self, message: &ConsensusMessage) {
        let ConsensusMessage::Vote(signed) = message else { return };
        let (validator, height) = (signed.vote.validator, signed.vote.height);
        if Some(validator) == self.effects.own {
            return;
        }
        let late = match &mut self.decided {
            Some(decided) if decided.certificate().height == height => {
                decided.receive(&self.effects.chain, signed)
            }
            _ if self.effects.roster.member(&validator).is_some() => Late::Behind,
            _ => Late::Nothing,
        };
        match late {
            Late::Nothing => {}
            Late::Behind => self.effects.outputs.push(Output::Behind { validator, height }),
            Late::Invalid => self.effects.invalid(BAD_SIGNATURE),
        }
    }

    /// Passes a message of the height in progress to the core.
    pub(super) fn deliver(&mut self, message: ConsensusMessage, verified: bool) {
        if self.resting {
            self.receive_late(&message);
            return;
        }
        if let Some(what) = self.out_of_place(&message) {
            // A failure of a message that was kept from before the height is not the fault of the current
            // peer.
            if !verified {
                self.effects.invalid(what);
            }
            return;
        }
        let mut verified = verified;
        if let Some((place, sender, signature)) = signed_by(&message)
            && Some(sender) == self.effects.own
        {
            if self.effects.made(&place, &signature) {
                return;
            }
            if !self.is_signed(&message) {
                self.effects.invalid(BAD_SIGNATURE);
                return;
            }
            verified = true;
            self.effects.guard.observe(place);
            self.effects.outputs.push(Output::Fault(Fault::KeyUsedElsewhere { signed: place }));
        }
        self.effects.in_hand = signed_by(&message).map(|(_, _, signature)| signature);
        self.effects.verified = self.effects.in_hand.filter(|_| verified);
        let precommitted = precommitted(&message);
        self.process(message_in(message));
        self.effects.in_hand = None;
        self.effects.verified = None;
        for (round, block) in precommitted {
            self.notice_decision(round, block);
        }
    }

    /// Why the sender cannot send this message, whatever its signature.
    fn out_of_place(&self, message: &ConsensusMessage) -> Option<&'static str> {
        match message {
            ConsensusMessage::Vote(it)
                if self.effects.roster.member(&it.vote.validator).is_none() =>
            {
                Some("a vote signed by a key that is not a validator's")
            }
            ConsensusMessage::Proposal(it) => {
                let turn = self.proposer(it.proposal.round).consensus_key;
                (it.proposal.proposer != turn)
                    .then_some("a proposal that is not by the proposer of its round")
            }
            _ => None,
        }
    }
}
