//! Cards of validators, and the addresses in them.

use super::*;

fn key(seed: u8) -> PublicKey {
    secret(seed).public_key()
}

fn weighted(seeds: &[u8], threshold: u32) -> Policy {
    let keys = seeds.iter().map(|seed| WeightedKey { key: key(*seed), weight: 1 }).collect();
    Policy::Weighted { keys, threshold }
}

fn administrator(policy: Policy) -> CardAdministrator {
    CardAdministrator { policy, roles: BTreeSet::from([Name::new("manager").unwrap()]) }
}

fn card() -> Card {
    Card {
        version: Card::VERSION,
        chain_id: ChainId::new("trade-1").unwrap(),
        network: Network::Main,
        organisation: Name::new("acme").unwrap(),
        name: Name::new("acme-1").unwrap(),
        consensus_key: key(1),
        node_key: key(2),
        address: "node.acme.example:7400".parse().unwrap(),
        administrators: vec![administrator(weighted(&[3, 4], 2))],
    }
}

fn signed() -> SignedCard {
    let mut signed = SignedCard::new(card(), &secret(1), &secret(2)).unwrap();
    signed.add(&secret(3)).unwrap();
    signed.add(&secret(4)).unwrap();
    signed
}

/// A change of a card, and its name in a failed test.
type Change = (&'static str, fn(&mut Card));

/// Signs a changed card with all its keys, as far as they are known.
fn resigned(change: impl Fn(&mut Card)) -> SignedCard {
    let mut card = card();
    change(&mut card);
    let mut signed = SignedCard { card, signatures: Vec::new() };
    let known = (1..=60).map(secret).filter(|it| signed.card.keys().contains(&it.public_key()));
    known.collect::<Vec<_>>().iter().for_each(|it| signed.add(it).unwrap());
    signed
}

#[test]
fn a_card_round_trips_as_json() {
    let signed = signed();
    signed.verify().unwrap();
    let text = signed.to_json().unwrap();
    let read = SignedCard::from_json(&text).unwrap();
    assert_eq!(read, signed);
    assert_eq!(read.to_json().unwrap(), text);
    assert_eq!(read.card.id(), signed.card.id());
    let (more, twice) = ("\"card\": {\n    \"power\": 3,", "\"card\": {\n    \"version\": 1,");
    for (to, reason) in [(more, "unknown field `power`"), (twice, "duplicate field `version`")] {
        let error = SignedCard::from_json(&text.replacen("\"card\": {", to, 1)).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
    let long = text + &" ".repeat(SignedCard::BYTES_MAX);
    check(
        SignedCard::from_json(&long).unwrap_err(),
        expect!["a card has at most 262144 bytes; this file has 264023"],
    );
}

#[test]
fn the_largest_card_fits_its_file() {
    let seeds = |from: u8| (from..from + 16).collect::<Vec<u8>>();
    let roles = (0..ROLES_MAX - 1).map(|at| Name::new(format!("{:a<61}-{at:02}", "r")));
    let roles: BTreeSet<Name> = roles.map(Result::unwrap).collect();
    let mut large = card();
    large.administrators = (0..16u8)
        .map(|place| CardAdministrator {
            policy: weighted(&seeds(5 + place * 15), 16),
            roles: roles.clone(),
        })
        .collect();
    let mut signed = SignedCard::new(large, &secret(1), &secret(2)).unwrap();
    (5..=250).for_each(|seed| drop(signed.add(&secret(seed))));
    signed.verify().unwrap();
    let text = signed.to_json().unwrap();
    assert!(text.len() < SignedCard::BYTES_MAX, "{}", text.len());
    assert_eq!(SignedCard::from_json(&text).unwrap(), signed);
}

/// Nobody can change a field without all keys, and each field is covered.
#[test]
fn an_edited_card_is_rejected() {
    let changes: [Change; 9] = [
        ("chain id", |it| it.chain_id = ChainId::new("trade-2").unwrap()),
        ("network", |it| it.network = Network::Test),
        ("organisation", |it| it.organisation = Name::new("evil").unwrap()),
        ("name", |it| it.name = Name::new("evil-1").unwrap()),
        ("address", |it| it.address = "evil.example:7400".parse().unwrap()),
        ("roles", |it| it.administrators[0].roles.clear()),
        ("threshold", |it| it.administrators[0].policy = weighted(&[3, 4], 1)),
        ("weight", |it| {
            let Policy::Weighted { keys, .. } = &mut it.administrators[0].policy else { return };
            keys[0].weight = 2;
        }),
        ("administrators", |it| it.administrators.push(administrator(weighted(&[4, 3], 2)))),
    ];
    for (what, change) in changes {
        let mut edited = signed();
        change(&mut edited.card);
        assert_ne!(edited.card.id(), card().id(), "{what}");
        assert!(matches!(edited.verify(), Err(CardError::Signature(_))), "{what}");
        assert!(matches!(edited.check(), Err(CardError::Signature(_))), "{what}");
    }
}

#[test]
fn each_key_signs_its_card() {
    for seed in 1..=4 {
        let mut unsigned = signed();
        unsigned.signatures.retain(|it| it.key != key(seed));
        assert_eq!(unsigned.missing(), BTreeSet::from([key(seed)]));
        let refused = unsigned.verify();
        assert!(matches!(refused, Err(CardError::Unsigned { key: it, .. }) if it == key(seed)));
        // Administrators sign one after the other, a validator's keys before them.
        assert_eq!(unsigned.check().is_ok(), seed > 2, "{seed}");
        unsigned.add(&secret(seed)).unwrap();
        assert_eq!(unsigned, signed());
    }
    // A consensus key, a node key or an administrator's key of somebody else: its maker cannot sign with it.
    let stolen: [(u8, Change); 3] = [
        (1, ("consensus key", |it| it.consensus_key = key(50))),
        (2, ("node key", |it| it.node_key = key(50))),
        (3, ("administrator", |it| it.administrators[0].policy = weighted(&[50, 4], 2))),
    ];
    for (own, (what, change)) in stolen {
        let mut forged = resigned(change);
        forged.signatures.retain(|it| it.key != key(50));
        let refused = forged.verify();
        assert!(matches!(refused, Err(CardError::Unsigned { .. })), "{what}: {refused:?}");
        // The signature of a key of its own, or of another content, in the place of the missing one.
        let signature = signed().signatures.into_iter().find(|it| it.key == key(own)).unwrap();
        forged.signatures.push(TransactionSignature { key: key(50), ..signature });
        forged.signatures.sort_by_key(|it| it.key);
        let refused = forged.verify();
        assert!(matches!(refused, Err(CardError::Signature(it)) if it == key(50)), "{what}");
    }
    let mut foreign = signed();
    assert!(matches!(foreign.add(&secret(9)), Err(CardError::Foreign(_))));
    foreign.signatures.push(card().sign(&secret(9)));
    foreign.signatures.sort_by_key(|it| it.key);
    assert!(matches!(foreign.verify(), Err(CardError::Foreign(_))));
    let mut unsorted = signed();
    unsorted.signatures.reverse();
    assert!(matches!(unsorted.verify(), Err(CardError::Order)));
    let mut twice = signed();
    twice.signatures.insert(0, twice.signatures[0]);
    assert!(matches!(twice.verify(), Err(CardError::Order)));
}

#[test]
fn a_bad_card_is_rejected_with_a_reason() {
    let refused = |change: fn(&mut Card)| resigned(change).verify().unwrap_err().to_string();
    let policy = |policy: Policy| vec![administrator(policy)];
    check(
        refused(|it| it.version = 2),
        expect!["the card has format version 2; this release reads version 1"],
    );
    check(
        refused(|it| it.node_key = it.consensus_key),
        expect![
            "the key 8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c is used for two purposes: consensus, node and administrators need keys of their own"
        ],
    );
    // A machine's key is warm, an administrator's is cold.
    check(
        refused(|it| it.administrators[0].policy = Policy::Key(it.consensus_key)),
        expect![
            "the key 8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c is used for two purposes: consensus, node and administrators need keys of their own"
        ],
    );
    check(
        refused(|it| it.consensus_key = PublicKey([0; 32])),
        expect![
            "0000000000000000000000000000000000000000000000000000000000000000 is a point of small order, for which anybody can sign; use a generated key"
        ],
    );
    // Policies that lock everyone out.
    check(
        resigned(|it| it.administrators = policy(weighted(&[3, 4], 3))).verify().unwrap_err(),
        expect![
            "the administrator 1: the threshold 3 is not between 1 and 2, the sum of the weights"
        ],
    );
    check(
        resigned(|it| it.administrators = policy(weighted(&[], 0))).verify().unwrap_err(),
        expect!["the administrator 1: a policy has 1 to 16 keys; this one has 0"],
    );
    check(
        refused(|it| it.administrators.push(it.administrators[0].clone())),
        expect!["the administrators 1 and 2 have the same policy"],
    );
    check(
        refused(|it| {
            it.administrators[0].roles.insert(Name::new(ADMINISTRATOR).unwrap());
        }),
        expect!["each administrator has the role administrator: leave it out of its other roles"],
    );
    check(
        refused(|it| {
            let roles = (0..32).map(|at| Name::new(format!("role-{at}")).unwrap());
            it.administrators[0].roles = roles.collect();
        }),
        expect!["the administrator 1 has 33 roles; the maximum is 32"],
    );
    check(
        refused(|it| {
            it.administrators =
                (10..27).map(|seed| administrator(Policy::Key(key(seed)))).collect();
        }),
        expect!["a card has at most 16 administrators; this one has 17"],
    );
}

#[test]
fn addresses_of_nodes_can_be_dialled() {
    for good in [
        "node.acme.example:7400",
        "a:1",
        "1a.example:65535",
        "192.0.2.7:7400",
        "127.0.0.1:7400",
        "[2001:db8::7]:7400",
        "[::1]:7400",
        "xn--mnchen-3ya.example:7400",
    ] {
        let address = NodeAddress::new(good).unwrap();
        assert_eq!(address.to_string(), good);
    }
    let label = format!("{}.example:7400", "a".repeat(64));
    let name = format!("{}example:7400", "abcdefgh.".repeat(28));
    for bad in [
        "",
        "node.acme.example",
        ":7400",
        "node:",
        "node:0",
        "node:65536",
        "node:+7400",
        "node:07400",
        "node: 7400",
        "Node.example:7400",
        "node..example:7400",
        "node.example.:7400",
        "-node.example:7400",
        "node-.example:7400",
        "node_1.example:7400",
        "münchen.example:7400",
        "http://node:7400",
        "key@node:7400",
        "0.0.0.0:7400",
        "224.0.0.1:7400",
        "1.2.3:7400",
        "1.2.3.04:7400",
        "node.7:7400",
        "256.1.1.1:7400",
        "2001:db8::7:7400",
        "[::]:7400",
        "[ff02::1]:7400",
        "[2001:DB8::7]:7400",
        "[2001:db8:0:0:0:0:0:7]:7400",
        "[fe80::1%eth0]:7400",
        "[127.0.0.1]:7400",
        "node\n:7400",
        &label,
        &name,
    ] {
        assert!(NodeAddress::new(bad).is_err(), "{bad:?}");
    }
    check(
        NodeAddress::new("0.0.0.0:7400").unwrap_err(),
        expect![[
            r#""0.0.0.0:7400" is not the address of a node: no other machine can dial it; write the one under which others reach the node"#
        ]],
    );
}
