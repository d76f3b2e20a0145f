use std::fs::File;
use std::path::Path;

use anyhow::Context;

/// The file that is locked, in the network's folder.
const LOCK_FILE: &str = "lock";

/// The right to create a network in a folder, or to start and end its processes. One process has it at a
/// time; the system takes it back when that process ends.
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
