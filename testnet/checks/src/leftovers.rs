//! Two rules: no file marks unfinished work, and none names a path of one machine.

use crate::source::has_word;
use crate::{File, Tree};

/// What marks work that is not done.
const MARKERS: [&str; 6] = ["todo!", "unimplemented!", "FIXME", "TODO", "XXX", "HACK"];

/// Paths that exist on one machine only.
const MACHINE_PATHS: [&str; 4] = ["/root/", "/home/", "/Users/", "/work/"];

/// Files in which such a path is right, and why.
const EXCEPTIONS: [(&str, &str); 1] =
    [("contracts/catalog/src/tests.rs", "a built component must not contain such a path")];

/// The rules name what they look for.
const OWN_FOLDER: &str = "testnet/checks/";

/// Marks of work that is not done.
pub fn markers(tree: &Tree) -> Vec<String> {
    let say = |file: &File, number: usize, marker: &str| {
        format!("{}:{number} says {marker}: do it, or write an issue", file.path)
    };
    find(tree, &MARKERS, &[], has_word, say)
}

/// Absolute paths of somebody's machine.
pub fn machine_paths(tree: &Tree) -> Vec<String> {
    let say = |file: &File, number: usize, path: &str| {
        format!("{}:{number} names {path}, which other machines do not have", file.path)
    };
    find(tree, &MACHINE_PATHS, &EXCEPTIONS, begins_path, say)
}

/// Whether a line contains a path from its beginning: `./work/` and `a/home/` are relative.
fn begins_path(line: &str, path: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || "_-.}/".contains(c);
    line.match_indices(path).any(|(at, _)| !line[..at].ends_with(goes_on))
}

fn find(
    tree: &Tree,
    words: &[&str],
    exceptions: &[(&str, &str)],
    contains: fn(&str, &str) -> bool,
    say: impl Fn(&File, usize, &str) -> String,
) -> Vec<String> {
    let mut violations = Vec::new();
    for file in tree.files().iter().filter(|file| !file.path.starts_with(OWN_FOLDER)) {
        if exceptions.iter().any(|(path, _)| *path == file.path) {
            continue;
        }
        for (number, line) in file.lines() {
            let found = words.iter().filter(|word| contains(line, word));
            violations.extend(found.map(|word| say(file, number, word)));
        }
    }
    violations
}
