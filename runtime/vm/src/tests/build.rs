//! Builds components from WebAssembly text for the tests.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const HOST_WIT: &str = include_str!("../../../../sdk/contract/wit/host.wit");

/// The beginning of every core module here: a memory and an allocator that never frees.
pub(crate) const PRELUDE: &str = r#"
    (memory (export "memory") 2)
    (global $top (mut i32) (i32.const 4096))
    (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at
        (i32.and
          (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
      (global.set $top (i32.add (local.get $at) (local.get $size)))
      (local.get $at))
"#;

/// The component of the world in `wit`, a package of any name, with the core module in `wat`.
/// `dependencies` are packages that it uses besides the host's.
pub(crate) fn component(dependencies: &[&str], wit: &str, wat: &str) -> Vec<u8> {
    let mut packages = vec![HOST_WIT];
    packages.extend(dependencies);
    encode(&packages, wit, wat)
}

/// Like [`component`], with another package of the host.
pub(crate) fn component_with_host(host: &str, wit: &str, wat: &str) -> Vec<u8> {
    encode(&[host], wit, wat)
}

fn encode(dependencies: &[&str], wit: &str, wat: &str) -> Vec<u8> {
    let mut core = wat::parse_str(wat).unwrap();
    let mut resolve = Resolve::default();
    for (index, dependency) in dependencies.iter().enumerate() {
        resolve.push_str(format!("{index}.wit"), dependency).unwrap();
    }
    let package = resolve.push_str("test.wit", wit).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    embed_component_metadata(&mut core, &resolve, world, StringEncoding::UTF8).unwrap();
    let mut encoder = ComponentEncoder::default().validate(false).module(&core).unwrap();
    encoder.encode().unwrap()
}

/// The module `probe`, which exports `run: func(n: u64) -> u64` with the given body. `imports` is
/// WAT; all host functions can be imported, and `ehb:probe/events@1.0.0`.
pub(crate) fn probe(imports: &str, body: &str) -> Vec<u8> {
    let run =
        format!(r#"(func (export "ehb:probe/api@1.0.0#run") (param $n i64) (result i64) {body})"#);
    probe_with(imports, &run)
}

/// Like [`probe`], with the whole core module except memory and allocator given.
pub(crate) fn probe_with(imports: &str, functions: &str) -> Vec<u8> {
    component(&[], PROBE_WIT, &format!("(module {imports} {PRELUDE} {functions})"))
}

/// Like [`probe_with`], with the allocator among the functions, by its name in WAT.
pub(crate) fn probe_with_allocator(imports: &str, allocator: &str, functions: &str) -> Vec<u8> {
    let memory =
        format!(r#"(memory (export "memory") 2) (export "cabi_realloc" (func {allocator}))"#);
    component(&[], PROBE_WIT, &format!("(module {imports} {memory} {functions})"))
}

const PROBE_WIT: &str = r"
        package ehb:probe@1.0.0;
        interface events { record event { n: u64, text: string } emit: func(e: event); }
        interface api { run: func(n: u64) -> u64; }
        world probe {
            import ehb:host/context@1.0.0;
            import ehb:host/storage@1.0.0;
            import ehb:host/crypto@1.0.0;
            import ehb:host/roles@1.0.0;
            import ehb:host/log@1.0.0;
            import events;
            export api;
        }";
