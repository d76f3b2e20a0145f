//! The WIT that a node returns for a module can be parsed by itself.

use ehb_types::Name;
use ehb_vm::{Module, declared};
use wit_parser::Resolve;

use super::*;
use crate::KERNEL;

/// Parses a text alone, and compares the functions of the module's own package with those that it really has.
fn check(name: &Name, wit: &str, interface: &ehb_abi::Interface) {
    let mut resolve = Resolve::default();
    let parsed = resolve.push_str(format!("{name}.wit"), wit);
    let package = parsed.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    assert_eq!(resolve.packages[package].name.name, name.as_str());
    let (parsed, _) = declared(name, &[wit]).unwrap();
    assert!(!parsed.functions.is_empty(), "{name}");
    for function in &parsed.functions {
        assert_eq!(Some(function), interface.function(&function.name), "{name}");
    }
    assert_eq!(parsed.event, interface.event, "{name}");
    // What the module takes from elsewhere is there with its fields.
    for package in ["package ehb:host@", "package ehb:common@"] {
        assert!(wit.contains(package), "{name} has no {package}");
    }
}

#[test]
fn the_wit_of_each_module_is_complete() {
    let engine = Engine::new().unwrap();
    for shipped in ehb_catalog::all() {
        let name = Name::new(shipped.name).unwrap();
        let module = Module::compile(&engine, name.clone(), shipped.code).unwrap();
        check(&name, module.wit(), module.interface());
    }
    let library = chain().executor.library().for_reads();
    check(&Name::new(KERNEL).unwrap(), library.kernel_wit(), library.kernel());
}
