//! Every earlier page is put together again from the forms that were kept of it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::model::{batches, changes};
use super::{Chain, ledger, set};
use crate::{PageId, StateStore, StoreError, is_difference, page_before, write_form};

/// The forms of each page with the number of the update that replaced it.
type Forms = BTreeMap<PageId, Vec<(usize, Vec<u8>)>>;

/// What is read: the forms from an update on, up to the first one that is no difference.
fn from(forms: &[(usize, Vec<u8>)], update: usize) -> Vec<&[u8]> {
    let later: Vec<&[u8]> =
        forms.iter().filter(|(of, _)| *of >= update).map(|(_, form)| form.as_slice()).collect();
    let end = later.iter().position(|form| !is_difference(form)).map_or(later.len(), |at| at + 1);
    later[..end].to_vec()
}

proptest! {
    #[test]
    fn a_page_of_any_time_is_put_together_from_its_forms(batches in batches(), whole_one_in in 1usize..9) {
        let mut chain = Chain::new(5_000);
        let (mut forms, mut stores) = (Forms::new(), vec![chain.store.clone()]);
        for (update, batch) in batches.iter().enumerate() {
            let (before, leaves) = (chain.store.clone(), changes(batch));
            let updated = chain.tree.compute(&chain.store, &chain.root, &leaves).unwrap();
            chain.update_leaves(&leaves);
            for page in updated.pages {
                let mut form = Vec::new();
                let whole = update % whole_one_in == 0;
                let (old, new) = (before.page(&page.id).unwrap(), page.after.as_deref());
                write_form(&mut form, &page.id, old.as_deref(), new, whole);
                prop_assert!(!whole || !is_difference(&form));
                prop_assert!(whole || form == updated.forms[page.form]);
                forms.entry(page.id).or_default().push((update, form));
            }
            stores.push(chain.store.clone());
        }
        for (id, forms) in &forms {
            for (update, store) in stores.iter().enumerate() {
                let head = || chain.store.page(id);
                let page = page_before(id, &from(forms, update), head).unwrap();
                prop_assert_eq!(page, store.page(id).unwrap(), "page {} before update {}", id, update);
            }
        }
    }

    /// Damaged forms are an error or another page, never a panic.
    #[test]
    fn any_bytes_may_be_forms(
        forms in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..90), 1..4),
        kind in 0u8..6,
    ) {
        let mut chain = Chain::new(0);
        chain.update(set(&ledger(100)));
        for id in [PageId::new(&[0]).unwrap(), PageId::new(&[1, 0x30]).unwrap()] {
            let forms: Vec<_> = forms.iter().map(|form| [&[kind][..], form].concat()).collect();
            let _ = page_before(&id, &forms, || chain.store.page(&id));
        }
    }
}

#[test]
fn a_changed_value_takes_one_hash_on_each_page() {
    let mut chain = Chain::new(1 << 20);
    chain.update(set(&ledger(5_000)));
    let changes = chain.update(vec![(super::key(7), Some(b"other".to_vec()))]);
    assert!(changes.pages.len() > 2);
    for (index, (id, after)) in changes.pages.iter().enumerate() {
        let mut expected = Vec::new();
        let (before, form) = changes.pages_before.get(index).unwrap();
        write_form(&mut expected, id, before, after.as_deref(), false);
        assert_eq!(form, expected);
        assert!(is_difference(form) && form.len() <= 36, "{} bytes", form.len());
    }
}

#[test]
fn bytes_that_are_no_page_are_kept_as_they_are() {
    let id = PageId::new(&[9]).unwrap();
    let mut form = Vec::new();
    write_form(&mut form, &id, Some(b"no page"), Some(b"neither"), false);
    let nowhere = || Err(StoreError("it is not needed".into()));
    assert_eq!(page_before(&id, &[form], nowhere).unwrap().as_deref(), Some(&b"no page"[..]));
    let absent = page_before(&id, &[[0u8]], nowhere).unwrap();
    assert_eq!(absent, None);
}
