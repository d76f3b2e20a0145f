//! Hashes under domains, signatures, addresses, names and the error catalogue.

use ehb_crypto::{Domain, PairHasher, hash, merkle};
use ehb_sdk::{Address, Code, Hash, Name, Network, Policy, PublicKey, SecretKey, WeightedKey, api};
use ehb_types::{Signature, encode};
use serde_json::{Value, json};

use super::{NETWORK, hex};
use crate::fixtures::{key, name};

pub(super) fn vectors() -> Value {
    json!({
        "domains": domains(),
        "hashes": hashes(),
        "pairs": pairs(),
        "signatures": signatures(),
        "accounts": accounts(),
        "modules": (["kernel", "wallet", "a-1"].map(module)),
        "addressesRefused": addresses_refused(),
        "names": names(),
        "merkle": (0..=9).map(tree).collect::<Vec<_>>(),
        "codes": Code::ALL.iter().map(code).collect::<Vec<_>>(),
    })
}

/// The domains that clients use.
const DOMAINS: [(&str, Domain); 14] = [
    ("transaction", Domain::Transaction),
    ("header", Domain::Header),
    ("vote", Domain::Vote),
    ("receipt", Domain::Receipt),
    ("genesis", Domain::Genesis),
    ("accountAddress", Domain::AccountAddress),
    ("moduleAddress", Domain::ModuleAddress),
    ("moduleCode", Domain::ModuleCode),
    ("validatorSet", Domain::ValidatorSet),
    ("certificate", Domain::Certificate),
    ("stateKey", Domain::StateKey),
    ("stateLeaf", Domain::StateLeaf),
    ("stateNode", Domain::StateNode),
    ("stateValue", Domain::StateValue),
];

fn domains() -> Value {
    DOMAINS.iter().map(|(name, domain)| ((*name).to_owned(), json!(domain.tag()))).collect()
}

/// Bytes that count up.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|it| it as u8).collect()
}

fn hashes() -> Vec<Value> {
    let of = |(domain, length): (&(&str, Domain), usize)| json!({"domain": domain.0, "length": length, "hash": hash(domain.1, &bytes(length))});
    let lengths = [0, 1, 32, 36, 37, 38, 45, 64, 99, 100, 101, 128, 1000];
    DOMAINS.iter().flat_map(|domain| lengths.map(|length| (domain, length))).map(of).collect()
}

fn pairs() -> Vec<Value> {
    let (left, right) = (Hash([7; 32]), hash(Domain::Header, b"right"));
    let of = |(name, domain): &(&str, Domain)| {
        let pair = PairHasher::new(*domain).hash(&left, &right);
        json!({"domain": name, "left": left, "right": right, "hash": pair})
    };
    DOMAINS.iter().map(of).collect()
}

/// The encodings of the points of small order (<https://hdevalence.ca/blog/2020-10-04-its-25519am>): with them as
/// key and R, ZIP-215 accepts a signature whose s is 0.
const SMALL_ORDER: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

/// The order of the curve's group, little-endian: an s from here on is a second encoding.
const GROUP_ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

fn signatures() -> Vec<Value> {
    let (chain, payload) = (Hash([3; 32]), b"payload");
    let case = |seed: Option<u8>, key: PublicKey, signature: Signature| {
        let verifies = key.verify(Domain::Vote, &chain, payload, &signature).is_ok();
        json!({
            "seed": seed.map(|it| hex([it; 32])), "domain": "vote", "chain": chain, "payload": hex(payload),
            "key": key, "signature": signature, "verifies": verifies,
        })
    };
    let mut all = Vec::new();
    for seed in [0, 1, 7, 255] {
        let secret = SecretKey::from_seed(&[seed; 32]);
        let signature = secret.sign(Domain::Vote, &chain, payload);
        all.push(case(Some(seed), secret.public_key(), signature));
        for position in [0, 31, 32, 63] {
            let mut other = signature;
            other.0[position] ^= 1;
            all.push(case(None, secret.public_key(), other));
        }
        all.push(case(None, key(99).public_key(), signature));
    }
    for a in SMALL_ORDER {
        for r in SMALL_ORDER {
            let text = format!("{r}{}", "00".repeat(32));
            all.push(case(None, a.parse().unwrap(), text.parse().unwrap()));
        }
        let text = format!("{a}{GROUP_ORDER}");
        all.push(case(None, a.parse().unwrap(), text.parse().unwrap()));
    }
    all.push(case(None, PublicKey([2; 32]), Signature([0; 64])));
    all
}

fn accounts() -> Vec<Value> {
    let weighted = |seed: u8, weight| WeightedKey { key: key(seed).public_key(), weight };
    let several = |keys: Vec<WeightedKey>, threshold| Policy::Weighted { keys, threshold };
    let policies = [
        Policy::Key(key(1).public_key()),
        Policy::Key(PublicKey([0xff; 32])),
        several(vec![weighted(1, 1)], 1),
        several(vec![weighted(1, 1), weighted(2, 2), weighted(3, u16::MAX)], 65_536),
    ];
    let of = |policy: &Policy| {
        let address = Address::of_account(policy);
        json!({
            "policy": policy,
            "encoded": hex(encode(policy)),
            "address": hex(address.0),
            "main": address.to_text(Network::Main),
            "test": address.to_text(Network::Test),
        })
    };
    policies.iter().map(of).collect()
}

fn module(text: &str) -> Value {
    json!({"name": text, "test": Address::of_module(&name(text)).to_text(NETWORK)})
}

/// Texts that are no address of the test network.
fn addresses_refused() -> Vec<String> {
    let good = Address::of_account(&Policy::Key(key(1).public_key()));
    let text = good.to_text(Network::Test);
    let mut all = vec![
        String::new(),
        "ehbt1".to_owned(),
        text.to_uppercase(),
        good.to_text(Network::Main),
        format!(" {text}"),
        format!("{text}\n"),
        text[..text.len() - 1].to_owned(),
        text.replacen("ehbt1", "ehbt", 1),
        text.replacen("ehbt1", "Ehbt1", 1),
        // The example of BIP-173: bech32, not bech32m.
        "A12UEL5L".to_owned(),
        // Bech32m of fewer bytes (BIP-350).
        "a1lqfn3a".to_owned(),
    ];
    for at in 0..text.len() {
        let other = if &text[at..=at] == "q" { "p" } else { "q" };
        all.push(format!("{}{other}{}", &text[..at], &text[at + 1..]));
    }
    assert!(all.iter().all(|it| Address::from_text(Network::Test, it).is_err()));
    all
}

fn names() -> Value {
    let texts = [
        "a",
        "wallet",
        "a-1",
        "a-",
        "",
        "-a",
        "1a",
        "A",
        "a_b",
        "a b",
        "a\n",
        "ä",
        "a.b",
        &"a".repeat(64),
        &"a".repeat(65),
    ];
    let (good, bad): (Vec<_>, Vec<_>) = texts.into_iter().partition(|it| Name::new(*it).is_ok());
    json!({"good": good, "bad": bad})
}

/// A tree of this many leaves, which are bytes that count up.
fn tree(count: usize) -> Value {
    let leaves: Vec<Vec<u8>> = (0..count).map(|it| bytes(it * 3)).collect();
    let proofs: Vec<_> = (0..count).map(|it| merkle::prove(&leaves, it).unwrap()).collect();
    json!({
        "leaves": leaves.iter().map(hex).collect::<Vec<_>>(),
        "root": merkle::root(&leaves),
        "proofs": proofs,
    })
}

fn code(code: &Code) -> Value {
    json!({
        "code": code.as_str(), "number": *code as u8, "rpcNumber": api::rpc_number(*code),
        "hint": code.hint(), "retryable": code.retryable(),
    })
}
