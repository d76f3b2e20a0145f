//! The cache of recently read and written values.

use super::Recent;

fn value(byte: u8) -> Option<Vec<u8>> {
    Some(vec![byte])
}

#[test]
fn read_values_are_cached_from_their_height_on() {
    let recent = Recent::new(7, 1 << 16);
    assert_eq!(recent.get(7, b"a"), None);
    recent.fill(7, b"a", Some(&[1]));
    recent.fill(7, b"b", None);
    assert_eq!(recent.get(7, b"a"), Some(value(1)));
    assert_eq!(recent.get(7, b"b"), Some(None));
    assert_eq!(recent.get(8, b"a"), Some(value(1)));
    assert_eq!(recent.get(6, b"a"), None);
}

#[test]
fn a_commit_hides_its_entries_from_older_snapshots() {
    let recent = Recent::new(7, 1 << 16);
    recent.fill(7, b"a", Some(&[1]));
    recent.fill(7, b"c", Some(&[3]));
    recent.commit(8, &[(b"a".to_vec(), value(2)), (b"b".to_vec(), None)]);
    assert_eq!(recent.get(7, b"a"), None);
    assert_eq!(recent.get(8, b"a"), Some(value(2)));
    assert_eq!(recent.get(8, b"b"), Some(None));
    assert_eq!(recent.get(8, b"c"), Some(value(3)));
}

#[test]
fn a_commit_returns_what_its_entries_replaced() {
    let recent = Recent::new(7, 1 << 16);
    recent.fill(7, b"a", Some(&[1]));
    recent.fill(7, b"b", None);
    let changes = [b"a", b"b", b"c"].map(|key| (key.to_vec(), value(9)));
    let replaced = recent.commit(8, &changes);
    assert_eq!(replaced, [Some(Some([1].into())), Some(None), None]);
    let removed = [(b"a".to_vec(), None)];
    assert_eq!(recent.commit(9, &removed), [Some(Some([9].into()))]);
}

#[test]
fn a_commit_that_was_not_written_leaves_nothing() {
    let recent = Recent::new(7, 1 << 16);
    recent.fill(7, b"a", Some(&[1]));
    recent.fill(7, b"b", Some(&[2]));
    let changes = [(b"a".to_vec(), value(9)), (b"c".to_vec(), value(9))];
    recent.commit(8, &changes);
    recent.undo(7, &changes);
    for key in [b"a", b"c"] {
        assert_eq!((recent.get(7, key), recent.get(8, key)), (None, None));
    }
    assert_eq!(recent.get(7, b"b"), Some(value(2)));
    recent.fill(7, b"a", Some(&[1]));
    assert_eq!(recent.commit(8, &changes), [Some(Some([1].into())), None]);
}

#[test]
fn a_late_reader_of_an_older_snapshot_changes_nothing() {
    let recent = Recent::new(7, 1 << 16);
    recent.commit(8, &[(b"a".to_vec(), value(2))]);
    recent.fill(7, b"a", Some(&[1]));
    recent.fill(7, b"b", Some(&[1]));
    assert_eq!(recent.get(8, b"a"), Some(value(2)));
    assert_eq!(recent.get(8, b"b"), None);
}

#[test]
fn memory_is_bounded() {
    let recent = Recent::new(0, 1 << 14);
    for number in 0..10_000u32 {
        recent.fill(0, &number.to_be_bytes(), Some(&[0; 32]));
    }
    let known = (0..10_000u32).filter(|it| recent.get(0, &it.to_be_bytes()).is_some()).count();
    assert!((1..200).contains(&known), "{known} entries are known");
}

#[test]
fn a_range_is_empty_from_its_height_until_an_entry_is_written() {
    let recent = Recent::new(7, 1 << 16);
    recent.learn_gap(7, b"b", b"f");
    let known = Some((b"b".to_vec(), b"f".to_vec()));
    assert_eq!(recent.gap_ahead(7, b"a"), known);
    assert_eq!(recent.gap_ahead(7, b"e"), known);
    assert_eq!(recent.gap_ahead(7, b"f"), None);
    assert_eq!(recent.gap_ahead(6, b"a"), None);
    recent.commit(8, &[(b"c".to_vec(), value(1)), (b"d".to_vec(), None)]);
    assert_eq!(recent.gap_ahead(8, b"a"), Some((b"b".to_vec(), b"c".to_vec())));
    assert_eq!(recent.gap_ahead(8, b"c"), Some((b"c\0".to_vec(), b"f".to_vec())));
    // A late reader of height 7 saw no entry at c.
    recent.learn_gap(7, b"b", b"f");
    assert_eq!(recent.gap_ahead(8, b"a"), Some((b"b".to_vec(), b"c".to_vec())));
}
