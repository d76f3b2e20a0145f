//! Tests with whole networks of [`Consensus`] objects in one thread, and with single ones driven by hand.
#![expect(clippy::panic, reason = "a test panics on unexpected outputs")]

mod agreement;
mod crash;
mod edges;
mod network;

use std::sync::Arc;

use ehb_types::{
    ConsensusParameters, Hash, Name, PublicKey, SecretKey, SignedProposal, SignedVote, Validator,
    ValidatorSet, Vote, VoteKind,
};

use crate::{Config, Consensus, ConsensusMessage, HeightStart, Input, LogEntry, Output};

fn chain() -> Hash {
    Hash([1; 32])
}

/// The validators' keys, in the order of the set.
fn validators(powers: &[u64]) -> (Arc<ValidatorSet>, Vec<SecretKey>) {
    let secret = |seed: usize| SecretKey::from_seed(&[seed as u8; 32]);
    let mut keys: Vec<SecretKey> = (1..=powers.len()).map(secret).collect();
    keys.sort_by_key(SecretKey::public_key);
    let validators = keys.iter().zip(powers).enumerate().map(|(i, (key, power))| Validator {
        name: Name::new(format!("v{i}")).unwrap(),
        consensus_key: key.public_key(),
        node_key: secret(100 + i).public_key(),
        power: *power,
    });
    (Arc::new(ValidatorSet::new(validators.collect()).unwrap()), keys)
}

fn block(name: &str) -> Hash {
    ehb_crypto::hash(ehb_crypto::Domain::ModuleData, name.as_bytes())
}

fn height_start(height: u64, set: &Arc<ValidatorSet>, log: Vec<LogEntry>) -> HeightStart {
    HeightStart {
        height,
        validators: set.clone(),
        next_validators: set.clone(),
        passed_over: Default::default(),
        silent: Default::default(),
        parameters: ConsensusParameters::default(),
        sign: true,
        log,
    }
}

/// One validator of four, driven by hand; the others are played by the test.
struct Alone {
    set: Arc<ValidatorSet>,
    keys: Vec<SecretKey>,
    own: usize,
    node: Consensus,
}

impl Alone {
    /// The proposer of this round of height 1.
    fn proposer_of(round: u32) -> Self {
        let (set, _) = validators(&[1; 4]);
        let key = set.proposer(&Default::default(), 1, round).consensus_key;
        Self::validator(set.index_of(&key).unwrap())
    }

    fn validator(own: usize) -> Self {
        let (set, keys) = validators(&[1; 4]);
        let node = Consensus::new(Config {
            chain: chain(),
            key: Some(keys[own].clone()),
            height: 0,
            validators: set.clone(),
            next_validators: set.clone(),
            last_signed: None,
        });
        Self { set, keys, own, node }
    }

    fn start(&mut self, log: Vec<LogEntry>) -> Vec<Output> {
        self.node.step(Input::Start(height_start(1, &self.set, log)))
    }

    fn others(&self) -> Vec<usize> {
        (0..4).filter(|it| *it != self.own).collect()
    }

    fn vote(&self, by: usize, kind: VoteKind, round: u32, block: Option<Hash>) -> SignedVote {
        let validator = self.keys[by].public_key();
        Vote { kind, height: 1, round, block, validator }.sign(&chain(), &self.keys[by])
    }

    fn proposal(&self, round: u32, block: Hash, valid_round: Option<u32>) -> SignedProposal {
        let proposer = self.set.proposer(&Default::default(), 1, round).consensus_key;
        let by = self.set.index_of(&proposer).unwrap();
        ehb_types::Proposal { height: 1, round, block, valid_round, proposer }
            .sign(&chain(), &self.keys[by])
    }

    fn receive_votes(
        &mut self,
        from: &[usize],
        kind: VoteKind,
        round: u32,
        block: Option<Hash>,
    ) -> Vec<Output> {
        let mut outputs = Vec::new();
        for by in from {
            let vote = self.vote(*by, kind, round, block);
            outputs.extend(self.node.step(Input::Message(ConsensusMessage::Vote(vote))));
        }
        outputs
    }

    fn own_key(&self) -> PublicKey {
        self.keys[self.own].public_key()
    }
}

fn logged(outputs: &[Output]) -> Vec<LogEntry> {
    let entries = outputs.iter().filter_map(|output| match output {
        Output::Log(entry) => Some(entry.clone()),
        _ => None,
    });
    entries.collect()
}

fn sent(outputs: &[Output]) -> Vec<ConsensusMessage> {
    let messages = outputs.iter().filter_map(|output| match output {
        Output::Broadcast(message) => Some(message.clone()),
        _ => None,
    });
    messages.collect()
}

/// Outputs as short text, without the details that tests do not check.
fn short(outputs: &[Output]) -> String {
    let word = |output: &Output| match output {
        Output::Log(LogEntry::Vote(_)) => "log-vote".into(),
        Output::Log(LogEntry::Proposal(_)) => "log-proposal".into(),
        Output::Log(LogEntry::Value(_)) => "log-value".into(),
        Output::Log(LogEntry::Timeout(id)) => format!("log-timeout-{:?}", id.kind).to_lowercase(),
        Output::Log(LogEntry::Polka(_)) => "log-polka".into(),
        Output::Broadcast(ConsensusMessage::Vote(it)) => {
            let block = if it.vote.block.is_some() { "" } else { "-nil" };
            format!("{:?}{block}@{}", it.vote.kind, it.vote.round).to_lowercase()
        }
        Output::Broadcast(ConsensusMessage::Proposal(it)) => {
            format!("proposal@{}", it.proposal.round)
        }
        Output::Broadcast(ConsensusMessage::Polka(it)) => format!("polka@{}", it.round),
        Output::Broadcast(ConsensusMessage::Round(it)) => format!("round@{}", it.round),
        Output::BuildBlock { round, .. } => format!("build@{round}"),
        Output::SendBody { .. } => "body".into(),
        Output::SetTimer { id, after_ms } => format!("set-{:?}:{after_ms}", id.kind).to_lowercase(),
        Output::CancelTimer(id) => format!("cancel-{:?}", id.kind).to_lowercase(),
        Output::RoundStarted { round, .. } => format!("round-{round}"),
        Output::Decide { certificate } => format!("decide@{}", certificate.round),
        Output::FetchDecided { certificate } => format!("fetch@{}", certificate.round),
        Output::Evidence(_) => "evidence".into(),
        Output::HeightWanted { height } => format!("wanted-{height}"),
        Output::Behind { height, .. } => format!("behind-{height}"),
        Output::Invalid(what) => format!("invalid: {what}"),
        Output::Fault(fault) => format!("fault: {fault}"),
    };
    outputs.iter().map(word).collect::<Vec<String>>().join(" ")
}
