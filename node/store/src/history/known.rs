//! Caches what entries and pages of the state were at earlier heights: reads of heights near each other need the same
//! ones, such as parameters, modules, and the first pages of the tree.

use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hashlink::LruCache;

/// The number of different values of one key that are kept.
const SPANS_MAX: usize = 4;
/// Larger values are not kept, bytes: parts of the code of modules.
const VALUE_BYTES_MAX: usize = 64 << 10;
/// The approximate overhead of a key and of each of its values, bytes.
const OVERHEAD_BYTES: usize = 96;

/// Values of earlier heights, each with the heights at which it was the value. As blocks are final, it is so for good.
pub(crate) struct Known(Mutex<Values>);

struct Values {
    all: LruCache<Box<[u8]>, Vec<Span>>,
    bytes: usize,
    bytes_max: usize,
}

struct Span {
    heights: RangeInclusive<u64>,
    /// The value; `None` if there was none.
    value: Option<Box<[u8]>>,
}

impl Known {
    /// An empty cache of at most about `bytes_max`.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self(Mutex::new(Values { all: LruCache::new_unbounded(), bytes: 0, bytes_max }))
    }

    /// The value of a key at a height, or none for an absent one; `None` if it is unknown.
    pub(crate) fn get(&self, of: &[u8], height: u64) -> Option<Option<Vec<u8>>> {
        let mut values = self.lock();
        let spans = values.all.get(of)?;
        let span = spans.iter().find(|span| span.heights.contains(&height))?;
        Some(span.value.as_deref().map(<[u8]>::to_vec))
    }

    /// Adds the value that a key had at all of these heights.
    pub(crate) fn put(&self, of: &[u8], heights: RangeInclusive<u64>, value: Option<&[u8]>) {
        if value.is_some_and(|value| value.len() > VALUE_BYTES_MAX) || heights.is_empty() {
            return;
        }
        let mut values = self.lock();
        let mut spans = values.all.remove(of).unwrap_or_default();
        values.bytes -= bytes(of, &spans);
        let mut span = Span { heights, value: value.map(Into::into) };
        // Where two overlap, they are of the same value.
        spans.retain(|other| match overlap(&span.heights, &other.heights) {
            Some(both) => {
                span.heights = both;
                false
            }
            None => true,
        });
        spans.insert(0, span);
        spans.truncate(SPANS_MAX);
        values.bytes += bytes(of, &spans);
        values.all.insert(of.into(), spans);
        while values.bytes > values.bytes_max
            && let Some((of, spans)) = values.all.remove_lru()
        {
            values.bytes -= bytes(&of, &spans);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Values> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The heights of both, if they have one in common.
fn overlap(one: &RangeInclusive<u64>, other: &RangeInclusive<u64>) -> Option<RangeInclusive<u64>> {
    let is_apart = one.end() < other.start() || other.end() < one.start();
    let (from, to) = (one.start().min(other.start()), one.end().max(other.end()));
    (!is_apart).then_some(*from..=*to)
}

/// The approximate memory of a key and its values; nothing without any.
fn bytes(of: &[u8], spans: &[Span]) -> usize {
    let value = |span: &Span| span.value.as_ref().map_or(0, |it| it.len()) + OVERHEAD_BYTES;
    let values: usize = spans.iter().map(value).sum();
    if spans.is_empty() { 0 } else { of.len() + OVERHEAD_BYTES + values }
}

#[cfg(test)]
mod tests;
