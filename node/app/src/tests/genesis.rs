//! A genesis of cards: what is made, what is refused, and what `inspect` shows.

use std::collections::BTreeSet;

use ehb_types::{
    Address, Card, CardAdministrator, Genesis, Name, Network, Policy, PublicKey, SecretKey,
    SignedCard, WeightedKey,
};
use expect_test::{Expect, expect};
use tempfile::tempdir;

use crate::card::{CardFile, read_cards};
use crate::genesis::{Base, Contents, build, compare, differences, words};

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
    expected.assert_eq(&format!("{}: {error:#}", crate::error_code::of(&error)));
}

#[test]
fn cards_that_do_not_fit_together_are_refused() {
    let refused =
        |change: fn(&mut Vec<CardFile>), expected| refused(change, Base::default(), expected);
    refused(
        |it| it.clear(),
        expect!["GENESIS_INVALID: a genesis needs cards: give them with --card FILE"],
    );
    refused(
        |it| it[1].card.chain_id = "trade-2".parse().unwrap(),
        expect![
            "CARD_INVALID: globex.json is for the test network trade-2, and acme.json is for the test network trade-1: all cards must be for one chain"
        ],
    );
    refused(
        |it| it[1].card.network = Network::Main,
        expect![
            "CARD_INVALID: globex.json is for the main network trade-1, and acme.json is for the test network trade-1: all cards must be for one chain"
        ],
    );
    refused(
        |it| it[1].card.node_key = it[0].card.node_key,
        expect![
            "CARD_INVALID: the node key 66be7e332c7a453332bd9d0a7f7db055f5c5ef1a06ada66d98b39fb6810c473a in globex.json is the node key in acme.json: each needs a key of its own"
        ],
    );
    refused(
        |it| it[1].card.consensus_key = it[0].card.consensus_key,
        expect![
            "CARD_INVALID: the consensus key 43a72e714401762df66b68c26dfbdf2682aaec9f2474eca4613e424a0fbafd3c in globex.json is the consensus key in acme.json: each needs a key of its own"
        ],
    );
    refused(
        |it| it[1].card.consensus_key = it[0].card.node_key,
        expect![
            "CARD_INVALID: the consensus key 66be7e332c7a453332bd9d0a7f7db055f5c5ef1a06ada66d98b39fb6810c473a in globex.json is the node key in acme.json: each needs a key of its own"
        ],
    );
    refused(
        |it| it[1].card.administrators[0].policy = Policy::Key(it[0].card.consensus_key),
        expect![
            "CARD_INVALID: the key of an administrator 43a72e714401762df66b68c26dfbdf2682aaec9f2474eca4613e424a0fbafd3c in globex.json is the consensus key in acme.json: each needs a key of its own"
        ],
    );
    refused(
        |it| it[1].card.administrators[0].policy = it[0].card.administrators[0].policy.clone(),
        expect![
            "CARD_INVALID: the key of an administrator 0b513ad9b4924015ca0902ed079044d3ac5dbec2306f06948c10da8eb6e39f2d in globex.json is the key of an administrator in acme.json: each needs a key of its own"
        ],
    );
    refused(
        |it| it[1].card.name = it[0].card.name.clone(),
        expect!["CARD_INVALID: globex.json and acme.json both name their validator acme-1"],
    );
    refused(
        |it| {
            let card = it[0].card.clone();
            it.push(CardFile { file: "copy.json".to_owned(), card });
        },
        expect!["CARD_INVALID: acme.json and copy.json are the same card: give each card once"],
    );
    refused(
        |it| it[1].card.administrators.clear(),
        expect![
            "GENESIS_INVALID: the organisation globex has no administrator, so nobody could ever manage its accounts: name one in a card with --administrator, or under accounts in the base file"
        ],
    );
    refused(
        |it| it[1].card.administrators[0].roles = BTreeSet::from([name("issuer")]),
        expect![
            "CARD_INVALID: globex.json asks for the role issuer, which counts for the whole network: all organisations grant it together, under roles in the base file"
        ],
    );
    refused(
        |it| it[1].card.administrators[0].roles = BTreeSet::from([name("king")]),
        expect![
            "CARD_INVALID: globex.json: nothing in this release asks for the role king: check its spelling, or add it to the parameter accounts.organisation_roles if organisations use it for rules of their own"
        ],
    );
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
    refused(
        r#"{ "power": { "acme-9": 3 } }"#,
        expect![
            "GENESIS_INVALID: the base has a power of the validator acme-9, of which there is no card"
        ],
    );
    refused(
        r#"{ "power": { "acme-1": 0 } }"#,
        expect!["GENESIS_INVALID: the validator acme-1 has no voting power"],
    );
    refused(
        r#"{ "power": { "acme-1": 4611686018427387903, "globex-1": 4611686018427387903 } }"#,
        expect!["GENESIS_INVALID: the voting powers add up to more than 4611686018427387903"],
    );
    refused(
        r#"{ "parameters": { "block_gas_max": 1 } }"#,
        expect![
            "GENESIS_INVALID: the parameter block_gas_max is 1; it must be between 10000000 and 100000000000"
        ],
    );
    let own = address(&card("acme", 1));
    refused(
        &format!(r#"{{ "roles": {{ "{own}": ["king"] }} }}"#),
        expect![
            "GENESIS_INVALID: the account ehbt1qn77csan65gnk9e590zfzawqnp6yuveagj3w88g6d6jndkazmjms3yzpdg: nothing in this release asks for the role king: check its spelling, or add it to the parameter accounts.organisation_roles if organisations use it for rules of their own"
        ],
    );
    refused(
        r#"{ "roles": { "ehbt1nobody": ["issuer"] } }"#,
        expect![
            "GENESIS_INVALID: the base has roles of ehbt1nobody, which is no administrator of a card"
        ],
    );
    let observer = |organisation: &str, seed: u8| {
        format!(
            r#"{{ "observers": [{{ "name": "watch", "organisation": "{organisation}", "node_key": "{}" }}] }}"#,
            key(seed)
        )
    };
    // The node key of a validator, and an organisation without an administrator.
    refused(
        &observer("globex", 11),
        expect![
            "GENESIS_INVALID: the node key 66be7e332c7a453332bd9d0a7f7db055f5c5ef1a06ada66d98b39fb6810c473a is in the genesis twice"
        ],
    );
    refused(
        &observer("hooli", 98),
        expect![
            "GENESIS_INVALID: the organisation hooli has no administrator, so nobody could ever manage its accounts: name one in a card with --administrator, or under accounts in the base file"
        ],
    );
    let account = |policy: &Policy, address: &str| {
        let account = serde_json::json!({
            "address": address,
            "policy": policy,
            "organisation": "acme",
        });
        format!(r#"{{ "accounts": [{account}] }}"#)
    };
    refused(
        &account(&Policy::Key(key(99)), &own),
        expect![
            "GENESIS_INVALID: the account ehbt1qn77csan65gnk9e590zfzawqnp6yuveagj3w88g6d6jndkazmjms3yzpdg is in the genesis twice"
        ],
    );
    // A policy that locks everyone out.
    let keys = vec![WeightedKey { key: key(99), weight: 1 }];
    let locked = Policy::Weighted { keys, threshold: 2 };
    let at = Address::of_account(&locked).to_text(Network::Test);
    refused(
        &account(&locked, &at),
        expect![
            "GENESIS_INVALID: the account ehbt12w5herle0qhpzz89d2gvqqu8duvcmyvcfmk4nsstjw2tavmeclestslm6w: the threshold 2 is not between 1 and 1, the sum of the weights"
        ],
    );
    // The account of a card once more.
    let twice = &card("acme", 1).card.administrators[0].policy;
    refused(
        &account(twice, &own),
        expect![
            "GENESIS_INVALID: the account ehbt1qn77csan65gnk9e590zfzawqnp6yuveagj3w88g6d6jndkazmjms3yzpdg is in the genesis twice"
        ],
    );
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
        (huge.as_bytes(), "it has more than 262144 bytes"),
        (edited.as_bytes(), "the card was changed after it was signed"),
        (unsigned.as_bytes(), "its holder signs with 'ehb account sign-card'"),
        (stolen.as_bytes(), "or its maker does not have the key"),
        (b"{", "it is not a card: EOF"),
        (b"\xff\xfe", "invalid utf-8"),
    ] {
        let error = read(text).err().unwrap();
        let shown = format!("{error:#}");
        assert!(shown.contains("acme.json") && shown.contains(reason), "{shown}");
        assert_eq!(crate::error_code::of(&error), "CARD_INVALID");
    }
    let missing = read_cards(&[dir.path().join("nowhere.json")]).err().unwrap();
    assert!(format!("{missing:#}").contains("cannot read the card at"), "{missing:#}");
}

#[test]
fn a_genesis_is_shown_in_words() {
    let genesis = build(&cards(), full_base(), TIME_MS).unwrap();
    let text = words(&Contents::of(&genesis)).join("\n");
    // Other compilers' code of the modules has other hashes.
    let mut text = text.replace(&genesis.hash().to_string(), "HASH");
    for module in &genesis.modules {
        text = text.replace(&module.code.to_string(), "CODE");
    }
    expect![[r#"
        chain         trade-1 (test network: for tests; addresses start with ehbt1)
        genesis hash  HASH
        time          2026-09-21T14:13:20.000Z

        4 validators; blocks need a power of 5 of 6
        the chain stops when its largest validator fails
          acme-1 of acme: power 3 (50.0 %)
            consensus key 43a72e714401762df66b68c26dfbdf2682aaec9f2474eca4613e424a0fbafd3c
            node key      66be7e332c7a453332bd9d0a7f7db055f5c5ef1a06ada66d98b39fb6810c473a
          globex-1 of globex: power 1 (16.6 %)
            consensus key 20828bf5c5bdcacb684863336c202fb5599da48be5596615742170705beca9f7
            node key      d54207da194977dcf46adbfec2bc2e75b52d5a8a42184fedfdc00024f0e3e8da
          initech-1 of initech: power 1 (16.6 %)
            consensus key acdb0e29743f0ccb8686d0a104cb96e05abefec1538765e7595869f7dc8c49aa
            node key      43046bfe4092b3e94994eada15dcc20d8aaa07b658fd3954eb8e0efb8bdca5de
          umbrella-1 of umbrella: power 1 (16.6 %)
            consensus key e92eb6054fe9bc682a1bcf3b759f65ab38a4cfbd81c4d1f3342e4cc9cded8b0b
            node key      fa4834147f6e690c3693eff61336046403cd8ae2a14f31b3c407358569239565

        1 observer, which do not vote
          watch of globex: node key 2df04125f0015afb47ce853aef8772094ff9498c14cb1b9e12973c2927da0fa6

        organisation acme: votes on proposals with 50.0 % of the power
          ehbt1qn77csan65gnk9e590zfzawqnp6yuveagj3w88g6d6jndkazmjms3yzpdg: administrator, manager; for the whole network: issuer
            2 of 3 keys sign
            key 0b513ad9b4924015ca0902ed079044d3ac5dbec2306f06948c10da8eb6e39f2d
            key 91a28a0b74381593a4d9469579208926afc8ad82c8839b7644359b9eba9a4b3a
            key 0beef5a9e679e6a3e134fe27837bff32c7cb5f5d44ea09bcb0e542bad6a4c0cc

        organisation globex: votes on proposals with 16.6 % of the power
          ehbt12rqj9x752mj7rgz0uj9jkzt59ve0wm3f4y4zndf4ps4eh64c42xq620ug7: clerk
            key a7f6dfaf8f38b89ba8ce649b594f91e4d01fdc57f9c9493df43b5e50a9987367
          ehbt1afsjwjnqkn5ghhkwkvtd96n9g7qnf9x767akrcqd4wkgvx6dhnkqpuyllu: administrator, manager
            2 of 3 keys sign
            key 511c34a1a2cb521df16bb246b8de8e7997ce235c7e76b22a3d7503a24819dd8a
            key 31debe55d37c722768b137131caa6087080b2e0b60b94bd785d14575cfa498bc
            key 53470962558a6e0839022ae65c6b2723b32772e5c0c5f4776cb8e6a3e10ba2f3

        organisation initech: votes on proposals with 16.6 % of the power
          ehbt1k9uerdfqdha8awnn5ctemqkmz9ta6sht08ut3p4mapenykdyg2vsz82vlq: administrator, manager
            2 of 3 keys sign
            key 4ed32f63bf35f0eeefcb25f28a2e1fbdc873ae2835671b0c9460f5f12e4556a8
            key 884b8857f4eaa1613c61504db34d4beaf346517a0e31de3cddd4d9b4201d9d0b
            key a09aa5f47a6759802ff955f8dc2d2a14a5c99d23be97f864127ff9383455a4f0

        organisation umbrella: votes on proposals with 16.6 % of the power
          ehbt1v3t92p4dnml00nyv7lc492x5jguh2e6v62lyt9t8an4gg7wtmqcqj72tm2: administrator, manager
            2 of 3 keys sign
            key 197f6b23e16c8532c6abc838facd5ea789be0c76b2920334039bfa8b3d368d61
            key 4508a07aa941707f3eb2db94c8897a80b2c1197476b6de213ac273df7d86c4ff
            key 9475c6cf0eda34057528d8694781ecc92ad639d7e2bd27761ed3ef74924beb07

        4 modules
          wallet with code CODE, of this release
          credit with code CODE, of this release
          marketplace with code CODE, of this release
          jobs with code CODE, of this release

        1 parameter not at the default
          consensus.seal_ms is 200, by default 100

        1 call before the first block
          1. ehbt1qn77csan65gnk9e590zfzawqnp6yuveagj3w88g6d6jndkazmjms3yzpdg calls wallet create-asset
               asset: EUR
               decimals: 2
               issuer: ehbt1qn77csan65gnk9e590zfzawqnp6yuveagj3w88g6d6jndkazmjms3yzpdg
               name: Eu�ro

        look at these again
          acme alone can stop the chain: it has a third of the power or more"#]].assert_eq(&text);
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
    expect![[r#"
        acme alone decides blocks: it has more than two thirds of the power
        acme has one administrator, who needs every key: if one is lost, nobody can replace it
        globex has no active administrator: nobody can ever manage its accounts
        nothing in this release asks for the role king of ehbt1qn77csan65gnk9e590zfzawqnp6yuveagj3w88g6d6jndkazmjms3yzpdg
        the module wallet has code of another release"#]].assert_eq(&contents.remarks.join("\n"));
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
    let error = format!("{:#}", crate::init::read_genesis(&path).unwrap_err());
    assert!(error.ends_with("it has more than 67108864 bytes"), "{error}");
}

/// The cards may need the base, which has the parameters: the reason says so, and what is in the genesis is shown.
#[test]
fn cards_that_make_no_genesis_are_not_compared() {
    let mut cards = cards();
    cards[1].card.administrators[0].roles = BTreeSet::from([name("king")]);
    let with_king =
        || base(r#"{ "parameters": { "accounts": { "organisation_roles": ["king"] } } }"#);
    let genesis = build(&cards, with_king(), TIME_MS).unwrap();
    assert_eq!(compare(&genesis, &cards, with_king(), true).unwrap(), Vec::<String>::new());
    let alone = compare(&genesis, &cards, Base::default(), false).unwrap_err();
    assert_eq!(crate::error_code::of(&alone), "CARD_INVALID");
    let shown = format!("{alone:#}");
    assert!(shown.contains("these cards alone make none") && shown.contains("king"), "{shown}");
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
    check(
        |it| it.chain_id = "trade-2".parse().unwrap(),
        expect![[r#"the chain id is "trade-2" in the genesis, "trade-1" by cards and base"#]],
    );
    check(
        |it| it.timestamp_ms += 1,
        expect!["the time is 1790000000001 in the genesis, 1790000000000 by cards and base"],
    );
    check(
        |it| it.parameters.consensus.seal_ms = 100,
        expect!["the parameter consensus.seal_ms is 100 in the genesis, 200 by cards and base"],
    );
    check(
        |it| it.validators[0].power = 9,
        expect!["power of the validator acme-1 is 9 in the genesis, 3 by cards and base"],
    );
    check(
        |it| it.validators[3].consensus_key = key(77),
        expect![[
            r#"consensus_key of the validator umbrella-1 is "62a611b472d89b0e5fc93c069b9f700b4c552d55bc0e87b56008ef17b6b2bebe" in the genesis, "e92eb6054fe9bc682a1bcf3b759f65ab38a4cfbd81c4d1f3342e4cc9cded8b0b" by cards and base"#
        ]],
    );
    check(
        |it| drop(it.validators.pop()),
        expect!["the validator umbrella-1 of cards or base is not in the genesis"],
    );
    check(
        |it| it.validators.swap(0, 1),
        expect!["the order of validators, observers, accounts or modules differs"],
    );
    check(
        |it| it.observers.clear(),
        expect!["the observer watch of cards or base is not in the genesis"],
    );
    check(|it| drop(it.calls.pop()), expect!["the call 1 of cards or base is not in the genesis"]);
    // Not in an `expect`: each change of the module changes its hash.
    let mut other = expected.clone();
    other.modules[0].code = ehb_types::Hash([7; 32]);
    let (given, named) = (other.modules[0].code, expected.modules[0].code);
    let shown = format!(
        "code of the module wallet is \"{given}\" in the genesis, \"{named}\" by cards and base"
    );
    assert_eq!(differences(&other, &expected), [shown]);
    // An administrator whom nobody named: a way in.
    check(
        |it| {
            let mut account = it.accounts[0].clone();
            account.policy = Policy::Key(key(77));
            account.address = Address::of_account(&account.policy).to_text(Network::Test);
            it.accounts.push(account);
        },
        expect![[
            r#"the account ehbt1ege5z7y3uhljx6f30zyqfceesl45vrhneudcsd9pd64dx5t8v0cqru76as is in the genesis, and in no card or base: {"address":"ehbt1ege5z7y3uhljx6f30zyqfceesl45vrhneudcsd9pd64dx5t8v0cqru76as","organisation":"acme","policy":{"key":"62a611b472d89b0e5fc93c069b9f700b4c552d55bc0e87b56008ef17b6b2bebe"},"roles":["administrator","issuer","manager"]}"#
        ]],
    );
    check(
        |it| {
            it.accounts[0].roles.insert(name("upgrader"));
        },
        expect![[
            r#"roles of the account ehbt1qn77csan65gnk9e590zfzawqnp6yuveagj3w88g6d6jndkazmjms3yzpdg is ["administrator","issuer","manager","upgrader"] in the genesis, ["administrator","issuer","manager"] by cards and base"#
        ]],
    );
}
