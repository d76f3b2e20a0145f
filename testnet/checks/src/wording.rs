//! A rule: phrases that readers have to translate do not become more frequent.

use crate::{File, Tree};

/// Phrases that a reader has to translate, the words to use instead, and how often the repository may
/// still have them. Each number may only fall: when you have mended some, lower it.
const PHRASES: [(&[&str], &str, usize); 7] = [
    (&["tell", "tells", "told", "telling"], "emit, return, notify, log or report", 125),
    (&["stands in", "stand in"], "is in, is stored in, contains", 6),
    (&["whoever"], "name who it is", 8),
    (&["so many"], "a number or N", 8),
    (&["may not"], "must not, cannot", 12),
    (&["anew"], "again, from scratch", 8),
    (&["the own"], "its own, our", 0),
];

/// Written by hand and read by people.
const ENDINGS: [&str; 6] = [".rs", ".md", ".wit", ".toml", ".ts", ".sh"];

/// The rule names what it looks for.
const OWN_FOLDER: &str = "testnet/checks/";

/// Phrases that are used more often than they were.
pub fn wording(tree: &Tree) -> Vec<String> {
    let files: Vec<&File> = tree.files().iter().filter(|file| is_read(file)).collect();
    let counts = PHRASES.iter().map(|(words, instead, bound)| {
        let count = files.iter().map(|file| of_text(&file.text, words)).sum::<usize>();
        (words, instead, bound, count)
    });
    let grown = counts.filter(|(.., bound, count)| *count > **bound);
    grown
        .map(|(words, instead, bound, count)| {
            format!("\"{}\" {count} times, {bound} allowed: write {instead}", words.join("\", \""))
        })
        .collect()
}

fn is_read(file: &File) -> bool {
    ENDINGS.iter().any(|ending| file.path.ends_with(ending)) && !file.path.starts_with(OWN_FOLDER)
}

/// How often the text has one of the phrases as whole words, in any case.
fn of_text(text: &str, words: &[&str]) -> usize {
    let text = text.to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let is_whole = |at: usize, word: &str| {
        let after = text.get(at + word.len()..).unwrap_or_default();
        !text[..at].ends_with(is_part) && !after.starts_with(is_part)
    };
    words
        .iter()
        .map(|word| text.match_indices(word).filter(|(at, _)| is_whole(*at, word)).count())
        .sum()
}
