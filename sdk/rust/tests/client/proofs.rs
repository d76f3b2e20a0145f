//! A changed proof is rejected, whatever the change.

use std::time::Duration;

use ehb_rpc_server::DecidedHeader;
use ehb_sdk::api::{
    At, ChainClient, HeaderView, Position, ReceiptFilter, ReceiptNotice, ReceiptProof,
    SignedHeaderView, StateClient, StateProofView, TransactionClient, ValidatorView,
};
use ehb_sdk::{Code, Error, Genesis, Hash, ProofError, ProofFile, SetChange, StoredEntry, Trust};
use ehb_types::{
    CommitCertificate, CommitSignature, Header, SecretKey, Validator, ValidatorSet, Vote, VoteKind,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::fixtures::{ALICE, BOB, NOBODY, address, genesis, key, name, text, validator_keys};
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

/// A header of a height, decided by one set and naming the next one, as a node has it.
fn decided_header(chain: Hash, height: u64, by: &[u8], next: &[u8]) -> DecidedHeader {
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
    let certificate = Some(CommitCertificate { height, round: 0, block, signatures });
    DecidedHeader { header, certificate, validators: set(by) }
}

/// The same, as the node answers it.
fn decided(chain: Hash, height: u64, by: &[u8], next: &[u8]) -> SignedHeaderView {
    let DecidedHeader { header, certificate, validators } = decided_header(chain, height, by, next);
    SignedHeaderView {
        hash: header.hash(),
        header: HeaderView::from(&header),
        certificate: certificate.as_ref().map(Into::into),
        validators: ValidatorView::all(&validators),
    }
}

/// A genesis with this set.
fn genesis_of(seeds: &[u8]) -> Genesis {
    let mut genesis = genesis(&validator_keys());
    genesis.validators.truncate(seeds.len());
    for (validator, of) in genesis.validators.iter_mut().zip(set(seeds).validators()) {
        validator.name = of.name.clone();
        (validator.consensus_key, validator.node_key) = (of.consensus_key, of.node_key);
        validator.power = of.power;
    }
    genesis
}

/// The set changes twice; an offline client follows with the two headers that name another next set.
#[test]
fn validators_are_followed_by_headers_alone() {
    let (first, second, third) = ([1, 2, 3], [2, 3, 4], [5, 6, 7]);
    let genesis = genesis_of(&first);
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

/// Whether a file is accepted.
fn is_proven(trust: &Trust, file: &Value) -> bool {
    let read = ProofFile::from_json(&file.to_string());
    read.and_then(|file| file.verify(trust.clone())).is_ok()
}

/// The file with another value of a part, which a JSON pointer names.
fn with(file: &Value, part: &str, value: Value) -> Value {
    let mut other = file.clone();
    *other.pointer_mut(part).unwrap() = value;
    other
}

/// An object with one member less.
fn without(object: &Value, name: &str) -> Value {
    let mut other = object.clone();
    if let Some(members) = other.as_object_mut() {
        members.remove(name);
    }
    other
}

#[tokio::test]
async fn each_change_of_a_proof_file_is_rejected() {
    let (running, ids, trust) = with_transfers(3).await;
    let client = &running.client;
    let keys = [BOB, NOBODY].map(|seed| entry(seed).0);
    let mut file = client.prove_entries(&trust, &keys, Some(At::Height(1))).await.unwrap();
    file.receipts = client.prove_receipt(&trust, &ids[1]).await.unwrap().receipts;
    let text = file.to_json();
    let proven = ProofFile::from_json(&text).unwrap().verify(trust.clone()).unwrap();
    assert_eq!((proven.height(), proven.header.height), (1, 2));
    let expected = [(keys[0].full(), Some(entry(BOB).1)), (keys[1].full(), None)];
    let entries: Vec<_> = proven.entries.into_iter().map(|it| (it.key, it.value)).collect();
    assert_eq!(entries, expected);
    let receipts = proven.receipts.iter().map(|it| (it.index, it.receipt.transaction));
    assert_eq!(receipts.collect::<Vec<_>>(), [(1, ids[1])]);

    let good: Value = serde_json::from_str(&text).unwrap();
    for part in ["/format", "/genesisHash", "/header", "/entries/0", "/entries/1", "/receipts/0"] {
        let content = good.pointer(part).unwrap();
        let mutations = mutations(content);
        assert!(mutations.len() > 10, "{part}: {}", mutations.len());
        for mutation in mutations {
            // The place where a key would be is that of other keys too, whose absence is proven then.
            let other_key = part == "/entries/1"
                && mutation.get("key").is_some()
                && without(&mutation, "key") == without(content, "key");
            if !other_key {
                let other = with(&good, part, mutation.clone());
                assert!(!is_proven(&trust, &other), "{part}: {mutation} is accepted");
            }
        }
    }
    // Members are those of the format, each once.
    for other in [
        text.replacen('{', "{\"more\": 1,", 1),
        text.replacen('{', "{\"entries\": [],", 1),
        text.replacen("\"header\": {", "\"header\": {\"more\": null,", 1),
        with(&good, "/entries/0/proof", without(&good["entries"][0]["proof"], "other")).to_string(),
        text.replacen("\"receipts\":", "\"receipt\":", 1),
        format!("{text}x"),
        String::new(),
        "[]".to_owned(),
    ] {
        let refused = ProofFile::from_json(&other);
        assert!(matches!(refused, Err(ProofError::File(_))), "{other}: {refused:?}");
    }
    let many = json!(vec![good["entries"][0].clone(); ProofFile::ITEMS_MAX + 1]);
    assert!(!is_proven(&trust, &with(&good, "/entries", many)));
    let elsewhere = Trust::of_set(Hash::ZERO, trust.validators().clone());
    assert_eq!(file.verify(elsewhere), Err(ProofError::Chain(trust.chain())));

    // What cannot be proven is not written.
    let absent = client.prove_receipt(&trust, &Hash([0xAB; 32])).await.unwrap_err();
    assert!(absent.is(Code::NotFound), "{absent}");
    let genesis = client.prove_header(&trust, Some(At::Height(0))).await.unwrap_err();
    assert!(genesis.is(Code::InvalidRequest), "{genesis}");
    let nothing = client.prove_entries(&trust, &[], None).await.unwrap_err();
    assert!(nothing.is(Code::InvalidRequest), "{nothing}");
}

/// The set changes twice. Each change is found wherever it is, and a file needs each, in their order.
#[tokio::test]
async fn the_changes_of_the_validators_are_in_the_file() {
    let sets: [[u8; 3]; 3] = [[1, 2, 3], [2, 3, 4], [5, 6, 7]];
    let genesis = genesis_of(&sets[0]);
    let (chain, trust) = (genesis.hash(), Trust::of_genesis(&genesis).unwrap());
    let of = move |height: u64| sets[usize::from(height > 700) + usize::from(height > 900)];
    let running = start().await;
    running.node.show_headers(move |height| {
        let is_decided = (1..=1_000).contains(&height);
        is_decided.then(|| decided_header(chain, height, &of(height), &of(height + 1)))
    });
    let prove =
        async |height| running.client.prove_header(&trust, Some(At::Height(height))).await.unwrap();
    for (height, changes) in [(1, 0), (2, 0), (700, 0), (701, 1), (900, 1), (901, 2), (1_000, 2)] {
        let file = prove(height).await;
        let found: Vec<u64> = file.changes.iter().map(|it| it.header.header.height).collect();
        assert_eq!(found, [700, 900][..changes], "{height}");
        assert_eq!(file.verify(trust.clone()).unwrap().header.height, height);
    }
    let file = prove(1_000).await;
    let [first, second] = &file.changes[..] else { panic!("{:?}", file.changes) };
    let needless = SetChange {
        header: decided(chain, 5, &sets[0], &sets[0]),
        next: first.header.validators.clone(),
    };
    let mut turned = second.clone();
    turned.next.reverse();
    for (changes, error) in [
        (vec![], ProofError::Validators),
        (vec![first.clone()], ProofError::Validators),
        (vec![second.clone(), first.clone()], ProofError::Validators),
        (vec![first.clone(), turned], ProofError::NextValidators),
        (vec![needless, first.clone(), second.clone()], ProofError::Changes),
    ] {
        let other = ProofFile { changes, ..file.clone() };
        assert_eq!(other.verify(trust.clone()), Err(error));
    }
    let early = ProofFile { header: decided(chain, 900, &sets[2], &sets[2]), ..file.clone() };
    assert_eq!(early.verify(trust.clone()), Err(ProofError::Changes));
    let good = json!(file);
    for part in ["/changes/0", "/changes/1"] {
        for mutation in mutations(good.pointer(part).unwrap()) {
            assert!(!is_proven(&trust, &with(&good, part, mutation.clone())), "{part}: {mutation}");
        }
    }

    // A node that shows a header of validators that nobody chose.
    running.node.show_headers(move |height| {
        let by = if height < 500 { sets[0] } else { sets[2] };
        (1..=1_000).contains(&height).then(|| decided_header(chain, height, &by, &by))
    });
    let refused = running.client.prove_header(&trust, Some(At::Height(1_000))).await.unwrap_err();
    assert!(matches!(refused, Error::Proof(ProofError::NextValidators)), "{refused}");
}

/// Entries of the wallet mean what the wallet answers.
#[tokio::test]
async fn proven_balances_are_those_that_the_wallet_answers() {
    let (running, _, trust) = with_transfers(3).await;
    let client = &running.client;
    for (seed, asset) in [(ALICE, "EUR"), (BOB, "EUR"), (NOBODY, "EUR")] {
        let keys = [StoredEntry::balance_key(&address(seed), asset), StoredEntry::asset_key(asset)];
        let file = client.prove_entries(&trust, &keys, Some(At::Height(1))).await.unwrap();
        let proven = file.verify(trust.clone()).unwrap();
        let [balance, described] = &proven.entries[..] else { panic!("{proven:?}") };
        let arguments = json!({"account": text(seed), "asset": asset});
        let at = At::Height(1);
        let answer = client.read_at("wallet", "get-balance", &arguments, at).await.unwrap().value;
        let units = |name: &str| answer[name].as_str().unwrap().parse().unwrap();
        let expected = StoredEntry::Balance {
            account: address(seed),
            asset: asset.to_owned(),
            available: units("available"),
            held: units("held"),
        };
        assert_eq!(StoredEntry::read(&balance.key, balance.value.as_deref()), Some(expected));
        let expected = StoredEntry::Asset { asset: asset.to_owned(), decimals: Some(2) };
        assert_eq!(StoredEntry::read(&described.key, described.value.as_deref()), Some(expected));
    }
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
    let about = ReceiptFilter { account: Some(text(ALICE)), ..Default::default() };
    for (filter, least) in [(of_sender, calls.len()), (of_module, calls.len()), (about, 2)] {
        let mut followed = client.receipts(filter, Some(Position::first_of(0)));
        let notice = tokio::time::timeout(DEADLINE, followed.next()).await.unwrap().unwrap();
        let ReceiptNotice::Receipts { receipts, .. } = notice else { panic!("a gap") };
        assert!(receipts.len() >= least, "{receipts:?}");
        assert!(receipts.iter().all(|it| it.position.height == 0));
    }
}
