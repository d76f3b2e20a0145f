//! The consensus log: the entries to replay after a crash in order to resume a height.
//!
//! Entries are kept only for the heights just above the head. Each height has a lane, the lanes are used in
//! turn, and a height overwrites the entries of the height that used the lane before. Each entry contains its
//! height, so remaining entries of older heights are ignored, and the log of a committed height needs no
//! deletion.

use rocksdb::ReadOptions;

use crate::database::Database;
use crate::family::Family;
use crate::{StoreError, keys};

/// The maximum number of heights above the head for which entries and bodies are kept.
pub const LOG_HEIGHTS_MAX: u64 = 4;

/// The maximum number of entries for a height: about 10,000 rounds of 50 validators.
const LOG_ENTRIES_MAX: u32 = 1 << 20;

/// The key and value of an entry.
pub(crate) fn entry(
    height: u64,
    index: u32,
    bytes: &[u8],
) -> Result<([u8; 5], Vec<u8>), StoreError> {
    if index >= LOG_ENTRIES_MAX {
        let max = LOG_ENTRIES_MAX as usize;
        return Err(StoreError::Bound { what: "the consensus log of one height", max });
    }
    let value = [&height.to_be_bytes(), bytes].concat();
    Ok((keys::log(lane(height), index), value))
}

/// The durable entries of a height, in order.
pub(crate) fn read(database: &Database, height: u64) -> Result<Vec<Vec<u8>>, StoreError> {
    let lane = lane(height);
    let mut options = ReadOptions::default();
    options.set_iterate_upper_bound(vec![lane + 1]);
    let family = database.family(Family::Log)?;
    let mut iterator = database.raw().raw_iterator_cf_opt(family, options);
    iterator.seek([lane]);
    let mut entries = Vec::new();
    for index in 0..LOG_ENTRIES_MAX {
        let Some((key, value)) = iterator.item() else {
            iterator.status()?;
            break;
        };
        let damaged = || StoreError::damaged(format!("the consensus log of height {height}"));
        let (of, bytes) = value.split_first_chunk::<8>().ok_or_else(damaged)?;
        if u64::from_be_bytes(*of) != height {
            break;
        }
        if key != keys::log(lane, index) {
            return Err(damaged());
        }
        entries.push(bytes.to_vec());
        iterator.next();
    }
    Ok(entries)
}

fn lane(height: u64) -> u8 {
    (height % LOG_HEIGHTS_MAX).to_le_bytes()[0]
}
