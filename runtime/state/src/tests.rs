//! The overlay against a map, by random steps.

use std::ops::ControlFlow;
use std::sync::Arc;

use proptest::prelude::*;

use crate::{Changes, MemoryStore, Overlay, StateStore};

proptest! {
    /// An overlay answers like a plain map to which the same writes were made.
    #[test]
    fn an_overlay_is_a_map(
        base in prop::collection::btree_map(prop::collection::vec(0u8..3, 1..4), any::<[u8; 1]>(), 0..40),
        writes in prop::collection::vec((prop::collection::vec(0u8..3, 1..4), prop::option::weighted(0.3, any::<[u8; 1]>())), 0..60),
        prefix in prop::collection::vec(0u8..3, 0..2),
        after in prop::option::of(prop::collection::vec(0u8..3, 0..4)),
        limit in 0usize..6,
        undone in 0usize..60,
    ) {
        let mut store = MemoryStore::default();
        let entries = base.iter().map(|(k, v)| (k.clone(), Some(v.to_vec()))).collect();
        store.apply(&Changes { entries, ..Changes::default() });
        let mut model = base;
        let mut overlay = Overlay::new(Arc::new(store));
        let mut mark = overlay.mark();
        for (index, (key, value)) in writes.into_iter().enumerate() {
            // Learns which ranges hold removed entries alone.
            overlay.visit(&prefix, after.as_deref(), |_, _| ControlFlow::Continue(())).unwrap();
            if index == undone {
                mark = overlay.mark();
            }
            if index < undone {
                match value {
                    Some(value) => model.insert(key.clone(), value),
                    None => model.remove(&key),
                };
            }
            match value {
                Some(value) => overlay.set(key, value.to_vec()),
                None => overlay.remove(key),
            }
            if index < undone {
                mark = overlay.mark();
            }
        }
        overlay.rollback(mark);
        for key in model.keys() {
            prop_assert_eq!(overlay.get(key).unwrap(), model.get(key).map(|v| v.to_vec()));
        }
        let expected: Vec<_> = model
            .iter()
            .filter(|(key, _)| key.starts_with(&prefix))
            .filter(|(key, _)| after.as_ref().is_none_or(|after| *key > after))
            .map(|(key, value)| (key.clone(), value.to_vec()))
            .take(limit)
            .collect();
        prop_assert_eq!(overlay.scan(&prefix, after.as_deref(), limit).unwrap(), expected.clone());
        let mut flat = MemoryStore::default();
        let entries = model.into_iter().map(|(k, v)| (k, Some(v.to_vec()))).collect();
        flat.apply(&Changes { entries, ..Changes::default() });
        prop_assert_eq!(flat.scan(&prefix, after.as_deref(), limit).unwrap(), expected);
    }
}
