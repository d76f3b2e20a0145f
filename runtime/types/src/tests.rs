//! Canonical encodings, addresses, genesis files and validator sets.

mod card;
mod node_consent;

use std::collections::BTreeSet;

use expect_test::{Expect, expect};

use crate::*;

/// The genesis hash in signatures.
const CHAIN: Hash = Hash([1; 32]);

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn transaction() -> Transaction {
    Transaction {
        version: Transaction::VERSION,
        chain: CHAIN,
        sender: Address::of_account(&Policy::Key(secret(1).public_key())),
        lane: 3,
        sequence: 7,
        valid_until_ms: 1_790_000_300_000,
        gas_limit: 1_000_000,
        calls: vec![Call {
            module: Name::new("wallet").unwrap(),
            function: Name::new("transfer").unwrap(),
            arguments: vec![1, 2, 3],
        }],
        memo: "invoice 42".into(),
    }
}

fn validators(powers: &[u64]) -> (ValidatorSet, Vec<SecretKey>) {
    let mut keys: Vec<SecretKey> = (0..powers.len()).map(|i| secret(i as u8)).collect();
    let validators = keys.iter().zip(powers).enumerate();
    let validators = validators.map(|(i, (key, power))| Validator {
        name: Name::new(format!("v{i}")).unwrap(),
        consensus_key: key.public_key(),
        node_key: secret(100 + i as u8).public_key(),
        power: *power,
    });
    let set = ValidatorSet::new(validators.collect()).unwrap();
    keys.sort_by_key(SecretKey::public_key);
    (set, keys)
}

fn check(actual: impl std::fmt::Display, expected: Expect) {
    expected.assert_eq(&actual.to_string());
}

#[test]
fn the_id_does_not_depend_on_the_signatures() {
    let once = transaction().sign(&[&secret(1)]);
    let twice = transaction().sign(&[&secret(2), &secret(1), &secret(2)]);
    assert_eq!(once.id(), twice.id());
    assert_eq!(twice.signatures.len(), 2);
    assert!(twice.is_well_formed() && twice.verify().is_ok());
}

#[test]
fn decoding_rejects_non_canonical_bytes() {
    let signed = transaction().sign(&[&secret(1)]);
    let bytes = encode(&signed);
    assert_eq!(decode::<SignedTransaction>(&bytes).unwrap(), signed);
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(decode::<SignedTransaction>(&longer).is_err());
    for end in 0..bytes.len() {
        assert!(decode::<SignedTransaction>(&bytes[..end]).is_err(), "cut at {end}");
    }
    let mut huge_count = bytes;
    // After version, chain, sender, lane, sequence, validity and gas limit comes the number of calls.
    let calls_at = 1 + 32 + 32 + 4 + 8 + 8 + 8;
    huge_count[calls_at..calls_at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(decode::<SignedTransaction>(&huge_count).is_err());
}

#[test]
fn another_version_is_rejected_first() {
    let signed = transaction().sign(&[&secret(1)]);
    let bytes = encode(&signed);
    assert_eq!(SignedTransaction::from_bytes(&bytes).unwrap(), signed);
    assert_eq!(Transaction::from_bytes(&encode(&signed.transaction)).unwrap(), signed.transaction);
    for version in (0..=u8::MAX).filter(|it| *it != Transaction::VERSION) {
        for rest in [&bytes[1..], &[]] {
            let other = [&[version], rest].concat();
            let refused = SignedTransaction::from_bytes(&other).unwrap_err();
            assert_eq!(refused.code, Code::UnsupportedVersion, "{refused}");
            assert_eq!(Transaction::from_bytes(&other).unwrap_err(), refused);
        }
    }
    check(
        SignedTransaction::from_bytes(&[2]).unwrap_err(),
        expect!["the transaction has format version 2; this node reads version 1"],
    );
    for wrong in [&[][..], &[1], &bytes[..bytes.len() - 1], &[bytes.as_slice(), &[0]].concat()] {
        let refused = SignedTransaction::from_bytes(wrong).unwrap_err();
        assert_eq!(refused.code, Code::MalformedTransaction, "{refused}");
    }
}

/// A chain that is created again under the same id has another genesis hash.
#[test]
fn signatures_for_an_earlier_chain_with_the_same_id_are_invalid() {
    let (first, mut again) = (genesis(), genesis());
    again.timestamp_ms += 1;
    assert_eq!(first.chain_id, again.chain_id);
    let old = Transaction { chain: first.hash(), ..transaction() }.sign(&[&secret(1)]);
    assert!(old.verify().is_ok());
    // Its id and signatures cover the chain: it cannot be moved.
    let mut moved = old.clone();
    moved.transaction.chain = again.hash();
    assert!(moved.verify().is_err() && moved.id() != old.id());
    let vote = Vote {
        kind: VoteKind::Precommit,
        height: 5,
        round: 1,
        block: None,
        validator: secret(1).public_key(),
    };
    let proposal = Proposal {
        height: 5,
        round: 1,
        block: Hash([9; 32]),
        valid_round: None,
        proposer: secret(1).public_key(),
    };
    let vote = vote.sign(&first.hash(), &secret(1));
    let proposal = proposal.sign(&first.hash(), &secret(1));
    assert!(vote.verify(&first.hash()).is_ok() && proposal.verify(&first.hash()).is_ok());
    assert!(vote.verify(&again.hash()).is_err() && proposal.verify(&again.hash()).is_err());
}

#[test]
fn addresses_belong_to_their_network() {
    let address = Address([7; 32]);
    let text = address.to_text(Network::Test);
    check(&text, expect!["ehbt1qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurswpc8qurslgprtx"]);
    assert_eq!(Address::from_text(Network::Test, &text).unwrap(), address);
    let mut typo = text.clone();
    let last = typo.pop().unwrap();
    typo.push(if last == 'q' { 'p' } else { 'q' });
    assert!(matches!(Address::from_text(Network::Test, &typo), Err(AddressError::Text(..))));
    assert!(matches!(Address::from_text(Network::Main, &text), Err(AddressError::Network(..))));
}

/// The test vectors of BIP-350. Those with a valid checksum have other prefixes.
#[test]
fn texts_that_are_not_bech32m_are_no_addresses() {
    let valid = [
        "a1lqfn3a",
        "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
        "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
        "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
        "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
        "?1v759aa",
        "A1LQFN3A",
    ];
    for text in valid {
        let error = Address::from_text(Network::Test, text).unwrap_err();
        assert!(matches!(error, AddressError::Network(..)), "{text}: {error}");
    }
    let invalid = [
        "\u{20}1xj0phk",
        "\u{7f}1g6xzxy",
        "\u{80}1vctc34",
        "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4",
        "qyrz8wqd2c9m",
        "1qyrz8wqd2c9m",
        "y1b0jsk6g",
        "lt1igcx5c0",
        "in1muywd",
        "mm1crxm3i",
        "au1s5cgom",
        "M1VUXWEZ",
        "16plkw9",
        "1p2gdwpf",
        // Of segwit addresses: bech32 instead of bech32m, mixed case, a wrong length.
        "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
        "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq",
        "",
        "1",
        "ehbt1",
    ];
    for text in invalid {
        let error = Address::from_text(Network::Test, text).unwrap_err();
        assert!(matches!(error, AddressError::Text(..)), "{text}: {error}");
    }
}

/// 52 letters contain four bits more than 32 bytes: 16 texts have a correct checksum, and one of them is
/// valid.
#[test]
fn an_address_has_one_text() {
    let hrp = bech32::Hrp::parse_unchecked("ehbt");
    let encoded = |bits: &[u8]| -> String {
        let letters = bits.iter().map(|bits| bech32::Fe32::try_from(*bits).unwrap());
        letters.with_checksum::<bech32::Bech32m>(&hrp).chars().collect()
    };
    use bech32::primitives::iter::{ByteIterExt, Fe32IterExt};
    let address = Address([0xa7; 32]);
    let canonical = address.to_text(Network::Test);
    let letters: Vec<u8> = address.0.iter().copied().bytes_to_fes().map(|it| it.to_u8()).collect();
    assert_eq!(encoded(&letters), canonical);
    for padding in 0..16 {
        let mut letters = letters.clone();
        *letters.last_mut().unwrap() |= padding;
        let read = Address::from_text(Network::Test, &encoded(&letters));
        let expected = match padding {
            0 => Ok(address),
            _ => Err(AddressError::Spelling(encoded(&letters), canonical.clone())),
        };
        assert_eq!(read, expected, "padding {padding}");
    }
    let upper = canonical.to_uppercase();
    let read = Address::from_text(Network::Test, &upper);
    assert_eq!(read, Err(AddressError::Spelling(upper, canonical.clone())));
    let mixed = canonical.replacen('n', "N", 1);
    assert_ne!(mixed, canonical);
    assert!(matches!(Address::from_text(Network::Test, &mixed), Err(AddressError::Text(..))));
    for (count, bytes) in [(51, 31), (53, 33), (0, 0), (1, 0), (100, 62)] {
        let read = Address::from_text(Network::Test, &encoded(&vec![0; count]));
        assert!(
            matches!(read, Err(AddressError::Length(_, it)) if it == bytes),
            "{count}: {read:?}"
        );
    }
}

/// A point of order 8, and an encoding of a point that RFC 8032 forbids.
#[test]
fn dangerous_keys_are_rejected_wherever_keys_are_registered() {
    let small_order: PublicKey =
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a".parse().unwrap();
    let mut second = PublicKey([0xff; 32]);
    (second.0[0], second.0[31]) = (0xf1, 0x7f);
    for (bad, reason) in [(small_order, "of small order"), (second, "not canonical")] {
        let key = |key| WeightedKey { key, weight: 1 };
        let keys = vec![key(secret(1).public_key()), key(bad)];
        let policies = [Policy::Key(bad), Policy::Weighted { keys, threshold: 1 }];
        for policy in policies {
            assert!(policy.check().unwrap_err().to_string().contains(reason));
            let mut genesis = genesis();
            genesis.accounts[0].address = Address::of_account(&policy).to_text(Network::Test);
            genesis.accounts[0].policy = policy;
            assert!(genesis.check().unwrap_err().to_string().contains(reason));
        }
        let changes: [&dyn Fn(&mut Genesis); 3] = [
            &|it| it.validators[0].consensus_key = bad,
            &|it| it.validators[0].node_key = bad,
            &|it| {
                let (name, organisation) = (Name::new("o").unwrap(), Name::new("org").unwrap());
                it.observers.push(GenesisObserver { name, organisation, node_key: bad });
            },
        ];
        for change in changes {
            let mut genesis = genesis();
            change(&mut genesis);
            let error = genesis.check().unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}

#[test]
fn no_single_proposer_can_skip_a_window() {
    let mut parameters = Parameters::default();
    assert_eq!(parameters.modules.window_min_ms, 3_600_000);
    parameters.modules = TEST_WINDOWS;
    assert_eq!(parameters.check(), Ok(()));
    parameters.consensus.drift_max_ms = 5_001;
    let error = parameters.check().unwrap_err().to_string();
    let expected =
        "the parameter modules.window_min_ms is 10000; it must be between 10002 and 86400000";
    assert_eq!(error, expected);
    parameters.consensus.drift_max_ms = 500;
    parameters.modules.window_min_ms = 1_000;
    assert_eq!(parameters.check(), Ok(()));
}

#[test]
fn a_role_counts_everywhere_or_in_one_module() {
    for bad in ["", "@", "clerk@", "@jobs", "Clerk@jobs", "clerk@jobs@jobs", "clerk@9"] {
        assert!(RoleName::new(bad).is_err(), "{bad}");
    }
    let longest = format!("{0}@{0}", "a".repeat(64));
    assert!(RoleName::new(longest.as_str()).is_ok());
    assert!(RoleName::new(format!("{longest}a")).is_err());
    let in_jobs = RoleName::new("clerk@jobs").unwrap();
    assert_eq!((in_jobs.role(), in_jobs.module()), ("clerk", Some("jobs")));
    let everywhere = RoleName::from(Name::new("seller").unwrap());
    assert_eq!((everywhere.role(), everywhere.module()), ("seller", None));

    let mut roles = Roles::default();
    roles.grant(in_jobs, Some(10));
    roles.grant(everywhere, None);
    for (module, role, now_ms, held) in [
        ("jobs", "clerk", 9, true),
        ("jobs", "clerk", 10, false),
        ("marketplace", "clerk", 9, false),
        ("jobs", "seller", 9, true),
        ("marketplace", "seller", 9, true),
        ("jobs", "clerk@jobs", 9, false),
        ("", "clerk", 9, false),
    ] {
        assert_eq!(roles.hold_in(module, role, now_ms), held, "{role} in {module} at {now_ms}");
    }
    assert!(!roles.hold("clerk", 9), "only in one module");
}

#[test]
fn names_are_kebab_case() {
    for good in ["wallet", "a", "place-order", "x9", &"a".repeat(64)] {
        assert!(Name::new(good).is_ok(), "{good}");
    }
    for bad in ["", "Wallet", "9x", "-a", "a_b", "a b", "ä", &"a".repeat(65)] {
        assert!(Name::new(bad).is_err(), "{bad}");
    }
}

#[test]
fn policies_are_checked_and_signers_weighed() {
    let key = |seed: u8| secret(seed).public_key();
    let weighted = |weights: &[(u8, u16)], threshold| Policy::Weighted {
        keys: weights
            .iter()
            .map(|(s, weight)| WeightedKey { key: key(*s), weight: *weight })
            .collect(),
        threshold,
    };
    let two_of_three = weighted(&[(1, 1), (2, 1), (3, 1)], 2);
    assert_eq!(two_of_three.check(), Ok(()));
    assert_eq!(two_of_three.authorise(&[key(1), key(3)]), Ok(()));
    assert!(matches!(
        two_of_three.authorise(&[key(1)]),
        Err(PolicyError::Weight { weight: 1, .. })
    ));
    assert!(matches!(
        two_of_three.authorise(&[key(1), key(2), key(9)]),
        Err(PolicyError::ForeignKey(_))
    ));
    for (weights, threshold) in [
        (vec![], 1),
        (vec![(1, 1)], 0),
        (vec![(1, 1)], 2),
        (vec![(1, 1), (1, 1)], 1),
        (vec![(1, 0), (2, 1)], 1),
    ] {
        assert!(weighted(&weights, threshold).check().is_err(), "{weights:?} {threshold}");
    }
}

#[test]
fn certificates_need_a_quorum_of_distinct_known_signers() {
    let (set, keys) = validators(&[1, 1, 1, 1]);
    let signature = |index: usize, block: Hash| CommitSignature {
        validator: index as u16,
        signature: Vote {
            kind: VoteKind::Precommit,
            height: 3,
            round: 0,
            block: Some(block),
            validator: keys[index].public_key(),
        }
        .sign(&CHAIN, &keys[index])
        .signature,
    };
    let block = Hash([1; 32]);
    let certificate = |signatures| CommitCertificate { height: 3, round: 0, block, signatures };
    let good: Vec<CommitSignature> = (0..3).map(|i| signature(i, block)).collect();
    assert_eq!(certificate(good.clone()).verify(&CHAIN, &set), Ok(()));

    let quorum = CertificateError::Quorum { power: 2, total: 4 };
    assert_eq!(certificate(good[..2].to_vec()).verify(&CHAIN, &set), Err(quorum));
    let twice = vec![good[0], good[1], good[1]];
    assert_eq!(certificate(twice).verify(&CHAIN, &set), Err(CertificateError::Order));
    let mut unknown = good.clone();
    unknown[2].validator = 4;
    let error = CertificateError::UnknownValidator(4);
    assert_eq!(certificate(unknown).verify(&CHAIN, &set), Err(error));
    let other = vec![good[0], good[1], signature(2, Hash([2; 32]))];
    assert_eq!(certificate(other).verify(&CHAIN, &set), Err(CertificateError::Signature(2)));
    assert!(certificate(good).verify(&Hash([2; 32]), &set).is_err());
}

#[test]
fn known_signatures_of_the_same_decision_are_not_verified_again() {
    let (set, _) = validators(&[1, 1, 1, 1]);
    let block = Hash([1; 32]);
    // None of them is valid: one that passes was not verified.
    let signatures: Vec<CommitSignature> = (0..4)
        .map(|validator| CommitSignature { validator, signature: Signature([1; 64]) })
        .collect();
    let certificate = |round, signers: &[usize]| CommitCertificate {
        height: 3,
        round,
        block,
        signatures: signers.iter().map(|signer| signatures[*signer]).collect(),
    };
    let verified = certificate(0, &[0, 1, 3]);
    let verify = |it: CommitCertificate| it.verify_beyond(Some(&verified), &CHAIN, &set);
    assert_eq!(verify(verified.clone()), Ok(()));
    assert_eq!(verify(certificate(0, &[0, 1, 2])), Err(CertificateError::Signature(2)));
    assert_eq!(verify(certificate(1, &[0, 1, 3])), Err(CertificateError::Signature(0)));
    let quorum = CertificateError::Quorum { power: 2, total: 4 };
    assert_eq!(verify(certificate(0, &[0, 3])), Err(quorum));
    let mut forged = verified.clone();
    forged.signatures[1].signature.0[0] = 2;
    assert_eq!(verify(forged), Err(CertificateError::Signature(1)));
}

#[test]
fn validator_sets_reject_members_that_would_break_the_quorum() {
    let (set, _) = validators(&[1, 2, 3]);
    let with = |change: &dyn Fn(&mut Vec<Validator>)| {
        let mut validators = set.validators().to_vec();
        change(&mut validators);
        ValidatorSet::new(validators)
    };
    assert!(with(&|_| ()).is_ok());
    assert!(matches!(with(&|v| v.clear()), Err(ValidatorSetError::Count(0))));
    assert!(matches!(with(&|v| v[0].power = 0), Err(ValidatorSetError::ZeroPower(_))));
    assert!(matches!(
        with(&|v| v[0].node_key = v[1].consensus_key),
        Err(ValidatorSetError::KeyTwice(_))
    ));
    assert!(matches!(
        with(&|v| v[0].name = v[1].name.clone()),
        Err(ValidatorSetError::NameTwice(_))
    ));
    assert!(matches!(
        with(&|v| v.iter_mut().for_each(|v| v.power = u64::MAX / 8)),
        Err(ValidatorSetError::PowerOverflow)
    ));
    assert!(!set.is_quorum(4) && set.is_quorum(5));
    let mut unsorted = set.validators().to_vec();
    unsorted.reverse();
    assert!(decode::<ValidatorSet>(&encode(&unsorted)).is_err());
    assert_eq!(decode::<ValidatorSet>(&encode(&set)).unwrap(), set);
}

#[test]
fn proposers_rotate_by_power_and_skip_the_silent() {
    let names = |powers: &[u64], passed_over: &[usize], round: u32| {
        let (set, _) = validators(powers);
        let silent = passed_over.iter().map(|i| set.validators()[*i].consensus_key).collect();
        let turn = |height| set.proposer(&silent, height, round).consensus_key;
        (0..6).map(|height| set.index_of(&turn(height)).unwrap()).collect::<Vec<usize>>()
    };
    assert_eq!(names(&[5, 5, 5], &[], 0), [0, 1, 2, 0, 1, 2]);
    assert_eq!(names(&[5, 5, 5], &[], 1), [1, 2, 0, 1, 2, 0]);
    assert_eq!(names(&[5, 5, 5], &[1], 0), [0, 2, 0, 2, 0, 2]);
    assert_eq!(names(&[5, 5, 5], &[1], 1), [2, 0, 2, 0, 2, 0]);
    // The silent ones have their turn in the rounds after all others.
    assert_eq!(names(&[5, 5, 5], &[1], 2), [1, 1, 1, 1, 1, 1]);
    assert_eq!(names(&[5, 5, 5], &[1], 3), [0, 2, 0, 2, 0, 2]);
    assert_eq!(names(&[5, 5, 5], &[0, 1, 2], 0), [0, 1, 2, 0, 1, 2]);
    assert_eq!(names(&[5, 5, 5], &[0, 1, 2], 2), [2, 0, 1, 2, 0, 1]);
    let (set, _) = validators(&[u64::MAX / 16, 1, 3]);
    let heavy = set.validators().iter().position(|v| v.power > 3).unwrap();
    let turns = (0..2000).filter(|h| {
        set.index_of(&set.proposer(&BTreeSet::new(), *h, 0).consensus_key) == Some(heavy)
    });
    assert!(turns.count() > 1900);
}

#[test]
fn evidence_proves_only_contradictions() {
    let vote = |block: Option<Hash>, round, seed| {
        let validator = secret(seed).public_key();
        Vote { kind: VoteKind::Prevote, height: 3, round, block, validator }
            .sign(&CHAIN, &secret(seed))
    };
    let a = vote(Some(Hash([1; 32])), 0, 1);
    let nil = vote(None, 0, 1);
    assert_eq!(Evidence::Votes(a.clone(), nil.clone()).verify(&CHAIN), Ok(()));
    let conflict = Err(EvidenceError::NoConflict);
    assert_eq!(Evidence::Votes(a.clone(), a.clone()).verify(&CHAIN), conflict);
    assert_eq!(Evidence::Votes(a.clone(), vote(None, 1, 1)).verify(&CHAIN), conflict);
    assert_eq!(Evidence::Votes(a.clone(), vote(None, 0, 2)).verify(&CHAIN), conflict);
    let mut forged = nil;
    forged.signature.0[3] ^= 1;
    assert_eq!(Evidence::Votes(a, forged).verify(&CHAIN), Err(EvidenceError::Signature));
}

#[test]
fn codes_are_distinct() {
    let texts: BTreeSet<&str> = Code::ALL.iter().map(|c| c.as_str()).collect();
    assert_eq!(texts.len(), Code::ALL.len());
    for code in Code::ALL {
        assert_eq!(decode::<Code>(&encode(code)).unwrap(), *code);
        assert!(!code.hint().is_empty());
    }
}

fn genesis() -> Genesis {
    let policy = Policy::Key(secret(50).public_key());
    let (set, _) = validators(&[1, 1, 1, 1]);
    Genesis {
        chain_id: ChainId::new("test-1").unwrap(),
        network: Network::Test,
        timestamp_ms: 1_790_000_000_000,
        parameters: Parameters::default(),
        validators: set
            .validators()
            .iter()
            .map(|v| GenesisValidator {
                name: v.name.clone(),
                organisation: Name::new("org").unwrap(),
                consensus_key: v.consensus_key,
                node_key: v.node_key,
                power: v.power,
            })
            .collect(),
        observers: vec![],
        accounts: vec![GenesisAccount {
            address: Address::of_account(&policy).to_text(Network::Test),
            policy,
            organisation: Name::new("org").unwrap(),
            roles: Default::default(),
            status: Status::default(),
        }],
        modules: vec![],
        calls: vec![],
    }
}

#[test]
fn no_module_has_a_name_of_the_chain_itself() {
    for (name, expected) in [
        ("kernel", Some("no module can be called kernel")),
        ("host", Some("no module can be called host")),
        ("common", Some("no module can be called common")),
        ("kernels", None),
    ] {
        let mut genesis = genesis();
        let module = Name::new(name).unwrap();
        genesis.modules.push(GenesisModule { name: module, code: Hash([1; 32]) });
        let error = genesis.check().err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), expected);
    }
}

#[test]
fn deployers_install_or_not() {
    let mut parameters = Parameters::default();
    assert_eq!(parameters.modules.deployers_install, 0);
    parameters.set("modules.deployers_install", 1).unwrap();
    assert_eq!(parameters.check(), Ok(()));
    parameters.set("modules.deployers_install", 2).unwrap();
    let error = parameters.check().unwrap_err().to_string();
    assert_eq!(error, "the parameter modules.deployers_install is 2; it must be between 0 and 1");
}

#[test]
fn a_genesis_round_trips_and_its_hash_ignores_the_layout() {
    let text = genesis().to_json().unwrap();
    let read = Genesis::from_json(&text).unwrap();
    assert_eq!(read, genesis());
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(Genesis::from_json(&value.to_string()).unwrap().hash(), genesis().hash());
    let mut other = genesis();
    other.timestamp_ms += 1;
    assert_ne!(other.hash(), genesis().hash());
}

#[test]
fn a_bad_genesis_is_rejected_with_a_reason() {
    let refused = |change: &dyn Fn(&mut Genesis)| {
        let mut genesis = genesis();
        change(&mut genesis);
        genesis.check().unwrap_err().to_string()
    };
    check(
        refused(&|g| g.validators.clear()),
        expect!["a validator set has 1 to 256 validators; this one has 0"],
    );
    check(refused(&|g| g.validators[1].power = 0), expect!["the validator v2 has no voting power"]);
    check(
        refused(&|g| g.parameters.block_gas_max = 0),
        expect!["the parameter block_gas_max is 0; it must be between 10000000 and 100000000000"],
    );
    check(
        refused(&|g| g.parameters.transaction_bytes_max = 400 << 10),
        expect![
            "the parameter transaction_bytes_max is 409600; it must be between 4096 and 393216"
        ],
    );
    check(
        refused(&|g| g.parameters.validity_ms_max = 59_999),
        expect!["the parameter validity_ms_max is 59999; it must be between 60000 and 7776000000"],
    );
    check(
        refused(&|g| g.accounts[0].address = Address([0; 32]).to_text(Network::Test)),
        expect![
            "the account ehbt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqwy0a0p: the address of its policy is ehbt1p02tq3r6y6w338vrwqp56hkj0avht3nvqx922y6f77t3xyzcyhhqey5tt4"
        ],
    );
    check(
        refused(&|g| g.accounts.push(g.accounts[0].clone())),
        expect![
            "the account ehbt1p02tq3r6y6w338vrwqp56hkj0avht3nvqx922y6f77t3xyzcyhhqey5tt4 is in the genesis twice"
        ],
    );
    check(
        refused(&|g| {
            let roles = (0..33).map(|at| Name::new(format!("role-{at}")).unwrap());
            g.accounts[0].roles = roles.collect();
        }),
        expect![
            "the account ehbt1p02tq3r6y6w338vrwqp56hkj0avht3nvqx922y6f77t3xyzcyhhqey5tt4 has 33 roles; the maximum is 32"
        ],
    );
    check(
        refused(&|g| g.timestamp_ms = u64::MAX),
        expect![
            "timestamp_ms is 18446744073709551615; it counts milliseconds since 1970 and must be before the year 3000"
        ],
    );
    let text = genesis().to_json().unwrap().replace("\"observers\": [", "\"observer\": [");
    check(
        Genesis::from_json(&text).unwrap_err(),
        expect![
            "the genesis file is not valid: unknown field `observer`, expected one of `chain_id`, `network`, `timestamp_ms`, `parameters`, `validators`, `observers`, `accounts`, `modules`, `calls` at line 94 column 12"
        ],
    );
}

#[test]
fn strict_json_rejects_duplicate_keys() {
    let good = r#"{"a":[1,-2,3.5,null,true,"x",{"b":18446744073709551615}]}"#;
    let plain: serde_json::Value = serde_json::from_str(good).unwrap();
    assert_eq!(serde_json::from_str::<Strict>(good).unwrap().0, plain);
    for text in [r#"{"a":1,"a":1}"#, r#"[{"x":{"a":1,"b":2,"a":3}}]"#, r#"{"a":1,"\u0061":1}"#] {
        let error = serde_json::from_str::<Strict>(text).unwrap_err().to_string();
        assert!(error.contains("\"a\" is used twice"), "{error}");
    }
}

#[test]
fn a_call_of_the_genesis_names_each_argument_once() {
    let mut with_call = genesis();
    with_call.calls.push(GenesisCall {
        sender: with_call.accounts[0].address.clone(),
        module: Name::new("wallet").unwrap(),
        function: Name::new("mint").unwrap(),
        arguments: serde_json::from_str(r#"{"amount":"1"}"#).unwrap(),
    });
    let text = with_call.to_json().unwrap();
    assert_eq!(Genesis::from_json(&text).unwrap(), with_call);
    let one = r#""amount": "1""#;
    let rows = [
        (r#""amount": "1", "amount": "2""#, "the key \"amount\" is used twice"),
        (r#""to": [{"a": 1, "b": 2, "a": 3}]"#, "the key \"a\" is used twice"),
        (&format!(r#""to": {}"#, "[".repeat(10_000)), "recursion limit exceeded"),
    ];
    for (other, reason) in rows {
        assert_eq!(text.matches(one).count(), 1);
        let error = Genesis::from_json(&text.replace(one, other)).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    let arguments = r#""arguments": {
        "amount": "1"
      }"#;
    for (other, kind) in [("[]", "a list"), ("\"amount\"", "a single value")] {
        let changed = text.replace(arguments, &format!(r#""arguments": {other}"#));
        let error = Genesis::from_json(&changed).unwrap_err().to_string();
        assert!(error.contains(&format!("by name, not {kind}")), "{error}");
    }
}

#[test]
fn the_genesis_can_freeze_an_account() {
    let text = genesis().to_json().unwrap();
    assert!(!text.contains("status"), "the default is omitted");
    let with = |status: &str| {
        text.replace(r#""roles": []"#, &format!(r#""roles": [], "status": {status}"#))
    };
    let active = Genesis::from_json(&with("\"active\"")).unwrap();
    assert_eq!((&active, active.hash()), (&genesis(), genesis().hash()));
    let frozen = Genesis::from_json(&with("\"frozen\"")).unwrap();
    assert_eq!(frozen.accounts[0].status, Status::Frozen);
    assert_ne!(frozen.hash(), genesis().hash());
    assert_eq!(Genesis::from_json(&frozen.to_json().unwrap()).unwrap(), frozen);
    let error = Genesis::from_json(&with("\"gone\"")).unwrap_err().to_string();
    assert!(
        error.contains("unknown variant `gone`, expected one of `active`, `frozen`"),
        "{error}"
    );
}

/// Each number of the genesis file is set by its name, alone; what is no number, and what does not fit, is refused.
#[test]
fn parameters_are_set_by_their_names_in_the_genesis_file() {
    fn numbers(prefix: &str, value: &serde_json::Value, found: &mut Vec<(String, u64)>) {
        for (name, value) in value.as_object().unwrap() {
            let name = format!("{prefix}{name}");
            match value {
                serde_json::Value::Object(_) => numbers(&format!("{name}."), value, found),
                value => found.extend(value.as_u64().map(|number| (name, number))),
            }
        }
    }
    let before = Parameters::default();
    let mut found = Vec::new();
    numbers("", &serde_json::to_value(&before).unwrap(), &mut found);
    assert!(found.len() > 25, "{found:?}");
    for (name, number) in found {
        let mut parameters = before.clone();
        assert_eq!(parameters.set(&name, 7), Ok(number), "{name}");
        assert_ne!(parameters, before, "{name}");
        assert_eq!(parameters.set(&name, number), Ok(7), "{name}");
        assert_eq!(parameters, before, "{name}");
    }
    let mut parameters = before.clone();
    for name in [
        "",
        ".",
        "gas",
        "consensus",
        "consensus/seal_ms",
        "consensus.seal_ms.x",
        "accounts.organisation_roles",
        "x",
    ] {
        let error = parameters.set(name, 7).unwrap_err();
        assert_eq!(error.to_string(), format!("there is no parameter {name:?} that is a number"));
    }
    let error = parameters.set("block_bytes_max", 1 << 32).unwrap_err().to_string();
    assert_eq!(error, "the parameter block_bytes_max has at most 32 bits; 4294967296 has more");
    assert_eq!(parameters, before);
}
