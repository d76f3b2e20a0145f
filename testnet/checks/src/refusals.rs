//! The refusals that modules document, compared with those that their tables show. Each table is what its own test
//! found, so the rows are read where they are written.

mod documented;
mod shown;

use std::collections::BTreeSet;

use crate::Tree;
use crate::modules::{COMMON, folder};
use crate::refusals::shown::Shown;
pub use documented::Documented;
use documented::{DEADLINES, texts};

/// Refusals that are documented and in no table: the module (none is every module), its functions, the refusal, and
/// why.
const EXEMPT: &[(&str, &[&str], &str, &str)] = &[
    ("", &["migrate"], "unknown-version", "sdk/contract refuses it, and tests it (schema)"),
    ("", &["set-arbiter"], "too-many", "ehb-dispute refuses it, and tests it (ways)"),
    ("jobs", DISPUTED, "too-many", "ehb-dispute refuses it, and tests it (ways)"),
    ("marketplace", DISPUTED, "too-many", "ehb-dispute refuses it, and tests it (ways)"),
    ("jobs", &["make-offer"], "too-many", "a hundred rows: its tests make them (idle)"),
    (
        "jobs",
        &["submit-application", "invite-applicant", "issue-attestation"],
        "too-many",
        "a hundred rows: its tests make them (bounds)",
    ),
    ("wallet", &["request-payment"], "too-many", "a hundred rows: its tests make them (requests)"),
    (
        "wallet",
        &["grant-allowance", "propose-payment", "request-permit"],
        "too-many",
        "a hundred rows: its tests make them (unasked)",
    ),
    ("marketplace", &["create-variant", "ship-order"], "too-many", "its tests count (refusals)"),
    ("marketplace", &["create-variant"], "malformed-asset-id", "`set-prices` checks them alike"),
    ("", &["advance-due"], "other", "it advances no item that would be refused so"),
    ("", &["list-due"], "unknown-item", "sdk/contract refuses it, and tests it (deadlines)"),
];

/// The functions of disputes that bound what they add.
const DISPUTED: &[&str] = &["add-evidence", "offer-settlement"];

/// Refusals that no WIT documents, or that are documented and nowhere shown.
pub fn refusals(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    let mut everywhere = BTreeSet::new();
    let common = Documented::in_wit(texts(tree, &[DEADLINES, COMMON]));
    for folder in tree.files().iter().filter_map(folder) {
        let module = folder.trim_start_matches("contracts/");
        let documented = Documented::of_module(tree, module);
        violations.extend(documented.violations().iter().map(|it| format!("{folder}: {it}")));
        let shown = Shown::of_module(tree, folder, &documented);
        for (function, refusal, place) in shown.rows() {
            if !documented.allows(function, refusal) {
                let text = format!("{place}: {module}.{function} refuses with `{refusal}`");
                violations.push(format!("{text}, which its WIT does not document"));
            }
        }
        let is_shown = |function: &str, refusal: &str| shown.has(function, refusal);
        let own = |function: &str| common.of(function).next().is_none();
        violations.extend(never(module, &documented, own, is_shown));
        everywhere.extend(shown.pairs().map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
    if !everywhere.is_empty() {
        let is_shown = |function: &str, refusal: &str| {
            everywhere.contains(&(function.to_owned(), refusal.to_owned()))
        };
        violations.extend(never("", &common, |_| true, is_shown));
    }
    violations
}

/// What is documented and not shown, unless it is exempt; and what is exempt for no reason.
fn never(
    module: &str,
    documented: &Documented,
    concerns: impl Fn(&str) -> bool,
    is_shown: impl Fn(&str, &str) -> bool,
) -> Vec<String> {
    let mut violations = Vec::new();
    for (function, refusal) in documented.pairs().filter(|(function, _)| concerns(function)) {
        let exempt = EXEMPT.iter().any(|(of, functions, what, _)| {
            (of.is_empty() || *of == module) && functions.contains(&function) && *what == refusal
        });
        let name = if module.is_empty() { function } else { &format!("{module}.{function}") };
        match (is_shown(function, refusal), exempt) {
            (false, false) => violations.push(format!(
                "{name} documents `{refusal}`, which no table shows: add a row, or correct the WIT"
            )),
            (true, true) => {
                violations.push(format!("{name}: a table shows `{refusal}`, so it is not exempt"))
            }
            _ => {}
        }
    }
    violations
}
