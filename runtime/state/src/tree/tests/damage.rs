//! A damaged store gives errors: no panic, no wrong proof.

use expect_test::expect;
use proptest::prelude::*;

use super::{Chain, bytes_of, key, ledger, position_of, set};
use crate::tree::encoding::{decode, encode};
use crate::tree::position::Position;
use crate::{Changes, PageId, Tree, prove};

const ENTRIES: u32 = 120;

/// A chain with its pages.
fn chain() -> (Chain, Vec<PageId>) {
    let mut chain = Chain::new(0);
    let pages = chain.update(set(&ledger(ENTRIES))).pages;
    let ids = pages.into_iter().map(|(id, _)| id).collect();
    (chain, ids)
}

/// Proves and updates every entry on a store whose page `id` reads `bytes`.
fn check(chain: &Chain, id: &PageId, bytes: Option<Vec<u8>>) -> Vec<String> {
    let mut store = chain.store.clone();
    store.apply(&Changes { pages: vec![(id.clone(), bytes)], ..Changes::default() });
    let mut errors = Vec::new();
    for (key, value) in ledger(ENTRIES) {
        match prove(&store, chain.root, &key) {
            Ok(proof) => assert!(proof.verify(&chain.root, &key, Some(&value))),
            Err(error) => errors.push(error.to_string()),
        }
    }
    let all = (0..ENTRIES).map(|i| (key(i), None)).collect::<std::collections::BTreeMap<_, _>>();
    let removed = Tree::default().update(&store, chain.root, all.into_iter().collect());
    if let Ok(changes) = removed {
        assert_eq!(changes.root, ehb_crypto::Hash::ZERO);
    }
    errors
}

#[test]
fn each_flipped_bit_is_noticed_by_the_proofs_it_concerns() {
    let (chain, ids) = chain();
    for id in ids.iter().take(4) {
        let good = bytes_of(&chain.store, id);
        for index in 0..good.len() {
            let mut bytes = good.clone();
            bytes[index] ^= 1 << (index % 8);
            assert_ne!(
                check(&chain, id, Some(bytes)),
                Vec::<String>::new(),
                "byte {index} of {id}"
            );
        }
    }
}

#[test]
fn a_page_cut_extended_exchanged_or_missing_is_noticed() {
    let (chain, ids) = chain();
    let good = bytes_of(&chain.store, &ids[1]);
    let first_error = |bytes| check(&chain, &ids[1], bytes).into_iter().next();
    for count in 0..good.len() {
        assert!(first_error(Some(good[..count].to_vec())).is_some());
    }
    let found = [
        first_error(Some([good.clone(), vec![0]].concat())),
        first_error(Some(bytes_of(&chain.store, &ids[2]))),
        first_error(None),
    ];
    expect![[r#"
        [
            Some(
                "the state store failed: page 0100 of the state tree is damaged: bytes follow its end",
            ),
            Some(
                "the state store failed: page 0100 of the state tree is damaged: a leaf belongs elsewhere",
            ),
            Some(
                "the state store failed: page 0100 of the state tree is damaged: it is missing",
            ),
        ]
    "#]].assert_debug_eq(&found);
}

proptest! {
    /// Whatever the bytes, decoding answers; what it accepts has one encoding.
    #[test]
    fn garbage_is_refused_or_means_itself(
        garbage in any::<Vec<u8>>(),
        slots in prop::collection::vec(0usize..16, 0..=64),
        flips in prop::collection::vec((0usize..600, any::<u8>()), 0..3),
        page in 0usize..8,
    ) {
        let position = slots.iter().fold(Position::ROOT, |position, slot| position.child(*slot));
        let (chain, ids) = chain();
        let mut bytes = bytes_of(&chain.store, &ids[page]);
        for (index, value) in flips {
            let length = bytes.len();
            bytes[index % length] = value;
        }
        for (at, bytes) in [(position, garbage), (position_of(&ids[page]), bytes)] {
            if let Ok(page) = decode(&at, &bytes) {
                prop_assert_eq!(encode(&at, &page), bytes);
            }
        }
    }
}
