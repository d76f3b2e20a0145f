//! Transactions that were signed and whose fate is not certain yet, kept beside the keystore.
//!
//! A payment whose outcome is unknown may still become final, so the same command given again must find
//! what it signed the first time. Each transaction is a file of its own in
//! `KEYSTORE/pending/GENESIS/ACCOUNT/ID.json`: written whole and made durable before the transaction is
//! sent, and removed once its fate is certain.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use ehb_sdk::api::Bytes;
use ehb_sdk::{Address, Call, Hash, Network, SignedTransaction, decode, encode};
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

/// The folder in a keystore's.
const FOLDER: &str = "pending";
/// The file by which programs of one account wait for each other.
const LOCK: &str = ".lock";
const VERSION: u32 = 1;

/// The pending transactions of the accounts of one keystore on one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    folder: PathBuf,
    network: Network,
}

/// A transaction whose fate is not certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// What was signed.
    pub signed: SignedTransaction,
    /// What it does, for people.
    pub summary: String,
    /// When it was signed, milliseconds since 1970 (UTC).
    pub created_ms: u64,
    /// Whether the command that signed it ended well, without waiting. The same command is another
    /// wish then, and not a repetition.
    pub accepted: bool,
}

impl Pending {
    /// The transaction's id.
    pub fn id(&self) -> Hash {
        self.signed.id()
    }
}

/// A pending transaction as its file holds it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PendingFile {
    version: u32,
    id: Hash,
    summary: String,
    created_ms: u64,
    accepted: bool,
    transaction: Bytes,
}

/// What a journal holds.
#[derive(Debug, Default)]
pub struct Entries {
    /// The transactions, the oldest first.
    pub pending: Vec<Pending>,
    /// Files that cannot be used, with the reason.
    pub refused: Vec<JournalError>,
}

/// Why a journal cannot do what it is asked for.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Not the file of a pending transaction, or not the one that its name says.
    #[error("{} is not a pending transaction: {reason}", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Too many transactions of one account are pending.
    #[error("{} holds {max} pending transactions already", .0.display(), max = Journal::PENDING_MAX)]
    Full(PathBuf),
    /// The operating system refused.
    #[error("cannot {action} {}", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// Keeps other programs from signing for the same account in between. Given back when dropped.
#[derive(Debug)]
pub struct JournalLock(#[expect(dead_code, reason = "it is held, not read")] Flock<File>);

impl Journal {
    /// How many transactions of one account can be pending.
    pub const PENDING_MAX: usize = 1_000;
    /// The longest file, bytes: hex digits of the largest transaction, and what is around it.
    pub const FILE_BYTES_MAX: usize = 8 << 20;
    /// How many accounts a journal may have, and files beside those that count.
    const NAMES_MAX: usize = 100_000;

    /// The journal in a keystore's folder for a chain. Nothing need exist yet.
    pub fn beside(keystore: &Path, genesis: &Hash, network: Network) -> Self {
        Self { folder: keystore.join(FOLDER).join(genesis.to_string()), network }
    }

    /// Waits until no other program is about to sign for the account.
    pub fn lock(&self, account: &Address) -> Result<JournalLock, JournalError> {
        let folder = self.of(account);
        create(&folder)?;
        let path = folder.join(LOCK);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(io_error("write", &path))?;
        Flock::lock(file, FlockArg::LockExclusive)
            .map(JournalLock)
            .map_err(|(_, errno)| io_error("lock", &path)(errno.into()))
    }

    /// Writes a transaction and makes it durable, in place of an earlier state of the same one: either
    /// the whole file is there or the earlier one.
    pub fn put(&self, pending: &Pending) -> Result<(), JournalError> {
        let folder = self.of(&pending.signed.transaction.sender);
        create(&folder)?;
        let id = pending.id();
        let path = folder.join(file_name(&id));
        if !path.exists() && names(&folder)?.len() >= Self::PENDING_MAX {
            return Err(JournalError::Full(folder));
        }
        let content = PendingFile {
            version: VERSION,
            id,
            summary: pending.summary.clone(),
            created_ms: pending.created_ms,
            accepted: pending.accepted,
            transaction: Bytes(encode(&pending.signed)),
        };
        let wrong = |reason: String| JournalError::Content { path: path.clone(), reason };
        let text = serde_json::to_string_pretty(&content).map_err(|e| wrong(e.to_string()))?;
        if text.len() > Self::FILE_BYTES_MAX {
            return Err(wrong(format!("it would have {} bytes", text.len())));
        }
        // Temporary files are made with mode 0600.
        let mut file = tempfile::Builder::new()
            .prefix(".new-")
            .suffix(".tmp")
            .tempfile_in(&folder)
            .map_err(io_error("write in", &folder))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.as_file().sync_all())
            .map_err(io_error("write", file.path()))?;
        file.persist(&path).map_err(|refused| io_error("write", &path)(refused.error))?;
        sync(&folder)
    }

    /// Removes a transaction whose fate is certain. One that is gone already is none to remove.
    pub fn remove(&self, pending: &Pending) -> Result<(), JournalError> {
        let folder = self.of(&pending.signed.transaction.sender);
        let path = folder.join(file_name(&pending.id()));
        match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(io_error("remove", &path)).and_then(|()| sync(&folder)),
        }
    }

    /// The pending transactions of an account.
    pub fn of_account(&self, account: &Address) -> Result<Entries, JournalError> {
        let mut entries = self.read(&self.of(account))?;
        entries.pending.sort_by_key(|it| (it.created_ms, it.id()));
        Ok(entries)
    }

    /// All pending transactions.
    pub fn all(&self) -> Result<Entries, JournalError> {
        let mut all = Entries::default();
        for account in names(&self.folder)? {
            let Entries { pending, refused } = self.read(&self.folder.join(account))?;
            all.pending.extend(pending);
            all.refused.extend(refused);
        }
        all.pending.sort_by_key(|it| (it.created_ms, it.id()));
        Ok(all)
    }

    /// The pending transaction with an id.
    pub fn find(&self, id: &Hash) -> Result<Option<Pending>, JournalError> {
        for account in names(&self.folder)? {
            let path = self.folder.join(account).join(file_name(id));
            if path.exists() {
                return read(&path).map(Some);
            }
        }
        Ok(None)
    }

    fn of(&self, account: &Address) -> PathBuf {
        self.folder.join(account.to_text(self.network))
    }

    fn read(&self, folder: &Path) -> Result<Entries, JournalError> {
        let mut entries = Entries::default();
        for name in names(folder)? {
            let path = folder.join(name);
            match read(&path) {
                Ok(pending) => {
                    let sender = pending.signed.transaction.sender.to_text(self.network);
                    if folder.file_name().is_some_and(|name| *name == *sender) {
                        entries.pending.push(pending);
                    } else {
                        let reason = format!("its sender is {sender}");
                        entries.refused.push(JournalError::Content { path, reason });
                    }
                }
                // Another program has learnt its fate meanwhile.
                Err(JournalError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
                Err(error) => entries.refused.push(error),
            }
        }
        Ok(entries)
    }

    /// The transactions of an account that do the same as these calls.
    pub fn equal(&self, account: &Address, calls: &[Call]) -> Result<Entries, JournalError> {
        let mut entries = self.of_account(account)?;
        entries.pending.retain(|it| it.signed.transaction.calls == calls);
        Ok(entries)
    }
}

fn file_name(id: &Hash) -> String {
    format!("{id}.json")
}

/// The names in a folder that are not hidden, sorted; none where the folder does not exist.
fn names(folder: &Path) -> Result<Vec<String>, JournalError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(io_error("read", folder))?,
    };
    let mut names = Vec::new();
    for entry in entries.take(Journal::NAMES_MAX) {
        let name = entry.map_err(io_error("read", folder))?.file_name();
        if let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<Pending, JournalError> {
    let wrong = |reason: String| JournalError::Content { path: path.to_owned(), reason };
    // Non-blocking, so that a pipe in a file's place is refused and not waited for.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits())
        .open(path)
        .map_err(io_error("read", path))?;
    if !file.metadata().map_err(io_error("read", path))?.is_file() {
        return Err(wrong("it is not a regular file".to_owned()));
    }
    let mut text = String::new();
    let limit = Journal::FILE_BYTES_MAX as u64 + 1;
    file.take(limit).read_to_string(&mut text).map_err(io_error("read", path))?;
    if text.len() > Journal::FILE_BYTES_MAX {
        return Err(wrong(format!("it is longer than {} bytes", Journal::FILE_BYTES_MAX)));
    }
    let file: PendingFile = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    if file.version != VERSION {
        let text = format!("it has version {}; this program reads {VERSION}", file.version);
        return Err(wrong(text));
    }
    let signed: SignedTransaction =
        decode(&file.transaction.0).map_err(|error| wrong(error.to_string()))?;
    let id = signed.id();
    if id != file.id || path.file_name().is_none_or(|name| *name != *file_name(&id)) {
        return Err(wrong(format!("it holds the transaction {id}")));
    }
    let PendingFile { summary, created_ms, accepted, .. } = file;
    Ok(Pending { signed, summary, created_ms, accepted })
}

fn create(folder: &Path) -> Result<(), JournalError> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io_error("create", folder))
}

fn sync(folder: &Path) -> Result<(), JournalError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(io_error("make durable", folder))
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> JournalError {
    move |source| JournalError::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
