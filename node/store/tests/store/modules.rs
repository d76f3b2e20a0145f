//! Which modules were installed when, and what their code offers.

use ehb_store::{Installed, NewBlock, NewModule};
use ehb_types::{Hash, Name};
use tempfile::tempdir;

use crate::chain::{create, next, open};

fn module(height: u64, index: u32, name: &str, code: u8) -> NewModule {
    let installed = Installed {
        height,
        index,
        call: 0,
        module: Name::new(name).unwrap(),
        code: Hash([code; 32]),
    };
    NewModule { installed, description: vec![code; 100] }
}

#[test]
fn modules_are_kept_in_the_order_of_their_installation() {
    let dir = tempdir().unwrap();
    let store = create(dir.path());
    let before = store.snapshot();
    // Names sort otherwise than positions do, and so do numbers as text.
    let added = [
        vec![module(1, 0, "wallet", 1), module(1, 0, "credit", 2)],
        vec![module(2, 300, "wallet", 3), module(2, 7, "wallet", 4)],
    ];
    for (height, modules) in (1..).zip(&added) {
        let next = next(store.snapshot().head(), height);
        store.commit(&NewBlock { modules, ..next.commit() }).unwrap();
    }
    let expected: Vec<Installed> = [&added[0][1], &added[0][0], &added[1][1], &added[1][0]]
        .map(|it| it.installed.clone())
        .into();
    let check = |store: &ehb_store::Store| {
        let snapshot = store.snapshot();
        assert_eq!(snapshot.installed_from(0).unwrap(), expected);
        assert_eq!(snapshot.installed_from(1).unwrap(), expected);
        assert_eq!(snapshot.installed_from(2).unwrap(), expected[2..]);
        assert_eq!(snapshot.installed_from(3).unwrap(), []);
        for code in 1..=4 {
            let found = snapshot.description(&Hash([code; 32])).unwrap();
            assert_eq!(found, Some(vec![code; 100]));
        }
        assert_eq!(snapshot.description(&Hash([5; 32])).unwrap(), None);
    };
    check(&store);
    assert_eq!(before.installed_from(0).unwrap(), [], "a snapshot knows nothing of later blocks");
    drop((before, store));
    check(&open(dir.path()));
}
