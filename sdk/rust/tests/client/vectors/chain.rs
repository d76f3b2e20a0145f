//! Headers, certificates, validator sets, and proofs under them.

use ehb_crypto::merkle::prove as prove_leaf;
use ehb_sdk::api::{
    Bytes, CertificateView, HeaderView, Position, ReceiptProof, SignedHeaderView, StateProofView,
    ValidatorView, module_key,
};
use ehb_sdk::{Genesis, Hash, PublicKey, Trust, encode};
use ehb_state::{MemoryStore, Tree, prove};
use ehb_types::{
    Block, CommitCertificate, CommitSignature, Event, Header, Outcome, Receipt, Receipts,
    Validator, ValidatorSet, Vote, VoteKind,
};
use serde_json::{Value, json};

use super::hex;
use crate::fixtures::{genesis, key, name};

/// The height whose header carries the roots of what is proven.
const NEXT_HEIGHT: u64 = 8;
/// How many receipts the block before has.
const RECEIPTS: u8 = 5;

pub(super) fn vectors() -> Value {
    let genesis = genesis_of(&[1, 2, 3, 4]);
    let chain = genesis.hash();
    let receipts = receipts();
    let (state, root) = state();
    let next = decided(&Header {
        receipts_count: receipts.count(),
        receipts_root: receipts.root(),
        state_root: root,
        ..header(chain, NEXT_HEIGHT, &[1, 2, 3, 4], &[1, 2, 3, 4])
    });
    let trust = Trust::of_genesis(&genesis).unwrap();
    assert!(trust.header(next.clone()).is_ok());
    json!({
        "genesis": {"text": genesis.to_json().unwrap(), "hash": chain},
        "validators": ValidatorView::all(&set(&[1, 2, 3, 4])),
        "validatorsHash": set(&[1, 2, 3, 4]).hash(),
        "next": next,
        "header": hex(encode(&Header::from(next.header.clone()))),
        "certificate": certificate(&next),
        "precommit": precommit(chain, &next),
        "receipts": (0..RECEIPTS).map(|it| receipt_proof(&receipts, it)).collect::<Vec<_>>(),
        "entries": entries(&state, root),
        "following": following(chain),
    })
}

fn set(seeds: &[u8]) -> ValidatorSet {
    let validator = |seed: &u8| Validator {
        name: name(&format!("v{seed}")),
        consensus_key: key(*seed).public_key(),
        node_key: key(100 + *seed).public_key(),
        power: u64::from(*seed) + 10,
    };
    ValidatorSet::new(seeds.iter().map(validator).collect()).unwrap()
}

fn genesis_of(seeds: &[u8]) -> Genesis {
    let keys: Vec<_> =
        set(seeds).validators().iter().map(|it| key_of(seeds, &it.consensus_key)).collect();
    let mut genesis = genesis(&keys);
    for (validator, of) in genesis.validators.iter_mut().zip(set(seeds).validators()) {
        validator.name = of.name.clone();
        (validator.node_key, validator.power) = (of.node_key, of.power);
    }
    genesis
}

fn key_of(seeds: &[u8], public: &PublicKey) -> ehb_sdk::SecretKey {
    seeds.iter().map(|seed| key(*seed)).find(|it| it.public_key() == *public).unwrap()
}

fn header(chain: Hash, height: u64, by: &[u8], next: &[u8]) -> Header {
    Header {
        version: Header::VERSION,
        chain,
        height,
        timestamp_ms: 1_795_960_000_000 + height,
        parent: Hash([0x11; 32]),
        round: 1,
        proposer: key(by[0]).public_key(),
        transactions_count: 0,
        transactions_root: Block::transactions_root(&[]),
        state_root: Hash([0x22; 32]),
        receipts_count: 0,
        receipts_root: Hash([0x33; 32]),
        validators: set(by).hash(),
        next_validators: set(next).hash(),
        certificate: Hash([0x44; 32]),
        evidence: Hash::ZERO,
    }
}

/// The header with the signatures of all validators of its set but the first, in round 3.
fn decided(header: &Header) -> SignedHeaderView {
    let seeds: Vec<u8> = (1..=9).collect();
    let known = [&seeds[..4], &seeds[1..5], &seeds[4..8]];
    let by = known.into_iter().find(|it| set(it).hash() == header.validators).unwrap();
    let (height, round, block) = (header.height, 3, header.hash());
    let sign = |(index, validator): (usize, &Validator)| {
        let vote = Vote {
            kind: VoteKind::Precommit,
            height,
            round,
            block: Some(block),
            validator: validator.consensus_key,
        };
        let signature = vote.sign(&header.chain, &key_of(by, &validator.consensus_key)).signature;
        CommitSignature { validator: index as u16, signature }
    };
    let validators = set(by);
    let signatures = validators.validators().iter().enumerate().skip(1).map(sign).collect();
    let certificate = CommitCertificate { height, round, block, signatures };
    assert_eq!(certificate.verify(&header.chain, &validators), Ok(()));
    SignedHeaderView {
        hash: block,
        header: HeaderView::from(header),
        certificate: Some(CertificateView::from(&certificate)),
        validators: ValidatorView::all(&validators),
    }
}

fn certificate(next: &SignedHeaderView) -> Value {
    let certificate = CommitCertificate::from(next.certificate.clone().unwrap());
    json!({
        "encoded": hex(encode(&certificate)),
        "hash": Block::certificate_hash(Some(&certificate)),
    })
}

/// What a precommit signs, after the domain's tag and the chain.
fn precommit(chain: Hash, next: &SignedHeaderView) -> Value {
    let (height, validator) = (next.header.height, PublicKey([0; 32]));
    let kind = VoteKind::Precommit;
    let vote = Vote { kind, height, round: 3, block: Some(next.hash), validator };
    json!({"chain": chain, "payload": hex(vote.payload())})
}

fn receipts() -> Receipts {
    let receipt = |index: u8| Receipt {
        transaction: Hash([index; 32]),
        outcome: Outcome::Success(vec![vec![index]]),
        gas_used: 1_000 + u64::from(index),
        events: vec![Event { call: 1, module: name("wallet"), data: vec![index; 3] }],
    };
    (0..RECEIPTS).map(receipt).collect::<Vec<_>>().into()
}

fn receipt_proof(receipts: &Receipts, index: u8) -> Value {
    let proof = prove_leaf(&receipts.leaves(), index.into()).unwrap();
    let position = Position { height: NEXT_HEIGHT - 1, index: index.into() };
    let receipt = Bytes(encode(&receipts[usize::from(index)]));
    json!({"id": Hash([index; 32]), "answer": ReceiptProof { position, receipt, proof }})
}

fn entry_key(index: u8) -> Vec<u8> {
    module_key(&name("wallet"), &[index; 4])
}

fn state() -> (MemoryStore, Hash) {
    let entry = |index: u8| (entry_key(index), Some(vec![index; usize::from(index)]));
    let mut store = MemoryStore::default();
    let mut entries: Vec<_> = (0..60).map(entry).collect();
    entries.sort();
    let changes = Tree::default().update(&store, Hash::ZERO, entries).unwrap();
    store.apply(&changes);
    (store, changes.root)
}

/// Entries that are there, with an empty value among them, and keys that are not.
fn entries(store: &MemoryStore, root: Hash) -> Vec<Value> {
    let of = |index: u8| {
        let key = entry_key(index);
        let proof = prove(store, root, &key).unwrap();
        let value = (index < 60).then(|| vec![index; usize::from(index)]);
        assert!(proof.verify(&root, &key, value.as_deref()));
        let value = value.map(Bytes);
        let height = NEXT_HEIGHT - 1;
        let answer = StateProofView { height, key: Bytes(key), value, proof };
        json!({"module": "wallet", "key": hex([index; 4]), "answer": answer})
    };
    let all: Vec<Value> = [0, 1, 17, 59].into_iter().chain(60..90).map(of).collect();
    // Both kinds of absence are there: an empty place, and another key's leaf.
    assert!(all.iter().any(|it| it["answer"]["proof"]["other"].is_object()));
    let is_empty =
        |it: &Value| it["answer"]["value"].is_null() && it["answer"]["proof"]["other"].is_null();
    assert!(all.iter().any(is_empty));
    all
}

/// The validators change twice: after 700 and after 900.
fn following(chain: Hash) -> Value {
    let (first, second, third) = ([1, 2, 3, 4], [2, 3, 4, 5], [5, 6, 7, 8]);
    let at = |height, by: &[u8], next: &[u8]| decided(&header(chain, height, by, next));
    let views = |seeds: &[u8]| ValidatorView::all(&set(seeds));
    json!([
        {"answer": at(700, &first, &second), "next": views(&second)},
        {"answer": at(900, &second, &third), "next": views(&third)},
        {"answer": at(901, &third, &third), "next": views(&third)},
    ])
}
