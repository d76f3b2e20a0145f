//! How a copied data directory is recognised.

use std::fs;
use std::path::Path;

use ehb_consensus::LastSigned;
use ehb_crypto::{Domain, Hasher};
use ehb_types::{Hash, encode};

use super::Place;
use crate::error_code;

const CHAIN: Hash = Hash([7; 32]);

fn written_at(directory: &Path) -> Vec<u8> {
    Place::of(directory, CHAIN).unwrap().stored(&encode(&LastSigned::below(7)))
}

#[test]
fn a_copied_directory_is_recognised() {
    let home = tempfile::tempdir().unwrap();
    let (first, copy) = (home.path().join("first"), home.path().join("copy"));
    fs::create_dir(&first).unwrap();
    fs::create_dir(&copy).unwrap();
    let stored = written_at(&first);
    let read = Place::of(&copy, CHAIN).unwrap().read(&stored).unwrap();
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
    let read = Place::of(&after, CHAIN).unwrap().read(&stored).unwrap();
    assert_eq!(read, (LastSigned::below(7), false));
}

#[test]
fn a_record_without_a_place_is_damaged() {
    let home = tempfile::tempdir().unwrap();
    let place = Place::of(home.path(), CHAIN).unwrap();
    assert!(place.read(&encode(&LastSigned::below(7))).is_err());
}

/// A new chain with the id of an earlier one: the signer state of the earlier one silences nobody in it.
#[test]
fn a_record_of_another_chain_is_refused_with_both() {
    let home = tempfile::tempdir().unwrap();
    let stored = written_at(home.path());
    let error = Place::of(home.path(), Hash([8; 32])).unwrap().read(&stored).unwrap_err();
    assert_eq!(error_code::of(&error), error_code::SIGNER_STATE);
    let text = error.to_string();
    assert!(text.contains(&CHAIN.to_string()) && text.contains("name another file"), "{text}");
}

/// A file with one record, as the store writes it.
fn signer_file(path: &Path, record: &[u8]) {
    let value = [&1_u64.to_be_bytes(), record].concat();
    let checksum = Hasher::new(Domain::SignedRecord).with(&value).finish();
    let slot = format!("{:<1023}\n", format!("1 {} {checksum}", hex::encode(record)));
    fs::write(path, slot.repeat(2)).unwrap();
}

/// A store that is opened with it would replace a record with a lower number.
#[test]
fn the_signer_state_of_another_chain_is_refused_before_a_store_is_opened() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("signed");
    assert!(Place::check_signer_state(&path, CHAIN).is_ok(), "there is none");
    signer_file(&path, &written_at(home.path()));
    assert!(Place::check_signer_state(&path, CHAIN).is_ok());
    let error = Place::check_signer_state(&path, Hash([8; 32])).unwrap_err();
    assert_eq!(error_code::of(&error), error_code::SIGNER_STATE);
}
