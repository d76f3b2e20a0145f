//! Defines what a caller can configure: memory, free disk space, open files, history and signer state.

use std::path::PathBuf;

/// The options of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Memory for blocks read from disk, their indexes and filters, for writes that are not in a table file
    /// yet, and for recently used state entries, all together.
    pub cache_bytes: usize,
    /// The part of it that unflushed writes can take before they are flushed.
    pub write_buffer_bytes: usize,
    /// The disk space that must stay free: below this, writes are rejected before they begin, so that
    /// flushing and compaction still have space.
    pub disk_reserve_bytes: u64,
    /// The maximum number of open table files; further ones are opened when they are read.
    pub open_files_max: usize,
    /// The number of heights below the head whose state can be read. With 0 no history is written, `u64::MAX`
    /// keeps the state of all heights. A larger number does not restore dropped history.
    pub history_heights: u64,
    /// The history of the newest blocks is sorted and written to files of its own when it has this many bytes. Memory
    /// holds at most four times as much.
    pub history_buffer_bytes: usize,
    /// A file outside of the data directory, on a disk that is not backed up and restored with it, with a
    /// second copy of the last-signed record. A restored old copy of the directory then still knows what was
    /// signed. Costs one more fsync for each signature. Its directory must exist.
    pub signer_state: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
            write_buffer_bytes: 32 << 20,
            disk_reserve_bytes: 128 << 20,
            open_files_max: 512,
            history_heights: 10_000,
            history_buffer_bytes: 4 << 20,
            signer_state: None,
        }
    }
}
