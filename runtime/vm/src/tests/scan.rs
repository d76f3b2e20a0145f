//! Bytes that could crash a library are rejected before any library reads them.

use std::process::Command;

use expect_test::expect;

use super::{compile, name, probe};
use crate::InstallError;
use crate::install::{Profile, check, scan};
use crate::limits::{NESTING_MAX, TYPE_DEPTH_MAX, TYPE_SIZE_MAX};

/// An environment variable for the process that is expected to crash.
const OVERFLOWING: &str = "EHB_TEST_OVERFLOWING";

fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        bytes.push(if value > 0 { byte | 0x80 } else { byte });
        if value == 0 {
            return bytes;
        }
    }
}

fn section(id: u8, count: usize, items: &[u8]) -> Vec<u8> {
    let content = [number(count), items.to_vec()].concat();
    [vec![id], number(content.len()), content].concat()
}

fn component(sections: &[Vec<u8>]) -> Vec<u8> {
    [b"\0asm\x0d\0\x01\0".to_vec(), sections.concat()].concat()
}

/// A type of components (0x41) or instances (0x42) that declares one of the same kind, and so on.
fn nested_types(kind: u8, depth: usize) -> Vec<u8> {
    let item = [[kind, 1, 1].repeat(depth - 1), vec![kind, 0]].concat();
    component(&[section(7, 1, &item)])
}

/// Components within components.
fn nested_components(depth: usize) -> Vec<u8> {
    (1..depth).fold(component(&[]), |inner, _| {
        component(&[[vec![4], number(inner.len()), inner].concat()])
    })
}

/// Types that refer to the one before them, `times` times each.
fn chain(depth: usize, times: usize) -> Vec<u8> {
    let mut items = vec![0x6f, 1, 0x7d];
    for index in 1..depth {
        items.extend([vec![0x6f], number(times)].concat());
        (0..times).for_each(|_| items.extend(signed(index - 1)));
    }
    component(&[section(7, depth, &items)])
}

/// A number whose last byte does not look negative.
fn signed(value: usize) -> Vec<u8> {
    let mut bytes = number(value);
    let last = bytes.pop().unwrap();
    match last & 0x40 {
        0 => bytes.push(last),
        _ => bytes.extend([last | 0x80, 0]),
    }
    bytes
}

/// Types of instances, each of which exports an instance of the one before.
fn chain_of_instances(depth: usize) -> Vec<u8> {
    let mut items = vec![0x42, 0];
    for index in 1..depth {
        // Two declarations: an alias of the type outside, and an export of that type's instance.
        items.extend([0x42, 2, 0x02, 0x03, 0x02, 1]);
        items.extend(number(index - 1));
        items.extend([0x04, 0x00, 1, b'a', 0x05, 0]);
    }
    component(&[section(7, depth, &items)])
}

/// Instances, each of which exports the one before.
fn chain_of_exports(depth: usize) -> Vec<u8> {
    let mut items = vec![0x01, 0];
    for index in 1..depth {
        items.extend([0x01, 1, 0x00, 1, b'a', 0x05]);
        items.extend(number(index - 1));
    }
    component(&[section(5, depth, &items)])
}

fn refusal(code: &[u8]) -> InstallError {
    compile("probe", code).map(drop).unwrap_err()
}

/// The reason for the scan: reading 9 KB crashes the process. Runs in a separate process.
#[test]
fn a_library_that_reads_nested_types_ends_the_process() {
    let bytes = nested_types(0x41, 3_000);
    assert!(bytes.len() < 10_000);
    if std::env::var_os(OVERFLOWING).is_some() {
        let work = move || check(&bytes).map(drop);
        let outcome = std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join();
        panic!("the library has learnt to read it: {outcome:?}");
    }
    let test = "tests::scan::a_library_that_reads_nested_types_ends_the_process";
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args(["--exact", test]).env(OVERFLOWING, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("overflowed its stack"), "{said}");
}

#[test]
fn nesting_is_bounded() {
    for code in [
        nested_types(0x41, 1),
        nested_types(0x41, 3_000),
        nested_types(0x41, 300_000),
        nested_types(0x42, NESTING_MAX + 1),
        nested_types(0x42, 300_000),
        nested_components(NESTING_MAX + 1),
        nested_components(1_000),
    ] {
        assert_eq!(scan(&code, Profile::Module), Err(InstallError::Nested));
        assert_eq!(refusal(&code), InstallError::Nested);
    }
    for code in [nested_types(0x42, NESTING_MAX), nested_components(NESTING_MAX)] {
        assert_eq!(scan(&code, Profile::Module), Ok(()));
    }
    let packages = [nested_types(0x41, NESTING_MAX), nested_types(0x41, NESTING_MAX + 1)];
    let scanned = packages.map(|code| scan(&code, Profile::Documentation));
    assert_eq!(scanned, [Ok(()), Err(InstallError::Nested)]);
}

#[test]
fn types_that_refer_to_types_are_bounded() {
    let deepest = usize::try_from(TYPE_DEPTH_MAX).unwrap();
    for good in [chain(deepest, 1), chain_of_instances(deepest), chain_of_exports(deepest)] {
        assert_eq!(scan(&good, Profile::Module), Ok(()));
    }
    for deep in [chain, |depth, _| chain_of_instances(depth), |depth, _| chain_of_exports(depth)] {
        let shown = refusal(&deep(deepest + 1, 1)).to_string();
        expect!["the module has 65 types within types; at most 64 are allowed"].assert_eq(&shown);
    }
    // Each type has twice as many nodes as the one before.
    let levels = usize::try_from(TYPE_SIZE_MAX.ilog2()).unwrap();
    assert_eq!(scan(&chain(levels, 2), Profile::Module), Ok(()));
    let shown = refusal(&chain(40, 2)).to_string();
    expect!["the module has 196607 nodes in a type, every reference written out; at most 100000 are allowed"].assert_eq(&shown);
}

/// Lists that claim more items than there are bytes, and numbers with too many bits.
#[test]
fn numbers_are_not_trusted() {
    for (what, code) in [
        ("a count", component(&[vec![7, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]])),
        ("too many bits", component(&[vec![7, 5, 0xff, 0xff, 0xff, 0xff, 0x7f]])),
        ("a size", component(&[vec![7, 0xff, 0xff, 0xff, 0xff, 0x0f]])),
        ("an index", component(&[section(7, 1, &[0x70, 0])])),
        ("a name", component(&[section(10, 1, &[0, 0x80, 0x10])])),
        ("more than its items", component(&[section(7, 1, &[0x7d, 0x7d])])),
    ] {
        let error = refusal(&code);
        assert!(matches!(error, InstallError::Malformed(_)), "{what}: {error}");
    }
    let mut long = vec![0, 0x81, 0x04];
    long.extend([b'a'; 513]);
    let shown = refusal(&component(&[section(10, 1, &long)])).to_string();
    expect!["the module has 513 bytes in a name; at most 512 are allowed"].assert_eq(&shown);
}

/// The verdict does not depend on the stack of the calling thread.
#[test]
fn the_verdict_does_not_depend_on_the_thread() {
    let deep = chain(usize::try_from(TYPE_DEPTH_MAX).unwrap(), 1);
    let codes = [probe("", "(local.get $n)"), nested_types(0x41, 3_000), chain(40, 2), deep];
    let verdicts = |codes: &[Vec<u8>]| -> Vec<_> {
        codes.iter().map(|code| compile("probe", code).map(|module| module.code_hash())).collect()
    };
    let expected = verdicts(&codes);
    for stack_bytes in [64 << 10, 1 << 20, 64 << 20] {
        let thread = std::thread::Builder::new().stack_size(stack_bytes);
        let found = std::thread::scope(|scope| {
            thread.spawn_scoped(scope, || verdicts(&codes)).unwrap().join().unwrap()
        });
        assert_eq!(found, expected, "{stack_bytes}");
    }
}

/// At the limits, the libraries need far less stack than their threads have.
#[test]
fn libraries_use_a_fraction_of_the_stack_at_the_bounds() {
    let deepest = usize::try_from(TYPE_DEPTH_MAX).unwrap();
    let codes = [
        chain(deepest, 1),
        chain(16, 2),
        chain_of_instances(deepest),
        chain_of_exports(deepest),
        nested_types(0x42, NESTING_MAX),
        nested_components(NESTING_MAX),
    ];
    let work =
        move || codes.iter().for_each(|code| drop(crate::module::prepare(&name("probe"), code)));
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}
