//! Transactions that were signed here, stored next to the keystore until the signing command has shown the
//! outcome.
//!
//! A payment whose outcome was not shown may still be final, so a repeated command must find what it signed
//! the first time. Each transaction is a separate file `KEYSTORE/journal/GENESIS/ACCOUNT/ID.json`, written
//! completely and made durable before the transaction is sent. One that can never take effect is removed, but
//! one that expired stays as long as another one can wait for its sequence. One that took effect stays for [`Journal::KEPT_MS`] after any command saw that: until then the same command
//! shows it instead of acting again.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ehb_console::{UNFINISHED, replace_file};
use ehb_sdk::api::Bytes;
use ehb_sdk::{Address, Call, Hash, Network, SignedTransaction, decode, encode};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

/// The folder in a keystore's.
const FOLDER: &str = "journal";
/// The lock file by which programs wait for each other to sign for one account.
const LOCK: &str = ".lock";
/// The age from which an unfinished file is considered abandoned by a killed program.
const UNFINISHED_AGE: Duration = Duration::from_secs(3_600);
const VERSION: u32 = 2;

/// The transactions of the accounts of one keystore on one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    folder: PathBuf,
    network: Network,
}

/// A transaction that was signed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The signed transaction.
    pub signed: SignedTransaction,
    /// A description for people.
    pub summary: String,
    /// When it was signed, milliseconds since 1970 (UTC).
    pub created_ms: u64,
    /// The known outcome: open, final, or never final.
    pub state: State,
    /// Whether another command than the signing one has also sent it: then a rejection by the first one's
    /// node is no longer certain.
    pub resumed: bool,
}

/// The state of a transaction, as seen here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum State {
    /// Its outcome is not certain, and the user was shown only that.
    Open,
    /// The user was shown that a node accepted it, and did not want to wait. Then the same command is a new
    /// request, and not a repetition.
    Accepted,
    /// It took effect.
    Final {
        /// In the block at this height.
        height: u64,
        /// When that was seen first, milliseconds since 1970 (UTC).
        seen_ms: u64,
        /// Whether the user was shown that as the result of the command.
        reported: bool,
    },
    /// It expired. Its sequence may be a gap in its lane, for which later transactions wait.
    Expired {
        /// When that was seen first, milliseconds since 1970 (UTC).
        seen_ms: u64,
    },
}

impl State {
    /// Whether the user was shown the result of the command that signed it.
    pub fn is_reported(&self) -> bool {
        matches!(self, Self::Accepted | Self::Final { reported: true, .. })
    }

    /// Whether it took effect.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Final { .. })
    }

    /// Whether its outcome is not certain.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open | Self::Accepted)
    }

    /// Whether it expired.
    pub fn is_expired(&self) -> bool {
        matches!(self, Self::Expired { .. })
    }

    /// Whether it took effect so long ago that the same command is a new request.
    fn is_over(&self, now_ms: u64) -> bool {
        matches!(self, Self::Final { seen_ms, .. }
            if now_ms.saturating_sub(*seen_ms) > Journal::KEPT_MS)
    }
}

impl Entry {
    /// The transaction's id.
    pub fn id(&self) -> Hash {
        self.signed.id()
    }
}

/// The file of a transaction.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryFile {
    version: u32,
    id: Hash,
    summary: String,
    created_ms: u64,
    state: State,
    resumed: bool,
    transaction: Bytes,
}

/// The contents of a journal.
#[derive(Debug, Default)]
pub struct Entries {
    /// The transactions, oldest first.
    pub entries: Vec<Entry>,
    /// Files that cannot be used, with the reason.
    pub refused: Vec<JournalError>,
}

/// Why transactions cannot be recorded or read; nothing is sent then.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file is not a signed transaction, or not the one in its name.
    #[error("{} is not a transaction of the journal: {reason}", .path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// The outcomes of too many transactions of one account were not shown yet.
    #[error("{} holds {max} transactions already", .0.display(), max = Journal::ENTRIES_MAX)]
    Full(PathBuf),
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

/// Prevents other programs from signing for the same account meanwhile. Released when dropped.
#[derive(Debug)]
pub struct JournalLock(#[expect(dead_code, reason = "it is held, not read")] Flock<File>);

impl Journal {
    /// How long a transaction that took effect is kept after that was seen, milliseconds: 12 hours. So a
    /// daily payment is a new one each day.
    pub const KEPT_MS: u64 = 12 * 3_600 * 1_000;
    /// The maximum number of transactions of one account in a journal. Those whose result was shown are
    /// removed first.
    pub const ENTRIES_MAX: usize = 1_000;
    /// The maximum length of a file, bytes: hex digits of the largest transaction, and its surroundings.
    pub const FILE_BYTES_MAX: usize = 8 << 20;
    /// The maximum number of accounts in a journal, and of other files.
    const NAMES_MAX: usize = 100_000;

    /// The journal in a keystore's folder for a chain. It does not need to exist yet.
    pub fn beside(keystore: &Path, genesis: &Hash, network: Network) -> Self {
        Self { folder: keystore.join(FOLDER).join(genesis.to_string()), network }
    }

    /// The journals of the same keystore for other chains, with the hashes of their genesis.
    pub fn of_other_chains(&self) -> Result<Vec<(Hash, Self)>, JournalError> {
        let Some(all) = self.folder.parent() else { return Ok(Vec::new()) };
        let genesis = names(all)?.into_iter().filter_map(|name| name.parse::<Hash>().ok());
        let journals = genesis.map(|genesis| {
            (genesis, Self { folder: all.join(genesis.to_string()), network: self.network })
        });
        Ok(journals.filter(|(_, journal)| journal.folder != self.folder).collect())
    }

    /// The exclusive right to sign for the account; none while another program has it.
    pub fn try_lock(&self, account: &Address) -> Result<Option<JournalLock>, JournalError> {
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
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => Ok(Some(JournalLock(lock))),
            Err((_, Errno::EWOULDBLOCK)) => Ok(None),
            Err((_, errno)) => Err(io_error("lock", &path)(errno.into())),
        }
    }

    /// Writes a transaction and makes it durable, in place of an earlier state of the same one: either
    /// the whole file is there or the earlier one.
    pub fn put(&self, entry: &Entry) -> Result<(), JournalError> {
        let folder = self.of(&entry.signed.transaction.sender);
        create(&folder)?;
        let id = entry.id();
        let path = folder.join(file_name(&id));
        if !path.exists() && names(&folder)?.len() >= Self::ENTRIES_MAX {
            return Err(JournalError::Full(folder));
        }
        let content = EntryFile {
            version: VERSION,
            id,
            summary: entry.summary.clone(),
            created_ms: entry.created_ms,
            state: entry.state,
            resumed: entry.resumed,
            transaction: Bytes(encode(&entry.signed)),
        };
        let wrong = |reason: String| JournalError::Content { path: path.clone(), reason };
        let text = serde_json::to_string_pretty(&content).map_err(|e| wrong(e.to_string()))?;
        if text.len() > Self::FILE_BYTES_MAX {
            return Err(wrong(format!("it would have {} bytes", text.len())));
        }
        replace_file(&path, &text).map_err(io_error("write", &path))
    }

    /// Removes a transaction that can never take effect, if it still exists.
    pub fn remove(&self, entry: &Entry) -> Result<(), JournalError> {
        let folder = self.of(&entry.signed.transaction.sender);
        let path = folder.join(file_name(&entry.id()));
        match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(io_error("remove", &path)).and_then(|()| sync(&folder)),
        }
    }

    /// Cleans up an account's journal: removes transactions that took effect more than [`Journal::KEPT_MS`]
    /// ago, and those that were seen to have expired that long ago and have no open one after them in their lane;
    /// if it is full, those whose result was shown or that expired, oldest first; and unfinished files of killed
    /// programs.
    pub fn tidy(&self, account: &Address, now_ms: u64) -> Result<(), JournalError> {
        let folder = self.of(account);
        if !folder.exists() {
            return Ok(());
        }
        let held = self.read(&folder)?;
        let files = held.entries.len() + held.refused.len();
        let place = |it: &Entry| (it.signed.transaction.lane, it.signed.transaction.sequence);
        let open: Vec<(u32, u64)> =
            held.entries.iter().filter(|it| it.state.is_open()).map(place).collect();
        let is_needed = |it: &Entry| {
            let (lane, sequence) = place(it);
            open.iter().any(|(of, later)| *of == lane && *later > sequence)
        };
        let (over, mut kept): (Vec<Entry>, Vec<Entry>) =
            held.entries.into_iter().partition(|it| match it.state {
                State::Expired { seen_ms } => {
                    now_ms.saturating_sub(seen_ms) > Self::KEPT_MS && !is_needed(it)
                }
                state => state.is_over(now_ms),
            });
        let excess = (files - over.len() + 1).saturating_sub(Self::ENTRIES_MAX);
        kept.retain(|it| it.state.is_expired() || (it.state.is_final() && it.state.is_reported()));
        for entry in over.iter().chain(kept.iter().take(excess)) {
            self.remove(entry)?;
        }
        remove_unfinished(&folder)
    }

    /// The transactions of an account, with those that expired.
    pub fn of_account(&self, account: &Address, now_ms: u64) -> Result<Entries, JournalError> {
        let mut held = self.read(&self.of(account))?;
        held.entries.retain(|it| !it.state.is_over(now_ms));
        Ok(held)
    }

    /// The transactions of an account with these calls, except those that expired.
    pub fn equal(
        &self,
        account: &Address,
        calls: &[Call],
        now_ms: u64,
    ) -> Result<Entries, JournalError> {
        let mut held = self.of_account(account, now_ms)?;
        held.entries.retain(|it| !it.state.is_expired() && it.signed.transaction.calls == calls);
        Ok(held)
    }

    /// All transactions, except those that expired.
    pub fn all(&self, now_ms: u64) -> Result<Entries, JournalError> {
        let mut all = Entries::default();
        for account in names(&self.folder)? {
            let Entries { entries, refused } = self.read(&self.folder.join(account))?;
            all.entries.extend(entries);
            all.refused.extend(refused);
        }
        all.entries.retain(|it| !it.state.is_expired() && !it.state.is_over(now_ms));
        all.entries.sort_by_key(|it| (it.created_ms, it.id()));
        Ok(all)
    }

    /// The transaction with an id.
    pub fn find(&self, id: &Hash) -> Result<Option<Entry>, JournalError> {
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

    /// The transactions in an account's folder, oldest first.
    fn read(&self, folder: &Path) -> Result<Entries, JournalError> {
        let mut held = Entries::default();
        for name in names(folder)? {
            let path = folder.join(name);
            match read(&path) {
                Ok(entry) => {
                    let sender = entry.signed.transaction.sender.to_text(self.network);
                    if folder.file_name().is_some_and(|name| *name == *sender) {
                        held.entries.push(entry);
                    } else {
                        let reason = format!("its sender is {sender}");
                        held.refused.push(JournalError::Content { path, reason });
                    }
                }
                // Another program has removed it meanwhile.
                Err(JournalError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
                Err(error) => held.refused.push(error),
            }
        }
        held.entries.sort_by_key(|it| (it.created_ms, it.id()));
        Ok(held)
    }
}

fn file_name(id: &Hash) -> String {
    format!("{id}.json")
}

/// The visible names in a folder, sorted; none if the folder does not exist.
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

fn read(path: &Path) -> Result<Entry, JournalError> {
    let wrong = |reason: String| JournalError::Content { path: path.to_owned(), reason };
    // Non-blocking, so that a pipe instead of a file is rejected and not waited for.
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
    let file: EntryFile = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
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
    let EntryFile { summary, created_ms, state, resumed, .. } = file;
    Ok(Entry { signed, summary, created_ms, state, resumed })
}

fn remove_unfinished(folder: &Path) -> Result<(), JournalError> {
    for entry in fs::read_dir(folder).map_err(io_error("read", folder))?.take(Journal::NAMES_MAX) {
        let entry = entry.map_err(io_error("read", folder))?;
        let is_unfinished = entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes());
        let modified = entry.metadata().and_then(|it| it.modified()).ok();
        let age = modified.and_then(|it| SystemTime::now().duration_since(it).ok());
        if is_unfinished && age.is_some_and(|age| age > UNFINISHED_AGE) {
            // If it stays, it only takes a little space.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
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
