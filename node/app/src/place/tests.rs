//! How a copied data directory is recognised.

use std::fs;
use std::path::Path;

use ehb_consensus::LastSigned;
use ehb_types::encode;

use super::Place;

fn written_at(directory: &Path) -> Vec<u8> {
    Place::of(directory).unwrap().stored(&encode(&LastSigned::below(7)))
}

#[test]
fn a_copied_directory_is_recognised() {
    let home = tempfile::tempdir().unwrap();
    let (first, copy) = (home.path().join("first"), home.path().join("copy"));
    fs::create_dir(&first).unwrap();
    fs::create_dir(&copy).unwrap();
    let stored = written_at(&first);
    let read = Place::of(&copy).unwrap().read(&stored).unwrap();
    assert_eq!(read, (LastSigned::below(7), true));
}

#[test]
fn a_directory_that_was_renamed_is_the_same() {
    let home = tempfile::tempdir().unwrap();
    let (before, after) = (home.path().join("before"), home.path().join("after"));
    fs::create_dir(&before).unwrap();
    let stored = written_at(&before);
    fs::rename(&before, &after).unwrap();
    fs::write(after.join("more"), "files change nothing").unwrap();
    let read = Place::of(&after).unwrap().read(&stored).unwrap();
    assert_eq!(read, (LastSigned::below(7), false));
}

#[test]
fn a_record_without_a_place_is_damaged() {
    let home = tempfile::tempdir().unwrap();
    let place = Place::of(home.path()).unwrap();
    assert!(place.read(&encode(&LastSigned::below(7))).is_err());
}
