//! Remembers ranges of keys without entries, so that scans can skip removed entries.

use std::collections::BTreeMap;
use std::ops::Bound;

#[cfg(test)]
mod tests;

/// Empty ranges of keys, learned by scans that passed many removed entries.
///
/// A removed entry stays in place for a while: in an overlay until its block ends, in RocksDB until a
/// compaction. In a queue whose entries are removed at its front, each scan would walk over all of them. With
/// the range remembered, the next scan begins where the last one found an entry.
///
/// Ranges never overlap. They only save work and can always be dropped, so above the limit all are dropped.
#[derive(Clone, Debug)]
pub struct Gaps {
    /// From a range's first key to the first key after it.
    ranges: BTreeMap<Vec<u8>, Gap>,
    bytes: usize,
    bytes_max: usize,
}

/// A range without entries, up to `end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first key that is not in the range.
    pub end: Vec<u8>,
    /// The version of the state since which the range is empty.
    pub since: u64,
}

/// The approximate memory of a range besides its keys, bytes.
const RANGE_OVERHEAD_BYTES: usize = 96;

impl Gaps {
    /// No ranges yet; they take at most about this much memory.
    pub fn new(bytes_max: usize) -> Self {
        Self { ranges: BTreeMap::new(), bytes: 0, bytes_max }
    }

    /// Whether no range is known.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The number of known ranges.
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// The range that contains the key.
    pub fn around(&self, key: &[u8]) -> Option<&Gap> {
        self.starting_up_to(key).map(|(_, gap)| gap).filter(|gap| *gap.end > *key)
    }

    /// The first range that ends after the key, with its first key.
    pub fn ahead(&self, key: &[u8]) -> Option<(&[u8], &Gap)> {
        let around = self.starting_up_to(key).filter(|(_, gap)| *gap.end > *key);
        let next = || self.ranges.range::<[u8], _>((Bound::Excluded(key), Bound::Unbounded)).next();
        around.or_else(next).map(|(start, gap)| (start.as_slice(), gap))
    }

    /// Adds a range: no key from `start` up to `end` has an entry since this version of the state. It is
    /// merged with adjacent ranges.
    pub fn learn(&mut self, mut start: Vec<u8>, mut end: Vec<u8>, mut since: u64) {
        if start >= end {
            return;
        }
        while let Some((first, gap)) = self.starting_up_to(&end).filter(|(_, gap)| gap.end >= start)
        {
            start = start.min(first.clone());
            since = since.max(gap.since);
            let first = first.clone();
            if let Some(met) = self.take(&first) {
                end = end.max(met.end);
            }
        }
        self.put(start, Gap { end, since });
    }

    /// Removes the key of a written entry from all ranges.
    pub fn split(&mut self, key: &[u8]) {
        let around = self.starting_up_to(key).filter(|(_, gap)| *gap.end > *key);
        let Some(start) = around.map(|(start, _)| start.clone()) else { return };
        let Some(Gap { end, since }) = self.take(&start) else { return };
        let behind = successor(key);
        if behind < end {
            self.put(behind, Gap { end, since });
        }
        if *start < *key {
            self.put(start, Gap { end: key.to_vec(), since });
        }
    }

    fn starting_up_to(&self, key: &[u8]) -> Option<(&Vec<u8>, &Gap)> {
        self.ranges.range::<[u8], _>((Bound::Unbounded, Bound::Included(key))).next_back()
    }

    fn put(&mut self, start: Vec<u8>, gap: Gap) {
        self.bytes += bytes(&start, &gap);
        self.ranges.insert(start, gap);
        if self.bytes > self.bytes_max {
            self.ranges.clear();
            self.bytes = 0;
        }
    }

    fn take(&mut self, start: &[u8]) -> Option<Gap> {
        let gap = self.ranges.remove(start)?;
        self.bytes -= bytes(start, &gap);
        Some(gap)
    }
}

/// The first key after this one.
pub fn successor(key: &[u8]) -> Vec<u8> {
    let mut next = Vec::with_capacity(key.len() + 1);
    next.extend_from_slice(key);
    next.push(0);
    next
}

/// The first key after all keys with this prefix; `None` if there is none.
pub fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

fn bytes(start: &[u8], gap: &Gap) -> usize {
    start.len() + gap.end.len() + RANGE_OVERHEAD_BYTES
}
