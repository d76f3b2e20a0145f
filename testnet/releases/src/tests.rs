//! The next release differs from the one that ships, in every module.

use crate::next;

#[test]
fn every_module_has_a_next_release() {
    let names: Vec<_> = next().iter().map(|it| it.name).collect();
    let shipped: Vec<_> = ehb_catalog::all().iter().map(|it| it.name).collect();
    assert_eq!(names, shipped);
    for (new, old) in next().iter().zip(ehb_catalog::all()) {
        assert_ne!(new.code, old.code, "{}", new.name);
    }
}
