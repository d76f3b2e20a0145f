use std::path::PathBuf;

/// How a store is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Memory for blocks read from disk, their indexes and filters, for writes that are not in a
    /// table file yet, and for state entries used of late, all together.
    pub cache_bytes: usize,
    /// The part of it that unflushed writes may take before they are flushed.
    pub write_buffer_bytes: usize,
    /// How much of the disk must stay free: below this, writes are refused before they begin, and
    /// what flushing and compacting need is still there.
    pub disk_reserve_bytes: u64,
    /// How many table files are held open at once; more are opened when they are read.
    pub open_files_max: usize,
    /// For how many heights below the head the state can be read. With 0 no history is written, `u64::MAX` keeps
    /// the state of all heights. A number that grows brings back nothing that was dropped.
    pub history_heights: u64,
    /// A file outside of the data directory, on a disk that is not backed up and restored with it,
    /// which holds the last-signed record a second time. A restored old copy of the directory then
    /// still knows what was signed. Costs one more fsync a signature. Its directory must exist.
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
            signer_state: None,
        }
    }
}
