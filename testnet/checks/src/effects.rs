//! A rule: files that perform the replica's effects warn about wildcard match arms.

use crate::source::{code, has_word};
use crate::{File, Tree};

/// The crates that perform the replica's effects.
const FOLDERS: [&str; 3] = ["node/app/src/", "testnet/simulator/src/", "testnet/devnet/src/"];
/// The enums of effects.
const EFFECTS: [&str; 2] = ["Ordered", "Immediate"];
/// Refuses `_ =>` and `other =>` over enums in a file.
const LINT: &str = "#![warn(clippy::wildcard_enum_match_arm";

/// Files that perform effects and do not refuse wildcard arms: a new effect could be dropped there in silence.
pub fn effects(tree: &Tree) -> Vec<String> {
    let performs = |file: &&File| {
        FOLDERS.iter().any(|folder| file.path.starts_with(folder))
            && !file.is_test()
            && file.lines().any(|(_, line)| names_effect(code(line)))
    };
    let open = tree.sources().filter(performs).filter(|file| !file.text.contains(LINT));
    open.map(|file| format!("{} performs effects: begin it with {LINT}, ...)]", file.path))
        .collect()
}

fn names_effect(line: &str) -> bool {
    EFFECTS.iter().any(|name| has_word(line, name) && line.contains(&format!("{name}::")))
}
