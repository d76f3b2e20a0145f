use std::fs::File;
use std::path::Path;

use anyhow::Context;

/// The lock file in the network's folder.
const LOCK_FILE: &str = "lock";

/// The exclusive right to create a network in a folder, or to start and stop its processes. One process has
/// it at a time; the system releases it when that process ends.
pub(crate) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Waits until no other process changes the network in this folder.
    pub(crate) fn acquire(dir: &Path) -> anyhow::Result<Self> {
        let path = dir.join(LOCK_FILE);
        let file =
            File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(Self { _file: file })
    }
}
