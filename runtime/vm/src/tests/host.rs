//! Functions that the host offers to modules.

use ehb_crypto::{Domain, hash};
use ehb_types::{Address, Code, Event};
use expect_test::expect;

use super::{ALICE, FRED, context, failure, link, name, probe, run, session, session_with};
use crate::{EVENTS_MAX, MESSAGES_MAX, Session, state_key};

const STORAGE: &str = r#"
    (import "ehb:host/storage@1.0.0" "get" (func $get (param i32 i32 i32)))
    (import "ehb:host/storage@1.0.0" "set" (func $set (param i32 i32 i32 i32)))
    (import "ehb:host/storage@1.0.0" "remove" (func $remove (param i32 i32)))
    (import "ehb:host/storage@1.0.0" "scan" (func $scan (param i32 i32 i32 i32 i32 i32 i32)))"#;

/// Runs a body once in the given session, `run(n)`.
fn run_in(
    session: &mut Session,
    imports: &str,
    body: &str,
    n: u64,
) -> Result<u64, crate::CallFailure> {
    run(&link(&[("probe", probe(imports, body))]).unwrap(), session, n).0
}

/// An address in WAT, as four words.
fn words(address: Address) -> String {
    let (words, _) = address.0.as_chunks::<8>();
    words
        .iter()
        .map(|word| format!("(i64.const {}) ", u64::from_be_bytes(*word).cast_signed()))
        .collect()
}

#[test]
fn written_values_can_be_read_and_are_stored_under_the_modules_name() {
    let mut session = session();
    let write = "
        (i32.store8 (i32.const 0) (i32.const 107))
        (i64.store (i32.const 8) (local.get $n))
        (call $set (i32.const 0) (i32.const 1) (i32.const 8) (i32.const 8))
        (i64.const 0)";
    assert_eq!(run_in(&mut session, STORAGE, write, 77), Ok(0));
    let key = state_key(&name("probe"), b"k");
    assert_eq!(key, b"m/probe/k");
    assert_eq!(session.overlay.get(&key).unwrap(), Some(77u64.to_le_bytes().to_vec()));

    let read = "
        (i32.store8 (i32.const 0) (i32.const 107))
        (call $get (i32.const 0) (i32.const 1) (i32.const 32))
        (if (i32.eqz (i32.load8_u (i32.const 32))) (then (return (i64.const -1))))
        (i64.load (i32.load (i32.const 36)))";
    assert_eq!(run_in(&mut session, STORAGE, read, 0), Ok(77));

    let remove = "
        (i32.store8 (i32.const 0) (i32.const 107))
        (call $remove (i32.const 0) (i32.const 1))
        (i64.const 0)";
    assert_eq!(run_in(&mut session, STORAGE, remove, 0), Ok(0));
    assert_eq!(run_in(&mut session, STORAGE, read, 0), Ok(u64::MAX));
}

#[test]
fn a_scan_sees_the_modules_own_entries_only() {
    let mut session = session();
    for key in [&b"m/prob/x"[..], b"m/probe/xa", b"m/probe/xb", b"m/probe/xc", b"m/probe/y"] {
        session.overlay.set(key.to_vec(), key.to_vec());
    }
    session.overlay.set(b"m/probe2/xd".to_vec(), Vec::new());
    // Counts in the low byte, the first key's last byte above it, and the key's length above that.
    let body = |after: &str, limit: u32| {
        format!(
            r"(i32.store8 (i32.const 0) (i32.const 120))
            (i32.store16 (i32.const 4) (i32.const 0x6178))
            (call $scan (i32.const 0) (i32.const 1) {after} (i32.const {limit}) (i32.const 32))
            (if (i32.eqz (i32.load (i32.const 36))) (then (return (i64.const 0))))
            (i64.or (i64.extend_i32_u (i32.load (i32.const 36)))
              (i64.or
                (i64.shl (i64.load8_u (i32.add (i32.load (i32.load (i32.const 32))) (i32.const 1)))
                  (i64.const 8))
                (i64.shl (i64.load32_u (i32.add (i32.load (i32.const 32)) (i32.const 4)))
                  (i64.const 16))))"
        )
    };
    let none = "(i32.const 0) (i32.const 0) (i32.const 0)";
    let after = "(i32.const 1) (i32.const 4) (i32.const 2)";
    let mut scan = |after: &str, limit| {
        run_in(&mut session, STORAGE, &body(after, limit), 0).map(|found| format!("{found:x}"))
    };
    assert_eq!(scan(none, 256), Ok("26103".to_owned()));
    assert_eq!(scan(none, u32::MAX), Ok("26103".to_owned()));
    assert_eq!(scan(none, 2), Ok("26102".to_owned()));
    assert_eq!(scan(after, 256), Ok("26202".to_owned()));
    assert_eq!(scan(none, 0), Ok("0".to_owned()));
}

#[test]
fn keys_and_values_are_bounded() {
    let set = "(call $set (i32.const 0) (i32.wrap_i64 (local.get $n)) (i32.const 0) (i32.const 1))
        (i64.const 0)";
    assert_eq!(run_in(&mut session(), STORAGE, set, 256), Ok(0));
    let message = "probe: a key has 257 bytes; at most 256";
    assert_eq!(run_in(&mut session(), STORAGE, set, 257), Err(failure(Code::StateLimit, message)));
    let set = "(call $set (i32.const 0) (i32.const 1) (i32.const 0) (i32.wrap_i64 (local.get $n)))
        (i64.const 0)";
    assert_eq!(run_in(&mut session(), STORAGE, set, 65_536), Ok(0));
    let message = "probe: a value has 65537 bytes; at most 65536";
    assert_eq!(
        run_in(&mut session(), STORAGE, set, 65_537),
        Err(failure(Code::StateLimit, message))
    );
}

#[test]
fn pointers_out_of_the_modules_memory() {
    let malformed = failure(Code::Trap, "probe.run: a value it passed is malformed or too large");
    for (pointer, length) in [(131_072, 1), (131_071, 2), (-1, 1), (0, -1), (-1, -1)] {
        let get = format!(
            "(call $get (i32.const {pointer}) (i32.const {length}) (i32.const 32)) (i64.const 0)"
        );
        assert_eq!(run_in(&mut session(), STORAGE, &get, 0), Err(malformed.clone()));
    }
    // A result that would be outside.
    let get = "(call $get (i32.const 0) (i32.const 1) (i32.const -4)) (i64.const 0)";
    assert_eq!(run_in(&mut session(), STORAGE, get, 0), Err(malformed));
}

#[test]
fn a_read_only_call_cannot_write_or_emit() {
    let read_only = || session_with(crate::Context { read_only: true, ..context() });
    let refused = |message: &str| Err(failure(Code::ReadOnly, message));
    let set = "(call $set (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1)) (i64.const 0)";
    let written = refused("probe writes to the state in a read-only call");
    assert_eq!(run_in(&mut read_only(), STORAGE, set, 0), written);
    let remove = "(call $remove (i32.const 0) (i32.const 1)) (i64.const 0)";
    assert_eq!(run_in(&mut read_only(), STORAGE, remove, 0), written);
    let get = "(call $get (i32.const 0) (i32.const 1) (i32.const 32)) (i64.const 5)";
    assert_eq!(run_in(&mut read_only(), STORAGE, get, 0), Ok(5));
    let expected = refused("probe emits an event in a read-only call");
    assert_eq!(run_in(&mut read_only(), EVENTS, EMIT, 0), expected);
}

const EVENTS: &str = r#"(import "ehb:probe/events@1.0.0" "emit" (func $emit (param i64 i32 i32)))"#;
const EMIT: &str = r"(i32.store16 (i32.const 0) (i32.const 0x6968))
    (call $emit (local.get $n) (i32.const 0) (i32.const 2)) (i64.const 0)";

#[test]
fn events_are_stored_in_canonical_bytes() {
    let mut session = session();
    assert_eq!(run_in(&mut session, EVENTS, EMIT, 5), Ok(0));
    let data = [&5u64.to_le_bytes()[..], &[2, 0, 0, 0], b"hi"].concat();
    assert_eq!(session.events, [Event { call: 0, module: name("probe"), data }]);
}

#[test]
fn a_failed_call_leaves_no_changes() {
    let mut session = session();
    let key = state_key(&name("probe"), b"\0");
    let body = r"(call $set (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1))
        (call $emit (i64.const 1) (i32.const 0) (i32.const 0))
        (if (i64.eqz (local.get $n)) (then unreachable))
        (i64.const 0)";
    let modules = link(&[("probe", probe(&format!("{STORAGE} {EVENTS}"), body))]).unwrap();
    assert_eq!(run(&modules, &mut session, 1).0, Ok(0));
    session.overlay.set(key.clone(), b"before".to_vec());
    assert!(run(&modules, &mut session, 0).0.is_err());
    assert_eq!(session.overlay.get(&key).unwrap().unwrap(), b"before");
    assert_eq!(session.events.len(), 1);
}

#[test]
fn events_are_bounded() {
    let body = "(loop $again
        (call $emit (local.get $n) (i32.const 0) (i32.const 0))
        (local.set $n (i64.sub (local.get $n) (i64.const 1)))
        (br_if $again (i64.ne (local.get $n) (i64.const 0)))) (i64.const 0)";
    let most = u64::try_from(EVENTS_MAX).unwrap();
    let message = "a transaction emits at most 1024 events of at most 65536 bytes";
    assert_eq!(run_in(&mut session(), EVENTS, body, most), Ok(0));
    assert_eq!(
        run_in(&mut session(), EVENTS, body, most + 1),
        Err(failure(Code::StateLimit, message))
    );
    let large =
        "(call $emit (i64.const 0) (i32.const 0) (i32.wrap_i64 (local.get $n))) (i64.const 0)";
    assert_eq!(run_in(&mut session(), EVENTS, large, 65_524), Ok(0));
    assert_eq!(
        run_in(&mut session(), EVENTS, large, 65_525),
        Err(failure(Code::StateLimit, message))
    );
}

#[test]
fn text_that_is_not_utf8_is_refused() {
    let body = "(i32.store8 (i32.const 0) (i32.const 255))
        (call $emit (i64.const 0) (i32.const 0) (i32.const 1)) (i64.const 0)";
    let message = "probe.run: a value it passed is malformed or too large";
    assert_eq!(run_in(&mut session(), EVENTS, body, 0), Err(failure(Code::Trap, message)));
}

#[test]
fn the_context() {
    let word_of = |function: &str, at: u32| {
        let import =
            format!(r#"(import "ehb:host/context@1.0.0" "{function}" (func $ask (param i32)))"#);
        let body = format!("(call $ask (i32.const 64)) (i64.load (i32.const {}))", 64 + at);
        run_in(&mut session(), &import, &body, 0)
    };
    let number = |function: &str| {
        let import =
            format!(r#"(import "ehb:host/context@1.0.0" "{function}" (func $ask (result i64)))"#);
        run_in(&mut session(), &import, "(call $ask)", 0)
    };
    assert_eq!(number("height"), Ok(7));
    assert_eq!(number("time-ms"), Ok(1_700_000_000_000));
    assert_eq!(number("window-min-ms"), Ok(1_000));
    assert_eq!(word_of("sender", 0), Ok(0xa1a1_a1a1_a1a1_a1a1));
    assert_eq!(word_of("caller", 24), Ok(0xa1a1_a1a1_a1a1_a1a1));
    assert_eq!(word_of("transaction-id", 8), Ok(0x0909_0909_0909_0909));
    let own = Address::of_module(&name("probe")).0;
    let (words, _) = own.as_chunks::<8>();
    assert_eq!(word_of("self-address", 16), Ok(u64::from_be_bytes(words[2])));
    // The tag of the option: no module calls.
    assert_eq!(word_of("caller-module", 0).map(|word| word & 0xff), Ok(0));
}

#[test]
fn roles_and_accounts() {
    let role = |account: Address, role: &str| {
        let import = r#"(import "ehb:host/roles@1.0.0" "has-role"
            (func $ask (param i64 i64 i64 i64 i32 i32) (result i32)))"#;
        let text: String = role
            .bytes()
            .enumerate()
            .map(|(at, byte)| format!("(i32.store8 (i32.const {at}) (i32.const {byte}))"))
            .collect();
        let body = format!(
            "{text} (i64.extend_i32_u (call $ask {} (i32.const 0) (i32.const {})))",
            words(account),
            role.len()
        );
        run_in(&mut session(), import, &body, 0)
    };
    assert_eq!(role(ALICE, "issuer"), Ok(1));
    assert_eq!(role(ALICE, "arbiter"), Ok(0));
    assert_eq!(role(Address([3; 32]), "issuer"), Ok(0));
    assert_eq!(role(ALICE, "clerk"), Ok(1), "the account is a clerk in this module");
    assert_eq!(role(ALICE, "seller"), Ok(0), "and a seller in another");
    assert_eq!(role(ALICE, "clerk@probe"), Ok(0), "a module asks for the role alone");

    let active = |account: Address| {
        let import = r#"(import "ehb:host/roles@1.0.0" "is-active"
            (func $ask (param i64 i64 i64 i64) (result i32)))"#;
        let body = format!("(i64.extend_i32_u (call $ask {}))", words(account));
        run_in(&mut session(), import, &body, 0)
    };
    assert_eq!(active(ALICE), Ok(1));
    assert_eq!(active(FRED), Ok(0));
    assert_eq!(active(Address([3; 32])), Ok(0));
    assert_eq!(active(Address::of_module(&name("probe"))), Ok(1));

    let import = r#"(import "ehb:host/roles@1.0.0" "organisation"
        (func $ask (param i64 i64 i64 i64 i32)))"#;
    let body = |account| {
        format!(
            "(call $ask {} (i32.const 64))
            (if (i32.eqz (i32.load8_u (i32.const 64))) (then (return (i64.const 0))))
            (i64.load32_u (i32.load (i32.const 68)))",
            words(account)
        )
    };
    let acme = u64::from(u32::from_le_bytes(*b"acme"));
    assert_eq!(run_in(&mut session(), import, &body(ALICE), 0), Ok(acme));
    assert_eq!(run_in(&mut session(), import, &body(Address([3; 32])), 0), Ok(0));
}

#[test]
fn hashes_and_messages() {
    let import = r#"(import "ehb:host/crypto@1.0.0" "sha256" (func $hash (param i32 i32 i32)))"#;
    let body = "(call $hash (i32.const 0) (i32.const 3) (i32.const 64)) (i64.load (i32.const 64))";
    let expected = hash(Domain::ModuleData, &[0; 3]).0;
    let (words, _) = expected.as_chunks::<8>();
    assert_eq!(run_in(&mut session(), import, body, 0), Ok(u64::from_be_bytes(words[0])));

    let import = r#"(import "ehb:host/log@1.0.0" "debug" (func $debug (param i32 i32)))"#;
    let body = "(i32.store16 (i32.const 0) (i32.const 0x6968))
        (loop $again
          (call $debug (i32.const 0) (i32.const 2))
          (local.set $n (i64.sub (local.get $n) (i64.const 1)))
          (br_if $again (i64.ne (local.get $n) (i64.const 0)))) (i64.const 0)";
    let mut session = session();
    assert_eq!(run_in(&mut session, import, body, 1), Ok(0));
    assert_eq!(session.messages, [(name("probe"), "hi".to_owned())]);
    assert_eq!(run_in(&mut session, import, body, 1_000), Ok(0));
    assert_eq!(session.messages.len(), MESSAGES_MAX);
}

#[test]
fn each_host_call_has_its_price() {
    let used = |imports: &str, body: &str| {
        let modules = link(&[("probe", probe(imports, body))]).unwrap();
        let (result, used) = run(&modules, &mut session(), 0);
        assert_eq!(result, Ok(0));
        used
    };
    let nothing = used("", "(i64.const 0)");
    let get = "(call $get (i32.const 0) (i32.const 10) (i32.const 32)) (i64.const 0)";
    let set = "(call $set (i32.const 0) (i32.const 10) (i32.const 0) (i32.const 90)) (i64.const 0)";
    let emit = "(call $emit (i64.const 0) (i32.const 0) (i32.const 8)) (i64.const 0)";
    let prices = [
        ("get", used(STORAGE, get) - nothing),
        ("set", used(STORAGE, set) - nothing),
        ("emit", used(EVENTS, emit) - nothing),
    ];
    expect![[r#"[("get", 2056), ("set", 7038), ("emit", 396)]"#]].assert_eq(&format!("{prices:?}"));
}
