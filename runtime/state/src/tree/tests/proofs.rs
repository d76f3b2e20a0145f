//! Proofs of presence and absence, and forged ones.

use std::collections::BTreeMap;

use ehb_crypto::Hash;
use expect_test::expect;
use proptest::prelude::*;

use super::{Chain, LeafChange, key, ledger, set};
use crate::tree::node::{leaf_hash, path_of, value_hash};
use crate::tree::proof::prove_path;
use crate::{OtherLeaf, PROOF_SIBLINGS_MAX, StateProof, prove};

/// A chain of `count` entries, of which those with odd numbers were removed again.
fn chain(count: u32) -> Chain {
    let mut chain = Chain::new(0);
    let entries = ledger(count);
    chain.update(set(&entries));
    let odd: BTreeMap<_, _> = (0..count).filter(|i| i % 2 == 1).map(|i| (key(i), None)).collect();
    chain.update(odd.into_iter().collect());
    chain
}

fn value(i: u32) -> Option<Vec<u8>> {
    i.is_multiple_of(2).then(|| i.to_le_bytes().repeat(3))
}

#[test]
fn presence_and_absence_are_proved_and_nothing_else() {
    for count in [0, 1, 2, 3, 17, 40, 2_000] {
        let chain = chain(count);
        for i in (0..count + 20).step_by(count as usize / 100 + 1) {
            let value = value(i).filter(|_| i < count);
            let proof = prove(&chain.store, chain.root, &key(i)).unwrap();
            assert!(proof.verify(&chain.root, &key(i), value.as_deref()), "{i} of {count}");
            let lie = match value {
                Some(_) => None,
                None => Some(b"money".as_slice()),
            };
            assert!(!proof.verify(&chain.root, &key(i), lie));
            assert!(!proof.verify(&chain.root, &key(i), Some(b"")));
            assert!(!proof.verify(&Hash([7; 32]), &key(i), value.as_deref()));
        }
    }
}

#[test]
fn a_proof_speaks_for_its_own_key_only() {
    let chain = chain(500);
    for i in 0..40 {
        let proof = prove(&chain.store, chain.root, &key(i)).unwrap();
        for other in (0..40).filter(|other| *other != i) {
            // The value of the key that the proof was made for, and of the one asked about.
            assert!(!proof.verify(&chain.root, &key(other), value(i).as_deref().or(Some(b"x"))));
            assert!(value(other).is_none() || !proof.verify(&chain.root, &key(other), None));
        }
    }
}

/// Every way to change a proof: each field, each bit of a hash, order and number of the siblings.
fn forgeries(proof: &StateProof) -> Vec<StateProof> {
    let mut forged = Vec::new();
    let mut change = |change: &dyn Fn(&mut StateProof)| {
        let mut copy = proof.clone();
        change(&mut copy);
        if copy != *proof {
            forged.push(copy);
        }
    };
    let depth = proof.siblings.len();
    for i in 0..depth {
        change(&|proof| {
            proof.siblings.remove(i);
        });
        change(&|proof| proof.siblings[i].0[i % 32] ^= 1);
        change(&|proof| proof.siblings[i] = Hash::ZERO);
        change(&|proof| proof.siblings.swap(i, (i + 1) % depth));
    }
    for i in 0..=depth {
        change(&|proof| proof.siblings.insert(i, Hash::ZERO));
        change(&|proof| proof.siblings.truncate(i));
    }
    change(&|proof| proof.siblings.reverse());
    change(&|proof| proof.siblings.resize(PROOF_SIBLINGS_MAX, Hash::ZERO));
    change(&|proof| proof.siblings.resize(PROOF_SIBLINGS_MAX + 1, Hash::ZERO));
    change(&|proof| proof.other = None);
    change(&|proof| proof.other = Some(OtherLeaf { key: Hash::ZERO, value: Hash::ZERO }));
    change(&|proof| {
        if let Some(other) = &mut proof.other {
            other.key.0[31] ^= 1;
        }
    });
    change(&|proof| {
        if let Some(other) = &mut proof.other {
            other.value.0[0] ^= 1;
        }
    });
    forged
}

#[test]
fn every_malleation_is_refused() {
    let chain = chain(300);
    for i in 0..200 {
        let value = value(i);
        let proof = prove(&chain.store, chain.root, &key(i)).unwrap();
        for forged in forgeries(&proof) {
            assert!(!forged.verify(&chain.root, &key(i), value.as_deref()), "{forged:?}");
            assert!(!forged.verify(&chain.root, &key(i), None), "{forged:?}");
        }
    }
}

#[test]
fn absence_of_a_present_key_cannot_be_forged() {
    let chain = chain(300);
    let present = key(10);
    let proof = prove(&chain.store, chain.root, &present).unwrap();
    let own = OtherLeaf { key: path_of(&present), value: value_hash(&value(10).unwrap()) };
    // The key's own leaf offered as another's.
    let forged = StateProof { other: Some(own), ..proof.clone() };
    assert!(!forged.verify(&chain.root, &present, None));
    // Another key's leaf, with the way to it.
    for i in (0..100).filter(|i| i % 2 == 0 && *i != 10) {
        let siblings = prove(&chain.store, chain.root, &key(i)).unwrap().siblings;
        let leaf = OtherLeaf { key: path_of(&key(i)), value: value_hash(&value(i).unwrap()) };
        let forged = StateProof { siblings, other: Some(leaf) };
        assert!(!forged.verify(&chain.root, &present, None));
    }
    // An inner node offered as the end: the root itself, and each node on the way.
    for kept in 0..=proof.siblings.len() {
        let siblings = proof.siblings[kept..].to_vec();
        assert!(!StateProof { siblings, other: None }.verify(&chain.root, &present, None));
    }
    // The empty proof, as for an empty tree.
    let empty = StateProof { siblings: Vec::new(), other: None };
    assert!(empty.verify(&Hash::ZERO, &present, None));
    assert!(!empty.verify(&Hash::ZERO, &present, Some(b"")));
    assert!(!empty.verify(&chain.root, &present, None));
}

/// A leaf is not an inner node, even when its two halves are the children of one.
#[test]
fn leaves_and_inner_nodes_are_not_confused() {
    let (left, right) = (path_of(b"a"), value_hash(b"b"));
    let inner = crate::tree::node::node_hash(&left, &right);
    assert_ne!(inner, leaf_hash(&left, &right));
    let forged =
        StateProof { siblings: Vec::new(), other: Some(OtherLeaf { key: left, value: right }) };
    assert!(!forged.verify(&inner, b"c", None));
    // A value that spells a leaf or node is hashed as a value.
    let spelled = [left.0, right.0].concat();
    assert_ne!(value_hash(&spelled), inner);
    assert_ne!(value_hash(&spelled), leaf_hash(&left, &right));
}

#[test]
fn proofs_have_one_form() {
    let chain = chain(4);
    let proof = prove(&chain.store, chain.root, &key(1)).unwrap();
    expect![[r#"
        {
          "siblings": [
            "56b757847131cd335e60fd525b6283a4f5ed9f2dc36afdf31a2483628596f2c3",
            "0000000000000000000000000000000000000000000000000000000000000000"
          ],
          "other": null
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&proof).unwrap());
    let json = serde_json::to_string(&proof).unwrap();
    assert_eq!(serde_json::from_str::<StateProof>(&json).unwrap(), proof);
    assert!(
        serde_json::from_str::<StateProof>(&json.replace("\"other\"", "\"more\":1,\"other\""))
            .is_err()
    );
    let bytes = borsh::to_vec(&proof).unwrap();
    assert_eq!(borsh::from_slice::<StateProof>(&bytes).unwrap(), proof);
    assert!(borsh::from_slice::<StateProof>(&[bytes, vec![0]].concat()).is_err());
    // A length that the bytes do not hold allocates nothing.
    assert!(borsh::from_slice::<StateProof>(&[255; 8]).is_err());
}

#[test]
fn a_store_of_another_height_returns_no_proof() {
    let mut chain = chain(300);
    let before = chain.root;
    chain.update(vec![(key(0), Some(vec![1]))]);
    assert!(prove(&chain.store, before, &key(0)).is_err());
    assert!(chain.tree.update(&chain.store, before, vec![(key(1), None)]).is_err());
    assert!(chain.tree.update(&chain.store, Hash::ZERO, vec![(key(1), None)]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Deep trees, whose leaves differ in the last levels only, have proofs too.
    #[test]
    fn deep_paths_are_proved(
        seeds in prop::collection::btree_map((0u8..2, 0u8..3, any::<u8>()), 1u8..4, 0..60),
        asked in prop::collection::vec((0u8..2, 0u8..3, any::<u8>()), 1..20),
    ) {
        let path = |seed: &(u8, u8, u8)| {
            let mut path = Hash::ZERO;
            (path.0[0], path.0[20], path.0[31]) = (seed.0 << 7, seed.1, seed.2);
            path
        };
        let leaves: Vec<_> = seeds
            .iter()
            .map(|(seed, value)| LeafChange { path: path(seed), value: Some(Hash([*value; 32])) })
            .collect();
        let mut chain = Chain::new(0);
        chain.update_leaves(&leaves);
        for seed in asked.iter().chain(seeds.keys()) {
            let proof = prove_path(&chain.store, chain.root, &path(seed)).unwrap();
            let value = seeds.get(seed).map(|value| Hash([*value; 32]));
            prop_assert!(proof.verify_path(&chain.root, &path(seed), value));
            prop_assert!(!proof.verify_path(&chain.root, &path(seed), Some(Hash([9; 32]))));
            prop_assert!(value.is_none() || !proof.verify_path(&chain.root, &path(seed), None));
        }
        for seed in &asked[..1] {
            let proof = prove_path(&chain.store, chain.root, &path(seed)).unwrap();
            let value = seeds.get(seed).map(|value| Hash([*value; 32]));
            for forged in forgeries(&proof) {
                prop_assert!(!forged.verify_path(&chain.root, &path(seed), value));
            }
        }
    }
}
