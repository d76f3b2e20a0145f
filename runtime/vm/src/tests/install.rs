//! Errors of `Module::compile`: kinds of code and interface.

use expect_test::{Expect, expect};

use super::{PRELUDE, compile, component, probe, probe_with};
use crate::InstallError;
use crate::limits::TYPE_NODES_MAX;

pub(crate) fn refused(code: &[u8], message: &Expect) -> InstallError {
    let error = compile("probe", code).map(|_| ()).unwrap_err();
    // If a library rejected it, the library's text shows that the reason is right.
    let shown = match (error.code(), error.detail()) {
        (Some(code), Some(detail)) => format!("{code:?}: {detail}"),
        _ => error.to_string(),
    };
    message.assert_eq(&shown);
    error
}

/// A component with this interface `api`, whose functions are never called.
fn interface(functions: &str, core: &str) -> Vec<u8> {
    let wit = format!(
        "package ehb:probe@1.0.0; interface api {{ {functions} }} world probe {{ export api; }}"
    );
    component(&[], &wit, &format!("(module {PRELUDE} {core})"))
}

#[test]
fn bytes_that_are_no_component() {
    refused(b"", &expect!["not a valid module: it is no component"]);
    refused(b"\0asm", &expect!["not a valid module: it is no component"]);
    refused(
        &wat::parse_str("(module)").unwrap(),
        &expect![
            "not a valid module: it is a core module; turn it into a component with wit-component"
        ],
    );
    let good = probe("", "(local.get $n)");
    refused(&good[..good.len() / 2], &expect!["not a valid module: it ends too early"]);
    let mut longer = good;
    longer.push(0);
    refused(&longer, &expect!["not a valid module: it ends too early"]);
}

#[test]
fn floats_in_code_and_interface() {
    refused(
        &probe("", "(i64.trunc_f64_s (f64.convert_i64_s (local.get $n)))"),
        &expect!["Invalid: floating-point instruction disallowed (at offset 0x90)"],
    );
    refused(
        &interface("f: func(a: f32);", r#"(func (export "ehb:probe/api@1.0.0#f") (param f32))"#),
        &expect!["Invalid: floating-point support is disabled (at offset 0x1e)"],
    );
    refused(
        &interface(
            "f: func(a: list<f64>);",
            r#"(func (export "ehb:probe/api@1.0.0#f") (param i32 i32))"#,
        ),
        &expect!["ehb:probe/api@1.0.0 f: values of type float are not allowed"],
    );
}

#[test]
fn features_that_are_not_needed() {
    for (functions, feature) in [
        ("(memory 1)", expect!["the module has 2 memories; at most 1 are allowed"]),
        (
            "(func (drop (v128.const i64x2 0 0)))",
            expect!["Invalid: SIMD support is not enabled (at offset 0x92)"],
        ),
        (
            "(func $f (return_call $f))",
            expect!["Invalid: tail calls support is not enabled (at offset 0x92)"],
        ),
        (
            "(func (result i32 i32) (i32.const 0) (i32.const 0))",
            expect![
                "Invalid: func type returns multiple values but the multi-value feature is not enabled (at offset 0x1e)"
            ],
        ),
        (
            "(table 1 externref)",
            expect!["Invalid: reference types support is not enabled (at offset 0x2b)"],
        ),
        (
            "(func (param i32) (drop (i32.atomic.load (local.get 0))))",
            expect!["Invalid: threads support is not enabled (at offset 0x95)"],
        ),
        (
            "(tag (param i32))",
            expect!["not a valid module: a core module has a section that modules do not have"],
        ),
    ] {
        let run =
            r#"(func (export "ehb:probe/api@1.0.0#run") (param i64) (result i64) (i64.const 0))"#;
        refused(&probe_with("", &format!("{functions} {run}")), &feature);
    }
}

#[test]
fn a_start_function() {
    let functions = r#"(func $s (loop (br 0))) (start $s)
        (func (export "ehb:probe/api@1.0.0#run") (param i64) (result i64) (i64.const 0))"#;
    let error = refused(
        &probe_with("", functions),
        &expect!["the module has a start function; do its work in an exported function"],
    );
    assert_eq!(error, InstallError::StartFunction);
}

#[test]
fn resources_futures_and_streams() {
    refused(
        &interface("resource r; f: func();", r#"(func (export "ehb:probe/api@1.0.0#f"))"#),
        &expect!["ehb:probe/api@1.0.0 r: values of type resource are not allowed"],
    );
    refused(
        &interface(
            "f: func(a: stream<u8>);",
            r#"(func (export "ehb:probe/api@1.0.0#f") (param i32))"#,
        ),
        &expect!["Invalid: `stream` requires the component model async feature (at offset 0xf9)"],
    );
}

#[test]
fn exports_that_users_cannot_call() {
    let core = r#"(func (export "ehb:other/api@1.0.0#f"))"#;
    let wit = "package ehb:other@1.0.0; interface api { f: func(); } world probe { export api; }";
    refused(
        &component(&[], wit, &format!("(module {PRELUDE} {core})")),
        &expect![
            "the exported interface ehb:other/api@1.0.0 must belong to the package that the module is named after"
        ],
    );

    let wit = "package ehb:probe@1.0.0; world probe { export f: func(); }";
    let core = r#"(module (func (export "f")))"#;
    refused(&component(&[], wit, core), &expect!["f is outside any interface; put it into one"]);

    let wit = "package ehb:probe@1.0.0;
        interface one { f: func(); } interface two { f: func(); }
        world probe { export one; export two; }";
    let core = r#"(module
        (func (export "ehb:probe/one@1.0.0#f")) (func (export "ehb:probe/two@1.0.0#f")))"#;
    refused(
        &component(&[], wit, core),
        &expect!["two exported functions are named f; users call functions by name alone"],
    );

    let long = "a".repeat(65);
    let core = format!(r#"(func (export "ehb:probe/api@1.0.0#{long}"))"#);
    refused(
        &interface(&format!("{long}: func();"), &core),
        &expect![
            "ehb:probe/api@1.0.0 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: a transaction cannot contain this name"
        ],
    );
}

#[test]
fn events_of_another_shape() {
    for (events, core) in [
        ("emit: func();", "(param)"),
        ("emit: func(a: u32, b: u32);", "(param i32 i32)"),
        ("emit: func(a: u32) -> u32;", "(param i32) (result i32)"),
        ("notify: func(a: u32);", "(param i32)"),
    ] {
        let function = events.split(':').next().unwrap();
        let wit = format!(
            "package ehb:probe@1.0.0; interface events {{ {events} }}
            world probe {{ import events; }}"
        );
        let core =
            format!(r#"(module (import "ehb:probe/events@1.0.0" "{function}" (func {core})))"#);
        let message = "ehb:probe/events@1.0.0 must consist of one function `emit` with one \
            parameter and no result";
        let error = compile("probe", &component(&[], &wit, &core)).map(|_| ()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn a_module_that_imports_itself() {
    let wit = "package ehb:probe@1.0.0; interface api { f: func(); } world probe { import api; }";
    let core = r#"(module (import "ehb:probe/api@1.0.0" "f" (func)))"#;
    refused(
        &component(&[], wit, core),
        &expect![
            "the import ehb:probe/api@1.0.0 is unknown: a module cannot import its own functions"
        ],
    );
}

#[test]
fn types_that_could_fill_the_hosts_memory() {
    let wide = (0..16).map(|index| format!("f{index}: u8,")).collect::<String>();
    let wider = (0..16).map(|index| format!("g{index}: narrow,")).collect::<String>();
    let types = format!("record narrow {{ {wide} }} record wide {{ {wider} }}");
    let core = r#"(func (export "ehb:probe/api@1.0.0#f") (param i32 i32))"#;
    refused(
        &interface(&format!("{types} f: func(a: list<wide>);"), core),
        &expect!["ehb:probe/api@1.0.0 f: the elements of a list consist of too many values"],
    );

    let types = doubled_types(14);
    let core = r#"(func (export "ehb:probe/api@1.0.0#f") (param i32))"#;
    refused(
        &interface(&format!("{types} f: func(a: t14);"), core),
        &expect![
            "the module has 393179 nodes in a type, every reference written out; at most 100000 are allowed"
        ],
    );
}

/// Records t0 to t`last`, each of which has two fields of the one before.
fn doubled_types(last: usize) -> String {
    let outer = (1..=last).map(|level| {
        let inner = level - 1;
        format!("record t{level} {{ a: t{inner}, b: t{inner} }}")
    });
    format!("record t0 {{ a: u8, b: u8 }} {}", outer.collect::<String>())
}

/// Each type, and each interface, is small enough by itself, but all functions together have too many.
#[test]
fn too_many_types_in_total() {
    // A type doubles the one before, which makes 2^13 - 1 nodes of the last.
    let nodes = (1 << 13) - 1;
    let types = doubled_types(11);
    let with_interfaces = |count: usize| {
        let interfaces = (0..count).map(|index| {
            let functions = format!("f{index}: func(a: t11); g{index}: func(a: t11);");
            format!("interface i{index} {{ {types} {functions} }}")
        });
        let exports = (0..count).map(|index| format!("export i{index};"));
        let (interfaces, exports): (String, String) = (interfaces.collect(), exports.collect());
        let wit = format!("package ehb:probe@1.0.0; {interfaces} world probe {{ {exports} }}");
        let functions = (0..count).flat_map(|index| ["f", "g"].map(|name| (index, name)));
        let functions = functions.map(|(index, name)| {
            format!(r#"(func (export "ehb:probe/i{index}@1.0.0#{name}{index}") (param i32))"#)
        });
        component(&[], &wit, &format!("(module {PRELUDE} {})", functions.collect::<String>()))
    };
    let most = TYPE_NODES_MAX / nodes / 2;
    compile("probe", &with_interfaces(most)).unwrap();
    refused(
        &with_interfaces(most + 1),
        &expect!["ehb:probe/i3@1.0.0 f3: the module has too many types"],
    );
}

#[test]
fn types_with_too_deep_nesting() {
    let records = |depth: usize| {
        let outer = (1..depth).map(|level| format!("record t{level} {{ a: t{} }}", level - 1));
        format!("record t0 {{ a: u8 }} {} f: func(a: t{});", outer.collect::<String>(), depth - 1)
    };
    let options =
        |depth: usize| format!("f: func(a: {}u8{});", "option<".repeat(depth), ">".repeat(depth));
    let core = r#"(func (export "ehb:probe/api@1.0.0#f") (param i32))"#;
    for functions in [records(40), options(40)] {
        refused(
            &interface(&functions, core),
            &expect!["ehb:probe/api@1.0.0 f: the type nests deeper than 32"],
        );
    }
    // The value itself is a level.
    for (at_the_edge, beyond) in [(records(31), records(32)), (options(31), options(32))] {
        assert!(compile("probe", &interface(&at_the_edge, core)).is_ok());
        assert!(compile("probe", &interface(&beyond, core)).is_err());
    }
}
