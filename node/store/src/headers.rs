//! Checks the record headers of RocksDB's logs before RocksDB reads them.
//!
//! A log of RocksDB (<https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format>) is cut into
//! blocks of 32 KiB, and a record begins with a checksum, a length and a kind. One flipped bit turns a plain
//! record into one of a kind that only recycled logs have, and RocksDB (11.8) then reads that record in an
//! endless loop instead of reporting the damage. Logs are never recycled here, so such a kind is always
//! damage.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

const BLOCK_BYTES: usize = 32_768;
const HEADER_BYTES: usize = 7;
/// Kinds of records in recycled logs: full, first, middle, last, timestamp size, predecessor.
const RECYCLED_KINDS: [u8; 6] = [5, 6, 7, 8, 11, 131];

/// Checks the manifests and write-ahead logs of a database; the inner error describes a damaged one.
pub(crate) fn check(db: &Path) -> io::Result<Result<(), String>> {
    for entry in fs::read_dir(db)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !(name.starts_with("MANIFEST-") || name.ends_with(".log")) {
            continue;
        }
        if let Err(offset) = check_log(File::open(entry.path())?)? {
            let reason = format!("{name} has a record of an impossible kind at byte {offset}");
            return Ok(Err(reason));
        }
    }
    Ok(Ok(()))
}

/// The inner error is the offset of the first wrong header.
fn check_log(mut log: impl Read) -> io::Result<Result<(), usize>> {
    let mut block = Vec::with_capacity(BLOCK_BYTES);
    let mut start = 0;
    loop {
        block.clear();
        log.by_ref().take(BLOCK_BYTES as u64).read_to_end(&mut block)?;
        if let Err(offset) = check_block(&block) {
            return Ok(Err(start + offset));
        }
        if block.len() < BLOCK_BYTES {
            return Ok(Ok(()));
        }
        start += BLOCK_BYTES;
    }
}

/// Goes from header to header. A length that leads out of the block ends the walk: RocksDB reports
/// whether that is damage or the torn end of the log.
fn check_block(block: &[u8]) -> Result<(), usize> {
    let mut at = 0;
    while let Some([_, _, _, _, low, high, kind]) = block.get(at..at + HEADER_BYTES) {
        if RECYCLED_KINDS.contains(kind) {
            return Err(at);
        }
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        if *kind == 0 && length == 0 {
            break;
        }
        at += HEADER_BYTES + length;
    }
    Ok(())
}
