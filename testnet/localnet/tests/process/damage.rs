//! Data directories that are in use, or no longer what the node wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ehb_sdk::api::Detail;
use nix::sys::signal::Signal;

use crate::net::{Net, copy, replace};
use crate::program::{eventually, node_start};
use crate::unlock::unlock;

const DAMAGED: &str = "code: DIRECTORY_DAMAGED";

#[test]
fn a_second_process_on_a_directory_is_refused() {
    let net = Net::up(1);
    let node = net.node(1);
    let pid = format!("(pid {})", node.pid.unwrap());
    let code = "code: DIRECTORY_IN_USE";
    node_start(&node.data_dir).refused(&[
        "is in use by another process",
        &pid,
        "stop it first",
        code,
    ]);
    net.pay(1, 0);
}

/// The file of a database that is longest among those with an ending.
fn longest(db: &Path, is_it: impl Fn(&str) -> bool) -> PathBuf {
    let files = fs::read_dir(db).unwrap().map(|entry| entry.unwrap().path());
    let named = files.filter(|path| is_it(path.file_name().unwrap().to_str().unwrap()));
    named.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap()
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn flip(path: &Path) {
    flip_at(path, 1, 2);
}

/// Flips a bit N parts into the file, of M.
fn flip_at(path: &Path, part: usize, parts: usize) {
    change(path, |bytes| {
        let at = bytes.len() * part / parts;
        bytes[at] ^= 0x10;
    });
}

/// The files of a folder that hold data, by path, with what they hold. Left out is what the database,
/// the lock and the processes write about themselves.
pub(crate) fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let about = ["LOG", "OPTIONS", "IDENTITY", "LOCK", "lock", "node.log"];
        if path.is_dir() {
            files.extend(snapshot(&path));
        } else if !about.iter().any(|it| name.starts_with(it)) {
            let bytes = fs::read(&path).unwrap();
            files.insert(path, bytes);
        }
    }
    files
}

#[test]
fn damage_is_reported_and_nothing_is_changed() {
    let net = Net::up(1);
    let paid = net.pay(1, 0);
    let hash = net.block(1, paid, Detail::Ids).hash;
    net.stop(1);
    let data_dir = net.node(1).data_dir;
    let store = data_dir.join("db");
    let whole = data_dir.join("whole");
    copy(&store, &whole);

    let wal = |name: &str| name.ends_with(".log");
    let manifest = |name: &str| name.starts_with("MANIFEST-");
    type Damage<'a> = (&'a str, &'a dyn Fn(&Path));
    let damages: [Damage<'_>; 9] = [
        ("CURRENT is gone", &|store| fs::remove_file(store.join("db/CURRENT")).unwrap()),
        ("CURRENT is flipped", &|store| flip(&store.join("db/CURRENT"))),
        ("the manifest is gone", &|store| {
            fs::remove_file(longest(&store.join("db"), manifest)).unwrap();
        }),
        ("the manifest is flipped", &|store| flip(&longest(&store.join("db"), manifest))),
        ("the log is flipped", &|store| flip(&longest(&store.join("db"), wal))),
        ("the log is cut", &|store| {
            change(&longest(&store.join("db"), wal), |bytes| bytes.truncate(bytes.len() / 2));
        }),
        ("the database is gone", &|store| fs::remove_dir_all(store.join("db")).unwrap()),
        ("the format is gone", &|store| fs::remove_file(store.join("format")).unwrap()),
        ("the acknowledged mark is gone", &|store| {
            fs::remove_file(store.join("acknowledged")).unwrap();
        }),
    ];
    for (what, damage) in damages {
        replace(&store, &whole);
        damage(&store);
        let before = snapshot(&store);
        let first = node_start(&data_dir);
        assert_eq!(first.exit, Some(1), "{what}: {}", first.stderr);
        first.refused(&["is damaged: ", "restore it from a backup", DAMAGED]);
        assert!(snapshot(&store) == before, "{what}: a file has changed");
        // Nobody repairs it by trying again.
        assert_eq!(node_start(&data_dir).stderr, first.stderr, "{what}");
        assert!(snapshot(&store) == before, "{what}: a file has changed at the second start");
    }
    replace(&store, &whole);
    fs::write(store.join("format"), "ehb-store 9\n").unwrap();
    node_start(&data_dir).refused(&[
        "has the store format \"ehb-store 9\"",
        "use the program version",
        "code: DIRECTORY_FORMAT",
    ]);

    replace(&store, &whole);
    net.start_all();
    assert_eq!(net.block(1, paid, Detail::Ids).hash, hash);
    net.pay(1, 1);
    assert_eq!(net.audit().transactions, 2);
}

/// A network whose first node has payments in tables.
fn with_tables(nodes: usize, payments: usize) -> Net {
    let net = Net::up(nodes);
    for payment in 0..payments {
        net.pay(1, payment % 3);
    }
    net.stop(1);
    // A start moves what the log holds into tables.
    net.start(1);
    net
}

/// A table is checked where it is read, so damage may show at once, later, or never.
#[test]
fn a_damaged_table_is_reported_where_it_is_read() {
    let net = with_tables(1, 3);
    net.stop(1);
    let data_dir = net.node(1).data_dir;
    let (store, whole) = (data_dir.join("db"), data_dir.join("whole"));
    copy(&store, &whole);
    let tables: Vec<PathBuf> = snapshot(&whole)
        .into_keys()
        .filter(|path| path.extension().is_some_and(|it| it == "sst"))
        .collect();
    assert!(!tables.is_empty(), "nothing was moved into tables");
    let mut refused = 0;
    for table in &tables {
        for part in [0, 1, 3] {
            let what = format!("{}, {part} of 4 parts in", table.display());
            replace(&store, &whole);
            flip_at(&store.join(table.strip_prefix(&whole).unwrap()), part, 4);
            // Ignore the output of an earlier process.
            let _ = fs::remove_file(data_dir.join("endpoints.json"));
            let mut node = net.spawn(1);
            let serves = eventually("the node serves or ends", || match node.is_running() {
                true => net.status(1).map(|_| true),
                false => Some(false),
            });
            if serves {
                node.signal(Signal::SIGTERM);
            }
            let ran = node.wait();
            assert!(!ran.stderr.contains("panicked"), "{what}: {}", ran.stderr);
            let is_reported =
                [DAMAGED, "code: HALTED"].iter().any(|code| ran.stderr.contains(code));
            assert!((serves && ran.exit == Some(0)) || is_reported, "{what}: {}", ran.stderr);
            refused += usize::from(!serves);
        }
    }
    assert!(refused > 0, "no damage was met in {} tables", tables.len());
    replace(&store, &whole);
    net.start_all();
    net.pay(1, 3);
    assert_eq!(net.audit().transactions, 4);
}

/// Only a peer asks for old blocks: their damage is a condition all the same.
#[test]
fn damage_that_a_peer_meets_is_a_condition() {
    // More than the part of a table that holds the newest blocks, which a start reads and keeps in memory.
    let net = with_tables(2, 60);
    net.kill(&[2]);
    fs::remove_dir_all(net.node(2).data_dir.join("db")).unwrap();
    let db = net.node(1).data_dir.join("db/db");
    for entry in fs::read_dir(&db).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "sst") {
            change(&path, |bytes| bytes.iter_mut().step_by(100).for_each(|byte| *byte ^= 0x10));
        }
    }
    let emptied = net.spawn(2);
    eventually("the damage is a condition", || {
        let conditions = net.status(1)?.conditions;
        conditions.iter().any(|it| it.code == "DAMAGED" && it.unready).then_some(())
    });
    emptied.signal(Signal::SIGTERM);
    emptied.wait();
}

#[test]
fn a_directory_of_another_chain_is_refused() {
    let net = Net::up(1);
    net.stop(1);
    let path = net.node(1).data_dir.join("genesis.json");
    let whole = fs::read_to_string(&path).unwrap();
    let mut genesis: serde_json::Value = serde_json::from_str(&whole).unwrap();
    genesis["timestamp_ms"] = 1_700_000_000_000_u64.into();
    fs::write(&path, genesis.to_string()).unwrap();
    node_start(&net.node(1).data_dir).refused(&[
        "belongs to the chain with genesis",
        &net.manifest().genesis.to_string(),
        "put the right genesis file back",
        "code: OTHER_GENESIS",
    ]);
    unlock(&net.node(1).data_dir, "100").refused(&["belongs to", "code: OTHER_GENESIS"]);
    fs::write(&path, whole).unwrap();
    net.start_all();
    net.pay(1, 0);
}
