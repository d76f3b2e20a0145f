//! Handles the core's effects and turns them into outputs.

use std::collections::{BTreeMap, BTreeSet};

use arc_malachitebft_core_consensus as core;
use arc_malachitebft_core_types as malachite;
use core::{
    ConsensusMsg, Effect, LivenessMsg, MisbehaviorEvidence, Resumable, Resume, SignedConsensusMsg,
    VoteExtensionError,
};
use ehb_types::{
    CommitCertificate, ConsensusParameters, Evidence, Hash, PublicKey, SecretKey, Signature,
    SignedProposal, encode,
};

use crate::certificates::{verify_own_commit, verify_polka, verify_round};
use crate::context::{Chain, Roster, number};
use crate::convert::{
    CoreInput, CoreProposal, CoreRound, CoreVote, bare_proposal_out, bare_vote_out, commit_out,
    entry_out, polka_out, proposal_in, proposal_out, round_out, timer_out, vote_in, vote_out,
};
use crate::guard::{SignGuard, SignStep};
use crate::timeouts::{duration_ms, pause_ms};
use crate::{ConsensusMessage, Fault, LastSigned, LogEntry, LoggedValue, Output, TimerId};

/// A placeholder for a refused signature. A message with it is never counted or sent, because this node did
/// not sign it.
const NO_SIGNATURE: Signature = Signature([0; 64]);

/// The reason in [`Output::Invalid`] for a vote or proposal, and for a certificate.
pub(crate) const BAD_SIGNATURE: &str = "a message whose signature does not verify";
const BAD_CERTIFICATE: &str = "an invalid certificate";

/// Performs the core's effects and collects the outputs of a step.
pub(crate) struct CoreEffects {
    pub(crate) chain: Hash,
    key: Option<SecretKey>,
    pub(crate) own: Option<PublicKey>,
    pub(crate) guard: SignGuard,
    /// This node's messages of the height in progress, with their signatures.
    signed: BTreeMap<(u32, SignStep), (LastSigned, Signature)>,
    /// This node's newest proposal of the height in progress.
    pub(crate) proposal: Option<SignedProposal>,
    pub(crate) roster: Roster,
    pub(crate) height: u64,
    parameters: ConsensusParameters,
    /// The running timers.
    pub(crate) timers: BTreeSet<TimerId>,
    /// The round for which a block was requested and not yet received.
    pub(crate) asked: Option<u32>,
    /// The signature of the current message, if it is a vote or proposal.
    pub(crate) in_hand: Option<Signature>,
    /// The signature of the current message, if it was verified before.
    pub(crate) verified: Option<Signature>,
    /// The newest verdict in the height's log on each block, with its round. A valid block stays valid.
    logged_values: BTreeMap<Hash, (u32, bool)>,
    /// The round that pauses before it ends, although no block can be decided in it any more.
    pub(crate) paused: Option<u32>,
    /// Validators that did not propose in their last turn.
    pub(crate) silent: BTreeSet<PublicKey>,
    /// The encoded entries of the log that is being replayed: they are not logged again.
    pub(crate) replayed: BTreeSet<Vec<u8>>,
    pub(crate) decision: Option<CommitCertificate>,
    pub(crate) outputs: Vec<Output>,
}

impl CoreEffects {
    pub(crate) fn new(
        chain: Hash,
        key: Option<SecretKey>,
        guard: SignGuard,
        roster: Roster,
        height: u64,
    ) -> Self {
        Self {
            chain,
            own: key.as_ref().map(SecretKey::public_key),
            key,
            guard,
            signed: BTreeMap::new(),
            proposal: None,
            roster,
            height,
            parameters: ConsensusParameters::default(),
            timers: BTreeSet::new(),
            asked: None,
            in_hand: None,
            verified: None,
            logged_values: BTreeMap::new(),
            paused: None,
            silent: BTreeSet::new(),
            replayed: BTreeSet::new(),
            decision: None,
            outputs: Vec::new(),
        }
    }

    /// Discards the last height and starts the next.
    pub(crate) fn begin(&mut self, height: u64, roster: Roster, parameters: ConsensusParameters) {
        self.signed.clear();
        self.proposal = None;
        self.roster = roster;
        self.height = height;
        self.parameters = parameters;
        self.asked = None;
        self.logged_values.clear();
        self.paused = None;
        self.silent.clear();
        self.decision = None;
    }

    /// Discards everything up to a height that others decided.
    pub(crate) fn skip_to(&mut self, height: u64, roster: Roster) {
        let parameters = self.parameters.clone();
        self.begin(height, roster, parameters);
    }

    /// Records the contents of the height's log: messages of this node, and verdicts.
    pub(crate) fn adopt(&mut self, entry: &LogEntry) {
        match entry {
            LogEntry::Vote(it) if Some(it.vote.validator) == self.own => {
                self.remember(LastSigned::of_vote(&it.vote), it.signature);
            }
            LogEntry::Proposal(it) if Some(it.proposal.proposer) == self.own => {
                self.remember(LastSigned::of_proposal(&it.proposal), it.signature);
                self.proposal = Some(it.clone());
            }
            LogEntry::Value(it) => self.note_verdict(it),
            _ => {}
        }
    }

    fn note_verdict(&mut self, value: &LoggedValue) {
        let known = self.logged_values.entry(value.block).or_insert((value.round, value.valid));
        if !known.1 {
            *known = (value.round, value.valid);
        }
    }

    /// Whether a verdict adds to the log: there is none on the block yet, or the block was invalid in another
    /// round and is valid in this one. A round has one verdict on a block.
    pub(crate) fn is_news(&self, value: &LoggedValue) -> bool {
        match self.logged_values.get(&value.block) {
            None => true,
            Some((round, valid)) => !valid && value.valid && *round != value.round,
        }
    }

    fn remember(&mut self, message: LastSigned, signature: Signature) {
        self.guard.observe(message);
        self.signed.entry((message.round, message.step)).or_insert((message, signature));
    }

    /// Whether this node sent the message in the height in progress.
    pub(crate) fn holds(&self, message: &LastSigned) -> bool {
        self.signed.get(&(message.round, message.step)).is_some_and(|(made, _)| made == message)
    }

    /// Whether the message was made in this run, or is in the log that it started from.
    pub(crate) fn made(&self, message: &LastSigned, signature: &Signature) -> bool {
        self.signed
            .get(&(message.round, message.step))
            .is_some_and(|made| made == &(*message, *signature))
    }

    /// Performs an effect of the core and resumes it.
    pub(crate) fn perform(&mut self, effect: Effect<Chain>) -> Resume<Chain> {
        match effect {
            Effect::CancelAllTimeouts(_) => self.cancel_timers(),
            Effect::CancelTimeout(timeout, _) => self.cancel_timer(timeout),
            Effect::ScheduleTimeout(timeout, _) => self.set_timer(timeout),
            Effect::StartRound(height, round, proposer, _, _) => {
                self.start_round(height.0, number(round), proposer.0);
            }
            Effect::PublishConsensusMsg(message, _) => self.publish(&message),
            Effect::PublishLivenessMsg(message, _) => self.publish_liveness(&message),
            Effect::RepublishVote(vote, _) => self.publish_vote(&vote),
            Effect::RepublishRoundCertificate(it, _) => {
                self.publish_round(&it);
            }
            Effect::GetValue(_, _, timeout, _) => self.ask_for_block(timeout),
            Effect::RestreamProposal(height, round, _, _, block, _) => {
                let (height, round) = (height.0, number(round));
                self.outputs.push(Output::SendBody { height, round, block });
            }
            Effect::Decide(certificate, _, _) => self.decide(&certificate),
            Effect::Finalize(_, _, evidence, _) => self.report(evidence),
            Effect::WalAppend(_, input, _) => self.log(&input),
            Effect::SignVote(vote, r) => {
                let signature = self.sign_vote(&vote);
                return r.resume_with(CoreVote::new(vote, signature));
            }
            Effect::SignProposal(proposal, r) => {
                let signature = self.sign_proposal(&proposal);
                return r.resume_with(CoreProposal::new(proposal, signature));
            }
            Effect::VerifySignature(message, _, r) => {
                // A message that this node refused to sign has no valid signature; no peer is at fault.
                let in_hand = self.in_hand == Some(message.signature);
                let valid = self.verify(message.message, message.signature);
                if !valid && in_hand {
                    self.invalid(BAD_SIGNATURE);
                }
                return r.resume_with(valid);
            }
            Effect::VerifyCommitCertificate(it, roster, _, r) => {
                return r.resume_with(verify_own_commit(&it, &roster));
            }
            Effect::VerifyPolkaCertificate(it, roster, _, r) => {
                let verdict = verify_polka(&self.chain, &it, &roster);
                if verdict.is_err() {
                    self.invalid(BAD_CERTIFICATE);
                }
                return r.resume_with(verdict);
            }
            Effect::VerifyRoundCertificate(it, roster, _, r) => {
                let verdict = verify_round(&self.chain, &it, &roster);
                if verdict.is_err() {
                    self.invalid(BAD_CERTIFICATE);
                }
                return r.resume_with(verdict);
            }
            // Unused: catching up bypasses the core, and votes have no extensions.
            Effect::CertVerifiedSyncValue(..) | Effect::CertRejectedSyncValue(..) => {}
            Effect::VerifyExtendedCommitCertificate(_, _, _, _, r) => {
                return r.resume_with(Err(malachite::CertificateError::VerificationError(None)));
            }
            Effect::ExtendVote(_, _, _, _, r) => return r.resume_with(None),
            Effect::VerifyVoteExtension(_, _, _, _, _, _, r) => {
                return r.resume_with(Err(VoteExtensionError::InvalidVoteExtension));
            }
        }
        Resume::Continue
    }

    /// Reports the current message as one that a correct node never sends.
    pub(crate) fn invalid(&mut self, what: &'static str) {
        self.outputs.push(Output::Invalid(what));
    }

    fn start_round(&mut self, height: u64, round: u32, proposer: PublicKey) {
        self.asked = None;
        self.outputs.push(Output::RoundStarted { height, round, proposer });
    }

    pub(crate) fn duration_ms(&self, id: TimerId) -> u64 {
        let proposer = self.roster.proposer(self.height, id.round).consensus_key;
        duration_ms(&self.parameters, id, self.silent.contains(&proposer))
    }

    /// How long a round in which no block can be decided any more pauses before it ends.
    pub(crate) fn pause_ms(&self, round: u32) -> u64 {
        pause_ms(&self.parameters, self.height, round)
    }

    pub(crate) fn timer_output(&self, id: TimerId) -> Output {
        Output::SetTimer { id, after_ms: self.duration_ms(id) }
    }

    fn set_timer(&mut self, timeout: malachite::Timeout) {
        if let Some(id) = timer_out(self.height, timeout) {
            self.timers.insert(id);
            self.outputs.push(self.timer_output(id));
        }
    }

    fn cancel_timer(&mut self, timeout: malachite::Timeout) {
        if let Some(id) = timer_out(self.height, timeout)
            && self.timers.remove(&id)
        {
            self.outputs.push(Output::CancelTimer(id));
        }
    }

    pub(crate) fn cancel_timers(&mut self) {
        let timers = std::mem::take(&mut self.timers);
        self.outputs.extend(timers.into_iter().map(Output::CancelTimer));
    }

    fn ask_for_block(&mut self, timeout: malachite::Timeout) {
        if let Some(id) = timer_out(self.height, timeout) {
            let TimerId { height, round, .. } = id;
            self.asked = Some(round);
            let timeout_ms = self.duration_ms(id);
            self.outputs.push(Output::BuildBlock { height, round, timeout_ms });
        }
    }

    pub(crate) fn broadcast(&mut self, message: ConsensusMessage) {
        self.outputs.push(Output::Broadcast(message));
    }

    fn publish(&mut self, message: &SignedConsensusMsg<Chain>) {
        match message {
            SignedConsensusMsg::Vote(vote) => self.publish_vote(vote),
            SignedConsensusMsg::Proposal(proposal) => self.publish_proposal(proposal),
        }
    }

    fn publish_liveness(&mut self, message: &LivenessMsg<Chain>) {
        match message {
            LivenessMsg::Vote(vote) => self.publish_vote(vote),
            LivenessMsg::PolkaCertificate(it) => {
                self.broadcast(ConsensusMessage::Polka(polka_out(it)))
            }
            LivenessMsg::SkipRoundCertificate(it) => self.publish_round(it),
        }
    }

    /// A certificate with a vote that this node refused to sign is useless to others.
    fn publish_round(&mut self, certificate: &CoreRound) {
        let certificate = round_out(certificate);
        if certificate.votes.iter().all(|it| it.signature != NO_SIGNATURE) {
            self.broadcast(ConsensusMessage::Round(certificate));
        }
    }

    /// The core publishes only its own votes. An unsigned one is not sent.
    fn publish_vote(&mut self, vote: &CoreVote) {
        let vote = vote_out(vote);
        if self.made(&LastSigned::of_vote(&vote.vote), &vote.signature) {
            self.broadcast(ConsensusMessage::Vote(vote));
        }
    }

    /// In late rounds the core also forwards proposals of others.
    fn publish_proposal(&mut self, proposal: &CoreProposal) {
        let proposal = proposal_out(proposal);
        let place = LastSigned::of_proposal(&proposal.proposal);
        if Some(proposal.proposal.proposer) != self.own {
            self.broadcast(ConsensusMessage::Proposal(proposal));
        } else if self.made(&place, &proposal.signature) {
            self.proposal = Some(proposal.clone());
            self.broadcast(ConsensusMessage::Proposal(proposal));
        }
    }

    fn decide(&mut self, certificate: &malachite::CommitCertificate<Chain>) {
        let certificate = commit_out(certificate, self.roster.set());
        self.decision = Some(certificate.clone());
        self.outputs.push(Output::Decide { certificate });
    }

    /// Emits the misbehaviour that the core detected, each pair in the order of its encoding, so that the
    /// same pair is the same evidence on every node.
    pub(crate) fn report(&mut self, evidence: MisbehaviorEvidence<Chain>) {
        for (a, b) in evidence.votes.into_iter().flat_map(|(_, pairs)| pairs) {
            let (a, b) = ordered(vote_out(&a), vote_out(&b));
            self.outputs.push(Output::Evidence(Evidence::Votes(a, b)));
        }
        for (a, b) in evidence.proposals.into_iter().flat_map(|(_, pairs)| pairs) {
            let (a, b) = ordered(proposal_out(&a), proposal_out(&b));
            self.outputs.push(Output::Evidence(Evidence::Proposals(a, b)));
        }
    }

    fn log(&mut self, input: &CoreInput) {
        if let Some(entry) = entry_out(self.height, input)
            && (self.replayed.is_empty() || !self.replayed.contains(&encode(&entry)))
        {
            if let LogEntry::Value(it) = &entry {
                self.note_verdict(it);
            }
            self.outputs.push(Output::Log(entry));
        }
    }

    fn sign_vote(&mut self, vote: &crate::context::Vote) -> Signature {
        let vote = bare_vote_out(vote);
        let place = LastSigned::of_vote(&vote);
        if !self.may_sign(place) {
            return NO_SIGNATURE;
        }
        let Some(key) = &self.key else { return NO_SIGNATURE };
        let signature = vote.sign(&self.chain, key).signature;
        self.remember(place, signature);
        signature
    }

    fn sign_proposal(&mut self, proposal: &crate::context::Proposal) -> Signature {
        let proposal = bare_proposal_out(proposal);
        let place = LastSigned::of_proposal(&proposal);
        if !self.may_sign(place) {
            return NO_SIGNATURE;
        }
        let Some(key) = &self.key else { return NO_SIGNATURE };
        let signature = proposal.sign(&self.chain, key).signature;
        self.remember(place, signature);
        signature
    }

    /// Signs a message if the guard permits it.
    fn may_sign(&mut self, wanted: LastSigned) -> bool {
        if let Err(last) = self.guard.admit(wanted) {
            self.outputs.push(Output::Fault(Fault::RefusedToSign { wanted, last }));
            return false;
        }
        true
    }

    /// Whether the signature of a vote or proposal is valid. Messages of this node, and those verified
    /// earlier, are not verified again; a message that this node refused to sign has no signature.
    fn verify(&self, message: ConsensusMsg<Chain>, signature: Signature) -> bool {
        if self.verified == Some(signature) {
            return true;
        }
        match message {
            ConsensusMsg::Vote(vote) => {
                let signed = vote_out(&CoreVote::new(vote, signature));
                if Some(signed.vote.validator) == self.own {
                    return self.made(&LastSigned::of_vote(&signed.vote), &signature);
                }
                signed.verify(&self.chain).is_ok()
            }
            ConsensusMsg::Proposal(proposal) => {
                let signed = proposal_out(&CoreProposal::new(proposal, signature));
                if Some(signed.proposal.proposer) == self.own {
                    return self.made(&LastSigned::of_proposal(&signed.proposal), &signature);
                }
                signed.verify(&self.chain).is_ok()
            }
        }
    }
}

fn ordered<T: borsh::BorshSerialize>(a: T, b: T) -> (T, T) {
    if encode(&a) <= encode(&b) { (a, b) } else { (b, a) }
}

/// Converts a message to an input of the core. Certificates become separate kinds of inputs.
pub(crate) fn message_in(message: ConsensusMessage) -> CoreInput {
    match message {
        ConsensusMessage::Proposal(it) => CoreInput::Proposal(proposal_in(it)),
        ConsensusMessage::Vote(it) => CoreInput::Vote(vote_in(it)),
        ConsensusMessage::Polka(it) => CoreInput::PolkaCertificate(crate::convert::polka_in(it)),
        ConsensusMessage::Round(it) => CoreInput::RoundCertificate(crate::convert::round_in(it)),
    }
}
