//! Finds code, words and imports in lines of Rust, for the rules that search sources.

/// A line of Rust without its comment. A `//` inside a string ends the line too, which hides no code
/// that would be on a line of its own.
pub(crate) fn code(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

/// Whether a line contains a text as a word of its own: no letter, digit or underscore is beside it.
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let begins = !line[..at].ends_with(is_part);
        // What ends in another character, as `todo!` does, is a word whatever follows.
        let ends = !word.ends_with(is_part) || !line[at + word.len()..].starts_with(is_part);
        begins && ends
    })
}

/// Whether a line takes `std::x` from a list, as in `use std::{x, y}`.
pub(crate) fn imports(line: &str, path: &str) -> bool {
    let list = path.strip_prefix("std::").zip(line.split_once("std::{"));
    list.is_some_and(|(name, (_, list))| has_word(list, name))
}
