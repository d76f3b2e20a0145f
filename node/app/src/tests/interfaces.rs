//! The interfaces of each height, from a real store.

use std::sync::Arc;

use ehb_executor::{Execution, Installation, Removal};
use ehb_rpc_server::BlockModules;
use ehb_types::{Hash, Name};
use serde_json::json;
use tempfile::tempdir;

use super::fate::{commit_with, header, next, store};
use crate::interfaces::{Interfaces, changed_modules, new_modules};

fn installation(index: u32, call: u16, name: &str, code: u8) -> Installation {
    Installation {
        index,
        call,
        module: Name::new(name).unwrap(),
        code: Hash([code; 32]),
        wit: format!("package ehb:{name}@{code}.0.0;"),
        interface: serde_json::from_value(json!({ "functions": [], "event": null })).unwrap(),
    }
}

/// Which version of a module a call finds: the number of its code.
fn found(modules: &BlockModules, name: &str, index: u32, call: u16) -> Option<u8> {
    let info = modules.get(name, index, call)?;
    let code = info.code_hash.0[0];
    assert_eq!(info.wit, format!("package ehb:{name}@{code}.0.0;"));
    assert_eq!(info.code_hash, Hash([code; 32]));
    Some(code)
}

/// Blocks 1 to 4: two modules come, one is replaced twice within block 3.
#[test]
fn a_call_is_read_by_the_interface_that_it_found() {
    let dir = tempdir().unwrap();
    let store = store(dir.path());
    let interfaces = Interfaces::new(None);
    let installed = [
        vec![installation(0, 0, "wallet", 1), installation(0, 0, "credit", 2)],
        vec![],
        vec![installation(5, 1, "wallet", 3), installation(7, 0, "wallet", 4)],
        vec![],
    ];
    let mut parent = header();
    let of_block = |height| interfaces.of_block(&store.snapshot(), height).unwrap();
    for (height, installed) in (1..).zip(&installed) {
        let (block, receipts) = next(&parent);
        commit_with(&store, &block, &receipts, &new_modules(height, installed));
        parent = block.header.clone();
        // Also what was asked for before is asked for again below, when there is more.
        assert_eq!(found(&of_block(height), "credit", 0, 0), Some(2));
    }
    let rows = [
        (0, 9, 0, None),
        (1, 0, 0, Some(1)),
        (2, 9, 0, Some(1)),
        (3, 0, 0, Some(1)),
        (3, 5, 0, Some(1)),
        (3, 5, 1, Some(3)),
        (3, 6, 0, Some(3)),
        (3, 7, 0, Some(4)),
        (4, 0, 0, Some(4)),
    ];
    for (height, index, call, expected) in rows {
        let modules = of_block(height);
        assert_eq!(found(&modules, "wallet", index, call), expected, "{height}.{index}.{call}");
        assert_eq!(found(&modules, "credit", index, call), (height > 0).then_some(2));
    }
    assert_eq!(found(&of_block(4), "bank", 0, 0), None);
    // A read of any height copies no interface: what another module's upgrade did not change is one value.
    let credit = of_block(1).last("credit").cloned().unwrap();
    for height in 1..=4 {
        assert!(Arc::ptr_eq(of_block(height).last("credit").unwrap(), &credit), "{height}");
    }
    let listed = interfaces.installed(&store.snapshot()).unwrap();
    let codes: Vec<u8> = listed.iter().map(|it| it.code.unwrap().0[0]).collect();
    assert_eq!(codes, [2, 1, 3, 4]);
}

/// Block 2 removes a module that block 1 installed, and installs another one that it removes itself.
#[test]
fn a_removed_module_is_read_up_to_the_block_that_removes_it() {
    let dir = tempdir().unwrap();
    let store = store(dir.path());
    let interfaces = Interfaces::new(None);
    let removal = |index: u32, call: u16, name: &str| Removal {
        index,
        call,
        module: Name::new(name).unwrap(),
    };
    let executions = [
        Execution { installed: vec![installation(0, 0, "wallet", 1)], ..Execution::default() },
        Execution {
            installed: vec![installation(3, 0, "tally", 2)],
            removed: vec![removal(3, 1, "tally"), removal(4, 0, "wallet")],
            ..Execution::default()
        },
        Execution::default(),
    ];
    let mut parent = header();
    for (height, execution) in (1..).zip(&executions) {
        let (block, receipts) = next(&parent);
        commit_with(&store, &block, &receipts, &changed_modules(height, execution));
        parent = block.header.clone();
    }
    let of_block = |height| interfaces.of_block(&store.snapshot(), height).unwrap();
    let after = |height| {
        let modules = of_block(height).all_last();
        modules.iter().map(|it| it.name.to_string()).collect::<Vec<_>>()
    };
    assert_eq!([after(1), after(2), after(3)], [vec!["wallet".to_owned()], vec![], vec![]]);
    assert_eq!(found(&of_block(2), "wallet", 4, 0), Some(1), "values in its last block are read");
    assert_eq!(found(&of_block(2), "tally", 3, 0), Some(2));
    assert!(of_block(2).last("wallet").is_none());
    assert_eq!(found(&of_block(3), "wallet", 0, 0), None);
    let listed = interfaces.installed(&store.snapshot()).unwrap();
    let listed: Vec<(&str, bool)> =
        listed.iter().map(|it| (it.module.as_str(), it.code.is_some())).collect();
    let expected = [("wallet", true), ("tally", true), ("tally", false), ("wallet", false)];
    assert_eq!(listed, expected);
}
