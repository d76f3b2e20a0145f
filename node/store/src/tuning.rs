//! The configuration of RocksDB, with the reasons.
//!
//! - One cache bounds memory: table blocks, their indexes and filters, and unflushed writes are all
//!   charged to it.
//! - Blocks and receipts are written under increasing keys, so their table files never overlap and
//!   levelled compaction moves them down without rewriting: each byte is written once to the log and
//!   once to a table. Separate blob files would save nothing more.
//! - Runs of history never overlap either: they are taken over as whole files and never compacted.
//! - State, tree and the transaction index are overwritten or random: universal compaction rewrites
//!   them a few times less than levelled, for more temporary space. Files of deletions are compacted
//!   early, and ranges that scans found empty are remembered (`cursor.rs`).
//! - The write-ahead log is read with the rule that only the last record can be incomplete. If an earlier
//!   checksum fails, the database is rejected instead of dropping the rest.

use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, Cache, ColumnFamilyDescriptor, DBCompactionStyle,
    DBCompressionType, DBRecoveryMode, DataBlockIndexType, LogLevel, UniversalCompactOptions,
    WriteBufferManager,
};

use crate::Options;
use crate::family::Family;

/// Flushing and compacting together.
const BACKGROUND_JOBS: i32 = 2;
/// RocksDB reserves ten of its permitted open files for files other than tables.
const OTHER_FILES: usize = 10;
/// The maximum total size of the write-ahead log's files; above it the families that retain them are flushed.
/// It also bounds the data to replay after a crash.
const WAL_BYTES_MAX: u64 = 96 << 20;
/// RocksDB's own text log: two files of this size.
const INFO_LOG_BYTES_MAX: usize = 1 << 20;
/// The list of files is rewritten beyond this size.
const MANIFEST_BYTES_MAX: usize = 4 << 20;
/// Table files are written back in the background in pieces of this size, so that their final fsync does not
/// delay a block's.
const BYTES_PER_SYNC: u64 = 1 << 20;
/// A family's buffer is flushed at this size, if the limit over all families is not reached first.
const LARGE_BUFFER_BYTES: usize = 16 << 20;
/// The buffer of families with a few bytes for each block.
const SMALL_BUFFER_BYTES: usize = 1 << 20;
/// The maximum number of buffers: one is filled while the others are flushed.
const BUFFERS_MAX: i32 = 3;
/// A table file is compacted early if this many of this many consecutive entries are deletions, because each
/// scan of a range walks over them.
const DELETIONS_WINDOW: usize = 1_024;
const DELETIONS_IN_WINDOW: usize = 512;
/// The same for the deletions among all entries of a file.
const DELETIONS_RATIO: f64 = 0.5;
/// A filter of ten bits a key lets one in a hundred absent keys through.
const FILTER_BITS_PER_KEY: f64 = 10.0;

/// The options of the whole database.
pub(crate) fn database(options: &Options, cache: &Cache) -> rocksdb::Options {
    let mut db = rocksdb::Options::default();
    db.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    db.set_track_and_verify_wals_in_manifest(true);
    db.set_paranoid_checks(true);
    db.set_max_background_jobs(BACKGROUND_JOBS);
    let open_files_max = options.open_files_max.saturating_add(OTHER_FILES);
    db.set_max_open_files(i32::try_from(open_files_max).unwrap_or(i32::MAX));
    db.set_max_total_wal_size(WAL_BYTES_MAX);
    db.set_bytes_per_sync(BYTES_PER_SYNC);
    db.set_avoid_unnecessary_blocking_io(true);
    db.set_max_manifest_file_size(MANIFEST_BYTES_MAX);
    db.set_log_level(LogLevel::Warn);
    db.set_max_log_file_size(INFO_LOG_BYTES_MAX);
    db.set_keep_log_file_num(2);
    db.set_stats_dump_period_sec(0);
    db.set_stats_persist_period_sec(0);
    let buffers = WriteBufferManager::new_write_buffer_manager_with_cache(
        options.write_buffer_bytes,
        false,
        cache.clone(),
    );
    db.set_write_buffer_manager(&buffers);
    db
}

/// All column families with their options.
pub(crate) fn families(cache: &Cache) -> Vec<ColumnFamilyDescriptor> {
    let describe = |it: &Family| ColumnFamilyDescriptor::new(it.name(), family(*it, cache));
    Family::ALL.iter().map(describe).collect()
}

/// The options of one column family.
pub(crate) fn family(family: Family, cache: &Cache) -> rocksdb::Options {
    let mut options = rocksdb::Options::default();
    let mut table = table(cache);
    options.set_max_write_buffer_number(BUFFERS_MAX);
    options.set_compression_type(DBCompressionType::Lz4);
    match family {
        Family::State | Family::Tree | Family::Transactions => {
            options.set_write_buffer_size(LARGE_BUFFER_BYTES);
            options.set_compaction_style(DBCompactionStyle::Universal);
            let mut universal = UniversalCompactOptions::default();
            universal.set_max_size_amplification_percent(100);
            options.set_universal_compaction_options(&universal);
            options.add_compact_on_deletion_collector_factory(
                DELETIONS_WINDOW,
                DELETIONS_IN_WINDOW,
                DELETIONS_RATIO,
            );
            table.set_bloom_filter(FILTER_BITS_PER_KEY, false);
            table.set_data_block_index_type(DataBlockIndexType::BinaryAndHash);
            table.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
            table.set_partition_filters(true);
            // Hashes and addresses do not compress, and every read would pay for the attempt.
            options.set_compression_type(DBCompressionType::None);
        }
        Family::History => {
            options.set_write_buffer_size(LARGE_BUFFER_BYTES);
            options.set_compression_type(DBCompressionType::None);
        }
        Family::HistoryRuns => {
            options.set_write_buffer_size(SMALL_BUFFER_BYTES);
            options.set_disable_auto_compactions(true);
            table.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
            options.set_compression_type(DBCompressionType::None);
        }
        Family::Bodies | Family::Receipts => {
            options.set_write_buffer_size(LARGE_BUFFER_BYTES);
        }
        Family::Meta
        | Family::Chain
        | Family::Heights
        | Family::Log
        | Family::Validators
        | Family::Modules => {
            options.set_write_buffer_size(SMALL_BUFFER_BYTES);
        }
    }
    options.set_block_based_table_factory(&table);
    options
}

fn table(cache: &Cache) -> BlockBasedOptions {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    table.set_cache_index_and_filter_blocks(true);
    table.set_pin_l0_filter_and_index_blocks_in_cache(true);
    table.set_optimize_filters_for_memory(true);
    table
}
