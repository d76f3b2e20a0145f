//! Calls from module to module.

use ehb_types::{Address, Code, TypedError};
use expect_test::expect;

use super::{GAS, PRELUDE, component, failure, link, name, run_of, session};
use crate::{CALL_DEPTH_MAX, CallError, state_key};

/// The WIT of a module that is called or calls: `run`, which cannot fail, and `try`, which can.
fn wit(module: &str) -> String {
    format!(
        "package ehb:{module}@1.0.0;
        interface api {{
            variant refusal {{ no, odd(u64) }}
            run: func(n: u64) -> u64;
            attempt: func(n: u64) -> result<u64, refusal>;
        }}"
    )
}

/// A module with the bodies of `run` and `attempt`, which can call `$run` and `$attempt` of `callee`
/// and the host's functions in [`HOST`].
fn module(name: &str, callee: Option<&str>, run: &str, attempt: &str) -> Vec<u8> {
    let import = callee.map_or(String::new(), |callee| format!("import ehb:{callee}/api@1.0.0;"));
    let world = format!(
        "{} world w {{
            import ehb:host/storage@1.0.0; import ehb:host/context@1.0.0; {import} export api;
        }}",
        wit(name)
    );
    let imports = callee.map_or(String::new(), |callee| {
        format!(
            r#"(import "ehb:{callee}/api@1.0.0" "run" (func $run (param i64) (result i64)))
            (import "ehb:{callee}/api@1.0.0" "attempt" (func $attempt (param i64 i32)))"#
        )
    });
    let core = format!(
        r#"(module {imports} {HOST} {PRELUDE}
            (func (export "ehb:{name}/api@1.0.0#run") (param $n i64) (result i64) {run})
            (func (export "ehb:{name}/api@1.0.0#attempt") (param $n i64) (result i32) {attempt}))"#
    );
    let dependency = callee.map(wit);
    let dependencies: Vec<&str> = dependency.iter().map(String::as_str).collect();
    component(&dependencies, &world, &core)
}

const HOST: &str = r#"
    (import "ehb:host/storage@1.0.0" "set" (func $set (param i32 i32 i32 i32)))
    (import "ehb:host/context@1.0.0" "caller-module" (func $caller-module (param i32)))
    (import "ehb:host/context@1.0.0" "caller" (func $caller (param i32)))
    (import "ehb:host/context@1.0.0" "sender" (func $sender (param i32)))"#;

/// Writes `n` under the key of one zero byte, and returns `ok(n)` for even, `odd(n)` for odd numbers.
const ATTEMPT: &str = "
    (i64.store (i32.const 16) (local.get $n))
    (call $set (i32.const 0) (i32.const 1) (i32.const 16) (i32.const 8))
    (if (i64.eqz (i64.rem_u (local.get $n) (i64.const 2)))
      (then (i32.store8 (i32.const 512) (i32.const 0))
            (i64.store (i32.const 520) (local.get $n)))
      (else (i32.store8 (i32.const 512) (i32.const 1))
            (i32.store8 (i32.const 520) (i32.const 1))
            (i64.store (i32.const 528) (local.get $n))))
    (i32.const 512)";

const NO_ATTEMPT: &str = "(unreachable)";

fn bank() -> (&'static str, Vec<u8>) {
    ("bank", module("bank", None, "(i64.add (local.get $n) (i64.const 1))", ATTEMPT))
}

#[test]
fn a_module_calls_another() {
    let shop = module(
        "shop",
        Some("bank"),
        "(i64.mul (call $run (local.get $n)) (i64.const 2))",
        NO_ATTEMPT,
    );
    let modules = link(&[bank(), ("shop", shop)]).unwrap();
    let first = run_of(&modules, &mut session(), "shop", 4);
    assert_eq!(first.0, Ok(10));
    for _ in 0..100 {
        assert_eq!(run_of(&modules, &mut session(), "shop", 4), first);
    }
    let alone = run_of(&modules, &mut session(), "bank", 4);
    expect!["10182 and 5124 within"].assert_eq(&format!("{} and {} within", first.1, alone.1));
}

#[test]
fn the_callee_sees_its_caller() {
    // The name's length, its first letter, and the last byte of the caller's address.
    let see = "(call $caller-module (i32.const 32))
        (call $caller (i32.const 64))
        (i64.or
          (i64.or (i64.load32_u (i32.const 40))
            (i64.shl (i64.load8_u (i32.load (i32.const 36))) (i64.const 8)))
          (i64.shl (i64.and (i64.load (i32.const 88)) (i64.const 0xff)) (i64.const 16)))";
    let bank = ("bank", module("bank", None, see, NO_ATTEMPT));
    let shop = ("shop", module("shop", Some("bank"), "(call $run (local.get $n))", NO_ATTEMPT));
    let modules = link(&[bank, shop]).unwrap();
    let address = Address::of_module(&name("shop")).0;
    let expected = 4 | u64::from(b's') << 8 | u64::from(address[31]) << 16;
    assert_eq!(run_of(&modules, &mut session(), "shop", 0).0, Ok(expected));
    // The sender stays the account.
    let see = "(call $sender (i32.const 64)) (i64.load (i32.const 64))";
    let bank = ("bank", module("bank", None, see, NO_ATTEMPT));
    let shop = ("shop", module("shop", Some("bank"), "(call $run (local.get $n))", NO_ATTEMPT));
    let modules = link(&[bank, shop]).unwrap();
    assert_eq!(run_of(&modules, &mut session(), "shop", 0).0, Ok(0xa1a1_a1a1_a1a1_a1a1));
}

#[test]
fn a_returned_error_is_typed_and_undoes_the_call() {
    let modules = link(&[bank()]).unwrap();
    let mut session = session();
    let mut attempt = |n: u64| {
        let mut gas = GAS;
        let result = modules.call(&mut session, "bank", "attempt", &n.to_le_bytes(), &mut gas);
        (result, session.overlay.get(&state_key(&name("bank"), &[0])).unwrap())
    };
    let two = 2u64.to_le_bytes().to_vec();
    assert_eq!(attempt(2), (Ok(two.clone()), Some(two.clone())));
    let (result, stored) = attempt(3);
    let Err(CallError::Failed(failed)) = result else { panic!("{result:?}") };
    assert_eq!((failed.code, failed.message.as_str()), (Code::ModuleError, "bank.attempt: odd"));
    let data = [&[1][..], &3u64.to_le_bytes()].concat();
    let expected = TypedError { module: name("bank"), function: name("attempt"), data };
    assert_eq!(failed.error, Some(expected));
    assert_eq!(stored, Some(two));
}

#[test]
fn a_callees_error_undoes_its_changes_and_is_returned_to_the_caller() {
    // Writes, attempts, and returns the attempt's tag; the attempt's write is undone if it is 1.
    let run = "
        (i64.store (i32.const 16) (i64.const 5))
        (call $set (i32.const 0) (i32.const 1) (i32.const 16) (i32.const 8))
        (call $attempt (local.get $n) (i32.const 64))
        (i64.load8_u (i32.const 64))";
    let shop = ("shop", module("shop", Some("bank"), run, NO_ATTEMPT));
    let modules = link(&[bank(), shop]).unwrap();
    let mut session = session();
    let mut stored = |n| {
        let (result, _) = run_of(&modules, &mut session, "shop", n);
        let of = |module| {
            let value = session.overlay.get(&state_key(&name(module), &[0])).unwrap();
            value.map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap()))
        };
        (result.unwrap(), of("shop"), of("bank"))
    };
    assert_eq!(stored(3), (1, Some(5), None));
    assert_eq!(stored(4), (0, Some(5), Some(4)));
    assert_eq!(stored(7), (1, Some(5), Some(4)));
}

#[test]
fn a_callees_trap_fails_the_whole_call_only() {
    let bank = ("bank", module("bank", None, "(unreachable)", ATTEMPT));
    let run = "(call $attempt (i64.const 2) (i32.const 64)) (call $run (local.get $n))";
    let shop = ("shop", module("shop", Some("bank"), run, ATTEMPT));
    let modules = link(&[bank, shop]).unwrap();
    let mut session = session();
    let (result, _) = run_of(&modules, &mut session, "shop", 0);
    assert_eq!(result, Err(failure(Code::Trap, "bank.run: the module stopped itself")));
    assert_eq!(session.overlay.get(&state_key(&name("bank"), &[0])).unwrap(), None);
    // The session is intact, and the same modules still work in it.
    let mut gas = GAS;
    let result = modules.call(&mut session, "shop", "attempt", &2u64.to_le_bytes(), &mut gas);
    assert_eq!(result, Ok(2u64.to_le_bytes().to_vec()));
}

#[test]
fn a_callees_endless_loop_uses_the_callers_gas() {
    let bank = ("bank", module("bank", None, "(loop (br 0)) (unreachable)", NO_ATTEMPT));
    let shop = ("shop", module("shop", Some("bank"), "(call $run (local.get $n))", NO_ATTEMPT));
    let modules = link(&[bank, shop]).unwrap();
    let (result, used) = run_of(&modules, &mut session(), "shop", 0);
    assert_eq!(result, Err(failure(Code::OutOfGas, "the gas ran out")));
    assert_eq!(used, GAS);
}

#[test]
fn reentrancy_is_rejected() {
    let call = "(call $run (local.get $n))";
    let a = ("a", module("a", Some("b"), call, NO_ATTEMPT));
    let b = ("b", module("b", Some("a"), call, NO_ATTEMPT));
    let modules = link(&[a, b]).unwrap();
    let (result, _) = run_of(&modules, &mut session(), "a", 0);
    let message = "b calls a, which is waiting for a call to return";
    assert_eq!(result, Err(failure(Code::Reentrancy, message)));
}

#[test]
fn the_call_depth_is_limited() {
    let names: Vec<String> = (0..=CALL_DEPTH_MAX).map(|index| format!("m{index}")).collect();
    let chain: Vec<(&str, Vec<u8>)> = names
        .iter()
        .enumerate()
        .map(|(index, name)| match names.get(index + 1) {
            Some(next) => {
                let run = "(i64.add (call $run (local.get $n)) (i64.const 1))";
                (name.as_str(), module(name, Some(next), run, NO_ATTEMPT))
            }
            None => (name.as_str(), module(name, None, "(local.get $n)", NO_ATTEMPT)),
        })
        .collect();
    let modules = link(&chain).unwrap();
    assert_eq!(run_of(&modules, &mut session(), "m1", 0).0, Ok(7));
    let message = "calls between modules nest deeper than 8";
    assert_eq!(run_of(&modules, &mut session(), "m0", 0).0, Err(failure(Code::CallDepth, message)));
}

#[test]
fn deep_recursion_at_every_level_fits_any_thread() {
    // Each module goes down a thousand calls of its own before it calls the next one.
    let names: Vec<String> = (0..CALL_DEPTH_MAX).map(|index| format!("m{index}")).collect();
    let chain: Vec<(&str, Vec<u8>)> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let next = names.get(index + 1).map(String::as_str);
            let end = if next.is_some() { "(call $run (local.get $n))" } else { "(local.get $n)" };
            let run = format!(
                "(call $down (local.get $n) (i64.const 500)))
                (func $down (param $n i64) (param $left i64) (result i64)
                  (if (i64.eqz (local.get $left)) (then (return {end})))
                  (i64.add (i64.const 1)
                    (call $down (local.get $n) (i64.sub (local.get $left) (i64.const 1))))"
            );
            (name.as_str(), module(name, next, &run, NO_ATTEMPT))
        })
        .collect();
    let modules = link(&chain).unwrap();
    for stack_bytes in [128 << 10, 2 << 20] {
        std::thread::scope(|scope| {
            let work = || assert_eq!(run_of(&modules, &mut session(), "m0", 1).0, Ok(4_001));
            let thread = std::thread::Builder::new().stack_size(stack_bytes);
            thread.spawn_scoped(scope, work).unwrap().join().unwrap();
        });
    }
}

#[test]
fn wrong_names_and_arguments() {
    let modules = link(&[bank()]).unwrap();
    let refused = |module: &str, function: &str, arguments: &[u8]| {
        let mut gas = GAS;
        let result = modules.call(&mut session(), module, function, arguments, &mut gas);
        assert_eq!(gas, GAS);
        match result {
            Err(CallError::Failed(failed)) => failed.to_string(),
            other => panic!("{other:?}"),
        }
    };
    expect![[r#"UNKNOWN_MODULE: no module is named "bonk""#]]
        .assert_eq(&refused("bonk", "run", &[0; 8]));
    expect![[r#"UNKNOWN_FUNCTION: the module bank has no function "walk""#]]
        .assert_eq(&refused("bank", "walk", &[0; 8]));
    expect![
        "BAD_ARGUMENTS: bank.run: n: the bytes end inside the value: 8 more are needed, 7 are left"
    ]
    .assert_eq(&refused("bank", "run", &[0; 7]));
    expect!["BAD_ARGUMENTS: bank.run: 1 bytes follow the value"]
        .assert_eq(&refused("bank", "run", &[0; 9]));
}
