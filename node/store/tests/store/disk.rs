//! Disks that are full, or that fail.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ehb_state::StateStore;
use ehb_store::{Lack, Options, Store, StoreError};
use tempfile::{TempDir, tempdir};

use crate::chain::{
    audit, changes, create, create_with, grow, next, open, options, transactions_at,
};
use crate::crash::{child_directory, report};

/// Set where no file system can be mounted, to leave out the tests that need it.
const WITHOUT_MOUNTS: &str = "EHB_TESTS_WITHOUT_MOUNTS";

/// A small file system in memory, gone with this value.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` where nothing may be mounted, and the person who runs the tests said so: a test that is left
    /// out must not look like one that passed.
    fn mount(megabytes: u32) -> Option<Self> {
        Self::mount_with(&format!("size={megabytes}m"))
    }

    fn mount_with(size: &str) -> Option<Self> {
        let dir = tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", size, "none"])
            .arg(dir.path())
            .stderr(Stdio::null())
            .status();
        let mounted = mount.is_ok_and(|status| status.success());
        assert!(
            mounted || std::env::var_os(WITHOUT_MOUNTS).is_some(),
            "no file system can be mounted here: run this test as root, or set {WITHOUT_MOUNTS}=1 to \
             leave it out"
        );
        mounted.then(|| Self(dir))
    }

    fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    /// Creates files until this many more can be created.
    fn use_up_files(&self, leave: u64) {
        fs::create_dir_all(self.filler()).unwrap();
        let found = nix::sys::statvfs::statvfs(self.0.path()).unwrap();
        for number in leave..found.files_available() {
            fs::write(self.filler().join(number.to_string()), "").unwrap();
        }
    }

    /// Fills the disk until about so much is free.
    fn fill(&self, leave_bytes: u64) {
        let found = nix::sys::statvfs::statvfs(self.0.path()).unwrap();
        let free = found.blocks_available() * found.fragment_size();
        fs::write(self.filler(), vec![1; (free - leave_bytes) as usize]).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn commit_one(store: &Store) -> Result<(), StoreError> {
    let head = store.head();
    store.commit(&next(&head, transactions_at(head.height() + 1)).commit())
}

#[test]
fn a_commit_that_a_full_disk_refused_changes_no_history() {
    let Some(disk) = SmallDisk::mount(64) else {
        eprintln!("left out: {WITHOUT_MOUNTS} is set");
        return;
    };
    let (disk_reserve_bytes, history_heights) = (16 << 20, 100);
    let kept = Options { disk_reserve_bytes, history_heights, ..options() };
    let store = create_with(&disk.data(), &kept);
    grow(&store, 5);
    let read = |height| {
        let past = store.snapshot().at(height).unwrap();
        let keys = changes(6).entries.into_iter().map(|(key, _)| key);
        keys.map(|key| past.get(&key).unwrap()).collect::<Vec<_>>()
    };
    let before = read(5);
    disk.fill(10 << 20);
    for _ in 0..2 {
        assert!(commit_one(&store).unwrap_err().is_retryable());
        assert_eq!(read(5), before);
    }
    fs::remove_file(disk.filler()).unwrap();
    commit_one(&store).unwrap();
    assert_ne!(read(6), before);
    assert_eq!(read(5), before);
}

#[test]
fn a_full_disk_is_reported_before_anything_is_written_and_is_waited_for() {
    let Some(disk) = SmallDisk::mount(64) else {
        eprintln!("left out: {WITHOUT_MOUNTS} is set");
        return;
    };
    let reserve = Options { disk_reserve_bytes: 16 << 20, ..options() };
    let store = create_with(&disk.data(), &reserve);
    grow(&store, 5);
    disk.fill(10 << 20);
    store.append_log(6, b"proposal").unwrap();
    store.record_signed(b"prevote").unwrap();
    let error = store.sync().unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert!(error.to_string().contains("16777216 are kept in reserve; make room"), "{error}");
    assert!(commit_one(&store).unwrap_err().is_retryable());
    assert_eq!(store.log(6).unwrap(), [b""; 0]);

    fs::remove_file(disk.filler()).unwrap();
    store.sync().unwrap();
    assert_eq!(store.log(6).unwrap(), [b"proposal"]);
    grow(&store, 7);
    drop(store);
    audit(&open(&disk.data())).unwrap();
}

#[test]
fn a_disk_without_inodes_is_reported_before_anything_is_written_and_is_waited_for() {
    let Some(disk) = SmallDisk::mount_with("size=64m,nr_inodes=200") else {
        eprintln!("left out: {WITHOUT_MOUNTS} is set");
        return;
    };
    let store = create(&disk.data());
    grow(&store, 5);
    store.check_space().unwrap();
    disk.use_up_files(10);
    store.append_log(6, b"proposal").unwrap();
    for error in [store.sync(), commit_one(&store), store.check_space()].map(Result::unwrap_err) {
        assert_eq!(error, StoreError::DiskFull(Lack::Files { free: 10, reserve: 32 }));
    }
    assert_eq!(store.log(6).unwrap(), [b""; 0]);

    fs::remove_dir_all(disk.filler()).unwrap();
    store.sync().unwrap();
    assert_eq!(store.log(6).unwrap(), [b"proposal"]);
    grow(&store, 7);
    drop(store);
    audit(&open(&disk.data())).unwrap();
}

/// The longest time that a write needs until there is space again and RocksDB has noticed it.
const PATIENCE: Duration = Duration::from_secs(120);

/// Repeats a write while the disk seems to be full.
fn patiently(write: impl Fn() -> Result<(), StoreError>) {
    let begun = Instant::now();
    while let Err(error) = write() {
        assert!(error.is_retryable() && begun.elapsed() < PATIENCE, "{error}");
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Commits blocks until the disk is full, in the middle of a write.
fn commit_until_full(store: &Store) {
    let error = std::iter::repeat_with(|| commit_one(store)).find_map(Result::err).unwrap();
    assert!(matches!(&error, StoreError::DiskFull(Lack::Write(_))), "{error}");
}

/// The reserve is not there for others: a disk can be full in the middle of a write. The same store writes again when there is
/// space.
#[test]
fn a_disk_that_runs_full_in_a_write_is_waited_for_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount(48) else {
        eprintln!("left out: {WITHOUT_MOUNTS} is set");
        return;
    };
    // History is sorted into files meanwhile.
    let store = create_with(&disk.data(), &Options { history_buffer_bytes: 64 << 10, ..options() });
    grow(&store, 5);
    for _ in 0..2 {
        let height = store.head().height();
        disk.fill(64 << 10);
        commit_until_full(&store);
        let full_at = store.head().height();
        store.append_log(full_at + 1, b"proposal").unwrap();
        store.record_signed(b"prevote").unwrap();
        // What is buffered may be short enough for the last free bytes.
        assert!(store.sync().err().is_none_or(|error| error.is_retryable()));
        audit(&store).unwrap();

        fs::remove_file(disk.filler()).unwrap();
        patiently(|| store.sync());
        assert_eq!(store.log(full_at + 1).unwrap(), [b"proposal"]);
        assert_eq!(store.last_signed().unwrap(), b"prevote");
        while store.head().height() < height.max(full_at) + 5 {
            // The thread that sorts history notices the space a little later.
            patiently(|| commit_one(&store));
        }
        audit(&store).unwrap();
    }
    let height = store.head().height();
    drop(store);
    let store = open(&disk.data());
    assert_eq!(store.head().height(), height);
    grow(&store, height + 5);
    audit(&store).unwrap();
}

#[test]
fn a_disk_that_ran_full_in_a_write_loses_nothing_in_a_restart() {
    let Some(disk) = SmallDisk::mount(48) else {
        eprintln!("left out: {WITHOUT_MOUNTS} is set");
        return;
    };
    let store = create(&disk.data());
    grow(&store, 5);
    disk.fill(64 << 10);
    commit_until_full(&store);
    let height = store.head().height();
    drop(store);
    fs::remove_file(disk.filler()).unwrap();
    let store = open(&disk.data());
    assert!(store.head().height() >= height);
    grow(&store, height + 5);
    audit(&store).unwrap();
}

/// How many kinds of write are refused because of an earlier one.
fn stopped(store: &Store) -> usize {
    let height = store.head().height();
    let results = [
        commit_one(store),
        store.sync(),
        store.append_log(height + 1, b"x"),
        store.record_signed(b"x"),
    ];
    results.iter().filter(|result| matches!(result, Err(StoreError::Stopped(_)))).count()
}

#[test]
#[ignore = "a child process of another test"]
fn commits_until_a_write_fails() {
    let Some(dir) = child_directory() else { return };
    let store = create(&dir);
    let error = std::iter::repeat_with(|| commit_one(&store)).find_map(Result::err).unwrap();
    audit(&store).unwrap();
    report(&format!("{error}"));
    report(&format!("stopped {} at {}", stopped(&store), store.head().height()));
}

#[test]
fn a_failed_write_stops_the_store_for_good() {
    let dir = tempdir().unwrap();
    let reported = run_limited("disk::commits_until_a_write_fails", dir.path());
    assert!(reported.contains("the disk failed: IO error"), "{reported}");
    let line =
        reported.lines().find_map(|line| line.strip_prefix("stopped 4 at ")).expect(&reported);
    let acknowledged: u64 = line.parse().unwrap();
    assert!(acknowledged > 20);
    let store = open(dir.path());
    assert!(store.head().height() >= acknowledged);
    audit(&store).unwrap();
    grow(&store, acknowledged + 5);
    audit(&store).unwrap();
}

/// Runs a test in a process that must not write files of more than half a megabyte or so, where a
/// write beyond that fails.
fn run_limited(test: &str, dir: &Path) -> String {
    let mut child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"])
        .env("EHB_STORE_TEST_CHILD_DIRECTORY", dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reported = String::new();
    child.stdout.take().unwrap().read_to_string(&mut reported).unwrap();
    assert!(child.wait().unwrap().success(), "{reported}");
    reported
}
