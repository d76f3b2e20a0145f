//! Creates, reads and lists key files in a folder, and rejects those that other users can access.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ehb_types::Name;
use nix::fcntl::OFlag;

use super::{KeyFile, KeyFileError};

/// A folder of key files: `NAME.json`, mode 0600, in a folder of mode 0700.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keystore {
    folder: PathBuf,
}

/// The contents of a keystore.
#[derive(Debug, Default)]
pub struct Listing {
    /// The keys, ascending by name.
    pub keys: Vec<KeyFile>,
    /// Files that look like key files but cannot be used, with the reason.
    pub refused: Vec<KeystoreError>,
}

/// Why a key cannot be created, read or listed.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// There is no such key.
    #[error("there is no key {name} in {}", .folder.display())]
    NotFound {
        /// The requested name.
        name: Name,
        /// The searched folder.
        folder: PathBuf,
    },
    /// A key of this name exists; it is never overwritten.
    #[error("{} exists already; keys are never overwritten", .0.display())]
    Exists(PathBuf),
    /// Other users can read or write the file.
    #[error("{} is open to others (mode {mode:04o})", .path.display())]
    Mode {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A folder, pipe or device.
    #[error("{} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// Too large to be a key file.
    #[error("{} is longer than {max} bytes: no key file", .0.display(), max = KeyFile::BYTES_MAX)]
    TooLong(PathBuf),
    /// The file's name and the name inside differ.
    #[error("{} holds the key {name}: rename the file back", .path.display())]
    Renamed {
        /// The file.
        path: PathBuf,
        /// The name inside it.
        name: Name,
    },
    /// Too many files to list.
    #[error("{} holds more than {max} files", .0.display(), max = Keystore::FILES_MAX)]
    TooMany(PathBuf),
    /// The content is not a key file.
    #[error("{}", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: KeyFileError,
    },
    /// An error of the operating system.
    #[error("cannot {action} {}", .path.display())]
    Io {
        /// The failed action.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl Keystore {
    /// The maximum number of files in a folder.
    pub const FILES_MAX: usize = 10_000;

    /// The keystore in a folder, which does not need to exist yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder that has a file for each key.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of a key's file.
    pub fn path(&self, name: &Name) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    /// Whether a file of this name exists.
    pub fn contains(&self, name: &Name) -> bool {
        self.path(name).symlink_metadata().is_ok()
    }

    /// Writes a new key file and makes it durable: either the whole file exists or none. The folder is
    /// created if it is missing. An existing file is never overwritten, even if several programs create the
    /// same name at once.
    pub fn create(&self, key: &KeyFile) -> Result<PathBuf, KeystoreError> {
        let path = self.path(key.name());
        let text = key
            .to_json()
            .map_err(|source| KeystoreError::Content { path: path.clone(), source })?;
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(io_error("create", &self.folder))?;
        // Temporary files are created with mode 0600.
        let mut file = tempfile::Builder::new()
            .prefix(".new-")
            .suffix(".tmp")
            .tempfile_in(&self.folder)
            .map_err(io_error("write in", &self.folder))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.as_file().sync_all())
            .map_err(io_error("write", file.path()))?;
        file.persist_noclobber(&path).map_err(|refused| match refused.error.kind() {
            ErrorKind::AlreadyExists => KeystoreError::Exists(path.clone()),
            _ => io_error("write", &path)(refused.error),
        })?;
        File::open(&self.folder)
            .and_then(|folder| folder.sync_all())
            .map_err(io_error("make durable", &self.folder))?;
        Ok(path)
    }

    /// Reads the file of a key.
    pub fn read(&self, name: &Name) -> Result<KeyFile, KeystoreError> {
        if !self.contains(name) {
            let folder = self.folder.clone();
            return Err(KeystoreError::NotFound { name: name.clone(), folder });
        }
        read_key_file(&self.path(name))
    }

    /// Reads all key files; a damaged one does not hide the others. A missing folder has none.
    pub fn list(&self) -> Result<Listing, KeystoreError> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Listing::default()),
            other => other.map_err(io_error("read", &self.folder))?,
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.map_err(io_error("read", &self.folder))?.path();
            let hidden = path.file_name().is_some_and(|it| it.as_encoded_bytes().starts_with(b"."));
            if hidden || path.extension().is_none_or(|it| it != "json") {
                continue;
            }
            paths.push(path);
            if paths.len() > Self::FILES_MAX {
                return Err(KeystoreError::TooMany(self.folder.clone()));
            }
        }
        paths.sort();
        let mut listing = Listing::default();
        for path in paths {
            match read_key_file(&path) {
                Ok(key) => listing.keys.push(key),
                Err(error) => listing.refused.push(error),
            }
        }
        Ok(listing)
    }
}

/// Reads one key file at any path. It must be a regular file that only its owner can read, and be named like
/// the key inside it.
pub fn read_key_file(path: &Path) -> Result<KeyFile, KeystoreError> {
    let text = read_private(path)?;
    let key = KeyFile::from_json(&text)
        .map_err(|source| KeystoreError::Content { path: path.to_owned(), source })?;
    // A file that replaces another one must not sign in its name.
    if path.file_stem().is_none_or(|stem| stem != key.name().as_str()) {
        return Err(KeystoreError::Renamed { path: path.to_owned(), name: key.name().clone() });
    }
    Ok(key)
}

fn read_private(path: &Path) -> Result<String, KeystoreError> {
    // Non-blocking, so that a pipe in a file's place is refused and not waited for.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(path)
        .map_err(io_error("read", path))?;
    let metadata = file.metadata().map_err(io_error("read", path))?;
    if !metadata.is_file() {
        return Err(KeystoreError::NotAFile(path.to_owned()));
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeystoreError::Mode { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    let limit = KeyFile::BYTES_MAX as u64 + 1;
    file.take(limit).read_to_string(&mut text).map_err(io_error("read", path))?;
    if text.len() > KeyFile::BYTES_MAX {
        return Err(KeystoreError::TooLong(path.to_owned()));
    }
    Ok(text)
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeystoreError {
    move |source| KeystoreError::Io { action, path: path.to_owned(), source }
}
