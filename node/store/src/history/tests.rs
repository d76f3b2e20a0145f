//! The encoding of history, and merging its runs.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::chunk::{ChunkReader, ChunkWriter};
use super::merge::{RUNS_MERGED, due};
use super::run::Run;
use super::tail::Tail;
use super::{key, record};
use crate::varint;

#[test]
fn keys_of_entries_keep_their_order() {
    let keys: [&[u8]; 9] =
        [b"", b"\0", b"\0\0", b"\0\x01", b"a", b"a\0", b"a\0\0\0\0\0\0\0\0\x05", b"a\x01", b"b"];
    let mut found = Vec::new();
    for entry in keys {
        let of = key::entry(entry);
        for height in [0, 5, u64::MAX] {
            found.push(key::at(&of, height));
            assert_eq!(key::split(found.last().unwrap()).unwrap(), (of.as_slice(), height));
        }
        assert_eq!(key::parse_entry(&of).unwrap(), entry);
        assert!(of.starts_with(&key::entries(entry)));
    }
    assert!(found.is_sorted());
    for damaged in [&b"ea"[..], b"a\0\0", b"ea\0", b"ea\0\x01\0\0"] {
        key::parse_entry(damaged).unwrap_err();
    }
    key::split(b"short").unwrap_err();
}

proptest! {
    #[test]
    fn a_chunk_reads_back(items in prop::collection::btree_map(
        prop::collection::vec(0u8..3, 0..12), prop::collection::vec(any::<u8>(), 0..200), 0..40,
    )) {
        let mut chunk = ChunkWriter::default();
        items.iter().for_each(|(key, value)| chunk.push(key, value));
        let mut reader = ChunkReader::default();
        reader.enter(chunk.bytes());
        let mut found = BTreeMap::new();
        while reader.step().unwrap() {
            let (key, value) = reader.item();
            found.insert(key.to_vec(), value.to_vec());
        }
        prop_assert_eq!(found, items);
    }

    /// Damaged chunks and records are an error or others, never a panic.
    #[test]
    fn any_bytes_may_be_a_chunk_or_a_record(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut reader = ChunkReader::default();
        reader.enter(&bytes);
        while reader.step().is_ok_and(|more| more) {}
        let mut tail = Tail::default();
        tail.push(1, bytes.clone());
        let is_whole = record::check(1, &bytes).is_ok();
        prop_assert_eq!(tail.find(b"k", 0).is_ok(), is_whole);
        prop_assert_eq!(tail.sorted(0).is_ok(), is_whole);
        prop_assert_eq!(tail.first_of_each(b"k", 0).is_ok(), is_whole);
        let _ = record::decode_entry(&bytes);
    }

    #[test]
    fn the_newest_blocks_are_found_by_key_and_in_order(
        blocks in prop::collection::vec(prop::collection::btree_map(0u8..12, any::<u8>(), 0..8), 0..20),
        above in 0u64..20,
    ) {
        let mut tail = Tail::default();
        let mut all = Vec::new();
        for (height, block) in (1..).zip(&blocks) {
            let mut record = Vec::new();
            for (key, value) in block {
                for bytes in [&[b'k', *key][..], &[*value]] {
                    varint::push(&mut record, bytes.len() as u64);
                    record.extend_from_slice(bytes);
                }
                all.push((vec![b'k', *key], height, vec![*value]));
            }
            record::check(height, &record).unwrap();
            tail.push(height, record);
        }
        all.retain(|(_, height, _)| *height > above);
        all.sort();
        let sorted: Vec<_> = tail
            .sorted(above)
            .unwrap()
            .into_iter()
            .map(|(height, (key, value))| (key.to_vec(), height, value.to_vec()))
            .collect();
        prop_assert_eq!(&sorted, &all);
        let first = tail.first_of_each(b"k", above).unwrap();
        prop_assert!(tail.first_of_each(b"other", above).unwrap().is_empty());
        for number in 0..12 {
            let key = [b'k', number];
            let of_key: Vec<_> = all.iter().filter(|(of, _, _)| *of == key).collect();
            let value = |it: &&(Vec<u8>, u64, Vec<u8>)| (it.1, it.2.clone());
            let values: Vec<(u64, Vec<u8>)> = of_key.iter().map(value).collect();
            let found = tail.find(&key, above).unwrap();
            let found: Vec<_> = found.into_iter().map(|(at, value)| (at, value.to_vec())).collect();
            prop_assert_eq!(found, values);
            let expected = of_key.first().map(|(_, height, value)| (*height, value.as_slice()));
            prop_assert_eq!(first.get(&key[..]).copied(), expected);
        }
    }
}

#[test]
fn neighbouring_runs_of_one_level_are_merged() {
    let run = |index: u64, level| Run { first: 10 * index + 1, last: 10 * index + 10, level };
    let runs = |levels: &[u8]| (0..).zip(levels).map(|(at, it)| run(at, *it)).collect::<Vec<_>>();
    let is_due = |levels: &[u8], heights| due(&runs(levels), heights).map(<[Run]>::len);
    assert_eq!(is_due(&[0; RUNS_MERGED - 1], u64::MAX), None);
    assert_eq!(is_due(&[0; RUNS_MERGED], u64::MAX), Some(RUNS_MERGED));
    assert_eq!(is_due(&[2, 0, 0, 0, 0, 0, 0, 0, 0], u64::MAX), Some(RUNS_MERGED));
    assert_eq!(is_due(&[0, 0, 0, 1, 0, 0, 0, 0], u64::MAX), None);
    // Eighty heights are at most a quarter of what is kept.
    assert_eq!(is_due(&[0; RUNS_MERGED], 320), Some(RUNS_MERGED));
    assert_eq!(is_due(&[0; RUNS_MERGED], 319), None);
    assert_eq!(is_due(&[], u64::MAX), None);
}
