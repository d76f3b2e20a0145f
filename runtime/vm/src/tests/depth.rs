//! The depth of recursion, which is the same on every machine.

use ehb_types::Code;
use expect_test::expect;

use super::{failure, link, probe_with, run, run_body, session};
use crate::THREAD_STACK_BYTES;

/// Calls itself `n` times; each call keeps as many values as it can hold.
fn recursion(values: usize) -> Vec<u8> {
    let locals = "i64 ".repeat(values);
    let set: String = (0..values)
        .map(|index| {
            format!("(local.set {} (i64.mul (local.get $n) (i64.const {})))", index + 1, index + 3)
        })
        .collect();
    let sum: String =
        (0..values).map(|index| format!("(local.get {}) i64.add ", index + 1)).collect();
    probe_with(
        "",
        &format!(
            r#"(func $down (export "ehb:probe/api@1.0.0#run") (param $n i64) (result i64)
              (local {locals})
              {set}
              (if (i64.eqz (local.get $n)) (then (return (i64.const 0))))
              (call $down (i64.sub (local.get $n) (i64.const 1)))
              {sum}
              (i64.const 1) i64.add)"#
        ),
    )
}

fn too_deep() -> crate::CallFailure {
    failure(Code::Trap, "probe.run: its calls nest too deeply, or a division overflowed")
}

/// The deepest recursion that succeeds.
fn deepest(code: Vec<u8>) -> u64 {
    let modules = link(&[("probe", code)]).unwrap();
    let (mut good, mut bad) = (0, 100_000);
    while bad - good > 1 {
        let middle = u64::midpoint(good, bad);
        match run(&modules, &mut session(), middle).0 {
            Ok(_) => good = middle,
            Err(failed) => {
                assert_eq!(failed, too_deep());
                bad = middle;
            }
        }
    }
    good
}

#[test]
fn recursion_ends_at_the_same_depth_everywhere() {
    // The depths are consensus rules: they follow from the code alone.
    let depths = [0, 10, 100, 900].map(|values| deepest(recursion(values)));
    expect!["[15886, 5089, 714, 81]"].assert_eq(&format!("{depths:?}"));
}

#[test]
fn the_depth_does_not_depend_on_the_threads_stack() {
    for values in [0, 900] {
        let modules = link(&[("probe", recursion(values))]).unwrap();
        let expected = [10, 40, 100_000].map(|n| run(&modules, &mut session(), n));
        for stack_bytes in [64 << 10, 2 << 20, THREAD_STACK_BYTES, 4 * THREAD_STACK_BYTES] {
            let modules = &modules;
            let expected = &expected;
            std::thread::scope(|scope| {
                let work = || {
                    let found = [10, 40, 100_000].map(|n| run(modules, &mut session(), n));
                    assert_eq!(found, *expected);
                };
                let thread = std::thread::Builder::new().stack_size(stack_bytes);
                thread.spawn_scoped(scope, work).unwrap().join().unwrap();
            });
        }
    }
}

#[test]
fn recursion_through_a_table_and_between_functions() {
    let functions = r#"
        (table 1 funcref)
        (elem (i32.const 0) $odd)
        (type $step (func (param i64) (result i64)))
        (func $odd (param $n i64) (result i64)
          (if (result i64) (i64.eqz (local.get $n))
            (then (i64.const 0))
            (else (call $even (i64.sub (local.get $n) (i64.const 1))))))
        (func $even (export "ehb:probe/api@1.0.0#run") (param $n i64) (result i64)
          (if (result i64) (i64.eqz (local.get $n))
            (then (i64.const 1))
            (else (call_indirect (type $step) (i64.sub (local.get $n) (i64.const 1)) (i32.const 0)))))
        "#;
    let modules = link(&[("probe", probe_with("", functions))]).unwrap();
    assert_eq!(run(&modules, &mut session(), 10).0, Ok(1));
    assert_eq!(run(&modules, &mut session(), 11).0, Ok(0));
    assert_eq!(run(&modules, &mut session(), 1_000_000).0, Err(too_deep()));
}

#[test]
fn slots_are_released_on_every_exit() {
    // A million sequential calls that end by `return`, by a branch to the function's own label, from within
    // blocks, and at the end.
    let functions = r#"
        (func $leaf)
        (func $leave (param $way i64) (result i64)
          (call $leaf)
          (if (i64.eqz (local.get $way)) (then (return (i64.const 1))))
          (block $a (block $b
            (br_if $a (i64.eq (local.get $way) (i64.const 1)))
            (br_if $b (i64.eq (local.get $way) (i64.const 2)))
            (drop (br_if 2 (i64.const 3) (i64.eq (local.get $way) (i64.const 3))))
            (loop (return (i64.const 4))))
            (br 1 (i64.const 5)))
          (i64.const 6))
        (func (export "ehb:probe/api@1.0.0#run") (param $n i64) (result i64)
          (local $sum i64)
          (loop $again
            (local.set $sum (i64.add (local.get $sum)
              (call $leave (i64.rem_u (local.get $n) (i64.const 5)))))
            (local.set $n (i64.sub (local.get $n) (i64.const 1)))
            (br_if $again (i64.ne (local.get $n) (i64.const 0))))
          (local.get $sum))"#;
    let modules = link(&[("probe", probe_with("", functions))]).unwrap();
    assert_eq!(run(&modules, &mut session(), 500_000).0, Ok(100_000 * (1 + 6 + 5 + 3 + 4)));
}

#[test]
fn a_function_whose_frame_is_too_large_cannot_be_entered() {
    // Straight-line code of many operators counts, whatever the compiler does with it.
    let body = "(i64.add (i64.const 1))".repeat(20_000);
    let (result, _) = run_body(&format!("(local.get $n) {body}"), 1);
    assert_eq!(result, Ok(20_001));
    let nested = format!(
        r#"(func $down (export "ehb:probe/api@1.0.0#run") (param $n i64) (result i64)
             (if (i64.eqz (local.get $n)) (then (return (i64.const 0))))
             (call $down (i64.sub (local.get $n) (i64.const 1))) {body})"#
    );
    expect!["12"].assert_eq(&deepest(probe_with("", &nested)).to_string());
}

/// A function that calls itself, with many values that are alive at different times; whatever the
/// compiler makes of them, the native stack must outlast the guards.
fn crowded(pieces: usize, values: usize, lap: usize) -> Vec<u8> {
    let mut body = String::new();
    for piece in 0..pieces {
        let branch =
            format!("(i64.eq (i64.and (local.get $n) (i64.const 4095)) (i64.const {piece}))");
        body.push_str(&format!("(if {branch} (then "));
        for value in 0..values {
            let scale = 3 + piece * values + value;
            body.push_str(&format!(
                "(local.set {} (i64.mul (local.get $n) (i64.const {scale})))",
                1 + (piece * lap + value) % 900
            ));
        }
        body.push_str("(local.set $n (call $down (i64.sub (local.get $n) (i64.const 4096))))");
        for value in 0..values {
            body.push_str(&format!(
                "(local.set $n (i64.xor (local.get $n) (local.get {})))",
                1 + (piece * lap + value) % 900
            ));
        }
        body.push_str("))");
    }
    let locals = "i64 ".repeat(900);
    probe_with(
        "",
        &format!(
            r#"(func $down (export "ehb:probe/api@1.0.0#run") (param $n i64) (result i64)
              (local {locals})
              (if (i64.lt_s (local.get $n) (i64.const 0)) (then (return (i64.const 1))))
              {body} (local.get $n))"#
        ),
    )
}

#[test]
fn crowded_frames_stay_within_the_native_stack() {
    for (pieces, values, lap) in [(1, 900, 0), (30, 100, 100), (300, 10, 1), (100, 30, 17)] {
        let modules = link(&[("probe", crowded(pieces, values, lap))]).unwrap();
        for piece in [0, pieces - 1] {
            let n = (1 << 40) + u64::try_from(piece).unwrap();
            assert_eq!(run(&modules, &mut session(), n).0, Err(too_deep()), "{pieces} {values}");
        }
    }
}

/// A function that calls itself at one of many places, each with a window of values that are alive.
fn sliding(window: usize, steps: usize) -> Vec<u8> {
    let mut body = String::new();
    for step in 0..steps {
        let (set, used) = (1 + step % window, 1 + (step + 1) % window);
        body.push_str(&format!(
            "(local.set {set} (call $down (i64.add (local.get $n) (i64.const -1))))
            (local.set $n (i64.xor (local.get $n) (local.get {used})))"
        ));
    }
    let locals = "i64 ".repeat(window);
    probe_with(
        "",
        &format!(
            r#"(func $down (export "ehb:probe/api@1.0.0#run") (param $n i64) (result i64)
              (local {locals})
              (if (i64.lt_s (local.get $n) (i64.const 0)) (then (return (i64.const 1))))
              {body} (local.get $n))"#
        ),
    )
}

#[test]
fn sliding_windows_stay_within_the_native_stack() {
    for (window, steps) in [(2, 3_000), (30, 3_000), (300, 3_000), (900, 5_000)] {
        let modules = link(&[("probe", sliding(window, steps))]).unwrap();
        assert_eq!(run(&modules, &mut session(), 1 << 40).0, Err(too_deep()), "{window} {steps}");
    }
}
