//! The root and the pages are functions of the entries alone.

use std::collections::BTreeMap;

use ehb_crypto::Hash;
use expect_test::expect;
use proptest::prelude::*;

use super::{Chain, LeafChange, ledger, position_of, reference, reference_of, set};
use crate::CACHE_BYTES_MAX;
use crate::tree::position::Position;

/// Paths that agree for long, so that few leaves make deep trees: each byte of the seed decides one
/// half byte of the path, from the first level to the last.
fn path(seed: [u8; 4]) -> Hash {
    let mut path = Hash::ZERO;
    for (byte, seed) in [0, 1, 16, 31].into_iter().zip(seed) {
        path.0[byte] = seed;
    }
    path
}

fn seeds() -> impl Strategy<Value = [u8; 4]> {
    (0u8..3, prop_oneof![Just(0u8), any::<u8>()], 0u8..2, prop_oneof![0u8..40, Just(255u8)])
        .prop_map(|(first, second, middle, last)| [first, second, middle, last])
}

pub(super) fn batches() -> impl Strategy<Value = Vec<BTreeMap<[u8; 4], Option<u8>>>> {
    let batch = prop::collection::btree_map(seeds(), prop::option::weighted(0.6, 0u8..3), 0..120);
    prop::collection::vec(batch, 1..8)
}

pub(super) fn changes(batch: &BTreeMap<[u8; 4], Option<u8>>) -> Vec<LeafChange> {
    let value = |value: u8| Hash([value; 32]);
    batch
        .iter()
        .map(|(seed, new)| LeafChange { path: path(*seed), value: new.map(value) })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// However the entries came about, with whatever is remembered, and with updates computed and
    /// thrown away in between: root and pages are those of a tree built at once.
    #[test]
    fn any_history_results_in_the_tree_of_its_entries(
        batches in batches(),
        thrown_away in batches(),
        cache_bytes_max in prop_oneof![Just(0), Just(5_000), Just(CACHE_BYTES_MAX)],
    ) {
        let mut chain = Chain::new(cache_bytes_max);
        let mut model = BTreeMap::new();
        for (index, batch) in batches.iter().enumerate() {
            if let Some(batch) = thrown_away.get(index) {
                chain.tree.compute(&chain.store, &chain.root, &changes(batch)).unwrap();
            }
            let changes = changes(batch);
            for change in &changes {
                match change.value {
                    Some(value) => model.insert(change.path, value),
                    None => model.remove(&change.path),
                };
            }
            chain.update_leaves(&changes);
            prop_assert_eq!(chain.root, reference(&model));
            prop_assert!(chain.tree.cache_bytes() <= cache_bytes_max);
        }
        let mut fresh = Chain::new(0);
        let all: Vec<_> =
            model.iter().map(|(path, value)| LeafChange { path: *path, value: Some(*value) }).collect();
        fresh.update_leaves(&all);
        prop_assert_eq!(fresh.root, chain.root);
        prop_assert_eq!(&fresh.store, &chain.store);
        let none: Vec<_> = model.keys().map(|path| LeafChange { path: *path, value: None }).collect();
        chain.update_leaves(&none);
        prop_assert_eq!(chain.root, Hash::ZERO);
        prop_assert_eq!(chain.store.pages(), 0);
    }

    #[test]
    fn positions_and_their_ids_agree(slots in prop::collection::vec(0usize..16, 0..=64)) {
        let mut position = Position::ROOT;
        for slot in &slots {
            let child = position.child(*slot);
            prop_assert!(child > position && child.id() > position.id());
            position = child;
        }
        prop_assert_eq!(position_of(&position.id()), position);
        prop_assert_eq!(position.depth(), 4 * slots.len());
    }
}

#[test]
fn a_ledger_grows_and_shrinks_by_blocks() {
    let mut chain = Chain::new(CACHE_BYTES_MAX);
    let mut model = BTreeMap::new();
    for block in 0..20u32 {
        let entries: BTreeMap<_, _> = (0..500u32)
            .map(|i| (i * 7919 + block * 104_729) % 6_000)
            .map(|i| (super::key(i), (i % 5 > 0 || block < 10).then(|| vec![block as u8; 40])))
            .collect();
        for (key, value) in &entries {
            match value {
                Some(value) => model.insert(key.clone(), value.clone()),
                None => model.remove(key),
            };
        }
        chain.update(entries.into_iter().collect());
        assert_eq!(chain.root, reference_of(&model), "block {block}");
    }
    let mut fresh = Chain::new(0);
    fresh.update(set(&model));
    assert_eq!(fresh.store, chain.store);
}

#[test]
fn updates_on_one_state_do_not_disturb_each_other() {
    let mut chain = Chain::new(CACHE_BYTES_MAX);
    chain.update(set(&ledger(3_000)));
    let block = |value: u8| {
        (0..300).map(|i| (super::key(i), Some(vec![value]))).collect::<BTreeMap<_, _>>()
    };
    let proposals: Vec<_> = (0..6)
        .map(|value| {
            let entries = block(value).into_iter().collect();
            chain.tree.update(&chain.store, chain.root, entries).unwrap()
        })
        .collect();
    let mut others = (chain.store.clone(), chain.root);
    chain.commit(&proposals[0]);
    let next = chain.update(vec![(super::key(1), None)]);
    let mut model = ledger(3_000);
    model.extend(block(0).into_iter().filter_map(|(key, value)| Some((key, value?))));
    model.remove(&super::key(1));
    assert_eq!(next.root, reference_of(&model));
    // The same tree can serve a store that took another turn.
    others.0.apply(&proposals[5]);
    others.1 = proposals[5].root;
    let other = chain.tree.update(&others.0, others.1, vec![(super::key(1), None)]).unwrap();
    assert_ne!(other.root, next.root);
    let again = Chain::new(0).tree.update(&others.0, others.1, vec![(super::key(1), None)]);
    assert_eq!(again.unwrap(), other);
}

#[test]
fn a_change_that_changes_nothing_writes_nothing() {
    let mut chain = Chain::new(CACHE_BYTES_MAX);
    let entries = ledger(1_000);
    chain.update(set(&entries));
    let (root, store) = (chain.root, chain.store.clone());
    let same = chain.update(set(&entries));
    assert_eq!((same.root, same.pages), (root, Vec::new()));
    let absent = chain.update(vec![(b"nobody".to_vec(), None)]);
    assert_eq!((absent.root, absent.pages), (root, Vec::new()));
    assert_eq!(chain.store, store);
}

#[test]
fn a_key_twice_is_refused() {
    let entries = vec![(b"a".to_vec(), None), (b"a".to_vec(), Some(vec![1]))];
    let mut chain = Chain::new(0);
    let error = chain.tree.update(&chain.store, chain.root, entries).unwrap_err();
    expect!["the state store failed: a key occurs twice in one update of the state tree"]
        .assert_eq(&error.to_string());
}

/// The tree's hashes and the pages' bytes are formats: a change of theirs is a change of the chain.
#[test]
fn roots_and_pages_keep_their_form() {
    let fingerprint = |count: u32| {
        let mut chain = Chain::new(0);
        let pages = chain.update(set(&ledger(count))).pages;
        let bytes: Vec<u8> = pages
            .iter()
            .flat_map(|(id, page)| [id.as_bytes(), page.as_ref().unwrap()].concat())
            .collect();
        let hash = ehb_crypto::hash(ehb_crypto::Domain::Genesis, &bytes);
        format!("{count} {} {} pages {} bytes {hash}\n", chain.root, pages.len(), bytes.len())
    };
    let found: String = [0, 1, 2, 16, 17, 1_000].into_iter().map(fingerprint).collect();
    expect![[r#"
        0 0000000000000000000000000000000000000000000000000000000000000000 0 pages 0 bytes 662e46a6ad2321ee8b077e60114f91e467ccd50d560ecd9387c7a547183c4260
        1 c915138aebebe2bfa7c2614da202dcba659a1fd5026bc51a641ac12656f63630 1 pages 73 bytes c6fc042d9b4bdb42d200ee9d0c2ad54189f6065daf0b21b02a31c3bb01008ba3
        2 89193e556a75de134c1d0b107f0589de8046fbac5713e51a69bd8b14c79cf126 1 pages 137 bytes 454142d8aad92ee2778dd8ecc17a41ef9e3be296f866067406ed365667731146
        16 0a121d2a9e3fcd7ac78ce426ec5bed567672f31f071a3c6362f957a9ee157603 1 pages 1161 bytes 7f051f3f581835082e89a42f7f6a34de50cee338d18de06d91a5e42a289d77a8
        17 be212e00b9e38a9df5db4bac38e52d76af1b3d503ccd3048952bb958be8c11a1 1 pages 1225 bytes a8edf5d7c2d850174783bc42db5399edae8bcd763d31a5110f3d0b6dd8b5d385
        1000 01b7c2ff1c85041d8fd2260318368818f25506103c59c1e059318c4e895a3273 269 pages 85108 bytes 189539ae75bdaaf5c9980bdf94ce974fe835040aadb7d63f8fa79ef6aafe81c2
    "#]].assert_eq(&found);
}
