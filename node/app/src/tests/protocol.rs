//! What was recorded of each protocol version is understood, and said, for as long as that version is spoken.
//!
//! `protocol-1.txt` holds a frame of each kind that version 1 has: number, channel, name, content. Unlike the
//! fingerprints of formats, its lines are never changed: other releases speak them. A kind that a later version
//! brings gets its line in the file of that version.

use std::collections::BTreeMap;

use ehb_consensus::{
    ConsensusMessage, PolkaCertificate, PolkaSignature, RoundCertificate, RoundCertificateKind,
    RoundVote,
};
use ehb_network::{Channel, FrameKind};
use ehb_replica::{CertifiedBlock, Message, Voting};
use ehb_types::{
    Address, Block, Call, CommitCertificate, CommitSignature, Hash, Header, Name, Proposal,
    PublicKey, SecretKey, SharedTransaction, Signature, SignedTransaction, Transaction, Vote,
    VoteKind,
};

use crate::wire;

/// The recorded frames of each version, from the first on.
const RECORDED: &[(u16, &str)] = &[(1, include_str!("protocol-1.txt"))];

const CHAIN: Hash = Hash([7; 32]);
const BLOCK: Hash = Hash([9; 32]);
const VALIDATOR: PublicKey = PublicKey([8; 32]);
const SIGNATURE: Signature = Signature([5; 64]);

fn key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

fn transaction() -> SignedTransaction {
    let name = |text: &str| Name::new(text).unwrap();
    let transaction = Transaction {
        version: Transaction::VERSION,
        chain: CHAIN,
        sender: Address([3; 32]),
        lane: 3,
        sequence: 7,
        valid_until_ms: 1_790_000_300_000,
        gas_limit: 1_000_000,
        calls: vec![Call {
            module: name("wallet"),
            function: name("transfer"),
            arguments: vec![1, 2, 3],
        }],
        memo: "invoice 42".into(),
    };
    transaction.sign(&[&key()])
}

fn certificate() -> CommitCertificate {
    let signatures = vec![CommitSignature { validator: 2, signature: SIGNATURE }];
    CommitCertificate { height: 5, round: 1, block: BLOCK, signatures }
}

fn block() -> Block {
    let header = Header {
        version: Header::VERSION,
        chain: CHAIN,
        height: 6,
        timestamp_ms: 1_790_000_000_006,
        parent: BLOCK,
        round: 2,
        proposer: key().public_key(),
        transactions_count: 1,
        transactions_root: Hash([2; 32]),
        state_root: Hash([3; 32]),
        receipts_count: 4,
        receipts_root: Hash([4; 32]),
        validators: Hash([5; 32]),
        next_validators: Hash([6; 32]),
        certificate: Hash([10; 32]),
        evidence: Hash([11; 32]),
    };
    let transactions = vec![SharedTransaction::from(transaction())];
    Block::sign(header, transactions, Some(certificate()), vec![], &key())
}

/// A message of each kind.
fn messages() -> Vec<Message> {
    let agreement = Message::Consensus;
    let (height, round) = (5, 1);
    let validator = key().public_key();
    let proposal =
        Proposal { height, round, block: BLOCK, valid_round: Some(0), proposer: validator };
    let vote = Vote { kind: VoteKind::Precommit, height, round, block: Some(BLOCK), validator };
    let (proposal, vote) = (proposal.sign(&CHAIN, &key()), vote.sign(&CHAIN, &key()));
    let polka = PolkaCertificate {
        height,
        round,
        block: BLOCK,
        signatures: vec![PolkaSignature { validator: VALIDATOR, signature: SIGNATURE }],
    };
    let of_round = RoundVote {
        kind: VoteKind::Prevote,
        block: None,
        validator: VALIDATOR,
        signature: SIGNATURE,
    };
    let kind = RoundCertificateKind::Skip;
    let certificate_of_round = RoundCertificate { height, round, kind, votes: vec![of_round] };
    let decided = CertifiedBlock { block: block().into(), certificate: certificate() };
    vec![
        agreement(ConsensusMessage::Proposal(proposal)),
        agreement(ConsensusMessage::Vote(vote.clone())),
        agreement(ConsensusMessage::Polka(polka)),
        agreement(ConsensusMessage::Round(certificate_of_round)),
        Message::Body(block().into()),
        Message::BodyRequest { height, block: BLOCK },
        Message::Status { height, voting: Voting::Votes(6), clock_ms: 7, run: 8 },
        Message::BlocksRequest { from: 5, count: 6 },
        Message::Blocks(vec![decided]),
        Message::Offer(vec![BLOCK, CHAIN]),
        Message::Want(vec![BLOCK]),
        Message::Transactions(vec![transaction().into()]),
        Message::Seen {
            newest: Some(ConsensusMessage::Vote(vote)),
            twin: true,
            height: 9,
            reached: Some(10),
        },
    ]
}

/// How a frame is recorded.
fn line(message: &Message) -> String {
    let FrameKind { number, name, channel, .. } = wire::kind_of(message);
    let content = hex::encode(wire::content(message));
    format!("{number} {} {} {content}", channel.name(), name.replace(' ', "-"))
}

/// The recorded frames of a version: number, channel and content.
fn recorded(text: &str) -> impl Iterator<Item = (u16, &str, Vec<u8>)> {
    text.lines().map(|line| {
        let mut parts = line.split(' ');
        let number = parts.next().unwrap().parse().unwrap();
        let channel = parts.next().unwrap();
        (number, channel, hex::decode(parts.nth(1).unwrap()).unwrap())
    })
}

#[test]
fn what_each_version_said_is_understood_and_said_the_same() {
    let kinds: BTreeMap<u16, FrameKind> =
        wire::kinds().into_iter().map(|kind| (kind.number, kind)).collect();
    let expected: BTreeMap<u16, Message> =
        messages().into_iter().map(|it| (wire::kind_of(&it).number, it)).collect();
    for (version, text) in RECORDED {
        for (number, channel, content) in recorded(text) {
            let kind = &kinds[&number];
            assert_eq!((kind.channel.name(), kind.since), (channel, *version), "{}", kind.name);
            let message = wire::message(number, &content);
            assert_eq!(message.as_ref(), Ok(&expected[&number]), "{}", kind.name);
            assert_eq!(wire::kind_of(&expected[&number]).number, number);
            assert_eq!(wire::content(&expected[&number]), content, "{}", kind.name);
        }
    }
}

#[test]
fn every_kind_is_recorded_with_its_version() {
    let newest = RECORDED.last().unwrap().0;
    assert_eq!(newest, ehb_network::PROTOCOL_VERSIONS.newest, "each version has its file");
    let recorded: BTreeMap<u16, u16> = RECORDED
        .iter()
        .flat_map(|(version, text)| recorded(text).map(|(number, ..)| (number, *version)))
        .collect();
    let missing: Vec<String> = messages()
        .iter()
        .filter(|it| recorded.get(&wire::kind_of(it).number) != Some(&wire::kind_of(it).since))
        .map(line)
        .collect();
    assert!(missing.is_empty(), "add to the file of its version:\n{}", missing.join("\n"));
    let known: Vec<u16> = wire::kinds().iter().map(|kind| kind.number).collect();
    let numbers: Vec<u16> = messages().iter().map(|it| wire::kind_of(it).number).collect();
    assert_eq!(numbers, known, "a message of each kind");
}

/// The channels have their names for ever, too: streams are opened by them.
#[test]
fn channels_keep_their_names() {
    assert_eq!(Channel::ALL.map(Channel::name), ["consensus", "blocks", "sync"]);
}
