//! A damaged store leads to errors: no panic, no wrong proof, no wrong root.

use std::collections::BTreeMap;

use ehb_crypto::Hash;
use expect_test::expect;
use proptest::prelude::*;

use super::{Chain, bytes_of, key, ledger, position_of, set};
use crate::tree::page::{CHECKSUM_BYTES, PageWriter, checksum};
use crate::tree::position::Position;
use crate::tree::view::View;
use crate::{Changes, PageId, StoreError, Tree, prove};

const ENTRIES: u32 = 120;

/// A chain with its pages.
fn chain() -> (Chain, Vec<PageId>) {
    let mut chain = Chain::new(0);
    let pages = chain.update(set(&ledger(ENTRIES))).pages;
    let ids = pages.into_iter().map(|(id, _)| id).collect();
    (chain, ids)
}

/// Proves every entry on a store whose page `id` has other bytes: a proof is right, or an error.
fn prove_all(chain: &Chain, id: &PageId, bytes: Option<&[u8]>) -> Vec<StoreError> {
    let mut store = chain.store.clone();
    let pages = vec![(*id, bytes.map(Into::into))];
    store.apply(&Changes { pages, ..Changes::default() });
    let mut errors = Vec::new();
    for (key, value) in ledger(ENTRIES) {
        match prove(&store, chain.root, &key) {
            Ok(proof) => assert!(proof.verify(&chain.root, &key, Some(&value))),
            Err(error) => errors.push(error),
        }
    }
    errors
}

/// Changes every entry on such a store.
fn update_all(chain: &Chain, id: &PageId, bytes: Option<&[u8]>) -> Result<Changes, StoreError> {
    let mut store = chain.store.clone();
    let pages = vec![(*id, bytes.map(Into::into))];
    store.apply(&Changes { pages, ..Changes::default() });
    let all: BTreeMap<_, _> = (0..ENTRIES).map(|i| (key(i), Some(vec![1]))).collect();
    Tree::default().update(&store, chain.root, all.into_iter().collect())
}

#[test]
fn each_flipped_bit_is_detected() {
    let (chain, ids) = chain();
    for id in &ids[..4] {
        let good = bytes_of(&chain.store, id);
        for index in 0..good.len() {
            let mut bytes = good.clone();
            bytes[index] ^= 1 << (index % 8);
            assert!(!prove_all(&chain, id, Some(&bytes)).is_empty(), "byte {index} of {id}");
            assert!(update_all(&chain, id, Some(&bytes)).is_err(), "byte {index} of {id}");
        }
    }
}

/// An attacker who can write to the store can forge the checksum. Proofs are right even then.
#[test]
fn a_forged_page_proves_nothing() {
    let (chain, ids) = chain();
    let hashes = hashes(&chain, &ids);
    for (id, hash) in ids.iter().zip(hashes).take(4) {
        let good = bytes_of(&chain.store, id);
        for index in CHECKSUM_BYTES..good.len() {
            let mut bytes = good.clone();
            bytes[index] ^= 1 << (index % 8);
            let checksum = checksum(&bytes[CHECKSUM_BYTES..], &hash);
            bytes[..CHECKSUM_BYTES].copy_from_slice(&checksum);
            assert!(!prove_all(&chain, id, Some(&bytes)).is_empty(), "byte {index} of {id}");
            // Here the node's own root may become wrong, which the others' headers show.
            let _ = update_all(&chain, id, Some(&bytes));
        }
    }
}

/// The hash of each page's subtree.
fn hashes(chain: &Chain, ids: &[PageId]) -> Vec<Hash> {
    let rebuilt = |id: &PageId| {
        let (at, bytes) = (position_of(id), bytes_of(&chain.store, id));
        let page = match View::of(&at, &bytes).unwrap() {
            View::Leaves(page) => {
                PageWriter::default().leaves(&at, &page.all().collect::<Vec<_>>())
            }
            View::Children(page) => PageWriter::default().children(&page.children(), &[None; 4]),
        };
        assert_eq!(*page.bytes, *bytes);
        page.subtree.hash
    };
    ids.iter().map(rebuilt).collect()
}

#[test]
fn a_page_cut_extended_exchanged_or_missing_is_noticed() {
    let (chain, ids) = chain();
    let good = bytes_of(&chain.store, &ids[1]);
    for count in 0..good.len() {
        assert!(!prove_all(&chain, &ids[1], Some(&good[..count])).is_empty());
        assert!(update_all(&chain, &ids[1], Some(&good[..count])).is_err());
    }
    let other = bytes_of(&chain.store, &ids[2]);
    let longer = [good.as_slice(), &[0]].concat();
    let errors: String = [Some(longer.as_slice()), Some(&other), None]
        .into_iter()
        .map(|bytes| {
            let error = update_all(&chain, &ids[1], bytes).unwrap_err();
            assert!(prove_all(&chain, &ids[1], bytes).contains(&error));
            format!("{error}\n")
        })
        .collect();
    expect![[r#"
        the state store failed: page 0100 of the state tree is damaged: its checksum is not that of the page expected
        the state store failed: page 0100 of the state tree is damaged: its checksum is not that of the page expected
        the state store failed: page 0100 of the state tree is damaged: it is missing
    "#]].assert_eq(&errors);
}

proptest! {
    /// Whatever the bytes, reading answers; what it accepts has one encoding.
    #[test]
    fn garbage_is_refused_or_means_itself(
        garbage in any::<Vec<u8>>(),
        slots in prop::collection::vec(0usize..16, 0..=64),
        flips in prop::collection::vec((CHECKSUM_BYTES..600, any::<u8>()), 0..3),
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
            let Ok(view) = View::of(&at, &bytes) else { continue };
            if view.check_form(&at).is_err() {
                continue;
            }
            let mut pages = PageWriter::default();
            let page = match view {
                View::Leaves(page) => {
                    let mut writer = pages.begin_leaves(&at);
                    page.all().for_each(|leaf| writer.put(&leaf));
                    writer.finish(&page.counts(), &page.known())
                }
                View::Children(page) => {
                    let children = page.children();
                    pages.children(&children, &page.known(&children))
                }
            };
            prop_assert_eq!(&page.bytes[CHECKSUM_BYTES..], &bytes[CHECKSUM_BYTES..]);
        }
    }
}
