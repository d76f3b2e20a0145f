//! How messages are written, and what they take in memory once they are read.

use ehb_consensus::{
    ConsensusMessage, PolkaCertificate, PolkaSignature, RoundCertificate, RoundCertificateKind,
    RoundVote,
};
use ehb_replica::{CertifiedBlock, Message, OFFERED_MAX, Voting};
use ehb_types::{
    Address, Block, Call, CommitCertificate, CommitSignature, Hash, Header, Name, Parameters,
    Proposal, PublicKey, SecretKey, SharedTransaction, Signature, SignedTransaction, Transaction,
    ValidatorSet, Vote, VoteKind,
};

use crate::wire;

/// How many bytes a decoded message takes for each byte of its content, at most.
const DECODED_PER_BYTE_MAX: f64 = 16.0;

fn key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

const CHAIN: Hash = Hash([7; 32]);

fn transaction(calls: usize) -> SignedTransaction {
    let name = || Name::new("a").unwrap();
    let call = || Call { module: name(), function: name(), arguments: vec![] };
    let transaction = Transaction {
        version: Transaction::VERSION,
        chain: CHAIN,
        sender: Address([1; 32]),
        lane: 0,
        sequence: 0,
        valid_until_ms: 10,
        gas_limit: 0,
        calls: (0..calls).map(|_| call()).collect(),
        memo: String::new(),
    };
    transaction.sign(&[])
}

fn block(transactions: Vec<SignedTransaction>) -> Block {
    let header = Header {
        version: Header::VERSION,
        chain: CHAIN,
        height: 1,
        timestamp_ms: 1,
        parent: Hash([1; 32]),
        round: 0,
        proposer: key().public_key(),
        transactions_count: 0,
        transactions_root: Hash([2; 32]),
        state_root: Hash([3; 32]),
        receipts_count: 0,
        receipts_root: Hash([4; 32]),
        validators: Hash([5; 32]),
        next_validators: Hash([5; 32]),
        certificate: Hash([6; 32]),
        evidence: Hash([7; 32]),
    };
    let transactions = transactions.into_iter().map(SharedTransaction::from).collect();
    Block::sign(header, transactions, None, vec![], &key())
}

fn certificate(signatures: u16) -> CommitCertificate {
    let signature = |validator| CommitSignature { validator, signature: Signature([9; 64]) };
    let signatures = (0..signatures).map(signature).collect();
    CommitCertificate { height: 1, round: 0, block: Hash([1; 32]), signatures }
}

fn vote() -> Vote {
    let (kind, validator) = (VoteKind::Precommit, key().public_key());
    Vote { kind, height: u64::MAX, round: u32::MAX, block: Some(Hash([1; 32])), validator }
}

/// One of each kind, as large as it gets where that has a bound of its own.
fn messages() -> Vec<Message> {
    let agreement = Message::Consensus;
    let (height, round, block_hash) = (u64::MAX, u32::MAX, Hash([1; 32]));
    let (validator, signature) = (PublicKey([8; 32]), Signature([9; 64]));
    let proposal = Proposal {
        height,
        round,
        block: block_hash,
        valid_round: Some(round),
        proposer: validator,
    };
    let polka = PolkaCertificate {
        height,
        round,
        block: block_hash,
        signatures: vec![PolkaSignature { validator, signature }; ValidatorSet::VALIDATORS_MAX],
    };
    let vote_of_round =
        RoundVote { kind: VoteKind::Prevote, block: Some(block_hash), validator, signature };
    let round_certificate = RoundCertificate {
        height,
        round,
        kind: RoundCertificateKind::Precommit,
        votes: vec![vote_of_round; ValidatorSet::VALIDATORS_MAX],
    };
    let signed_proposal = proposal.sign(&CHAIN, &key());
    let decided =
        CertifiedFixture { block: block(vec![transaction(2)]), certificate: certificate(256) };
    vec![
        agreement(ConsensusMessage::Proposal(signed_proposal.clone())),
        agreement(ConsensusMessage::Vote(vote().sign(&CHAIN, &key()))),
        agreement(ConsensusMessage::Polka(polka)),
        agreement(ConsensusMessage::Round(round_certificate)),
        Message::Body(block(vec![transaction(3)]).into()),
        Message::BodyRequest { height, block: block_hash },
        Message::Status { height, voting: Voting::Votes(height), clock_ms: height, run: height },
        Message::BlocksRequest { from: height, count: u16::MAX },
        Message::Blocks(vec![decided.into(); 2]),
        Message::Offer(vec![block_hash; OFFERED_MAX]),
        Message::Want(vec![block_hash; OFFERED_MAX]),
        Message::Transactions(vec![transaction(3).into(); 2]),
        Message::Seen {
            newest: Some(ConsensusMessage::Proposal(signed_proposal)),
            twin: true,
            height,
            reached: Some(height),
        },
    ]
}

struct CertifiedFixture {
    block: Block,
    certificate: CommitCertificate,
}

impl From<CertifiedFixture> for CertifiedBlock {
    fn from(it: CertifiedFixture) -> Self {
        Self { block: it.block.into(), certificate: it.certificate }
    }
}

#[test]
fn each_message_has_a_kind_and_comes_back_from_it() {
    let mut numbers = Vec::new();
    for message in messages() {
        let kind = wire::kind_of(&message);
        let content = wire::content(&message);
        assert!(content.len() <= kind.bytes_max, "{} has {} bytes", kind.name, content.len());
        assert_eq!(wire::message(kind.number, &content), Ok(message), "{}", kind.name);
        let mut longer = content.clone();
        longer.push(0);
        assert!(wire::message(kind.number, &longer).is_err(), "{}", kind.name);
        let cut = &content[..content.len() - 1];
        assert!(wire::message(kind.number, cut).is_err(), "{}", kind.name);
        numbers.push(kind.number);
    }
    let known: Vec<u16> = wire::kinds().iter().map(|kind| kind.number).collect();
    assert_eq!(numbers, known, "a message of each kind");
    assert!(wire::message(0, &[]).is_err() && wire::message(999, &[]).is_err());
}

#[test]
fn the_largest_block_of_the_parameters_is_taken_and_no_larger_one() {
    let parameters = Parameters::default();
    let sizes = wire::sizes(&parameters);
    let of = |kind: &ehb_network::FrameKind| sizes.iter().find(|it| it.0 == kind).unwrap().1;
    assert_eq!(of(&wire::BODY), parameters.block_bytes_max as usize);
    assert!(of(&wire::BLOCKS) >= of(&wire::BODY) + wire::content(&messages()[8]).len());
    for (kind, bytes_max) in wire::sizes(&Parameters { block_bytes_max: 32 << 20, ..parameters }) {
        assert!(bytes_max <= kind.bytes_max, "{}", kind.name);
    }
}

/// The content of a body that grows most: calls of fourteen bytes.
pub(super) fn body_of_small_calls(bytes: usize) -> Vec<u8> {
    let per_call = wire::content(&Message::Body(block(vec![transaction(2)]).into())).len()
        - wire::content(&Message::Body(block(vec![transaction(1)]).into())).len();
    let calls = (bytes - 1_024) / per_call;
    let content = wire::content(&Message::Body(block(vec![transaction(calls)]).into()));
    assert!(content.len() <= bytes && content.len() > bytes - 2_048);
    content
}

/// What this process has in memory.
pub(super) fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4_096
}

/// Messages of the least useful shapes, each of about 2 MiB, decoded and kept.
#[test]
fn decoding_takes_memory_in_proportion_to_the_content() {
    const COPIES: usize = 12;
    let many = |count: usize, calls| {
        wire::content(&Message::Body(block(vec![transaction(calls); count]).into()))
    };
    let decided = |count: usize, signatures| {
        let fixture =
            || CertifiedFixture { block: block(vec![]), certificate: certificate(signatures) };
        wire::content(&Message::Blocks((0..count).map(|_| fixture().into()).collect()))
    };
    let rows = [
        ("small calls in one transaction", wire::BODY, body_of_small_calls(2 << 20)),
        ("transactions without calls", wire::BODY, many(20_000, 0)),
        ("transactions with one call", wire::BODY, many(18_000, 1)),
        ("empty blocks", wire::BLOCKS, decided(5_000, 0)),
        ("certificates", wire::BLOCKS, decided(100, 256)),
    ];
    for (shape, kind, content) in rows {
        let before = resident_bytes();
        let kept: Vec<Message> =
            (0..COPIES).map(|_| wire::message(kind.number, &content).unwrap()).collect();
        let grown = resident_bytes().saturating_sub(before);
        let per_byte = grown as f64 / (COPIES * content.len()) as f64;
        eprintln!("{shape}: {per_byte:.1} bytes in memory for each of {} bytes", content.len());
        assert!(per_byte <= DECODED_PER_BYTE_MAX, "{shape}: {per_byte}");
        drop(kept);
    }
}

/// What claims to hold much and does not is refused for little.
#[test]
fn a_claimed_length_takes_no_memory() {
    let mut content = wire::content(&Message::Blocks(vec![]));
    content.copy_from_slice(&u32::MAX.to_le_bytes());
    let before = resident_bytes();
    for _ in 0..1_000 {
        assert!(wire::message(wire::BLOCKS.number, &content).is_err());
    }
    assert!(resident_bytes().saturating_sub(before) < 16 << 20);
}
