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
use crate::guard::SignGuard;
use crate::host::Host;
use crate::inbox::Inbox;
use crate::late::Decided;
use crate::{
    Config, Fault, HeightStart, Input, LastSigned, LogEntry, LoggedValue, Message, Output, TimerId,
    TimerKind,
};

/// The core's own queue for heights to come. Nothing gets there, since [`Inbox`] keeps such
/// messages back with a bound for each sender; should anything, it is as large as 50 validators
/// need (two votes each in some twenty rounds).
const CORE_QUEUE_HEIGHTS: usize = 2;
const CORE_QUEUE_MESSAGES_PER_HEIGHT: usize = 2_000;

/// The signature checks that one message may cost: one for each validator.
const MESSAGE_SIGNATURES_MAX: usize = ValidatorSet::VALIDATORS_MAX;

/// How many rounds above the one in progress messages are accepted for; what is further ahead is
/// dropped before its signature is verified.
pub const ROUNDS_AHEAD_MAX: u32 = core::MAX_FUTURE_ROUND_LOOKAHEAD;

/// Stands where a key is asked for and there is none. Nothing is ever signed for it.
const NOBODY: PublicKey = PublicKey([0; 32]);

/// One node's part in agreeing on blocks, height after height.
///
/// A synchronous machine: [`Consensus::step`] takes an input and says what to do. It has no clock,
/// no thread and no disk, and equal inputs give equal outputs.
///
/// # When to start a height
///
/// Within a height timers run, and a proposer that waits is taken for dead. So an idle chain rests
/// **between** heights: after [`Output::Decide`] nothing runs here until [`Input::Start`]. The
/// caller starts the next height, once the decided block is stored, as soon as one of these holds:
///
/// 1. it has something to propose itself (transactions waiting, or a block to seal),
/// 2. [`Output::HeightWanted`] was given for that height, or [`Consensus::is_wanted`] says so,
/// 3. the heartbeat is due.
///
/// All validators doing so start within a message's delay of the first of them, and a started
/// height always gets a block: [`Output::BuildBlock`] is answered at once, if need be with an
/// empty one. After a crash a height whose log is not empty is started at once, with its log.
pub struct Consensus {
    state: core::State<Chain>,
    host: Host,
    inbox: Inbox,
    decided: Option<Decided>,
    /// Between heights: the current one is stored or about to be, the next is not started.
    resting: bool,
    /// The highest height for which [`Output::HeightWanted`] was given.
    wanted: u64,
    /// The height for which [`Output::FetchDecided`] was given.
    fetched: u64,
    halted: bool,
}

impl Consensus {
    /// A node at rest after its newest stored height.
    pub fn new(config: Config) -> Self {
        let Config { chain, key, height, validators, last_signed } = config;
        let roster = Roster::new(validators, Default::default());
        let host = Host::new(chain, key, SignGuard::new(last_signed), roster.clone(), height);
        let params = core::Params {
            address: Address(host.own.unwrap_or(NOBODY)),
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
            host,
            inbox: Inbox::default(),
            decided: None,
            resting: true,
            wanted: height,
            fetched: height,
            halted: false,
        }
    }

    /// The height in progress, or the one decided last while [`Consensus::is_resting`].
    pub fn height(&self) -> u64 {
        self.host.height
    }

    /// The round in progress; `None` at rest.
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

    /// The newest message of a validator that is kept for a height that has not begun here.
    pub fn newest_early(&self, validator: &PublicKey) -> Option<&Message> {
        self.inbox.newest_of(validator)
    }

    /// Whose turn it is in a round of the height in progress.
    pub fn proposer(&self, round: u32) -> &Validator {
        self.host.roster.proposer(self.height(), round)
    }

    /// The certificate of the height before the one in progress, or of [`Consensus::height`] at
    /// rest, with the precommits that came after the decision: what the next block should carry.
    /// `None` if it was not decided in this run; then take the stored one.
    pub fn certificate(&self) -> Option<&CommitCertificate> {
        self.decided.as_ref().map(Decided::certificate)
    }

    /// The newest message that this key signed.
    ///
    /// To be stored with the log, in the same synced write, and given back as
    /// [`Config::last_signed`]. Where it is also kept outside the data directory, an old copy of
    /// the directory can't sign anything that contradicts what the key signed since.
    pub fn last_signed(&self) -> Option<&LastSigned> {
        self.host.guard.last()
    }

    /// Whether this node is locked on the block, or must propose it again: its body is needed as long
    /// as the height lasts.
    pub fn holds(&self, block: &Hash) -> bool {
        let round = self.state.driver.round_state();
        let held = [&round.locked, &round.valid].into_iter().flatten();
        !self.resting && held.into_iter().any(|it| it.value.0 == *block)
    }

    /// Signs nothing more in the height in progress.
    pub fn fall_silent(&mut self) {
        self.state.params.enabled = false;
    }

    /// Takes an input; returns what is to be done about it, in this order.
    pub fn step(&mut self, input: Input) -> Vec<Output> {
        if self.halted {
            return Vec::new();
        }
        match input {
            Input::Start(start) => self.start(start),
            Input::Committed { height, validators } => self.committed(height, validators),
            Input::Message(message) => self.receive(message),
            Input::Value { height, round, block, valid } => {
                self.judged(height, round, block, valid);
            }
            Input::Propose { height, round, block } => self.propose(height, round, block),
            Input::Timeout(id) => self.timeout(id),
            Input::Decided { certificate } => self.decided_elsewhere(certificate),
        }
        self.leave_round_without_block();
        std::mem::take(&mut self.host.outputs)
    }

    fn start(&mut self, start: HeightStart) {
        let HeightStart { height, validators, passed_over, silent, parameters, sign, log } = start;
        if height <= self.height() {
            return;
        }
        self.report_misbehaviour();
        self.host.cancel_timers();
        let roster = Roster::new(validators, passed_over);
        self.host.begin(height, roster.clone(), parameters);
        self.host.silent = silent;
        self.decided = self.decided.take().filter(|it| it.certificate().height + 1 == height);
        let log: Vec<LogEntry> = log.into_iter().filter(|it| it.height() == height).collect();
        self.state.params.enabled = self.recall(&log) && sign && self.host.own.is_some();
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

    /// Tells when more than two thirds precommitted for a block that this node can't decide on,
    /// because it misses the proposal or the body.
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
        let certificate = commit_out(&certificate, self.host.roster.set());
        self.host.outputs.push(Output::FetchDecided { certificate });
    }

    fn judged(&mut self, height: u64, round: u32, block: Hash, valid: bool) {
        // The proposer tells, after a crash, which block was built here: none that came from others,
        // even if it came in this node's own turn.
        let proposer = self.proposer(round).consensus_key;
        let proposer = if Some(proposer) == self.host.own { NOBODY } else { proposer };
        let value = LoggedValue { height, round, block, proposer, valid };
        if height > self.height() {
            self.inbox.insert_value(self.height(), value);
        } else if height == self.height() && !self.resting && self.host.is_news(&value) {
            // Repeated proposals add nothing, and after a restart a clock that was set changes nothing.
            self.process(value_in(value));
        }
    }

    fn propose(&mut self, height: u64, round: u32, block: Hash) {
        if height != self.height()
            || self.resting
            || self.host.asked != Some(round)
            || !self.state.driver.step_is_propose()
        {
            return;
        }
        self.host.asked = None;
        let value = Value(block);
        self.process(CoreInput::Propose(core::LocallyProposedValue::new(
            Height(height),
            Round::new(round),
            value,
        )));
    }

    fn timeout(&mut self, id: TimerId) {
        if !self.host.timers.remove(&id) {
            return;
        }
        if id.kind == TimerKind::Rebroadcast {
            self.repeat_proposal(id.round, false);
        }
        self.process(CoreInput::TimeoutElapsed(timer_in(id)));
    }

    /// Ends the wait for further precommits where more than two thirds are for nil: whatever the rest
    /// say, no block can be decided in this round. In round 0 at once, later after a pause that
    /// doubles: rounds that fail for another reason than a silent proposer do not spin.
    fn leave_round_without_block(&mut self) {
        let Some(round) = self.round() else { return };
        let id = TimerId { height: self.height(), round, kind: TimerKind::Precommit };
        let votes = self.state.driver.votes();
        if !self.host.timers.contains(&id)
            || !votes.is_threshold_met(&Round::new(round), VoteType::Precommit, Threshold::Nil)
        {
            return;
        }
        match self.host.pause_ms(round) {
            0 => {
                self.host.outputs.push(Output::CancelTimer(id));
                self.timeout(id);
            }
            after_ms if self.host.paused != Some(round) => {
                self.host.paused = Some(round);
                self.host.outputs.push(Output::SetTimer { id, after_ms });
            }
            _ => {}
        }
    }

    fn decided_elsewhere(&mut self, certificate: CommitCertificate) {
        let height = certificate.height;
        if height != self.height() || self.resting {
            return;
        }
        if let Err(error) = certificate.verify(&self.host.chain, self.host.roster.set()) {
            self.host.outputs.push(Output::Fault(Fault::Certificate { height, error }));
            return;
        }
        self.host.decision = Some(certificate.clone());
        self.host.outputs.push(Output::Decide { certificate });
        self.report_misbehaviour();
        self.rest();
    }

    /// Leaves the height in progress, or those that were never started, to those who decided them.
    fn committed(&mut self, height: u64, validators: Arc<ValidatorSet>) {
        if height < self.height() || (height == self.height() && self.resting) {
            return;
        }
        self.report_misbehaviour();
        self.host.cancel_timers();
        self.host.skip_to(height, Roster::new(validators, BTreeSet::default()));
        self.inbox.take(height);
        self.decided = None;
        self.resting = true;
        self.tell_wanted();
    }

    /// Ends the height.
    fn rest(&mut self) {
        self.resting = true;
        self.host.cancel_timers();
        if let Some(certificate) = self.host.decision.clone() {
            let validators = self.host.roster.set().clone();
            self.decided = Some(Decided::new(certificate, validators));
        }
        self.tell_wanted();
    }

    /// Tells what the core noticed in a height that does not end by its own decision.
    fn report_misbehaviour(&mut self) {
        let evidence = core::MisbehaviorEvidence {
            proposals: self.state.driver.take_proposal_evidence(),
            votes: self.state.driver.take_vote_evidence(),
        };
        self.host.report(evidence);
    }

    fn is_signed(&self, message: &Message) -> bool {
        match message {
            Message::Vote(it) => it.verify(&self.host.chain).is_ok(),
            Message::Proposal(it) => it.verify(&self.host.chain).is_ok(),
            Message::Polka(_) | Message::Round(_) => false,
        }
    }

    fn process(&mut self, input: CoreInput) {
        if self.halted || self.resting {
            return;
        }
        let Self { state, host, .. } = self;
        let result: Result<(), core::Error<Chain>> = core::process!(
            input: input,
            state: state,
            metrics: &(),
            with: effect => Ok::<_, Infallible>(host.perform(effect))
        );
        if self.host.decision.is_some() {
            self.rest();
        }
        let Err(error) = result else { return };
        let detail = error.to_string();
        self.halted = matches!(error, core::Error::ReplayDivergence(..));
        let fault =
            if self.halted { Fault::ReplayDiverged { detail } } else { Fault::Core { detail } };
        self.host.outputs.push(Output::Fault(fault));
    }
}

/// What the sender signed, the sender, and the signature; `None` for certificates.
fn signed_by(message: &Message) -> Option<(LastSigned, PublicKey, Signature)> {
    match message {
        Message::Vote(it) => Some((LastSigned::of_vote(&it.vote), it.vote.validator, it.signature)),
        Message::Proposal(it) => {
            Some((LastSigned::of_proposal(&it.proposal), it.proposal.proposer, it.signature))
        }
        Message::Polka(_) | Message::Round(_) => None,
    }
}

/// The blocks for which a message carries precommits, with their rounds.
fn precommitted(message: &Message) -> BTreeSet<(u32, Hash)> {
    match message {
        Message::Vote(it) if it.vote.kind == VoteKind::Precommit => {
            it.vote.block.map(|block| (it.vote.round, block)).into_iter().collect()
        }
        Message::Round(it) => {
            let votes = it.votes.iter().filter(|vote| vote.kind == VoteKind::Precommit);
            votes.filter_map(|vote| Some((it.round, vote.block?))).collect()
        }
        _ => BTreeSet::new(),
    }
}
