//! A changed proof is rejected, whatever the change.

use std::time::Duration;

use ehb_sdk::api::{
    At, ChainClient, HeaderView, Position, ReceiptFilter, ReceiptNotice, ReceiptProof,
    SignedHeaderView, StateClient, StateProofView, TransactionClient, ValidatorView,
};
use ehb_sdk::{Code, Hash, ProofError, Trust};
use ehb_types::{
    CommitCertificate, CommitSignature, Header, SecretKey, Validator, ValidatorSet, Vote, VoteKind,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::fixtures::{ALICE, BOB, NOBODY, genesis, key, name, validator_keys};
use crate::{DEADLINE, Running, entry, start};

const SECOND: Duration = Duration::from_secs(1);

/// All values that differ from this one in one position: a character, a number, an element, a member.
fn mutations(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![json!(0), json!("0x00"), json!({})],
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Number(number) => {
            let number = number.as_u64().unwrap();
            let others = [number.wrapping_add(1), number.wrapping_sub(1), 0, u64::MAX, number ^ 2];
            others.into_iter().filter(|it| *it != number).map(|it| json!(it)).collect()
        }
        Value::String(text) => strings(text).into_iter().map(Value::String).collect(),
        Value::Array(items) => {
            let with = |change: &dyn Fn(&mut Vec<Value>)| {
                let mut items = items.clone();
                change(&mut items);
                Value::Array(items)
            };
            let mut all = vec![with(&|it| it.push(json!("00".repeat(32))))];
            for index in 0..items.len() {
                all.push(with(&|it| drop(it.remove(index))));
                all.push(with(&|it| it.insert(index, it[index].clone())));
                if index > 0 && items[index - 1] != items[index] {
                    all.push(with(&|it| it.swap(index - 1, index)));
                }
                for other in mutations(&items[index]) {
                    all.push(with(&|it| it[index] = other.clone()));
                }
            }
            all
        }
        Value::Object(members) => {
            let mut all = Vec::new();
            for (name, member) in members {
                let mut fewer = members.clone();
                fewer.remove(name);
                all.push(Value::Object(fewer));
                for other in mutations(member) {
                    let mut changed = members.clone();
                    changed.insert(name.clone(), other);
                    all.push(Value::Object(changed));
                }
            }
            all
        }
    }
}

fn strings(text: &str) -> Vec<String> {
    let mut all = vec![format!("{text}0"), format!("{text}00"), String::new(), text.to_uppercase()];
    for index in 0..text.len() {
        let mut bytes = text.as_bytes().to_vec();
        bytes[index] = if bytes[index] == b'1' { b'2' } else { b'1' };
        all.extend(String::from_utf8(bytes));
    }
    all.retain(|it| it != text);
    all
}

/// Asserts that a value is accepted as it is, and none of its mutations is.
fn check<T: Serialize + DeserializeOwned>(what: &str, good: &T, accepts: impl Fn(T) -> bool) {
    let good = json!(good);
    assert!(accepts(serde_json::from_value(good.clone()).unwrap()), "{what}");
    let mutations = mutations(&good);
    assert!(mutations.len() > 100, "{what}: {}", mutations.len());
    for mutation in mutations {
        // Some are equivalent, such as an omitted `null`.
        let read: Option<T> = serde_json::from_value(mutation.clone()).ok();
        if let Some(read) = read.filter(|read| json!(read) != good) {
            assert!(!accepts(read), "{what}: {mutation} is accepted for {good}");
        }
    }
}

/// A chain whose first block contains this many transfers.
async fn with_transfers(count: u64) -> (Running, Vec<Hash>, Trust) {
    let running = start().await;
    let transfers: Vec<_> = (0..count).map(|it| running.transfer(it)).collect();
    let ids = transfers.iter().map(|it| it.id()).collect();
    running.submit(transfers).await;
    running.net.produce_block().unwrap();
    let trust = Trust::of_genesis(running.net.genesis()).unwrap();
    (running, ids, trust)
}

#[tokio::test]
async fn a_receipt_is_proven_at_its_position_and_nowhere_else() {
    for count in 1..=9 {
        let (running, ids, trust) = with_transfers(count).await;
        let next = running.client.header(2, SECOND).await.unwrap();
        assert_eq!(u64::from(next.header.receipts_count), count);
        for (index, id) in (0u32..).zip(&ids) {
            let proof = TransactionClient::proof(running.client.rpc(), *id).await.unwrap();
            assert_eq!(trust.receipt(id, &proof, next.clone()).unwrap().transaction, *id);
            for other in (0..20).filter(|other| *other != index) {
                let mut moved = proof.clone();
                moved.position.index = other;
                moved.proof.index = other.into();
                let refused = trust.receipt(id, &moved, next.clone());
                assert_eq!(refused, Err(ProofError::Receipt), "{index} of {count} as {other}");
            }
        }
    }
}

#[tokio::test]
async fn each_change_of_a_proof_is_rejected() {
    let (running, ids, trust) = with_transfers(3).await;
    let next = running.client.header(2, SECOND).await.unwrap();
    check("header", &next, |it: SignedHeaderView| trust.header(it).is_ok());
    for id in &ids {
        let proof = TransactionClient::proof(running.client.rpc(), *id).await.unwrap();
        let accepts = |it: ReceiptProof| trust.receipt(id, &it, next.clone()).is_ok();
        check("receipt", &proof, accepts);
    }
    for seed in [BOB, NOBODY] {
        let (key, _) = entry(seed);
        let proof = StateClient::proof(running.client.rpc(), key.clone(), Some(At::Height(1)))
            .await
            .unwrap();
        let accepts = |it: StateProofView| trust.entry(&key.full(), &it, next.clone()).is_ok();
        check("entry", &proof, accepts);
    }
}

fn set(seeds: &[u8]) -> ValidatorSet {
    let validator = |seed: &u8| Validator {
        name: name(&format!("v{seed}")),
        consensus_key: key(*seed).public_key(),
        node_key: key(100 + *seed).public_key(),
        power: 1,
    };
    ValidatorSet::new(seeds.iter().map(validator).collect()).unwrap()
}

/// A header of a height, decided by one set and naming the next one.
fn decided(chain: Hash, height: u64, by: &[u8], next: &[u8]) -> SignedHeaderView {
    let header = Header {
        height,
        timestamp_ms: height,
        validators: set(by).hash(),
        next_validators: set(next).hash(),
        ..Header::blank(chain)
    };
    let block = header.hash();
    let signer = |index: usize| -> SecretKey {
        let validator = set(by).validators()[index].consensus_key;
        by.iter().map(|seed| key(*seed)).find(|it| it.public_key() == validator).unwrap()
    };
    let sign = |index: usize| {
        let signer = signer(index);
        let validator = signer.public_key();
        let kind = VoteKind::Precommit;
        let vote = Vote { kind, height, round: 0, block: Some(block), validator };
        let signature = vote.sign(&chain, &signer).signature;
        CommitSignature { validator: u16::try_from(index).unwrap(), signature }
    };
    let signatures = (0..by.len()).map(sign).collect();
    let certificate = CommitCertificate { height, round: 0, block, signatures };
    SignedHeaderView {
        hash: block,
        header: HeaderView::from(&header),
        certificate: Some((&certificate).into()),
        validators: ValidatorView::all(&set(by)),
    }
}

/// The set changes twice; an offline client follows with the two headers that name another next set.
#[test]
fn validators_are_followed_by_headers_alone() {
    let (first, second, third) = ([1, 2, 3], [2, 3, 4], [5, 6, 7]);
    let mut genesis = genesis(&validator_keys());
    genesis.validators.truncate(3);
    for (validator, of) in genesis.validators.iter_mut().zip(set(&first).validators()) {
        validator.name = of.name.clone();
        (validator.consensus_key, validator.node_key) = (of.consensus_key, of.node_key);
        validator.power = of.power;
    }
    let chain = genesis.hash();
    let header = |height, by: &[u8], next: &[u8]| decided(chain, height, by, next);
    let views = |seeds: &[u8]| ValidatorView::all(&set(seeds));
    let mut trust = Trust::of_genesis(&genesis).unwrap();
    trust.header(header(1, &first, &first)).unwrap();
    trust.header(header(700, &first, &second)).unwrap();
    // Other validators are rejected, and so are later ones without those between.
    let refused = trust.advance(header(700, &first, &second), views(&third));
    assert_eq!(refused, Err(ProofError::NextValidators));
    let refused = trust.advance(header(900, &second, &third), views(&third));
    assert_eq!(refused, Err(ProofError::Validators));
    let forged = decided(Hash::ZERO, 700, &first, &second);
    assert_eq!(trust.advance(forged, views(&second)), Err(ProofError::Chain(Hash::ZERO)));

    trust.advance(header(700, &first, &second), views(&second)).unwrap();
    trust.header(header(701, &second, &second)).unwrap();
    let old = trust.header(header(701, &first, &first));
    assert_eq!(old, Err(ProofError::Validators), "the old validators decide no more");
    trust.advance(header(900, &second, &third), views(&third)).unwrap();
    trust.header(header(901, &third, &third)).unwrap();
}

/// Receipts of genesis have no transaction: their own ids name and prove them, and those of calls say which calls.
#[tokio::test]
async fn receipts_of_genesis_are_found_and_proven_by_their_ids() {
    let Running { net, client, .. } = &start().await;
    net.hold_blocks().unwrap();
    net.produce_block().unwrap();
    let trust = Trust::of_genesis(net.genesis()).unwrap();
    let block = ChainClient::block(client.rpc(), Some(At::Height(0)), None, None).await.unwrap();
    let receipts = block.receipts.unwrap();
    let calls = &net.genesis().calls;
    assert!(!calls.is_empty() && receipts.len() > calls.len());
    let first = receipts.len() - calls.len();
    for (index, view) in receipts.iter().enumerate() {
        let id = view.transaction;
        let proven = client.proven_receipt(&trust, &id, SECOND).await.unwrap();
        assert_eq!(proven.transaction, id);
        let located = TransactionClient::receipt(client.rpc(), id).await.unwrap();
        assert_eq!((located.position.index as usize, &located.receipt), (index, view));
        let call = index.checked_sub(first).map(|at| &calls[at]);
        assert_eq!(located.sender.as_ref(), call.map(|it| &it.sender));
        let shown = view.genesis_call.as_ref();
        assert_eq!(shown.is_some(), call.is_some());
        if let Some((shown, call)) = shown.zip(call) {
            assert_eq!(shown.sender, call.sender);
            let names = (&shown.call.module, &shown.call.function);
            assert_eq!(names, (&call.module, &call.function));
            assert_eq!(shown.call.arguments, Value::Object(call.arguments.clone()));
            assert!(!shown.call.data.0.is_empty());
        }
    }
    // It is no transaction, so it has no status.
    let error = client.fate(&receipts[0].transaction, None).await.unwrap_err();
    assert!(error.is(Code::NotFound) && error.to_string().contains("tx_getReceipt"), "{error}");

    let of_sender = ReceiptFilter { sender: Some(calls[0].sender.clone()), ..Default::default() };
    let of_module = ReceiptFilter { module: Some(name("wallet")), ..Default::default() };
    let about = ReceiptFilter { account: Some(crate::text(ALICE)), ..Default::default() };
    for (filter, least) in [(of_sender, calls.len()), (of_module, calls.len()), (about, 2)] {
        let mut followed = client.receipts(filter, Some(Position::first_of(0)));
        let notice = tokio::time::timeout(DEADLINE, followed.next()).await.unwrap().unwrap();
        let ReceiptNotice::Receipts { receipts, .. } = notice else { panic!("a gap") };
        assert!(receipts.len() >= least, "{receipts:?}");
        assert!(receipts.iter().all(|it| it.position.height == 0));
    }
}
