//! `docs/formats.md`: the text of `page.txt` with the layouts of the types as the source has them, and with values that the
//! code computes.

use std::collections::BTreeMap;

use ehb_crypto::{Domain, merkle};
use ehb_rpc_api::module_key;
use ehb_state::{MemoryStore, StateStore, Tree, prove};
use ehb_types::{Block, Code, Failure, Hash, Header, KEYS_MAX, Receipt, Transaction, encode};
use expect_test::expect_file;

use super::{Address, Network, Policy, Receipts, VoteKind};
use super::{block, certificate, genesis, layouts, name, receipts, secret, signed, vote};

/// The domains on the page: those whose hashes and signatures leave a node.
const DOMAINS: [(Domain, &str); 18] = [
    (Domain::Transaction, "id of a transaction; message that its signers sign"),
    (Domain::Header, "hash of a block; message that its proposer signs"),
    (Domain::Vote, "message that a validator signs for a vote"),
    (Domain::Proposal, "message that a proposer signs for a round"),
    (Domain::PolicyConsent, "message that a key signs to be part of a policy"),
    (Domain::Receipt, "id of a receipt without a transaction"),
    (Domain::Genesis, "hash of the genesis file's content"),
    (Domain::AccountAddress, "address of an account"),
    (Domain::ModuleAddress, "address of a module"),
    (Domain::ModuleCode, "hash of a module's code"),
    (Domain::ValidatorSet, "hash of a validator set"),
    (Domain::Certificate, "hash of the parent's certificate in a header"),
    (Domain::Evidence, "hash of the evidence in a header"),
    (Domain::StateKey, "path of a key in the state tree"),
    (Domain::StateValue, "hash of a value in the state tree"),
    (Domain::StateLeaf, "pair hash of a leaf"),
    (Domain::StateNode, "pair hash of an inner node"),
    (Domain::ModuleData, "hashes that modules ask for"),
];

fn hexed(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(bytes)
}

/// The values on the page, by name.
fn values() -> BTreeMap<&'static str, String> {
    let mut values = BTreeMap::new();
    let domains = DOMAINS.iter().map(|(it, about)| format!("| `{}` | {about} |\n", it.tag()));
    values.insert("domains", domains.collect());

    let codes = Code::ALL.iter().map(|it| format!("{} `{it}`", *it as u8));
    values.insert("codes", codes.collect::<Vec<_>>().join(", "));
    let one = Policy::Key(secret(50).public_key());
    let address = Address::of_account(&one);
    values.insert("seed", hexed([50; 32]));
    values.insert("public key", secret(50).public_key().to_string());
    values.insert("policy", hexed(encode(&one)));
    values.insert("address", hexed(address.0));
    values.insert("address text", address.to_text(Network::Test));
    let wallet = Address::of_module(&name("wallet"));
    values.insert("module address", wallet.to_text(Network::Test));
    values.insert("chain", genesis().hash().to_string());

    let (signed, block) = (signed(), block());
    values.insert("transaction", hexed(encode(&signed.transaction)));
    values.insert("transaction id", signed.id().to_string());
    values.insert("signer", signed.signatures[0].key.to_string());
    values.insert("transaction signature", signed.signatures[0].signature.to_string());
    values.insert("header", hexed(encode(&block.header)));
    values.insert("header hash", block.hash().to_string());
    values.insert("header signature", block.signature.to_string());
    let set = genesis().validator_set().unwrap();
    values.insert("validators", hexed(encode(&set)));
    values.insert("validators hash", set.hash().to_string());
    let precommit = vote(VoteKind::Precommit, Some(certificate().block));
    values.insert("vote payload", hexed(precommit.vote.payload()));
    values.insert("vote signature", precommit.signature.to_string());
    values.insert("certificate", hexed(encode(&certificate())));
    let of_certificate = Block::certificate_hash(Some(&certificate()));
    values.insert("certificate hash", of_certificate.to_string());
    proofs(&mut values);
    values
}

/// Proofs of a receipt and of an entry, checked before they are shown.
fn proofs(values: &mut BTreeMap<&'static str, String>) {
    let own = Receipt::id_without_transaction(&genesis().hash(), 5, 2);
    values.insert("own id", own.to_string());
    let mut three = receipts();
    three.push(Receipt { transaction: own, ..three[0].clone() });
    let receipts = Receipts::from(three);
    let leaves = receipts.leaves();
    for (at, key) in ["receipt 0", "receipt 1", "receipt 2"].into_iter().enumerate() {
        values.insert(key, hexed(leaves[at]));
    }
    values.insert("receipts root", receipts.root().to_string());
    let proof = merkle::prove(&leaves, 2).unwrap();
    assert!(proof.verify(&receipts.root(), 3, leaves[2]));
    values.insert("receipt proof", serde_json::to_string(&proof).unwrap());

    let account = Address::of_account(&Policy::Key(secret(50).public_key()));
    let row = module_key(&name("wallet"), &[&b"b"[..], &account.0, b"EUR"].concat());
    let lane = [&b"k/lane/"[..], &account.0, &3u32.to_be_bytes()].concat();
    let absent = b"k/parameters".to_vec();
    let entries = vec![(lane.clone(), Some(encode(&8u64))), (row.clone(), Some(vec![1, 2, 3]))];
    let mut state = MemoryStore::default();
    let changes = Tree::default().update(&state, Hash::ZERO, entries).unwrap();
    state.apply(&changes);
    values.insert("state root", changes.root.to_string());
    let keys = [
        (&row, "row key", "row value", "row proof"),
        (&lane, "lane key", "lane value", "lane proof"),
        (&absent, "absent key", "absent value", "absent proof"),
    ];
    for (key, key_name, value_name, proof_name) in keys {
        let (proof, value) = (prove(&state, changes.root, key).unwrap(), state.get(key).unwrap());
        assert!(proof.verify(&changes.root, key, value.as_deref()));
        values.insert(key_name, hexed(key));
        values.insert(value_name, hexed(value.unwrap_or_default()));
        values.insert(proof_name, serde_json::to_string(&proof).unwrap());
    }
}

/// A layout with the values of the constants that its documentation names.
fn with_values(table: &str) -> String {
    let numbers = [
        ("Transaction::VERSION", u64::from(Transaction::VERSION)),
        ("Transaction::CALLS_MAX", Transaction::CALLS_MAX as u64),
        ("Transaction::MEMO_BYTES_MAX", Transaction::MEMO_BYTES_MAX as u64),
        ("Header::VERSION", u64::from(Header::VERSION)),
        ("Failure::MESSAGE_BYTES_MAX", Failure::MESSAGE_BYTES_MAX as u64),
        ("KEYS_MAX", KEYS_MAX as u64),
    ];
    let mut text = table.to_owned();
    for (constant, value) in numbers {
        text = text.replace(&format!("`{constant}`"), &value.to_string());
    }
    for (domain, _) in DOMAINS {
        let tag = format!("the tag `{}`", domain.tag());
        text = text.replace(&format!("`Domain::{domain:?}`"), &tag);
    }
    let constants = [" `Domain::", "_MAX`", "::VERSION`"];
    assert!(!constants.iter().any(|it| text.contains(it)), "a constant without its value: {text}");
    text
}

#[test]
fn the_page_of_formats_is_what_the_code_does() {
    let values = values();
    let (mut page, mut used) = (String::new(), 0);
    let mut rest = include_str!("page.txt");
    while let Some((before, after)) = rest.split_once("{{") {
        let (wanted, after) = after.split_once("}}").unwrap();
        page += before;
        match wanted.strip_prefix("layout ") {
            Some(layout) => {
                page += &format!(
                    "**`{layout}`**\n\n{}",
                    with_values(&layouts::table(layout)).trim_end()
                );
            }
            None => {
                page +=
                    values.get(wanted).unwrap_or_else(|| panic!("no value {wanted}")).trim_end();
                used += 1;
            }
        }
        rest = after;
    }
    page += rest;
    assert!(used >= values.len(), "a value is not on the page");
    expect_file!["../../../../../docs/formats.md"].assert_eq(&page);
}
