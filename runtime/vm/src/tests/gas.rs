//! The gas that calls cost, and its end.

use ehb_types::{Code, GasSchedule};
use expect_test::expect;

use super::{GAS, failure, link, probe, run, run_body, session};
use crate::{MEMORY_PAGE_GAS, TABLE_ELEMENT_GAS, VALUE_GAS};

/// The cost of a call whose body uses the given fuel.
fn base() -> u64 {
    GasSchedule::default().call + 2 * VALUE_GAS + 8 * GasSchedule::default().storage_write_byte
}

#[test]
fn a_call_costs_its_instructions_and_passed_values() {
    let (result, used) = run_body("(i64.add (local.get $n) (i64.const 1))", 41);
    assert_eq!(result, Ok(42));
    assert_eq!(used, base() + 4);
}

#[test]
fn gas_is_equal_over_repetitions_and_threads() {
    let body = "(loop $again
        (local.set $n (i64.sub (local.get $n) (i64.const 1)))
        (i64.store (i32.wrap_i64 (local.get $n)) (local.get $n))
        (br_if $again (i64.ne (local.get $n) (i64.const 0))))
        (local.get $n)";
    let modules = link(&[("probe", probe("", body))]).unwrap();
    let first = run(&modules, &mut session(), 10_000);
    assert_eq!(first.0, Ok(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(run(&modules, &mut session(), 10_000), first);
                }
            });
        }
    });
}

#[test]
fn an_endless_loop_runs_out_of_gas() {
    let (result, used) = run_body("(loop $again (br $again)) (unreachable)", 0);
    assert_eq!(result, Err(failure(Code::OutOfGas, "the gas ran out")));
    assert_eq!(used, GAS);
}

#[test]
fn too_little_gas_for_the_call_itself() {
    let modules = link(&[("probe", probe("", "(local.get $n)"))]).unwrap();
    for mut gas in [0, 100, base() - 1] {
        let result = modules.call(&mut session(), "probe", "run", &[0; 8], &mut gas);
        assert_eq!(result, Err(crate::CallError::out_of_gas()));
        assert_eq!(gas, 0);
    }
}

#[test]
fn a_module_that_stops_itself_pays_for_used_gas() {
    let (result, used) = run_body("(unreachable)", 0);
    assert_eq!(result, Err(failure(Code::Trap, "probe.run: the module stopped itself")));
    assert_eq!(used, GasSchedule::default().call + VALUE_GAS + 1);
}

#[test]
fn other_traps_cost_all_gas() {
    let (result, used) = run_body("(i64.load (i32.const -1))", 0);
    let message = "probe.run: wasm trap: out of bounds memory access";
    assert_eq!(result, Err(failure(Code::Trap, message)));
    assert_eq!(used, GAS);
    let (result, used) = run_body("(i64.div_u (i64.const 1) (local.get $n))", 0);
    let message = "probe.run: wasm trap: integer divide by zero";
    assert_eq!(result, Err(failure(Code::Trap, message)));
    assert_eq!(used, GAS);
}

#[test]
fn memory_grows_to_its_limit_and_is_paid_for() {
    let body = "
        (block $full
          (loop $again
            (br_if $full (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
            (br $again)))
        (i64.extend_i32_u (memory.size))";
    let (result, used) = run_body(body, 0);
    assert_eq!(result, Ok(256));
    expect!["4065532"].assert_eq(&(used - base()).to_string());
    assert!(used > 254 * MEMORY_PAGE_GAS);
}

#[test]
fn growth_beyond_the_address_space_fails_in_the_module_only() {
    let grow = |pages: i64| {
        let body = format!("(i64.extend_i32_s (memory.grow (i32.const {pages})))");
        run_body(&body, 0).0
    };
    let refused = Ok(u64::MAX);
    assert_eq!(grow(-1), refused);
    assert_eq!(grow(65_535), refused);
    assert_eq!(grow(255), refused);
    assert_eq!(grow(254), Ok(2));
}

#[test]
fn memory_growth_is_paid_for_even_without_a_later_host_call() {
    let modules =
        link(&[("probe", probe("", "(drop (memory.grow (i32.const 200))) (i64.const 1)"))])
            .unwrap();
    let mut gas = 200 * MEMORY_PAGE_GAS;
    let result = modules.call(&mut session(), "probe", "run", &[0; 8], &mut gas);
    assert_eq!(result, Err(crate::CallError::out_of_gas()));
    assert_eq!(gas, 0);
}

#[test]
fn filling_memory_costs_by_the_byte() {
    let body =
        "(memory.fill (i32.const 0) (i32.const 1) (i32.wrap_i64 (local.get $n))) (local.get $n)";
    let (_, small) = run_body(body, 1_000);
    let (_, large) = run_body(body, 101_000);
    assert_eq!(large - small, 100_000);
}

#[test]
fn a_large_table_is_paid_for_by_each_call() {
    let run_with = |table: &str| {
        let code = super::probe_with(
            "",
            &format!(
                r#"{table} (func (export "ehb:probe/api@1.0.0#run") (param i64) (result i64)
                    (i64.const 0))"#
            ),
        );
        let modules = link(&[("probe", code)]).unwrap();
        let used = run(&modules, &mut session(), 0).1;
        assert_eq!(run(&modules, &mut session(), 0).1, used);
        used
    };
    let small = run_with("(table 1000 funcref)");
    assert_eq!(small, run_with(""));
    assert_eq!(run_with("(table 10000 funcref)") - small, (10_000 - 1_024) * TABLE_ELEMENT_GAS);
}

#[test]
fn tables_cannot_grow() {
    let functions = r#"(table 1 funcref)
        (func (export "ehb:probe/api@1.0.0#run") (param i64) (result i64)
            (i64.extend_i32_s (table.grow (ref.null func) (i32.const 1))))"#;
    assert!(link(&[("probe", super::probe_with("", functions))]).is_err());
}

#[test]
fn bulk_operations_cost_by_the_byte_and_element_even_where_they_trap() {
    for body in [
        "(memory.copy (i32.const 0) (i32.const 1) (i32.wrap_i64 (local.get $n)))",
        "(memory.fill (i32.const 0) (i32.const 1) (i32.wrap_i64 (local.get $n)))",
    ] {
        let body = format!("{body} (local.get $n)");
        assert_eq!(run_body(&body, 50_000).1 - run_body(&body, 0).1, 50_000, "{body}");
        // 4 GiB are beyond any gas.
        let (result, used) = run_body(&body, u64::from(u32::MAX));
        assert_eq!((result.unwrap_err().code, used), (Code::OutOfGas, GAS), "{body}");
    }
}
