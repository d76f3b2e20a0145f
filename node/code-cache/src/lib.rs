//! Keeps compiled code of modules in files that only this user can have written.
//!
//! Compiling the modules of a chain takes seconds, and reading what was compiled takes milliseconds. The node's
//! program and development networks give [`CompiledFiles`] to their engine.

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::PathBuf;
use std::time::SystemTime;

use ehb_crypto::{Domain, Hasher};
use ehb_executor::{CompiledCode, InstallError};
use ehb_types::Hash;
use nix::unistd::geteuid;
use tempfile::NamedTempFile;
use tracing::{debug, warn};

/// The maximum number of files; each is for one module and one version of the compiler.
const FILES_MAX: usize = 64;
/// The maximum size of a file, bytes.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// The suffix of the files.
const EXTENSION: &str = "ehbc";
/// The lock file for compiling, so that nodes that share a folder do not all compile the same module.
const LOCK_FILE: &str = "lock";

/// A folder of compiled code. A file is a checksum of its key and of what follows, which is the code.
///
/// The files are run as machine code, so a file is used only if this user owns it, no other user can write to
/// it, and its checksum is right. Any other file counts as missing and is written again.
pub struct CompiledFiles {
    dir: PathBuf,
}

impl CompiledFiles {
    /// Opens a folder, which is created if it is missing.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    fn path(&self, key: &Hash) -> PathBuf {
        self.dir.join(format!("{key}.{EXTENSION}"))
    }

    fn read(&self, key: &Hash) -> io::Result<Vec<u8>> {
        let file = File::open(self.path(key))?;
        let facts = file.metadata()?;
        let is_ours = facts.is_file()
            && facts.uid() == geteuid().as_raw()
            && facts.mode() & 0o022 == 0
            && facts.len() <= FILE_BYTES_MAX;
        if !is_ours {
            return Err(io::Error::other("another user may have written it, or it is too large"));
        }
        let mut checksum = [0; 32];
        let mut file = file.take(FILE_BYTES_MAX);
        file.read_exact(&mut checksum)?;
        let mut code = Vec::new();
        file.read_to_end(&mut code)?;
        match Hash(checksum) == check(key, &code) {
            true => Ok(code),
            false => Err(io::Error::other("its checksum is wrong")),
        }
    }

    fn write(&self, key: &Hash, code: &[u8]) -> io::Result<()> {
        self.make_room()?;
        let mut file = NamedTempFile::new_in(&self.dir)?;
        file.write_all(check(key, code).as_bytes())?;
        file.write_all(code)?;
        // Without a sync a power loss could leave an empty file, which would only be written again.
        file.persist(self.path(key))?;
        Ok(())
    }

    /// Removes the oldest files if there are too many.
    fn make_room(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in self.dir.read_dir()? {
            let entry = entry?;
            if entry.file_name() != LOCK_FILE {
                files.push((entry.metadata()?.modified()?, entry.path()));
            }
        }
        files.sort_unstable();
        let too_many = files.len().saturating_sub(FILES_MAX - 1);
        for (_, path) in files.iter().take(too_many) {
            std::fs::remove_file(path)?;
        }
        Ok(())
    }

    fn lock(&self) -> io::Result<File> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.dir)?;
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.dir.join(LOCK_FILE))?;
        file.lock()?;
        Ok(file)
    }

    fn report(&self, what: &str, error: &io::Error) {
        warn!("compiled code cannot be {what} in {}: {error}", self.dir.display());
    }
}

#[expect(unsafe_code, reason = "the cached code is run")]
// SAFETY: only files that this user owns and no other user can write to are read, and only if their checksum,
// which covers the key, shows that they are unchanged.
unsafe impl CompiledCode for CompiledFiles {
    fn get_or_compile(
        &self,
        key: &Hash,
        compile: &mut dyn FnMut() -> Result<Vec<u8>, InstallError>,
    ) -> Result<Vec<u8>, InstallError> {
        if let Ok(code) = self.read(key) {
            return Ok(code);
        }
        let lock = self.lock().map_err(|error| self.report("kept", &error));
        match self.read(key) {
            Ok(code) => return Ok(code),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.report("used", &error),
        }
        debug!(%key, "a module is compiled");
        let code = compile()?;
        if lock.is_ok()
            && let Err(error) = self.write(key, &code)
        {
            self.report("kept", &error);
        }
        Ok(code)
    }
}

fn check(key: &Hash, code: &[u8]) -> Hash {
    Hasher::new(Domain::CompiledCode).with(key.as_bytes()).with(code).finish()
}

#[cfg(test)]
mod tests;
