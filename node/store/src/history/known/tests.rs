//! Values of earlier heights: what is known is true, and bounded.

use std::ops::RangeInclusive;

use proptest::prelude::*;

use super::{Known, SPANS_MAX, VALUE_BYTES_MAX};

#[test]
fn a_value_is_known_at_its_heights_alone() {
    let known = Known::new(1 << 20);
    known.put(b"modules", 5..=9, Some(b"one"));
    known.put(b"modules", 10..=10, None);
    let rows = [(4, None), (5, Some(Some(&b"one"[..]))), (9, Some(Some(b"one"))), (10, Some(None))];
    for (height, expected) in rows {
        assert_eq!(known.get(b"modules", height), expected.map(|it| it.map(<[u8]>::to_vec)));
    }
    assert_eq!(known.get(b"module", 5), None);
    // What is read at an earlier height has the same end, and adds heights to the same value.
    known.put(b"modules", 2..=9, Some(b"one"));
    assert_eq!(known.get(b"modules", 3), Some(Some(b"one".to_vec())));
    // Heights that end before they begin.
    let none = RangeInclusive::new(20, 19);
    known.put(b"modules", none, Some(b"never"));
    assert_eq!(known.get(b"modules", 20), None);
}

#[test]
fn values_are_bounded_in_number_and_bytes() {
    let known = Known::new(100_000);
    for height in 0..10 {
        known.put(b"key", height..=height, Some(b"value"));
    }
    let of_key = (0..10).filter(|height| known.get(b"key", *height).is_some());
    assert_eq!(of_key.collect::<Vec<_>>(), [6, 7, 8, 9]);
    assert_eq!(SPANS_MAX, 4);
    known.put(b"code", 1..=2, Some(&vec![0; VALUE_BYTES_MAX + 1]));
    assert_eq!(known.get(b"code", 1), None);
    for number in 0u32..10_000 {
        known.put(&number.to_be_bytes(), 1..=2, Some(&[0; 100]));
        assert!(known.lock().bytes <= 100_000);
    }
    assert!(known.lock().all.len() > 100);
    assert_eq!(known.get(b"key", 9), None);
    assert!(known.get(&9_999u32.to_be_bytes(), 1).is_some());
    while !known.lock().all.is_empty() {
        let mut values = known.lock();
        let (of, spans) = values.all.remove_lru().unwrap();
        values.bytes -= super::bytes(&of, &spans);
    }
    assert_eq!(known.lock().bytes, 0);
}

proptest! {
    /// Whatever was read in whatever order: what is known is what the value was.
    #[test]
    fn what_is_known_is_true(
        changes in prop::collection::btree_map(1u64..40, any::<Option<u8>>(), 0..12),
        reads in prop::collection::vec((0u64..40, 0u64..40), 0..60),
    ) {
        let known = Known::new(1 << 20);
        let at = |height: u64| changes.range(..=height).next_back().and_then(|(_, it)| *it);
        let mut head = 0;
        for (height, more) in reads {
            head = head.max(height).max(more);
            let replaced = changes.range(height + 1..head + 1).next().map(|(at, _)| *at);
            let value = at(height).map(|byte| vec![byte]);
            known.put(b"k", height..=replaced.map_or(head, |it| it - 1), value.as_deref());
            for height in 0..40 {
                if let Some(found) = known.get(b"k", height) {
                    prop_assert_eq!(found, at(height).map(|byte| vec![byte]), "{}", height);
                }
            }
            prop_assert!(known.get(b"k", height).is_some());
        }
    }
}
