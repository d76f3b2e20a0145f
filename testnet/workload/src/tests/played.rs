//! The functions that the generated business reaches, compared with the modules' WIT.

use std::collections::BTreeSet;

use ehb_catalog::{all, get};
use wit_parser::WorldItem;
use wit_parser::decoding::{DecodedWasm, decode};

use super::stage::Stage;
use crate::{Step, functions, hire, mint, open_programme, open_shop, under_way};

/// A function of a module.
type Name = (String, String);

/// The interface of functions that change nothing.
const READS: &str = "queries";

/// The one such function of another interface.
const LISTS: &str = "list-due";

/// The interface that is not played: only the chain's upgrade may call it, and the upgrades of the simulator do.
const UPGRADE: &str = "upgrade";

/// The functions that a module exports and that can change the state.
fn changing(module: &str) -> BTreeSet<Name> {
    let decoded = decode(get(module).unwrap().code).unwrap();
    let DecodedWasm::Component(resolve, world) = decoded else { panic!("{module}: no component") };
    let exported = resolve.worlds[world].exports.values().map(|item| match item {
        WorldItem::Interface { id, .. } => &resolve.interfaces[*id],
        other => panic!("{module} exports {other:?}"),
    });
    let changing =
        exported.filter(|it| ![Some(READS), Some(UPGRADE)].contains(&it.name.as_deref()));
    let functions = changing.flat_map(|it| it.functions.keys()).filter(|name| *name != LISTS);
    functions.map(|name| (module.to_owned(), name.clone())).collect()
}

#[test]
fn every_function_that_changes_the_state_is_played() {
    let changing: BTreeSet<Name> = all().iter().flat_map(|entry| changing(entry.name)).collect();
    let name = |(module, function): (&str, &str)| (module.to_owned(), function.to_owned());
    let played: BTreeSet<Name> = functions().map(name).collect();
    assert_eq!(played, changing);
}

/// The arguments of each step that can be made fit the WIT, whether the module refuses it or not: `Stage::call` panics
/// where they do not. [`super::random`] shows that nearly all are done, too.
#[test]
fn what_is_played_fits_the_wit() {
    let mut stage = Stage::funded(&["wallet", "credit", "marketplace", "jobs"]);
    let now_ms = stage.time_ms;
    let begin = [mint("cloud", 1_000)].into_iter().chain(open_shop());
    let begin = begin.chain(hire(now_ms)).chain(open_programme());
    stage.all(begin.chain(under_way(now_ms)));
    for kind in 0..functions().count() {
        for id in 1..=6 {
            for amount in [1, 2, 16, 20] {
                // A fork is not kept, so that no step depends on those before it.
                let mut stage = stage.fork();
                let Ok(call) = Step { kind, who: 1, id, amount }.call(&mut stage);
                let call = call.unwrap();
                stage.call(call.who, call.module, call.function, call.arguments);
            }
        }
    }
}
