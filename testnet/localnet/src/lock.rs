//! The lock by which only one process at a time changes a network's folder.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use tokio::time::sleep;

/// The lock file in the network's folder.
pub(crate) const LOCK_FILE: &str = "lock";
/// Interval between tries while another process has the lock.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// The exclusive right to create a network in a folder, or to start and stop its processes. One process has
/// it at a time; the system releases it when that process ends.
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Waits until no other process changes the network in this folder. A signal whose handling was not changed
    /// ends the process meanwhile.
    pub(crate) fn acquire(dir: &Path) -> anyhow::Result<Self> {
        let file = open(dir)?;
        if !try_lock(&file, dir)? {
            say_waiting(dir);
            file.lock().with_context(|| what(dir))?;
        }
        Ok(Self { _file: file })
    }

    /// The same, without blocking the thread: the caller can give up waiting.
    pub(crate) async fn acquired(dir: &Path) -> anyhow::Result<Self> {
        let file = open(dir)?;
        if !try_lock(&file, dir)? {
            say_waiting(dir);
            while !try_lock(&file, dir)? {
                sleep(TRY_EVERY).await;
            }
        }
        Ok(Self { _file: file })
    }
}

fn open(dir: &Path) -> anyhow::Result<File> {
    let path = dir.join(LOCK_FILE);
    File::create(&path).with_context(|| format!("cannot write {}", path.display()))
}

/// False: another process has the lock.
fn try_lock(file: &File, dir: &Path) -> anyhow::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| what(dir)),
    }
}

fn what(dir: &Path) -> String {
    format!("cannot lock {}", dir.join(LOCK_FILE).display())
}

fn say_waiting(dir: &Path) {
    ehb_console::say(&format!(
        "another program works on the network in {}: waiting until it is done",
        dir.display()
    ));
}
