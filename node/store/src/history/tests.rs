use std::sync::Arc;

use ehb_state::PageId;
use rocksdb::CompactionDecision;

use super::*;
use crate::kept::Kept;

#[test]
fn keys_of_entries_keep_their_order() {
    let keys: [&[u8]; 9] =
        [b"", b"\0", b"\0\0", b"\0\x01", b"a", b"a\0", b"a\0\0\0\0\0\0\0\0\x05", b"a\x01", b"b"];
    let mut found = Vec::new();
    for key in keys {
        for height in [0, 5, u64::MAX] {
            found.push(entry_key(key, height));
            assert_eq!(parse_entry(&entry_key(key, height)).unwrap(), (key.to_vec(), height));
        }
        assert!(entry_key(key, 7).starts_with(&entry_prefix(key)));
        assert!(entry_prefix(key).starts_with(&escaped(key)));
    }
    assert!(found.is_sorted());
    for damaged in [&b"a"[..], b"a\0\0", b"a\0\x01\0\0\0\0\0\0\0\0\0\x05"] {
        parse_entry(damaged).unwrap_err();
    }
}

/// Numbers that look random.
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

#[test]
fn a_page_is_put_together_from_its_differences() {
    let mut state = 1;
    let id = PageId::new(&[2, 7]).unwrap();
    let mut forms: Vec<Option<Vec<u8>>> = vec![None];
    for _ in 0..200 {
        let mut page = forms.last().unwrap().clone().unwrap_or_else(|| vec![3; 300]);
        match random(&mut state) % 8 {
            0 => page.truncate(page.len().saturating_sub(20).max(1)),
            1 => page.extend([1; 33]),
            _ => {
                for _ in 0..random(&mut state) % 40 {
                    let at = random(&mut state) % page.len();
                    page[at] = random(&mut state) as u8;
                }
            }
        }
        let is_gone = random(&mut state).is_multiple_of(20);
        forms.push((!is_gone).then_some(page));
    }
    let kept: Vec<Vec<u8>> = forms
        .windows(2)
        .enumerate()
        .map(|(height, pair)| {
            let mut encoded = Vec::new();
            let after = pair[1].as_deref().filter(|_| !is_whole(&id, height as u64));
            encode_page(&mut encoded, pair[0].as_deref(), after);
            encoded
        })
        .collect();
    assert!(kept.iter().filter(|form| is_difference(form)).count() > 100);
    let head = || Ok(forms.last().unwrap().clone());
    for at in 0..forms.len() {
        let later = &kept[at.min(kept.len())..];
        let whole = later.iter().position(|form| !is_difference(form));
        let read = &later[..whole.map_or(later.len(), |index| index + 1)];
        assert_eq!(page_before(read, head).unwrap(), forms[at], "form {at}");
    }
    page_before(&[vec![DIFFERENCE, 1, 0, 9]], || Ok(None)).unwrap_err();
    page_before(&[vec![DIFFERENCE, 1, 0, 9, 0, 1]], || Ok(Some(vec![0; 4]))).unwrap_err();
}

#[test]
fn compaction_drops_what_was_given_up_durably() {
    let kept = Arc::new(Kept::default());
    let filter = kept.filter();
    let dropped = |height: u64| {
        let key = entry_key(b"key", height);
        matches!(filter(0, &key, &[]), CompactionDecision::Remove)
    };
    kept.raise(10);
    assert!(!dropped(5), "a crash could bring back an older head");
    kept.sync();
    assert!(dropped(10) && !dropped(11));
    assert_eq!(kept.from(), 10);
    kept.raise(3);
    assert_eq!(kept.from(), 10);
}
