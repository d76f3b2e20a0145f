//! Files are cut, flipped and removed. Whatever happens, what the store returns is right or it says
//! that it is damaged; the audit panics on anything else.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ehb_store::{OpenError, Opened, Store, StoreError};
use tempfile::{TempDir, tempdir};

use crate::chain::{audit, copy, create, grow, open, options};

const HEIGHT: u64 = 24;

/// A directory whose first blocks are in table files and whose last ones in the write-ahead log.
struct Original(TempDir);

/// What became of a damaged copy.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It is whole up to this height.
    Whole(u64),
    /// It was not opened.
    Refused(String),
    /// A read failed.
    Detected(String),
}

impl Original {
    fn new() -> Self {
        let dir = tempdir().unwrap();
        let store = create(dir.path());
        grow(&store, HEIGHT / 2);
        drop(store);
        // Opening moves what the log holds into tables.
        let store = open(dir.path());
        grow(&store, HEIGHT);
        drop(store);
        Self(dir)
    }

    fn files(&self, ending: &str) -> Vec<String> {
        let names = fs::read_dir(self.0.path().join("db")).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| name.ends_with(ending)).collect();
        names.sort();
        names
    }

    fn wal(&self) -> (String, Vec<u8>) {
        let read = |name: String| {
            let bytes = fs::read(self.0.path().join("db").join(&name)).unwrap();
            (name, bytes)
        };
        self.files(".log").into_iter().map(read).max_by_key(|(_, bytes)| bytes.len()).unwrap()
    }

    /// Makes a copy, damages it, and looks what became of it.
    fn after(&self, damage: impl FnOnce(&Path)) -> Fate {
        let copied = tempdir().unwrap();
        copy(self.0.path(), copied.path());
        damage(copied.path());
        let store = match Store::open(copied.path(), &options()) {
            Ok(Opened::Chain(store)) => store,
            Ok(Opened::Empty(_)) => panic!("a damaged directory passed for an empty one"),
            Err(error @ OpenError::Damaged { .. }) => return Fate::Refused(error.to_string()),
            Err(error) => panic!("not reported as damage: {error}"),
        };
        match audit(&store) {
            Ok(()) => Fate::Whole(store.head().height()),
            Err(error @ (StoreError::Damaged(_) | StoreError::Disk(_))) => {
                Fate::Detected(error.to_string())
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn after_flip(&self, name: &str, offset: usize, bit: u8) -> Fate {
        self.after(|dir| {
            let path = dir.join("db").join(name);
            let mut bytes = fs::read(&path).unwrap();
            bytes[offset] ^= bit;
            fs::write(path, bytes).unwrap();
        })
    }
}

/// The files of a directory that hold data, by path, with what they hold. Left out is what RocksDB and
/// the lock write about themselves.
fn snapshot(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let about = ["LOG", "OPTIONS", "IDENTITY", "LOCK", "lock"];
        if path.is_dir() {
            files.extend(snapshot(&path));
        } else if !about.iter().any(|it| name.starts_with(it)) {
            let bytes = fs::read(&path).unwrap();
            files.insert(path, bytes);
        }
    }
    files
}

/// As after a power failure, which the note of acknowledged writes perhaps did not survive.
fn forget_acknowledged(dir: &Path) {
    fs::write(dir.join("acknowledged"), "00000000000000000000\n").unwrap();
}

fn cut(path: PathBuf, length: usize) {
    let bytes = fs::read(&path).unwrap();
    fs::write(path, &bytes[..length]).unwrap();
}

#[test]
fn a_torn_end_of_the_log_leaves_whole_blocks() {
    let original = Original::new();
    let (name, bytes) = original.wal();
    let mut heights = Vec::new();
    for length in (0..=bytes.len()).step_by(bytes.len() / 60) {
        let fate = original.after(|dir| {
            cut(dir.join("db").join(&name), length);
            forget_acknowledged(dir);
        });
        match fate {
            Fate::Whole(height) => heights.push(height),
            other => panic!("cut at {length}: {other:?}"),
        }
    }
    assert!(heights.is_sorted() && heights[0] == HEIGHT / 2, "{heights:?}");
    heights.dedup();
    assert!(heights.len() > 10, "the cuts hit many blocks: {heights:?}");
}

#[test]
fn a_torn_record_that_was_never_acknowledged_is_dropped() {
    let original = Original::new();
    let (name, bytes) = original.wal();
    // The beginning of a record is at the end once more, and is cut short.
    for length in [1, 6, 7, 8, 100] {
        let fate = original.after(|dir| {
            let torn = [&bytes[..], &bytes[..length]].concat();
            fs::write(dir.join("db").join(&name), torn).unwrap();
        });
        assert_eq!(fate, Fate::Whole(HEIGHT), "{length} bytes more");
    }
}

#[test]
fn lost_acknowledged_writes_are_refused() {
    let original = Original::new();
    let (name, bytes) = original.wal();
    for length in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        let fate = original.after(|dir| cut(dir.join("db").join(&name), length));
        assert!(
            matches!(&fate, Fate::Refused(why) if why.contains("were acknowledged")),
            "{fate:?}"
        );
    }
    let fate = original.after(|dir| fs::remove_file(dir.join("db").join(&name)).unwrap());
    assert!(matches!(fate, Fate::Refused(_)), "{fate:?}");
}

/// A person who looks for the cause, or restores a part, finds what the crash left.
#[test]
fn a_refused_log_is_left_as_it_was() {
    let original = Original::new();
    let (name, bytes) = original.wal();
    type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);
    let damages: [Damage<'_>; 3] = [
        &|bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2),
        &|bytes: &mut Vec<u8>| bytes.clear(),
        &|bytes: &mut Vec<u8>| bytes[100] ^= 0x10,
    ];
    for (index, damage) in damages.into_iter().enumerate() {
        let dir = tempdir().unwrap();
        copy(original.0.path(), dir.path());
        let mut bytes = bytes.clone();
        damage(&mut bytes);
        fs::write(dir.path().join("db").join(&name), bytes).unwrap();
        let before = snapshot(dir.path());
        let refusals = [(); 2].map(|()| match Store::open(dir.path(), &options()) {
            Err(error @ OpenError::Damaged { .. }) => error.to_string(),
            Err(error) => panic!("damage {index}: {error}"),
            Ok(_) => panic!("damage {index}: it was opened"),
        });
        assert_eq!(refusals[0], refusals[1], "damage {index}");
        assert!(snapshot(dir.path()) == before, "damage {index}: the files have changed");
    }
}

#[test]
fn flipped_bits_in_the_log_are_never_silent() {
    let original = Original::new();
    let (name, bytes) = original.wal();
    let spread = (0..bytes.len()).step_by(bytes.len() / 80).map(|offset| (offset, 0x10));
    // A length that grows beyond the end makes a record look torn; another kind of record made
    // RocksDB read it for ever.
    let lengths = record_starts(&bytes).into_iter().map(|start| (start + 5, 0x40));
    let kinds = record_starts(&bytes).into_iter().map(|start| (start + 6, 0x04));
    for (offset, bit) in spread.chain(lengths).chain(kinds) {
        match original.after_flip(&name, offset, bit) {
            Fate::Refused(_) | Fate::Whole(HEIGHT) => {}
            other => panic!("a flip at {offset}: {other:?}"),
        }
    }
}

/// Where the log's records start: blocks of 32 KiB, and headers of checksum, length and kind.
fn record_starts(bytes: &[u8]) -> Vec<usize> {
    const BLOCK: usize = 32_768;
    const HEADER: usize = 7;
    let mut starts = Vec::new();
    let mut at = 0;
    while at + HEADER <= bytes.len() {
        if BLOCK - at % BLOCK < HEADER {
            at = at.next_multiple_of(BLOCK);
            continue;
        }
        starts.push(at);
        at += HEADER + usize::from(u16::from_le_bytes([bytes[at + 4], bytes[at + 5]]));
    }
    starts
}

#[test]
fn flipped_bits_in_tables_are_never_silent() {
    let original = Original::new();
    let tables = original.files(".sst");
    let mut seen = 0;
    for name in &tables {
        let length = fs::metadata(original.0.path().join("db").join(name)).unwrap().len() as usize;
        for offset in (0..length).step_by(length.div_ceil(7)) {
            match original.after_flip(name, offset, 1) {
                Fate::Whole(HEIGHT) => {}
                Fate::Refused(_) | Fate::Detected(_) => seen += 1,
                other => panic!("a flip at {offset} of {name}: {other:?}"),
            }
        }
    }
    assert!(tables.len() >= 6 && seen > 20, "{} tables, {seen} detected", tables.len());
}

/// Each table begins with its first entries, except one that holds nothing but that entries were deleted.
#[test]
fn damaged_entries_of_every_table_are_found_by_reading_all() {
    let original = Original::new();
    let look = |dir: &Path| {
        let mut kinds = 0;
        let found = Store::open_read_only(dir, &options())
            .map(|store| store.read_all(&mut |_| kinds += 1).map_err(|error| error.to_string()));
        (found, kinds)
    };
    let (found, kinds) = look(original.0.path());
    assert_eq!((found.unwrap(), kinds), (Ok(()), 13));
    let mut unseen = Vec::new();
    for name in original.files(".sst") {
        let copied = tempdir().unwrap();
        copy(original.0.path(), copied.path());
        let path = copied.path().join("db").join(&name);
        let mut bytes = fs::read(&path).unwrap();
        bytes[4] ^= 1;
        fs::write(path, bytes).unwrap();
        match look(copied.path()).0 {
            Err(OpenError::Damaged { .. }) => {}
            Ok(Err(text)) => assert!(text.starts_with("the stored data is damaged: "), "{text}"),
            Ok(Ok(())) => unseen.push(name),
            Err(error) => panic!("{name}: {error}"),
        }
    }
    assert!(unseen.len() <= 1, "{unseen:?}");
}

#[test]
fn flipped_bits_in_the_list_of_files_are_never_silent() {
    let original = Original::new();
    for name in [original.files("CURRENT"), names_with(&original, "MANIFEST")].concat() {
        let length = fs::metadata(original.0.path().join("db").join(&name)).unwrap().len() as usize;
        for offset in (0..length).step_by(length.div_ceil(150)) {
            match original.after_flip(&name, offset, 4) {
                Fate::Whole(HEIGHT) | Fate::Refused(_) => {}
                other => panic!("a flip at {offset} of {name}: {other:?}"),
            }
        }
    }
}

fn names_with(original: &Original, beginning: &str) -> Vec<String> {
    original.files("").into_iter().filter(|name| name.starts_with(beginning)).collect()
}

#[test]
fn a_missing_file_is_refused_or_not_needed() {
    let original = Original::new();
    for name in original.files("") {
        let fate = original.after(|dir| fs::remove_file(dir.join("db").join(&name)).unwrap());
        let needless = ["IDENTITY", "LOCK", "LOG", "OPTIONS"].iter().any(|it| name.starts_with(it));
        let (wal, _) = original.wal();
        let may_be_empty = name.ends_with(".log") && name != wal;
        match fate {
            Fate::Whole(HEIGHT) if needless || may_be_empty => {}
            Fate::Refused(why) if !needless => {
                assert!(why.contains("fetches the chain from its peers"), "{why}");
            }
            other => panic!("without {name}: {other:?}"),
        }
    }
}

#[test]
fn a_log_of_an_older_copy_is_refused() {
    let original = Original::new();
    let older = tempdir().unwrap();
    copy(original.0.path(), older.path());
    let store = open(original.0.path());
    grow(&store, HEIGHT + 5);
    drop(store);
    // The database is put back, the rest of the directory is not.
    let fate = original.after(|dir| {
        fs::remove_dir_all(dir.join("db")).unwrap();
        copy(&older.path().join("db"), &dir.join("db"));
    });
    assert!(matches!(&fate, Fate::Refused(why) if why.contains("were acknowledged")), "{fate:?}");
}
