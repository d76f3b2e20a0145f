//! The last-signed record, and the file outside of the data directory with a second copy of it.
//!
//! The file has two slots of fixed length, written in turn, so that a torn write leaves the other.
//! A slot is a line of text, padded with spaces: the record's sequence, the record and a checksum,
//! both in hex. The database is written first and the file after it, both before anything is
//! acknowledged; of the two records the one with the higher sequence counts.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use ehb_crypto::{Domain, Hasher};

use crate::directory::{Lock, io, sync_directory};
use crate::{OpenError, StoreError};

/// The maximum length of a last-signed record, bytes.
pub const SIGNED_BYTES_MAX: usize = 448;

/// A slot: sequence, record and checksum with a space after each of the first two, and a newline.
const SLOT_BYTES: usize = 1_024;

/// The last-signed record with its position in the sequence of all records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SignedRecord {
    /// Increases by one with each record; 0 means none.
    pub(crate) sequence: u64,
    /// The bytes that the consensus guard wrote.
    pub(crate) bytes: Vec<u8>,
}

impl SignedRecord {
    pub(crate) fn to_value(&self) -> Vec<u8> {
        [&self.sequence.to_be_bytes(), self.bytes.as_slice()].concat()
    }

    pub(crate) fn from_value(value: &[u8]) -> Result<Self, StoreError> {
        let (sequence, bytes) = value
            .split_first_chunk::<8>()
            .ok_or_else(|| StoreError::damaged("the last-signed record is shorter than 8 bytes"))?;
        Ok(Self { sequence: u64::from_be_bytes(*sequence), bytes: bytes.to_vec() })
    }

    fn checksum(&self) -> String {
        Hasher::new(Domain::SignedRecord).with(&self.to_value()).finish().to_string()
    }

    fn to_slot(&self) -> Vec<u8> {
        let text = format!("{} {} {}", self.sequence, hex::encode(&self.bytes), self.checksum());
        let mut slot = text.into_bytes();
        slot.resize(SLOT_BYTES - 1, b' ');
        slot.push(b'\n');
        slot
    }

    fn from_slot(slot: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(slot).ok()?;
        let mut parts = text.trim_end().split(' ');
        let (sequence, bytes, checksum) = (parts.next()?, parts.next()?, parts.next()?);
        let record = Self { sequence: sequence.parse().ok()?, bytes: hex::decode(bytes).ok()? };
        (parts.next().is_none() && record.checksum() == checksum).then_some(record)
    }
}

/// The bytes of the slots, and at most one more.
fn read_slots(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(2 * SLOT_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether it is a pipe or a device, of which reading may never end.
fn is_endless(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// The record in slots. Slots are written in turn, so at most one can be torn.
fn newest(slots: &[u8]) -> Option<SignedRecord> {
    let records = slots.chunks(SLOT_BYTES).filter_map(SignedRecord::from_slot);
    records.max_by_key(|record| record.sequence)
}

/// The last-signed record in a signer-state file, which is neither locked nor changed; none where there is no such record.
/// So who opens a store can check before whose record it is.
pub fn signed_in(path: &Path) -> Option<Vec<u8>> {
    if is_endless(path) {
        return None;
    }
    let record = newest(&read_slots(path).ok()?)?;
    (record.sequence > 0).then_some(record.bytes)
}

/// The file; locked while it is open, so that two nodes cannot share a signer state.
#[derive(Debug)]
pub(crate) struct SignerFile {
    file: File,
    _lock: Lock,
}

impl SignerFile {
    /// Opens the file and reads its record; with `expected` there must be one.
    pub(crate) fn open(path: &Path, expected: bool) -> Result<(Self, SignedRecord), OpenError> {
        Self::opened(path, expected).map_err(|error| match error {
            // A full disk is a lack of its own.
            OpenError::Io { source, .. } if source.kind() != ErrorKind::StorageFull => {
                OpenError::SignerPlace { path: path.to_owned(), reason: unusable(path, &source) }
            }
            error => error,
        })
    }

    fn opened(path: &Path, expected: bool) -> Result<(Self, SignedRecord), OpenError> {
        let lock = Lock::acquire(&lock_path(path))?;
        let refused = |reason: &str| OpenError::SignerState {
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        if is_endless(path) {
            let reason = "it is no regular file".to_owned();
            return Err(OpenError::SignerPlace { path: path.to_owned(), reason });
        }
        let mut record = SignedRecord::default();
        match read_slots(path) {
            // A torn write changes no length: what is missing may be the newest record.
            Ok(bytes) if bytes.len() != 2 * SLOT_BYTES => {
                return Err(refused(&format!(
                    "has not the {} bytes of two records",
                    2 * SLOT_BYTES
                )));
            }
            Ok(bytes) => {
                record = newest(&bytes).ok_or_else(|| refused("holds no valid record"))?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound && expected => {
                return Err(refused("is missing, although it was in use before"));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Self::create(path)?,
            Err(error) => return Err(io(path)(error)),
        }
        let file = OpenOptions::new().write(true).open(path).map_err(io(path))?;
        Ok((Self { file, _lock: lock }, record))
    }

    fn create(path: &Path) -> Result<(), OpenError> {
        let empty = SignedRecord::default().to_slot();
        let new = PathBuf::from(format!("{}.new", path.display()));
        // What is left of an attempt that a crash ended, or what somebody put there: it is neither followed nor waited for.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(io(&new)(error)),
            _ => {}
        }
        let mut file =
            OpenOptions::new().write(true).create_new(true).open(&new).map_err(io(&new))?;
        file.write_all(&[empty.as_slice(), &empty].concat()).map_err(io(&new))?;
        file.sync_all().map_err(io(&new))?;
        fs::rename(&new, path).map_err(io(path))?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        sync_directory(parent.unwrap_or(Path::new(".")))
    }

    /// Makes a record durable.
    pub(crate) fn write(&self, record: &SignedRecord) -> std::io::Result<()> {
        let slot = if record.sequence.is_multiple_of(2) { 0 } else { SLOT_BYTES as u64 };
        self.file.write_all_at(&record.to_slot(), slot)?;
        self.file.sync_data()
    }
}

/// Why a file cannot be opened.
fn unusable(path: &Path, source: &std::io::Error) -> String {
    match path.parent() {
        _ if path.is_dir() => "it is a folder".to_owned(),
        Some(parent) if source.kind() == ErrorKind::NotFound && !parent.exists() => {
            format!("the folder {} does not exist", parent.display())
        }
        _ => source.to_string(),
    }
}

fn lock_path(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}.lock", path.display()))
}
