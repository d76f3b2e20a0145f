//! Data directories that are in use, or no longer what the node wrote.

use std::fs;
use std::path::{Path, PathBuf};

use ehb_sdk::api::Detail;

use crate::net::{Net, copy, replace};
use crate::program::node_start;

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
    change(path, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
    });
}

#[test]
fn damage_is_told_and_nothing_is_changed() {
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
        let ran = node_start(&data_dir);
        assert_eq!(ran.exit, Some(1), "{what}: {}", ran.stderr);
        ran.refused(&["is damaged: ", "restore it from a backup", "code: DIRECTORY_DAMAGED"]);
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
    fs::write(&path, whole).unwrap();
    net.start_all();
    net.pay(1, 0);
}
