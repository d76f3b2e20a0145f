//! The repository keeps every rule.

mod failing;
mod wording;

use std::path::Path;

use crate::Tree;

/// Holds the repository against a rule.
fn holds(rule: impl Fn(&Tree) -> Vec<String>) {
    // As of the run: a build cache may hold this test from a checkout at another place.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let root = Path::new(&package).join("../..");
    let tree = Tree::read(&root).unwrap();
    assert!(
        tree.sources().count() > 100 && tree.packages().unwrap().len() > 15,
        "the tree is read"
    );
    let violations = rule(&tree);
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
}

#[test]
fn packages_depend_downwards() {
    holds(crate::edges);
}

#[test]
fn no_effect_is_dropped_in_silence() {
    holds(crate::effects);
}

#[test]
fn heavy_dependencies_have_one_owner() {
    holds(crate::owners);
}

#[test]
fn the_rules_have_no_clock_chance_or_io() {
    holds(crate::purity);
}

#[test]
fn tests_compile_nothing_again() {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let found = crate::features(&Path::new(&package).join("../.."));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn files_are_short() {
    holds(crate::length);
}

#[test]
fn files_begin_with_what_they_are_for() {
    holds(crate::purposes);
}

#[test]
fn versions_lints_and_profiles_are_at_the_root() {
    holds(crate::manifests);
}

#[test]
fn first_lines_say_what_manifests_say() {
    holds(crate::first_lines);
}

#[test]
fn modules_have_one_shape() {
    holds(crate::modules);
}

#[test]
fn documented_refusals_are_those_that_tests_show() {
    holds(crate::refusals);
}

#[test]
fn nothing_is_marked_as_unfinished() {
    holds(crate::markers);
}

#[test]
fn no_path_of_a_machine_is_named() {
    holds(crate::machine_paths);
}

#[test]
fn documents_link_to_what_exists_and_decisions_are_complete() {
    holds(crate::documents);
}

#[test]
fn phrases_that_need_translation_only_become_fewer() {
    holds(crate::wording);
}
