use std::sync::Arc;

use ehb_state::StateStore;
use ehb_types::{Block, CommitCertificate, Hash, Header, PublicKey, Receipts, Signature};
use rocksdb::{CompactionDecision, IteratorMode};

use super::*;
use crate::kept::Kept;
use crate::{Commit, GenesisBlock, Opened, Options, Store};

#[test]
fn keys_of_entries_keep_their_order() {
    let keys: [&[u8]; 9] =
        [b"", b"\0", b"\0\0", b"\0\x01", b"a", b"a\0", b"a\0\0\0\0\0\0\0\0\x05", b"a\x01", b"b"];
    let mut found = Vec::new();
    for key in keys {
        for height in [0, 5, u64::MAX] {
            found.push(entry_key(key, height));
            assert_eq!(parse_entry(&entry_key(key, height)).unwrap(), (key.to_vec(), height));
        }
        assert!(entry_key(key, 7).starts_with(&entry_prefix(key)));
        assert!(entry_prefix(key).starts_with(&escaped(key)));
    }
    assert!(found.is_sorted());
    for damaged in [&b"a"[..], b"a\0\0", b"a\0\x01\0\0\0\0\0\0\0\0\0\x05"] {
        parse_entry(damaged).unwrap_err();
    }
}

/// Numbers that look random.
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

#[test]
fn a_page_is_reconstructed_from_its_differences() {
    let mut state = 1;
    let id = PageId::new(&[2, 7]).unwrap();
    let mut forms: Vec<Option<Vec<u8>>> = vec![None];
    for _ in 0..200 {
        let mut page = forms.last().unwrap().clone().unwrap_or_else(|| vec![3; 300]);
        match random(&mut state) % 8 {
            0 => page.truncate(page.len().saturating_sub(20).max(1)),
            1 => page.extend([1; 33]),
            _ => {
                for _ in 0..random(&mut state) % 40 {
                    let at = random(&mut state) % page.len();
                    page[at] = random(&mut state) as u8;
                }
            }
        }
        let is_gone = random(&mut state).is_multiple_of(20);
        forms.push((!is_gone).then_some(page));
    }
    let kept: Vec<Vec<u8>> = forms
        .windows(2)
        .enumerate()
        .map(|(height, pair)| {
            let mut encoded = Vec::new();
            let after = pair[1].as_deref().filter(|_| !is_whole(&id, height as u64));
            encode_page(&mut encoded, pair[0].as_deref(), after);
            encoded
        })
        .collect();
    assert!(kept.iter().filter(|form| is_difference(form)).count() > 100);
    let head = || Ok(forms.last().unwrap().clone());
    for at in 0..forms.len() {
        let later = &kept[at.min(kept.len())..];
        let whole = later.iter().position(|form| !is_difference(form));
        let read = &later[..whole.map_or(later.len(), |index| index + 1)];
        assert_eq!(page_before(read, head).unwrap(), forms[at], "form {at}");
    }
    page_before(&[vec![DIFFERENCE, 1, 0, 9]], || Ok(None)).unwrap_err();
    page_before(&[vec![DIFFERENCE, 1, 0, 9, 0, 1]], || Ok(Some(vec![0; 4]))).unwrap_err();
}

#[test]
fn compaction_drops_only_durably_released_history() {
    let kept = Arc::new(Kept::default());
    let filter = kept.filter();
    let dropped = |height: u64| {
        let key = entry_key(b"key", height);
        matches!(filter(0, &key, &[]), CompactionDecision::Remove)
    };
    kept.raise(10);
    assert!(!dropped(5), "a crash could bring back an older head");
    kept.sync();
    assert!(dropped(10) && !dropped(11));
    assert_eq!(kept.from(), 10);
    kept.raise(3);
    assert_eq!(kept.from(), 10);
}

const HISTORY_HEIGHTS: u64 = 10;

fn empty_changes() -> Changes {
    let page = |byte| PageId::new(&[2, byte]).unwrap();
    Changes {
        entries: vec![(b"changed".to_vec(), None), (b"kept".to_vec(), Some(vec![1]))],
        pages: vec![(page(1), None), (page(2), Some(Arc::from([1; 40])))],
        pages_before: Vec::new(),
        root_before: Hash::ZERO,
        root: Hash::ZERO,
    }
}

fn header(height: u64, parent: Hash) -> Header {
    Header {
        version: Header::VERSION,
        chain: Hash::ZERO,
        height,
        timestamp_ms: height,
        parent,
        round: 0,
        proposer: PublicKey([0; 32]),
        transactions_count: 0,
        transactions_root: Hash::ZERO,
        state_root: Hash::ZERO,
        receipts_count: 0,
        receipts_root: Hash::ZERO,
        validators: Hash::ZERO,
        next_validators: Hash::ZERO,
        certificate: Hash::ZERO,
        evidence: Hash::ZERO,
    }
}

#[expect(clippy::panic, reason = "a helper of tests")]
fn create(dir: &std::path::Path) -> Store {
    let options =
        Options { disk_reserve_bytes: 0, history_heights: HISTORY_HEIGHTS, ..Options::default() };
    let Opened::Empty(empty) = Store::open(dir, &options).unwrap() else {
        panic!("a new folder is empty")
    };
    let genesis = GenesisBlock {
        genesis: Hash::ZERO,
        header: &header(0, Hash::ZERO),
        receipts: &Receipts::default(),
        changes: &empty_changes(),
        validators: None,
        modules: &[],
    };
    empty.initialise(&genesis, None).unwrap()
}

/// Commits a block that changes one entry and one page.
fn grow(store: &Store, durable: bool) {
    let head = store.head();
    let header = header(head.height() + 1, head.hash);
    let (height, hash) = (header.height, header.hash());
    let bytes = height.to_le_bytes();
    let changes = Changes {
        entries: vec![(b"changed".to_vec(), Some(bytes.to_vec()))],
        pages: vec![(PageId::new(&[2, 1]).unwrap(), Some(Arc::from(bytes)))],
        ..empty_changes()
    };
    let block = Block {
        header,
        transactions: Vec::new(),
        certificate: None,
        evidence: Vec::new(),
        signature: Signature([0; 64]),
    };
    let certificate = CommitCertificate { height, round: 0, block: hash, signatures: Vec::new() };
    let commit = Commit {
        block: &block.into(),
        certificate: &certificate,
        receipts: &Receipts::default(),
        changes: &changes,
        validators: None,
        modules: &[],
        durable,
    };
    store.commit(&commit).unwrap();
}

/// Makes RocksDB compact the history; returns the heights whose entries and pages remain.
fn compact(store: &Store) -> [Vec<u64>; 2] {
    let database = store.database();
    [Family::EntryHistory, Family::PageHistory].map(|family| {
        let family = database.family(family).unwrap();
        database.raw().compact_range_cf(family, None::<&[u8]>, None::<&[u8]>);
        let left = database.raw().iterator_cf(family, IteratorMode::Start);
        left.map(|found| height_of(&found.unwrap().0).unwrap()).collect()
    })
}

#[test]
fn a_real_compaction_drops_the_history_that_is_too_old() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    (1..=25).for_each(|_| grow(&store, true));
    (26..=30).for_each(|_| grow(&store, false));
    assert_eq!(store.history_from(), 20);
    let heights = |from: u64| [(from..=30).collect::<Vec<_>>(), (from..=30).collect()];
    assert_eq!(compact(&store), heights(16), "history that the durable head at 25 needs stays");
    store.sync().unwrap();
    assert_eq!(compact(&store), heights(21));

    // Every kept height reads as before.
    for height in 20..=30 {
        let past = store.snapshot().at(height).unwrap();
        let bytes = Some(height.to_le_bytes().to_vec());
        assert_eq!(past.get(b"changed").unwrap(), bytes);
        assert_eq!(past.page(&PageId::new(&[2, 1]).unwrap()).unwrap(), bytes);
        assert_eq!(past.get(b"kept").unwrap(), Some(vec![1]));
    }
}
