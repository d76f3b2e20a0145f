use wit_parser::Resolve;

use crate::generate;
use crate::read::Module;

const COMMON: &str = "
    package ehb:common@1.0.0;
    interface deadlines {
        record item { kind: string, id: u64 }
        advance: func(item: item) -> result<_, string>;
    }";

fn generated(wit: &str) -> Result<String, String> {
    let mut resolve = Resolve::default();
    resolve.push_str("common.wit", COMMON).unwrap();
    let package = resolve.push_str("shop.wit", wit).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    generate::module(&Module { component: "Shop".to_owned(), resolve, package, world })
}

#[test]
fn each_function_calls_the_rule_of_its_name() {
    let wit = "
        package acme:shop@1.2.0;
        interface types { variant error { key-reused } record due-bill { id: u64 } }
        interface bills {
            use types.{error, due-bill};
            pay: func(%type: u8, due-bills: list<due-bill>, note: option<string>) -> result<u64, error>;
            is-open: func() -> bool;
        }
        interface upgrade { use types.{error}; migrate: func() -> result<_, error>; }
        world shop { export bills; export ehb:common/deadlines@1.0.0; export upgrade; }";
    let text = generated(wit).unwrap();
    let mut methods: Vec<&str> = text.lines().filter(|line| line.starts_with("fn ")).collect();
    methods.sort_unstable();
    let bills = "crate::bindings::exports::acme::shop::bills";
    let host = "&mut ::ehb_contract::Host::new()";
    let expected = [
        // Refusals of another type than the module's own are lowered where they are returned.
        format!(
            "fn advance(item: crate::bindings::exports::ehb::common::deadlines::Item) \
             -> Result<(), ::alloc::string::String> {{ crate::rules::advance({host}, item) }}"
        ),
        format!("fn is_open() -> bool {{ crate::rules::is_open({host}) }}"),
        format!(
            "fn migrate() -> Result<(), crate::bindings::exports::acme::shop::upgrade::Error> \
             {{ crate::rules::migrate({host}) }}"
        ),
        format!(
            "fn pay(type_: u8, due_bills: ::alloc::vec::Vec<{bills}::DueBill>, \
             note: Option<::alloc::string::String>) -> Result<u64, {bills}::Error> \
             {{ ::ehb_contract::answer(crate::rules::pay({host}, type_, due_bills, note)) }}"
        ),
    ];
    assert_eq!(methods, expected);
    for piece in [
        "impl crate::bindings::exports::ehb::common::deadlines::Guest for Shop {",
        "error: crate::bindings::exports::acme::shop::upgrade::Error",
        "shared in bindings::exports::ehb::common,",
        "bills::__export_acme_shop_bills_1_2_0_cabi, upgrade::__export_acme_shop_upgrade_1_2_0_cabi,",
    ] {
        assert!(text.contains(piece), "{piece} is not in\n{text}");
    }
}

#[test]
fn a_world_without_the_shared_interface_is_refused() {
    let wit = "package acme:shop@1.0.0;
        interface bills { pay: func(); }
        world shop { export bills; }";
    let refused = generated(wit).unwrap_err();
    assert_eq!(refused, "the world does not export ehb:common/deadlines");
}

#[test]
fn floats_are_refused() {
    let wit = "package acme:shop@1.0.0;
        interface bills { pay: func(amount: f64); }
        world shop { export bills; }";
    let refused = generated(wit).unwrap_err();
    assert_eq!(refused, "a parameter or result cannot be a F64");
}
