//! Errors of `Module::compile`: sizes and numbers.

use expect_test::expect;

use super::install::refused;
use super::{compile, engine, link, name, probe, probe_with, run, session};
use crate::limits::{BLOCKS_DEEP_MAX, BODY_BYTES_MAX, CODE_BYTES_MAX, FUNCTIONS_MAX, LOCALS_MAX};
use crate::{InstallError, Module};

const RUN: &str =
    r#"(func (export "ehb:probe/api@1.0.0#run") (param i64) (result i64) (i64.const 0))"#;

#[test]
fn code_of_too_many_bytes() {
    let error = refused(
        &vec![0; CODE_BYTES_MAX + 1],
        &expect!["the module has 1048577 bytes of code; at most 1048576 are allowed"],
    );
    assert!(matches!(error, InstallError::Limit { .. }));
}

#[test]
fn functions_and_their_sizes() {
    let many = "(func)".repeat(FUNCTIONS_MAX);
    refused(
        &probe_with("", &format!("{many} {RUN}")),
        &expect!["the module has 4002 functions; at most 4000 are allowed"],
    );

    let locals = "i64 ".repeat(LOCALS_MAX as usize);
    refused(
        &probe("", &format!("(local {locals}) (local.get $n)")),
        &expect![
            "the module has 1001 parameters and locals in a function; at most 1000 are allowed"
        ],
    );

    let operators = "(drop (i32.const 0))".repeat(BODY_BYTES_MAX / 3);
    refused(
        &probe("", &format!("{operators} (local.get $n)")),
        &expect!["the module has 131074 bytes in a function; at most 131072 are allowed"],
    );
}

#[test]
fn elements_of_all_segments_together() {
    let segment = |count: usize| format!("(elem (i32.const 0) {})", "0 ".repeat(count));
    let table = "(table 10000 funcref)";
    let code = |counts: &[usize]| {
        let segments = counts.iter().map(|count| segment(*count)).collect::<String>();
        probe_with("", &format!("{table} {segments} {RUN}"))
    };
    compile("probe", &code(&[1_024, 1_024])).unwrap();
    refused(
        &code(&[1_024, 1_025]),
        &expect!["the module has 2049 elements in its segments; at most 2048 are allowed"],
    );
}

#[test]
fn memories_and_tables() {
    refused(
        &probe_with("", &format!("(table 10001 funcref) {RUN}")),
        &expect!["the module has 10001 elements in a table; at most 10000 are allowed"],
    );
    refused(
        &probe_with("", &format!("{} {RUN}", "(table 1 funcref)".repeat(7))),
        &expect!["Invalid: multiple tables (at offset 0x2a)"],
    );
    let large = wat::parse_str("(component (core module (memory 257)))");
    refused(
        &large.unwrap(),
        &expect!["the module has 16842752 bytes of initial memory; at most 16777216 are allowed"],
    );
    let two = "(component (core module (memory 1)) (core module (memory 1)))";
    refused(
        &wat::parse_str(two).unwrap(),
        &expect!["the module has 2 memories; at most 1 are allowed"],
    );
}

#[test]
fn core_modules_where_guards_could_not_count() {
    let nested = "(component (component (core module)))";
    refused(
        &wat::parse_str(nested).unwrap(),
        &expect!["core modules and instances are allowed only at the top level of the component"],
    );
    let instances = "(component (core module $m) (core instance (instantiate $m))
        (core instance (instantiate $m)) (core instance (instantiate $m))
        (core instance (instantiate $m)) (core instance (instantiate $m)))";
    refused(
        &wat::parse_str(instances).unwrap(),
        &expect!["the module has 5 core instances; at most 4 are allowed"],
    );
    let deep = "(component (component (component)))";
    refused(
        &wat::parse_str(deep).unwrap(),
        &expect!["core modules and instances are allowed only at the top level of the component"],
    );
    let many = format!("(component (component $c) {})", "(instance (instantiate $c))".repeat(65));
    refused(
        &wat::parse_str(&many).unwrap(),
        &expect!["the module has 65 component instances; at most 64 are allowed"],
    );
}

#[test]
fn segments_outside_of_the_memory() {
    let functions = format!(r#"(data (i32.const 131071) "ab") {RUN}"#);
    let error = link(&[("probe", probe_with("", &functions))]).map(|_| ()).unwrap_err();
    expect!["the module cannot be instantiated: a segment is outside of its memory or table"]
        .assert_eq(&error.to_string());
}

#[test]
fn a_module_at_the_edges_is_installed() {
    // Such small functions need additional bytes to pay for their compilation.
    let many = "(func)".repeat(FUNCTIONS_MAX - 20);
    let data = format!(r#"(data (i32.const 0) "{}")"#, "x".repeat(20_000));
    let code = probe_with("", &format!("{many} (table 10000 funcref) {data} {RUN}"));
    let modules = link(&[("probe", code)]).unwrap();
    assert_eq!(run(&modules, &mut session(), 0).0, Ok(0));
}

#[test]
fn blocks_that_nest_deep_are_compiled_without_recursion_up_to_a_bound() {
    let nested = |open: &str, depth: usize| {
        let body = format!("{} {}", open.repeat(depth), "end ".repeat(depth));
        probe("", &format!("{body} (local.get $n)"))
    };
    // The body itself is the outermost block.
    let deepest = BLOCKS_DEEP_MAX - 1;
    let kinds = [("blocks", "block "), ("conditions", "local.get $n i64.eqz if ")];
    for (what, open) in kinds {
        let error = compile("probe", &nested(open, deepest + 1)).map(|_| ()).unwrap_err();
        let expected =
            "the module has 257 blocks within blocks in a function; at most 256 are allowed";
        assert_eq!(error.to_string(), expected, "{what}");
    }
    let rows = kinds.map(|(what, open)| (what, nested(open, deepest)));
    let installed = move || {
        for (what, code) in rows {
            let modules =
                link(&[("probe", code)]).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(run(&modules, &mut session(), 7).0, Ok(7), "{what}");
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(installed).unwrap().join().unwrap();
}

#[test]
fn the_same_code_compiles_to_the_same_module() {
    let code = probe("", "(local.get $n)");
    let one = compile("probe", &code).unwrap();
    let other = Module::compile(engine(), name("probe"), &code).unwrap();
    assert_eq!(one.code_hash(), other.code_hash());
    assert_eq!(one.interface(), other.interface());
    assert_eq!(one.wit(), other.wit());
}

#[test]
fn damaged_components_are_refused_or_work_without_panic() {
    let good = probe("", "(memory.fill (i32.const 0) (i32.const 0) (i32.const 9)) (local.get $n)");
    for position in 0..good.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut code = good.clone();
            code[position] ^= change;
            if let Ok(checked) = crate::install::check(&code) {
                let described = crate::install::describe(&name("probe"), &code, None);
                let guarded = crate::install::guard(&code, &checked);
                // Guards keep accepted code valid.
                if described.is_ok() {
                    assert!(crate::install::check(&guarded.unwrap()).is_ok(), "byte {position}");
                }
            }
        }
    }
}
