//! Calls, results and events that are decoded by their interfaces.

use std::collections::BTreeMap;

use ehb_abi::{Interface, Type};
use ehb_indexer::project::text::{escape, unescape};
use ehb_indexer::project::{ProjectError, Projection, Rows};
use ehb_types::{Call, Code, Failure, Hash, TypedError};
use serde_json::json;

use crate::chain::{
    Done, NETWORK, SHOP_CODE, TestChain, account, event, failed, kernel, name, shop, shop_two,
    sold, text, version,
};

const SHOP_TWO: Hash = Hash([2; 32]);

fn projection(shop: Interface) -> Projection {
    let modules =
        [(name("kernel"), version(Hash::ZERO, kernel())), (name("shop"), version(SHOP_CODE, shop))];
    Projection::new(NETWORK, modules.into())
}

/// The rows of one block with what happened in it.
fn rows(done: Vec<Done>) -> Rows {
    let mut chain = TestChain::new("project");
    chain.push(done);
    chain.push(Vec::new());
    projection(shop()).block(&chain.checked()[1].proven(), &BTreeMap::new()).unwrap()
}

#[test]
fn calls_results_and_events_are_decoded_by_their_interface() {
    let rows = rows(vec![sold(account(60), "lamp", u64::MAX)]);
    assert_eq!(rows.calls[0].arguments, Some(json!({"item": "lamp", "to": text(account(60))})));
    assert_eq!(rows.calls[0].result, Some(json!("18446744073709551615")));
    let event = &rows.events[0];
    assert_eq!((event.name.as_str(), event.module.as_str(), event.call), ("sold", "shop", 0));
    let value = event.value.as_ref().unwrap();
    assert_eq!(value["amount"], json!("18446744073709551615"));
    assert_eq!(value["change"], json!("-9223372036854775808"));
    assert_eq!(rows.transactions[0].sequence.as_deref(), Some("0"));
    assert_eq!(rows.transactions[0].gas_limit.as_deref(), Some("18446744073709551615"));
}

#[test]
fn addresses_are_mentioned_by_type_and_each_once() {
    let looks_like_one = text(account(70));
    let rows = rows(vec![sold(account(60), &looks_like_one, 1)]);
    let mut mentioned: Vec<String> = rows.mentions.iter().map(|it| it.address.clone()).collect();
    mentioned.sort();
    let mut expected = vec![text(account(50)), text(account(60))];
    expected.sort();
    assert_eq!(mentioned, expected);
}

#[test]
fn a_failed_transaction_keeps_its_typed_error() {
    let call = sold(account(60), "lamp", 1).calls.remove(0);
    let mut failure = Failure::new(Some(0), Code::ModuleError, "a message with \0");
    let mut data = vec![0];
    data.extend(30u64.to_le_bytes());
    failure.error = Some(TypedError { module: name("shop"), function: name("sell"), data });
    let rows = rows(vec![failed(call, failure)]);
    let row = &rows.transactions[0];
    assert!(!row.succeeded);
    assert_eq!(row.code, Some("MODULE_ERROR"));
    assert_eq!(row.message.as_deref(), Some("a message with \u{241b}0"));
    let error = row.error.as_ref().unwrap();
    assert_eq!(error["error"], json!({"not-enough": "30"}));
    assert_eq!(rows.calls[0].result, None);
}

/// A transaction that installs a module and then fails in it is undone: nobody has the interface of its error.
#[test]
fn an_error_of_a_module_whose_installation_was_undone_is_no_value() {
    let call = sold(account(60), "lamp", 1).calls.remove(0);
    let mut failure = Failure::new(Some(1), Code::ModuleError, "tally.add: full");
    let error = TypedError { module: name("tally"), function: name("add"), data: vec![0] };
    failure.error = Some(error);
    let rows = rows(vec![failed(call, failure)]);
    let row = &rows.transactions[0];
    assert_eq!((row.code, &row.error), (Some("MODULE_ERROR"), &None));
}

/// One row a call that names what is not there.
#[test]
fn a_call_that_could_not_run_is_kept_undecoded() {
    let calls = [("nowhere", "sell"), ("shop", "buy"), ("shop", "sell")];
    for (module, function) in calls {
        let arguments = vec![1, 2, 3];
        let call = Call { module: name(module), function: name(function), arguments };
        let rows = rows(vec![failed(call, Failure::new(Some(0), Code::BadArguments, "no"))]);
        assert_eq!(rows.calls[0].arguments, None, "{module}.{function}");
        assert_eq!(rows.calls[0].undecoded.as_deref(), Some("010203"));
    }
}

#[test]
fn an_interface_that_does_not_fit_the_bytes_stops_with_the_place() {
    let mut chain = TestChain::new("unfit");
    chain.push(vec![sold(account(60), "lamp", 1)]);
    chain.push(Vec::new());
    let mut other = shop();
    other.event = Some(Type::Variant(vec![ehb_abi::Case {
        name: "sold".to_owned(),
        kind: Some(Type::Bool),
    }]));
    let error =
        projection(other).block(&chain.checked()[1].proven(), &BTreeMap::new()).unwrap_err();
    assert!(matches!(error, ProjectError::Interface { height: 1, .. }), "{error}");
    assert!(error.to_string().contains("shop"), "{error}");
}

/// In one transaction: an event of the old version, the upgrade, an event of the new version.
#[test]
fn events_are_decoded_by_the_version_of_their_moment() {
    let upgrade = json!({"module-upgraded": {"module": "shop", "before": SHOP_CODE.to_string(),
        "after": SHOP_TWO.to_string(), "by": text(account(50))}});
    let mut done = sold(account(60), "lamp", 1);
    done.calls.extend([done.calls[0].clone(), done.calls[0].clone()]);
    done.outcome = ehb_types::Outcome::Success(vec![1u64.to_le_bytes().to_vec(); 3]);
    done.events.push(event(&shop(), "shop", 0, &json!({"counted": "7"})));
    done.events.push(event(&kernel(), "kernel", 1, &upgrade));
    done.events.push(event(&shop_two(), "shop", 2, &json!({"counted": "seven"})));
    let mut chain = TestChain::new("upgrade");
    chain.push(vec![done]);
    chain.push(Vec::new());
    let mut projection = projection(shop());
    let checked = &chain.checked()[1];
    let checked = &checked.proven();
    let changes = projection.changes(checked).unwrap();
    assert_eq!((changes.len(), changes[0].code), (1, SHOP_TWO));
    // Without the new interface nothing is projected and nothing is changed.
    assert!(projection.block(checked, &BTreeMap::new()).is_err());
    let versions = [(SHOP_TWO, version(SHOP_TWO, shop_two()))].into();
    let rows = projection.block(checked, &versions).unwrap();
    let counted: Vec<_> =
        rows.events.iter().filter(|it| it.name == "counted").map(|it| it.value.clone()).collect();
    assert_eq!(counted, [Some(json!("7")), Some(json!("seven"))]);
    let row = &rows.module_versions[0];
    assert_eq!((row.from_height, row.from_index, row.from_event), (1, 0, 2));
    assert_eq!(projection.modules()[&name("shop")].code, SHOP_TWO);
}

#[test]
fn a_missed_vote_is_read_from_the_certificate_that_the_block_carries() {
    let mut chain = TestChain::new("missed");
    (0..3).for_each(|_| drop(chain.push(Vec::new()).clone()));
    let missing = chain.set().validators()[3].clone();
    let rows = projection(shop()).block(&chain.checked()[2].proven(), &BTreeMap::new()).unwrap();
    let [missed] = rows.missed_votes.as_slice() else { panic!("{:?}", rows.missed_votes) };
    assert_eq!((missed.height, &missed.validator), (1, &missing.consensus_key.to_string()));
}

#[test]
fn every_text_has_one_written_form() {
    for text in ["", "plain", "\0", "\u{241b}", "\u{241b}0", "\0\u{241b}\0", "a\u{241b}b\0c"] {
        let written = escape(text);
        assert!(!written.contains('\0'));
        assert_eq!(unescape(&written), text);
    }
    let forms = [escape("\0"), escape("\u{241b}0"), escape("\u{241b}\0")];
    assert!(forms[0] != forms[1] && forms[1] != forms[2]);
}

#[test]
fn changed_parameters_are_in_force_from_the_next_block_on() {
    let field = |name: &str, kind: Type| ehb_abi::Field { name: name.to_owned(), kind };
    let accounts = vec![
        field("organisation-roles", Type::List(Box::new(Type::String))),
        field("recovery-notice-ms", Type::U32),
    ];
    let parameters =
        vec![field("block-gas-max", Type::U64), field("accounts", Type::Record(accounts))];
    let mut kernel = kernel();
    let Some(Type::Variant(cases)) = &mut kernel.event else { panic!() };
    let kind = Some(Type::Record(parameters));
    cases.push(ehb_abi::Case { name: "parameters-changed".to_owned(), kind });
    let changed = |gas: &str| {
        let accounts = json!({"organisation-roles": ["clerk", "7"], "recovery-notice-ms": 9});
        let value = json!({"parameters-changed": {"block-gas-max": gas, "accounts": accounts}});
        let mut done = sold(account(60), "lamp", 1);
        done.events.push(event(&kernel, "kernel", 0, &value));
        done
    };
    let mut chain = TestChain::new("parameters");
    chain.push(vec![changed("5"), changed("18446744073709551615")]);
    chain.push(Vec::new());
    let modules = [
        (name("kernel"), version(Hash::ZERO, kernel.clone())),
        (name("shop"), version(SHOP_CODE, shop())),
    ];
    let mut projection = Projection::new(NETWORK, modules.into());
    let rows = projection.block(&chain.checked()[1].proven(), &BTreeMap::new()).unwrap();
    let found: Vec<_> =
        rows.parameters.iter().map(|it| (it.name.as_str(), it.from_height, &it.value)).collect();
    let (max, roles, gas) = (json!(9), json!(["clerk", "7"]), json!(u64::MAX));
    assert_eq!(
        found,
        [
            ("accounts.organisation_roles", 2, &roles),
            ("accounts.recovery_notice_ms", 2, &max),
            ("block_gas_max", 2, &gas),
        ]
    );
}
