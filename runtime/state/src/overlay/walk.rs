//! The scan of an overlay, which merges the base's cursor with the writes and skips known gaps.

use std::collections::btree_map::Range;
use std::iter::Peekable;
use std::ops::{Bound, ControlFlow};

use super::Writes;
use crate::gaps::{Gaps, prefix_end};
use crate::store::scan_start;
use crate::{StateCursor, StoreError};

/// This many consecutive removed entries are worth remembering: skipping fewer costs less than moving a
/// cursor.
const REMOVED_MIN: u32 = 8;

/// A range of keys, from the first up to the second, in which a walk found no entry.
type Empty = (Vec<u8>, Vec<u8>);

/// One scan over a base and the writes above it: a merge of both, ascending by key.
pub(super) struct Walk<'a> {
    prefix: &'a [u8],
    all: &'a Writes,
    writes: Peekable<Range<'a, Vec<u8>, Option<Vec<u8>>>>,
    base: Box<dyn StateCursor + 'a>,
    gaps: &'a Gaps,
    trail: Trail,
}

/// The skipped entries since the last visited one.
struct Trail {
    /// The first key after that entry.
    from: Vec<u8>,
    /// Removed entries.
    removed: u32,
    /// Known ranges that were skipped.
    skipped: u32,
    learned: Vec<Empty>,
}

/// The next item of the merge.
enum Next<'a> {
    /// A key that the writes changed, with its new value, and whether the base has an entry there too.
    Written(&'a [u8], Option<&'a [u8]>, bool),
    /// An entry of the base that no write changed.
    Base,
    End,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        prefix: &'a [u8],
        after: Option<&[u8]>,
        all: &'a Writes,
        mut base: Box<dyn StateCursor + 'a>,
        gaps: &'a Gaps,
    ) -> Result<Self, StoreError> {
        let from = scan_start(prefix, after);
        base.seek(&from)?;
        let writes = range(all, &from);
        let trail = Trail { from, removed: 0, skipped: 0, learned: Vec::new() };
        Ok(Self { prefix, all, writes, base, gaps, trail })
    }

    /// Visits the entries, and returns the ranges in which many removed ones were passed.
    pub(super) fn run(
        mut self,
        visitor: &mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>,
    ) -> Result<Vec<Empty>, StoreError> {
        loop {
            let visited = match self.next() {
                Next::Written(key, None, in_base) => {
                    self.pass_removed(key, in_base)?;
                    continue;
                }
                Next::Written(key, Some(value), in_base) => {
                    self.trail.found(key);
                    self.writes.next();
                    let visited = visitor(key, value);
                    if in_base && visited.is_continue() {
                        self.base.step()?;
                    }
                    visited
                }
                Next::Base => {
                    let Some((key, value)) = self.base.entry() else { continue };
                    self.trail.found(key);
                    let visited = visitor(key, value);
                    if visited.is_continue() {
                        self.base.step()?;
                    }
                    visited
                }
                Next::End => {
                    if let Some(end) = prefix_end(self.prefix) {
                        self.trail.found(&end);
                    }
                    ControlFlow::Break(())
                }
            };
            if visited.is_break() {
                return Ok(self.trail.learned);
            }
        }
    }

    fn next(&mut self) -> Next<'a> {
        let written = self.writes.peek().map(|(key, value)| (key.as_slice(), value.as_deref()));
        let written = written.filter(|(key, _)| key.starts_with(self.prefix));
        match (written, self.base.entry().map(|(key, _)| key)) {
            (Some((key, value)), None) => Next::Written(key, value, false),
            (Some((key, value)), Some(base)) if key <= base => {
                Next::Written(key, value, key == base)
            }
            (_, Some(_)) => Next::Base,
            (None, None) => Next::End,
        }
    }

    fn pass_removed(&mut self, key: &[u8], in_base: bool) -> Result<(), StoreError> {
        if let Some(gap) = self.gaps.around(key) {
            self.trail.skipped += 1;
            self.writes = range(self.all, &gap.end);
            return self.base.seek(&gap.end);
        }
        self.trail.removed += 1;
        self.writes.next();
        if in_base { self.base.step() } else { Ok(()) }
    }
}

impl Trail {
    /// Handles an entry: everything skipped before it is an empty range.
    fn found(&mut self, key: &[u8]) {
        if self.removed >= REMOVED_MIN || self.skipped > 1 {
            self.learned.push((std::mem::take(&mut self.from), key.to_vec()));
        }
        (self.removed, self.skipped) = (0, 0);
        self.from.clear();
        self.from.extend_from_slice(key);
        self.from.push(0);
    }
}

fn range<'a>(writes: &'a Writes, from: &[u8]) -> Peekable<Range<'a, Vec<u8>, Option<Vec<u8>>>> {
    writes.range::<[u8], _>((Bound::Included(from), Bound::Unbounded)).peekable()
}
