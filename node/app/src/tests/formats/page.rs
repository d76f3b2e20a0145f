//! `docs/formats.md` and `docs/state.md`: the texts of `page.txt` and `state.txt` with the layouts of the types as the source
//! has them, and with values that the code computes.

use std::collections::BTreeMap;

use ehb_crypto::{Domain, hash, merkle};
use ehb_rpc_api::module_key;
use ehb_state::{MemoryStore, StateStore, Tree, prove};
use ehb_types::{
    Block, Card, Code, CommitCertificate, CommitSignature, Evidence, Failure, Hash, Header,
    KEYS_MAX, Receipt, TRANSACTION_BYTES_MAX, Transaction, Vote, VoteKind, encode,
};
use expect_test::expect_file;
use serde_json::{Value, json};
use syn::Type;

use super::words::{Types, camel, kebab, wit_types};
use super::{Account, Address, Engine, GenesisState, Network, Policy, Receipts, Status};
use super::{block, card, genesis, governing, modules, name, receipts, secret, signed};

/// The domains on the page: those whose hashes and signatures leave a node.
const DOMAINS: [(Domain, &str); 22] = [
    (Domain::Transaction, "id of a transaction; message that its signers sign"),
    (Domain::Header, "hash of a block; message that its proposer signs"),
    (Domain::Vote, "message that a validator signs for a vote"),
    (Domain::Proposal, "message that a proposer signs for a round"),
    (Domain::PolicyConsent, "message that a key signs to be part of a policy"),
    (Domain::NodeConsent, "message that the key of an observer signs to be permitted"),
    (
        Domain::ValidatorConsent,
        "message that the consensus key and the node key of a validator sign so that it can join",
    ),
    (Domain::Card, "id of the card of a validator; message that each key in it signs"),
    (Domain::SignIn, "text that an account signs to sign in at a server, such as the indexer"),
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
    values.insert("genesis", serde_json::to_string(&genesis()).unwrap());
    genesis_parts(&mut values);

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
    let card = card();
    values.insert("card", hexed(encode(&card.card)));
    values.insert("card id", card.card.id().to_string());
    values.insert("card signer", card.signatures[0].key.to_string());
    values.insert("card signature", card.signatures[0].signature.to_string());
    decided(&mut values, &block);
    evidence(&mut values, &block);
    proofs(&mut values);
    values
}

/// The hash of some JSON as the page describes it, step by step, which is checked with that of the whole genesis.
fn genesis_parts(values: &mut BTreeMap<&'static str, String>) {
    let whole = serde_json::to_value(genesis()).unwrap();
    assert_eq!(content_hash(&whole), genesis().hash());
    let part = json!({"b": [1, "a\n\u{1}\"\\é"], "a": null});
    values.insert("genesis part", serde_json::to_string(&part).unwrap());
    values.insert("genesis part hash", content_hash(&part).to_string());
    values.insert("genesis array hash", content_hash(&part["b"]).to_string());
    values.insert("genesis text hash", content_hash(&part["b"][1]).to_string());
}

/// The hash of JSON by content, as the page says.
fn content_hash(value: &Value) -> Hash {
    let over = |first: &[u8], rest: Vec<u8>| hash(Domain::Genesis, &[first, &rest].concat());
    match value {
        Value::Array(items) => {
            let hashes: Vec<Hash> = items.iter().map(content_hash).collect();
            over(b"[", encode(&hashes))
        }
        Value::Object(members) => {
            let members: BTreeMap<&String, Hash> =
                members.iter().map(|(key, value)| (key, content_hash(value))).collect();
            over(b"{", encode(&members.into_iter().collect::<Vec<_>>()))
        }
        Value::String(text) => over(b"", written(text).into_bytes()),
        other => over(b"", other.to_string().into_bytes()),
    }
}

/// A text as JSON.
fn written(text: &str) -> String {
    let character = |it: char| match it {
        '"' | '\\' => format!("\\{it}"),
        '\u{8}' => "\\b".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        control @ '\0'..' ' => format!("\\u{:04x}", u32::from(control)),
        other => other.to_string(),
    };
    format!("\"{}\"", text.chars().map(character).collect::<String>())
}

/// A certificate of the header, checked as the page says, and not with the least power that suffices for another block.
fn decided(values: &mut BTreeMap<&'static str, String>, block: &Block) {
    let set = genesis().validator_set().unwrap();
    let round = block.header.round;
    let of = |validator| Vote {
        kind: VoteKind::Precommit,
        height: block.header.height,
        round,
        block: Some(block.hash()),
        validator,
    };
    let mut certificate = CommitCertificate {
        height: block.header.height,
        round,
        block: block.hash(),
        signatures: Vec::new(),
    };
    let (mut indexes, mut power) = (Vec::new(), 0);
    for (index, validator) in set.validators().iter().enumerate() {
        let Some(key) =
            [2, 3].map(secret).into_iter().find(|it| it.public_key() == validator.consensus_key)
        else {
            continue;
        };
        let vote = of(validator.consensus_key).sign(&genesis().hash(), &key);
        let validator_index = u16::try_from(index).unwrap();
        certificate
            .signatures
            .push(CommitSignature { validator: validator_index, signature: vote.signature });
        indexes.push(index.to_string());
        power += validator.power;
    }
    assert_eq!(block.header.validators, set.hash());
    certificate.verify(&genesis().hash(), &set).unwrap();
    values.insert("vote payload", hexed(of(set.validators()[0].consensus_key).payload()));
    values.insert("certificate round", round.to_string());
    values.insert("certificate indexes", indexes.join(" and "));
    values.insert("certificate power", power.to_string());
    let total: u64 = set.validators().iter().map(|it| it.power).sum();
    values.insert("total power", total.to_string());
    values.insert("certificate", hexed(encode(&certificate)));
    values.insert("certificate hash", Block::certificate_hash(Some(&certificate)).to_string());
}

/// The evidence of the block, checked before it is shown.
fn evidence(values: &mut BTreeMap<&'static str, String>, block: &Block) {
    let chain = genesis().hash();
    let [Evidence::Votes(nil, vote), Evidence::Proposals(proposal, again)] = &block.evidence[..]
    else {
        panic!("the block has evidence of both kinds")
    };
    assert_eq!((nil.verify(&chain), vote.verify(&chain)), (Ok(()), Ok(())));
    assert_eq!((proposal.verify(&chain), again.verify(&chain)), (Ok(()), Ok(())));
    assert_eq!(block.header.evidence, Block::evidence_hash(&block.evidence));
    values.insert("prevote nil payload", hexed(nil.vote.payload()));
    values.insert("prevote payload", hexed(vote.vote.payload()));
    values.insert("proposal payload", hexed(proposal.proposal.payload()));
    values.insert("proposal again payload", hexed(again.proposal.payload()));
    values.insert("equivocator", nil.vote.validator.to_string());
    values.insert("evidence", hexed(encode(&block.evidence)));
    values.insert("evidence hash", block.header.evidence.to_string());
}

/// A balance of the wallet as it is stored: the version, then the fields of `Parts`.
fn balance() -> Vec<u8> {
    encode(&(1u8, 1_000_000_000u64, 2_500u64, 0u8, 202_611u32, 0u64, 1u64))
}

/// The key of that balance.
fn balance_key() -> Vec<u8> {
    let account = Address::of_account(&Policy::Key(secret(50).public_key()));
    module_key(&name("wallet"), &[&b"b"[..], &account.0, b"EUR"].concat())
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
    let row = balance_key();
    let lane = [&b"k/lane/"[..], &account.0, &3u32.to_be_bytes()].concat();
    let absent = b"k/parameters".to_vec();
    let entries = vec![(lane.clone(), Some(encode(&8u64))), (row.clone(), Some(balance()))];
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

/// A layout with the names and values that a reader knows, for those that only the source has.
fn plain(table: &str) -> String {
    let parts = table.split('`').enumerate().map(|(at, part)| match at % 2 {
        0 => part.to_owned(),
        _ => shown(part),
    });
    parts.collect()
}

/// What the page has for what the source has between backticks.
fn shown(part: &str) -> String {
    let numbers = [
        ("Transaction::VERSION", u64::from(Transaction::VERSION)),
        ("Transaction::CALLS_MAX", Transaction::CALLS_MAX as u64),
        ("Transaction::MEMO_BYTES_MAX", Transaction::MEMO_BYTES_MAX as u64),
        ("Card::VERSION", u64::from(Card::VERSION)),
        ("Card::ADMINISTRATORS_MAX", Card::ADMINISTRATORS_MAX as u64),
        ("Header::VERSION", u64::from(Header::VERSION)),
        ("Failure::MESSAGE_BYTES_MAX", Failure::MESSAGE_BYTES_MAX as u64),
        ("KEYS_MAX", KEYS_MAX as u64),
        ("TRANSACTION_BYTES_MAX", u64::from(TRANSACTION_BYTES_MAX)),
    ];
    if let Some((_, value)) = numbers.iter().find(|(constant, _)| *constant == part) {
        return value.to_string();
    }
    if let Some(domain) = part.strip_prefix("Domain::") {
        let known = DOMAINS.iter().find(|(it, _)| format!("{it:?}") == domain).unwrap();
        return format!("the tag `{}`", known.0.tag());
    }
    match part {
        "Hash::ZERO" => return "32 zeros".to_owned(),
        "None" => return "none".to_owned(),
        "idWithoutTransaction" => return "the id described below".to_owned(),
        _ => {}
    }
    let last = part.rsplit("::").next().unwrap();
    let is_constant = last.len() > 1 && last.chars().all(|it| it.is_ascii_uppercase() || it == '_');
    assert!(!is_constant, "a constant without its value: {part}");
    if part == last { format!("`{part}`") } else { format!("`{}`", camel(last)) }
}

/// A page: its text, where `wanted` has what is in double braces.
fn filled(template: &str, mut wanted: impl FnMut(&str) -> String) -> String {
    let (mut page, mut rest) = (String::new(), template);
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap();
        page += before;
        page += wanted(name).trim_end();
        rest = after;
    }
    page + rest
}

const FORMATS: &str = include_str!("page.txt");
const STATE: &str = include_str!("state.txt");

#[test]
fn the_page_of_formats_is_what_the_code_does() {
    let values = values();
    let types = Types::of(&["runtime/crypto/src", "runtime/types/src", "runtime/state/src"]);
    let mut used = 0;
    let page = filled(FORMATS, |wanted| match wanted.strip_prefix("layout ") {
        Some(layout) => format!("**`{layout}`**\n\n{}", plain(&types.table(layout))),
        None => {
            used += 1;
            values.get(wanted).unwrap_or_else(|| panic!("no value {wanted}")).clone()
        }
    });
    assert!(used >= values.len(), "a value is not on the page");
    expect_file!["../../../../../docs/formats.md"].assert_eq(&page);
}

/// Types that the kernel's WIT has too: the page names them as the WIT does, which describes them.
const IN_WIT: [&str; 1] = ["Action"];

/// The types of the kernel's entries. Its own come first: its proposals are not those of consensus.
fn kernel_types() -> Types {
    Types::of(&["runtime/kernel/src", "runtime/types/src", "runtime/crypto/src"])
}

#[test]
fn the_page_of_the_state_is_what_the_code_does() {
    let types = kernel_types().without(&IN_WIT);
    let own = Types::of(&["runtime/kernel/src"]);
    let mut reached = Vec::new();
    let page = filled(STATE, |wanted| match wanted.strip_prefix("type ") {
        Some(kind) => {
            let kind = syn::parse_str::<Type>(kind).unwrap();
            types.reached(&kind, &mut reached);
            types.words(&kind)
        }
        None => format!("{{{{{wanted}}}}}"),
    });
    let is_elsewhere =
        |name: &str| FORMATS.contains(&format!("{{{{layout {name}}}}}")) && !own.contains(name);
    let layouts = reached.iter().filter(|it| !is_elsewhere(it));
    let layouts = layouts.map(|it| format!("**`{it}`**\n\n{}", plain(&types.table(it))));
    let mut layouts = layouts.collect::<Vec<_>>().join("\n");
    let wit = wit_types(&["runtime/executor/wit"]);
    for name in IN_WIT {
        assert!(wit.contains(&kebab(name)), "{name} is not in the WIT");
        layouts = layouts.replace(&format!("`{name}`"), &format!("`{}`", kebab(name)));
    }
    let mut balance_fields = &balance()[1..];
    let parts =
        modules::records("wallet").decode(&syn::parse_str("Parts").unwrap(), &mut balance_fields);
    assert!(balance_fields.is_empty());
    let page = filled(&page, |wanted| match wanted {
        "layouts" => layouts.clone(),
        "modules" => modules::sections(),
        "row key" => hexed(balance_key()),
        "row value" => hexed(balance()),
        "row fields" => serde_json::to_string_pretty(&parts).unwrap(),
        "name hash" => module_data(b"acme"),
        "texts hash" => module_data(&encode(&("acme", "approver"))),
        "call hash" => module_data(&[&b"transfer-with-key\0"[..], &encode(&7_u64)].concat()),
        _ => panic!("no value {wanted}"),
    });
    expect_file!["../../../../../docs/state.md"].assert_eq(&page);
}

/// A hash that a module asks for.
fn module_data(bytes: &[u8]) -> String {
    hash(Domain::ModuleData, bytes).to_string()
}

/// The keys of the kernel on the page, each with the type of its value if it has one.
fn rows() -> Vec<(Vec<u8>, Option<Type>)> {
    let rows = STATE.lines().filter(|it| it.starts_with("| `k/"));
    let row = |line: &str| {
        let prefix = line.split('`').nth(1).unwrap();
        let kind = line.split_once("{{type ").map(|(_, rest)| rest.split_once("}}").unwrap().0);
        (prefix.as_bytes().to_vec(), kind.map(|it| syn::parse_str(it).unwrap()))
    };
    rows.map(row).collect()
}

#[test]
fn entries_of_the_kernel_are_decoded_by_the_page() {
    let (types, rows) = (kernel_types(), rows());
    let source = std::fs::read_to_string(super::layouts::root().join("runtime/kernel/src/keys.rs"));
    let source = source.unwrap();
    for key in source.split("b\"k/").skip(1).map(|it| it.split('"').next().unwrap()) {
        let key = format!("k/{key}").into_bytes();
        assert!(rows.iter().any(|(it, _)| *it == key), "{}", String::from_utf8_lossy(&key));
    }
    let decoded = |kind: &Type, value: &[u8]| {
        let mut rest = value;
        let read = types.decode(kind, &mut rest).filter(|_| rest.is_empty());
        read.unwrap_or_else(|| panic!("not decoded: {}", hexed(value)))
    };
    let first = GenesisState::build(&Engine::new().unwrap(), &genesis(), &BTreeMap::new()).unwrap();
    for (key, value) in &first.changes.entries {
        let value = value.as_deref().unwrap();
        let of_key = rows.iter().filter(|(it, _)| key.starts_with(it));
        let (_, kind) = of_key.max_by_key(|(it, _)| it.len()).unwrap();
        match kind {
            Some(kind) => drop(decoded(kind, value)),
            None => assert_eq!(value, b"", "{}", String::from_utf8_lossy(key)),
        }
    }
    let account = Account {
        policy: super::policy(),
        organisation: name("org"),
        roles: [name("issuer")].into(),
        status: Status::Frozen,
    };
    let read = decoded(&syn::parse_str("Account").unwrap(), &encode(&account));
    assert_eq!(read["status"], serde_json::json!({"frozen": {}}));
    assert_eq!(read["roles"], serde_json::json!([["issuer", null]]));
    let proposal = governing(Address([7; 32]));
    let read = decoded(&syn::parse_str("Proposal").unwrap(), &encode(&proposal));
    assert_eq!(read["rule"]["percent"], 51);
    assert_eq!(read["actions"].as_array().unwrap().len(), proposal.actions.len());
}
