//! A genesis of cards: what is made, what is refused, and what `inspect` shows.

use std::collections::BTreeSet;

use ehb_types::{
    Address, Card, CardAdministrator, Genesis, Name, Network, Policy, PublicKey, SecretKey,
    SignedCard, WeightedKey,
};
use expect_test::{Expect, expect};
use tempfile::tempdir;

use crate::card::{CardFile, read_cards};
use crate::genesis::{Base, Contents, build, differences, words};

const TIME_MS: u64 = 1_790_000_000_000;

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn key(seed: u8) -> PublicKey {
    secret(seed).public_key()
}

fn two_of(seeds: [u8; 3]) -> Policy {
    let keys = seeds.map(|seed| WeightedKey { key: key(seed), weight: 1 }).to_vec();
    Policy::Weighted { keys, threshold: 2 }
}

/// The card of an organisation's validator: its keys have the seeds from ten times the number on.
fn card(organisation: &str, number: u8) -> CardFile {
    let first = number * 10;
    CardFile {
        file: format!("{organisation}.json"),
        card: Card {
            version: Card::VERSION,
            chain_id: "trade-1".parse().unwrap(),
            network: Network::Test,
            organisation: name(organisation),
            name: name(&format!("{organisation}-1")),
            consensus_key: key(first),
            node_key: key(first + 1),
            address: format!("node.{organisation}.example:7400").parse().unwrap(),
            administrators: vec![CardAdministrator {
                policy: two_of([first + 2, first + 3, first + 4]),
                roles: BTreeSet::from([name("manager")]),
            }],
        },
    }
}

fn cards() -> Vec<CardFile> {
    vec![card("acme", 1), card("globex", 2), card("initech", 3), card("umbrella", 4)]
}

fn base(text: &str) -> Base {
    Base::parse(text).unwrap()
}

fn address(card: &CardFile) -> String {
    card.card.administrators[0].address().to_text(Network::Test)
}

/// A base that has something of each kind.
fn full_base() -> Base {
    let issuer = address(&card("acme", 1));
    let policy = Policy::Key(key(99));
    let account = Address::of_account(&policy).to_text(Network::Test);
    base(&format!(
        r#"{{
            "parameters": {{ "consensus": {{ "seal_ms": 200 }} }},
            "power": {{ "acme-1": 3 }},
            "roles": {{ "{issuer}": ["issuer"] }},
            "observers": [{{ "name": "watch", "organisation": "globex", "node_key": "{}" }}],
            "accounts": [{{
                "address": "{account}",
                "policy": {{ "key": "{}" }},
                "organisation": "globex",
                "roles": ["clerk"]
            }}],
            "calls": [{{
                "sender": "{issuer}",
                "module": "wallet",
                "function": "create-asset",
                "arguments": {{ "asset": "EUR", "name": "Eu\u202ero", "decimals": 2, "issuer": "{issuer}" }}
            }}]
        }}"#,
        key(98),
        key(99),
    ))
}

#[test]
fn the_same_cards_make_the_same_genesis_in_any_order() {
    let genesis = build(&cards(), full_base(), TIME_MS).unwrap();
    let mut others = cards();
    others.reverse();
    others.swap(0, 2);
    let other = build(&others, full_base(), TIME_MS).unwrap();
    assert_eq!(other.to_json().unwrap(), genesis.to_json().unwrap());
    assert_ne!(build(&cards(), full_base(), TIME_MS + 1).unwrap().hash(), genesis.hash());
    assert_eq!(Genesis::from_json(&genesis.to_json().unwrap()).unwrap(), genesis);
    let powers: Vec<u64> = genesis.validators.iter().map(|it| it.power).collect();
    assert_eq!(powers, [3, 1, 1, 1]);
    let acme = genesis.accounts.iter().find(|it| it.organisation == name("acme")).unwrap();
    assert_eq!(acme.roles, BTreeSet::from(["administrator", "issuer", "manager"].map(name)));
    assert_eq!(genesis.modules.len(), ehb_catalog::all().len());
}

/// Why no genesis is made.
fn refused(change: impl Fn(&mut Vec<CardFile>), base: Base, expected: Expect) {
    let mut cards = cards();
    change(&mut cards);
    let error = build(&cards, base, TIME_MS).unwrap_err();
    expected.assert_eq(&format!("{}: {error:#}", crate::code::of(&error)));
}

#[test]
fn cards_that_do_not_fit_together_are_refused() {
    let refused =
        |change: fn(&mut Vec<CardFile>), expected| refused(change, Base::default(), expected);
    refused(|it| it.clear(), expect![]);
    refused(|it| it[1].card.chain_id = "trade-2".parse().unwrap(), expect![]);
    refused(|it| it[1].card.network = Network::Main, expect![]);
    refused(|it| it[1].card.node_key = it[0].card.node_key, expect![]);
    refused(|it| it[1].card.consensus_key = it[0].card.consensus_key, expect![]);
    refused(|it| it[1].card.consensus_key = it[0].card.node_key, expect![]);
    refused(
        |it| it[1].card.administrators[0].policy = Policy::Key(it[0].card.consensus_key),
        expect![],
    );
    refused(
        |it| it[1].card.administrators[0].policy = it[0].card.administrators[0].policy.clone(),
        expect![],
    );
    refused(|it| it[1].card.name = it[0].card.name.clone(), expect![]);
    refused(
        |it| {
            let card = it[0].card.clone();
            it.push(CardFile { file: "copy.json".to_owned(), card });
        },
        expect![],
    );
    refused(|it| it[1].card.administrators.clear(), expect![]);
    refused(|it| it[1].card.administrators[0].roles = BTreeSet::from([name("issuer")]), expect![]);
    refused(|it| it[1].card.administrators[0].roles = BTreeSet::from([name("king")]), expect![]);
}

/// A second validator of an organisation needs no administrators of its own.
#[test]
fn an_organisation_can_run_several_validators() {
    let mut cards = cards();
    let mut second = card("acme", 5);
    second.card.name = name("acme-2");
    second.card.administrators.clear();
    cards.push(second);
    let genesis = build(&cards, Base::default(), TIME_MS).unwrap();
    let contents = Contents::of(&genesis);
    assert_eq!(contents.organisations[0].power, 2);
    assert_eq!(contents.organisations[0].accounts.len(), 1);
}

#[test]
fn a_bad_base_is_refused() {
    let refused = |text: &str, expected| refused(|_| (), base(text), expected);
    refused(r#"{ "power": { "acme-9": 3 } }"#, expect![]);
    refused(r#"{ "power": { "acme-1": 0 } }"#, expect![]);
    refused(
        r#"{ "power": { "acme-1": 4611686018427387903, "globex-1": 4611686018427387903 } }"#,
        expect![],
    );
    refused(r#"{ "parameters": { "block_gas_max": 1 } }"#, expect![]);
    let own = address(&card("acme", 1));
    refused(&format!(r#"{{ "roles": {{ "{own}": ["king"] }} }}"#), expect![]);
    refused(r#"{ "roles": { "ehbt1nobody": ["issuer"] } }"#, expect![]);
    let observer = |organisation: &str, seed: u8| {
        format!(
            r#"{{ "observers": [{{ "name": "watch", "organisation": "{organisation}", "node_key": "{}" }}] }}"#,
            key(seed)
        )
    };
    // The node key of a validator, and an organisation without an administrator.
    refused(&observer("globex", 11), expect![]);
    refused(&observer("hooli", 98), expect![]);
    let account = |policy: &Policy, address: &str| {
        let account = serde_json::json!({
            "address": address,
            "policy": policy,
            "organisation": "acme",
        });
        format!(r#"{{ "accounts": [{account}] }}"#)
    };
    refused(&account(&Policy::Key(key(99)), &own), expect![]);
    // A policy that locks everyone out.
    let keys = vec![WeightedKey { key: key(99), weight: 1 }];
    let locked = Policy::Weighted { keys, threshold: 2 };
    let at = Address::of_account(&locked).to_text(Network::Test);
    refused(&account(&locked, &at), expect![]);
    // The account of a card once more.
    let twice = &card("acme", 1).card.administrators[0].policy;
    refused(&account(twice, &own), expect![]);
    for (text, reason) in [
        ("{ \"powers\": {} }", "unknown field `powers`"),
        ("{ \"power\": { \"a\": 1, \"a\": 2 } }", "the key \"a\" is used twice"),
        ("{ \"parameters\": { \"consensus\": { \"speed\": 1 } } }", "unknown field `speed`"),
        ("[", "EOF"),
    ] {
        let error = Base::parse(text).unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains("line"), "{error}");
    }
}

/// Files as others send them.
#[test]
fn bad_files_are_refused_with_their_names() {
    let dir = tempdir().unwrap();
    let complete = |change: fn(&mut SignedCard)| {
        let CardFile { card, .. } = card("acme", 1);
        let mut signed = SignedCard::new(card, &secret(10), &secret(11)).unwrap();
        [12, 13, 14].iter().for_each(|seed| signed.add(&secret(*seed)).unwrap());
        change(&mut signed);
        signed.to_json().unwrap()
    };
    let read = |text: &[u8]| {
        let path = dir.path().join("acme.json");
        std::fs::write(&path, text).unwrap();
        read_cards(&[path])
    };
    let good = complete(|_| ());
    assert_eq!(read(good.as_bytes()).unwrap_or_default().len(), 1);
    let huge = good.clone() + &" ".repeat(SignedCard::BYTES_MAX);
    let edited = good.replace("acme-1", "acme-2");
    let unsigned = complete(|it| it.signatures.retain(|it| it.key != key(12)));
    // A consensus key of somebody else, signed by a key that its maker has.
    let stolen = complete(|it| {
        it.card.consensus_key = key(50);
        let own = it.signatures.iter_mut().find(|it| it.key == key(10)).unwrap();
        own.key = key(50);
        it.signatures.sort_by_key(|it| it.key);
        [11, 12, 13, 14].iter().for_each(|seed| it.add(&secret(*seed)).unwrap());
    });
    for (text, reason) in [
        (huge.as_bytes(), "is longer than 262144 bytes"),
        (edited.as_bytes(), "the card was changed after it was signed"),
        (unsigned.as_bytes(), "its holder signs with 'ehb account sign-card'"),
        (stolen.as_bytes(), "or its maker does not have the key"),
        (b"{", "it is not a card: EOF"),
        (b"\xff\xfe", "invalid utf-8"),
    ] {
        let error = read(text).err().unwrap();
        let shown = format!("{error:#}");
        assert!(shown.contains("acme.json") && shown.contains(reason), "{shown}");
        assert_eq!(crate::code::of(&error), "CARD_INVALID");
    }
    let missing = read_cards(&[dir.path().join("nowhere.json")]).err().unwrap();
    assert!(format!("{missing:#}").contains("cannot read the card at"), "{missing:#}");
}

#[test]
fn a_genesis_is_shown_in_words() {
    let genesis = build(&cards(), full_base(), TIME_MS).unwrap();
    let text = words(&Contents::of(&genesis)).join("\n");
    expect![].assert_eq(&text);
}

#[test]
fn risks_are_remarked() {
    let mut genesis = build(&cards()[..2], Base::default(), TIME_MS).unwrap();
    genesis.validators[0].power = 3;
    genesis.accounts[0].policy = Policy::Key(key(99));
    genesis.accounts[0].roles.insert(name("king"));
    genesis.accounts[1].roles.clear();
    genesis.modules[0].code = ehb_types::Hash([7; 32]);
    let contents = Contents::of(&genesis);
    assert_eq!((contents.quorum_power, contents.validators_may_fail), (3, 0));
    expect![].assert_eq(&contents.remarks.join("\n"));
}

/// One row: the powers, and how many validators can fail.
#[test]
fn what_may_fail_follows_from_the_powers() {
    for (powers, may_fail) in [
        (&[1][..], 0),
        (&[1, 1], 0),
        (&[1, 1, 1], 0),
        (&[1, 1, 1, 1], 1),
        (&[1; 7], 2),
        (&[1; 10], 3),
        (&[3, 1, 1, 1], 0),
        (&[2, 2, 2, 2, 1], 1),
        (&[u64::MAX / 8; 2], 0),
        (&[u64::MAX / 16; 4], 1),
    ] {
        let mut genesis = build(&cards()[..1], Base::default(), TIME_MS).unwrap();
        let first = genesis.validators[0].clone();
        let validator = |(place, power): (usize, &u64)| ehb_types::GenesisValidator {
            name: name(&format!("v{place}")),
            consensus_key: key(100 + u8::try_from(place).unwrap()),
            node_key: key(150 + u8::try_from(place).unwrap()),
            power: *power,
            ..first.clone()
        };
        genesis.validators = powers.iter().enumerate().map(validator).collect();
        let set = genesis.validator_set().unwrap();
        let contents = Contents::of(&genesis);
        let least = contents.quorum_power;
        assert!(set.is_quorum(least) && !set.is_quorum(least - 1), "{powers:?}: {least}");
        assert_eq!(contents.validators_may_fail, may_fail, "{powers:?}");
    }
}

/// A file that is too long is not read.
#[test]
fn a_huge_genesis_is_refused() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("genesis.json");
    std::fs::File::create(&path).unwrap().set_len((64 << 20) + 1).unwrap();
    let error = crate::init::read_genesis(&path).unwrap_err().to_string();
    assert!(error.ends_with("is longer than 67108864 bytes"), "{error}");
}

#[test]
fn each_difference_from_the_cards_is_found() {
    let expected = build(&cards(), full_base(), TIME_MS).unwrap();
    assert!(differences(&expected, &expected).is_empty());
    let check = |change: fn(&mut Genesis), shown: Expect| {
        let mut found = expected.clone();
        change(&mut found);
        shown.assert_eq(&differences(&found, &expected).join("\n"));
    };
    check(|it| it.chain_id = "trade-2".parse().unwrap(), expect![]);
    check(|it| it.timestamp_ms += 1, expect![]);
    check(|it| it.parameters.consensus.seal_ms = 100, expect![]);
    check(|it| it.validators[0].power = 9, expect![]);
    check(|it| it.validators[3].consensus_key = key(77), expect![]);
    check(|it| drop(it.validators.pop()), expect![]);
    check(|it| it.validators.swap(0, 1), expect![]);
    check(|it| it.observers.clear(), expect![]);
    check(|it| it.modules[0].code = ehb_types::Hash([7; 32]), expect![]);
    check(|it| drop(it.calls.pop()), expect![]);
    // An administrator whom nobody named: a way in.
    check(
        |it| {
            let mut account = it.accounts[0].clone();
            account.policy = Policy::Key(key(77));
            account.address = Address::of_account(&account.policy).to_text(Network::Test);
            it.accounts.push(account);
        },
        expect![],
    );
    check(
        |it| {
            it.accounts[0].roles.insert(name("upgrader"));
        },
        expect![],
    );
}
