use proptest::prelude::*;

use crate::{Batch, Domain, Hash, SecretKey, merkle};

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

#[test]
fn a_signature_is_bound_to_domain_chain_and_payload() {
    let secret = key(1);
    let public = secret.public_key();
    let signature = secret.sign(Domain::Vote, "chain-a", b"payload");
    assert!(public.verify(Domain::Vote, "chain-a", b"payload", &signature).is_ok());
    assert!(public.verify(Domain::Transaction, "chain-a", b"payload", &signature).is_err());
    assert!(public.verify(Domain::Vote, "chain-b", b"payload", &signature).is_err());
    assert!(public.verify(Domain::Vote, "chain-a", b"payloae", &signature).is_err());
    assert!(key(2).public_key().verify(Domain::Vote, "chain-a", b"payload", &signature).is_err());
}

#[test]
fn bytes_cannot_move_between_chain_id_and_payload() {
    let secret = key(1);
    let signature = secret.sign(Domain::Vote, "ab", b"c");
    assert!(secret.public_key().verify(Domain::Vote, "a", b"bc", &signature).is_err());
}

/// A signature with the order-8 key and R accepted by ZIP-215 and refused by strict rules: single
/// and batch verification must say the same of it.
#[test]
fn single_and_batch_agree_on_small_order_points() {
    let small_order = crate::PublicKey([0; 32]);
    let signature = crate::Signature([0; 64]);
    let single = small_order.verify(Domain::Vote, "chain", b"x", &signature).is_ok();
    let mut batch = Batch::new();
    for seed in 0..8 {
        let secret = key(seed);
        let good = secret.sign(Domain::Vote, "chain", b"x");
        batch.push(Domain::Vote, "chain", b"x", &secret.public_key(), &good);
    }
    batch.push(Domain::Vote, "chain", b"x", &small_order, &signature);
    assert_eq!(batch.verify().last(), Some(&single));
}

#[test]
fn a_batch_names_the_bad_ones() {
    let mut batch = Batch::new();
    for seed in 0..40u8 {
        let secret = key(seed);
        let mut signature = secret.sign(Domain::Transaction, "chain", &[seed]);
        if seed % 13 == 5 {
            signature.0[0] ^= 1;
        }
        batch.push(Domain::Transaction, "chain", &[seed], &secret.public_key(), &signature);
    }
    let expected: Vec<bool> = (0..40u8).map(|seed| seed % 13 != 5).collect();
    assert_eq!(batch.verify(), expected);
}

#[test]
fn text_forms_round_trip_and_refuse_other_lengths() {
    let hash = crate::hash(Domain::Header, b"x");
    assert_eq!(hash.to_string().parse::<Hash>().unwrap(), hash);
    let error = "abcd".parse::<Hash>().unwrap_err();
    assert_eq!(error.to_string(), "a hash is 64 hexadecimal digits; got \"abcd\"");
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
                prop_assert!(proof.verify(&root, &leaves[index]));
                prop_assert!(!proof.verify(&root, &[index as u8, 8]));
                let mut moved = proof.clone();
                moved.index ^= 1;
                prop_assert!(!moved.verify(&root, &leaves[index]));
                let mut longer = proof.clone();
                longer.path.push(Hash::ZERO);
                prop_assert!(!longer.verify(&root, &leaves[index]));
                let mut wrong_root = root;
                wrong_root.0[flip] ^= 1;
                prop_assert!(!proof.verify(&wrong_root, &leaves[index]));
            }
        }
    }
}

proptest! {
    /// However long the bytes: those hashed at once give what those hashed in pieces give.
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
