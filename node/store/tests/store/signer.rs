//! The second record of what the key signed (`store.signer_state`).

use std::fs;
use std::path::Path;

use ehb_store::{OpenError, Opened, Options, SIGNED_BYTES_MAX, Store, StoreError};
use tempfile::tempdir;

use crate::chain::{copy, create_with, grow, options};

fn open(dir: &Path, options: &Options) -> Result<Store, OpenError> {
    match Store::open(dir, options)? {
        Opened::Chain(store) => Ok(store),
        Opened::Empty(_) => panic!("no chain"),
    }
}

fn sign(store: &Store, record: &str) {
    store.record_signed(record.as_bytes()).unwrap();
    store.sync().unwrap();
}

#[test]
fn an_old_copy_of_the_directory_still_knows_what_was_signed() {
    let home = tempdir().unwrap();
    let (dir, old) = (home.path().join("data"), home.path().join("old"));
    let options = Options { signer_state: Some(home.path().join("signed")), ..options() };
    let store = create_with(&dir, &options);
    assert_eq!(store.last_signed(), None);
    sign(&store, "height 1");
    drop(store);
    copy(&dir, &old);

    let store = open(&dir, &options).unwrap();
    grow(&store, 2);
    sign(&store, "height 2");
    sign(&store, "height 3");
    drop(store);

    let store = open(&old, &options).unwrap();
    assert_eq!(store.head().height(), 0);
    assert_eq!(store.last_signed().unwrap(), b"height 3");
    sign(&store, "height 4");
    drop(store);
    // The record went on in the restored directory: the other one is the old one now.
    assert_eq!(open(&dir, &options).unwrap().last_signed().unwrap(), b"height 4");
}

#[test]
fn an_emptied_directory_still_knows_what_was_signed() {
    let home = tempdir().unwrap();
    let dir = home.path().join("data");
    let options = Options { signer_state: Some(home.path().join("signed")), ..options() };
    let store = create_with(&dir, &options);
    sign(&store, "height 9");
    drop(store);
    fs::remove_dir_all(&dir).unwrap();
    assert_eq!(create_with(&dir, &options).last_signed().unwrap(), b"height 9");
}

#[test]
fn a_torn_slot_leaves_the_record_before() {
    let home = tempdir().unwrap();
    let dir = home.path().join("data");
    let path = home.path().join("signed");
    let options = Options { signer_state: Some(path.clone()), ..options() };
    let store = create_with(&dir, &options);
    for record in ["one", "two", "three"] {
        sign(&store, record);
    }
    drop(store);
    fs::remove_dir_all(&dir).unwrap();
    let whole = fs::read(&path).unwrap();
    // Record three is in the second of two slots of 1,024 bytes.
    assert!(whole[1_024..].starts_with(b"3 "));
    for (offset, text) in [(1_024, "9"), (1_026, "zz"), (1_060, "\n"), (1_025, "\u{80}")] {
        let mut torn = whole.clone();
        torn[offset..offset + text.len()].copy_from_slice(text.as_bytes());
        fs::write(&path, &torn).unwrap();
        assert_eq!(create_with(&dir, &options).last_signed().unwrap(), b"two", "at {offset}");
        fs::remove_dir_all(&dir).unwrap();
    }
    fs::write(&path, vec![b'x'; whole.len()]).unwrap();
    let error = Store::open(&dir, &options).err().unwrap();
    assert!(error.to_string().contains("holds no valid record"), "{error}");
}

/// A device or a pipe that never ends is not read.
#[test]
fn a_place_that_is_no_regular_file_is_refused() {
    let home = tempdir().unwrap();
    let pipe = home.path().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for path in [Path::new("/dev/zero"), &pipe] {
        let options = Options { signer_state: Some(path.to_owned()), ..options() };
        let error = Store::open(&home.path().join("data"), &options).err().unwrap();
        let text = error.to_string();
        assert!(
            text.contains("it is no regular file") && text.contains("store.signer_state"),
            "{text}"
        );
    }
}

#[test]
fn a_missing_file_is_refused_once_it_was_in_use() {
    let home = tempdir().unwrap();
    let dir = home.path().join("data");
    let path = home.path().join("signed");
    let with = Options { signer_state: Some(path.clone()), ..options() };
    sign(&create_with(&dir, &with), "height 1");
    fs::remove_file(&path).unwrap();
    let error = open(&dir, &with).err().unwrap();
    assert!(error.to_string().contains("is missing, although it was in use"), "{error}");
    // The way out that the message reports.
    assert_eq!(open(&dir, &options()).unwrap().last_signed().unwrap(), b"height 1");
    let store = open(&dir, &with).unwrap();
    assert_eq!(store.last_signed().unwrap(), b"height 1");
    drop(store);
    // The new file has caught up with the database.
    fs::remove_dir_all(&dir).unwrap();
    assert_eq!(create_with(&dir, &with).last_signed().unwrap(), b"height 1");
}

#[test]
fn two_directories_cannot_share_a_signer_state() {
    let home = tempdir().unwrap();
    let options = Options { signer_state: Some(home.path().join("signed")), ..options() };
    let _first = create_with(&home.path().join("a"), &options);
    let error = Store::open(&home.path().join("b"), &options).err().unwrap();
    assert!(matches!(error, OpenError::Locked { .. }), "{error}");
}

#[test]
fn a_record_has_a_bound() {
    let home = tempdir().unwrap();
    let options = Options { signer_state: Some(home.path().join("signed")), ..options() };
    let store = create_with(&home.path().join("data"), &options);
    let largest = "x".repeat(SIGNED_BYTES_MAX);
    sign(&store, &largest);
    let error = store.record_signed((largest.clone() + "x").as_bytes()).unwrap_err();
    assert!(matches!(error, StoreError::Bound { .. }), "{error}");
    drop(store);
    fs::remove_dir_all(home.path().join("data")).unwrap();
    let store = create_with(&home.path().join("data"), &options);
    assert_eq!(store.last_signed().unwrap(), largest.as_bytes());
}

#[test]
fn a_place_that_cannot_be_used_is_named_with_its_setting() {
    let home = tempdir().unwrap();
    let dir = home.path().join("data");
    let folder = home.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let missing = home.path().join("missing").join("signed");
    let place = missing.parent().unwrap().display().to_string();
    for (path, reason) in [
        (missing.clone(), format!("the folder {place} does not exist")),
        (folder, "it is a folder".to_owned()),
    ] {
        let options = Options { signer_state: Some(path.clone()), ..options() };
        let error = Store::open(&dir, &options).err().unwrap();
        assert!(matches!(error, OpenError::SignerPlace { .. }), "{error:?}");
        let text = error.to_string();
        let expected =
            format!("store.signer_state names {}, which cannot be used: {reason}", path.display());
        assert!(text.starts_with(&expected), "{text}");
    }
    // Once the folder is there, nothing else is needed.
    fs::create_dir(missing.parent().unwrap()).unwrap();
    let options = Options { signer_state: Some(missing), ..options() };
    sign(&create_with(&dir, &options), "height 1");
}

/// Nobody knows what a missing half said, and a pipe or link beside the file is neither waited for nor followed.
#[test]
fn a_signer_state_of_another_length_and_what_lies_beside_it_harm_nothing() {
    let home = tempdir().unwrap();
    let path = home.path().join("signed");
    let options = Options { signer_state: Some(path.clone()), ..options() };
    let pipe = home.path().join("signed.new");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let dir = home.path().join("data");
    sign(&create_with(&dir, &options), "height 1");
    assert_eq!(ehb_store::signed_in(&path).unwrap(), b"height 1");

    let whole = fs::read(&path).unwrap();
    for length in [whole.len() / 2, whole.len() + 1] {
        let mut bytes = whole.clone();
        bytes.resize(length, b' ');
        fs::write(&path, bytes).unwrap();
        let error = Store::open(&dir, &options).err().unwrap();
        assert!(matches!(error, OpenError::SignerState { .. }), "{error:?}");
    }
    fs::write(&path, &whole).unwrap();
    let lock = home.path().join("signed.lock");
    let precious = home.path().join("precious");
    fs::write(&precious, "precious").unwrap();
    fs::remove_file(&lock).unwrap();
    std::os::unix::fs::symlink(&precious, &lock).unwrap();
    assert!(Store::open(&dir, &options).is_err());
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
}
