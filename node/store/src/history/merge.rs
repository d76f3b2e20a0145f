//! Makes one run of several that follow each other.

use super::key;
use super::run::{Run, RunCursor, RunWriter};
use crate::StoreError;
use crate::database::Database;

/// As many neighbouring runs of one level become one of the next.
pub(crate) const RUNS_MERGED: usize = 8;
/// A merged run has at most this part of the heights that are kept, so that it is not on the disk for long after
/// its first blocks are not needed any more.
const SPAN_PART: u64 = 4;
/// How many keys are merged between two looks at what else there is to do.
const KEYS_AT_ONCE: u32 = 4_096;

/// The newest runs, if they should become one.
pub(crate) fn due(runs: &[Run], history_heights: u64) -> Option<&[Run]> {
    let newest = &runs[runs.len().checked_sub(RUNS_MERGED)?..];
    let (first, last) = (newest.first()?, newest.last()?);
    let is_due = newest.iter().all(|run| run.level == last.level)
        && last.level < u8::MAX
        && last.last - first.first < history_heights / SPAN_PART;
    is_due.then_some(newest)
}

/// Writes the run that neighbouring runs become, without what was replaced up to the height `given_up`; between its
/// steps it asks whether it may `go_on`. `None` where it was stopped.
pub(crate) fn merge(
    database: &Database,
    runs: &[Run],
    given_up: u64,
    mut go_on: impl FnMut() -> Result<bool, StoreError>,
) -> Result<Option<Run>, StoreError> {
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return Ok(None) };
    let merged = Run { first: first.first, last: last.last, level: last.level.saturating_add(1) };
    let mut writer = RunWriter::new(database, merged)?;
    let mut cursors = Vec::with_capacity(runs.len());
    for run in runs {
        let mut cursor = RunCursor::new(database, false)?;
        cursor.seek(run, &[])?;
        insert(&mut cursors, cursor);
    }
    let mut keys = 0u32;
    while let Some(mut cursor) = cursors.pop() {
        if let Some((found, value)) = cursor.item()
            && key::split(found)?.1 > given_up
        {
            writer.push(found, value)?;
        }
        cursor.step()?;
        insert(&mut cursors, cursor);
        keys += 1;
        if keys.is_multiple_of(KEYS_AT_ONCE) && !go_on()? {
            return Ok(None);
        }
    }
    writer.finish()?;
    Ok(Some(merged))
}

/// Puts a cursor among the others, that with the least key last; one at its end is dropped.
fn insert<'a>(cursors: &mut Vec<RunCursor<'a>>, cursor: RunCursor<'a>) {
    let Some((key, _)) = cursor.item() else { return };
    let greater = cursors.iter().rev().take_while(|it| it.item().is_some_and(|it| it.0 < key));
    let at = cursors.len() - greater.count();
    cursors.insert(at, cursor);
}
