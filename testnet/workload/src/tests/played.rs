//! The functions that the generated business reaches, compared with the modules' WIT.

use std::collections::BTreeSet;

use ehb_catalog::{all, get};
use wit_parser::WorldItem;
use wit_parser::decoding::{DecodedWasm, decode};

use super::stage::Stage;
use crate::{Step, found_asset, functions, hire, mint, open_programme, open_shop, under_way};

/// A function of a module.
type Name = (String, String);

/// The prefixes of the names of read-only functions. Any other function changes the state.
const READS: [&str; 5] = ["get-", "list-", "find-", "is-", "has-"];

/// Functions that compute, and read no state.
const COMPUTES: &str = "rating-commitment";

/// Functions that change the state and are not played, by module, and why.
const EXEMPT: &[(&str, &[&str], &str)] = &[
    ("wallet", &["migrate"], MIGRATE),
    ("credit", &["migrate"], MIGRATE),
    ("marketplace", &["migrate"], MIGRATE),
    ("jobs", &["migrate"], MIGRATE),
    (
        "wallet",
        &["create-asset-with-terms", "restrict-supply", "freeze-balance", "unfreeze-balance"],
        "the asset of the business is plain: no terms, no freeze",
    ),
    ("wallet", &["set-issuer"], "nobody could mint any more, and the business dries up"),
    (
        "credit",
        &[
            "set-payout-account",
            "cancel-payout-change",
            "retire-service",
            "remove-meter",
            "close-programme",
        ],
        "there is one programme with one service and one meter: after it nothing is charged",
    ),
    (
        "marketplace",
        &["set-store", "set-store-state", "set-product", "retire-variant"],
        "there is one store with one variant: the terms of all orders, or the end of them",
    ),
    ("marketplace", &["move-stock"], "there is one location"),
];

const MIGRATE: &str = "only the chain's upgrade may; the simulator's upgrades call it";

/// The functions that a module exports and that can change the state.
fn changing(module: &str) -> BTreeSet<Name> {
    let decoded = decode(get(module).unwrap().code).unwrap();
    let DecodedWasm::Component(resolve, world) = decoded else { panic!("{module}: no component") };
    let exported = resolve.worlds[world].exports.values().flat_map(|item| match item {
        WorldItem::Interface { id, .. } => resolve.interfaces[*id].functions.keys(),
        other => panic!("{module} exports {other:?}"),
    });
    exported
        .filter(|name| !READS.iter().any(|read| name.starts_with(read)) && *name != COMPUTES)
        .map(|name| (module.to_owned(), name.clone()))
        .collect()
}

fn named(calls: impl IntoIterator<Item = (&'static str, &'static str)>) -> BTreeSet<Name> {
    calls.into_iter().map(|(module, name)| (module.to_owned(), name.to_owned())).collect()
}

/// The calls before the business begins.
fn begins() -> BTreeSet<Name> {
    let calls = [found_asset(), mint("bank", 1)].into_iter();
    let calls = calls.chain(open_shop()).chain(hire(0)).chain(open_programme());
    named(calls.map(|call| (call.module, call.function)))
}

#[test]
fn every_function_that_changes_the_state_is_played_or_exempt() {
    let changing: BTreeSet<Name> = all().iter().flat_map(|entry| changing(entry.name)).collect();
    let played: BTreeSet<Name> = named(functions()).union(&begins()).cloned().collect();
    let exempt: BTreeSet<Name> = named(EXEMPT.iter().flat_map(|(module, functions, reason)| {
        assert!(!reason.is_empty(), "{module} {functions:?}");
        functions.iter().map(|function| (*module, *function))
    }));
    let unknown: Vec<_> = played.union(&exempt).filter(|name| !changing.contains(*name)).collect();
    assert!(unknown.is_empty(), "played or exempt, but not in the WIT: {unknown:?}");
    let both: Vec<_> = played.intersection(&exempt).collect();
    assert!(both.is_empty(), "played, so not exempt: {both:?}");
    let never: Vec<_> =
        changing.iter().filter(|it| !played.contains(*it) && !exempt.contains(*it)).collect();
    assert!(never.is_empty(), "neither played nor exempt: {never:?}");
}

/// Each step that can be made is a call of its function, whether the module refuses it or not: `Stage::call`
/// panics where arguments do not fit the WIT. And none is always refused, but those that wait for something.
#[test]
fn what_is_played_fits_the_wit() {
    let mut stage = Stage::funded(&["wallet", "credit", "marketplace", "jobs"]);
    let now_ms = stage.time_ms;
    let begin = [mint("cloud", 1_000)].into_iter().chain(open_shop());
    let begin = begin.chain(hire(now_ms)).chain(open_programme());
    stage.all(begin.chain(under_way(now_ms)));
    let (mut called, mut done) = (BTreeSet::new(), BTreeSet::new());
    for kind in 0..functions().count() {
        for id in 1..=6 {
            for amount in [1, 2, 20] {
                // A fork is not kept, so that no step depends on those before it.
                let mut stage = stage.fork();
                let Ok(call) = Step { kind, who: 1, id, amount }.call(&mut stage);
                let call = call.unwrap();
                let name = (call.module, call.function);
                let answer = stage.call(call.who, call.module, call.function, call.arguments);
                called.insert(name);
                if answer.result.is_ok() {
                    done.insert(name);
                }
            }
        }
    }
    let refused: Vec<_> = called.difference(&done).collect();
    assert!(refused.len() * 3 < called.len(), "too many are always refused: {refused:?}");
}
