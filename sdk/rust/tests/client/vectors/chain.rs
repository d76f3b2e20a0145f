//! Headers, certificates, validator sets, and proofs under them.

use ehb_crypto::merkle::prove as prove_leaf;
use ehb_sdk::api::{
    Bytes, CertificateView, HeaderView, Position, ReceiptProof, SignedHeaderView, StateProofView,
    ValidatorView, module_key,
};
use ehb_sdk::{
    Address, Genesis, Hash, ProofFile, PublicKey, SetChange, StoredEntry, Trust, encode,
};
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
        "receipts": (0..RECEIPTS).map(|it| located(&receipts, it)).collect::<Vec<_>>(),
        "entries": entries(&state, root),
        "following": following(chain),
        "files": files(&genesis, &next, &receipts, (&state, root)),
        "stored": stored(),
    })
}

/// Proofs as files: of entries and receipts, and of a header after two changes of the validators.
fn files(
    genesis: &Genesis,
    next: &SignedHeaderView,
    receipts: &Receipts,
    (store, root): (&MemoryStore, Hash),
) -> Value {
    let trust = Trust::of_genesis(genesis).unwrap();
    let blank = |header: &SignedHeaderView| ProofFile {
        format: ProofFile::FORMAT.to_owned(),
        genesis_hash: trust.chain(),
        changes: Vec::new(),
        header: header.clone(),
        entries: Vec::new(),
        receipts: Vec::new(),
    };
    let all: Vec<u8> = (0..90).collect();
    let entry = |index: u8| state_proof(store, root, index);
    let is_other =
        |index: &&u8| entry(**index).value.is_none() && entry(**index).proof.other.is_some();
    let is_empty =
        |index: &&u8| entry(**index).value.is_none() && entry(**index).proof.other.is_none();
    let entries = [0, 17, *all.iter().find(is_other).unwrap(), *all.iter().find(is_empty).unwrap()];
    let content = ProofFile {
        entries: entries.map(entry).into(),
        receipts: [1, 4].map(|index| receipt_proof(receipts, index)).into(),
        ..blank(next)
    };
    let [first, second, last] = steps(trust.chain());
    let change =
        |(header, next): (SignedHeaderView, Vec<ValidatorView>)| SetChange { header, next };
    let changed = ProofFile { changes: [first, second].map(change).into(), ..blank(&last.0) };
    for file in [&content, &changed] {
        file.verify(trust.clone()).unwrap();
        assert_eq!(ProofFile::from_json(&file.to_json()).as_ref(), Ok(file));
    }
    json!({ "content": content, "changed": changed })
}

/// Entries of the wallet module and their meaning: `null` for one that has none.
fn stored() -> Vec<Value> {
    let account = Address([7; 32]);
    let balance = StoredEntry::balance_key(&account, "EUR").full();
    let asset = StoredEntry::asset_key("EUR").full();
    let parts = |version: u8| {
        let amounts = encode(&(100_000u64, 5u64, 1u8, 202_611u32, 0u64, 3u64));
        [&[version], amounts.as_slice()].concat()
    };
    let described = |id: &str| {
        let text = encode(&(id.to_owned(), "Euro".to_owned(), 2u8, [9u8; 32]));
        [&[1], text.as_slice()].concat()
    };
    let cases = [
        (balance.clone(), Some(parts(1))),
        (balance.clone(), Some(parts(2))),
        (balance.clone(), Some(parts(1)[..37].to_vec())),
        (balance, None),
        (asset.clone(), Some(described("EUR"))),
        (asset.clone(), Some(described("USD"))),
        (asset.clone(), Some(described("EUR")[..12].to_vec())),
        (asset, None),
        (b"m/wallet/c".to_vec(), Some(vec![1])),
        (b"k/chain".to_vec(), None),
    ];
    let view = |(key, value): &(Vec<u8>, Option<Vec<u8>>)| {
        let meaning = match StoredEntry::read(key, value.as_deref()) {
            None => Value::Null,
            Some(StoredEntry::Balance { account, asset, available, held }) => json!({
                "kind": "balance", "account": hex(account.0), "asset": asset,
                "available": available.to_string(), "held": held.to_string(),
            }),
            Some(StoredEntry::Asset { asset, decimals }) => {
                json!({"kind": "asset", "asset": asset, "decimals": decimals})
            }
        };
        json!({"key": hex(key), "value": value.as_ref().map(hex), "meaning": meaning})
    };
    cases.iter().map(view).collect()
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

fn receipt_proof(receipts: &Receipts, index: u8) -> ReceiptProof {
    let proof = prove_leaf(&receipts.leaves(), index.into()).unwrap();
    let position = Position { height: NEXT_HEIGHT - 1, index: index.into() };
    ReceiptProof { position, receipt: Bytes(encode(&receipts[usize::from(index)])), proof }
}

fn located(receipts: &Receipts, index: u8) -> Value {
    json!({"id": Hash([index; 32]), "answer": receipt_proof(receipts, index)})
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

fn state_proof(store: &MemoryStore, root: Hash, index: u8) -> StateProofView {
    let key = entry_key(index);
    let proof = prove(store, root, &key).unwrap();
    let value = (index < 60).then(|| vec![index; usize::from(index)]);
    assert!(proof.verify(&root, &key, value.as_deref()));
    let value = value.map(Bytes);
    StateProofView { height: NEXT_HEIGHT - 1, key: Bytes(key), value, proof }
}

/// Entries that are there, with an empty value among them, and keys that are not.
fn entries(store: &MemoryStore, root: Hash) -> Vec<Value> {
    let of = |index: u8| {
        let answer = state_proof(store, root, index);
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
fn steps(chain: Hash) -> [(SignedHeaderView, Vec<ValidatorView>); 3] {
    let (first, second, third) = ([1, 2, 3, 4], [2, 3, 4, 5], [5, 6, 7, 8]);
    let step = |height, by: &[u8], next: &[u8]| {
        (decided(&header(chain, height, by, next)), ValidatorView::all(&set(next)))
    };
    [step(700, &first, &second), step(900, &second, &third), step(901, &third, &third)]
}

fn following(chain: Hash) -> Vec<Value> {
    let view = |(answer, next): (SignedHeaderView, Vec<ValidatorView>)| json!({"answer": answer, "next": next});
    steps(chain).into_iter().map(view).collect()
}
