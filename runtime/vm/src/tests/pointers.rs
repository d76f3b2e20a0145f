//! Pointers and lengths that a hostile module passes to the host, and hostile allocators.

use ehb_types::{Code, GasSchedule};

use super::{GAS, failure, link, name, probe, run, session};
use crate::{CallFailure, state_key};

/// Every function of the host that takes a pointer and a length, with `POINTER` and `LENGTH` in their places.
const TAKES: [(&str, &str, &str); 11] = [
    (
        "get",
        r#"(import "ehb:host/storage@1.0.0" "get" (func $f (param i32 i32 i32)))"#,
        "(call $f POINTER LENGTH (i32.const 32))",
    ),
    (
        "set, key",
        r#"(import "ehb:host/storage@1.0.0" "set" (func $f (param i32 i32 i32 i32)))"#,
        "(call $f POINTER LENGTH (i32.const 0) (i32.const 1))",
    ),
    (
        "set, value",
        r#"(import "ehb:host/storage@1.0.0" "set" (func $f (param i32 i32 i32 i32)))"#,
        "(call $f (i32.const 0) (i32.const 1) POINTER LENGTH)",
    ),
    (
        "remove",
        r#"(import "ehb:host/storage@1.0.0" "remove" (func $f (param i32 i32)))"#,
        "(call $f POINTER LENGTH)",
    ),
    (
        "scan, prefix",
        r#"(import "ehb:host/storage@1.0.0" "scan" (func $f (param i32 i32 i32 i32 i32 i32 i32)))"#,
        "(call $f POINTER LENGTH (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32))",
    ),
    (
        "scan, after",
        r#"(import "ehb:host/storage@1.0.0" "scan" (func $f (param i32 i32 i32 i32 i32 i32 i32)))"#,
        "(call $f (i32.const 0) (i32.const 1) (i32.const 1) POINTER LENGTH (i32.const 1) (i32.const 32))",
    ),
    (
        "sha256",
        r#"(import "ehb:host/crypto@1.0.0" "sha256" (func $f (param i32 i32 i32)))"#,
        "(call $f POINTER LENGTH (i32.const 32))",
    ),
    (
        "has-role",
        r#"(import "ehb:host/roles@1.0.0" "has-role"
            (func $f (param i64 i64 i64 i64 i32 i32) (result i32)))"#,
        "(drop (call $f (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) POINTER LENGTH))",
    ),
    (
        "debug",
        r#"(import "ehb:host/log@1.0.0" "debug" (func $f (param i32 i32)))"#,
        "(call $f POINTER LENGTH)",
    ),
    (
        "emit",
        r#"(import "ehb:probe/events@1.0.0" "emit" (func $f (param i64 i32 i32)))"#,
        "(call $f (i64.const 0) POINTER LENGTH)",
    ),
    (
        "debug, twice",
        r#"(import "ehb:host/log@1.0.0" "debug" (func $f (param i32 i32)))"#,
        "(call $f (i32.const 0) (i32.const 1)) (call $f POINTER LENGTH)",
    ),
];

/// Every host function that writes its result to an address from the module.
const RETURNS: [(&str, &str, &str); 8] = [
    (
        "get",
        r#"(import "ehb:host/storage@1.0.0" "get" (func $f (param i32 i32 i32)))"#,
        "(call $f (i32.const 0) (i32.const 1) POINTER)",
    ),
    (
        "scan",
        r#"(import "ehb:host/storage@1.0.0" "scan" (func $f (param i32 i32 i32 i32 i32 i32 i32)))"#,
        "(call $f (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1) POINTER)",
    ),
    (
        "sender",
        r#"(import "ehb:host/context@1.0.0" "sender" (func $f (param i32)))"#,
        "(call $f POINTER)",
    ),
    (
        "caller-module",
        r#"(import "ehb:host/context@1.0.0" "caller-module" (func $f (param i32)))"#,
        "(call $f POINTER)",
    ),
    (
        "self-address",
        r#"(import "ehb:host/context@1.0.0" "self-address" (func $f (param i32)))"#,
        "(call $f POINTER)",
    ),
    (
        "transaction-id",
        r#"(import "ehb:host/context@1.0.0" "transaction-id" (func $f (param i32)))"#,
        "(call $f POINTER)",
    ),
    (
        "sha256",
        r#"(import "ehb:host/crypto@1.0.0" "sha256" (func $f (param i32 i32 i32)))"#,
        "(call $f (i32.const 0) (i32.const 1) POINTER)",
    ),
    (
        "organisation",
        r#"(import "ehb:host/roles@1.0.0" "organisation" (func $f (param i64 i64 i64 i64 i32)))"#,
        "(call $f (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) POINTER)",
    ),
];

const SET: &str = r#"(import "ehb:host/storage@1.0.0" "set" (func $set (param i32 i32 i32 i32)))"#;

fn malformed() -> CallFailure {
    failure(Code::Trap, "probe.run: a value it passed is malformed or too large")
}

/// Runs code that must trap: used gas is paid, and writes and events are undone.
fn traps(what: &str, imports: &str, call: &str) {
    let imports = format!("{imports} {SET}");
    let body = format!(
        "(call $set (i32.const 8) (i32.const 1) (i32.const 0) (i32.const 1)) {call} (i64.const 0)"
    );
    let modules = link(&[("probe", probe(&imports, &body))]).unwrap();
    let mut session = session();
    let (result, used) = run(&modules, &mut session, 0);
    assert_eq!(result, Err(malformed()), "{what}: {call}");
    let written = GasSchedule::default().storage_write;
    assert!((written..GAS).contains(&used), "{what}: {call}: {used}");
    assert_eq!(run(&modules, &mut session, 0), (result, used), "{what}: {call}");
    assert_eq!(session.overlay.get(&state_key(&name("probe"), &[0])).unwrap(), None, "{what}");
    assert!(session.events.is_empty(), "{what}");
}

/// The memory has 131,072 bytes.
#[test]
fn pointers_and_lengths_beyond_the_memory_trap_in_every_function() {
    for (what, imports, call) in TAKES {
        // One byte too far, the last byte and one more, wrapped around, 4 GiB, and both.
        for (pointer, length) in [(131_072, 1), (131_071, 2), (-1, 1), (0, -1), (1, -1), (-1, -1)] {
            let call = call
                .replace("POINTER", &format!("(i32.const {pointer})"))
                .replace("LENGTH", &format!("(i32.const {length})"));
            traps(what, imports, &call);
        }
    }
}

#[test]
fn results_beyond_the_memory_or_askew_trap_in_every_function() {
    for (what, imports, call) in RETURNS {
        // At the end, partly outside, wrapped around, and not where such a value may begin.
        for pointer in [131_072, 131_068, -4, -8, 33] {
            traps(what, imports, &call.replace("POINTER", &format!("(i32.const {pointer})")));
        }
    }
}

#[test]
fn arguments_and_results_may_overlap() {
    let import = r#"(import "ehb:host/crypto@1.0.0" "sha256" (func $f (param i32 i32 i32)))"#;
    let apart = "(call $f (i32.const 0) (i32.const 64) (i32.const 128)) (i64.load (i32.const 128))";
    let over = "(call $f (i32.const 0) (i32.const 64) (i32.const 8)) (i64.load (i32.const 8))";
    let hash = |body| {
        let modules = link(&[("probe", probe(import, body))]).unwrap();
        run(&modules, &mut session(), 0)
    };
    assert_eq!(hash(apart), hash(over));
}

/// A module with this allocator, which calls a host function whose result must be allocated.
fn asks_with(allocator: &str) -> (Result<u64, CallFailure>, u64) {
    let core = format!(
        r#"(func (export "ehb:probe/api@1.0.0#run") (param $n i64) (result i64)
            (call $set (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 100))
            (call $get (i32.const 0) (i32.const 1) (i32.const 32))
            (i64.const 5))
        (func $allocate (param i32 i32 i32 i32) (result i32) {allocator})"#
    );
    let imports =
        format!(r#"{SET} (import "ehb:host/storage@1.0.0" "get" (func $get (param i32 i32 i32)))"#);
    let code = super::build::probe_with_allocator(&imports, "$allocate", &core);
    run(&link(&[("probe", code)]).unwrap(), &mut session(), 0)
}

#[test]
fn an_allocator_cannot_do_harm() {
    assert_eq!(asks_with("(i32.const 1024)").0, Ok(5));
    for outside in [131_072, 131_000, -1, -64] {
        let (result, used) = asks_with(&format!("(i32.const {outside})"));
        assert_eq!(result.unwrap_err().code, Code::Trap, "{outside}");
        assert!(used > GasSchedule::default().storage_write);
    }
    // One that never ends pays for it, and one that calls the host while the host waits is stopped.
    let (result, used) = asks_with("(loop $again (br $again)) (unreachable)");
    assert_eq!((result.unwrap_err().code, used), (Code::OutOfGas, GAS));
    let recursive = "(call $get (i32.const 0) (i32.const 1) (i32.const 32)) (i32.const 1024)";
    for harmful in [recursive, "(unreachable)"] {
        assert_eq!(asks_with(harmful).0.unwrap_err().code, Code::Trap, "{harmful}");
    }
}
