//! A rule: source files are short.

use crate::{File, Tree};

/// Longer files are looked at.
const LOOK_LINES: usize = 500;
/// Longer files are split.
const SPLIT_LINES: usize = 1_000;
/// Half of the files are at most so long.
const MEDIAN_LINES_MAX: usize = 250;

/// Files longer than [`LOOK_LINES`] that were looked at, and why they stay whole.
const LOOKED_AT: [(&str, &str); 0] = [];

/// Sources that are too long to be read at once. Tests may be longer.
pub fn length(tree: &Tree) -> Vec<String> {
    let sources: Vec<&File> = tree.sources().filter(|file| !file.is_test()).collect();
    let mut violations: Vec<String> = sources.iter().filter_map(|file| of_file(file)).collect();
    let mut lengths: Vec<usize> = sources.iter().map(|file| file.lines().count()).collect();
    lengths.sort_unstable();
    if let Some(median) = lengths.get(lengths.len() / 2).filter(|it| **it > MEDIAN_LINES_MAX) {
        violations.push(format!("half of the files have {median} lines or more: split some"));
    }
    violations
}

fn of_file(file: &File) -> Option<String> {
    let lines = file.lines().count();
    let looked_at = LOOKED_AT.iter().any(|(path, _)| *path == file.path);
    if lines > SPLIT_LINES {
        return Some(format!("{} has {lines} lines: split it", file.path));
    }
    (lines > LOOK_LINES && !looked_at).then(|| {
        format!("{} has {lines} lines: split it, or say in LOOKED_AT why it stays", file.path)
    })
}
