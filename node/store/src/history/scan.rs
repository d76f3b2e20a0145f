//! Walks over the entries that were replaced above a height, over all parts of the history at once.

use std::collections::BTreeMap;

use super::key;
use super::record::decode_entry;
use super::run::{Run, RunCursor};
use super::tail::Firsts;
use crate::StoreError;

/// A hot entry is stepped over this often before the rest of it is skipped by a search.
const STEPS_MAX: u32 = 32;

/// An entry's key, and the value that it had.
type Entry = (Vec<u8>, Option<Vec<u8>>);

/// The entries with a prefix that were replaced above a height, ascending, with what they were at that height.
pub(crate) struct Replaced<'a> {
    /// The runs, ascending by height.
    runs: Vec<(Run, RunCursor<'a>)>,
    /// The first values that the blocks after the runs replaced.
    newest: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The key from which on `newest` is not passed yet.
    from: Vec<u8>,
    above: u64,
    prefix: Vec<u8>,
}

impl<'a> Replaced<'a> {
    /// `tails` are the parts after the runs, ascending by height.
    pub(super) fn new(
        runs: Vec<(Run, RunCursor<'a>)>,
        tails: Vec<Firsts<'_>>,
        above: u64,
        prefix: &[u8],
    ) -> Self {
        let mut newest = BTreeMap::new();
        for (of, (_, value)) in tails.into_iter().flatten() {
            newest.entry(of.to_vec()).or_insert_with(|| value.to_vec());
        }
        Self { runs, newest, from: Vec::new(), above, prefix: prefix.to_vec() }
    }

    /// Goes to the first entry whose key is at least `entry`; it is returned by [`Self::take`].
    pub(crate) fn seek(&mut self, entry: &[u8]) -> Result<(), StoreError> {
        let from = key::entries(entry);
        for (run, cursor) in &mut self.runs {
            cursor.seek(run, &from)?;
        }
        self.from = from;
        Ok(())
    }

    /// The next entry; `None` after the last one.
    pub(crate) fn take(&mut self) -> Result<Option<Entry>, StoreError> {
        loop {
            let Some(of) = self.least()? else { return Ok(None) };
            let mut old = None;
            for (run, cursor) in &mut self.runs {
                let found = pass(run, cursor, &of, self.above)?;
                old = old.or(found);
            }
            let found = self.newest.get(&of).cloned();
            self.from.clone_from(&of);
            // Greater than this key, and not greater than any other that is.
            self.from.push(0);
            if let Some(value) = old.or(found) {
                let value = decode_entry(&value)?.map(<[u8]>::to_vec);
                return Ok(Some((key::parse_entry(&of)?, value)));
            }
        }
    }

    /// The prefix of the keys of the next entry.
    fn least(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let newest = self.newest.range(self.from.clone()..).next();
        let mut least = newest.map(|(of, _)| of.as_slice());
        for (_, cursor) in &self.runs {
            if let Some((found, _)) = cursor.item() {
                let (of, _) = key::split(found)?;
                least = Some(least.map_or(of, |least| least.min(of)));
            }
        }
        Ok(least.filter(|of| of.starts_with(&self.prefix)).map(<[u8]>::to_vec))
    }
}

/// Goes over all keys of an entry, if the cursor is at one; what the first block above a height replaced.
fn pass(
    run: &Run,
    cursor: &mut RunCursor<'_>,
    of: &[u8],
    above: u64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut old = None;
    let mut steps = 0;
    while let Some((found, value)) = cursor.item() {
        let (found, height) = key::split(found)?;
        if found != of {
            break;
        }
        if height > above && old.is_none() {
            old = Some(value.to_vec());
        }
        steps += 1;
        if steps < STEPS_MAX {
            cursor.step()?;
            continue;
        }
        let wanted = if old.is_none() { above.saturating_add(1) } else { u64::MAX };
        cursor.seek(run, &key::at(of, wanted))?;
        steps = 0;
    }
    Ok(old)
}
