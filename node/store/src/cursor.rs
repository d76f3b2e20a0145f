//! Iterates over a snapshot's entries with a prefix, and skips long ranges of removed entries.

use ehb_state::{StateCursor, prefix_end};
use rocksdb::perf::{PerfContext, PerfMetric, PerfStatsLevel, set_perf_stats};
use rocksdb::{DB, DBRawIteratorWithThreadMode, ReadOptions};

use crate::StoreError;
use crate::recent::Recent;

/// This many consecutive removed entries are worth remembering: skipping fewer costs less than a new
/// iterator.
const REMOVED_MIN: u64 = 32;

type Iterator<'a> = DBRawIteratorWithThreadMode<'a, DB>;

/// A cursor over the entries of a snapshot that have a prefix.
///
/// RocksDB walks over every removed entry until compaction drops it. A long range of removed entries is
/// remembered ([`ehb_state::Gaps`]), and iterators never enter it again: one ends at its beginning, and
/// another one starts at its end.
pub(crate) struct SnapshotCursor<'a, Open> {
    /// Opens an iterator with these options.
    open: Open,
    recent: &'a Recent,
    height: u64,
    prefix: Vec<u8>,
    prefix_end: Option<Vec<u8>>,
    at: Option<At<'a>>,
    /// The first key after the last entry, or the one that was sought.
    from: Vec<u8>,
    counters: PerfContext,
}

/// An iterator, and the end of the range that stopped it, if any.
struct At<'a> {
    iterator: Iterator<'a>,
    behind: Option<Vec<u8>>,
}

impl<'a, Open> SnapshotCursor<'a, Open>
where
    Open: Fn(ReadOptions) -> Result<Iterator<'a>, StoreError>,
{
    pub(crate) fn new(open: Open, recent: &'a Recent, height: u64, prefix: &[u8]) -> Self {
        set_perf_stats(PerfStatsLevel::EnableCount);
        Self {
            open,
            recent,
            height,
            prefix: prefix.to_vec(),
            prefix_end: prefix_end(prefix),
            at: None,
            from: Vec::new(),
            counters: PerfContext::default(),
        }
    }

    /// How many removed or replaced values iterators of this thread passed so far.
    fn passed(&self) -> u64 {
        let removed = self.counters.metric(PerfMetric::InternalDeleteSkippedCount);
        removed.saturating_add(self.counters.metric(PerfMetric::InternalKeySkippedCount))
    }

    /// An iterator at the first entry from `key` on, up to the next range that is known to be empty.
    fn open_at(&self, key: &[u8]) -> Result<At<'a>, StoreError> {
        let (mut key, mut ahead) = (key.to_vec(), self.recent.gap_ahead(self.height, key));
        if let Some((_, end)) = ahead.take_if(|(start, _)| *start <= key) {
            ahead = self.recent.gap_ahead(self.height, &end);
            key = end;
        }
        let (bound, behind) = match ahead {
            Some((start, end)) => (Some(start), Some(end)),
            None => (None, None),
        };
        let inside = |bound: &Vec<u8>| self.prefix_end.as_ref().is_none_or(|end| bound < end);
        let bound = bound.filter(inside);
        let behind = behind.filter(|_| bound.is_some());
        let mut options = ReadOptions::default();
        if let Some(end) = bound.or_else(|| self.prefix_end.clone()) {
            options.set_iterate_upper_bound(end);
        }
        let mut iterator = (self.open)(options)?;
        iterator.seek(&key);
        Ok(At { iterator, behind })
    }

    /// Continues after the ranges that end iterators, to an entry or to the end; `before` is the number of
    /// entries passed before the first move.
    fn settle(&mut self, before: u64) -> Result<(), StoreError> {
        let mut ranges = 0u32;
        while let Some(At { iterator, behind }) = &mut self.at
            && !iterator.valid()
        {
            iterator.status()?;
            let Some(behind) = behind.take() else { break };
            ranges += 1;
            self.at = Some(self.open_at(&behind)?);
        }
        let here = self.at.as_ref().and_then(|at| at.iterator.key());
        let long = ranges > 1 || self.passed().saturating_sub(before) >= REMOVED_MIN;
        if let Some(end) = here.or(self.prefix_end.as_deref()).filter(|_| long) {
            self.recent.learn_gap(self.height, &self.from, end);
        }
        if let Some(key) = here {
            self.from.clear();
            self.from.extend_from_slice(key);
            self.from.push(0);
        }
        Ok(())
    }
}

impl<'a, Open> StateCursor for SnapshotCursor<'a, Open>
where
    Open: Fn(ReadOptions) -> Result<Iterator<'a>, StoreError>,
{
    fn seek(&mut self, key: &[u8]) -> Result<(), ehb_state::StoreError> {
        let before = self.passed();
        self.from = key.max(&self.prefix).to_vec();
        self.at = Some(self.open_at(&self.from)?);
        Ok(self.settle(before)?)
    }

    fn step(&mut self) -> Result<(), ehb_state::StoreError> {
        let before = self.passed();
        let Some(at) = self.at.as_mut().filter(|at| at.iterator.valid()) else { return Ok(()) };
        at.iterator.next();
        Ok(self.settle(before)?)
    }

    fn entry(&self) -> Option<(&[u8], &[u8])> {
        self.at.as_ref()?.iterator.item()
    }
}
