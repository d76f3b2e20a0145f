//! The code that the macros generate, and their errors.

use wit_parser::Resolve;

use crate::module::{Input, Module};

const HOST: &str = "
    package ehb:host@1.0.0;
    interface types { record address { a: u64, b: u64, c: u64, d: u64 } }";

const COMMON: &str = "
    package ehb:common@1.0.0;
    interface types {
        record item { kind: string, id: u64 }
        variant refusal { unknown-item(item), key-reused, other(string) }
    }
    interface deadlines {
        use types.{item};
        advance: func(item: item) -> result<_, string>;
    }";

const WALLET: &str = "
    package ehb:wallet@1.0.0;
    interface types { variant error { unknown-item } record asset { id: string } }
    interface holds {
        use ehb:host/types@1.0.0.{address};
        use types.{error, asset};
        record own-page { assets: list<asset> }
        pay-out: func(hold: u64, to: address, note: option<string>, assets: list<asset>) -> result<_, error>;
        get-native: func() -> option<string>;
        list-assets: func() -> own-page;
    }";

/// A shop's WIT: its error, its interface of bills and its world.
fn shop(error: &str, bills: &str, world: &str) -> String {
    format!(
        "package acme:shop@1.2.0;
        interface types {{
            use ehb:common/types@1.0.0.{{item}};
            use ehb:wallet/types@1.0.0.{{error as wallet-error}};
            variant error {{ {error} }}
            record due-bill {{ id: u64 }}
        }}
        interface events {{ use types.{{due-bill}}; emit: func(event: due-bill); }}
        interface bills {{ use types.{{error, due-bill}}; {bills} }}
        interface upgrade {{ use types.{{error}}; migrate: func() -> result<_, error>; }}
        world shop {{ {world} }}"
    )
}

const ERROR: &str = "unknown-item(item), key-reused, wallet(wallet-error), too-heavy(u64), closed";
const BILLS: &str = "
    pay: func(%type: u8, due-bills: list<due-bill>, note: option<string>) -> result<u64, error>;
    is-open: func() -> bool;";
const WORLD: &str = "
    import events;
    import ehb:wallet/holds@1.0.0;
    export bills;
    export ehb:common/deadlines@1.0.0;
    export upgrade;";

fn generated(wit: &str) -> Result<String, String> {
    let mut resolve = Resolve::default();
    for (name, text) in [("host", HOST), ("common", COMMON), ("wallet", WALLET)] {
        resolve.push_str(format!("{name}.wit"), text).unwrap();
    }
    let package = resolve.push_str("shop.wit", wit).unwrap();
    let input = "Shop, wit: [\"wit\"], calls: { wallet: acme_wallet }";
    let input: Input = syn::parse_str(input).unwrap();
    crate::written(&Module::of(&input, resolve, package)?)
}

/// Fails where a piece is not in what was generated; spaces do not count.
#[track_caller]
fn check(text: &str, pieces: &[&str]) {
    let dense = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = dense(text);
    for piece in pieces {
        assert!(text.contains(&dense(piece)), "{piece} is not in\n{text}");
    }
}

#[test]
fn each_function_calls_the_rule_of_its_name() {
    let text = generated(&shop(ERROR, BILLS, WORLD)).unwrap();
    check(
        &text,
        &[
            "fn pay(type_: u8, due_bills: ::alloc::vec::Vec<crate::bindings::exports::acme::shop::bills::DueBill>, \
             note: Option<::alloc::string::String>) \
             -> Result<u64, crate::bindings::exports::acme::shop::bills::Error> \
             { ::ehb_contract::answer(crate::rules::pay(&mut ::ehb_contract::Host::new(), type_, due_bills, note)) }",
            "fn is_open() -> bool { crate::rules::is_open(&mut ::ehb_contract::Host::new()) }",
            // Refusals of another type than the module's own are lowered where they are returned.
            "fn advance(item: crate::bindings::exports::ehb::common::deadlines::Item) \
             -> Result<(), ::alloc::string::String> \
             { crate::rules::advance(&mut ::ehb_contract::Host::new(), item) }",
            "{ crate::rules::migrate(&mut ::ehb_contract::Host::new()) }",
            "error: crate::bindings::exports::acme::shop::upgrade::Error",
            "shared in bindings::exports::ehb::common,",
            "bills::__export_acme_shop_bills_1_2_0_cabi, upgrade::__export_acme_shop_upgrade_1_2_0_cabi,",
        ],
    );
}

#[test]
fn natively_the_types_of_a_called_module_are_its_own() {
    let text = generated(&shop(ERROR, BILLS, WORLD)).unwrap();
    check(
        &text,
        &[
            "world: \"acme:shop/shop\"",
            "\"ehb:wallet/types@1.0.0\": acme_wallet::bindings::ehb::wallet::types }",
            "\"ehb:common/types@1.0.0\": ehb_contract::common }",
            "impl ::ehb_contract::Emit for crate::bindings::acme::shop::events::DueBill \
             { fn emit(&self) { crate::bindings::acme::shop::events::emit(*self); } }",
        ],
    );
}

#[test]
fn refusals_are_converted_by_their_names() {
    let text = generated(&shop(ERROR, BILLS, WORLD)).unwrap();
    check(
        &text,
        &[
            "Refusal::UnknownItem(content) => Self::UnknownItem(content), \
             Refusal::KeyReused => Self::KeyReused,",
            "Error::TooHeavy(_) => \"too-heavy\", Error::Closed => \"closed\",",
            "impl From<crate::bindings::acme::shop::types::WalletError> for Error",
        ],
    );
    for error in ["key-reused, unknown-item(item)", "unknown-item, key-reused", "closed"] {
        let refused = generated(&shop(error, BILLS, WORLD)).unwrap_err();
        assert!(refused.starts_with("the cases of `error` begin with"), "{error}: {refused}");
    }
}

#[test]
fn another_module_is_called_by_import_or_by_its_rules() {
    let text = generated(&shop(ERROR, BILLS, WORLD)).unwrap();
    check(
        &text,
        &[
            "pub(crate) fn pay_out(_host: &mut Host, hold: u64, \
             to: crate::bindings::ehb::wallet::holds::Address, \
             note: Option<::alloc::string::String>, \
             assets: ::alloc::vec::Vec<crate::bindings::ehb::wallet::holds::Asset>) \
             -> Result<(), crate::bindings::ehb::wallet::holds::Error> \
             { crate::bindings::ehb::wallet::holds::pay_out(hold, to, note.as_deref(), &assets) }",
            "{ host.enter_module(\"wallet\", |host| acme_wallet::rules::pay_out(host, hold, to, note, assets)) }",
            "Ok::<_, ::core::convert::Infallible>(acme_wallet::rules::get_native(host, ))",
        ],
    );
    assert!(!text.contains("list_assets"), "its page is another type natively");
}

#[test]
fn a_world_that_lacks_something_is_refused() {
    for (world, problem) in [
        ("export bills; export upgrade;", "the world does not export ehb:common/deadlines"),
        (
            "export bills; export ehb:common/deadlines@1.0.0;",
            "the world does not export the interface `upgrade`",
        ),
        (
            "export bills; export upgrade; export ehb:common/deadlines@1.0.0;",
            "the world imports no function of wallet",
        ),
    ] {
        assert_eq!(generated(&shop(ERROR, BILLS, world)), Err(problem.to_owned()));
    }
    let floats = generated(&shop(ERROR, "pay: func(amount: f64);", WORLD));
    assert_eq!(floats, Err("a parameter or result cannot be a F64".to_owned()));
}
