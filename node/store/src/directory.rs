//! The files of a data directory, and the order of their creation.
//!
//! ```text
//! lock          held by the process that uses the directory; holds its pid
//! format        the format's name, written before the database gets its name
//! acknowledged  how far writes were acknowledged, see acknowledged.rs
//! db/           RocksDB; db.new/ while it is being created
//! history.new/  files of history that are being written, see history/run.rs
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;

use crate::acknowledged::Acknowledged;
use crate::database::Database;
use crate::{OpenError, Options, headers};

/// The content of the format file.
const FORMAT: &str = "ehb-store 5";

/// How long a lock is waited for: a process that was killed holds it until the system has released its memory.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
/// The interval between attempts.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// A file locked for this process until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held open for its lock")] File);

/// An opened directory.
pub(crate) struct Directory {
    pub(crate) database: Database,
    pub(crate) acknowledged: Acknowledged,
}

/// Locks and checks a directory, creates missing parts of a new one, and opens its database.
pub(crate) fn open(dir: &Path, options: &Options) -> Result<Directory, OpenError> {
    fs::create_dir_all(dir).map_err(io(dir))?;
    let lock = Lock::acquire(&dir.join("lock"))?;
    let db = dir.join("db");
    let acknowledged = dir.join("acknowledged");
    match (read_format(dir)?, exists(&db)?) {
        (None, false) => create(dir, options)?,
        // The format is written before the database is given its name.
        (Some(_), false) if exists(&dir.join("db.new"))? => create(dir, options)?,
        (Some(_), false) => return Err(damaged(dir, "the folder db is missing")),
        (None, true) => return Err(damaged(dir, "the file format is missing")),
        (Some(_), true) => {}
    }
    let acknowledged = Acknowledged::open(&acknowledged).map_err(|reason| damaged(dir, &reason))?;
    headers::check(&db).map_err(io(&db))?.map_err(|reason| damaged(dir, &reason))?;
    // Opening for writing moves the log into tables and removes it: lost writes must be detected before.
    let found = Database::last_write_of(&db, options).map_err(|error| refused(dir, error))?;
    check_last_write(dir, found, &acknowledged)?;
    let database = Database::open(&db, options, lock).map_err(|error| refused(dir, error))?;
    Ok(Directory { database, acknowledged })
}

/// Locks and checks a directory and opens its database without changing it.
pub(crate) fn open_read_only(dir: &Path, options: &Options) -> Result<Directory, OpenError> {
    let db = dir.join("db");
    if !exists(&db)? {
        return Err(damaged(dir, "the folder db is missing"));
    }
    let lock = Lock::acquire(&dir.join("lock"))?;
    read_format(dir)?.ok_or_else(|| damaged(dir, "the file format is missing"))?;
    let acknowledged = Acknowledged::open(&dir.join("acknowledged"));
    let acknowledged = acknowledged.map_err(|reason| damaged(dir, &reason))?;
    headers::check(&db).map_err(io(&db))?.map_err(|reason| damaged(dir, &reason))?;
    let database = Database::open_read_only(&db, options, lock);
    let database = database.map_err(|error| refused(dir, error))?;
    check_last_write(dir, database.last_write(), &acknowledged)?;
    Ok(Directory { database, acknowledged })
}

/// Rejects a database that lost acknowledged writes.
fn check_last_write(dir: &Path, found: u64, acknowledged: &Acknowledged) -> Result<(), OpenError> {
    let claimed = acknowledged.claimed();
    if found >= claimed {
        return Ok(());
    }
    let reason = format!(
        "writes up to number {claimed} were acknowledged, the database ends at {found}: its \
         write-ahead log was cut or damaged"
    );
    Err(damaged(dir, &reason))
}

fn create(dir: &Path, options: &Options) -> Result<(), OpenError> {
    let new = dir.join("db.new");
    if exists(&new)? {
        fs::remove_dir_all(&new).map_err(io(&new))?;
    }
    Database::create(&new, options).map_err(|error| refused(dir, error))?;
    let acknowledged = dir.join("acknowledged");
    Acknowledged::create(&acknowledged).map_err(io(&acknowledged))?;
    let format = dir.join("format");
    let mut file = File::create(&format).map_err(io(&format))?;
    file.write_all(format!("{FORMAT}\n").as_bytes()).map_err(io(&format))?;
    file.sync_all().map_err(io(&format))?;
    sync_directory(dir)?;
    let db = dir.join("db");
    fs::rename(&new, &db).map_err(io(&db))?;
    sync_directory(dir)
}

/// The format, if the file exists and this program knows its content.
fn read_format(dir: &Path) -> Result<Option<()>, OpenError> {
    let path = dir.join("format");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io(&path)(error)),
    };
    let found = String::from_utf8_lossy(&bytes).trim_end().chars().take(80).collect::<String>();
    // A crash can leave the file empty only while the directory is being created.
    if found.is_empty() && !exists(&dir.join("db"))? {
        return Ok(None);
    }
    if found.is_empty() {
        return Err(damaged(dir, "the file format is empty"));
    }
    if found != FORMAT {
        return Err(OpenError::Format { path, found, known: FORMAT });
    }
    Ok(Some(()))
}

impl Lock {
    /// Takes the lock, or returns the process that holds it. A link in its place is refused, because what it leads to would
    /// be overwritten.
    pub(crate) fn acquire(path: &Path) -> Result<Self, OpenError> {
        let mut options = OpenOptions::new();
        let mut file = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(path)
            .map_err(io(path))?;
        let deadline = Instant::now() + LOCK_PATIENCE;
        let mut attempt = file.try_lock();
        while matches!(attempt, Err(TryLockError::WouldBlock)) && Instant::now() < deadline {
            std::thread::sleep(LOCK_PAUSE);
            attempt = file.try_lock();
        }
        match attempt {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // If the process that holds the lock has not written its pid yet, the pid is unknown.
                let read = file.read_to_string(&mut text);
                let pid = read.ok().and_then(|_| text.trim().parse().ok());
                return Err(OpenError::Locked { path: path.to_owned(), pid });
            }
            Err(TryLockError::Error(error)) => return Err(io(path)(error)),
        }
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(format!("{}\n", std::process::id()).as_bytes())
        };
        write(&mut file).map_err(io(path))?;
        Ok(Self(file))
    }
}

/// Makes the directory entries durable.
pub(crate) fn sync_directory(dir: &Path) -> Result<(), OpenError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(io(dir))
}

pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> OpenError + use<> {
    let path: PathBuf = path.to_owned();
    |source| OpenError::Io { path, source }
}

pub(crate) fn damaged(dir: &Path, reason: &str) -> OpenError {
    OpenError::Damaged { path: dir.to_owned(), reason: reason.to_owned() }
}

fn exists(path: &Path) -> Result<bool, OpenError> {
    path.try_exists().map_err(io(path))
}

/// RocksDB reports missing or wrong files in several ways; all errors except system errors are damage.
fn refused(dir: &Path, error: rocksdb::Error) -> OpenError {
    use rocksdb::ErrorKind::{Corruption, IOError, InvalidArgument, NotFound};
    let path = dir.to_owned();
    let kind = error.kind();
    let reason = error.into_string();
    let file_is_missing = reason.contains("No such file or directory");
    match kind {
        Corruption | InvalidArgument | NotFound => OpenError::Damaged { path, reason },
        IOError if file_is_missing => OpenError::Damaged { path, reason },
        _ => OpenError::Database { path, reason },
    }
}
