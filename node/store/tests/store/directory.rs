//! The data directory: locks, formats, and incomplete or read-only ones.

use std::fs;
use std::io::Read;
use std::path::Path;

use ehb_store::{OpenError, Opened, Store, StoreError};
use expect_test::{Expect, expect};
use tempfile::tempdir;

use crate::chain::{audit, create, grow, next, open, options};
use crate::crash::{child_directory, report, spawn};

fn refused(dir: &Path) -> OpenError {
    match Store::open(dir, &options()) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

fn check(dir: &Path, expected: Expect) {
    let text = refused(dir).to_string().replace(&dir.display().to_string(), "DIR");
    expected.assert_eq(&text.replace(&format!("pid {}", std::process::id()), "pid OURS"));
}

/// The files of a folder with their contents.
fn files(dir: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    files.sort();
    files
}

#[test]
fn opened_for_reading_alone_it_is_not_changed() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    grow(&store, 5);
    let head = store.head();
    drop(store);
    let before = files(&dir.path().join("db"));
    let store = Store::open_read_only(dir.path(), &options()).unwrap();
    assert_eq!(store.head(), head);
    audit(&store).unwrap();
    check(
        dir.path(),
        expect![[
            r#"DIR/lock is in use by another process (pid OURS); stop it first, two nodes must never share a directory or a key"#
        ]],
    );
    let next = next(&head, 1);
    let refused = store.commit(&next.commit());
    assert!(matches!(refused, Err(StoreError::Stopped(_))), "{refused:?}");
    drop(store);
    assert_eq!(files(&dir.path().join("db")), before);
    let empty = tempdir().unwrap();
    let refused = Store::open_read_only(empty.path(), &options()).map(drop);
    assert!(matches!(refused, Err(OpenError::Damaged { .. })), "{refused:?}");
    assert_eq!(files(empty.path()), [], "nothing is created");
}

#[test]
fn a_directory_is_for_one_store_at_a_time() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    check(
        dir.path(),
        expect![[
            r#"DIR/lock is in use by another process (pid OURS); stop it first, two nodes must never share a directory or a key"#
        ]],
    );
    let snapshot = store.snapshot();
    drop(store);
    assert!(matches!(refused(dir.path()), OpenError::Locked { .. }), "a snapshot is still held");
    drop(snapshot);
    open(dir.path());
}

#[test]
#[ignore = "a child process of another test"]
fn tries_to_open() {
    if let Some(dir) = child_directory() {
        report(&refused(&dir).to_string());
    }
}

#[test]
fn a_second_process_learns_who_has_the_directory() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    let mut reported = String::new();
    let mut child = spawn("directory::tries_to_open", dir.path());
    child.stdout.take().unwrap().read_to_string(&mut reported).unwrap();
    assert!(child.wait().unwrap().success(), "{reported}");
    let expected = format!("is in use by another process (pid {})", std::process::id());
    assert!(reported.contains(&expected), "{reported}");
    grow(&store, 3);
    audit(&store).unwrap();
}

#[test]
fn an_unknown_format_is_refused() {
    let dir = tempdir().unwrap();
    drop(create(dir.path()));
    fs::write(dir.path().join("format"), "ehb-store 2\n").unwrap();
    check(
        dir.path(),
        expect![[
            r#"DIR/format has the store format "ehb-store 2", this program knows "ehb-store 5"; use the program version that wrote it, or move this folder of the database away, keep keys.json, and start the node, which fetches the chain from its peers"#
        ]],
    );
}

#[test]
fn an_empty_format_is_damage() {
    let dir = tempdir().unwrap();
    drop(create(dir.path()));
    fs::write(dir.path().join("format"), "").unwrap();
    check(
        dir.path(),
        expect![[
            r#"the folder of the database DIR is damaged: the file format is empty; restore it from a backup, or move it away, keep keys.json, and start the node, which fetches the chain from its peers"#
        ]],
    );
}

#[test]
fn an_incomplete_directory_is_refused() {
    let dir = tempdir().unwrap();
    drop(create(dir.path()));
    let without = |name: &str, expected: Expect| {
        let aside = dir.path().join("aside");
        fs::rename(dir.path().join(name), &aside).unwrap();
        check(dir.path(), expected);
        fs::rename(&aside, dir.path().join(name)).unwrap();
    };
    without(
        "format",
        expect![[
            r#"the folder of the database DIR is damaged: the file format is missing; restore it from a backup, or move it away, keep keys.json, and start the node, which fetches the chain from its peers"#
        ]],
    );
    without(
        "db",
        expect![[
            r#"the folder of the database DIR is damaged: the folder db is missing; restore it from a backup, or move it away, keep keys.json, and start the node, which fetches the chain from its peers"#
        ]],
    );
    without(
        "acknowledged",
        expect![[
            r#"the folder of the database DIR is damaged: the file acknowledged: No such file or directory (os error 2); restore it from a backup, or move it away, keep keys.json, and start the node, which fetches the chain from its peers"#
        ]],
    );
    without(
        "db/CURRENT",
        expect![[
            r#"the folder of the database DIR is damaged: IO error: No such file or directory: While opening a file for sequentially reading: DIR/db/CURRENT: No such file or directory; restore it from a backup, or move it away, keep keys.json, and start the node, which fetches the chain from its peers"#
        ]],
    );
    audit(&open(dir.path())).unwrap();
}

#[test]
fn a_creation_that_was_interrupted_starts_over() {
    let dir = tempdir().unwrap();
    fs::create_dir(dir.path().join("db.new")).unwrap();
    fs::write(dir.path().join("db.new/CURRENT"), "half").unwrap();
    drop(create(dir.path()));

    // All was ready but for the last rename.
    let dir = tempdir().unwrap();
    assert!(matches!(Store::open(dir.path(), &options()), Ok(Opened::Empty(_))));
    fs::rename(dir.path().join("db"), dir.path().join("db.new")).unwrap();
    audit(&create(dir.path())).unwrap();
}

#[test]
fn a_directory_that_cannot_be_created_is_an_error() {
    let dir = tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(matches!(refused(&file.join("data")), OpenError::Io { .. }));
}
