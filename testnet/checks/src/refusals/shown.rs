//! Parses the refusals that the tables in a module's tests show.

use std::collections::BTreeMap;

use super::documented::Documented;
use crate::{File, Tree};

/// The refusals that the tables of a module's tests show, with a place of each.
#[derive(Debug, Default)]
pub(super) struct Shown {
    rows: BTreeMap<(String, String), String>,
}

impl Shown {
    pub(super) fn of_module(tree: &Tree, folder: &str, documented: &Documented) -> Self {
        let tests = format!("{folder}/src/tests");
        let files: Vec<&File> =
            tree.sources().filter(|file| file.path.starts_with(&tests)).collect();
        let mut actions = BTreeMap::new();
        for file in &files {
            actions.extend(self::actions(&file.text));
        }
        let mut shown = Self::default();
        for file in files {
            for (number, line) in file.lines() {
                let Some((words, refusal)) = row(line) else { continue };
                // What else starts with a capital is a value that a row returns.
                if !documented.is_refusal(&refusal) {
                    continue;
                }
                // Some results are behind the function's name; else the action follows who acts.
                let action = words.get(1).copied().unwrap_or_default();
                let action = actions.get(action).map_or(action, String::as_str);
                let names = [words.first().copied().unwrap_or_default(), action];
                let Some(function) = names.into_iter().find(|it| documented.has_function(it))
                else {
                    continue;
                };
                let place = format!("{}:{number}", file.path);
                shown.rows.entry((function.to_owned(), refusal)).or_insert(place);
            }
        }
        shown
    }

    pub(super) fn has(&self, function: &str, refusal: &str) -> bool {
        self.rows.contains_key(&(function.to_owned(), refusal.to_owned()))
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rows.keys().map(|(function, refusal)| (function.as_str(), refusal.as_str()))
    }

    /// Function, refusal and place.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.rows.iter().map(|((function, refusal), place)| {
            (function.as_str(), refusal.as_str(), place.as_str())
        })
    }
}

/// The words of a row in front of its result, and the name in WIT of what the result begins with. None where a line is
/// no row, or the result begins with no name.
fn row(line: &str) -> Option<(Vec<&str>, String)> {
    let line = line.trim();
    let (words, result) = line.split_once(" => ").or_else(|| line.split_once(": "))?;
    let result = result.trim_start();
    let end = result.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(result.len());
    let name = &result[..end];
    if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    Some((words.split_whitespace().collect(), in_wit(name)))
}

/// A name of Rust as WIT writes it.
fn in_wit(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// What the words of rows stand for: a test matches each with `("word", [arguments])`, or `("word", words)`
/// for all arguments as they are, and calls a function of `rules`.
fn actions(source: &str) -> Vec<(String, String)> {
    let patterns: Vec<(usize, &str)> =
        source.match_indices('"').filter_map(|(at, _)| Some((at, pattern(source, at)?))).collect();
    let ends = patterns.iter().skip(1).map(|(at, _)| *at).chain([source.len()]);
    let arms = patterns.iter().zip(ends).map(|((start, word), end)| (*word, &source[*start..end]));
    arms.filter_map(|(word, arm)| {
        let arm = arm.split("_ =>").next().unwrap_or_default();
        let (_, call) = arm.rsplit_once("rules::")?;
        let end = call.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(call.len());
        Some((word.to_owned(), call[..end].replace('_', "-")))
    })
    .collect()
}

/// The word whose pattern begins with the quotation mark at a place.
fn pattern(source: &str, at: usize) -> Option<&str> {
    let (word, rest) = source[at + 1..].split_once('"')?;
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    let begins = source[..at].trim_end().ends_with('(');
    let goes_on = rest.trim_start().strip_prefix(',');
    let goes_on = goes_on.map(str::trim_start);
    let goes_on = goes_on.is_some_and(|rest| rest.starts_with('[') || rest.starts_with("words)"));
    (is_word && begins && goes_on).then_some(word)
}
