//! Sets of key ranges that are known to be empty.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Gaps, successor};

fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(0u8..3, 0..3)
}

/// All keys that a test can ask for, ascending.
fn keys() -> BTreeSet<Vec<u8>> {
    let mut keys = BTreeSet::from([Vec::new()]);
    for _ in 0..3 {
        let longer: Vec<_> = keys
            .iter()
            .flat_map(|key| (0u8..3).map(move |byte| [&key[..], &[byte]].concat()))
            .collect();
        keys.extend(longer);
    }
    keys
}

#[derive(Clone, Debug)]
enum Step {
    Learn(Vec<u8>, Vec<u8>),
    Split(Vec<u8>),
}

proptest! {
    /// The ranges contain exactly the keys that were learned and not written since.
    #[test]
    fn ranges_are_a_set_of_keys(
        steps in prop::collection::vec(
            prop_oneof![(key(), key()).prop_map(|(a, b)| Step::Learn(a, b)), key().prop_map(Step::Split)],
            0..20,
        ),
    ) {
        let mut gaps = Gaps::new(usize::MAX);
        let mut model = BTreeSet::new();
        for step in steps {
            match step {
                Step::Learn(start, end) => {
                    model.extend(keys().into_iter().filter(|key| *key >= start && *key < end));
                    gaps.learn(start, end, 0);
                }
                Step::Split(key) => {
                    model.remove(&key);
                    gaps.split(&key);
                }
            }
            for key in keys() {
                let around = gaps.around(&key);
                prop_assert_eq!(around.is_some(), model.contains(&key), "{:?}", key);
                let ahead = gaps.ahead(&key).map(|(start, gap)| (start.to_vec(), gap.end.clone()));
                let next = model.range(key.clone()..).next();
                match (ahead, next) {
                    (Some((start, end)), Some(next)) => {
                        prop_assert!(start <= *next && *next < end);
                        prop_assert!(around.is_none_or(|gap| gap.end == end));
                    }
                    // A range may hold no key that is this short.
                    (_, None) => {}
                    (None, Some(next)) => prop_assert!(false, "{next:?} is in a range"),
                }
            }
        }
        let bytes: usize = gaps.ranges.iter().map(|(start, gap)| super::bytes(start, gap)).sum();
        prop_assert_eq!(gaps.bytes, bytes);
    }
}

#[test]
fn ranges_that_meet_are_one() {
    let mut gaps = Gaps::new(usize::MAX);
    gaps.learn(b"b".to_vec(), b"d".to_vec(), 3);
    gaps.learn(b"f".to_vec(), b"h".to_vec(), 7);
    gaps.learn(b"d".to_vec(), b"f".to_vec(), 5);
    assert_eq!(gaps.len(), 1);
    let gap = gaps.around(b"b").unwrap();
    assert_eq!((&gap.end[..], gap.since), (&b"h"[..], 7));
    gaps.split(b"c");
    assert_eq!(gaps.len(), 2);
    assert_eq!(gaps.around(b"c"), None);
    assert_eq!(gaps.around(&successor(b"c")).unwrap().end, b"h");
}

#[test]
fn memory_for_ranges_is_bounded() {
    let mut gaps = Gaps::new(10_000);
    for number in 0..10_000u32 {
        let start = (2 * number).to_be_bytes().to_vec();
        let end = (2 * number + 1).to_be_bytes().to_vec();
        gaps.learn(start, end, 0);
        assert!(gaps.bytes <= 10_000);
        assert!(gaps.len() <= 100);
    }
    assert!(!gaps.is_empty());
}
