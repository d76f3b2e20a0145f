//! The simulated disk: crashes, loss and bounds.

use crate::dice::Dice;
use crate::disk::{Disk, Record};

fn entry(byte: u8) -> Record {
    Record::Signed(vec![byte])
}

/// The last-signed record after writes 1 to 3, of which the first is synced, and a crash.
fn left(seed: u64) -> Option<u8> {
    let mut disk = Disk::default();
    disk.write(entry(1), false).unwrap();
    disk.sync();
    disk.write(entry(2), false).unwrap();
    disk.write(entry(3), false).unwrap();
    disk.lose(&mut Dice::new(seed, 0));
    let own = ehb_types::PublicKey([0; 32]);
    let found = disk.found(&own, None).unwrap();
    found.signed.and_then(|bytes| bytes.first().copied())
}

#[test]
fn a_crash_keeps_synced_writes_and_a_prefix_of_the_rest() {
    let mut seen: Vec<Option<u8>> = (0..100).map(left).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen, [Some(1), Some(2), Some(3)]);
}

#[test]
fn a_lost_disk_is_empty() {
    let mut disk = Disk::default();
    disk.write(entry(1), false).unwrap();
    disk.sync();
    disk.wipe();
    let found = disk.found(&ehb_types::PublicKey([0; 32]), None).unwrap();
    assert_eq!((found.signed, found.log.len(), found.head.is_none()), (None, 0, true));
}

#[test]
fn a_store_rejects_heights_far_above_its_head() {
    let mut disk = Disk::new();
    let mut write = |height| disk.write(Record::Entry { height, bytes: vec![1] }, false);
    assert_eq!(write(1), Ok(()));
    assert_eq!(write(4), Ok(()));
    assert_eq!(write(5), Err("the store refuses a log entry of height 5 above head 0".into()));
    assert_eq!(write(0), Err("the store refuses a log entry of height 0 above head 0".into()));
}
