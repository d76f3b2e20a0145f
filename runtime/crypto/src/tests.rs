//! Signatures, keys and hashes, with hostile encodings.

use proptest::prelude::*;

use crate::{Batch, Domain, Hash, KeyError, PublicKey, SecretKey, Signature, merkle};

/// The genesis hash that is signed for.
const CHAIN: Hash = Hash([1; 32]);

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

#[test]
fn a_signature_is_bound_to_domain_chain_and_payload() {
    let secret = key(1);
    let public = secret.public_key();
    let signature = secret.sign(Domain::Vote, &CHAIN, b"payload");
    assert!(public.verify(Domain::Vote, &CHAIN, b"payload", &signature).is_ok());
    assert!(public.verify(Domain::Transaction, &CHAIN, b"payload", &signature).is_err());
    assert!(public.verify(Domain::Vote, &Hash([2; 32]), b"payload", &signature).is_err());
    assert!(public.verify(Domain::Vote, &CHAIN, b"payloae", &signature).is_err());
    assert!(key(2).public_key().verify(Domain::Vote, &CHAIN, b"payload", &signature).is_err());
}

/// ZIP-215 accepts a signature with an order-8 key and R, strict rules reject it: single and batch
/// verification must agree on it.
#[test]
fn single_and_batch_agree_on_small_order_points() {
    let small_order = PublicKey([0; 32]);
    let signature = Signature([0; 64]);
    let single = small_order.verify(Domain::Vote, &CHAIN, b"x", &signature).is_ok();
    let mut batch = Batch::new();
    for seed in 0..8 {
        let secret = key(seed);
        let good = secret.sign(Domain::Vote, &CHAIN, b"x");
        batch.push(Domain::Vote, &CHAIN, b"x", &secret.public_key(), &good);
    }
    batch.push(Domain::Vote, &CHAIN, b"x", &small_order, &signature);
    assert_eq!(batch.verify().last(), Some(&single));
}

/// The encodings of the eight points of small order, including non-canonical ones: with them as keys, anyone
/// can make signatures that ZIP-215 accepts. From <https://hdevalence.ca/blog/2020-10-04-its-25519am>.
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

#[test]
fn keys_of_small_order_are_never_registered() {
    for text in SMALL_ORDER {
        let key: PublicKey = text.parse().unwrap();
        // Made without a secret key: R is the neutral point, and s is 0.
        let mut forged = [0; 64];
        forged[0] = 1;
        assert!(
            key.verify(Domain::Vote, &CHAIN, b"anything", &Signature(forged)).is_ok(),
            "{text}"
        );
        assert_eq!(key.check(), Err(KeyError::SmallOrder(key)), "{text}");
    }
    for seed in 0..=255 {
        assert_eq!(key(seed).public_key().check(), Ok(()));
    }
}

/// The non-canonical encodings, with y from p to 2^255 - 1, that are points.
#[test]
fn keys_in_a_non_canonical_encoding_are_never_registered() {
    // y is 3, 4, 5, 6, 9, 10, 14, 15, 16 or 18; 0 and 1 are of small order.
    let mut points = 0;
    for low in 0xed..=0xff {
        for high in [0x7f, 0xff] {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, high);
            let key = PublicKey(bytes);
            match key.check().unwrap_err() {
                KeyError::NotCanonical(_) => points += 1,
                KeyError::SmallOrder(_) | KeyError::NoPoint(_) => {}
            }
        }
    }
    assert_eq!(points, 2 * 10);
}

#[test]
fn a_batch_names_the_bad_ones() {
    let mut batch = Batch::new();
    for seed in 0..40u8 {
        let secret = key(seed);
        let mut signature = secret.sign(Domain::Transaction, &CHAIN, &[seed]);
        if seed % 13 == 5 {
            signature.0[0] ^= 1;
        }
        batch.push(Domain::Transaction, &CHAIN, &[seed], &secret.public_key(), &signature);
    }
    let expected: Vec<bool> = (0..40u8).map(|seed| seed % 13 != 5).collect();
    assert_eq!(batch.verify(), expected);
}

#[test]
fn text_forms_round_trip_and_reject_other_lengths() {
    let hash = crate::hash(Domain::Header, b"x");
    assert_eq!(hash.to_string().parse::<Hash>().unwrap(), hash);
    let error = "abcd".parse::<Hash>().unwrap_err();
    let expected = "a hash is 64 hexadecimal digits in lower case; got \"abcd\"";
    assert_eq!(error.to_string(), expected);
    assert!(hash.to_string().to_uppercase().parse::<Hash>().is_err(), "one hash, one text");
}

/// The vectors of RFC 6962's reference implementation (certificate-transparency, merkle_tree_test).
#[test]
fn merkle_roots_match_the_reference() {
    let leaves: Vec<Vec<u8>> = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"]
        .iter()
        .map(|text| hex::decode(text).unwrap())
        .collect();
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    ];
    for (count, expected) in roots.iter().enumerate() {
        assert_eq!(merkle::root(&leaves[..count]).to_string(), *expected, "{count} leaves");
    }
}

proptest! {
    #[test]
    fn every_leaf_proves_and_nothing_else_does(count in 1usize..40, index in 0usize..40, flip in 0usize..32) {
        let leaves: Vec<[u8; 2]> = (0..count).map(|i| [i as u8, 7]).collect();
        let root = merkle::root(&leaves);
        match merkle::prove(&leaves, index) {
            None => prop_assert!(index >= count),
            Some(proof) => {
                let count = count as u64;
                prop_assert!(proof.verify(&root, count, &leaves[index]));
                prop_assert!(!proof.verify(&root, count, &[index as u8, 8]));
                // At no other position, and with no other path.
                for moved in (0..=2 * count).filter(|it| *it != proof.index) {
                    let moved = merkle::InclusionProof { index: moved, ..proof.clone() };
                    prop_assert!(!moved.verify(&root, count, &leaves[index]));
                }
                let mut longer = proof.clone();
                longer.path.push(Hash::ZERO);
                prop_assert!(!longer.verify(&root, count, &leaves[index]));
                for at in 0..proof.path.len() {
                    let mut shorter = proof.clone();
                    shorter.path.remove(at);
                    prop_assert!(!shorter.verify(&root, count, &leaves[index]));
                    let mut other = proof.clone();
                    other.path[at].0[flip] ^= 1;
                    prop_assert!(!other.verify(&root, count, &leaves[index]));
                }
                let mut wrong_root = root;
                wrong_root.0[flip] ^= 1;
                prop_assert!(!proof.verify(&wrong_root, count, &leaves[index]));
            }
        }
    }
}

/// A path does not contain the number of leaves: the verifier must know it.
#[test]
fn a_wrong_leaf_count_verifies_a_wrong_position() {
    let leaves = [[0], [1], [2]];
    let root = merkle::root(&leaves);
    let mut proof = merkle::prove(&leaves, 2).unwrap();
    proof.index = 1;
    assert!(proof.verify(&root, 2, &leaves[2]), "why the header carries the number");
    assert!(!proof.verify(&root, 3, &leaves[2]));
}

proptest! {
    /// Hashing at once and in pieces are equal, for any length.
    #[test]
    fn short_and_long_bytes_hash_alike(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..200) {
        let (first, second) = bytes.split_at(cut.min(bytes.len()));
        for domain in [Domain::StateKey, Domain::Vote, Domain::AccountAddress] {
            let pieces = crate::Hasher::new(domain).with(first).with(second).finish();
            prop_assert_eq!(crate::hash(domain, &bytes), pieces);
        }
    }

    #[test]
    fn pairs_differ_by_domain_order_and_from_bytes(left in any::<[u8; 32]>(), right in any::<[u8; 32]>()) {
        let (left, right) = (Hash(left), Hash(right));
        let of = |domain, left, right| crate::PairHasher::new(domain).hash(left, right);
        let pair = of(Domain::StateNode, &left, &right);
        prop_assert_ne!(pair, of(Domain::StateLeaf, &left, &right));
        prop_assert_eq!(pair == of(Domain::StateNode, &right, &left), left == right);
        prop_assert_ne!(pair, crate::hash(Domain::StateNode, &[left.0, right.0].concat()));
    }
}

/// SHA-256 of the two blocks, taken before the padding: computed with another implementation.
#[test]
fn a_pair_has_its_documented_hash() {
    let pair = crate::PairHasher::new(Domain::StateNode).hash(&Hash([1; 32]), &Hash([2; 32]));
    assert_eq!(
        pair.to_string(),
        "38a9c165f8c754e4d50625954586566a8d50cb41f1c1f6f91bf8d4b2a3da9be5"
    );
}
