//! Administrators sign the card of a validator, with no chain and no node.

use std::collections::BTreeSet;
use std::fs;

use ehb_types::{
    Card, CardAdministrator, Network, Policy, PublicKey, SecretKey, SignedCard, WeightedKey,
};
use serde_json::json;

use crate::{SEED, User, run};

/// The seed of another administrator's key.
const OTHER_SEED: &str = "0808080808080808080808080808080808080808080808080808080808080808";

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

/// A card that two of three administrators' keys, of which the user has two, must govern.
fn card(user: &User, file: &str, change: fn(&mut Card)) -> SignedCard {
    let weighted = |seed| WeightedKey { key: secret(seed).public_key(), weight: 1 };
    let policy = Policy::Weighted { keys: [7, 8, 9].map(weighted).to_vec(), threshold: 2 };
    let mut card = Card {
        version: Card::VERSION,
        chain_id: "trade-1".parse().unwrap(),
        network: Network::Test,
        organisation: "acme".parse().unwrap(),
        name: "acme-1".parse().unwrap(),
        consensus_key: secret(1).public_key(),
        node_key: secret(2).public_key(),
        address: "node.acme.example:7400".parse().unwrap(),
        administrators: vec![CardAdministrator {
            policy,
            roles: BTreeSet::from(["manager".parse().unwrap()]),
        }],
    };
    change(&mut card);
    let signed = SignedCard::new(card, &secret(1), &secret(2)).unwrap();
    user.write(file, &signed.to_json().unwrap());
    signed
}

fn read(user: &User, file: &str) -> SignedCard {
    SignedCard::from_json(&fs::read_to_string(user.path(file)).unwrap()).unwrap()
}

fn keys(seeds: &[u8]) -> BTreeSet<PublicKey> {
    seeds.iter().map(|seed| secret(*seed).public_key()).collect()
}

#[test]
fn administrators_sign_a_card_one_after_the_other() {
    let user = User::new();
    user.import("admin", SEED);
    user.import("other", OTHER_SEED);
    let made = card(&user, "acme.json", |_| ());
    let public = user.ehb(&["key", "public", "admin"]);
    assert_eq!(public.stdout.trim(), secret(7).public_key().to_string());

    // Without a terminal and without --yes nothing is signed, and what would be is shown.
    let ran = user.ehb(&["account", "sign-card", "acme.json", "--key", "admin"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{ran:?}");
    for part in [
        "the chain trade-1, a test network",
        "the validator acme-1 of acme, at node.acme.example:7400",
        "administrator, manager",
        "keys with a weight of 2 together sign for it",
        &format!("key {} weight 1 (yours)", secret(7).public_key()),
        "cannot ask whether to sign the card",
    ] {
        assert!(ran.stderr.contains(part), "{part}: {ran:?}");
    }
    assert_eq!(read(&user, "acme.json"), made);

    let ran = user.ehb(&["account", "sign-card", "acme.json", "--key", "admin", "--yes"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(ran.stdout.contains(&made.card.id().to_string()), "{ran:?}");
    assert!(ran.stderr.contains("2 more keys must sign it"), "{ran:?}");
    assert_eq!(read(&user, "acme.json").missing(), keys(&[8, 9]));
    // The same once more changes nothing.
    let once = read(&user, "acme.json");
    let again = ["account", "sign-card", "acme.json", "--yes", "--json"];
    let ran = user.ehb(&[&again[..], &["--key", "admin"]].concat());
    assert_eq!(ran.json(), json!({ "id": made.card.id(), "unsigned": keys(&[8, 9]) }));
    assert_eq!(read(&user, "acme.json"), once);
    // Several keys of one user.
    let both = [&again[..], &["--key", "admin", "--key", "other"]].concat();
    let ran = user.ehb(&both);
    assert_eq!(ran.json()["unsigned"], json!(keys(&[9])));
    let signed = read(&user, "acme.json");
    signed.check().unwrap();
    assert_eq!(signed.card, made.card);
}

#[test]
fn what_is_no_card_of_the_key_is_not_signed() {
    let user = User::new();
    user.import("admin", SEED);
    user.import("stranger", &"0a".repeat(32));
    let made = card(&user, "acme.json", |_| ());
    card(&user, "main.json", |it| it.network = Network::Main);
    let text = made.to_json().unwrap();
    user.write("edited.json", &text.replace("node.acme.example", "evil.example"));
    let mut unsigned = made.clone();
    unsigned.signatures.retain(|it| it.key != made.card.consensus_key);
    user.write("unsigned.json", &unsigned.to_json().unwrap());
    user.write("huge.json", &text.replacen('{', &format!("{{{}", " ".repeat(300_000)), 1));
    user.write("unknown.json", &text.replacen('{', "{\"power\": 3,", 1));
    for (file, key, exit, code, reason) in [
        ("acme.json", "stranger", 5, "KEY_NOT_IN_CARD", "is not a key of an administrator"),
        ("acme.json", "nobody", 2, "UNKNOWN_ACCOUNT", "unknown account nobody"),
        ("main.json", "admin", 5, "KEY_OF_OTHER_NETWORK", "whose addresses start with ehbt1"),
        ("edited.json", "admin", 2, "BAD_FILE", "was changed after it was signed"),
        ("unsigned.json", "admin", 2, "BAD_FILE", "(consensus key) has not signed the card"),
        ("huge.json", "admin", 2, "BAD_FILE", "it has more than 262144 bytes"),
        ("unknown.json", "admin", 2, "BAD_FILE", "unknown field `power`"),
        ("nowhere.json", "admin", 2, "BAD_FILE", "No such file"),
    ] {
        let before = fs::read(user.path(file)).ok();
        let ran = user.ehb(&["account", "sign-card", file, "--key", key, "--yes", "--json"]);
        let error = ran.error();
        assert_eq!((ran.exit, error["code"].as_str()), (exit, Some(code)), "{file}: {ran:?}");
        assert!(error["message"].as_str().unwrap().contains(reason), "{file}: {error}");
        assert_eq!(fs::read(user.path(file)).ok(), before, "{file}");
    }
    let ran = run(user.command(&["key", "public", "nobody", "--json"]), "");
    assert_eq!((ran.exit, ran.error()["code"].as_str()), (5, Some("KEY_NOT_FOUND")));
}
