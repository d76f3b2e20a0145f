//! Drives the Malachite core: starts and ends heights, passes it inputs and collects its outputs.

mod receive;
mod replay;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use arc_malachitebft_core_consensus as core;
use arc_malachitebft_core_types as malachite;
use ehb_types::{CommitCertificate, Hash, PublicKey, Signature, Validator, ValidatorSet, VoteKind};
use malachite::{Round, Threshold, ThresholdParams, ValuePayload, VoteExtensionPolicy, VoteType};

use crate::context::{Address, Chain, Height, Roster, Value};
use crate::convert::{CoreInput, commit_out, timer_in, value_in};
use crate::core_effects::CoreEffects;
use crate::decided::Decided;
use crate::guard::SignGuard;
use crate::inbox::Inbox;
use crate::{
    Config, ConsensusMessage, Fault, HeightStart, Input, LastSigned, LogEntry, LoggedValue, Output,
    TimerId, TimerKind,
};

/// The size of the core's own queue for future heights. It should stay empty, because [`Inbox`] holds such
/// messages back with a limit for each sender; if it is used nevertheless, it is large enough for 50
/// validators (two votes each in about twenty rounds).
const CORE_QUEUE_HEIGHTS: usize = 2;
const CORE_QUEUE_MESSAGES_PER_HEIGHT: usize = 2_000;

/// The maximum number of signature checks for one message: one for each validator.
const MESSAGE_SIGNATURES_MAX: usize = ValidatorSet::VALIDATORS_MAX;

/// A placeholder for the key of an observer. Nothing is ever signed with it.
const NOBODY: PublicKey = PublicKey([0; 32]);

/// The consensus state machine of one node, height after height.
///
/// A synchronous machine: [`Consensus::step`] takes an input and returns what to do. It has no clock, no
/// thread and no disk, and equal inputs produce equal outputs.
///
/// # When to start a height
///
/// Timers run during a height, and a proposer that waits is considered dead. So an idle chain waits
/// **between** heights: after [`Output::Decide`] nothing happens until [`Input::Start`]. Once the decided
/// block is stored, the caller starts the next height as soon as one of these holds:
///
/// 1. it has something to propose itself (pending transactions, or roots to commit to in an empty block),
/// 2. [`Output::HeightWanted`] was returned for that height, or [`Consensus::is_wanted`] is true,
/// 3. the heartbeat is due.
///
/// Then all validators start within one message delay after the first, and a started height always gets a
/// block: [`Output::BuildBlock`] is answered at once, if necessary with an empty block. After a crash, a
/// height with a non-empty log is started at once, with that log.
pub struct Consensus {
    state: core::State<Chain>,
    effects: CoreEffects,
    inbox: Inbox,
    /// The validators of the height after [`Consensus::height`], and the last known ones of later heights.
    upcoming: [Arc<ValidatorSet>; 2],
    decided: Option<Decided>,
    /// Between heights: the current one is stored or about to be stored, and the next is not started.
    resting: bool,
    /// The highest height for which [`Output::HeightWanted`] was returned.
    wanted: u64,
    /// The height for which [`Output::FetchDecided`] was returned.
    fetched: u64,
    halted: bool,
}

impl Consensus {
    /// A node that waits after its newest stored height.
    pub fn new(config: Config) -> Self {
        let Config { chain, key, height, validators, next_validators, last_signed } = config;
        let upcoming = [validators.clone(), next_validators];
        let roster = Roster::new(validators, Default::default());
        let effects =
            CoreEffects::new(chain, key, SignGuard::new(last_signed), roster.clone(), height);
        let params = core::Params {
            address: Address(effects.own.unwrap_or(NOBODY)),
            threshold_params: ThresholdParams::default(),
            value_payload: ValuePayload::ProposalAndParts,
            enabled: false,
        };
        let state = core::State::new(
            Chain,
            Height(height),
            roster,
            params,
            CORE_QUEUE_HEIGHTS,
            CORE_QUEUE_MESSAGES_PER_HEIGHT,
        );
        Self {
            state,
            effects,
            inbox: Inbox::default(),
            upcoming,
            decided: None,
            resting: true,
            wanted: height,
            fetched: height,
            halted: false,
        }
    }

    /// The height in progress, or the last decided one while [`Consensus::is_resting`].
    pub fn height(&self) -> u64 {
        self.effects.height
    }

    /// The round in progress; `None` between heights.
    pub fn round(&self) -> Option<u32> {
        if self.resting { None } else { self.state.round().as_u32() }
    }

    /// Whether the node waits for [`Input::Start`].
    pub fn is_resting(&self) -> bool {
        self.resting
    }

    /// Whether another validator already works on the height after [`Consensus::height`].
    pub fn is_wanted(&self) -> bool {
        self.inbox.has_messages(self.height().saturating_add(1))
    }

    /// The newest message of a validator that is kept for a height that has not started here.
    pub fn newest_early(&self, validator: &PublicKey) -> Option<&ConsensusMessage> {
        self.inbox.newest_of(validator)
    }

    /// The proposer of a round of the height in progress.
    pub fn proposer(&self, round: u32) -> &Validator {
        self.effects.roster.proposer(self.height(), round)
    }

    /// The certificate for the next block: that of the height before the one in progress, or of
    /// [`Consensus::height`] between heights, with the precommits that arrived after the decision. `None` if
    /// that height was not decided in this run; then use the stored certificate.
    pub fn certificate(&self) -> Option<&CommitCertificate> {
        self.decided.as_ref().map(Decided::certificate)
    }

    /// The newest message that this key signed.
    ///
    /// Store it with the log, in the same synced write, and pass it as [`Config::last_signed`] after a
    /// restart. If it is also kept outside the data directory, an old copy of the directory cannot sign
    /// anything that contradicts a later signature of the key.
    pub fn last_signed(&self) -> Option<&LastSigned> {
        self.effects.guard.last()
    }

    /// Whether this node is locked on the block, or must propose it again: then its body is needed until the
    /// end of the height.
    pub fn holds(&self, block: &Hash) -> bool {
        let round = self.state.driver.round_state();
        let held = [&round.locked, &round.valid].into_iter().flatten();
        !self.resting && held.into_iter().any(|it| it.value.0 == *block)
    }

    /// Stops signing in the height in progress.
    pub fn fall_silent(&mut self) {
        self.state.params.enabled = false;
    }

    /// Processes an input and returns the outputs, to be performed in this order.
    pub fn step(&mut self, input: Input) -> Vec<Output> {
        if self.halted {
            return Vec::new();
        }
        match input {
            Input::Start(start) => self.start(start),
            Input::Committed { height, validators, next_validators } => {
                self.committed(height, [validators, next_validators]);
            }
            Input::Message(message) => self.receive(message),
            Input::Value { height, round, block, valid } => {
                self.judged(height, round, block, valid);
            }
            Input::Propose { height, round, block } => self.propose(height, round, block),
            Input::Timeout(id) => self.timeout(id),
            Input::Decided { certificate } => self.decided_elsewhere(certificate),
        }
        self.leave_round_without_block();
        std::mem::take(&mut self.effects.outputs)
    }

    fn start(&mut self, start: HeightStart) {
        let HeightStart {
            height,
            validators,
            next_validators,
            passed_over,
            silent,
            parameters,
            sign,
            log,
        } = start;
        if height <= self.height() {
            return;
        }
        self.upcoming = [next_validators.clone(), next_validators];
        self.report_misbehaviour();
        self.effects.cancel_timers();
        let roster = Roster::new(validators, passed_over);
        self.effects.begin(height, roster.clone(), parameters);
        self.effects.silent = silent;
        self.decided = self.decided.take().filter(|it| it.certificate().height + 1 == height);
        let log: Vec<LogEntry> = log.into_iter().filter(|it| it.height() == height).collect();
        let own = self.effects.own;
        let decides = own.is_some_and(|own| self.effects.roster.member(&own).is_some());
        self.state.params.enabled = self.recall(&log, sign) && sign && decides;
        self.resting = false;

        let disabled = VoteExtensionPolicy::Disabled;
        self.process(CoreInput::StartHeight(Height(height), roster, false, None, disabled));
        if !log.is_empty() {
            self.replay(log);
        }
        let (values, messages) = self.inbox.take(height).into_parts();
        for LoggedValue { round, block, valid, .. } in values {
            self.judged(height, round, block, valid);
        }
        for message in messages {
            self.deliver(message, true);
        }
    }

    /// Emits [`Output::FetchDecided`] when more than two thirds precommitted for a block that this node
    /// cannot decide, because it lacks the proposal or the body.
    fn notice_decision(&mut self, round: u32, block: Hash) {
        let height = self.height();
        let threshold = Threshold::Value(block);
        let round = Round::new(round);
        let votes = self.state.driver.votes();
        if self.resting
            || self.fetched >= height
            || !votes.is_threshold_met(&round, VoteType::Precommit, threshold)
        {
            return;
        }
        self.fetched = height;
        let precommits = self.state.restore_precommits(Height(height), round, &Value(block));
        let certificate =
            malachite::CommitCertificate::new(Height(height), round, block, precommits);
        let certificate = commit_out(&certificate, self.effects.roster.set());
        self.effects.outputs.push(Output::FetchDecided { certificate });
    }

    fn judged(&mut self, height: u64, round: u32, block: Hash, valid: bool) {
        // After a crash, the proposer of a logged block shows whether it was built here. A block from others
        // is not, even one for this node's turn.
        let proposer = self.proposer(round).consensus_key;
        let proposer = if Some(proposer) == self.effects.own { NOBODY } else { proposer };
        let value = LoggedValue { height, round, block, proposer, valid };
        if height > self.height() {
            self.inbox.insert_value(self.height(), value);
        } else if height == self.height() && !self.resting && self.effects.is_news(&value) {
            // A repeated proposal adds no verdict, so a clock that was changed before a restart has no
            // effect.
            self.process(value_in(value));
        }
    }

    fn propose(&mut self, height: u64, round: u32, block: Hash) {
        if height != self.height()
            || self.resting
            || self.effects.asked != Some(round)
            || !self.state.driver.step_is_propose()
        {
            return;
        }
        self.effects.asked = None;
        let value = Value(block);
        self.process(CoreInput::Propose(core::LocallyProposedValue::new(
            Height(height),
            Round::new(round),
            value,
        )));
    }

    fn timeout(&mut self, id: TimerId) {
        if !self.effects.timers.remove(&id) {
            return;
        }
        if id.kind == TimerKind::Rebroadcast {
            self.repeat_proposal(id.round, false);
        }
        self.process(CoreInput::TimeoutElapsed(timer_in(id)));
    }

    /// Stops waiting for further precommits if more than two thirds are for nil: then no block can be decided
    /// in this round. Round 0 ends at once, later rounds after a pause that doubles, so that rounds that fail
    /// for another reason than a silent proposer do not spin.
    fn leave_round_without_block(&mut self) {
        let Some(round) = self.round() else { return };
        let id = TimerId { height: self.height(), round, kind: TimerKind::Precommit };
        let votes = self.state.driver.votes();
        if !self.effects.timers.contains(&id)
            || !votes.is_threshold_met(&Round::new(round), VoteType::Precommit, Threshold::Nil)
        {
            return;
        }
        match self.effects.pause_ms(round) {
            0 => {
                self.effects.outputs.push(Output::CancelTimer(id));
                self.timeout(id);
            }
            after_ms if self.effects.paused != Some(round) => {
                self.effects.paused = Some(round);
                self.effects.outputs.push(Output::SetTimer { id, after_ms });
            }
            _ => {}
        }
    }

    fn decided_elsewhere(&mut self, certificate: CommitCertificate) {
        let height = certificate.height;
        if height != self.height() || self.resting {
            return;
        }
        if let Err(error) = certificate.verify(&self.effects.chain, self.effects.roster.set()) {
            self.effects.outputs.push(Output::Fault(Fault::Certificate { height, error }));
            return;
        }
        self.effects.decision = Some(certificate.clone());
        self.effects.outputs.push(Output::Decide { certificate });
        self.report_misbehaviour();
        self.rest();
    }

    /// Skips the height in progress, or heights that were never started here, because others decided them.
    fn committed(&mut self, height: u64, upcoming: [Arc<ValidatorSet>; 2]) {
        if height < self.height() {
            return;
        }
        let validators = upcoming[0].clone();
        self.upcoming = upcoming;
        if height == self.height() && self.resting {
            return;
        }
        self.report_misbehaviour();
        self.effects.cancel_timers();
        self.effects.skip_to(height, Roster::new(validators, BTreeSet::default()));
        self.inbox.take(height);
        self.decided = None;
        self.resting = true;
        self.want_next_height();
    }

    /// Ends the height.
    fn rest(&mut self) {
        self.resting = true;
        self.effects.cancel_timers();
        if let Some(certificate) = self.effects.decision.clone() {
            let validators = self.effects.roster.set().clone();
            self.decided = Some(Decided::new(certificate, validators));
        }
        self.want_next_height();
    }

    /// Emits the evidence that the core collected in a height that ends without a decision of the core.
    fn report_misbehaviour(&mut self) {
        let evidence = core::MisbehaviorEvidence {
            proposals: self.state.driver.take_proposal_evidence(),
            votes: self.state.driver.take_vote_evidence(),
        };
        self.effects.report(evidence);
    }

    fn is_signed(&self, message: &ConsensusMessage) -> bool {
        match message {
            ConsensusMessage::Vote(it) => it.verify(&self.effects.chain).is_ok(),
            ConsensusMessage::Proposal(it) => it.verify(&self.effects.chain).is_ok(),
            ConsensusMessage::Polka(_) | ConsensusMessage::Round(_) => false,
        }
    }

    fn process(&mut self, input: CoreInput) {
        if self.halted || self.resting {
            return;
        }
        let Self { state, effects, .. } = self;
        let result: Result<(), core::Error<Chain>> = core::process!(
            input: input,
            state: state,
            metrics: &(),
            with: effect => Ok::<_, Infallible>(effects.perform(effect))
        );
        if self.effects.decision.is_some() {
            self.rest();
        }
        let Err(error) = result else { return };
        let detail = error.to_string();
        self.halted = matches!(error, core::Error::ReplayDivergence(..));
        let fault =
            if self.halted { Fault::ReplayDiverged { detail } } else { Fault::Core { detail } };
        self.effects.outputs.push(Output::Fault(fault));
    }
}

/// The signed content, the sender, and the signature; `None` for certificates.
fn signed_by(message: &ConsensusMessage) -> Option<(LastSigned, PublicKey, Signature)> {
    match message {
        ConsensusMessage::Vote(it) => {
            Some((LastSigned::of_vote(&it.vote), it.vote.validator, it.signature))
        }
        ConsensusMessage::Proposal(it) => {
            Some((LastSigned::of_proposal(&it.proposal), it.proposal.proposer, it.signature))
        }
        ConsensusMessage::Polka(_) | ConsensusMessage::Round(_) => None,
    }
}

/// The blocks for which a message carries precommits, with their rounds.
fn precommitted(message: &ConsensusMessage) -> BTreeSet<(u32, Hash)> {
    match message {
        ConsensusMessage::Vote(it) if it.vote.kind == VoteKind::Precommit => {
            it.vote.block.map(|block| (it.vote.round, block)).into_iter().collect()
        }
        ConsensusMessage::Round(it) => {
            let votes = it.votes.iter().filter(|vote| vote.kind == VoteKind::Precommit);
            votes.filter_map(|vote| Some((it.round, vote.block?))).collect()
        }
        _ => BTreeSet::new(),
    }
}
